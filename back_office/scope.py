"""Which offices' terminals may hold a person's record, why, and until when: pure rules over what the record knows.

Rules:
- An office holds a record for a reason or not at all; reasons are bits, and at 0 the record is gone from there.
- Every reason ends by itself. What stays true (a home office, an open case) is a lease that is renewed when half of it is
  over, so that a record whose renewal stopped is forgotten by terminals that hear nothing any more.
- A lease that still runs long enough is left as it is: looking again changes nothing and sends nothing.
- The person may read all of it: `held_by` in the record says which office and why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import IntFlag
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Reason(IntFlag):
    """Why an office's terminals hold a record; the bits of the feed."""

    HOME_OFFICE = 1  # visits this office: it is the home office, and a benefit is paid or there was a visit lately
    APPOINTMENT = 2  # an appointment here within days
    OPEN_CASE = 4  # a case of the person is open at this desk
    PROOF_OF_LIFE = 8  # a proof of life is due, and this is the home office
    RECENT_VISIT = 16  # was here lately, whatever the home office


def names(reasons: int) -> list[str]:
    """Spell reasons as the record and the page of the desk do, in the order of their bits."""
    return [reason.name.lower() for reason in Reason if reason & reasons and reason.name is not None]


@dataclass(frozen=True, slots=True)
class Rules:
    """The lengths of time; `docs/scope.md` shows what they cost and bring."""

    appointment_ahead: timedelta = timedelta(days=14)
    appointment_after: timedelta = timedelta(days=7)
    """Who comes late or again still finds the record."""
    proof_ahead: timedelta = timedelta(days=60)
    proof_after: timedelta = timedelta(days=60)
    recent_visit: timedelta = timedelta(days=90)
    visits_remembered: timedelta = timedelta(days=730)
    """Who draws no benefit is held at home only when a visit lies no further back."""
    lease: timedelta = timedelta(days=180)


RULES = Rules()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the record knows that bears on where it is held. Times are aware; `visits` is the last one an office."""

    home_office: str
    beneficiary: bool = False
    visits: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    appointments: tuple[tuple[str, datetime], ...] = ()
    open_cases: frozenset[str] = frozenset()
    proof_of_life_due: date | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """One office's right to hold a record: the reasons (`Reason` bits) and when the last of them ends."""

    reasons: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """Every office that holds the record, and when time alone will change that (None: never)."""

    offices: Mapping[str, Held]
    look_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Claim:
    """One reason at one office, from `begins` until `ends`; a lease has no end of its own."""

    office: str
    reason: Reason
    begins: datetime | None = None
    ends: datetime | None = None


def scope_of(facts: Facts, at: datetime, held: Mapping[str, Held], rules: Rules = RULES) -> Scope:
    """Tell who holds the record at `at` (aware), given who held it until now."""
    offices: dict[str, Held] = {}
    looks: list[datetime] = []
    claims = list(_claims(facts, rules))
    for office in sorted({claim.office for claim in claims}):
        reasons, ends = Reason(0), []
        for claim in (claim for claim in claims if claim.office == office):
            if claim.begins is not None and claim.begins > at:
                looks.append(claim.begins)
                continue
            if claim.ends is None:
                until = _lease(claim.reason, held.get(office), at, rules)
                looks.append(until - rules.lease / 2)
            elif claim.ends > at:
                until = claim.ends
                looks.append(until)
            else:
                continue
            reasons |= claim.reason
            ends.append(until)
        if reasons:
            offices[office] = Held(int(reasons), max(ends))
    return Scope(offices, min(looks, default=None))


def _lease(reason: Reason, held: Held | None, at: datetime, rules: Rules) -> datetime:
    """Renew a lease when half of it is over; a row knows one end, so what another reason lent counts, up to a new lease."""
    if held is not None and held.reasons & reason and held.expires_at > at + rules.lease / 2:
        return min(held.expires_at, at + rules.lease)
    return at + rules.lease


def _claims(facts: Facts, rules: Rules) -> Iterator[_Claim]:
    if facts.beneficiary:
        yield _Claim(facts.home_office, Reason.HOME_OFFICE)
    elif facts.visits:
        yield _Claim(facts.home_office, Reason.HOME_OFFICE, ends=max(facts.visits.values()) + rules.visits_remembered)
    for office, last in facts.visits.items():
        yield _Claim(office, Reason.RECENT_VISIT, ends=last + rules.recent_visit)
    for office, when in facts.appointments:
        yield _Claim(
            office,
            Reason.APPOINTMENT,
            begins=when - rules.appointment_ahead,
            ends=when + rules.appointment_after,
        )
    for office in facts.open_cases:
        yield _Claim(office, Reason.OPEN_CASE)
    if facts.proof_of_life_due is not None:
        due = datetime.combine(facts.proof_of_life_due, time(), UTC)
        yield _Claim(
            facts.home_office, Reason.PROOF_OF_LIFE, begins=due - rules.proof_ahead, ends=due + rules.proof_after
        )
