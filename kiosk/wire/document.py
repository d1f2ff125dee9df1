"""What a paper shows, as text that travels and is kept: the blocks of `kiosk.domain.content` that a paper can have.

Rules:
- Facts, tables and paragraphs only; anything else is a `Bug` of whoever made the content.
- Texts travel as keys with parameters, so that the same paper can be read in any language of the scheme.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from kiosk.domain.content import Content, Fact, Facts, Paragraph, Row, Said, Table, Words
from kiosk.domain.errors import Bug
from kiosk.wire.canonical import canonical
from kiosk.wire.problem import Problem, ProblemCode

LIMIT = 48 * 1024
"""Characters; 45 years with two employers each have about 14,000."""



class _Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    with_: dict[str, str] = msgspec.field(name="with", default_factory=dict)


_Words = str | _Said


class _Facts(msgspec.Struct, frozen=True, tag="facts", tag_field="block", forbid_unknown_fields=True):
    rows: list[tuple[_Words, _Words]]
    title: _Words = ""


class _Table(msgspec.Struct, frozen=True, tag="table", tag_field="block", forbid_unknown_fields=True):
    columns: list[_Words]
    rows: list[list[_Words]]
    title: _Words = ""


class _Paragraph(msgspec.Struct, frozen=True, tag="paragraph", tag_field="block", forbid_unknown_fields=True):
    text: _Words


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: _Words
    text: _Words
    blocks: list[_Facts | _Table | _Paragraph]


def write_document(content: Content) -> str:
    """Write a paper's content, canonically."""
    blocks: list[_Facts | _Table | _Paragraph] = []
    for block in content.blocks:
        match block:
            case Facts(rows, title):
                blocks.append(_Facts([(_out(row.label), _out(row.value)) for row in rows], _out(title)))
            case Table(columns, rows, title):
                cells = [[_out(cell) for cell in row.cells] for row in rows]
                blocks.append(_Table([_out(column) for column in columns], cells, _out(title)))
            case Paragraph(text):
                blocks.append(_Paragraph(_out(text)))
            case _:
                raise Bug(f"a paper has no block {type(block).__name__}")
    value: dict[str, Any] = msgspec.to_builtins(_Document(_out(content.title), _out(content.text), blocks))
    return canonical(value).decode("utf-8")


def read_document(text: str) -> Content | Problem:
    """Read it back."""
    if len(text) > LIMIT:
        return Problem(ProblemCode.TOO_LARGE, f"a document of {len(text)} characters")
    try:
        found = msgspec.convert(json.loads(text), _Document)
    except (ValueError, msgspec.ValidationError) as error:
        return Problem(ProblemCode.MALFORMED, f"a document: {str(error)[:200]}")
    return Content(_in(found.title), tuple(_block(block) for block in found.blocks), _in(found.text))


def _block(block: _Facts | _Table | _Paragraph) -> Facts | Table | Paragraph:
    match block:
        case _Facts(rows, title):
            return Facts(tuple(Fact(_in(label), _in(value)) for label, value in rows), _in(title))
        case _Table(columns, rows, title):
            shown = tuple(Row(tuple(_in(cell) for cell in row)) for row in rows)
            return Table(tuple(_in(column) for column in columns), shown, _in(title))
        case _Paragraph(text):
            return Paragraph(_in(text))


def _out(words: Words) -> _Words:
    return _Said(words.key, dict(words.parameters)) if isinstance(words, Said) else words


def _in(words: _Words) -> Words:
    return Said(words.key, words.with_) if isinstance(words, _Said) else words
