"""One's own record: looked at, asked about, and what became of the question; payments; who holds and who looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.demo.stage import Expected, Stage

if TYPE_CHECKING:
    from kiosk.demo.person import Person


def show_record(stage: Stage) -> Expected:
    """The career at a glance, every question, and one year with its employers side by side."""
    person = stage.person
    person.identify("josef")
    person.open("record.show")
    person.hands.see("page-content")
    first = person.hands.see("page-title")["name"]
    person.hands.see("ask-0")
    person.photograph("record")
    person.reach("questions")
    person.photograph("questions")
    person.reach("back-to-years")
    person.reach("year-2020")
    person.photograph("one-year")
    person.reach("back-to-years")
    person.reach("decade-2010")
    person.photograph("ten-years")
    person.finish()
    return Expected(records=0, papers=0, checks={"it is the record": "record" in str(first)})


def ask_about_record(stage: Stage) -> Expected:
    """What looks odd leads to a query that is filled in; it lies at the desk, and the person finds it again."""
    person = stage.person
    papers = person.papers()
    person.identify("josef")
    person.open("record.show")
    person.hands.touch("ask-0")
    person.hands.see("page-question")
    person.photograph("question-filled-in")
    _confirm_all(person, 5)
    person.photograph("check")
    person.sign()
    person.receipt()
    person.paper(papers)
    person.photograph("receipt")
    person.finish()
    id_ = stage.wait_decided()
    held = stage.evidence.decision(id_)
    cases = stage.evidence.count("SELECT 1 FROM desk_case WHERE subject = ? AND reason = 'record_queries:query'", id_)
    stage.desk("show", id_)
    person.approach()
    _open_and_look(person, "josef", "requests.show", "requests-under-way")
    stage.desk("decide", id_, "--officer", "alena", "--accept", "--reason", "the employer sends a new report")
    person.approach()
    _open_and_look(person, "josef", "requests.show", "requests-noted")
    return Expected(
        decision="in_force", papers=1, checks={"an officer looked at it": held == "held", "it lay at the desk once": cases == 1}
    )


def show_payments(stage: Stage) -> Expected:
    """The next payment, and those that were made."""
    _open_and_look(stage.person, "marie", "payments.show", "payments")
    return Expected(records=0, papers=0)


def show_accesses(stage: Stage) -> Expected:
    """Who holds the record, and that it was opened for the query."""
    _open_and_look(stage.person, "josef", "access.show", "accesses")
    return Expected(records=0, papers=0)


def _open_and_look(person: Person, card: str, service: str, picture: str) -> None:
    person.identify(card)
    person.open(service)
    person.hands.see("page-content")
    person.photograph(picture)
    person.finish()


def _confirm_all(person: Person, pages: int) -> None:
    """Go on from each page as it is, to the check page."""
    for _ in range(pages):
        person.hands.see("page-question")
        person.hands.touch("continue")
    person.hands.see("page-check")


JOURNEYS = {
    "record-show": show_record,
    "record-query": ask_about_record,
    "payments-show": show_payments,
    "access-show": show_accesses,
}
