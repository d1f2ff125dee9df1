"""Texts: the same keys in every language, plain words, and nothing on paper that is a key."""

from __future__ import annotations

import ast
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import kiosk.domain
from kiosk.domain.bank_change import RefusalReason, State, explain
from kiosk.domain.errors import Bug, EnvironmentFault
from kiosk.domain.receipt import Stage
from kiosk.schemes import load_texts
from kiosk.schemes import texts as module
from kiosk.schemes.texts import Texts, check_agreement, placeholders
from tests.unit.domain.bank_change.cases import POLICY, every_state

TEXTS = load_texts("cz")
SAMPLES = {"": "x", "ltr": "x", "date": "2026-11-22", "time": "2026-11-22T10:00:00Z", "money": "14230.50", "number": "1.495"}
FORBIDDEN = {
    "en": ["invalid", "forbidden", "please", "sorry", "error", "illegal"],
    "cs": ["neplatn", "zakázán", "prosím", "promiňte", "omlouv", "chyba"],
    "ar": ["غير صالح", "ممنوع عليك", "من فضلك", "عذر", "آسف", "خطأ"],
}
LONGEST_SENTENCE = 26


def every_text(language):
    for key in sorted(TEXTS.keys()):
        template = TEXTS._catalogues[language][key]
        yield key, TEXTS.text(language, key, **{name: SAMPLES[form] for name, form in placeholders(template).items()})


@pytest.mark.parametrize("language", TEXTS.languages)
def test_every_text_is_written_out(language):
    for key, text in every_text(language):
        assert text.strip(), key
        assert not re.search(r"[{}]", text), key


@pytest.mark.parametrize("language", TEXTS.languages)
def test_plain_words_in_short_sentences(language):
    for key, text in every_text(language):
        assert not [word for word in FORBIDDEN[language] if word in text.lower()], key
        for sentence in re.split(r"[.!?:؟]\s|\n", text):
            assert len(sentence.split()) <= LONGEST_SENTENCE, (key, sentence)


def test_no_two_languages_say_a_sentence_alike():
    for key in sorted(TEXTS.keys()):
        written = {TEXTS._catalogues[language][key] for language in TEXTS.languages}
        only_a_value = all(re.fullmatch(r"\{[^{}]*\}", text) for text in written)
        assert len(written) == len(TEXTS.languages) or only_a_value, key


def test_every_problem_and_line_of_the_domain_has_a_text():
    keys = set()
    for file in Path(kiosk.domain.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Problem", "Line", "Explanation"}:
                keys |= {part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)}
    keys = {key for key in keys if isinstance(key, str) and re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", key)}
    assert len(keys) > 50
    assert not sorted(keys - TEXTS.keys())


def test_every_state_refusal_and_stage_has_a_text():
    for state, change in every_state().items():
        told = explain(change, POLICY)
        assert all(TEXTS.text(language, told.key, **told.parameters) for language in TEXTS.languages), state
    assert {f"decision.bank_change.refused.{reason.value}" for reason in RefusalReason} <= TEXTS.keys()
    assert {f"receipt.stage.{stage.value}" for stage in Stage} <= TEXTS.keys()
    assert len(every_state()) == len(State)


# --- asking for a text ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "key", "parameters"),
    [
        ("en", "no.such.key", {}),
        ("xx", "receipt.duplicate", {}),
        ("en", "receipt.duplicate", {"more": "1"}),
        ("en", "receipt.reference", {}),
        ("en", "receipt.first_payment", {"first_payment_on": "tomorrow"}),
        ("en", "amount.too_low", {"lowest": "much"}),
    ],
)
def test_what_does_not_fit_is_a_bug_here_and_nothing_when_it_came_from_outside(language, key, parameters):
    with pytest.raises(Bug):
        TEXTS.text(language, key, **parameters)
    assert TEXTS.text_from_outside(language, key, parameters) is None


def test_a_key_from_outside_that_fits():
    assert TEXTS.has("receipt.duplicate")
    assert not TEXTS.has("no.such.key")
    assert TEXTS.text_from_outside("cs", "receipt.duplicate", {}) == "DUPLIKÁT"


def test_days_times_and_amounts_are_the_readers():
    day = {"first_payment_on": "2026-12-15"}
    assert [TEXTS.text(language, "receipt.first_payment", **day).split(": ")[1] for language in TEXTS.languages] == [
        "15 December 2026", "15. prosince 2026", "15 ديسمبر 2026",
    ]  # fmt: skip
    moment = {"recorded_at": "2026-07-22T10:00:00Z"}
    assert TEXTS.text("cs", "receipt.recorded_at", **moment) == "22. července 2026, 12:00"
    assert "14\xa0230,50" in TEXTS.text("cs", "amount.too_low", lowest="14230.50")
    assert "14,230.50" in TEXTS.text("en", "amount.too_low", lowest="14230.50")


def test_numbers_keep_their_direction_in_arabic_only():
    number = {"reference": "0007-1000-004T"}
    assert "\u20660007-1000-004T\u2069" in TEXTS.text("ar", "receipt.reference", **number)
    assert "\u2066" not in TEXTS.text("cs", "receipt.reference", **number)


def test_a_language_without_a_special_locale_is_its_own():
    assert TEXTS.date("de", date(2026, 12, 15)) == "15. Dezember 2026"


# --- catalogues that do not fit ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("catalogues", "message"),
    [
        ({"cs": {"a": "x"}, "en": {}}, r"en\.toml has no text a"),
        ({"cs": {}, "en": {"a": "x"}}, r"cs\.toml has no text a"),
        ({"cs": {"a": "{b}"}, "en": {"a": "x"}}, r"en\.toml: a has other placeholders"),
        ({"cs": {"a": "{b:date}"}, "en": {"a": "{b}"}}, r"en\.toml: a has other placeholders"),
    ],
)
def test_languages_must_agree(catalogues, message):
    with pytest.raises(EnvironmentFault, match=message):
        check_agreement(catalogues, "cs", "texts")


def test_the_direction_of_a_line_is_each_languages_own_affair():
    check_agreement({"cs": {"a": "{b}"}, "ar": {"a": "{b:ltr}"}}, "cs", "texts")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('a = "{b"', "a cannot be read"),
        ('a = "{b:weekday}"', "weekday"),
        ("a = 1", "a is no text"),
        ("a = ]", "line 1, column 5"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, monkeypatch, content, message):
    for language in TEXTS.languages:
        (tmp_path / "texts").mkdir(exist_ok=True)
        (tmp_path / "texts" / f"{language}.toml").write_text(content, encoding="utf-8")
    monkeypatch.setattr(module, "pack_folder", lambda _code: tmp_path)
    with pytest.raises(EnvironmentFault, match=message) as caught:
        load_texts.__wrapped__("cz")
    assert "texts/en.toml" in caught.value.what


def test_a_missing_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "pack_folder", lambda _code: tmp_path)
    with pytest.raises(EnvironmentFault, match=r"texts/en\.toml is missing"):
        load_texts.__wrapped__("cz")


def test_tables_and_dotted_keys_are_the_same_and_a_table_can_have_a_text_of_its_own(tmp_path, monkeypatch):
    content = 'text = "top"\n[a]\ntext = "own"\nb.c = "deep"\n[a.d]\ntext = "{n:date}"\n'
    for language in TEXTS.languages:
        (tmp_path / "texts").mkdir(exist_ok=True)
        (tmp_path / "texts" / f"{language}.toml").write_text(content, encoding="utf-8")
    monkeypatch.setattr(module, "pack_folder", lambda _code: tmp_path)
    loaded = load_texts.__wrapped__("cz")
    assert isinstance(loaded, Texts)
    rule_sets = {key for key in sorted(TEXTS.keys()) if key.startswith("pension.")}  # every scheme's
    assert loaded.keys() - rule_sets == {"text", "a", "a.b.c", "a.d"}
    assert loaded.text("en", "a.d", n="2026-01-02") == "2 January 2026"


def test_equal_numbers_are_written_alike_and_no_decimal_is_lost():
    assert [TEXTS.number("en", Decimal(one)) for one in ("1.50", "1.5", "1.125", "1")] == ["1.5", "1.5", "1.125", "1"]
