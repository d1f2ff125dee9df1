"""Proof of life: alone it is a visit; with an officer's card in the second reader the due day moves, as the record shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.demo.stage import Expected, Stage

if TYPE_CHECKING:
    from kiosk.demo.person import Person

SERVICE = "proof_of_life.give"


def staff_join(stage: Stage) -> None:
    """Put the staff card into the second reader, and type its PIN at that reader's pad."""
    person = stage.person
    before = stage.log_size()
    person.bench.do("insert", "staff", slot="staff")
    person.bench.do("wait", "pad", slot="staff", timeout=30)
    person.bench.do("press", "123456", "enter", slot="staff")
    person.until(lambda: joined(stage, before), "the officer to take part", 20)


def joined(stage: Stage, after: int) -> bool:
    """Whether the terminal's log says that somebody took part since."""
    with stage.office.processes.log("supervisor").open("rb") as log:
        log.seek(after)
        return b"staff_joined" in log.read()


def staff_leave(person: Person) -> None:
    """Take the staff card away."""
    person.bench.do("pull", slot="staff")


def due(stage: Stage, name: str) -> str:
    """By which day somebody is to show to be alive."""
    return stage.evidence.proof_of_life_due(stage.card_number(name))


def _given(stage: Stage, *, attended: bool) -> tuple[str, str, str]:
    """Give a proof with Marie's card; the due day before and after, and the paper."""
    person, before, papers = stage.person, due(stage, "marie"), stage.person.papers()
    person.identify("marie")
    if attended:
        staff_join(stage)
        person.photograph("staff-joined")
    person.open(SERVICE)
    person.hands.see("page-check")
    person.photograph("check")
    person.sign()
    person.receipt()
    paper = person.paper(papers)
    person.photograph("receipt")
    if attended:
        staff_leave(person)
    person.finish()
    stage.wait_decided()
    return before, due(stage, "marie"), paper


def alone(stage: Stage) -> Expected:
    """Nobody attends: the visit is noted, the day stays."""
    before, after, _ = _given(stage, attended=False)
    return Expected(decision="in_force", papers=1, checks={"the due day stays": before == after != ""})


def attended(stage: Stage) -> Expected:
    """An officer takes part: the day moves on, and the paper says that staff took part."""
    before, after, paper = _given(stage, attended=True)
    return Expected(
        decision="in_force",
        papers=1,
        checks={"the due day has moved": after > before, "the paper names staff": "member of staff" in paper},
    )


JOURNEYS = {"proof-of-life-alone": alone, "proof-of-life": attended}
