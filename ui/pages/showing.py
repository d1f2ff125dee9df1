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
from ui.pages.parts import Fields, Page, back, button, problem_text

if TYPE_CHECKING:
    from ui.words import Words


def showing(session: at.Session, phase: at.Showing, say: Words) -> Page:
    """The page of a service that shows."""
    service = service_named(phase.service)
    make = service.content
    content = make(phase.answers, standing_in(session, phase.visitor)) if make else Content(Said(service.title_key), ())
    return "content", {
        "title": read(content.title, say),
        "text": read(content.text, say),
        "blocks": [_block(block, say) for block in content.blocks],
        "problem": problem_text(phase.problem, say),
        "paper": say.say(f"receipt.{phase.printing.value}") if phase.printing and phase.printing is not at.Printing.WAITING else "",
        "back": back(say),
    }


def read(text: Text, say: Words) -> str:
    """A text of the catalogue, or words that came with the record."""
    return say.scheme(text.key, **dict(text.parameters)) if isinstance(text, Said) else text


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
        case Table(columns, rows, title):
            lines = [
                {"cells": [read(cell, say) for cell in row.cells], "remark": read(row.remark, say),
                 "tone": row.tone.value, "action": _action(row.action, say)}
                for row in rows
            ]  # fmt: skip
            return {"kind": "table", "title": read(title, say), "columns": [read(c, say) for c in columns], "rows": lines}
        case Bars(summary, bars, title):
            longest = max((float(bar.length) for bar in bars), default=0.0) or 1.0
            shown = [
                {"label": read(bar.label, say), "share": float(bar.length) / longest, "value": read(bar.value, say),
                 "marked": bar.marked, "action": _action(bar.action, say)}
                for bar in bars
            ]  # fmt: skip
            return {"kind": "bars", "title": read(title, say), "summary": read(summary, say), "bars": shown}
        case Timeline():
            return _timeline(block, say)
        case Way(title, steps, remark, action):
            way = [{"text": read(text, say), "reached": reached.value} for text, reached in steps]
            return {"kind": "way", "title": read(title, say), "steps": way, "remark": read(remark, say), "action": _action(action, say)}
        case Doors(actions, title):
            return {"kind": "doors", "title": read(title, say), "actions": [_action(action, say) for action in actions]}
        case _:
            assert_never(block)


def _timeline(block: Timeline, say: Words) -> Fields:
    first, last = _day(block.start), _day(block.end)
    whole = max(1, last - first)
    lanes = [
        {
            "label": read(lane.label, say),
            "spans": [
                {"from": (_day(span.start) - first) / whole, "to": (_day(span.end) + 1 - first) / whole,
                 "label": read(span.label, say), "tone": span.tone.value}
                for span in lane.spans
            ],
        }
        for lane in block.lanes
    ]  # fmt: skip
    return {"kind": "timeline", "title": read(block.title, say), "summary": read(block.summary, say),
            "start": block.start[:4], "end": block.end[:4], "lanes": lanes}  # fmt: skip


def _day(iso: str) -> int:
    return date.fromisoformat(iso).toordinal()
