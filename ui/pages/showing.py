"""What a service shows: its blocks as plain fields, one kind each, which QML lays out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, assert_never

from kiosk.domain.catalogue import service_named
from kiosk.domain.content import (
    Action,
    Bars,
    Block,
    Content,
    Doors,
    Facts,
    Notice,
    Paragraph,
    Said,
    Table,
    Timeline,
    Way,
)
from kiosk.domain.content import Words as Text
from kiosk.domain.session import states as at
from kiosk.domain.session.choosing import standing_in
from ui.pages.parts import Fields, Page, back, button, own_direction, problem_text

if TYPE_CHECKING:
    from ui.words import Words


def showing(session: at.Session, phase: at.Showing, say: Words) -> Page:
    """The page of a service that shows."""
    service = service_named(phase.service)
    make = service.content
    content = make(phase.answers, standing_in(session, phase.visitor)) if make else Content(Said(service.title_key), ())
    printing = phase.printing
    return "content", {
        "of": " ".join([phase.service, *(f"{name}={phase.answers[name]}" for name in sorted(phase.answers))]),
        "title": read(content.title, say),
        "text": read(content.text, say),
        "blocks": [_block(block, say) for block in content.blocks],
        "problem": problem_text(phase.problem, say),
        "paper": say.say(f"content.paper.{printing.value}") if printing in _ON_PAPER else "",
        "paperBad": printing in {at.Printing.FAILED, at.Printing.UNKNOWN},
        "back": back(say),
    }


def read(text: Text, say: Words) -> str:
    """A text of the catalogue, or words that came with the record, which keep their own direction of writing."""
    if isinstance(text, Said):
        return say.scheme(text.key, **dict(text.parameters))
    return own_direction(text) if say.right_to_left else text


_ON_PAPER = frozenset({at.Printing.PRINTING, at.Printing.PRINTED, at.Printing.FAILED, at.Printing.UNKNOWN})


def _action(action: Action | None, say: Words) -> Fields:
    if action is None:
        return {}
    return button(action.id, read(action.text, say), "action", argument=action.id, variant="secondary", icon=action.icon)


def _block(block: Block, say: Words) -> Fields:  # noqa: PLR0911 - one case a kind of block
    match block:
        case Paragraph(text, tone):
            return {"kind": "paragraph", "text": read(text, say), "tone": tone.value}
        case Notice(text, tone, action):
            return {"kind": "notice", "text": read(text, say), "tone": tone.value, "action": _action(action, say)}
        case Facts(rows, title):
            facts = [{"label": read(row.label, say), "value": read(row.value, say)} for row in rows]
            return {"kind": "facts", "title": read(title, say), "rows": facts}
        case Table():
            return _table(block, say)
        case Bars(summary, bars, title):
            longest = max((float(bar.length) for bar in bars), default=0.0) or 1.0
            shown: list[Fields] = [
                {"label": read(bar.label, say), "share": float(bar.length) / longest, "value": read(bar.value, say),
                 "marked": bar.marked, "action": _action(bar.action, say)}
                for bar in bars
            ]  # fmt: skip
            return {"kind": "bars", "title": read(title, say), "summary": read(summary, say), "rows": shown,
                    "labelRoom": max((len(bar["label"]) for bar in shown), default=0),
                    "valueRoom": max((len(bar["value"]) for bar in shown), default=0)}  # fmt: skip
        case Timeline():
            return _timeline(block, say)
        case Way():
            return _way(block, say)
        case Doors(actions, title):
            return {"kind": "doors", "title": read(title, say), "rows": [_action(action, say) for action in actions]}
        case _:
            assert_never(block)


def _way(block: Way, say: Words) -> Fields:
    steps = [
        {"text": read(text, say), "reached": reached.value, "said": say.say(f"content.reached.{reached.value}")}
        for text, reached in block.steps
    ]
    return {
        "kind": "way", "title": read(block.title, say), "when": read(block.when, say), "rows": steps,
        "remark": read(block.remark, say), "actions": [_action(action, say) for action in block.actions],
    }  # fmt: skip


def _table(block: Table, say: Words) -> Fields:
    """A table with what its columns need: the longest word that must not be broken, and the longest text, in characters."""
    columns = [read(column, say) for column in block.columns]
    rows: list[Fields] = [
        {"cells": [read(cell, say) for cell in row.cells], "remark": read(row.remark, say),
         "tone": row.tone.value, "action": _action(row.action, say)}
        for row in block.rows
    ]  # fmt: skip
    texts = [[column, *(row["cells"][i] for row in rows if i < len(row["cells"]))] for i, column in enumerate(columns)]
    amounts = [i > 0 and _are_amounts(column[1:]) for i, column in enumerate(texts)]
    most = [max(len(text) for text in column) for column in texts]
    words = [max(len(word) for text in column for word in text.split(" ")) for column in texts]
    return {
        "kind": "table", "title": read(block.title, say), "columns": columns, "rows": rows, "amounts": amounts, "most": most,
        "least": [most[i] if amount else words[i] for i, amount in enumerate(amounts)],
        "pressed": any(row["action"] for row in rows),
    }  # fmt: skip


def _are_amounts(cells: list[str]) -> bool:
    """Whether a column holds numbers, which are compared by their ends."""
    written = [cell for cell in cells if cell]
    return bool(written) and all(sum(c.isdigit() for c in cell) > sum(c.isalpha() for c in cell) for cell in written)


_TICK_YEARS = (1, 2, 5, 10, 20)
_MOST_TICKS = 6


def _ticks(start: date, end: date) -> list[Fields]:
    """Round years between the ends of a timeline, at most six, each with its place."""
    whole = max(1, end.toordinal() - start.toordinal())
    for step in _TICK_YEARS:
        years = [year for year in range(start.year + 1, end.year + 1) if year % step == 0]
        if len(years) <= _MOST_TICKS:
            break
    return [{"text": str(y), "at": (date(y, 1, 1).toordinal() - start.toordinal()) / whole} for y in years]


def _timeline(block: Timeline, say: Words) -> Fields:
    """Lanes on a scale of years; a stretch that is called like its lane is not named again."""
    first, last = _day(block.start), _day(block.end)
    whole = max(1, last - first)
    lanes = [
        {
            "label": read(lane.label, say),
            "spans": [
                {"from": (_day(span.start) - first) / whole, "to": (_day(span.end) + 1 - first) / whole,
                 "label": "" if span.label == lane.label else read(span.label, say), "tone": span.tone.value}
                for span in lane.spans
            ],
        }
        for lane in block.lanes
    ]  # fmt: skip
    return {"kind": "timeline", "title": read(block.title, say), "summary": read(block.summary, say),
            "ticks": _ticks(date.fromisoformat(block.start), date.fromisoformat(block.end)), "rows": lanes}  # fmt: skip


def _day(iso: str) -> int:
    return date.fromisoformat(iso).toordinal()
