"""Applying for an old-age pension with years in another country; the papers are attached at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.demo.answering import answer, pick, sign_and_leave
from kiosk.demo.stage import Expected

if TYPE_CHECKING:
    from kiosk.demo.stage import Stage


def apply(stage: Stage) -> Expected:
    """The filing date and the papers are told; a scan is kept with the case."""
    person = stage.person
    papers = person.papers()
    person.identify("josef")
    person.open("benefit.apply")
    pick(person, "old_age", "benefit")
    answer(person, "1.1.2027", "since")
    pick(person, "yes", "abroad")
    pick(person, "DE", "country")
    answer(person, "rentenversicherung", "institution")
    answer(person, "", "number")
    answer(person, "1.1.2001", "from")
    answer(person, "31.12.2003", "to")
    pick(person, "no", "more")
    sign_and_leave(person, papers)
    id_ = stage.wait_decided()
    scan = stage.office.state / "scan.pdf"
    scan.write_bytes(b"%PDF-1.4\n% a scan of the demonstration\n")
    stage.desk("attach", id_, str(scan), "--officer", "alena")
    kept = stage.evidence.count("SELECT 1 FROM case_paper WHERE subject = ?", id_)
    return Expected(decision="held", papers=1, checks={"the scan is kept with the case": kept == 1})


JOURNEYS = {"benefit-apply": apply}
