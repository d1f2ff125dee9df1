"""The PIN pad waits, for the visit, for a signature or for a new PIN; or it has come to an end with the PIN.

No digit is here: they go from the pad to the card, or sealed to the back office.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.domain.card import CardIdentity, PinOutcome, PinSetOutcome
    from kiosk.domain.number_pin import PadEnding, Word
    from kiosk.domain.session.states.serving import Checking


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
class AwaitingSignature:
    """The pad is waiting for the PIN again, right before the signature (ASVS 7.5.3)."""

    checked: Checking
    previous: PinOutcome | None = None
    digits: int | None = None
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class AwaitingNumberPin:
    """The encrypting pad is waiting for the PIN of a number; `choosing`: a letter's, and twice the one chosen instead."""

    checked: Checking
    previous: PadEnding | Word | None = None
    digits: int | None = None
    until: float = 0.0
    choosing: bool = False


@dataclass(frozen=True, slots=True)
class AskingByNumber:
    """The back office is being asked about a number and its PIN."""

    checked: Checking
    choosing: bool = False


@dataclass(frozen=True, slots=True)
class AwaitingNewPin:
    """The pad is waiting for the old PIN and twice for the new one; `unblocking`: only for the new one."""

    checked: Checking
    previous: PinSetOutcome | None = None
    digits: int | None = None
    until: float = 0.0
    unblocking: bool = False
