"""What was acknowledged against what is there: pure, so that a test can show that a loss would be seen.

Rules:
- An entry is acknowledged when the terminal had an answer that lets it stop sending; only these may never be missing.
- An entry that is there without an acknowledgement is no fault: the answer was lost, and the terminal would send it again.
- The gap is the longest time between two acknowledgements of anybody while the load ran.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Entry:
    """What makes an entry the same one: its place in a journal and the hash of its body."""

    id: str
    terminal: str
    epoch: int
    seq: int
    body_hash: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One database against what was acknowledged. Ids of what is wrong, sorted."""

    acknowledged: int
    stored: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    altered: tuple[str, ...]
    unacknowledged: int
    """Stored, answer lost: no fault."""

    @property
    def good(self) -> bool:
        """Whether every acknowledged entry is there exactly once, as it was sent."""
        return not (self.lost or self.doubled or self.altered)

    def summary(self) -> dict[str, Any]:
        """Numbers, and the first few ids of what is wrong."""
        values = asdict(self)
        for name in ("lost", "doubled", "altered"):
            values[name] = len(values[name])
        wrong = (*self.lost, *self.doubled, *self.altered)
        return {**values, "examples": list(wrong[:5])}


def compare(acknowledged: Mapping[str, Entry], stored: Sequence[Entry]) -> Comparison:
    """Look for every acknowledged entry among all rows of the inbox (not of a set: rows count)."""
    by_id = {entry.id: entry for entry in stored}
    ids, places = Counter(entry.id for entry in stored), Counter(_place(entry) for entry in stored)
    doubled = {entry.id for entry in stored if ids[entry.id] > 1 or places[_place(entry)] > 1}
    return Comparison(
        acknowledged=len(acknowledged),
        stored=len(stored),
        lost=tuple(sorted(acknowledged.keys() - by_id.keys())),
        doubled=tuple(sorted(doubled)),
        altered=tuple(sorted(id_ for id_, entry in acknowledged.items() if by_id.get(id_, entry) != entry)),
        unacknowledged=len(by_id.keys() - acknowledged.keys()),
    )


def _place(entry: Entry) -> tuple[str, int, int]:
    return (entry.terminal, entry.epoch, entry.seq)


def longest_gap(moments: Iterable[float], since: float, until: float) -> float:
    """Longest time in seconds without an acknowledgement between two moments of one clock."""
    inside = sorted(moment for moment in moments if since < moment < until)
    return max(later - earlier for earlier, later in zip((since, *inside), (*inside, until), strict=True))


@dataclass(frozen=True, slots=True)
class Kill:
    """One leader that was killed, and who came after."""

    killed: str
    promoted: str
    timeline_before: int
    timeline_after: int
    leader_seconds: float
    """From the kill until Patroni named another leader."""
    gap_seconds: float
    """Longest time without an acknowledgement around the kill."""
    standbys_held_seconds: float
    """How long before the kill the standbys were told nothing."""
    rejoined_seconds: float
    """From the restart of the killed node until it streamed from the new leader."""
