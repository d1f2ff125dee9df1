"""Somebody tries the terminal out as an invented person: the way to the end of an act, and nothing in the journal."""

from __future__ import annotations

from kiosk.demo.stage import Expected, Stage


def try_out(stage: Stage) -> Expected:
    """Without a card: choose who to be, order a health insurance card, and be told that it was practice."""
    person = stage.person
    entries = len(stage.office.journal()) + len(stage.office.journal("report"))
    person.hands.touch("start")
    person.hands.touch("language-en")
    person.hands.touch("without-card")
    person.open("practice.start")
    person.hands.see("choice-worker")
    person.photograph("who")
    person.choose("worker")
    person.hands.see("page-check")
    person.hands.touch("sign")
    person.hands.see("page-menu")
    person.photograph("menu")
    person.open("health_card.order")
    person.choose("lost")
    person.hands.see("page-check")
    person.photograph("check")
    person.hands.touch("sign")
    person.hands.see("page-noted", 20)
    person.photograph("practice")
    person.hands.touch("end-session")
    person.gone()
    after = len(stage.office.journal()) + len(stage.office.journal("report"))
    return Expected(records=0, papers=0, checks={"nothing is in the journal": entries == after})


JOURNEYS = {"practice": try_out}
