"""What is told without a card: a death, a lost card. Both are urgent at the desk, and change nothing by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.demo.answering import answer, begin_without_card, pick, tell_and_leave
from kiosk.demo.stage import Expected

if TYPE_CHECKING:
    from kiosk.demo.stage import Stage

STRANGER = "7952155431"
"""A number that passes its check and is nobody's here: what is said is the same."""


def report_death(stage: Stage) -> Expected:
    """A neighbour reports a death."""
    person = stage.person
    papers = person.papers()
    begin_without_card(person)
    person.open("death.report")
    pick(person, "number", "known-by")
    answer(person, STRANGER, "number")
    answer(person, "20.11.2026", "died-on")
    answer(person, "", "reporter")
    answer(person, "", "call-back")
    tell_and_leave(person, papers)
    return _urgent(stage, "deaths:urgent")


def report_lost_card(stage: Stage) -> Expected:
    """Somebody whose card is gone."""
    person = stage.person
    papers = person.papers()
    begin_without_card(person)
    person.open("card.lost")
    answer(person, STRANGER, "number")
    answer(person, "15.2.1979", "born")
    answer(person, "", "call-back")
    tell_and_leave(person, papers)
    return _urgent(stage, "cards:urgent")


def _urgent(stage: Stage, reason: str) -> Expected:
    id_ = str(stage.office.journal("report")[-1]["id"])
    stage.person.until(lambda: stage.evidence.decision(id_) == "held", "the case", 30)
    cases = stage.evidence.count("SELECT 1 FROM desk_case WHERE subject = ? AND reason = ?", id_, reason)
    return Expected(records=0, papers=1, checks={"it is urgent at the desk": cases == 1})


JOURNEYS = {"death-report": report_death, "card-lost": report_lost_card}
