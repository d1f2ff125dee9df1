"""What a service shows, as lines for the receipt printer: the same words as on the screen, one below the other.

- It is no receipt: no reference, no signature, and it says so.
- A picture prints as its sentence and its figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kiosk.domain.content import (
    Bars,
    Content,
    Doors,
    Facts,
    Notice,
    Paragraph,
    Reached,
    Said,
    Table,
    Timeline,
    Way,
    Words,
)
from kiosk.domain.receipt import Line, Place, Receipt, Stage, Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.domain.content import Block


def printed(content: Content, place: Place) -> Receipt:
    """Return the paper: where it was printed, what was shown, and that it proves nothing."""
    lines = [_line(content.title, Style.TITLE)]
    if place.demonstration:
        lines.append(Line("receipt.demonstration", style=Style.STRONG))
    lines.append(Line("receipt.office", {"office": place.office, "terminal": place.terminal}))
    if content.text:
        lines.append(_line(content.text))
    for block in content.blocks:
        lines += [Line("", style=Style.RULE), *_block(block)]
    lines += [Line("", style=Style.RULE), Line("paper.no_proof", style=Style.SMALL)]
    return Receipt(Stage.RECEIVED, "", tuple(lines))


def _line(words: Words, style: Style = Style.NORMAL) -> Line:
    if isinstance(words, Said):
        return Line(words.key, words.parameters, style)
    return Line("paper.words", {"words": words}, style)


def _block(block: Block) -> Iterator[Line]:  # noqa: C901 - one case a kind
    match block:
        case Paragraph(text):
            yield _line(text)
        case Notice(text):
            yield _line(text, Style.STRONG)
        case Facts(rows, title):
            yield from _titled(title)
            for row in rows:
                yield _line(row.label, Style.SMALL)
                yield _line(row.value, Style.STRONG)
        case Table(_, rows, title):
            yield from _titled(title)
            for line in rows:
                yield _line(line.cells[0], Style.STRONG)
                yield from (_line(cell) for cell in line.cells[1:])
                yield from _titled(line.remark, Style.SMALL)
        case Bars(summary, bars, title):
            yield from _titled(title)
            yield _line(summary)
            for bar in bars:
                yield _line(bar.label, Style.SMALL)
                yield _line(bar.value, Style.STRONG if bar.marked else Style.NORMAL)
        case Timeline(summary=summary, title=title):
            yield from _titled(title)
            yield _line(summary)
        case Way(title, steps, remark, when=when):
            yield _line(title, Style.STRONG)
            yield from _titled(when, Style.SMALL)
            yield from _titled(_standing(steps), Style.NORMAL)
            yield from _titled(remark, Style.SMALL)
        case Doors():
            return
        case _:
            assert_never(block)


def _standing(steps: tuple[tuple[Words, Reached], ...]) -> Words:
    """The step that a request has come to."""
    return next((text for text, reached in reversed(steps) if reached is not Reached.AHEAD), "")


def _titled(words: Words, style: Style = Style.STRONG) -> Iterator[Line]:
    if words:
        yield _line(words, style)
