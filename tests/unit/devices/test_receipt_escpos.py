from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from devices_receipts import GROUPED, STATEMENT, laid_out
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.escpos import PIECE_BYTES, code_page_for, code_pages, encode, encode_each
from devices.receipt_layout import Align, Code, Cut, Rule, Size, Space, Words
from devices.simulators import escpos_stream as esc
from devices.simulators.paper import CODE_PAGES, Paper
from kiosk.domain.errors import EnvironmentFault

WITHOUT_QR_CODES = "default"
ANY_SIZE = st.sampled_from(Size)


def commands(data: bytes) -> list[esc.Command]:
    found, rest = [], bytearray(data)
    while rest:
        step = esc.read_command(rest)
        assert step is not None, f"not a whole command: {bytes(rest[:20]).hex(' ')}"
        found.append(step[1])
        del rest[: step[0]]
    return found


def printed(data: bytes) -> str:
    paper, sheets = Paper(), []
    for command in commands(data):
        if isinstance(command, esc.Cut):
            sheets.append(paper.cut(command.feed).text)
        else:
            paper.obey(command)
    return "".join(sheets) + paper.text


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Receipt 12-34", "CP437"),
        ("Příliš žluťoučký kůň", "CP852"),
        ("kůň – 5 €", "CP1250"),
        ("Квитанція", "CP1251"),
        ("إيصال", None),
        ("收据", None),
        ("kůň и конь", None),
    ],
)
def test_the_first_code_page_that_has_all_letters(text: str, page: str | None) -> None:
    assert code_page_for(text) == page


def test_the_code_pages_are_those_of_the_printer_and_the_simulator_knows_their_numbers() -> None:
    assert {page.lower() for page in code_pages()} <= set(CODE_PAGES.values())
    assert code_pages(WITHOUT_QR_CODES) == ("CP437", "CP852", "CP858")


def test_an_unknown_printer_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(EnvironmentFault, match="TM-T20II"):
        encode([], "XYZ-1")


def test_the_library_leaves_nothing_behind(tmp_path: Path) -> None:
    """No folder a process, no logging set up, no variables; and it is quick to load."""
    code = (
        "import logging, os\n"
        "before = dict(os.environ)\n"
        "import devices.escpos\n"
        "assert dict(os.environ) == before\n"
        "assert not logging.root.handlers\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path), "ESCPOS_CAPABILITIES_FILE": "/nowhere"}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3], env=environment)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["en", "cs", "ar"])
def test_a_receipt_comes_in_pieces_of_whole_commands_smaller_than_any_buffer(language: str) -> None:
    pieces = list(encode_each(laid_out(language)))
    assert all(0 < len(piece) <= PIECE_BYTES for piece in pieces)
    for piece in pieces:
        commands(piece)
    assert b"".join(pieces) == encode(laid_out(language))


def test_each_job_forgets_the_state_of_the_one_before() -> None:
    assert isinstance(commands(encode([]))[0], esc.Initialise)


def test_what_the_printer_has_letters_for_is_text_and_the_rest_pictures() -> None:
    czech = printed(encode(laid_out("cs")))
    assert "První výplata na nový účet: 15. prosince 2026" in czech
    assert "[picture" not in czech
    arabic = printed(encode(laid_out("ar")))
    assert GROUPED in arabic
    assert arabic.count("[picture 576 x") > 10


def test_the_code_is_the_printers_own_and_says_the_statement() -> None:
    assert f"[QR {STATEMENT}]" in printed(encode([Code(STATEMENT)]))
    sizes = [c for c in commands(encode([Code(STATEMENT)])) if isinstance(c, esc.CodeSetting) and c.function == 67]
    assert sizes == [esc.CodeSetting(67, b"\x06")]


def test_a_printer_without_codes_gets_a_picture() -> None:
    found = commands(encode([Code("GR1:ABC")], WITHOUT_QR_CODES))
    pictures = [c for c in found if isinstance(c, esc.Picture)]
    assert not [c for c in found if isinstance(c, esc.PrintCode)]
    assert {p.image.width for p in pictures} == {576}
    assert any(p.image.getextrema() == (0, 255) for p in pictures)


def test_styles_reach_the_paper() -> None:
    found = commands(encode([Words("A", Size.LARGE, bold=True, align=Align.CENTRE, inverted=True)]))
    assert esc.LetterSize(2, 2) in found
    assert esc.Setting("bold", 1) in found
    assert esc.Setting("align", 1) in found
    assert esc.Setting("inverted", 1) in found
    band = next(c for c in found if isinstance(c, esc.Letters))
    assert len(band.data) == 24
    assert band.data.strip() == b"A"


def test_space_of_any_height_and_the_knife() -> None:
    found = commands(encode([Space(600), Rule(), Cut()]))
    assert sum(c.dots for c in found if isinstance(c, esc.FeedDots)) == 600
    assert [c for c in found if isinstance(c, esc.Cut)] == [esc.Cut(0)]


def test_centred_rows_are_even() -> None:
    rows = printed(
        encode([Words("one two three four five six seven eight nine tenten", align=Align.CENTRE)])
    ).splitlines()
    lengths = [len(row.strip()) for row in rows]
    assert len(rows) == 2
    assert abs(lengths[0] - lengths[1]) <= 6


LATIN = st.text(st.sampled_from("abcdefgh ěščřžýáíéúůťďňĚŠČŘŽ0123456789.,:-()"), min_size=1, max_size=200)


@given(text=LATIN, size=ANY_SIZE, bold=st.booleans(), centred=st.booleans())
@settings(max_examples=60, deadline=None)
def test_all_words_come_out_whatever_the_style(text: str, size: Size, *, bold: bool, centred: bool) -> None:
    line = Words(text, size, bold=bold, align=Align.CENTRE if centred else Align.START)
    assert printed(encode([line])).replace(" ", "").replace("\n", "") == text.replace(" ", "")


@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40), size=ANY_SIZE)
@settings(max_examples=40, deadline=None)
def test_nothing_is_replaced_by_a_question_mark(text: str, size: Size) -> None:
    assert printed(encode([Words(text, size)])).count("?") <= text.count("?")
