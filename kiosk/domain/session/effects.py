"""What `advance` asks the world to do; `application.terminal` carries each out through a port."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.service import Standing
    from kiosk.domain.session.states import DocumentPaper, Recorded, Verdict


@dataclass(frozen=True, slots=True)
class ExamineCard:
    """Prove the card genuine (9E or chain); answered by `CardWasExamined`."""


@dataclass(frozen=True, slots=True)
class AskPin:
    """Let the pad ask for the PIN and the card check it; answered by `PinChecked`."""

    seconds: int


@dataclass(frozen=True, slots=True)
class SetPin:
    """Let the pad ask for the old PIN and twice for the new one; answered by `PinWasSet`. A yes is told to the back office."""

    seconds: int


@dataclass(frozen=True, slots=True)
class UnblockPin:
    """Ask for the card's PUK as the officer who has joined, and let the pad ask twice for a new PIN; `PinWasSet` answers."""

    seconds: int
    card: str
    officer: str


@dataclass(frozen=True, slots=True)
class OpenByNumber:
    """Let the encrypting pad ask for the PIN of a number, and ask the back office with it.

    `PinDigitsCounted` and `NumberPinSealed` tell how it goes, `NumberAnswered` how it ended. `choosing`: twice a new one too.
    """

    seconds: int
    number: str
    choosing: bool = False


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """Ask for the holder's record (9A signs the question); answered by `RecordOpened` or `RecordAbsent`.

    `person`: the number of the person whom the holder acts for, whose record is asked for instead.
    """

    person: str = ""


@dataclass(frozen=True, slots=True)
class SignTransaction:
    """Build, sign (9C) and seal the transaction; answered by `TransactionSigned` or `SigningFailed`."""

    service: str
    answers: Mapping[str, str]
    base_version: int | None
    entered_by: Mapping[str, str] = field(default_factory=dict)
    staff: str = ""
    """The card of the officer who takes part, and signs so by 9A; empty for none."""


@dataclass(frozen=True, slots=True)
class SealReport:
    """Build and seal what somebody tells without a card; answered by `TransactionSigned` or `SigningFailed`."""

    service: str
    answers: Mapping[str, str]
    entered_by: Mapping[str, str] = field(default_factory=dict)
    staff: str = ""
    by_number: bool = False
    """Number and PIN, which were shown in this visit, stand for the person."""


@dataclass(frozen=True, slots=True)
class AdmitStaff:
    """Prove the card in the staff slot and let its pad ask; answered by `StaffJoined` or `StaffNotJoined`."""

    seconds: int


@dataclass(frozen=True, slots=True)
class LetStaffGo:
    """End all work with the staff card; no PIN state survives."""


@dataclass(frozen=True, slots=True)
class SealTicket:
    """Seal a number for the desk with what was typed so far; answered by `TransactionSigned` or `SigningFailed`.

    `card`: whose draft it is, so that the desk opens it for nobody else; empty where no card was shown.
    """

    about: str
    step: str
    service: str
    draft: Mapping[str, str]
    card: str


@dataclass(frozen=True, slots=True)
class SealFeedback:
    """Seal how it went, about which service, and by nobody; answered by `TransactionSigned` or `SigningFailed`."""

    service: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PrintTicket:
    """Print the slip with the number and nothing else; answered by `PrintEnded`."""

    number: str
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class AppendTransaction:
    """Hand the sealed envelope to the journal until it answers; the same bytes each time."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class FollowTransaction:
    """Deliver it now and tell how it goes."""

    transaction_id: str


class Part(Enum):
    """Which part of the receipt: the paper starts when the act is durable and is cut when it is decided."""

    RECEIVED = "received"
    DECIDED = "decided"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class PrintReceipt:
    """Print; answered by `PrintEnded`, whose outcome is reported to the journal."""

    part: Part
    service: str
    answers: Mapping[str, str]
    recorded: Recorded
    verdict: Verdict | None
    duplicate: bool
    helper_roles: tuple[str, ...] = ()
    """Roles of those who helped or took part, as the paper names them."""
    acting: tuple[str, str] | None = None
    """Who acted, and for whom, by name."""


@dataclass(frozen=True, slots=True)
class PrintShown:
    """Print what a service shows on the receipt printer; answered by `PrintEnded`. Nothing of it is kept."""

    service: str
    answers: Mapping[str, str]
    standing: Standing


@dataclass(frozen=True, slots=True)
class PrintDocument:
    """Print on A4; answered by `DocumentEnded`. Nothing of it is kept."""

    document: DocumentPaper


@dataclass(frozen=True, slots=True)
class AskByCode:
    """Ask the back office about a code from a notice or a receipt; answered by `CodeWasAnswered`."""

    code: str


@dataclass(frozen=True, slots=True)
class AskStaffCode:
    """Ask the back office whose code this is, for the call with this number; answered by `StaffCodeAnswered`."""

    number: str
    code: str


@dataclass(frozen=True, slots=True)
class CallStaff:
    """Tell the office that somebody needs help, and at which step; nothing about who."""

    step: str


class Sound(Enum):
    """Short sounds; the values are what their files and the workbench call them. The screen says the same."""

    CARD_LEFT = "card_left"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Play:
    """Play a sound."""

    sound: Sound


@dataclass(frozen=True, slots=True)
class ResetCard:
    """End all card work: SCARD_RESET_CARD, so that no PIN state survives."""


@dataclass(frozen=True, slots=True)
class ForgetSecrets:
    """Drop keys, envelopes and answers held outside the session."""


@dataclass(frozen=True, slots=True)
class LeaveScreen:
    """The visit process exits; its successor takes the screen."""

    why: str


Effect = (
    ExamineCard
    | AskPin
    | SetPin
    | UnblockPin
    | OpenByNumber
    | OpenRecord
    | SignTransaction
    | SealReport
    | AdmitStaff
    | LetStaffGo
    | SealTicket
    | SealFeedback
    | PrintTicket
    | AppendTransaction
    | FollowTransaction
    | PrintReceipt
    | PrintShown
    | PrintDocument
    | AskByCode
    | AskStaffCode
    | CallStaff
    | Play
    | ResetCard
    | ForgetSecrets
    | LeaveScreen
)
