"""What a service shows, as plain blocks: the screen lays them out, the paper prints them, a reader hears them.

- A text is a key with parameters (`Said`) or words that came with the record (a name, an employer): a plain `str`.
- Whatever can be pressed is an `Action` with an id of its own; what it leads to is data too.
- A block says nothing by colour or picture alone: its `summary` is the sentence that stands for the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Said:
    """A text of the scheme's catalogue. Parameters: days and times ISO 8601, amounts decimal; the text formats them."""

    key: str
    parameters: Mapping[str, str] = field(default_factory=dict)


Words = Said | str


class Tone(Enum):
    """How a block stands out, always beside its words."""

    PLAIN = "plain"
    GOOD = "ok"
    NOTE = "info"
    WARNING = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class OpenService:
    """Leads to another service, its fields filled with `typed`; Back leads here again."""

    service: str
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Shows the same service with another answer ("what if"); an empty value takes the answer back."""

    question: str
    value: str


@dataclass(frozen=True, slots=True)
class PrintContent:
    """Puts what is shown on the receipt printer's paper."""


@dataclass(frozen=True, slots=True)
class ActFor:
    """Goes on for the person who gave this mandate; an empty id: for oneself again."""

    mandate: str


Target = OpenService | Answer | PrintContent | ActFor


@dataclass(frozen=True, slots=True)
class Action:
    """Something to press. `icon`: a name of the icon set."""

    id: str
    text: Words
    target: Target
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    text: Words
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing with its name."""

    label: Words
    value: Words


@dataclass(frozen=True, slots=True)
class Facts:
    """Things side by side with their names."""

    rows: tuple[Fact, ...]
    title: Words = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, perhaps with a remark below it and something to press beside it."""

    cells: tuple[Words, ...]
    remark: Words = ""
    tone: Tone = Tone.PLAIN
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns; the first column names the row. At most four columns fit in large type."""

    columns: tuple[Words, ...]
    rows: tuple[Row, ...]
    title: Words = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its length (decimal text, not negative), and how it is written."""

    label: Words
    length: str
    value: Words
    marked: bool = False
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """Amounts beside each other, the longest as wide as the page."""

    summary: Words
    bars: tuple[Bar, ...]
    title: Words = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time on a timeline: ISO days, inclusive; `tone` WARNING is a gap to ask about."""

    start: str
    end: str
    label: Words
    tone: Tone = Tone.GOOD


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of a timeline: an employer, a kind of period."""

    label: Words
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened when, a lane each, from `start` to `end` (ISO days)."""

    summary: Words
    start: str
    end: str
    lanes: tuple[Lane, ...]
    title: Words = ""


class Reached(Enum):
    """How far one step of a way is."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Way:
    """Where a request stands, as a picture: its steps in order; `when` it was made, and under which reference."""

    title: Words
    steps: tuple[tuple[Words, Reached], ...]
    remark: Words = ""
    actions: tuple[Action, ...] = ()
    when: Words = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to be seen first, perhaps with something to press."""

    text: Words
    tone: Tone = Tone.NOTE
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Doors:
    """Things to press, as a list."""

    actions: tuple[Action, ...]
    title: Words = ""


Block = Paragraph | Facts | Table | Bars | Timeline | Way | Notice | Doors


@dataclass(frozen=True, slots=True)
class Content:
    """A whole page; what is too long is scrolled."""

    title: Words
    blocks: tuple[Block, ...]
    text: Words = ""

    def actions(self) -> dict[str, Action]:
        """Return everything that can be pressed, by id."""
        found: list[Action | None] = []
        for block in self.blocks:
            match block:
                case Doors(actions) | Way(actions=actions):
                    found += actions
                case Table(rows=rows):
                    found += [row.action for row in rows]
                case Bars(bars=bars):
                    found += [bar.action for bar in bars]
                case Notice(action=action):
                    found.append(action)
                case _:
                    pass
        return {action.id: action for action in found if action is not None}
