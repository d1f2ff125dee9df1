"""The lines of payment runs, with what a payment file needs besides them.

Rules:
- A line that was held stays as it is; it is settled by the person's next line that was paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.database import Connection


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One line of a run with the person's name."""

    person: str
    name: str
    iban: str
    amount: int
    currency: str
    held: bool


def lines_of(db: Connection, paid_on: str) -> list[PaymentLine]:
    """Every line of a run, by person."""
    rows = db.execute(
        "SELECT payment.person, person.given_name || ' ' || person.family_name AS name, iban, amount, currency, held "
        "FROM payment JOIN person ON person.number = payment.person WHERE paid_on = ? ORDER BY payment.person",
        (paid_on,),
    )
    return [PaymentLine(**{**dict(row), "held": bool(row["held"])}) for row in rows]


def owed(db: Connection) -> dict[str, int]:
    """Sum up, by person, what was held since the last line that was paid (currency's minor unit)."""
    rows = db.execute(
        "SELECT person, sum(amount) AS amount FROM payment WHERE held = 1 AND paid_on > coalesce("
        "(SELECT max(paid_on) FROM payment AS paid WHERE paid.person = payment.person AND paid.held = 0), '') GROUP BY person"
    )
    return {row["person"]: int(row["amount"]) for row in rows}
