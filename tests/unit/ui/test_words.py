"""The catalogues: all the same keys, plain words, short sentences, nothing that blames."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ui import words as module
from ui.words import screen_catalogues, words

LANGUAGES = ("ar", "cs", "en")
BLAMING = {
    "en": r"\b(invalid|forbidden|illegal|please|sorry|oops|unfortunately|correct the error)\b",
    "cs": r"\b(neplatn\w+|zakázán\w+|prosím\w*|bohužel|lituj\w+|omlouvá\w+|je nám líto)\b",
    "ar": r"(غير صالح|غير صحيح|ممنوع عليك|من فضلك|يرجى|الرجاء|عذرًا|للأسف|نأسف|نعتذر)",
}
LONGEST_SENTENCE = {"en": 20, "cs": 20, "ar": 20}
"""Words."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_that_blames_or_begs(language: str) -> None:
    wrong = {
        key: text
        for key, text in screen_catalogues()[language].items()
        if re.search(BLAMING[language], text, re.IGNORECASE)
    }
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: str) -> None:
    long = {
        key: sentence
        for key, text in screen_catalogues()[language].items()
        for sentence in re.split(r"(?<=[.?!؟:])\s+", text)
        if len(sentence.split()) > LONGEST_SENTENCE[language]
    }
    assert long == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    """Nothing is left in English by mistake."""
    if language == "en":
        return
    english, other = screen_catalogues()["en"], screen_catalogues()[language]
    same = {key for key in english if english[key] == other[key] and re.search(r"[a-z]{4}", english[key].split("{")[0])}
    assert same == set()


def test_every_key_is_used_by_a_page() -> None:
    """A text that nobody shows is translated in vain."""
    folder = Path(module.__file__).parent
    source = "".join(file.read_text("utf-8") for file in [*folder.glob("*.py"), *folder.glob("pages/*.py")])
    patterns = [
        re.sub(r"\\\{[^}]*\\\}", r"[a-z_A-Z]+", re.escape(found))
        for found in re.findall(r'["\x27]([a-z_{}.A-Z()]+)["\x27]', source)
    ]
    patterns += [re.escape(key) for key in re.findall(r"say\.say\([\x22\x27]([a-z_.]+)", source)]
    said = re.compile("|".join(f"(?:{p})" for p in patterns))
    groups = ("help.", "card_refused.", "pin_paused.", "nothing.", "code_answer.", "out_of_service.", "receipt.", "taking.",
              "progress.", "menu.", "keyboard.", "hello", "language_name")  # fmt: skip
    unused = [key for key in screen_catalogues()["en"] if not said.fullmatch(key) and not key.startswith(groups)]
    assert unused == []


def test_the_pseudo_locale_lengthens_and_keeps_the_placeholders() -> None:
    text = words("xx").say("chrome.step", step="1", count="3")
    assert text.startswith("[")
    assert "1" in text
    assert "3" in text
    assert len(text) > len(words("en").say("chrome.step", step="1", count="3")) * 1.2
