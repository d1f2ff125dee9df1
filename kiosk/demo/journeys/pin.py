"""A person changes the PIN at the pad; the back office learns of it, and the old PIN opens nothing any more."""

from __future__ import annotations

from kiosk.demo.person import PIN
from kiosk.demo.visits import Expected, Stage

NEW = "271828"


def change(stage: Stage) -> Expected:
    """Once with two new PINs that differ, once with one that is too simple, then well; and back again."""
    person = stage.person
    person.identify("josef")
    person.open("pin.change")
    person.hands.see("page-check")
    person.photograph("check")
    person.hands.touch("sign")
    person.hands.see("page-pin")
    person.photograph("pad")
    person.type_new_pin(PIN, NEW, "271829")
    person.type_new_pin(PIN, "111111")
    person.type_new_pin(PIN, NEW)
    person.hands.see("page-noted", 20)
    person.photograph("changed")
    id_ = str(stage.office.journal("audit")[-1]["id"])
    person.finish()
    person.approach()
    person.insert("josef")
    person.hands.see("page-pin")
    person.type_pin(PIN)
    person.type_pin(NEW)
    person.hands.see("page-menu")
    person.open("pin.change")
    person.hands.touch("sign")
    person.type_new_pin(NEW, "314159")
    person.hands.see("page-noted", 20)
    person.finish()
    card = stage.card_number("josef")
    told = "SELECT 1 FROM card WHERE number = ? AND pin_changed_at IS NOT NULL"
    person.until(lambda: stage.evidence.count(told, card) == 1, "the back office to know", 30)
    return Expected(
        records=0, papers=0, checks={"it is in the log": stage.evidence.count("SELECT 1 FROM audit WHERE subject = ?", id_) == 1}
    )


JOURNEYS = {"pin-change": change}
