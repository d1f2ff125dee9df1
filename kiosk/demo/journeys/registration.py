"""A newly insured person is registered with a member of staff; a second officer confirms at the desk."""

from __future__ import annotations

from kiosk.demo.journeys.proof_of_life import staff_join, staff_leave
from kiosk.demo.stage import Expected, Stage

SERVICE = "person.register"


def register(stage: Stage) -> Expected:
    """Papers, names, day of birth; a provisional number at once; confirmed by another officer."""
    person, papers = stage.person, stage.person.papers()
    person.hands.touch("start")
    person.hands.touch("language-en")
    staff_join(stage)
    person.hands.touch("without-card")
    person.hands.see("page-menu")
    person.open(SERVICE)
    person.photograph("evidence")
    person.choose("passport")
    person.choose("employment")
    for text in ("olena", "kovalenko", ""):
        person.hands.see("page-question")
        person.type(text)
        person.hands.touch("continue")
    person.type("30.7.1994")
    person.photograph("birth-date")
    person.hands.touch("continue")
    person.hands.touch("continue")  # no birth number
    person.hands.see("page-check")
    person.photograph("check")
    person.hands.touch("sign")
    said = person.receipt()
    paper = person.paper(papers)
    person.photograph("receipt")
    staff_leave(person)
    person.hands.touch("end-session")
    person.gone()
    reference = said["reference"].strip("\u2066\u2069").replace("-", "")
    person.until(lambda: stage.evidence.provisional(f"P{reference}") is not None, "the registration", 30)
    before = stage.evidence.provisional(f"P{reference}")
    stage.desk("decide", reference, "--officer", "bohdan", "--reason", "papers seen", "--accept")
    return Expected(
        records=0,
        papers=1,
        checks={
            "the paper gives the number": f"P{reference}" in paper,
            "provisional first": before is True,
            "confirmed by a second officer": stage.evidence.provisional(f"P{reference}") is False,
        },
    )


JOURNEYS = {"registration": register}
