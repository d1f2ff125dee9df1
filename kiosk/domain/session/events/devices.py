"""What the devices tell: card, pad, printer, scanner and the slot of staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.domain.card import CardExamined, PinOutcome, PinSetOutcome
    from kiosk.domain.number_pin import NumberOutcome, PadEnded


@dataclass(frozen=True, slots=True)
class CardInserted:
    """Something is in the visitor's slot."""


@dataclass(frozen=True, slots=True)
class CardRemoved:
    """The visitor's slot is empty."""


@dataclass(frozen=True, slots=True)
class CardWasExamined:
    """The examination is over."""

    outcome: CardExamined


@dataclass(frozen=True, slots=True)
class PinDigitsCounted:
    """The pad told how many digits it holds; never which."""

    digits: int


@dataclass(frozen=True, slots=True)
class PinChecked:
    """The pad entry is over and the card has answered."""

    outcome: PinOutcome


@dataclass(frozen=True, slots=True)
class PinWasSet:
    """The pad entry for a new PIN is over and the card has answered."""

    outcome: PinSetOutcome


@dataclass(frozen=True, slots=True)
class NumberPinSealed:
    """The encrypting pad has sealed what was typed, and the back office is being asked."""


@dataclass(frozen=True, slots=True)
class NumberAnswered:
    """How it ended: at the pad, or with the back office's word."""

    outcome: NumberOutcome | PadEnded


@dataclass(frozen=True, slots=True)
class TransactionSigned:
    """The card's signature is back and the envelope is sealed, under this id."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class SigningFailed:
    """No signature: `pulled`, `card`, or `seal` (no valid sealing certificate)."""

    why: str


@dataclass(frozen=True, slots=True)
class PrintEnded:
    """The print job came to `printed`, `failed` or `unknown`."""

    outcome: str


@dataclass(frozen=True, slots=True)
class DocumentEnded:
    """The A4 print job came to `printed`, `failed` or `unknown`."""

    outcome: str


@dataclass(frozen=True, slots=True)
class BarcodeScanned:
    """The scanner read a code."""

    text: str


@dataclass(frozen=True, slots=True)
class StaffCardInserted:
    """Something is in the staff slot."""


@dataclass(frozen=True, slots=True)
class StaffJoined:
    """A staff card was proved genuine and its PIN was typed at the staff pad: this officer takes part now."""

    card: str


@dataclass(frozen=True, slots=True)
class StaffCodePressed:
    """The code that an officer has at the desk is to be typed here."""


@dataclass(frozen=True, slots=True)
class StaffCodeAnswered:
    """The back office's word on that code: `joined` with the officer's card and name, or `wrong`, `too_many`, `offline`."""

    outcome: str
    card: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class StaffNotJoined:
    """The card in the staff slot does not let anybody join: no staff card of ours, or its PIN was not shown."""


@dataclass(frozen=True, slots=True)
class StaffLeft:
    """The staff slot is empty, or whoever helps has said on the screen that they go."""


DeviceEvent = (
    CardInserted
    | CardRemoved
    | CardWasExamined
    | PinDigitsCounted
    | PinChecked
    | PinWasSet
    | NumberPinSealed
    | NumberAnswered
    | TransactionSigned
    | SigningFailed
    | PrintEnded
    | DocumentEnded
    | BarcodeScanned
    | StaffCardInserted
    | StaffJoined
    | StaffCodePressed
    | StaffCodeAnswered
    | StaffNotJoined
    | StaffLeft
)
