from __future__ import annotations

from dataclasses import replace

import pytest
from devices_receipts import GROUPED, IN_FORCE, STATEMENT, laid_out, receipt

from devices.receipt_layout import Align, Code, Cut, Rule, Size, Words, lay_out
from kiosk.domain.errors import Bug
from kiosk.domain.receipt import Line, Receipt, Stage
from kiosk.domain.session.effects import Part
from kiosk.schemes import load_texts

TEXTS = load_texts("cz")
LANGUAGES = TEXTS.languages


def words(lines: list) -> list[Words]:
    return [line for line in lines if isinstance(line, Words)]


def said(lines: list) -> list[str]:
    return [line.text for line in words(lines)]


def test_a_whole_receipt_says_in_this_order_what_was_received_and_decided() -> None:
    assert said(laid_out("en")) == [
        "Social security: receipt",
        "DEMONSTRATION: no real request",
        "Okresní správa sociálního zabezpečení Brno, terminal T0007",
        "22 November 2026, 14:05",
        "Change the account my pension is paid to",
        "New account ends in 5399",
        "RECEIVED",
        "not yet decided",
        "Reference",
        GROUPED,
        "Proof of receipt: any of our terminals can read it.",
        "IN FORCE",
        "The new account is in force since 22 November 2026.",
        "First payment to the new account: 15 December 2026",
        "We write to all your contacts about it.",
        "Questions? Show this receipt at any terminal or at the desk.",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reference_stands_alone_large_and_left_to_right(language: str) -> None:
    alone = [line for line in words(laid_out(language)) if GROUPED in line.text]
    assert alone == [Words(GROUPED, Size.LARGE, bold=True, align=Align.CENTRE)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_statement_is_a_code_and_the_paper_is_cut_last(language: str) -> None:
    lines = laid_out(language)
    assert [line for line in lines if isinstance(line, Code)] == [Code(STATEMENT)]
    assert lines[-1] == Cut()
    assert lines.count(Cut()) == 1


def test_the_first_part_is_not_cut_and_the_second_begins_with_a_rule() -> None:
    first, second = laid_out("en", Part.RECEIVED), laid_out("en", Part.DECIDED)
    assert Cut() not in first
    assert Code(STATEMENT) in first
    assert Code(STATEMENT) not in second
    assert "IN FORCE" not in said(first)
    assert next(line for line in second if isinstance(line, Rule | Words)) == Rule()
    assert second[-1] == Cut()
    assert said(first) + said(second) == said(laid_out("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_of_a_stage_is_large_and_what_qualifies_it_is_below(language: str) -> None:
    stage = Receipt(Stage.RECEIVED, "0", (Line("receipt.stage.received"), Line("receipt.stage.in_force")))
    lines = words(lay_out(stage, TEXTS, language))
    assert [line.size for line in lines] == [Size.LARGE, Size.TALL, Size.LARGE]
    assert all(line.bold and line.align is Align.CENTRE for line in lines)


def test_duplicate_and_demonstration_are_bands_that_cannot_be_overlooked() -> None:
    lines = words(lay_out(receipt(duplicate=True, helpers=("staff",)), TEXTS, "en"))
    bands = {line.text: line for line in lines if line.inverted}
    assert set(bands) == {"DEMONSTRATION: no real request", "DUPLICATE"}
    assert bands["DUPLICATE"].size is Size.LARGE
    assert "A member of staff helped with typing." in [line.text for line in lines]


def test_arabic_runs_from_right_to_left_but_for_the_reference() -> None:
    lines = words(laid_out("ar"))
    assert [line.text for line in lines if not line.right_to_left] == [GROUPED]
    assert len(lines) == len(words(laid_out("en")))
    assert not any("," in line.text for line in lines if line.size is Size.LARGE)


def test_nothing_but_four_digits_of_the_account() -> None:
    for language in LANGUAGES:
        everything = " ".join(said(laid_out(language)))
        assert "5399" in everything
        assert "45399" not in everything.replace(" ", "")


def test_a_reason_that_this_terminal_does_not_know_is_left_out() -> None:
    unknown = replace(IN_FORCE, reason_key="decision.of.next.year")
    lines = said(lay_out(receipt(verdict=unknown), TEXTS, "en"))
    assert "IN FORCE" in lines
    assert len(lines) == len(said(laid_out("en"))) - 1
    wrong = replace(IN_FORCE, reason_parameters={"effective_on": "soon"})
    assert len(said(lay_out(receipt(verdict=wrong), TEXTS, "en"))) == len(lines)


def test_an_unknown_key_of_our_own_is_a_bug() -> None:
    with pytest.raises(Bug):
        lay_out(Receipt(Stage.RECEIVED, "0", (Line("receipt.nonsense"),)), TEXTS, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_large_print_is_drawn_and_a_size_up(language: str) -> None:
    normal, large = words(laid_out(language)), words(laid_out(language, large=True))
    assert [line.text for line in normal] == [line.text for line in large]
    assert Size.NORMAL not in {line.size for line in large}
    assert all(line.drawn or line.size is Size.LARGE for line in large)
