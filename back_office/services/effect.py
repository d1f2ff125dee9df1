"""The shape of an effect: what the back office does with a request that has passed every rule of its service.

    decide(work, asked)    -> InForce | ToDesk | No      at once, when the request is decided
    accepted(work, asked)  -> InForce | No               when an officer has said yes to what went to the desk

Rules:
- Both run inside the transaction that decides: effect, word, notices and audit line are there together or not at all.
- The words are the scheme's: `decision.<service>.in_force`, `.held`, `.refused.<reason>`, filled with `parameters`.
- An effect raises nothing that a person can cause; a `No` says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from back_office.installation import Work
    from back_office.repository.inbox import InboxRow
    from back_office.repository.people import PersonRow
    from back_office.representation import Acting
    from kiosk.domain.service import Service, Standing
    from kiosk.wire.envelope import Transaction
    from kiosk.wire.report import Report


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it is decided. `person` None: a service without a card; `standing.record` is the record as it is now."""

    row: InboxRow
    transaction: Transaction | Report
    service: Service
    person: PersonRow | None
    standing: Standing
    acting: Acting | None = None
    """Who acts for the person, and under which mandate."""
    officer: str = ""
    """Who decides at the desk; empty while the rules decide."""

    @property
    def id(self) -> str:
        """The request's id."""
        return self.transaction.id

    @property
    def answers(self) -> Mapping[str, str]:
        """What was answered, checked."""
        return self.transaction.answers

    @property
    def number(self) -> str:
        """The person's number; "" where nobody has shown a card."""
        return "" if self.person is None else self.person.number


@dataclass(frozen=True, slots=True)
class Issued:
    """A paper that comes of it: its code in full (told once, sealed, kept nowhere), what it shows, until when, and where."""

    code: str
    document: str
    valid_until: str
    address: str


@dataclass(frozen=True, slots=True)
class InForce:
    """Done. `effective_on`: ISO day from which it holds, where that is told. `text`: which of the service's sentences says it."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    effective_on: str = ""
    text: str = "in_force"
    issued: Issued | None = None


@dataclass(frozen=True, slots=True)
class ToDesk:
    """An officer decides; `reason` is a machine code without personal data.

    `words`: which of several sentences tells it (`decision.<service>.held.<words>`); empty: there is only one.
    """

    reason: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, slots=True)
class No:
    """Refused: `decision.<service>.refused.<reason>` says why, and what to do."""

    reason: str
    parameters: Mapping[str, str] = field(default_factory=dict)


Outcome = InForce | ToDesk | No


@dataclass(frozen=True, slots=True)
class Effect:
    """What a service does. `accepted` None: nothing of it ever goes to the desk.

    `attached`: what an officer sees beside the answers, label and value each. `barred`: who cannot say yes there.
    """

    decide: Callable[[Work, Asked], Outcome]
    accepted: Callable[[Work, Asked], InForce | No] | None = None
    attached: Callable[[Work, PersonRow, Mapping[str, str]], tuple[tuple[str, str], ...]] | None = None
    barred: Callable[[Work, Asked, str], bool] | None = None


def always_to_desk(reason: str) -> Callable[[Work, Asked], Outcome]:
    """Make an effect that leaves every request to an officer."""

    def decide(_work: Work, _asked: Asked) -> Outcome:
        return ToDesk(reason)

    return decide
