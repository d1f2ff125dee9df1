"""A worker orders a European health insurance card, and finds the order among the own requests."""

from __future__ import annotations

from kiosk.demo.stage import Expected, Stage


def order(stage: Stage) -> Expected:
    """The health insurance's own service, on the same terminal."""
    person = stage.person
    papers = person.papers()
    person.identify("josef")
    person.photograph("menu")
    person.open("health_card.order")
    person.hands.see("page-question")
    person.photograph("question")
    person.choose("expired")
    person.hands.see("page-check")
    person.photograph("check")
    person.sign()
    said = person.receipt()
    person.paper(papers)
    person.photograph("receipt")
    person.finish()
    id_ = stage.wait_decided()
    orders = stage.evidence.count("SELECT 1 FROM ordered WHERE request = ?", id_)
    return Expected(
        decision="in_force", papers=1, checks={"it was ordered": orders == 1, "there is a reference": bool(said["reference"])}
    )


JOURNEYS = {"health-card-order": order}
