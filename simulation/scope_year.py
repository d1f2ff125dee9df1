"""A year of visits under several rules: how often the record was there, and how many records that took.

Rules:
- A visit is a hit if the office held the record before the person came; the visit itself counts from then on.
- The product's rules are `back_office.scope.scope_of`, with the facts as they were at that moment.
- Rows are counted on the first of each quarter for one person in `SAMPLED`, and scaled; hits are counted for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from back_office.scope import RULES, Facts, Rules, scope_of
from simulation.country import END, MEASURED_FROM, Country, Event, Habits, Inhabitant, make_country, proof_days

if TYPE_CHECKING:
    from collections.abc import Mapping

SAMPLED = 5
BYTES_A_ROW = 5_800
"""A sealed record with its lookups: the mean of the demonstration's people (12.5 KB of JSON before sealing)."""


class Policy(Protocol):
    """A way to decide where records are held."""

    def offices(self, one: Inhabitant, facts: Facts, at: datetime) -> Mapping[int, int]:
        """Tell the offices that hold a record at a moment, with the reasons (bits)."""


@dataclass(frozen=True, slots=True)
class ByRules:
    """The product's rules, with these lengths of time; `beneficiaries` False: at home only who was there lately."""

    rules: Rules = RULES
    beneficiaries: bool = True

    def offices(self, one: Inhabitant, facts: Facts, at: datetime) -> Mapping[int, int]:
        """Ask the product."""
        if not one.has_key:
            return {}
        asked = facts if self.beneficiaries else replace(facts, beneficiary=False)
        return {int(office): held.reasons for office, held in scope_of(asked, at, {}, self.rules).offices.items()}


@dataclass(frozen=True, slots=True)
class WholeOffice:
    """Everybody whose home office it is."""

    def offices(self, one: Inhabitant, facts: Facts, at: datetime) -> Mapping[int, int]:  # noqa: ARG002 - the protocol
        """Name the home office."""
        return {one.home: 1} if one.has_key else {}


@dataclass(frozen=True, slots=True)
class Everybody:
    """No rule: every office holds everybody."""

    count: int

    def offices(self, one: Inhabitant, facts: Facts, at: datetime) -> Mapping[int, int]:  # noqa: ARG002 - the protocol
        """Name every office."""
        return dict.fromkeys(range(self.count), 1) if one.has_key else {}


@dataclass(slots=True)
class Tally:
    """What a policy came to."""

    visits: int = 0
    hits: int = 0
    at_home: list[int] = field(default_factory=lambda: [0, 0])
    elsewhere: list[int] = field(default_factory=lambda: [0, 0])
    by_reason: dict[int, int] = field(default_factory=dict)
    """Hits that this reason alone would have brought, by its bit."""
    rows: list[list[int]] = field(default_factory=list)
    """Rows an office, each time they were counted."""


def policies(offices: int) -> dict[str, Policy]:
    """Name what is compared, the product's own rules first."""
    no_memory = replace(RULES, visits_remembered=RULES.recent_visit)
    return {
        "rules": ByRules(),
        "rules, visits remembered 1 year": ByRules(replace(RULES, visits_remembered=timedelta(days=365))),
        "rules, visits remembered 90 days": ByRules(no_memory),
        "rules, no beneficiaries as such": ByRules(beneficiaries=False),
        "recent visits and duties only": ByRules(no_memory, beneficiaries=False),
        "whole office": WholeOffice(),
        "everybody everywhere": Everybody(offices),
    }


def run(seed: int, offices: int = 60, people: int = 200_000, habits: Habits | None = None) -> dict[str, object]:
    """Simulate and give the figures as JSON values."""
    country = make_country(seed, offices, people, habits or Habits())
    compared = policies(offices)
    tallies = {name: Tally() for name in compared}
    counts = _count_days()
    for event in country.events:
        while counts and event.at >= counts[0]:
            _count(country, counts.pop(0), compared, tallies)
        _happen(country, event, compared, tallies)
    for at in counts:
        _count(country, at, compared, tallies)
    return _report(seed, country, tallies)


def _count_days() -> list[datetime]:
    return [datetime(MEASURED_FROM.year, month, 1, tzinfo=UTC) for month in (1, 4, 7, 10)]


def _happen(country: Country, event: Event, compared: Mapping[str, Policy], tallies: Mapping[str, Tally]) -> None:
    one = country.people[event.person]
    if event.kind == "moved":
        one.home = event.office
        return
    if event.kind == "booked" and event.until is not None:
        one.appointments = [(office, at) for office, at in one.appointments if at > event.at]
        one.appointments.append((event.office, event.until))
        return
    if MEASURED_FROM <= event.at < END:
        _judge(one, event, compared, tallies)
    one.visits[event.office] = event.at
    one.cases = [(office, until) for office, until in one.cases if until > event.at]
    if event.until is not None:
        one.cases.append((event.office, event.until))


def _judge(one: Inhabitant, event: Event, compared: Mapping[str, Policy], tallies: Mapping[str, Tally]) -> None:
    facts = _facts(one, event.at)
    for name, policy in compared.items():
        tally = tallies[name]
        reasons = policy.offices(one, facts, event.at).get(event.office, 0)
        place = tally.at_home if event.office == one.home else tally.elsewhere
        tally.visits += 1
        place[1] += 1
        if reasons:
            tally.hits += 1
            place[0] += 1
            for bit in (1, 2, 4, 8, 16):
                if reasons & bit:
                    tally.by_reason[bit] = tally.by_reason.get(bit, 0) + 1


def _facts(one: Inhabitant, at: datetime) -> Facts:
    due = min(proof_days(one), key=lambda day: abs((day - at.date()).days), default=None)
    return Facts(
        home_office=str(one.home),
        beneficiary=one.beneficiary,
        visits={str(office): last for office, last in one.visits.items()},
        appointments=tuple((str(office), when) for office, when in one.appointments),
        open_cases=frozenset(str(office) for office, until in one.cases if until > at),
        proof_of_life_due=due,
    )


def _count(country: Country, at: datetime, compared: Mapping[str, Policy], tallies: Mapping[str, Tally]) -> None:
    rows = {name: [0] * country.offices for name in compared}
    for one in country.people[::SAMPLED]:
        facts = _facts(one, at)
        for name, policy in compared.items():
            for office in policy.offices(one, facts, at):
                rows[name][office] += SAMPLED
    for name, counted in rows.items():
        tallies[name].rows.append(counted)


def _report(seed: int, country: Country, tallies: Mapping[str, Tally]) -> dict[str, object]:
    return {
        "seed": seed,
        "offices": country.offices,
        "people": len(country.people),
        "visits": next(iter(tallies.values())).visits,
        "bytes_a_row": BYTES_A_ROW,
        "policies": {name: _figures(tally, country.offices) for name, tally in tallies.items()},
    }


def _figures(tally: Tally, offices: int) -> dict[str, object]:
    mean = sum(map(sum, tally.rows)) / len(tally.rows) / offices
    largest = max(max(counted) for counted in tally.rows)
    return {
        "hit_rate": _share(tally.hits, tally.visits),
        "hit_rate_at_home": _share(*tally.at_home),
        "hit_rate_elsewhere": _share(*tally.elsewhere),
        "rows_an_office": round(mean),
        "rows_of_the_largest": largest,
        "megabytes_an_office": round(mean * BYTES_A_ROW / 1e6, 1),
        "hits_a_row": round(tally.hits / offices / mean, 3) if mean else 0.0,
        "hits_with_reason": {
            _REASONS[bit]: _share(count, tally.visits) for bit, count in sorted(tally.by_reason.items())
        },
    }


_REASONS = {1: "home_office", 2: "appointment", 4: "open_case", 8: "proof_of_life", 16: "recent_visit"}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
