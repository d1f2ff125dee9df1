"""The keys and the display of a simulated PIN pad: one entry at a time, digits never leave it but towards the card.

Rules:
- Keys pressed while nobody asks are lost: each entry begins with an empty queue.
- An entry ends in the digits or in a status word: 6400 timed out, 6401 cancelled, 6402 new PINs differ, 6403 length
  (PC/SC v2 part 10, 2.5.2). The deadline counts from the start, or from the first key when the host gives a second one.
- Listeners see what the display shows: whether an entry is on, which one, and how many digits; never which digits.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ENTER, CANCEL, CLEAR, BACK = "enter", "cancel", "clear", "back"
KEYS = (*"0123456789", ENTER, CANCEL, CLEAR, BACK)

TIMED_OUT, CANCELLED, NEW_PINS_DIFFER, WRONG_LENGTH = 0x6400, 0x6401, 0x6402, 0x6403

ON_MAX_DIGITS, ON_ENTER, ON_TIMEOUT = 0x01, 0x02, 0x04
"""Bits of bEntryValidationCondition."""

_DEFAULT_SECONDS = 30


class Echo(Enum):
    """What FEATURE_GET_KEY_PRESSED answers: that a key was pressed, not which digit."""

    NONE = 0x00
    BACK = 0x08
    CLEARED = 0x0A
    DONE = 0x0D
    TIMED_OUT = 0x0E
    CANCELLED = 0x1B
    DIGIT = 0x2B
    ABORTED = 0x40


class Prompt(Enum):
    """Which number the display asks for."""

    PIN = "pin"
    NEW = "new"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Display:
    """What the pad's display shows."""

    entering: bool = False
    prompt: Prompt | None = None
    digits: int = 0


@dataclass(frozen=True, slots=True)
class EntryRules:
    """What the host asked of an entry: lengths in digits, times in seconds (0: the pad's default, or no second limit)."""

    min_digits: int
    max_digits: int
    conditions: int = ON_ENTER
    timeout_seconds: float = 0
    timeout_after_key_seconds: float = 0
    prompts: tuple[Prompt, ...] = (Prompt.PIN,)


@dataclass(frozen=True, slots=True)
class Typed:
    """All numbers asked for, in the order of the prompts."""

    pins: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """No number: the status word says why."""

    sw: int


@dataclass(slots=True)
class _Entry:
    rules: EntryRules
    deadline: float
    typed: str = ""
    pins: tuple[str, ...] = ()
    touched: bool = False
    outcome: Typed | Ended | None = None
    echoes: deque[Echo] = field(default_factory=deque)


class PinPad:
    """A pad. `press` comes from the bench, `begin`, `wait`, `echo` and `interrupt` from the reader; from any thread."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._changed = threading.Condition()
        self._entry: _Entry | None = None
        self._display = Display()
        self._listeners: list[Callable[[Display], None]] = []

    # --- the bench's side ------------------------------------------------------------------------

    @property
    def display(self) -> Display:
        """What the display shows now."""
        return self._display

    def listen(self, listener: Callable[[Display], None]) -> None:
        """Call `listener` at each change of the display, on the thread that caused it."""
        self._listeners.append(listener)

    def press(self, *keys: str) -> None:
        """Press keys (`KEYS`); raises `ValueError` for a key that the pad does not have."""
        for key in keys:
            if key not in KEYS:
                raise ValueError(f"the pad has no key {key!r}; it has {', '.join(KEYS)}")
            with self._changed:
                if self._entry and not self._expire(self._entry):
                    self._feed(self._entry, key)
                    self._changed.notify_all()
            self._tell()

    def wait_entering(self, timeout_seconds: float, *, entering: bool = True) -> bool:
        """Wait until an entry is on (or off); False when it did not come in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._asking() == entering, timeout_seconds)

    # --- the reader's side -----------------------------------------------------------------------

    def begin(self, rules: EntryRules) -> None:
        """Flush the keys and ask; an entry that was on is aborted."""
        with self._changed:
            self._finish(Ended(CANCELLED), Echo.ABORTED)
            self._entry = _Entry(rules, self._now() + (rules.timeout_seconds or _DEFAULT_SECONDS))
            self._changed.notify_all()
        self._tell()

    def wait(self) -> Typed | Ended:
        """Wait for the end of the entry on (6401 when none is): digits, or a status word."""
        with self._changed:
            entry = self._entry
            if entry is None:
                return Ended(CANCELLED)
            while not self._expire(entry):
                self._changed.wait(max(0.0, entry.deadline - self._now()))
            outcome = entry.outcome or Ended(CANCELLED)
            if self._entry is entry:
                self._entry = None
            self._changed.notify_all()
        self._tell()
        return outcome

    def echo(self, patience_seconds: float) -> Echo:
        """Give the next key press as an echo, waiting a little for one; `Echo.NONE` when none came."""
        with self._changed:
            entry = self._entry
            if entry is None:
                return Echo.ABORTED
            until = self._now() + patience_seconds
            while not entry.echoes and not self._expire(entry) and self._now() < until:
                self._changed.wait(min(until, entry.deadline) - self._now())
            answer = entry.echoes.popleft() if entry.echoes else Echo.NONE
        self._tell()
        return answer

    def interrupt(self, sw: int = CANCELLED) -> None:
        """End the entry that is on, if any: the card left, or the host gave up."""
        with self._changed:
            self._finish(Ended(sw), Echo.ABORTED)
            self._changed.notify_all()
        self._tell()

    # --- inside, under the lock ------------------------------------------------------------------

    def _asking(self) -> bool:
        return self._entry is not None and self._entry.outcome is None

    def _feed(self, entry: _Entry, key: str) -> None:
        rules = entry.rules
        if not entry.touched and rules.timeout_after_key_seconds:
            entry.deadline = self._now() + rules.timeout_after_key_seconds
        entry.touched = True
        if key == CANCEL:
            self._finish(Ended(CANCELLED), Echo.CANCELLED)
        elif key == CLEAR:
            entry.typed = ""
            entry.echoes.append(Echo.CLEARED)
        elif key == BACK:
            entry.typed = entry.typed[:-1]
            entry.echoes.append(Echo.BACK)
        elif key == ENTER:
            if rules.conditions & ON_ENTER:
                self._accept(entry)
        elif len(entry.typed) < rules.max_digits:
            entry.typed += key
            entry.echoes.append(Echo.DIGIT)
            if rules.conditions & ON_MAX_DIGITS and len(entry.typed) == rules.max_digits:
                self._accept(entry)

    def _accept(self, entry: _Entry) -> None:
        """Take what stands typed as the answer to the present prompt."""
        if len(entry.typed) < entry.rules.min_digits:
            self._finish(Ended(WRONG_LENGTH), Echo.DONE)
            return
        entry.pins, entry.typed = (*entry.pins, entry.typed), ""
        prompts = entry.rules.prompts
        if len(entry.pins) < len(prompts):
            entry.echoes.append(Echo.CLEARED)
        elif Prompt.REPEAT in prompts and entry.pins[-1] != entry.pins[-2]:
            self._finish(Ended(NEW_PINS_DIFFER), Echo.DONE)
        else:
            self._finish(Typed(entry.pins), Echo.DONE)

    def _finish(self, outcome: Typed | Ended, echo: Echo) -> None:
        if self._entry and self._entry.outcome is None:
            self._entry.outcome, self._entry.typed, self._entry.pins = outcome, "", ()
            self._entry.echoes.append(echo)

    def _expire(self, entry: _Entry) -> bool:
        """Whether the entry is over; a passed deadline ends it, with what is typed when the host wanted it so."""
        if entry.outcome is None and self._now() >= entry.deadline:
            if entry.rules.conditions & ON_TIMEOUT and len(entry.typed) >= entry.rules.min_digits:
                self._accept(entry)
            if entry.outcome is None:
                self._finish(Ended(TIMED_OUT), Echo.TIMED_OUT)
        return entry.outcome is not None

    def _tell(self) -> None:
        with self._changed:
            entry = self._entry
            shown = Display()
            if entry and self._asking():
                prompt = entry.rules.prompts[min(len(entry.pins), len(entry.rules.prompts) - 1)]
                shown = Display(entering=True, prompt=prompt, digits=len(entry.typed))
            if shown == self._display:
                return
            self._display = shown
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(shown)
