"""`successor_ready_s`: a visit process, from its start to loaded and hidden.

From the moment that the kernel notes as the process's start to its word "ready" in the supervisor's log, with the visit
before it on the screen; each of the visits that were walked.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, limited, spread_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.visits import Seen

LIMIT_SECONDS = 1.5


def figure(seen: Sequence[Seen]) -> Figure:
    """The row."""
    values = [one.ready for one in seen]
    return limited(
        "successor_ready_s", statistics.median(values), "s", LIMIT_SECONDS, len(values), spread_of(values, 2)
    )
