"""A query of the record: an officer looks into it with the lines it is about, and notes what is right or says why not.

Nothing on record changes by it: whoever keeps the source (the employer, another institution) corrects its own report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office.record_document import amount
from back_office.repository import records
from back_office.services.effect import Effect, InForce, always_to_desk
from kiosk.domain.services.record_query import MISSING_EMPLOYER, WHOLE_YEAR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from back_office.installation import Work
    from back_office.repository.people import PersonRow
    from back_office.repository.records import Contribution
    from back_office.services.effect import Asked
    from kiosk.domain.scheme import Scheme

_BRANCHES = ("old_age", "accident", "health", "unemployment")


def lines(work: Work, person: PersonRow, answers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Give the lines of the record that a query is about, as they are now; of a missing employer those of its years."""
    return tuple(
        (f"On record, {row.year}", _written(row, work.it.scheme))
        for row in records.contributions(work.db, person.number)
        if _concerned(row, answers)
    )


def _concerned(row: Contribution, answers: Mapping[str, str]) -> bool:
    if answers.get("what") == MISSING_EMPLOYER:
        return answers["from"][:4] <= str(row.year) <= answers["to"][:4]
    named = {WHOLE_YEAR, f"{row.year}:{row.employer}:{row.valid_from}"}
    return str(row.year) == answers.get("year") and answers.get("line") in named


def _written(row: Contribution, scheme: Scheme) -> str:
    paid = {name: getattr(row, name) for name in _BRANCHES}
    branches = ", ".join(
        f"{name.replace('_', ' ')} {'not insured' if value is None else amount(value, scheme)}"
        for name, value in paid.items()
    )
    employer = f"{row.employer_name} {row.employer}".strip()
    return f"{employer}, {row.valid_from} to {row.valid_to}, {row.kind}, pay {amount(row.pay, scheme)} ({branches})"


def _noted(_work: Work, _asked: Asked) -> InForce:
    return InForce()


EFFECT = Effect(decide=always_to_desk("query"), accepted=_noted, attached=lines)
