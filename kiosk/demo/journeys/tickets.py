"""A person half-way through a change of address asks for the desk: a number on paper, and the draft waits sealed."""

from __future__ import annotations

from kiosk.demo.stage import Expected, Stage
from kiosk.domain.services.ticket import number_of


def draw(stage: Stage) -> Expected:
    """From a question page, by the control that is on every page; then back to what was typed."""
    person = stage.person
    papers = person.papers()
    person.identify("ludmila")
    person.open("address.change")
    person.hands.see("page-question")
    person.photograph("half-way")
    person.hands.touch("control-desk")
    person.hands.see("choice-money")
    person.photograph("about")
    person.choose("money")
    person.hands.see("page-check")
    person.photograph("check")
    person.hands.touch("sign")
    person.hands.see("page-noted", 20)
    slip = person.paper(papers)
    person.photograph("number")
    person.hands.touch("continue")
    person.hands.see("page-question")
    person.finish()
    id_ = str(stage.office.journal("ticket")[-1]["id"])
    person.until(lambda: stage.evidence.count("SELECT 1 FROM ticket WHERE id = ?", id_) == 1, "the ticket at the desk", 30)
    number = number_of(str(stage.office.journal("ticket")[-1]["reference"]))
    listed = stage.desk("tickets")
    return Expected(
        records=0,
        papers=1,
        checks={
            "the slip bears the number of the list": number in slip and number in listed,
            "no request comes of it": stage.evidence.count("SELECT 1 FROM request WHERE id = ?", id_) == 0,
        },
    )


JOURNEYS = {"ticket-draw": draw}
