"""Without a card somebody says how it went; it is counted, and nothing else is kept of it."""

from __future__ import annotations

from kiosk.demo.stage import Expected, Stage


def give(stage: Stage) -> Expected:
    """From the menu without a card."""
    person = stage.person
    before = stage.evidence.count("SELECT 1 FROM feedback_count WHERE value = 'middling'")
    person.hands.touch("start")
    person.hands.touch("language-en")
    person.hands.touch("without-card")
    person.hands.see("page-menu")
    person.photograph("menu")
    person.open("feedback.give")
    person.hands.see("choice-middling")
    person.photograph("faces")
    person.choose("middling")
    person.hands.see("choice-tax")
    person.photograph("missing")
    person.choose("tax")
    person.hands.see("page-check")
    person.hands.touch("sign")
    person.hands.see("page-noted", 20)
    person.photograph("thanks")
    id_ = str(stage.office.journal("feedback")[-1]["id"])
    person.until(
        lambda: stage.evidence.count("SELECT 1 FROM feedback_count WHERE value = 'middling'") == before + 1, "the count", 30
    )
    person.hands.touch("end-session")
    person.gone()
    counted = stage.desk("feedback")
    return Expected(
        records=0,
        papers=0,
        checks={
            "few voices are not told as a number": "middling <5" in counted,
            "no request comes of it": stage.evidence.count("SELECT 1 FROM request WHERE id = ?", id_) == 0,
        },
    )


JOURNEYS = {"feedback-give": give}
