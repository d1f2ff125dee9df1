"""`visit_turnover_ms`: the end of a visit to the next one on the screen and listening to the reader.

From the visit's word that it has ended to the later of two: its successor's welcome page in the frame buffer of the
display, and its word "shown", which it says after it has begun to watch the reader.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, limited, spread_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.visits import Seen

LIMIT_MS = 100.0


def figure(seen: Sequence[Seen]) -> Figure:
    """The row."""
    values = [one.turnover * 1000 for one in seen]
    return limited("visit_turnover_ms", statistics.median(values), "ms", LIMIT_MS, len(values), spread_of(values))
