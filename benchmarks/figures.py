"""One row a headline figure: the table on the screen, and results.json.

Rules:
- A figure against a limit carries the limit as `against_value`; one against a peer carries the peer's own time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `goal` is the greatest ratio that is as it must be."""

    name: str
    value: float
    unit: str
    against: str
    against_value: float
    n: int
    goal: float = 1.0
    spread: str = ""

    @property
    def ratio(self) -> float:
        """Value over what it is held against."""
        return self.value / self.against_value

    @property
    def met(self) -> bool:
        """Whether it is as it must be."""
        return self.ratio <= self.goal


def limited(name: str, value: float, unit: str, limit: float, n: int, spread: str = "") -> Figure:  # noqa: PLR0917
    """A figure against a limit."""
    return Figure(name, value, unit, LIMIT, limit, n, spread=spread)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * round(share * 1000) // 1000))
    return ordered[rank - 1]


def spread_of(values: Sequence[float], digits: int = 1) -> str:
    """From the tenth to the ninetieth percentile, for the table."""
    return f"{quantile(values, 0.1):.{digits}f} to {quantile(values, 0.9):.{digits}f}"


def say(text: str) -> None:
    """Tell whoever waits what is being done."""
    print(text, flush=True)


def table(figures: Sequence[Figure]) -> str:
    """The rows as people read them."""
    head = ("figure", "value", "against", "ratio", "goal", "", "n", "p10 to p90")
    rows = [head, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        f"{_number(figure.value)} {figure.unit}",
        f"{figure.against} {_number(figure.against_value)} {figure.unit}",
        f"{figure.ratio:.2f}",
        f"{figure.goal:.2f}",
        "met" if figure.met else "MISSED",
        str(figure.n),
        figure.spread,
    )


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def write(path: Path, figures: Sequence[Figure]) -> None:
    """Write results.json, whole or not at all."""
    rows = [
        {
            "name": figure.name,
            "value": round(figure.value, 4),
            "unit": figure.unit,
            "against": figure.against,
            "against_value": round(figure.against_value, 4),
            "ratio": round(figure.ratio, 4),
        }
        for figure in figures
    ]
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    draft.replace(path)
