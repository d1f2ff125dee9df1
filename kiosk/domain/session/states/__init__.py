"""What a visit can be at any moment: one `Session`, whose `phase` is a tagged union, below in the order of a visit.

    arriving     nobody here -> card or code -> proved genuine -> record opened
    at_the_pad   the PIN: for the visit, for a signature, a new one
    serving      menu -> one question a page -> what a service shows -> the answers, checked
    acting       signing -> recording -> following -> receipt, or plainly that nothing was recorded
    leaving      card to be taken -> ended
    outcome      what an act came to; over_the_page and surroundings: what holds whatever the phase

Rules:
- No secret lives here: PIN digits go from the pad to the card, envelopes stay in `application`.
- What a person typed stays until the visit ends, whatever is pressed.
- `deadline` and every other time is monotonic seconds; wall time arrives as text inside events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk.domain.offline_limits import DEFAULT_LIMITS, Closure, OfflineLimits, closure
from kiosk.domain.problem import Problem
from kiosk.domain.record import HeldBy, Mandate, PaymentAccount, Person, RecordAbsence, RequestLine
from kiosk.domain.session.states.acting import (
    Following,
    NothingRecorded,
    NotKnownWhetherRecorded,
    Recording,
    ShowingReceipt,
    Signing,
)
from kiosk.domain.session.states.arriving import (
    AskingByCode,
    AwaitingCard,
    CardRefusedPhase,
    ChoosingLanguage,
    CodeAnswered,
    EnteringCode,
    ExaminingCard,
    OpeningRecord,
    OutOfService,
    OutOfServiceReason,
    Visitor,
    Welcome,
)
from kiosk.domain.session.states.at_the_pad import (
    AskingByNumber,
    AwaitingNewPin,
    AwaitingNumberPin,
    AwaitingPin,
    AwaitingSignature,
    LastPinTry,
    PinIsBlocked,
    PinPaused,
)
from kiosk.domain.session.states.leaving import Ended, EndReason, TakingCard
from kiosk.domain.session.states.outcome import DocumentPaper, Printing, Recorded, Step, Verdict
from kiosk.domain.session.states.over_the_page import (
    HelpShown,
    IdleWarning,
    LanguagePicker,
    Overlay,
    StaffCalled,
    StaffDoor,
)
from kiosk.domain.session.states.serving import Answering, Checking, Menu, Noted, Showing
from kiosk.domain.session.states.surroundings import TEXT_SCALES, Comfort, Environment, Limits, Line, PrinterState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.scheme import Scheme

Phase = (
    OutOfService
    | Welcome
    | ChoosingLanguage
    | AwaitingCard
    | ExaminingCard
    | CardRefusedPhase
    | AwaitingPin
    | PinPaused
    | LastPinTry
    | PinIsBlocked
    | OpeningRecord
    | Menu
    | Answering
    | Showing
    | Checking
    | AwaitingSignature
    | AwaitingNewPin
    | AwaitingNumberPin
    | AskingByNumber
    | Signing
    | Recording
    | Following
    | ShowingReceipt
    | Noted
    | NothingRecorded
    | NotKnownWhetherRecorded
    | EnteringCode
    | AskingByCode
    | CodeAnswered
    | TakingCard
    | Ended
)


@dataclass(frozen=True, slots=True)
class Session:
    """A whole visit: where it is, how it is shown, and what the world is like.

    `defaults` is how the screen stands while nobody has chosen anything.
    """

    phase: Phase
    comfort: Comfort = Comfort()
    environment: Environment = Environment()
    limits: Limits = Limits()
    overlay: Overlay | None = None
    card_present: bool = False
    idle_at: float = 0.0
    services: tuple[str, ...] = ("bank_account.change",)
    scheme: Scheme | None = None
    languages: tuple[str, ...] = ("en", "cs", "ar")
    defaults: Comfort = Comfort()
    offline_limits: OfflineLimits = DEFAULT_LIMITS
    today: str = ""
    """ISO day in the scheme's zone; a visit does not outlive it by much."""
    joined: str = ""
    """Card number of the officer who has joined this visit; empty for none."""
    staff_door: StaffDoor = StaffDoor.CLOSED
    helper_types: bool = False
    """What is typed now is typed by the officer who has joined."""
    typed_by: Mapping[str, str] = field(default_factory=dict)
    """Fields that a helper has typed in, by `<service>/<question>`; what is not in it the person typed."""
    own_pin: bool = False
    """The card got a PIN of its holder's own in this visit; the record may not know it yet."""
    practice: bool = False
    """Everything is fictive, and nothing can be delivered; from the start where the terminal stands in a training room."""

    @property
    def closed(self) -> Closure | None:
        """Why no new request is taken now; None while it is."""
        world = self.environment
        return closure(
            self.offline_limits,
            reference_age_seconds=world.reference_age_seconds,
            backlog=world.backlog,
            disk_free_bytes=world.disk_free_bytes,
        )


__all__ = [
    "TEXT_SCALES", "Answering", "AskingByCode", "AskingByNumber", "AwaitingCard", "AwaitingNewPin", "AwaitingNumberPin", "AwaitingPin", "AwaitingSignature",
    "CardRefusedPhase", "Checking", "ChoosingLanguage", "CodeAnswered", "Comfort", "DocumentPaper", "EndReason",
    "Ended", "EnteringCode", "Environment", "ExaminingCard", "Following", "HeldBy", "HelpShown", "IdleWarning",
    "LanguagePicker", "LastPinTry", "Limits", "Line", "Mandate", "Menu", "NotKnownWhetherRecorded",
    "Noted", "NothingRecorded", "OpeningRecord", "OutOfService", "OutOfServiceReason", "Overlay", "PaymentAccount",
    "Person", "Phase", "PinIsBlocked", "PinPaused", "PrinterState", "Printing", "Problem", "RecordAbsence",
    "Recorded", "Recording", "RequestLine", "Session", "Showing", "ShowingReceipt", "Signing", "StaffCalled",
    "StaffDoor", "Step", "TakingCard", "Verdict", "Visitor", "Welcome",
]  # fmt: skip
