"""`visit_rss_mb`: what a visit occupies (VmRSS) when its receipt is out, libraries that it shares included."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, limited, spread_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.visits import Seen

LIMIT_MB = 190.0


def figure(seen: Sequence[Seen]) -> Figure:
    """The row."""
    values = [one.memory_mb for one in seen if one.memory_mb is not None]
    return limited("visit_rss_mb", statistics.median(values), "MB", LIMIT_MB, len(values), spread_of(values))
