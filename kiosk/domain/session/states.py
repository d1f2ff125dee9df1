"""What a visit can be at any moment: one `Session`, whose `phase` is a tagged union.

Rules:
- No secret lives here: PIN digits go from the pad to the card, envelopes stay in `application`.
- What a person typed stays until the visit ends, whatever is pressed.
- `deadline` and every other time is monotonic seconds; wall time arrives as text inside events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from kiosk.domain.offline_limits import DEFAULT_LIMITS, Closure, OfflineLimits, closure
from kiosk.domain.problem import Problem as Problem  # noqa: PLC0414, TC001 - a word of the session too
from kiosk.domain.record import HeldBy as HeldBy  # noqa: PLC0414 - words of the session too
from kiosk.domain.record import Mandate as Mandate  # noqa: PLC0414, TC001
from kiosk.domain.record import PaymentAccount as PaymentAccount  # noqa: PLC0414
from kiosk.domain.record import Person as Person  # noqa: PLC0414, TC001
from kiosk.domain.record import RecordAbsence as RecordAbsence  # noqa: PLC0414, TC001
from kiosk.domain.record import RequestLine as RequestLine  # noqa: PLC0414

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.card import CardIdentity, CardRefusal, PinOutcome, PinSetOutcome
    from kiosk.domain.content import Content
    from kiosk.domain.scheme import Scheme

TEXT_SCALES = (100, 130, 160, 200)
"""Per cent of the normal type size (WCAG 2.2 1.4.4: up to 200 without loss)."""


@dataclass(frozen=True, slots=True)
class Comfort:
    """How this person wants to read the screen; forgotten with the visit."""

    language: str = "en"
    text_scale: int = 100
    high_contrast: bool = False
    lowered: bool = False


class Line(Enum):
    """The connection to the back office as the agent sees it."""

    ONLINE = "online"
    OFFLINE = "offline"


class PrinterState(Enum):
    """The receipt printer as its status bytes tell."""

    READY = "ready"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    JAMMED = "jammed"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Environment:
    """What works now, and how old the data are (seconds; None: never had any)."""

    line: Line = Line.OFFLINE
    printer: PrinterState = PrinterState.READY
    reader_works: bool = True
    journal_works: bool = True
    agent_connected: bool = True
    suspended: bool = False
    reference_age_seconds: int | None = 0
    revocation_age_seconds: int | None = 0
    backlog: int = 0
    disk_free_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """A holder who has shown the PIN.

    `person` is whose record is open. Who acts for somebody else does so under `mandate`, and has the `own` record aside.
    """

    card: CardIdentity
    name: str = ""
    person: Person | None = None
    absence: RecordAbsence | None = None
    own: Person | None = None
    mandate: Mandate | None = None


# --- phases, in the order of a visit -------------------------------------------------------------


class OutOfServiceReason(Enum):
    """Why the terminal serves nobody now."""

    STARTING = "starting"
    NO_AGENT = "no_agent"
    NO_READER = "no_reader"
    JOURNAL = "journal"
    SUSPENDED = "suspended"
    NOT_ENROLLED = "not_enrolled"


@dataclass(frozen=True, slots=True)
class OutOfService:
    """Says so, and where to go."""

    reason: OutOfServiceReason


@dataclass(frozen=True, slots=True)
class Welcome:
    """Nobody is here. A touch, a card or a key begins a visit."""


@dataclass(frozen=True, slots=True)
class ChoosingLanguage:
    """First question of a visit that began with a touch."""


@dataclass(frozen=True, slots=True)
class AwaitingCard:
    """Shows how to insert the card; offers "I have a code from a letter"."""


@dataclass(frozen=True, slots=True)
class ExaminingCard:
    """The card is being proved genuine; nothing of its holder is known yet."""


@dataclass(frozen=True, slots=True)
class CardRefusedPhase:
    """The visit cannot begin with this card; it waits until the card is taken."""

    reason: CardRefusal


@dataclass(frozen=True, slots=True)
class AwaitingPin:
    """The pad is waiting for the PIN. `previous` is what the last try came to."""

    card: CardIdentity
    previous: PinOutcome | None = None
    digits: int | None = None
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class PinPaused:
    """The pad entry ended without an answer (cancelled, timed out): again, or end."""

    card: CardIdentity
    previous: PinOutcome


@dataclass(frozen=True, slots=True)
class LastPinTry:
    """One try is left: staff are offered before it is used. `signing` is the phase to resume."""

    card: CardIdentity
    resume: Checking | None = None


@dataclass(frozen=True, slots=True)
class PinIsBlocked:
    """No tries left: staff unblock the card the same day; the holder keeps it. `card`: which, where it is known."""

    card: CardIdentity | None = None
    failed: bool = False
    """An officer tried to unblock it, and it did not come to that."""
    old_letter: bool = False
    """Not blocked: its PIN is a letter's whose days are over, so that an officer helps to a new one in the same way."""


@dataclass(frozen=True, slots=True)
class OpeningRecord:
    """The record is being asked for and opened."""

    visitor: Visitor


@dataclass(frozen=True, slots=True)
class Menu:
    """What can be done here, with what works now. `typed` keeps what was typed in a service left by Back."""

    visitor: Visitor
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    life_event: str = ""
    """Read by what happened: only the services of this event; empty: all of them."""


@dataclass(frozen=True, slots=True)
class MyRequests:
    """The person's own requests and where each stands."""

    visitor: Visitor


@dataclass(frozen=True, slots=True)
class WhoHolds:
    """Which offices' terminals hold the person's record, and why."""

    visitor: Visitor


@dataclass(frozen=True, slots=True)
class Answering:
    """One question of a service on the screen. `answers` are accepted ones, `typed` what is in each field."""

    visitor: Visitor
    service: str
    question: int
    answers: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    changing: bool = False
    origin: Phase | None = None
    """What was on the screen when this service was opened from there; Back leads to it again."""


@dataclass(frozen=True, slots=True)
class Showing:
    """What a service shows, made from the record and the answers so far."""

    visitor: Visitor
    service: str
    answers: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    printing: Printing | None = None
    origin: Phase | None = None


@dataclass(frozen=True, slots=True)
class Checking:
    """All answers side by side with what stands now, each with Change; the button names the act."""

    visitor: Visitor
    service: str
    answers: Mapping[str, str]
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    entered_by: Mapping[str, str] = field(default_factory=dict)
    """Helpers who typed an answer, fixed when the button that names the act was pressed."""
    staff: str = ""
    """Card of the officer who took part then; empty for none."""
    origin: Phase | None = None


@dataclass(frozen=True, slots=True)
class AwaitingSignature:
    """The pad is waiting for the PIN again, right before the signature (ASVS 7.5.3)."""

    checked: Checking
    previous: PinOutcome | None = None
    digits: int | None = None
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class AwaitingNewPin:
    """The pad is waiting for the old PIN and twice for the new one; `unblocking`: only for the new one."""

    checked: Checking
    previous: PinSetOutcome | None = None
    digits: int | None = None
    until: float = 0.0
    unblocking: bool = False


@dataclass(frozen=True, slots=True)
class Signing:
    """The card is computing. Until it has answered, nothing has happened."""

    checked: Checking


class Step(Enum):
    """What the person watches after signing, in order."""

    SIGNED = "signed"
    SAVED = "saved"
    SENT = "sent"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Recording:
    """Signed: the act stands, whatever becomes of the card. Waiting until it is durable (10 s)."""

    checked: Checking
    transaction_id: str
    until: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """The journal's answer: durable, under this sequence number and reference."""

    transaction_id: str
    seq: int
    epoch: int
    reference: str
    recorded_at: str
    statement: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The back office's word on a transaction, opened by the visit's own key."""

    decision: str
    reason_key: str = ""
    reason_parameters: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    account_verification: str = ""
    first_payment_on: str = ""
    holder_name: str = ""
    effective_on: str = ""
    paper: DocumentPaper | None = None


@dataclass(frozen=True, slots=True)
class DocumentPaper:
    """What is printed on A4. Without a code it says that it cannot be verified yet, and under which reference to ask."""

    content: Content
    code: str = ""
    valid_until: str = ""
    address: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Following:
    """Durable; being sent, and the bank being asked, for at most 8 s."""

    checked: Checking
    recorded: Recorded
    reached: Step
    until: float
    printing: Printing


class Printing(Enum):
    """Where the paper stands."""

    WAITING = "waiting"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


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
class Noted:
    """What was done aside of a request: a ticket's number, thanks for a word, a new PIN. Continue leads to `origin`."""

    visitor: Visitor
    service: str
    recorded: Recorded | None = None
    printing: Printing | None = None
    origin: Phase | None = None


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


@dataclass(frozen=True, slots=True)
class EnteringCode:
    """A code from a notice (stops a change) or from a receipt (shows where the request stands)."""

    typed: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class AskingByCode:
    """The back office is being asked about a code."""

    typed: str


@dataclass(frozen=True, slots=True)
class CodeAnswered:
    """What the code led to: `stopped`, `disputed`, `received`, `decided`, `unknown`, `offline`, `too_many`."""

    outcome: str
    reference: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TakingCard:
    """The visit is over; the card is still in the slot. Sound and screen until it is taken.

    The next tone comes at `sound_at`; from `quiet_at` on only the screen says it, so that nobody hears it all night.
    """

    why: EndReason
    until: float
    sound_at: float = float("inf")
    quiet_at: float = float("inf")


class EndReason(Enum):
    """How a visit ended."""

    FINISHED = "finished"
    CARD_TAKEN = "card_taken"
    CARD_REFUSED = "card_refused"
    TIMED_OUT = "timed_out"
    CARD_LEFT = "card_left"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Ended:
    """Secrets gone, card free. Nothing leads on from here; a successor takes the screen."""

    why: EndReason


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
    | MyRequests
    | WhoHolds
    | Answering
    | Showing
    | Checking
    | AwaitingSignature
    | AwaitingNewPin
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


class StaffDoor(Enum):
    """Where a member of staff stands who wants to take part, by a card in the second reader."""

    CLOSED = "closed"
    PIN_ASKED = "pin_asked"
    OPEN = "open"
    REFUSED = "refused"


# --- what lies over the phase ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LanguagePicker:
    """All languages, over whatever is on the screen."""


@dataclass(frozen=True, slots=True)
class HelpShown:
    """Help for the phase below."""


@dataclass(frozen=True, slots=True)
class StaffCalled:
    """Staff have been called; `number` is what the screen shows (empty while offline)."""

    number: str = ""
    delivered: bool | None = None


@dataclass(frozen=True, slots=True)
class IdleWarning:
    """Nobody has touched anything: one touch goes on, otherwise the visit ends at `until`."""

    until: float


Overlay = LanguagePicker | HelpShown | StaffCalled | IdleWarning


@dataclass(frozen=True, slots=True)
class Limits:
    """Time-outs of a visit in seconds; configuration, shown as such where they are the demo's short ones."""

    idle_seconds: float = 90.0
    warning_seconds: float = 20.0
    pin_seconds: float = 60.0
    append_seconds: float = 10.0
    decision_seconds: float = 8.0
    card_left_seconds: float = 30.0
    farewell_seconds: float = 8.0
    card_sound_seconds: float = 4.0


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
    """Everything is fictive, and nothing can be delivered."""

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
