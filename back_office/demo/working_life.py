"""The demonstration's working lives: contributions year by year, payments made, appointments and proofs of life.

Rules:
- A person's life follows from the seed and the person's number alone, so that it disturbs nobody else's.
- Pay follows the country's average of the year times a factor of one's own; contributions are today's rates of that pay.
- One named holder's record has what a person would ask about: a year of little pay, one with an employer that nobody named.
- Nobody works before 15 or two places at once for long; studies, care and unemployment leave gaps or assimilated periods.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from back_office.repository.records import Contribution, PaymentMade
from kiosk.domain.payments import payment_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from back_office.demo.population import SyntheticPerson
    from kiosk.domain.scheme import Scheme

PAYMENTS_BACK = 24
_AVERAGE_PAY = {
    1960: 1_365, 1970: 1_937, 1980: 2_637, 1985: 2_883, 1990: 3_286, 1995: 8_307, 2000: 13_490, 2005: 18_809,
    2010: 24_526, 2015: 27_156, 2018: 32_510, 2020: 36_119, 2022: 40_638, 2024: 46_165, 2026: 49_500,
}  # fmt: skip
"""Average monthly pay in CZK of some years, as the general assessment base has it; between them a straight line."""
_RATES = {"old_age": 2800, "accident": 28, "health": 1350, "unemployment": 120}
"""Hundredths of a percent of the pay."""
_EMPLOYERS = (
    "Pekárna U Lípy s.r.o.", "Strojírny Vltava a.s.", "Textilní závody Brno", "Nemocnice Na Kopci", "Obchodní dům Jantar",
    "Dopravní podnik Ostrava", "Stavby Morava s.r.o.", "Základní škola Lipová", "Pošta Východ", "Pivovar Zlatý dvůr a.s.",
    "Zemědělské družstvo Hana", "Účetní kancelář Dvořák", "Sklárny Jizera a.s.", "Důl Svornost", "Hotel U Mostu s.r.o.",
)  # fmt: skip
_SCHOOL, _LEAST_AGE, _RETIRES = 18, 15, 63
ASKS, LITTLE_PAY, NO_EMPLOYER = "josef", 2010, 2006
_MOVES, _GAP, _CARE, _SECOND = 0.12, 0.04, 0.03, 0.08


@dataclass(frozen=True, slots=True)
class Life:
    """What the record knows of a person besides name, cards and contacts."""

    contributions: tuple[Contribution, ...]
    payments: tuple[PaymentMade, ...]
    appointment_on: date | None
    proof_of_life_on: date | None
    last_visit_on: date | None


def live(person: SyntheticPerson, scheme: Scheme, today: date, seed: int) -> Life:
    """Make one person's life up to `today`."""
    draw = random.Random(f"{seed} {person.number}")  # noqa: S311 - synthetic people, the same every time
    retired = person.pension is not None
    until = min(person.birth_date.year + _RETIRES + draw.randint(-2, 2), today.year) if retired else today.year
    contributions = tuple(_with_questions(person, _career(person, draw, until, today)))
    return Life(
        contributions=contributions,
        payments=tuple(_payments(person, scheme, today)) if retired else (),
        appointment_on=today + timedelta(days=draw.randint(1, 40)) if draw.random() < 0.05 else None,  # noqa: PLR2004
        proof_of_life_on=today + timedelta(days=draw.randint(-30, 300)) if retired and draw.random() < 0.5 else None,  # noqa: PLR2004
        last_visit_on=today - timedelta(days=draw.randint(2, 1500)) if draw.random() < 0.6 else None,  # noqa: PLR2004
    )


def _with_questions(person: SyntheticPerson, career: Iterator[Contribution]) -> Iterator[Contribution]:
    """Leave a person's record as it is, or put in what is worth asking about."""
    for line in career:
        if person.name != ASKS or line.kind != "worked":
            yield line
        elif line.year == LITTLE_PAY:
            yield replace(line, pay=line.pay // 6)
        elif line.year == NO_EMPLOYER:
            yield replace(line, employer="", employer_name="")
        else:
            yield line


def average_pay(year: int) -> int:
    """Tell the average monthly pay of a year, in CZK."""
    known = sorted(_AVERAGE_PAY)
    year = min(max(year, known[0]), known[-1])
    after = next(one for one in known if one >= year)
    before = max(one for one in known if one <= year)
    if after == before:
        return _AVERAGE_PAY[year]
    low, high = _AVERAGE_PAY[before], _AVERAGE_PAY[after]
    return low + (high - low) * (year - before) // (after - before)


def _career(person: SyntheticPerson, draw: random.Random, until: int, today: date) -> Iterator[Contribution]:
    born = person.birth_date.year
    factor = draw.uniform(0.55, 1.9)
    employer = _employer(draw)
    for year in range(max(born + _SCHOOL + draw.randint(-3, 6), born + _LEAST_AGE), until + 1):
        first, last = date(year, 1, 1), min(date(year, 12, 31), today)
        if last <= first:
            return
        chance = draw.random()
        if chance < _GAP:
            continue
        if chance < _GAP + _CARE:
            yield _period(person.number, first, last, ("", "péče o dítě nebo blízkého"), 0, "assimilated")
            continue
        pay = round(average_pay(year) * factor * draw.uniform(0.92, 1.08)) * 12 * 100
        if chance > 1 - _MOVES:
            change = first + timedelta(days=draw.randint(30, max((last - first).days - 10, 31)))
            if change < last:
                share = pay * (change - first).days // 365
                yield _period(person.number, first, change - timedelta(days=1), employer, share)
                first, pay, employer = change, pay - share, _employer(draw, employer)
        if last != date(year, 12, 31):
            pay = pay * (last - first).days // 365
        yield _period(person.number, first, last, employer, pay)
        if draw.random() < _SECOND:
            second = _employer(draw, employer)
            yield _period(person.number, first, last, second, pay // 5, insured=("old_age", "health"))


def _employer(draw: random.Random, *but: tuple[str, str]) -> tuple[str, str]:
    place = draw.choice([n for n, name in enumerate(_EMPLOYERS) if name not in {one for _, one in but}])
    return _employer_number(place), _EMPLOYERS[place]


def _employer_number(place: int) -> str:
    """Make an identification number with its check digit (act 111/2009 Coll.; weights 8 to 2, modulo 11)."""
    stem = f"{4_527_000 + 79 * place}"
    weighed = sum(int(digit) * weight for digit, weight in zip(stem, range(8, 1, -1), strict=True))
    return f"{stem}{(11 - weighed % 11) % 10}"


def _period(  # noqa: PLR0917 - who, when, where, how much
    person: str,
    first: date,
    last: date,
    employer: tuple[str, str],
    pay: int,
    kind: str = "worked",
    insured: tuple[str, ...] = tuple(_RATES),
) -> Contribution:
    paid = {
        name: pay * rate // 10_000 if kind == "worked" and name in insured else None for name, rate in _RATES.items()
    }
    return Contribution(
        person=person,
        year=first.year,
        employer=employer[0],
        valid_from=first.isoformat(),
        valid_to=last.isoformat(),
        kind=kind,
        employer_name=employer[1],
        pay=pay,
        old_age=paid["old_age"],
        accident=paid["accident"],
        health=paid["health"],
        unemployment=paid["unemployment"],
    )


def _payments(person: SyntheticPerson, scheme: Scheme, today: date) -> Iterator[PaymentMade]:
    """The payments of the last two years; a pension is raised each January."""
    assert person.pension is not None  # noqa: S101 - the caller looked
    year, month = today.year, today.month
    for _ in range(PAYMENTS_BACK):
        day = payment_day(year, month, scheme.payments)
        if day < today:
            amount = person.pension * 100 // (100 + 4 * (today.year - year))
            yield PaymentMade(day.isoformat(), person.account, amount - amount % 100, scheme.currency)
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
