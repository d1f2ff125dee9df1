"""A card whose PIN came in a letter: printed by one officer, handed over by another, replaced at first use; and one that is too old.

The person reads the six digits off the paper that the print shop got, as anybody would.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

from kiosk.demo.journeys.pin import NEW, as_before
from kiosk.demo.journeys.proof_of_life import staff_join, staff_leave
from kiosk.demo.person import PIN, WRONG_PIN
from kiosk.demo.stage import Expected, Stage
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

_DIGITS = re.compile(r"^\s*(\d{3})\s?(\d{3})\s*$", re.MULTILINE)


def activate(stage: Stage) -> Expected:
    """Another card does not take the digits; the right one does, and asks for a PIN of its holder's own before the menu."""
    person, card = stage.person, stage.card_number("tomas")
    stage.desk("pin-letter", "print", card, "--officer", "alena")
    digits = read_digits(stage.office.state, "pin-letter")
    alone = _refused(stage, card, "alena")
    stage.desk("pin-letter", "hand-over", card, "--officer", "bohdan", "--document", "identity card")
    person.insert("marie")
    person.hands.see("page-pin")
    person.type_pin(digits)
    person.bench.do("wait", "pad", timeout=30)
    person.photograph("wrong-card")
    person.type_pin(PIN)
    person.hands.see("page-menu")
    person.finish()
    person.approach()
    person.insert("tomas")
    person.hands.see("page-pin")
    person.type_pin(WRONG_PIN)
    person.bench.do("wait", "pad", timeout=30)
    person.photograph("wrong-digits")
    person.type_pin(digits)
    person.hands.see("page-check")
    person.photograph("own-pin")
    person.hands.touch("sign")
    person.hands.see("page-new-pin")
    person.photograph("pad")
    person.type_new_pin(digits, "111111", "111111")
    person.type_new_pin(digits, NEW, NEW)
    person.hands.see("page-menu", 20)
    person.photograph("menu")
    person.finish()
    ended = "SELECT 1 FROM pin_letter WHERE card = ? AND ended_at IS NOT NULL AND sealed IS NULL"
    person.until(lambda: stage.evidence.count(ended, card) == 1, "the back office to know", 30)
    person.approach()
    person.insert("tomas")
    person.hands.see("page-pin")
    person.type_pin(NEW)
    person.hands.see("page-menu")
    person.finish()
    return Expected(records=0, papers=0, checks={"who printed it cannot hand it over": alone})


def too_old(stage: Stage) -> Expected:
    """A letter from elsewhere whose days are over opens nothing; with an officer the holder has a PIN of his own at once."""
    person, card = stage.person, stage.card_number("josef")
    sent = (SystemClock().now() - timedelta(days=40)).date().isoformat()
    stage.office.processes.run("back-office", "pin-letter", card, "--sent", sent, "--state", str(stage.office.state))
    person.insert("josef")
    person.hands.see("page-pin")
    person.type_pin()
    person.hands.see("page-pin-is-blocked")
    person.photograph("too-old")
    staff_join(stage)
    person.hands.see("continue")
    person.hands.touch("continue")
    person.type_new_pin(NEW, NEW)
    person.type_pin(NEW)
    person.hands.see("page-menu")
    person.photograph("menu")
    staff_leave(person)
    person.finish()
    as_before(stage, "josef")
    ended = "SELECT 1 FROM pin_letter WHERE card = ? AND ended_at IS NOT NULL"
    person.until(lambda: stage.evidence.count(ended, card) == 1, "the back office to know", 30)
    return Expected(records=0, papers=0)


def read_digits(state: Path, kind: str) -> str:
    """Read the digits off the newest letter of a kind, by the names of its files."""
    tool = shutil.which("pdftotext")
    if tool is None:
        raise EnvironmentFault("pdftotext is missing: nobody can read the letter.", "apt-get install poppler-utils")
    paper = max((state / "print-shop" / "pin-letters").glob(f"{kind}-*.pdf"), key=lambda one: one.stat().st_mtime_ns)
    done = subprocess.run([tool, "-layout", str(paper), "-"], check=True, capture_output=True, text=True, timeout=20)  # noqa: S603
    told = done.stdout
    found = _DIGITS.search(told)
    if found is None:
        raise EnvironmentFault(f"{paper.name} has no digits.", "Look at the letter.")
    return "".join(found.groups())


def _refused(stage: Stage, card: str, officer: str) -> bool:
    """Whether the desk says no to this officer."""
    try:
        stage.desk("pin-letter", "hand-over", card, "--officer", officer, "--document", "identity card")
    except EnvironmentFault:
        return True
    return False


JOURNEYS = {"pin-letter-activate": activate, "pin-letter-too-old": too_old}
