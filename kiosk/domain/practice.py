"""Trying the terminal out: invented people with records of their own, so that every page can be walked and nothing is done.

- Nobody of these names is on file; their numbers and accounts are the examples of the standards (ISO 13616 registry).
- Whatever is signed in practice goes nowhere: no card, no journal, no delivery, no paper (`kiosk.domain.session`).
"""

from __future__ import annotations

from kiosk.domain.card import CardIdentity, Role
from kiosk.domain.record import Contact, Contribution, PaymentAccount, PaymentMade, Person, RequestLine

CARD = CardIdentity("0000000000", Role.INSURED, pin_tries_left=3)
"""No card has this number; nothing is asked of it."""

_HOME = "Cvičná 1\n110 00 Praha 1"
_BRANCHES = {"old_age": "58800.00", "accident": "4200.00", "health": "28350.00", "unemployment": "2520.00"}

PENSIONER = Person(
    name="Jana Cvičná",
    number="000000/0000",
    account=PaymentAccount("CZ6508000000192000145399", "19-2000145399/0800", "Česká spořitelna, a.s."),
    version=1,
    as_of="2026-01-01T00:00:00Z",
    next_payment_on="2026-12-15",
    next_payment_amount="20000.00",
    requests=(RequestLine("practice-1", "", "address.change", "in_force", "2026-01-05"),),
    contacts=(Contact("letter", _HOME, "2020-01-01"), Contact("email", "jana@example.com", "2020-01-01")),
    payments=(PaymentMade("2026-10-15", "20000.00", "CZK", "5399"),),
    birth_date="1955-05-05",
)
WORKER = Person(
    name="Petr Cvičný",
    number="000000/0001",
    account=None,
    version=1,
    as_of="2026-01-01T00:00:00Z",
    contacts=(Contact("letter", _HOME, "2020-01-01"), Contact("phone", "+420601123456", "2020-01-01")),
    contributions=tuple(
        Contribution(year, f"{year}-01-01", f"{year}-12-31", "00000001", "Cvičný podnik", "worked", "210000.00", _BRANCHES)
        for year in range(2021, 2026)
    ),
    birth_date="1990-05-05",
)
PEOPLE = {"pensioner": PENSIONER, "worker": WORKER}


def person(who: str) -> Person:
    """Return an invented person; who is not known is the first of them."""
    return PEOPLE.get(who, PENSIONER)
