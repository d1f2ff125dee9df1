"""The A4 paper: a tagged PDF with the words of the record, and where it goes."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devices.document_printer import CupsQueue, Folder, printer_at
from kiosk.a4.certificate import describe, make_pdf
from kiosk.domain.content import Bars, Content
from kiosk.domain.errors import Bug
from kiosk.domain.receipt import Place
from kiosk.domain.record import Contribution, PaymentMade
from kiosk.domain.services.certificate import KINDS, document
from kiosk.domain.session.states import DocumentPaper
from kiosk.schemes import load_texts
from tests.unit.domain.session.visits import person

if TYPE_CHECKING:
    from pathlib import Path

TEXTS, PLACE = load_texts("cz"), Place("Praha 2", "T0007", demonstration=True)
MARIE = person(
    birth_date="1951-04-12",
    payments=(PaymentMade("2026-11-15", "18947.00", "CZK", "4321"),),
    contributions=(Contribution(2026, "2026-01-01", "2026-12-31", "12345679", "#[*Pekárna] $x$", "worked", "300000.00"),),
)


def paper(kind: str, code: str = "12AB34CD56EF78GH") -> DocumentPaper:
    content = document({"kind": kind}, MARIE, "2026-11-22")
    return DocumentPaper(content, code, "2027-02-20", "https://certificates.example", "00071000004T")


def poppler(tool: str, *arguments: str) -> str:
    if shutil.which(tool) is None:
        pytest.fail(f"{tool} is missing: apt-get install poppler-utils")
    return subprocess.run([tool, *arguments], capture_output=True, check=True).stdout.decode("utf-8", "replace")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "cs", "ar"])
def test_every_paper_is_tagged_and_has_its_words(tmp_path: Path, kind: str, language: str) -> None:
    made = tmp_path / "paper.pdf"
    made.write_bytes(make_pdf(paper(kind), TEXTS, place=PLACE, languages=("cs", language)))
    facts = poppler("pdfinfo", str(made))
    assert "Tagged:          yes" in facts
    assert f"Pages:           {1 if language == 'cs' else 2}" in facts
    assert "(A4)" in facts
    words = poppler("pdftotext", "-layout", str(made), "-")
    for expected in ("Marie Novotná", "12AB-34CD-56EF-78GH", TEXTS.text("cs", f"certificate.{kind}.title")):
        assert expected in words
    structure = poppler("pdfinfo", "-struct", str(made))
    assert "H1" in structure
    assert "Table" in structure


def test_what_came_with_the_record_is_never_read_as_a_command(tmp_path: Path) -> None:
    made = tmp_path / "paper.pdf"
    made.write_bytes(make_pdf(paper("contribution_periods"), TEXTS, place=PLACE, languages=("en",)))
    assert "#[*Pekárna] $x$" in poppler("pdftotext", "-layout", str(made), "-")


def test_without_a_code_it_says_so(tmp_path: Path) -> None:
    made = tmp_path / "paper.pdf"
    made.write_bytes(make_pdf(paper("payments", code=""), TEXTS, place=PLACE, languages=("en",)))
    words = poppler("pdftotext", str(made), "-")
    assert "not yet verifiable" in words
    assert "0007-1000-004T" in words
    assert "certificates.example" not in words


def test_a_block_that_no_paper_has_is_a_bug() -> None:
    with pytest.raises(Bug, match="Bars"):
        describe(replace(paper("payments"), content=Content("x", (Bars("y", ()),))), TEXTS, place=PLACE, languages=("en",))


def test_a_folder_takes_papers_under_numbers(tmp_path: Path) -> None:
    printer = Folder(tmp_path / "documents")
    assert [printer.print_pdf(b"%PDF one"), printer.print_pdf(b"%PDF two")] == ["printed", "printed"]
    assert [(p.name, p.read_bytes(), p.stat().st_mode & 0o777) for p in sorted((tmp_path / "documents").iterdir())] == [
        ("001.pdf", b"%PDF one", 0o600), ("002.pdf", b"%PDF two", 0o600),
    ]  # fmt: skip
    (tmp_path / "file").write_text("")
    assert Folder(tmp_path / "file").print_pdf(b"x") == "failed"


def test_the_configuration_names_the_printer(tmp_path: Path) -> None:
    assert isinstance(printer_at("cups:office", tmp_path), CupsQueue)
    assert isinstance(printer_at("folder:/somewhere", tmp_path), Folder)
    assert isinstance(printer_at("workbench", tmp_path), Folder)
    assert printer_at("", tmp_path) is printer_at("usb:3", tmp_path) is None


def queue(folder: Path, lp: str, lpstat: str, monkeypatch: pytest.MonkeyPatch) -> CupsQueue:
    """A queue whose commands are scripts that behave as cupsd's do."""
    folder.mkdir()
    for name, script in (("lp", lp), ("lpstat", lpstat), ("cancel", f"echo $1 > {folder}/cancelled")):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return CupsQueue("office", wait_seconds=1.2)


def test_a_job_that_leaves_the_queue_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bin"
    taken = f"cat > {folder}/job; echo 'request id is office-7 (0 file(s))'"
    still = f"if [ -e {folder}/seen ]; then exit 0; fi; touch {folder}/seen; echo 'office-7 guichet 1024'"
    assert queue(folder, taken, still, monkeypatch).print_pdf(b"%PDF") == "printed"
    assert (folder / "job").read_bytes() == b"%PDF"


@pytest.mark.parametrize(
    ("lp", "lpstat", "outcome"),
    [
        ("cat >/dev/null; exit 1", "exit 0", "failed"),
        ("cat >/dev/null; echo nonsense", "exit 0", "failed"),
        ("cat >/dev/null; echo 'request id is office-7 (0)'", "exit 1", "unknown"),
        ("cat >/dev/null; echo 'request id is office-7 (0)'", "echo 'office-7 guichet 1024'", "unknown"),
    ],
)
def test_every_job_comes_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lp: str, lpstat: str, outcome: str) -> None:
    folder = tmp_path / "bin"
    assert queue(folder, lp, lpstat, monkeypatch).print_pdf(b"%PDF") == outcome
    assert (folder / "cancelled").exists() == lpstat.startswith("echo")


def test_a_machine_without_cups_prints_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert CupsQueue("office").print_pdf(b"%PDF") == "failed"
