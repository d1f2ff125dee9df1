"""`sign_to_receipt_ms`: the last key of the PIN to the first line on the paper, the card's own time taken out.

In it: the pad's report, the signature's check, the envelope, the link, the commit to the journal, the receipt's
statement, the layout, and the printer's answer that it is ready. From the key to the printer's first printed line.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, limited, spread_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.visits import Seen

LIMIT_MS = 30.0


def figure(seen: Sequence[Seen]) -> Figure:
    """The row."""
    values = [one.sign_to_print * 1000 for one in seen if one.sign_to_print is not None]
    return limited("sign_to_receipt_ms", statistics.median(values), "ms", LIMIT_MS, len(values), spread_of(values))
