"""A synthetic country: offices, people, and three years of visits, drawn from one seed.

Rules:
- Every assumption about people is a number of `Habits`, with its reason beside it; there is no other.
- Visits come in the order of time; the first two years are there to be remembered, the third is measured.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
MEASURED_FROM = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
_DAYS = (END - BEGIN).days
_OPENS, _OPEN_MINUTES = 8, 9 * 60


@dataclass(frozen=True, slots=True)
class Habits:
    """What is assumed of people; shares are of 1. None of it is measured at real offices: an agency puts in its own."""

    beneficiaries: float = 0.28
    """Drawing a benefit; the Czech agency pays 2.8 million pensions in a country of 10.9 million."""
    visits_of_beneficiary: float = 0.6
    """A year, on average; most come seldom, a few often (an exponential share of one's own)."""
    visits_of_others: float = 0.22
    at_home: float = 0.88
    """At the home office; else the neighbouring one, or anywhere."""
    at_neighbour: float = 0.08
    by_appointment: float = 0.25
    booked_days: tuple[int, int] = (3, 30)
    opens_case: float = 0.15
    case_days: tuple[int, int] = (5, 60)
    comes_again: float = 0.30
    """Within weeks, to the same office, about the same matter."""
    again_days: tuple[int, int] = (2, 35)
    proof_of_life: float = 0.10
    """Of beneficiaries, once a year; most come about the day."""
    proof_days: tuple[int, int] = (-25, 20)
    proof_comes: float = 0.9
    moves: float = 0.02
    """A year, to another home office."""
    without_key: float = 0.03
    """No card, or one without a P-256 agreement key: never held anywhere."""


@dataclass(slots=True)
class Inhabitant:
    """One person: home, whether a benefit is paid, and what is known so far (the simulation writes it as time goes)."""

    home: int
    beneficiary: bool
    has_key: bool
    zeal: float
    proof_day: int | None
    visits: dict[int, datetime] = field(default_factory=dict)
    appointments: list[tuple[int, datetime]] = field(default_factory=list)
    cases: list[tuple[int, datetime]] = field(default_factory=list)
    """Office and end of each case that may still be open."""


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """What happens at a moment; `kind` sorts what happens at once."""

    at: datetime
    kind: str
    """booked, moved or visit"""
    person: int
    office: int
    until: datetime | None = None
    """booked: the appointment; visit: the end of the case it opened, if any."""


@dataclass(frozen=True, slots=True)
class Country:
    """Offices (by number), people (by number) and everything that happens, in order."""

    offices: int
    people: list[Inhabitant]
    events: list[Event]


def make_country(seed: int, offices: int, people: int, habits: Habits) -> Country:
    """Draw a country."""
    draw = random.Random(f"country {seed}")
    sizes = [draw.lognormvariate(0, 0.6) for _ in range(offices)]
    homes = draw.choices(range(offices), sizes, k=people)
    inhabitants = [_inhabitant(draw, home, habits) for home in homes]
    events: list[Event] = []
    for number, one in enumerate(inhabitants):
        events += _life(draw, number, one, offices, habits)
    events.sort()
    return Country(offices, inhabitants, events)


def _inhabitant(draw: random.Random, home: int, habits: Habits) -> Inhabitant:
    beneficiary = draw.random() < habits.beneficiaries
    proved = beneficiary and draw.random() < habits.proof_of_life
    return Inhabitant(
        home=home,
        beneficiary=beneficiary,
        has_key=draw.random() >= habits.without_key,
        zeal=draw.expovariate(1.0),
        proof_day=draw.randrange(1, 366) if proved else None,
    )


def _life(draw: random.Random, number: int, one: Inhabitant, offices: int, habits: Habits) -> Iterator[Event]:
    home, moved = one.home, None
    if draw.random() < habits.moves * _DAYS / 365:
        moved = _moment(draw, draw.randrange(_DAYS))
        yield Event(moved, "moved", number, draw.randrange(offices))
    rate = one.zeal * (habits.visits_of_beneficiary if one.beneficiary else habits.visits_of_others) / 365
    day = draw.expovariate(rate) if rate > 0 else _DAYS
    while day < _DAYS:
        at = _moment(draw, int(day))
        yield from _stay(draw, number, at, _where(draw, home, offices, habits), habits)
        day += draw.expovariate(rate)
    if one.proof_day is not None:
        for due in proof_days(one):
            if draw.random() < habits.proof_comes:
                begun = (due - BEGIN.date()).days + draw.randint(*habits.proof_days)
                if 0 <= begun < _DAYS:
                    yield from _stay(draw, number, _moment(draw, begun), home, habits)


def proof_days(one: Inhabitant) -> list[date]:
    """Tell the days by which a person must be seen alive."""
    if one.proof_day is None:
        return []
    return [date(year, 1, 1) + timedelta(days=one.proof_day - 1) for year in range(BEGIN.year, END.year)]


def _stay(draw: random.Random, number: int, at: datetime, office: int, habits: Habits) -> Iterator[Event]:
    """One matter: perhaps an appointment before, perhaps a case, perhaps another visit."""
    if draw.random() < habits.by_appointment:
        booked = at - timedelta(days=draw.randint(*habits.booked_days))
        if booked >= BEGIN:
            yield Event(booked, "booked", number, office, at)
    case = at + timedelta(days=draw.randint(*habits.case_days)) if draw.random() < habits.opens_case else None
    yield Event(at, "visit", number, office, case)
    if draw.random() < habits.comes_again:
        again = at + timedelta(days=draw.randint(*habits.again_days))
        if again < END:
            yield Event(again, "visit", number, office)


def _where(draw: random.Random, home: int, offices: int, habits: Habits) -> int:
    chance = draw.random()
    if chance < habits.at_home:
        return home
    if chance < habits.at_home + habits.at_neighbour:
        return (home + 1) % offices
    return draw.randrange(offices)


def _moment(draw: random.Random, day: int) -> datetime:
    return BEGIN + timedelta(days=day, hours=_OPENS, minutes=draw.randrange(_OPEN_MINUTES))
