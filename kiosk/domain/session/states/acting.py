"""From the signature to the receipt, or to the plain word that nothing was recorded, or that it is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.domain.session.states.arriving import Visitor
    from kiosk.domain.session.states.outcome import DocumentPaper, Printing, Recorded, Step, Verdict
    from kiosk.domain.session.states.serving import Checking


@dataclass(frozen=True, slots=True)
class Signing:
    """The card is computing. Until it has answered, nothing has happened."""

    checked: Checking


@dataclass(frozen=True, slots=True)
class Recording:
    """Signed: the act stands, whatever becomes of the card. Waiting until it is durable (10 s)."""

    checked: Checking
    transaction_id: str
    until: float


@dataclass(frozen=True, slots=True)
class Following:
    """Durable; being sent, and the bank being asked, for at most 8 s."""

    checked: Checking
    recorded: Recorded
    reached: Step
    until: float
    printing: Printing


@dataclass(frozen=True, slots=True)
class ShowingReceipt:
    """What was done, what happens next and when; the reference stays on the screen."""

    checked: Checking
    recorded: Recorded
    verdict: Verdict | None
    printing: Printing
    copies: int = 0
    document: DocumentPaper | None = None
    document_printing: Printing | None = None


@dataclass(frozen=True, slots=True)
class NothingRecorded:
    """The act did not happen (card pulled before the signature, journal refused): said plainly."""

    why: str
    visitor: Visitor | None = None


@dataclass(frozen=True, slots=True)
class NotKnownWhetherRecorded:
    """The journal did not answer in time: a code for the desk, which can find out."""

    code: str
    checked: Checking | None = None
    transaction_id: str = ""
