"""A person changes the PIN at the pad, and one whose card is blocked gets a new one with an officer at the side.

Josef has no pension: a fresh PIN is a flag that the changes of an account in later visits must not meet.
"""

from __future__ import annotations

import json

from kiosk.demo.journeys.proof_of_life import staff_join, staff_leave
from kiosk.demo.person import PIN, WRONG_PIN
from kiosk.demo.stage import Expected, Stage

NEW = "271828"


def change(stage: Stage) -> Expected:
    """Once with two new PINs that differ, once with one that is too simple, then well; and back again."""
    person = stage.person
    person.identify("josef")
    person.open("pin.change")
    person.hands.see("page-check")
    person.photograph("check")
    person.hands.touch("sign")
    person.hands.see("page-new-pin")
    person.photograph("pad")
    person.type_new_pin(PIN, NEW, "271829")
    person.type_new_pin(PIN, "111111", "111111")
    person.type_new_pin(PIN, NEW, NEW)
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
    person.type_new_pin(NEW, "314159", "314159")
    person.hands.see("page-noted", 20)
    person.finish()
    as_before(stage, "josef")
    card = stage.card_number("josef")
    told = "SELECT 1 FROM card WHERE number = ? AND pin_changed_at IS NOT NULL"
    person.until(lambda: stage.evidence.count(told, card) == 1, "the back office to know", 30)
    return Expected(
        records=0, papers=0, checks={"it is in the log": stage.evidence.count("SELECT 1 FROM audit WHERE subject = ?", id_) == 1}
    )


def unblock(stage: Stage) -> Expected:
    """Three wrong PINs, an officer joins, the holder types a new PIN, and the visit begins with it."""
    person = stage.person
    person.insert("josef")
    person.hands.see("page-pin")
    for _ in range(2):
        person.type_pin(WRONG_PIN)
    person.hands.see("page-last-pin-try")
    person.hands.touch("continue")
    person.type_pin(WRONG_PIN)
    person.hands.see("page-pin-is-blocked")
    person.photograph("blocked")
    staff_join(stage)
    person.hands.see("continue")
    person.photograph("with-staff")
    person.hands.touch("continue")
    person.type_new_pin(NEW, NEW)
    person.type_pin(NEW)
    person.hands.see("page-menu")
    staff_leave(person)
    person.finish()
    as_before(stage, "josef")
    card = stage.card_number("josef")
    released = "SELECT 1 FROM audit WHERE action = 'card.puk_asked' AND subject = ?"
    told = "SELECT 1 FROM card WHERE number = ? AND pin_changed_at IS NOT NULL"
    person.until(lambda: stage.evidence.count(told, card) == 1, "the back office to know", 30)
    return Expected(records=0, papers=0, checks={"the release is in the log": stage.evidence.count(released, card) == 1})


def as_before(stage: Stage, name: str) -> None:
    """Give the card its first PIN again, as its issuer could, for the visits that follow."""
    path = stage.office.state / "cards" / f"{name}.json"
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(document | {"pin": PIN, "pin_tries": document["pin_limit"]}), "utf-8")


JOURNEYS = {"pin-change": change, "pin-unblock": unblock}
