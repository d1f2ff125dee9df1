"""Bank changes at each station, as the tests of the firewall begin with them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from kiosk.domain.bank_change import Change, Flag, Policy, Refusal, State, Verification, enter, events, step
from kiosk.domain.bank_change.notice import digest

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PERSON = "6351010001"
OLD = "CZ6508000000192000145399"
NEW = "CZ5508000000001234567899"
CARD = "1000000001"
KEY = b"k" * 32
CODE = "ABCD2345"
DIGEST = digest(CODE, KEY)

POLICY = Policy(
    waiting_days=14,
    zone=UTC,
    flag_windows={
        Flag.ADDRESS_CHANGED: timedelta(days=30),
        Flag.PIN_CHANGED: timedelta(days=14),
        Flag.SEVERAL_CHANGES: timedelta(days=90),
    },
)

MANDATE = events.Mandate(
    "M1", PERSON, frozenset({"bank_account.change"}), "guardian", date(2026, 1, 1), date(2026, 12, 31)
)


def minutes(count: int) -> datetime:
    """The moment `count` minutes after the start."""
    return START + timedelta(minutes=count)


def days(count: int) -> datetime:
    """The moment `count` days after the notice of `notified`."""
    return minutes(5) + timedelta(days=count)


def take(change: Change, *history: events.Event) -> Change:
    """The change after events that must all be taken."""
    for event in history:
        outcome = step(change, event, POLICY)
        assert isinstance(outcome, Change), (event, outcome)
        change = outcome
    return change


def refused(change: Change, event: events.Event) -> Refusal:
    """The refusal of an event that must not be taken."""
    outcome = step(change, event, POLICY)
    assert isinstance(outcome, Refusal), (event, outcome)
    assert outcome.state is change.state
    assert outcome.event == type(event).__name__
    return outcome


def entered(*helpers: str) -> Change:
    return enter("c1", PERSON, NEW, OLD, at=START, helpers=helpers)


SIGNED = events.HolderSigned(minutes(1), PERSON, CARD, reauthenticated=True)
ATTESTED = (events.EntryAttested(minutes(1), "A", "passport"), events.AttestationApproved(minutes(1), "B"))
REPRESENTED = events.RepresentativeSigned(minutes(1), "1000000002", MANDATE, own_account=False, reauthenticated=True)
RECEIVED = events.Received(minutes(2), frozenset(), blocked=False)
ASKED = events.VerificationAsked(minutes(3), 0)
NOTIFIED = events.ContactsNotified(minutes(5), 2, 2, letter_queued=False, cancellation_digest=DIGEST)
WAIT_BEGAN = events.WaitBegan(minutes(5))


def answered(answer: Verification, name: str = "") -> events.VerificationAnswered:
    return events.VerificationAnswered(minutes(4), answer, name)


def received(*flags: Flag, blocked: bool = False) -> events.Received:
    return events.Received(minutes(2), frozenset(flags), blocked=blocked)


def gate(at: datetime, *, blocked: bool = False) -> events.WaitOver:
    return events.WaitOver(at, blocked=blocked)


def begun(
    answer: Verification = Verification.MATCH,
    *flags: Flag,
    evidence: tuple[events.Event, ...] = (SIGNED,),
    helpers: tuple[str, ...] = (),
) -> Change:
    """A change whose notice is out and whose wait has begun, or that is held."""
    way = (*evidence, received(*flags), ASKED, answered(answer, "Marie N."), NOTIFIED, WAIT_BEGAN)
    return take(entered(*helpers), *way)


def in_force() -> Change:
    change = take(begun(), gate(minutes(5)))
    assert change.state is State.IN_FORCE
    return change


def every_state() -> dict[State, Change]:
    """One change in each state."""
    way = [entered()]
    for event in (SIGNED, RECEIVED, ASKED, answered(Verification.MATCH), NOTIFIED, WAIT_BEGAN, gate(minutes(5))):
        way.append(take(way[-1], event))
    changes = {change.state: change for change in way}
    changes[State.HELD] = begun(Verification.MATCH, Flag.PIN_CHANGED)
    changes[State.DISPUTED] = take(in_force(), events.StoppedByHolder(days(1), PERSON))
    changes[State.BLOCKED] = take(begun(), events.BlockPlaced(days(1)))
    changes[State.CANCELLED] = take(begun(), events.StoppedByHolder(days(1), PERSON))
    changes[State.REFUSED] = take(begun(), events.OfficerRefused(days(1), "X", "no"))
    return changes
