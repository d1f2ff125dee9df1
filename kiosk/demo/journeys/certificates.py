"""A certificate: issued and printed on A4 with its code, which the public page verifies; and one without a line."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from kiosk.demo.stage import Expected, Stage

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = "certificate.issue"
_CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}\b")


def _documents(stage: Stage) -> list[Path]:
    return sorted((stage.office.state / "workbench" / "documents").glob("*.pdf"))


def _words(paper: Path) -> str:
    """What stands on an A4 paper, by poppler."""
    command = ("pdftotext", "-layout", str(paper), "-")
    return subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8")  # noqa: S603 - our own paper


def _issue(stage: Stage, kind: str) -> Path:
    person, papers, before = stage.person, stage.person.papers(), len(_documents(stage))
    person.open(SERVICE)
    person.hands.see("page-question")
    person.photograph("question")
    person.choose(kind)
    person.hands.see("page-check")
    person.photograph("check")
    person.sign()
    person.receipt()
    person.paper(papers)
    person.until(lambda: len(_documents(stage)) > before, "the A4 paper", 30)
    person.photograph("receipt")
    return _documents(stage)[-1]


def issue(stage: Stage) -> Expected:
    """Online: the paper carries a code, and the public page shows what the paper shows."""
    stage.person.identify("marie")
    paper = _issue(stage, "payments")
    stage.person.finish()
    words = _words(paper)
    code = _CODE.search(words)
    page = stage.office.certificate_page(code[0]) if code else ""
    return Expected(
        decision="in_force",
        papers=1,
        checks={
            "the paper carries a code": code is not None,
            "the page shows the paper": "Marie Novotná" in page and 'id="paper"' in page,
            "a wrong code shows nothing": 'id="paper"' not in stage.office.certificate_page("0000-0000-0000-0000"),
        },
    )


def offline(stage: Stage) -> Expected:
    """Without a line: from the record that is here, not yet verifiable, without a code."""
    person = stage.person
    person.until(lambda: stage.cache().get("status") == "ok", "the cache", 60)
    person.bench.do("network", "off")
    person.insert("marie")
    person.hands.see("page-pin")
    person.type_pin()
    person.hands.see("page-menu")
    words = _words(_issue(stage, "contribution_periods"))
    person.finish()
    person.bench.do("network", "on")
    stage.wait_decided()
    return Expected(
        decision="in_force",
        papers=1,
        checks={"no code": _CODE.search(words) is None, "it says so": "nelze ověřit" in words},
    )


def later(stage: Stage) -> Expected:
    """Asked for without a line; in the next visit "My requests" prints the paper that was issued meanwhile, with its code."""
    offline(stage)
    person, papers, before = stage.person, stage.person.papers(), len(_documents(stage))
    holder = str(stage.facts["persons"]["marie"]["number"])
    open_ones = stage.evidence.count("SELECT 1 FROM request WHERE person = ? AND decision <> 'in_force'", holder)
    person.approach()
    person.identify("marie")
    person.open("requests.show")
    person.hands.see("page-content")
    person.reach(f"print-{open_ones}")  # what is done stands below what is open, the newest first
    person.hands.see("page-check")
    person.photograph("later-check")
    person.sign()
    person.receipt()
    person.paper(papers)
    person.until(lambda: len(_documents(stage)) > before, "the A4 paper", 30)
    person.photograph("later-receipt")
    person.finish()
    words = _words(_documents(stage)[-1])
    code = _CODE.search(words)
    page = stage.office.certificate_page(code[0]) if code else ""
    return Expected(
        records=2,
        decision="in_force",
        papers=2,
        checks={
            "the paper carries a code now": code is not None and "nelze ověřit" not in words,
            "the page shows the paper": "Marie Novotná" in page and 'id="paper"' in page,
        },
    )


JOURNEYS = {"certificate": issue, "certificate-offline": offline, "certificate-later": later}
