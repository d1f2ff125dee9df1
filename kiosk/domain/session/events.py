"""Everything that can happen in a visit, in the past tense; `advance` takes one at a time.

Three sources: the person at the screen, the devices, the agent. An event that does not fit the phase
is ignored by `advance`, never an error: people and hardware are allowed to be early or late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.domain.card import CardExamined, PinOutcome, PinSetOutcome
    from kiosk.domain.number_pin import NumberOutcome, PadEnded
    from kiosk.domain.session.states import Environment, Person, RecordAbsence, Recorded, Verdict

# --- the person at the screen --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScreenTouched:
    """Any touch or key; keeps the visit alive, and begins one."""


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """A language was touched."""

    language: str


@dataclass(frozen=True, slots=True)
class LanguagePressed:
    """The permanent Language control."""


@dataclass(frozen=True, slots=True)
class TextSizePressed:
    """The permanent Text size control: the next of `TEXT_SCALES`."""


@dataclass(frozen=True, slots=True)
class ContrastPressed:
    """The permanent Contrast control."""


@dataclass(frozen=True, slots=True)
class LowerScreenPressed:
    """The permanent Lower screen control: everything into reach from a wheelchair."""


@dataclass(frozen=True, slots=True)
class HelpPressed:
    """The permanent Help control."""


@dataclass(frozen=True, slots=True)
class CallStaffPressed:
    """The permanent Call staff control, or the offer before the last PIN try."""


@dataclass(frozen=True, slots=True)
class DeskPressed:
    """The permanent Ask for the desk control: a number, and what was typed goes along."""


@dataclass(frozen=True, slots=True)
class FeedbackPressed:
    """How did it go: after a receipt."""


@dataclass(frozen=True, slots=True)
class OverlayClosed:
    """Close on what lies over the screen; for the idle warning: "I am still here"."""


@dataclass(frozen=True, slots=True)
class ContinuePressed:
    """The one way on, where a screen has just one."""


@dataclass(frozen=True, slots=True)
class BackPressed:
    """One step back; what was typed is kept."""


@dataclass(frozen=True, slots=True)
class EndPressed:
    """End session."""


@dataclass(frozen=True, slots=True)
class ServiceChosen:
    """A tile of the menu."""

    service: str


@dataclass(frozen=True, slots=True)
class LifeEventChosen:
    """What happened to the person; empty: all services again."""

    life_event: str


@dataclass(frozen=True, slots=True)
class WithoutCardPressed:
    """What can be done without a card."""


@dataclass(frozen=True, slots=True)
class ActionPressed:
    """Something to press in what a service shows, by its id."""

    action: str


@dataclass(frozen=True, slots=True)
class StopPressed:
    """Stop this pending change (card and PIN have been shown, so no code is needed)."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class ConfirmPressed:
    """Look at the holder's name that the bank gave for the account of this change."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The field's text as it now stands."""

    text: str


@dataclass(frozen=True, slots=True)
class ChangePressed:
    """Change, beside one answer of the check page."""

    question: str


@dataclass(frozen=True, slots=True)
class SignPressed:
    """The button that names the act."""


@dataclass(frozen=True, slots=True)
class HelperTypesToggled:
    """Who types now: the person, or the member of staff who has joined."""


@dataclass(frozen=True, slots=True)
class PrintAgainPressed:
    """Print the receipt again; it will say DUPLICATE when the first may have come out."""


@dataclass(frozen=True, slots=True)
class DocumentAgainPressed:
    """Print the A4 paper again, when it did not come out; it carries the same code."""


@dataclass(frozen=True, slots=True)
class CodePressed:
    """The button "I have a code from a letter or a receipt" was pressed."""


# --- devices ---------------------------------------------------------------------------------------


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
class StaffNotJoined:
    """The card in the staff slot does not let anybody join: no staff card of ours, or its PIN was not shown."""


@dataclass(frozen=True, slots=True)
class StaffLeft:
    """The staff slot is empty."""


# --- the agent, the clock ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnvironmentChanged:
    """What works now has changed."""

    environment: Environment


@dataclass(frozen=True, slots=True)
class ServicesOffered:
    """What this office offers from now on; what is open already goes on."""

    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordOpened:
    """The person's record is here, verified and opened."""

    person: Person


@dataclass(frozen=True, slots=True)
class RecordAbsent:
    """There is no record to show, for this reason."""

    reason: RecordAbsence
    name: str = ""


@dataclass(frozen=True, slots=True)
class TransactionRecorded:
    """The journal has it, durably."""

    recorded: Recorded


@dataclass(frozen=True, slots=True)
class RecordingRefused:
    """The journal will not take it: `disk_full`, `journal_corrupt`, `out_of_service`, `id_conflict`."""

    why: str


@dataclass(frozen=True, slots=True)
class TransactionSent:
    """The back office has acknowledged it."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class VerdictArrived:
    """The back office has decided, and the visit could open its word."""

    transaction_id: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CodeWasAnswered:
    """The back office's answer about a code."""

    outcome: str
    reference: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StaffCallAnswered:
    """The call reached the office (`number`), or could not (empty)."""

    number: str


@dataclass(frozen=True, slots=True)
class FaultCaught:
    """The terminal caught an exception; the visit ends safely, what is journaled is kept."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time has passed."""


Event = (
    ScreenTouched
    | LanguageChosen
    | LanguagePressed
    | TextSizePressed
    | ContrastPressed
    | LowerScreenPressed
    | HelpPressed
    | CallStaffPressed
    | DeskPressed
    | FeedbackPressed
    | OverlayClosed
    | ContinuePressed
    | BackPressed
    | EndPressed
    | ServiceChosen
    | LifeEventChosen
    | WithoutCardPressed
    | ActionPressed
    | StopPressed
    | ConfirmPressed
    | Typed
    | ChangePressed
    | SignPressed
    | HelperTypesToggled
    | PrintAgainPressed
    | CodePressed
    | CardInserted
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
    | DocumentAgainPressed
    | BarcodeScanned
    | StaffCardInserted
    | StaffJoined
    | StaffNotJoined
    | StaffLeft
    | EnvironmentChanged
    | ServicesOffered
    | RecordOpened
    | RecordAbsent
    | TransactionRecorded
    | RecordingRefused
    | TransactionSent
    | VerdictArrived
    | CodeWasAnswered
    | StaffCallAnswered
    | FaultCaught
    | Ticked
)
