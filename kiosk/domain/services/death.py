"""Reporting a death: anybody may, without a card, and it is the beginning of an officer's work, never its end.

- A report by itself changes no record, stops no payment and refuses nobody anything: who is wrongly reported must not notice.
- It is answered alike whether the person is on file or not.
- What the survivors need for themselves goes on: their own cards and their own requests are not touched by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.form import TODAY
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    Agency,
    AskedIf,
    Assurance,
    Channel,
    EvidenceKind,
    LifeEvent,
    Question,
    QuestionType,
    Service,
    Standing,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMBER, NAME = "number", "name"


def check_report(answers: Mapping[str, str], _standing: Standing) -> Problem | None:
    """Refuse a death before the birth."""
    early = "died_on" in answers and answers["died_on"] < answers.get("birth_date", "")
    return Problem("death.before_birth") if early else None


REPORT = Service(
    id="death.report",
    agency=Agency.PENSION,
    life_events=(LifeEvent.FAMILY_CHANGED,),
    roles=frozenset({Role.NONE, Role.INSURED}),
    assurance=Assurance.NONE,
    channels={
        Channel.TERMINAL: frozenset({EvidenceKind.NONE}),
        Channel.TELEPHONE: frozenset({EvidenceKind.SPOKEN}),
        Channel.DESK: frozenset({EvidenceKind.NONE}),
        Channel.API: frozenset({EvidenceKind.NONE}),
    },
    questions=(
        Question("known_by", QuestionType.CHOICE, choices=(NUMBER, NAME)),
        Question("number", QuestionType.IDENTIFIER, asked_if=AskedIf("known_by", frozenset({NUMBER}))),
        Question("name", QuestionType.NAME, asked_if=AskedIf("known_by", frozenset({NAME}))),
        Question("birth_date", QuestionType.DATE, latest=TODAY, asked_if=AskedIf("known_by", frozenset({NAME}))),
        Question("died_on", QuestionType.DATE, latest=TODAY),
        Question("reporter", QuestionType.NAME, optional=True),
        Question("call_back", QuestionType.PHONE, optional=True),
    ),
    check=check_report,
    desk_queue="deaths",
    only_noted=True,
)
