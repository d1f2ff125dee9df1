"""What the sync worker asks next, as a pure state machine: no clock, no line, no disk.

    next_step(state) -> a step;    the worker does it, and says what happened;    after(state, event) -> state

Rules:
- The cursor never runs ahead of the rows: it comes back from the disk with what was committed, never from the line.
- A full copy is made into a draft; what serves goes on serving until the draft is whole and takes its place.
- 410, damage and a lapsed lease lead to a full copy; a line that breaks leads on from the last committed cursor.
- Every failure lengthens the pause (the worker draws it with full jitter); every answer ends that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, assert_never

BEGINNING = ""
"""The cursor of somebody who has nothing."""
Into: TypeAlias = Literal["live", "draft"]


@dataclass(frozen=True, slots=True)
class Sync:
    """Where the sync stands. `live` and `draft` are the cursors committed in the two files; None: there is no such file."""

    live: str | None = None
    draft: str | None = None
    rebuild: bool = False
    """The one that serves cannot be continued: a full copy is wanted."""
    draft_whole: bool = False
    caught_up: bool = False
    lapsed: bool = False
    failures: int = 0
    """In a row; the next step is a pause while `pausing`."""
    pausing: bool = False

    @property
    def status(self) -> Literal["ok", "filling", "empty", "lapsed"]:
        """What a visit is told."""
        if self.live is not None:
            return "ok"
        if self.draft:
            return "filling"
        return "lapsed" if self.lapsed else "empty"


# --- steps -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BeginDraft:
    """Make an empty file to be filled."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Ask the feed from `cursor` on, into one of the files; `wait`: as a long poll."""

    into: Into
    cursor: str
    wait: bool


@dataclass(frozen=True, slots=True)
class Publish:
    """Let the draft take the place of what serves."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Something failed `failures` times in a row."""

    failures: int


Step: TypeAlias = BeginDraft | Fetch | Publish | Pause


def next_step(state: Sync) -> Step:
    """Say what to do now."""
    if state.pausing:
        return Pause(state.failures)
    if state.live is not None and not state.rebuild:
        return Fetch("live", state.live, state.caught_up)
    if state.draft is None:
        return BeginDraft()
    return Publish() if state.draft_whole else Fetch("draft", state.draft, wait=False)


# --- what happened ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """The files were looked at: how far each goes."""

    live: str | None
    draft: str | None
    lapsed: bool


@dataclass(frozen=True, slots=True)
class DraftBegun:
    """There is an empty draft."""


@dataclass(frozen=True, slots=True)
class Received:
    """An answer came whole and is committed up to `cursor`; `more` follows at once, or not."""

    into: Into
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class NothingNew:
    """The back office has nothing beyond our cursor."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The answer ended early or made no sense; committed up to `cursor` (as before, when nothing was)."""

    into: Into
    cursor: str


@dataclass(frozen=True, slots=True)
class Gone:
    """410: this cursor cannot be continued (too old, or another epoch)."""

    into: Into


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer, or a refusal that says nothing about the cursor."""


@dataclass(frozen=True, slots=True)
class DiskFull:
    """There is no room for more; what is there can be read."""

    into: Into


@dataclass(frozen=True, slots=True)
class Damaged:
    """The file is not what was written, and was thrown away."""

    into: Into


@dataclass(frozen=True, slots=True)
class Published:
    """The draft serves."""


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The lease ran out: keys destroyed, files gone."""


@dataclass(frozen=True, slots=True)
class Rested:
    """The pause is over, or the line came back."""


Event: TypeAlias = (
    Opened | DraftBegun | Received | NothingNew | Cut | Gone | Failed | DiskFull | Damaged | Published | Lapsed | Rested
)


def after(state: Sync, event: Event) -> Sync:  # noqa: C901, PLR0911, PLR0912 - the table of events
    """Say where the sync stands now."""
    match event:
        case Opened(live, draft, lapsed):
            return Sync(live=live, draft=draft, rebuild=live is not None and draft is not None, lapsed=lapsed)
        case DraftBegun():
            return replace(state, draft=BEGINNING, draft_whole=False)
        case Received(into, cursor, more):
            return _well(_at(state, into, cursor, whole=not more))
        case NothingNew():
            return _well(replace(state, caught_up=True))
        case Cut(into, cursor):
            return _failed(_at(state, into, cursor, whole=False))
        case Gone("live"):
            return replace(state, rebuild=True)
        case Gone():
            before = state.draft
            return _failed(_no_draft(state)) if before in {None, BEGINNING} else _no_draft(state)
        case Failed():
            return _failed(replace(state, caught_up=False))
        case DiskFull(into):
            return _failed(state if into == "live" else _no_draft(state))
        case Damaged("live"):
            return replace(state, live=None, rebuild=False, caught_up=False)
        case Damaged():
            return _failed(_no_draft(state))
        case Published():
            return _well(Sync(live=state.draft, caught_up=True))
        case Lapsed():
            return Sync(lapsed=True, failures=state.failures, pausing=state.pausing)
        case Rested():
            return replace(state, pausing=False)
        case _:
            assert_never(event)


def _at(state: Sync, into: Into, cursor: str, *, whole: bool) -> Sync:
    if into == "live":
        return replace(state, live=cursor, caught_up=whole)
    return replace(state, draft=cursor, draft_whole=whole)


def _no_draft(state: Sync) -> Sync:
    return replace(state, draft=None, draft_whole=False)


def _well(state: Sync) -> Sync:
    return replace(state, failures=0, pausing=False)


def _failed(state: Sync) -> Sync:
    return replace(state, failures=state.failures + 1, pausing=True)


# --- how far a copy is -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a full copy has come, for technician and log; `seconds_left` None while nobody can tell."""

    people: int
    bytes: int
    people_left: int
    bytes_left: int
    seconds_left: int | None


def progress(*, people: int, taken_bytes: int, seconds: float, people_left: int, bytes_left: int) -> Progress:
    """Estimate from what this run has taken in `seconds`; `people` counts the whole draft, earlier runs included."""
    known = taken_bytes > 0 and seconds > 0
    left = round(bytes_left * seconds / taken_bytes) if known else None
    return Progress(people, taken_bytes, people_left, bytes_left, 0 if not (people_left or bytes_left) else left)
