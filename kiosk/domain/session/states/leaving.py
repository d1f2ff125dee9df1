"""The visit is over: the card is still to be taken, or everything is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class EndReason(Enum):
    """How a visit ended."""

    FINISHED = "finished"
    CARD_TAKEN = "card_taken"
    CARD_REFUSED = "card_refused"
    TIMED_OUT = "timed_out"
    CARD_LEFT = "card_left"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class TakingCard:
    """The visit is over; the card is still in the slot. Sound and screen until it is taken.

    The next tone comes at `sound_at`; from `quiet_at` on only the screen says it, so that nobody hears it all night.
    """

    why: EndReason
    until: float
    sound_at: float = float("inf")
    quiet_at: float = float("inf")


@dataclass(frozen=True, slots=True)
class Ended:
    """Secrets gone, card free. Nothing leads on from here; a successor takes the screen."""

    why: EndReason
