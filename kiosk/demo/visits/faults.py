"""The visits in which something breaks: a card is pulled, paper jams, a person walks away, a process is killed."""

from __future__ import annotations

import os
import re
import signal

from kiosk.demo.stage import Expected, Stage


def card_pulled_before(stage: Stage) -> Expected:
    """4: pulled before the signature is back: no record, no receipt, told so."""
    person = stage.person
    person.identify("karel")
    person.enter_account(stage.account("karel_third"))
    person.bench.do("arm", "pull-before-signature")
    person.sign()
    said = person.hands.see("message-text")["name"]
    person.photograph("nothing-recorded")
    person.hands.touch("continue")
    person.gone()
    return Expected(records=0, papers=0, checks={"told so": bool(said)})


def card_pulled_after(stage: Stage) -> Expected:
    """4: pulled right after the signature: the act stands, recorded, receipt printed."""
    person = stage.person
    papers = person.papers()
    person.identify("karel")
    person.enter_account(stage.account("karel_third"))
    person.bench.do("arm", "pull-after-signature")
    person.sign()
    person.receipt()
    person.hands.see("first-payment")
    person.paper(papers)
    person.hands.touch("end-session")
    person.gone()
    return Expected(decision="in_force", verification="match", bank_notified=True, papers=1)


def printer_jammed(stage: Stage) -> Expected:
    """7: the reference stays on the screen; the reprint says DUPLICATE."""
    person = stage.person
    papers = person.papers()
    person.identify("ludmila")
    person.enter_account(stage.account("ludmila_second"))
    person.bench.do("printer", "jam")
    person.sign()
    said = person.receipt()
    person.hands.see("first-payment")
    person.photograph("printer-fault")
    person.bench.do("printer", "ok")
    person.hands.touch("print-again")
    text = person.paper(papers)
    person.finish()
    number = re.sub(r"[^0-9A-Z]", "", said["reference"])
    return Expected(
        decision="in_force", verification="match", bank_notified=True, papers=1,
        checks={"reprint says DUPLICATE": "DUPLICATE" in text, "same reference": number == stage.last_record()["reference"]},
    )  # fmt: skip


def walks_away(stage: Stage) -> Expected:
    """8: the visitor walks away: warning, time-out, the card waits and is heard, nothing is left."""
    person = stage.person
    before = int(person.bench.do("status")["status"]["sounds"])
    person.identify("ludmila")
    person.hands.see("overlay-idle", 60)
    person.photograph("idle-warning")
    person.hands.see("page-taking-card", 60)
    person.gone(60)
    person.until(lambda: stage.office.running().get("visit_stage") == "shown", "the successor")
    person.hands.pid = int(stage.office.running()["visit"])
    person.hands.see("page-taking-card", 20)
    person.photograph("card-left-behind")
    status = person.bench.do("status")["status"]
    person.pull()
    person.gone()
    heard = int(status["sounds"]) - before
    return Expected(records=0, papers=0, checks={"the card is heard": heard > 1 and status["last_sound"] == "card_left"})


def agent_killed(stage: Stage) -> Expected:
    """9: the agent is killed right after the durable append: receipt and record still agree."""
    person = stage.person
    papers, size = person.papers(), stage.log_size()
    person.identify("ludmila")
    person.enter_account(stage.account("ludmila_third"))
    agent = int(stage.office.running()["agent"])
    person.sign()
    person.until(lambda: stage.step_seen("Following", size), "the durable append")
    os.kill(agent, signal.SIGKILL)
    said = person.receipt()
    text = person.paper(papers)
    person.finish()
    stage.wait_decided()
    number = re.sub(r"[^0-9A-Z]", "", said["reference"])
    return Expected(
        decision="in_force", verification="match", bank_notified=True, papers=1,
        checks={
            "another agent runs": int(stage.office.running()["agent"]) != agent,
            "receipt and record agree": stage.last_record()["reference"] == number and number in re.sub(r"[^0-9A-Z]", "", text),
        },
    )  # fmt: skip


def visit_killed(stage: Stage) -> Expected:
    """10: the visit is killed: the successor is on the screen, nothing is lost, nothing is recorded."""
    person = stage.person
    person.identify("marie")
    person.enter_account(stage.account("marie_second"))
    os.kill(person.hands.pid, signal.SIGKILL)
    person.gone()
    person.until(lambda: stage.office.running().get("visit_stage") == "shown", "the successor")
    person.hands.pid = int(stage.office.running()["visit"])
    person.hands.see("page-taking-card", 20)
    person.photograph("successor")
    person.pull()
    person.gone()
    return Expected(records=0, papers=0)
