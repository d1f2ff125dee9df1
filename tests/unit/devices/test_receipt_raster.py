from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from PIL import ImageChops

from devices import raster
from devices.arabic_forms import drawn_order, join
from devices.raster import PAPER_DOTS, Hand, draw, shaping_advice

if TYPE_CHECKING:
    from PIL import Image

ARABIC = "الضمان الاجتماعي"


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.invert(picture.convert("L")).getbbox()
    assert box is not None
    return box


def rows(text: str, hand: Hand) -> int:
    return round(draw(text, hand).height / draw("x", hand).height)


def test_black_dots_as_wide_as_the_paper() -> None:
    picture = draw(ARABIC, Hand(27, right_to_left=True))
    assert picture.mode == "1"
    assert picture.width == PAPER_DOTS


@pytest.mark.parametrize("shaping", [True, False])
def test_right_to_left_begins_at_the_right_edge(shaping: bool) -> None:
    left, _, right, _ = ink(draw(ARABIC, Hand(27, right_to_left=True), shaping=shaping))
    assert right > PAPER_DOTS - 6
    assert left > PAPER_DOTS // 3


def test_centred_words_have_as_much_paper_on_both_sides() -> None:
    left, _, right, _ = ink(draw(ARABIC, Hand(35, right_to_left=True, centred=True)))
    assert abs(left - (PAPER_DOTS - right)) < 8


def test_an_inverted_band_is_black_across_the_paper() -> None:
    picture = draw("DUPLICATE", Hand(46, bold=True, centred=True, inverted=True)).convert("L")
    assert {picture.getpixel(corner) for corner in [(0, 0), (575, 0), (0, picture.height - 1)]} == {0}
    assert picture.getextrema() == (0, 255)


def test_long_words_are_wrapped_and_nothing_leaves_the_paper() -> None:
    text = " ".join([ARABIC] * 8)
    picture = draw(text, Hand(35, bold=True, right_to_left=True))
    assert rows(text, Hand(35, bold=True, right_to_left=True)) >= 4
    assert ink(picture)[0] >= 0


def test_centred_rows_are_evened_without_a_further_row() -> None:
    text = "one two three four five six seven eight nine ten eleven x"
    hand = Hand(27, centred=True)
    assert rows(text, hand) == rows(text, Hand(27)) == 2
    picture = draw(text, hand)
    first = ink(picture.crop((0, 0, PAPER_DOTS, picture.height // 2)))
    second = ink(picture.crop((0, picture.height // 2, PAPER_DOTS, picture.height)))
    assert abs((first[2] - first[0]) - (second[2] - second[0])) < 120


def test_one_font_has_latin_and_arabic_letters() -> None:
    font = raster._font(27, False, False)
    missing = font.getmask("\U0010ffff").getbbox()
    for character in "AbčřžŠ09ЖїΩاب٪":
        assert font.getmask(character).getbbox() != missing, character


def test_arabic_letters_take_the_form_that_their_neighbours_ask_for() -> None:
    names = [unicodedata.name(c).removeprefix("ARABIC LETTER ") for c in join("بببا")]
    assert names == ["BEH INITIAL FORM", "BEH MEDIAL FORM", "BEH MEDIAL FORM", "ALEF FINAL FORM"]
    assert unicodedata.name(join("لا")) == "ARABIC LIGATURE LAM WITH ALEF ISOLATED FORM"
    assert unicodedata.name(join("بلا")[1]) == "ARABIC LIGATURE LAM WITH ALEF FINAL FORM"
    assert [unicodedata.name(c).rsplit(" ", 2)[1] for c in join("دار")] == ["ISOLATED", "ISOLATED", "ISOLATED"]
    assert join("طلبًا") == join("طلبا")


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("أ 12 ب", "ب 12 أ"),
        ("أ: \u20660007-1ABC-DEF2\u2069", "0007-1ABC-DEF2 :أ"),
        ("(أ)", "(أ)"),
        ("أ T0007، ب", "ب ،T0007 أ"),
        ("22 أ 2026, 14:05", "14:05 ,2026 أ 22"),
        ("\u2066Okresní správa, Brno\u2069 أ", "أ Okresní správa, Brno"),
    ],
)
def test_a_line_is_turned_but_numbers_and_names_are_not(text: str, drawn: str) -> None:
    assert unicodedata.normalize("NFKC", drawn_order(text)) == drawn


def test_without_the_shaping_library_a_technician_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "shapes_arabic", lambda: False)
    assert "libfribidi0" in str(shaping_advice())
    assert (
        draw(ARABIC, Hand(27, right_to_left=True)).tobytes()
        == draw(ARABIC, Hand(27, right_to_left=True), shaping=False).tobytes()
    )
    monkeypatch.setattr(raster, "shapes_arabic", lambda: True)
    assert shaping_advice() is None


def test_with_and_without_the_library_the_words_look_alike() -> None:
    hand = Hand(46, right_to_left=True)
    with_it, without = (draw(ARABIC, hand, shaping=shaping) for shaping in (True, False))
    assert abs(ink(with_it)[0] - ink(without)[0]) < 12
