"""What a paper shows travels as text and comes back the same; nothing else is read as one."""

from __future__ import annotations

import pytest

from kiosk.domain.content import Bars, Content, Fact, Facts, Paragraph, Row, Said, Table
from kiosk.domain.errors import Bug
from kiosk.wire.document import LIMIT, read_document, write_document
from kiosk.wire.problem import Problem

PAPER = Content(
    Said("a.title"),
    (
        Facts((Fact(Said("a.name"), "Marie"), Fact("b", Said("a.day", {"day": "2026-11-22"}))), Said("a.holder")),
        Table((Said("a.on"), "c"), (Row(("d", Said("a.money", {"amount": "1.00"}))),), "e"),
        Paragraph(Said("a.sentence")),
    ),
    Said("a.as_of", {"day": "2026-11-22"}),
)


def test_it_comes_back_the_same() -> None:
    assert read_document(write_document(PAPER)) == PAPER


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"title":"a","text":"b","blocks":[{"block":"script"}]}', '{"title":1,"text":"","blocks":[]}', "x" * (LIMIT + 1)]
)
def test_nothing_else_is_a_paper(text: str) -> None:
    assert isinstance(read_document(text), Problem)


def test_a_picture_is_no_paper() -> None:
    with pytest.raises(Bug, match="Bars"):
        write_document(Content("a", (Bars("b", ()),)))
