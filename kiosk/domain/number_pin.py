"""Number and PIN without a card: what the pad gives, what the back office says, and how long a wrong one waits.

Rules:
- Low-risk services only, online only; the card and its own PIN are untouched whatever is typed here.
- Growing waits for a number, whether anybody has it or not: after three wrong PINs 30 seconds, then twice as long each time, a
  day at most; after a hundred in a row only a new letter helps (NIST SP 800-63B 5.2.2).
- A terminal closes for this after ten wrong ones in an hour, for an hour (`lockout`), so that nobody tries many numbers here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kiosk.domain.record import Person

FREE, MOST = 3, 100
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(days=1)


class PadEnding(Enum):
    """How an entry ended without a PIN."""

    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    LENGTH = "length"
    DIFFER = "differ"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class PadEnded:
    """No PIN was sealed."""

    why: PadEnding


@dataclass(frozen=True, slots=True)
class SealedPin:
    """What left the pad; nothing on this side opens it."""

    sealed: str


PadOutcome = SealedPin | PadEnded


class Word(Enum):
    """What the back office says, where it opens no record."""

    WRONG = "wrong"
    """Number or PIN; never which, nor whether there is such a number."""
    WAIT = "wait"
    CHOOSE = "choose"
    """The PIN is a letter's: another one is chosen now."""
    COMMON = "common"
    """The PIN chosen is one that everybody tries first."""
    OFFLINE = "offline"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Opened:
    """The low-risk part of the record."""

    person: Person


@dataclass(frozen=True, slots=True)
class NotOpened:
    """Why not; with `WAIT` the whole minutes until the next try."""

    word: Word
    minutes: int = 0


NumberOutcome = Opened | NotOpened


def opens_at(failures: Sequence[datetime], at: datetime) -> datetime | None:
    """When the next PIN of a number is looked at, or None: now. `failures`: all in a row, oldest first.

    Raises nothing; a hundred failures give a day far away, until a new letter clears them.
    """
    if len(failures) < FREE:
        return None
    if len(failures) >= MOST:
        return failures[-1] + timedelta(days=36_500)
    wait = min(FIRST_WAIT * 2 ** min(len(failures) - FREE, 20), LONGEST_WAIT)
    opens = failures[-1] + wait
    return opens if opens > at else None
