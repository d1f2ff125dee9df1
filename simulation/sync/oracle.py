"""The oracle: in a few lines of its own, what must have become of each act, given the order in which things happened.

Rules:
- It shares nothing with the product but words: the rules are written down here once more, as a person would tell them.
- Of the world it is told only when what happened (this act was decided, the bank answered, the notices were out, a wait
  ended), never what came of it.
- An act is decided once. What cannot be read or attributed is for an officer; what can be is done or refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from simulation.sync.people import bank_says
from simulation.sync.plan import USELESS_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulation.sync.people import Person
    from simulation.sync.plan import Act

FAST_CLOCK = timedelta(minutes=10)
LONGEST_DELAY = timedelta(days=60)
SEVERAL = 3
WINDOW = timedelta(days=90)
Fate = Literal[
    "noted", "quarantined", "conflict", "refused",
    "received", "held", "waiting", "in_force", "disputed", "cancelled", "blocked",
]  # fmt: skip
_UNDER_WAY = {"received", "held", "waiting"}
_UNATTRIBUTABLE = {"unopenable", "foreign_key", "wrong_id", "wrong_terminal", "unknown_service", "tampered"}


@dataclass(slots=True)
class _Change:
    """A bank change as the oracle sees it."""

    person: str
    account: str
    signed_at: datetime
    asked_at: datetime
    state: Fate = "received"
    strange: bool = False
    answered: bool = False
    confirmed: bool = False


@dataclass(slots=True)
class _Holder:
    """A person's account, since when by a change (None: from registration), and their changes."""

    account: str
    since: datetime | None = None
    changes: list[_Change] = field(default_factory=list)


class Oracle:
    """Follows a world, and knows what each act has come to."""

    def __init__(self, persons: Iterable[Person]) -> None:
        self.fates: dict[str, Fate] = {}
        self._holders = {one.number: _Holder(one.account) for one in persons if one.known}
        self._users: dict[str, dict[str, _Holder]] = {}  # who ever had to do with an account
        for number, holder in self._holders.items():
            self._users.setdefault(holder.account, {})[number] = holder
        self._changes: dict[str, _Change] = {}

    def account_of(self, person: str) -> str:
        """The account that a person is paid to."""
        return self._holders[person].account

    @property
    def accounts(self) -> dict[str, str]:
        """Everybody's account, by the person's number."""
        return {number: holder.account for number, holder in self._holders.items()}

    def decided(self, act: Act, at: datetime) -> None:
        """This act was taken up, at this moment by the server's clock."""
        self.fates[act.id] = self._fate(act, at)

    def _fate(self, act: Act, at: datetime) -> Fate:
        if act.kind == "note":
            return "quarantined" if act.poison in {"unopenable", "foreign_key"} else "noted"
        wrong_time = act.signed_at > at + FAST_CLOCK or act.signed_at < at - LONGEST_DELAY
        if act.poison in _UNATTRIBUTABLE or act.person.stranger or wrong_time:
            return "quarantined"
        if not act.person.known:
            return "refused"
        return self._change(act, at) if act.kind == "change" else self._about_a_change(act)

    def _about_a_change(self, act: Act) -> Fate:
        about = self._changes.get(act.target)
        if act.person.revoked or about is None or about.person != act.person.number:
            return "refused"
        return self._stop(about) if act.kind == "stop" else self._confirm(about)

    def _change(self, act: Act, at: datetime) -> Fate:
        person, holder = act.person, self._holders[act.person.number]
        earlier = sum(1 for one in holder.changes if one.asked_at > at - WINDOW)
        strange = earlier + 1 >= SEVERAL or self._shared(person.number, act.account)
        change = _Change(person.number, act.account, act.signed_at, at, strange=strange)
        if person.blocked:
            change.state = "blocked"
        elif (
            person.revoked
            or not person.pensioner
            or act.account in {USELESS_ACCOUNT, holder.account}
            or any(one.state in _UNDER_WAY for one in holder.changes)
        ):
            change.state = "refused"
        elif (
            act.base_version is not None  # the plan's only version is one that never was
            or (holder.since is not None and holder.since.replace(microsecond=0) > act.signed_at)
        ):  # signed without knowing of another change: an officer decides, and until then nothing is there
            return "conflict"
        holder.changes.append(change)
        self._users.setdefault(act.account, {})[person.number] = holder
        self._changes[act.id] = change
        return change.state

    def _shared(self, person: str, account: str) -> bool:
        """Somebody else is paid to this account, or wants to be."""
        return any(
            holder.account == account
            or any(one.account == account and one.state in _UNDER_WAY for one in holder.changes)
            for holder in self._users.get(account, {}).values()
            if holder is not self._holders[person]
        )

    def _stop(self, change: _Change) -> Fate:
        if change.state in _UNDER_WAY:
            change.state = "cancelled"
            return "cancelled"
        if change.state == "in_force":
            change.state = "disputed"
            return "disputed"
        return "refused"

    def _confirm(self, change: _Change) -> Fate:
        if bank_says(change.account) != "close_match" or not change.answered or change.state not in _UNDER_WAY:
            return "refused"
        change.confirmed = True
        return "in_force"

    def bank_answered(self, change_id: str) -> None:
        """The bank has said whose account it is."""
        self._changes[change_id].answered = True

    def notices_out(self, change_id: str, at: datetime) -> None:
        """Everybody who must know has been told: now it goes on, if the bank vouches and nothing is strange."""
        change = self._changes[change_id]
        if change.state != "received":
            return
        said = bank_says(change.account) if change.answered else "not_asked"
        if change.strange or said not in {"match", "close_match"}:
            change.state = "held"
        elif said == "match":
            self._in_force(change, at)
        else:
            change.state = "waiting"

    def wait_over(self, change_id: str, at: datetime) -> None:
        """The day has come: in force, if the person said that the account is theirs."""
        change = self._changes[change_id]
        if change.state != "waiting":
            return
        if change.confirmed:
            self._in_force(change, at)
        else:
            change.state = "held"

    def _in_force(self, change: _Change, at: datetime) -> None:
        change.state = "in_force"
        holder = self._holders[change.person]
        holder.account, holder.since = change.account, at

    def settle(self) -> dict[str, Fate]:
        """What everything has come to in the end: a change is what it is now, other acts are what they were."""
        return self.fates | {id_: change.state for id_, change in self._changes.items()}
