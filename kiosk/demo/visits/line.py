"""The visits without a line: with a record that is on the terminal, and without one."""

from __future__ import annotations

from kiosk.demo.answering import begin_without_line, facts
from kiosk.demo.stage import Expected, Stage


def line_cut(stage: Stage) -> Expected:
    """2: without a line the record of this terminal opens, the change is received and pending; with it decided, once."""
    person = stage.person
    papers, notices = person.papers(), len(stage.evidence.notices())
    person.until(lambda: stage.cache().get("status") == "ok", "the cache", 60)
    openings = len(stage.office.journal("access"))
    begin_without_line(person, "marie")
    said_of_record = facts(person)
    person.photograph("menu-cached")
    person.hands.touch("who-holds")
    person.hands.see("page-content")
    person.photograph("who-holds")
    held = person.hands.see("cell-1-0-0")["name"]
    person.hands.touch("back")
    person.hands.see("page-menu")
    person.enter_account(stage.account("marie_third"))
    person.sign()
    said = person.receipt()
    text = person.paper(papers)
    person.finish()
    before = stage.evidence.received_transaction(str(stage.last_record()["id"]))
    person.bench.do("network", "on")
    id_ = stage.wait_decided()
    person.until(lambda: len(stage.evidence.notices()) > notices, "the notice")
    return Expected(
        decision="in_force", verification="match", bank_notified=True, papers=1,
        checks={
            "the record came from this terminal": any("Kept on this terminal" in fact for fact in said_of_record),
            "it says as of when": any("as of" in fact for fact in said_of_record),
            "its opening was recorded first": len(stage.office.journal("access")) == openings + 1,
            "who holds it is told": bool(held),
            "not delivered while the line was cut": before == 0,
            "delivered once": stage.evidence.received_transaction(id_) == 1,
            "the receipt never said accepted": "IN FORCE" not in text,
            "the screen said received": "received" in said["title"].lower(),
        },
    )  # fmt: skip


def not_cached(stage: Stage) -> Expected:
    """2: without a line, and nothing of this person on the terminal: nobody is unknown, the request is taken."""
    person = stage.person
    openings = len(stage.office.journal("access"))
    begin_without_line(person, "josef")
    said = str(person.hands.see("menu-absent")["name"])
    person.photograph("menu-not-cached")
    person.open("bank_account.change")
    person.hands.see("page-question")
    person.finish()
    person.bench.do("network", "on")
    return Expected(
        records=0, papers=0,
        checks={
            "it says that the record is not here": "not on this terminal" in said,
            "it says that requests are taken": "take your request" in said,
            "that it was asked for was recorded": len(stage.office.journal("access")) == openings + 1,
        },
    )  # fmt: skip
