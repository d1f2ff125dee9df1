"""Registering a newly insured person with a member of staff: the papers seen, the names, and whether somebody has a number already.

- The officer who has joined signs for it; the person has no card yet, and signs nothing.
- The provisional number is the terminal's own: `P` and the reference of the receipt. Each terminal has all numbers that begin
  with its own to itself, so that none is given twice and none waits for a line.
- It opens no benefit. A second officer confirms it; who may be known already is looked at before there is a person at all.
- Names are compared without case, order and diacritics; nobody is ever taken for another because of a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.edit_conflict import ConflictRule
from kiosk.domain.identifiers import same_name
from kiosk.domain.service import (
    Agency,
    Assurance,
    Channel,
    EvidenceKind,
    LifeEvent,
    Question,
    QuestionType,
    Service,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiosk.domain.service import Answers

EARLIEST_BIRTH = "1900-01-01"
IDENTITY = ("identity_card", "passport", "residence_permit", "birth_certificate")
GROUND = ("employment", "self_employed", "student", "other")
PREFIX = "P"


class Match(Enum):
    """What the search for a double came to."""

    NONE = "none"
    SAME = "same"
    """It is this person: the same number, day of birth and name."""
    POSSIBLE = "possible"
    """An officer looks: never decided by a name."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody on file: number, day of birth (ISO), and every name there is, given and family name each."""

    number: str
    birth_date: str
    names: tuple[str, ...]
    family_names: tuple[str, ...]


def provisional_number(reference: str) -> str:
    """Return the provisional number that goes with a receipt's reference."""
    return PREFIX + reference


def exchanged(birth_date: str) -> str:
    """Return the day with day and month exchanged, as it is mistyped; the same where that is no day."""
    year, month, day = birth_date.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else birth_date  # noqa: PLR2004 - months


def compare(answers: Answers, on_file: Iterable[Known]) -> Match:
    """Compare who is to be registered with whoever is on file; the clearest outcome counts."""
    found = {_compare(answers, known) for known in on_file}
    return next((match for match in (Match.SAME, Match.POSSIBLE) if match in found), Match.NONE)


def _compare(answers: Answers, known: Known) -> Match:
    born = answers["birth_date"]
    name = f"{answers['given_name']} {answers['family_name']}"
    family = [answers["family_name"], *([answers["former_name"]] if answers.get("former_name") else [])]
    own_number = bool(answers.get("number")) and answers["number"] == known.number
    named_alike = any(same_name(name, other) for other in known.names)
    of_the_family = any(same_name(one, other) for one in family for other in known.family_names)
    if own_number and known.birth_date == born and named_alike:
        return Match.SAME
    if own_number or (known.birth_date == born and (named_alike or of_the_family)):
        return Match.POSSIBLE
    return Match.POSSIBLE if named_alike and known.birth_date == exchanged(born) else Match.NONE


REGISTER = Service(
    id="person.register",
    agency=Agency.PENSION,
    life_events=(LifeEvent.HIRED,),
    roles=frozenset({Role.NONE}),
    assurance=Assurance.NONE,
    channels={Channel.TERMINAL: frozenset({EvidenceKind.NONE})},
    questions=(
        Question("identity", QuestionType.CHOICE, choices=IDENTITY, staff_only=True),
        Question("ground", QuestionType.CHOICE, choices=GROUND, staff_only=True),
        Question("given_name", QuestionType.NAME),
        Question("family_name", QuestionType.NAME),
        Question("former_name", QuestionType.NAME, optional=True),
        Question("birth_date", QuestionType.DATE, earliest=EARLIEST_BIRTH, latest="today"),
        Question("number", QuestionType.IDENTIFIER, optional=True),
    ),
    edits=ConflictRule.EDITS_NOTHING,
    desk_queue="registrations",
    needs_staff=True,
    receipt_number=provisional_number,
    icon="user",
)
