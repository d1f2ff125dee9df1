"""A person's name: the new one is told at the terminal, the paper that proves it is shown at the desk.

- A name is changed by an officer who has seen the paper; until then nothing changes. The former name is kept.
- Names are compared as `same_name` does (case, order and marks aside): what differs in nothing else is a matter of spelling,
  and is told as one, so that nobody brings a marriage certificate for an accent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.form import TODAY
from kiosk.domain.identifiers import same_name
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    HOME_VISIT,
    IDENTITY_DOCUMENTS,
    Agency,
    AskedIf,
    Assurance,
    Channel,
    Conflict,
    EvidenceKind,
    LifeEvent,
    Question,
    QuestionType,
    Service,
    Standing,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SPELLING = "spelling"
REASONS = ("marriage", "divorce", "decision", SPELLING)


def full_name(answers: Mapping[str, str]) -> str:
    """Return the new name as on a letter."""
    return f"{answers['given_name']} {answers['family_name']}"


def check_name(answers: Mapping[str, str], standing: Standing) -> Problem | None:
    """Refuse the name that stands, and a reason that does not go with the difference."""
    if standing.record is None or "family_name" not in answers:
        return None
    new, now = full_name(answers), standing.record.name
    if new == now:
        return Problem("name_change.same")
    if "reason" in answers and same_name(new, now) != (answers["reason"] == SPELLING):
        return Problem("name_change.only_spelling" if same_name(new, now) else "name_change.not_spelling")
    return None


def _name_now(standing: Standing) -> Mapping[str, str]:
    return {} if standing.record is None else {"family_name": standing.record.name}


CHANGE = Service(
    id="name.change",
    agency=Agency.PENSION,
    life_events=(LifeEvent.FAMILY_CHANGED,),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels={
        Channel.TERMINAL: frozenset({EvidenceKind.SIGNED}),
        Channel.DESK: frozenset({EvidenceKind.ATTESTED}),
        Channel.API: frozenset({EvidenceKind.SIGNED}),
    },
    questions=(
        Question("given_name", QuestionType.NAME),
        Question("family_name", QuestionType.NAME),
        Question("reason", QuestionType.CHOICE, choices=REASONS),
        Question(
            "since",
            QuestionType.DATE,
            latest=TODAY,
            asked_if=AskedIf("reason", frozenset(REASONS) - {SPELLING}),
        ),
    ),
    check=check_name,
    conflict=Conflict.ONE_PENDING,
    now=_name_now,
    attested_by=(*IDENTITY_DOCUMENTS, HOME_VISIT, "marriage_certificate", "divorce_decree", "court_decision"),
    desk_queue="names",
    icon="user",
)
