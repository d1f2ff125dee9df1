"""`tap_to_screen_p95_ms`: a tap to the next page on the screen, each page for its first time in a fresh process.

From the press that the X server is given to the page's pixels in its frame buffer: more than Qt's `frameSwapped`,
because the way of the tap and of the picture through the display server is in it. Eight pages of each visit.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, limited, quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.visits import Seen

LIMIT_MS = 17.0


def figure(seen: Sequence[Seen]) -> Figure:
    """The row."""
    values = [seconds * 1000 for one in seen for seconds in one.taps.values()]
    spread = f"median {statistics.median(values):.1f}"
    return limited("tap_to_screen_p95_ms", quantile(values, 0.95), "ms", LIMIT_MS, len(values), spread)


def pages(seen: Sequence[Seen]) -> str:
    """Median and worst of each page, for whoever wants to know where the time is."""
    names = list(seen[0].taps)
    columns = {name: [one.taps[name] * 1000 for one in seen] for name in names}
    return "\n".join(
        f"  {name:12}  median {statistics.median(values):5.1f}  p95 {quantile(values, 0.95):5.1f}"
        for name, values in columns.items()
    )
