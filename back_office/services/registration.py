"""Registrations: a search for a double, a person under a provisional number, and a second officer who confirms.

Rules:
- Nobody on file who might be the same: the person is there at once, provisionally. Perhaps the same: only when an officer
  has looked. Certainly the same: none is registered.
- Counted by clerk; one clerk registers so many a day and no more.
- The clerk cannot confirm: who has the clerk's own staff card is barred at the desk.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from back_office.repository import attended, people, timestamp
from back_office.repository.attended import Registration
from back_office.repository.people import PersonRow
from back_office.services.effect import Effect, InForce, No, Outcome, ToDesk
from kiosk.domain.services.registration import Match, compare, exchanged, provisional_number

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.services.effect import Asked

DAY = timedelta(days=1)
_EVIDENCE = ("identity", "ground")


def decide(work: Work, asked: Asked) -> Outcome:
    """Look for a double, and register provisionally where there is none."""
    answers, clerk = asked.answers, asked.standing.staff
    if attended.registrations_by(work.db, clerk, timestamp(work.at - DAY)) >= work.it.scheme.registrations_a_day:
        return No("too_many")
    born = answers["birth_date"]
    match = compare(answers, attended.alike(work.db, (born, exchanged(born)), answers.get("number", "")))
    if match is Match.SAME:
        return No("registered")
    number = provisional_number(asked.row.reference)
    registration = Registration(asked.id, number, clerk, asked.row.terminal, "", match.value, work.time)
    attended.add_registration(work.db, registration, {name: answers[name] for name in _EVIDENCE})
    if match is Match.NONE:
        _add(work, asked, number)
    return ToDesk("confirm" if match is Match.NONE else "possible_double", {"number": number})


def accepted(work: Work, asked: Asked) -> InForce | No:
    """Confirm: from now on the number is no longer provisional."""
    registration = attended.registration(work.db, asked.id)
    if registration is None:
        return No("registered")
    if people.person(work.db, registration.person) is None:
        _add(work, asked, registration.person)
    attended.put_provisional(work.db, registration.person, provisional=False)
    attended.confirm_registration(work.db, asked.id, asked.officer, work.time)
    return InForce({"number": registration.person})


def barred(work: Work, asked: Asked, officer: str) -> bool:
    """Tell whether this officer is the clerk."""
    registration = attended.registration(work.db, asked.id)
    return registration is not None and attended.officer_card(work.db, officer) == registration.clerk


def _add(work: Work, asked: Asked, number: str) -> None:
    answers = asked.answers
    people.add_person(
        work.db,
        PersonRow(
            number=number, given_name=answers["given_name"], family_name=answers["family_name"],
            birth_date=answers["birth_date"], office=asked.row.office, language=asked.transaction.language,
            changes_blocked=False, version=1,
        ),
    )  # fmt: skip
    attended.put_provisional(work.db, number, provisional=True)
    if answers.get("former_name"):
        people.add_former_name(work.db, number, f"{answers['given_name']} {answers['former_name']}", work.time)


REGISTER = Effect(decide, accepted, barred=barred)
