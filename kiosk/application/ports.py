"""What a visit needs of the world, as protocols; `devices`, `ui` and `kiosk.link` implement them, tests fake them.

Rules:
- Card work is synchronous and runs on one card thread; printing on one printer thread.
- Everything answers by posting an event; nothing here raises for what a person or a peer can cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kiosk.domain.card import AgreeOutcome, CardExamined, PinOutcome, PinSetOutcome, SignOutcome
    from kiosk.domain.number_pin import PadOutcome
    from kiosk.domain.receipt import Place, Receipt
    from kiosk.domain.session.effects import Part, Sound
    from kiosk.domain.session.states import DocumentPaper, PrinterState, Session
    from kiosk.wire.trust import Revocations


class CardPort(Protocol):
    """The card in the visitor's slot."""

    def examine(self, anchors_pem: bytes, revocations: Revocations | None, at: datetime) -> CardExamined:
        """Prove the card genuine and read its number, role and PIN tries."""

    def verify_pin(self, seconds: int, on_digits: Callable[[int], None]) -> PinOutcome:
        """Let the pad ask and the card check; blocks until one of the outcomes."""

    def set_pin(
        self, seconds: int, on_digits: Callable[[int], None] | None = None, *, puk: bytes = b""
    ) -> PinSetOutcome:
        """Let the pad ask for the old PIN and twice for the new one, or with a PUK only for the new one; blocks."""

    def read_holder(self) -> str | None:
        """Read the holder's name from the PIN-gated printed information."""

    def certificate(self, slot: str) -> bytes | None:
        """Read the certificate of a key, DER."""

    def sign(self, slot: str, message: bytes) -> SignOutcome:
        """Sign with SHA-256 inside; 9C only right after a PIN."""

    def agree(self, public_point: bytes) -> AgreeOutcome:
        """Agree on a secret with the owner of an uncompressed P-256 point, by 9D after the PIN."""

    def cancel_pin(self) -> None:
        """End a PIN entry, from any thread, if the pad can be stopped."""

    def finish(self) -> None:
        """Reset the card: no PIN state survives."""


class EncryptingPadPort(Protocol):
    """A PIN pad that seals what is typed to the back office; no digit leaves it otherwise."""

    def read_encrypted(
        self, certificate: str, bound: str, prompts: tuple[str, ...], seconds: int, on_digits: Callable[[int], None]
    ) -> PadOutcome:
        """Ask for the PINs of `prompts`; blocks until they are sealed, or the entry has ended without."""

    def cancel(self) -> None:
        """End the entry that is on, from any thread."""


class AgentPort(Protocol):
    """The agent behind the link; every call returns at once, answers are posted."""

    def expect_append(self) -> None:
        """Say that an act is signed and will be handed over in a moment."""

    def append(self, id_: str, body: bytes, *, kind: str, schema: int, sealing_key_id: str, service: str) -> int:
        """Make durable."""

    def ask(self, id_: str, sealed: bytes, *, wait_seconds: float) -> int:
        """Carry a question to the back office."""

    def fetch_record(self, access_id: str, fingerprint: bytes) -> int:
        """Ask for the sealed record that a card opens; its access entry is durable by then."""

    def follow(self, id_: str, *, wait_seconds: float) -> int:
        """Deliver now, and tell."""

    def report_print(self, id_: str, *, stage: str, outcome: Literal["printed", "failed", "unknown"]) -> int:
        """How the receipt came out."""

    def report_devices(self, states: dict[str, str]) -> int:
        """How the devices are."""

    def call_staff(self, step: str) -> int:
        """Somebody needs help."""


class PrinterPort(Protocol):
    """The receipt printer, blocking, on its own thread."""

    def print_receipt(
        self, receipt: Receipt, part: Part, language: str, *, large: bool
    ) -> Literal["printed", "failed", "unknown"]:
        """Print this part of the receipt, `large` for weak eyes; the paper is cut after `DECIDED` and `WHOLE`."""

    def state(self) -> PrinterState:
        """Ask what its status bytes say now."""


class DocumentPort(Protocol):
    """The A4 printer, blocking, on the printer's thread."""

    def print_document(
        self, document: DocumentPaper, place: Place, language: str
    ) -> Literal["printed", "failed", "unknown"]:
        """Print it in this language and in the official one."""


class ScreenPort(Protocol):
    """The screen."""

    def render(self, session: Session) -> None:
        """Show this session."""

    def leave(self, why: str) -> None:
        """Hand the screen to the successor: the visit is over."""


class SounderPort(Protocol):
    """The speaker; every call returns at once, on any thread."""

    def play(self, sound: Sound) -> None:
        """Play a short sound; one that is still playing is not played over."""

    def state(self) -> str:
        """Say how it is, in the words of device states: `ONLINE`, `NODEVICE` (none is fitted), `HWERROR`."""


class Worker(Protocol):
    """A thread that does one thing after another."""

    def submit(self, job: Callable[[], None], /) -> object:
        """Do `job` after those before it."""


@dataclass(frozen=True, slots=True)
class StaffPort:
    """The second reader, for staff: its card, and the one thread that works with it."""

    card: CardPort
    worker: Worker
