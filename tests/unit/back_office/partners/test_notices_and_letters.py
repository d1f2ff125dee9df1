"""The words of the notices, and letters that carry them in every script."""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from back_office.partners.letters import Letter, typeset
from back_office.partners.notice_texts import KINDS, ChangeNotice, NoticeKind, compose, right_to_left
from kiosk.domain.errors import Bug

if TYPE_CHECKING:
    from pathlib import Path

NOTICE = ChangeNotice(
    kind="change_received",
    language="cs",
    recipient="Ludmila Žižková",
    reference="000710000001G"[:12],
    office_name="Praha 1",
    received_on="2027-03-01",
    new_iban="CZ6508000000192000145399",
    cancellation_code="K7Q2-M9XD",
    first_payment_date="2027-03-15",
    reason="The paper was not genuine.",
)
LANGUAGES = ("cs", "en", "ar")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_notice_can_be_written(kind: NoticeKind, language: str) -> None:
    words = compose(replace(NOTICE, kind=kind, language=language))
    everything = f"{words.subject}\n{words.text}\n{words.short}"
    assert "{" not in everything
    assert "CZ65" not in everything
    assert "0007-1000-0001" in words.text
    assert "0007-1000-0001" in words.short
    assert "Ludmila Žižková" in words.text
    assert "Žižková" not in words.short
    assert len(words.short) <= 4 * 67  # four parts of a text message in UCS-2 (3GPP TS 23.038)
    assert "\n" not in words.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_first_notice_has_the_code_and_says_so(language: str) -> None:
    for kind in KINDS:
        words = compose(replace(NOTICE, kind=kind, language=language))
        carries = kind == "change_received"
        assert ("K7Q2-M9XD" in words.text) is carries
        assert ("K7Q2-M9XD" in words.short) is carries


def test_a_first_notice_without_a_code_is_our_bug() -> None:
    with pytest.raises(Bug):
        compose(replace(NOTICE, cancellation_code=""))


def test_an_officer_s_reason_is_told_and_its_absence_leaves_no_gap() -> None:
    refused = replace(NOTICE, kind="change_refused", language="en")
    assert "The paper was not genuine." in compose(refused).text
    assert "\n\n\n" not in compose(replace(refused, reason="")).text


@pytest.mark.parametrize("language", ["de", "zh-CN", "", "x-klingon"])
def test_a_language_without_texts_gets_the_official_one_and_english(language: str) -> None:
    words = compose(replace(NOTICE, language=language))
    czech, english = (compose(replace(NOTICE, language=known)) for known in ("cs", "en"))
    assert czech.text in words.text
    assert english.text in words.text
    assert words.short == czech.short


def test_a_regional_language_is_its_language() -> None:
    assert compose(replace(NOTICE, language="cs-CZ")) == compose(NOTICE)
    assert compose(replace(NOTICE, language="ar_EG")) == compose(replace(NOTICE, language="ar"))
    assert right_to_left("ar-EG")
    assert not right_to_left("cs")


def letter(language: str, text: str, subject: str = "Notice") -> Letter:
    return Letter("k", ("Ludmila Žižková", "Příčná 1", "110 00 Praha 1"), language, subject, text, "Office")


def read_back(pdf: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.fail("pdftotext is missing: apt-get install poppler-utils")
    path = tmp_path / "letter.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, timeout=30)
    return unicodedata.normalize("NFKC", done.stdout.decode())


AT = datetime(2027, 3, 1, tzinfo=UTC)


def test_a_czech_letter_reads_as_it_was_written(tmp_path: Path) -> None:
    words = compose(NOTICE)
    text = read_back(typeset(letter("cs", words.text, words.subject), AT), tmp_path)
    for line in ("Ludmila Žižková", "Příčná 1", "110 00 Praha 1", "K7Q2-M9XD", "1. března 2027", words.subject):
        assert line in text
    assert "DEMONSTRATION" in text
    for word in words.text.split():
        assert word in text


def test_an_arabic_letter_is_shaped_and_keeps_its_codes_in_order(tmp_path: Path) -> None:
    words = compose(replace(NOTICE, language="ar"))
    text = read_back(typeset(letter("ar", words.text, words.subject), AT), tmp_path)
    assert "K7Q2-M9XD" in text
    assert "0007-1000-0001" in text
    assert "110 00 Praha 1" in text
    assert "�" not in text
    assert sum(1 for character in text if "\u0600" <= character <= "\u06ff") > 100


def test_a_long_letter_goes_over_pages_and_odd_characters_do_not_stop_it(tmp_path: Path) -> None:
    text = "line\x00 with\x07 a 𝕏 and 漢字\n" * 120
    pdf = typeset(letter("cs", text, "s" * 300), AT)
    assert read_back(pdf, tmp_path).count("line with") == 120
