"""The scripted visits: each walks the way of a visit as a person would, and says how it must end.

A visit is a function over a `Stage`; what it returns is what must be true of the records afterwards (`Expected`).
"""

from __future__ import annotations

import json
import os
import re
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kiosk.demo.person import PIN
from workbench.hands import NotSeen

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.demo.evidence import Evidence
    from kiosk.demo.office import Office
    from kiosk.demo.person import Person

WRONG_PIN = "654321"


@dataclass(frozen=True, slots=True)
class Expected:
    """What the records must say; `records` is how many transactions the visit may leave."""

    records: int = 1
    decision: str = ""
    verification: str = ""
    bank_notified: bool | None = None
    papers: int | None = None
    checks: dict[str, bool] = field(default_factory=dict)


@dataclass(slots=True)
class Stage:
    """What a scripted visit works with."""

    office: Office
    person: Person
    evidence: Evidence
    facts: dict[str, Any]

    def account(self, name: str) -> str:
        """Look up an account of the demonstration's bank."""
        return str(self.facts["accounts"][name])

    def card_number(self, name: str) -> str:
        """Look up the number of a demonstration card."""
        return str(self.facts["persons"][name]["card"])

    def step_seen(self, step: str, after: int) -> bool:
        """Whether the terminal's log has reached a step since this size of the log."""
        with self.office.processes.log("supervisor").open("rb") as log:
            log.seek(after)
            return f'"step": "{step}"'.encode() in log.read()

    def log_size(self) -> int:
        """How much the terminal has logged."""
        return self.office.processes.log("supervisor").stat().st_size

    def cache(self) -> dict[str, Any]:
        """Read what the agent last said of the terminal's cache."""
        path = self.office.state / "terminal" / "cache.json"
        told: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return told

    def last_record(self) -> dict[str, Any]:
        """Read the newest row of the journal."""
        return self.office.journal()[-1]

    def wait_decided(self, seconds: float = 30) -> str:
        """Wait until the newest record is decided; its id."""
        id_ = str(self.last_record()["id"])
        self.person.until(lambda: self.evidence.decision(id_) not in {"", "received"}, "a decision", seconds)
        return id_

    def desk(self, *arguments: str) -> str:
        """One verb of the desk."""
        return self.office.processes.run("desk", *arguments, "--state", str(self.office.state))


def _whole_change(stage: Stage, card: str, account: str) -> None:
    person = stage.person
    papers = person.papers()
    person.identify(card)
    person.enter_account(stage.account(account))
    person.sign()
    person.receipt()
    person.hands.see("first-payment")
    person.paper(papers)
    person.photograph("receipt-printed")
    person.finish()


def online_change(stage: Stage) -> Expected:
    """1: verified by the bank, in force, bank told."""
    _whole_change(stage, "marie", "marie_second")
    held = stage.evidence.account_in_force(stage.card_number("marie")) == stage.account("marie_second")
    return Expected(
        decision="in_force", verification="match", bank_notified=True, papers=1, checks={"account in force": held}
    )


def online_change_rsa(stage: Stage) -> Expected:
    """1: the same with a card that signs with RSA."""
    _whole_change(stage, "karel", "karel_second")
    held = stage.evidence.account_in_force(stage.card_number("karel")) == stage.account("karel_second")
    return Expected(
        decision="in_force", verification="match", bank_notified=True, papers=1, checks={"account in force": held}
    )


def line_cut(stage: Stage) -> Expected:
    """2: without a line the record of this terminal opens, the change is received and pending; with it decided, once."""
    person = stage.person
    papers, notices = person.papers(), len(stage.evidence.notices())
    person.until(lambda: stage.cache().get("status") == "ok", "the cache", 60)
    openings = len(stage.office.journal("access"))
    person.bench.do("network", "off")
    person.insert("marie")
    person.hands.see("page-pin")
    person.until(lambda: _offline(person), "the offline banner", 30)
    person.type_pin()
    person.hands.see("page-menu")
    facts = _facts(person)
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
            "the record came from this terminal": any("Kept on this terminal" in fact for fact in facts),
            "it says as of when": any("as of" in fact for fact in facts),
            "its opening was recorded first": len(stage.office.journal("access")) == openings + 1,
            "who holds it is told": bool(held),
            "not delivered while the line was cut": before == 0,
            "delivered once": stage.evidence.received_transaction(id_) == 1,
            "the receipt never said accepted": "IN FORCE" not in text,
            "the screen said received": "received" in said["title"].lower(),
        },
    )  # fmt: skip


def _facts(person: Person) -> list[str]:
    """What the menu tells of the person's record."""
    facts: list[str] = []
    person.to_the_end()
    try:
        while True:
            facts.append(str(person.hands.see(f"fact-{len(facts)}", 5 if not facts else 0.2)["name"]))
    except NotSeen:
        return facts


def not_cached(stage: Stage) -> Expected:
    """2: without a line, and nothing of this person on the terminal: nobody is unknown, the request is taken."""
    person = stage.person
    openings = len(stage.office.journal("access"))
    person.bench.do("network", "off")
    person.insert("josef")
    person.hands.see("page-pin")
    person.until(lambda: _offline(person), "the offline banner", 30)
    person.type_pin()
    person.hands.see("page-menu")
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


def _offline(person: Person) -> bool:
    try:
        person.hands.see("offline", 0.2)
    except NotSeen:
        return False
    return True


def wrong_pin(stage: Stage) -> Expected:
    """3: wrong twice, staff are offered before the last try, then right."""
    person = stage.person
    person.insert("ludmila")
    person.hands.see("page-pin")
    person.type_pin(WRONG_PIN)
    person.hands.see("pin-problem")
    person.photograph("wrong-pin")
    person.type_pin(WRONG_PIN)
    person.hands.see("page-last-pin-try")
    person.hands.touch("continue")
    person.type_pin(PIN)
    person.hands.see("page-menu")
    person.finish()
    tries = json.loads((stage.office.state / "cards" / "ludmila.json").read_text("utf-8"))["pin_tries"]
    return Expected(records=0, papers=0, checks={"all tries are back": tries == 3})  # noqa: PLR2004


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


def account_of_another(stage: Stage) -> Expected:
    """5: the account of another holder: NO_MATCH, held, decided at the desk."""
    person = stage.person
    papers = person.papers()
    person.identify("karel")
    person.enter_account(stage.account("of_someone_else"))
    person.sign()
    person.receipt()
    person.paper(papers)
    person.finish()
    id_ = stage.wait_decided()
    held = stage.evidence.decision(id_)
    stage.desk("decide", id_, "--officer", "alena", "--refuse", "--reason", "the account belongs to somebody else")
    return Expected(
        decision="refused",
        verification="no_match",
        bank_notified=False,
        papers=1,
        checks={"held for an officer": held == "held"},
    )


def revoked_card(stage: Stage) -> Expected:
    """6: a revoked card starts no visit."""
    person = stage.person
    person.insert("revoked")
    person.hands.see("page-card-refused-phase")
    person.pull()
    person.gone()
    return Expected(records=0, papers=0)


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


def not_possible(stage: Stage) -> Expected:
    """11: the bank cannot tell: bank proof at the desk, second officer, in force after N days."""
    person = stage.person
    papers = person.papers()
    person.identify("ludmila")
    person.enter_account(stage.account("not_possible"))
    person.sign()
    person.receipt()
    person.paper(papers)
    person.finish()
    id_ = stage.wait_decided()
    held = stage.evidence.decision(id_)
    stage.desk(
        "decide", id_, "--officer", "alena", "--bank-proof", "letter of the bank", "--reason", "seen at the desk"
    )
    between = stage.evidence.decision(id_)
    stage.desk("decide", id_, "--officer", "bohdan", "--approve", "--reason", "letter checked")
    waiting = stage.evidence.decision(id_)
    stage.office.processes.run("back-office", "clock", "--add", "20d", "--state", str(stage.office.state))
    person.until(lambda: stage.evidence.decision(id_) == "in_force", "the end of the wait", 60)
    person.until(lambda: stage.evidence.bank_notified(id_), "the bank's notice", 60)
    return Expected(
        decision="in_force", verification="not_possible", bank_notified=True, papers=1,
        checks={
            "held for bank proof": held == "held",
            "one officer is not enough": between == "held",
            "waits N days": waiting == "waiting",
        },
    )  # fmt: skip


def diversion_stopped(stage: Stage) -> Expected:
    """12: the victim of a diversion stops the change with the code from the notice, without a card."""
    person = stage.person
    papers, before = person.papers(), set(stage.evidence.notices())
    person.identify("marie")
    person.enter_account(stage.account("close_name"))
    person.sign()
    person.receipt()
    person.paper(papers)
    person.finish()
    id_ = stage.wait_decided()
    pending = stage.evidence.decision(id_)
    person.until(lambda: bool(_code(stage, before)), "the notice with its code")
    code = _code(stage, before)
    person.approach()
    person.hands.touch("language-en")
    person.hands.touch("have-code")
    person.hands.see("page-code")
    for key in code:
        person.hands.touch(f"key-{key}")
    person.hands.touch("continue")
    person.hands.see("page-code-answered", 20)
    person.photograph("stopped")
    person.hands.touch("continue")
    person.gone()
    return Expected(
        decision="cancelled", verification="close_match", bank_notified=False, papers=1,
        checks={"it was pending": pending in {"waiting", "held", "received"}},
    )  # fmt: skip


def _code(stage: Stage, before: set[Any]) -> str:
    """Find the cancellation code in a notice that was not there before."""
    for path in stage.evidence.notices():
        if path in before or path.suffix != ".json" or path.parent.name != "sms":
            continue
        text = str(json.loads(path.read_text("utf-8")).get("text", ""))
        found = re.search(
            r"\b([0-9A-HJKMNP-TV-Z]{4}[- ]?[0-9A-HJKMNP-TV-Z]{4}[- ]?[0-9A-HJKMNP-TV-Z]{2,4})\b(?!.*\1)", text
        )
        codes = [
            re.sub(r"[- ]", "", c) for c in re.findall(r"[0-9A-HJKMNP-TV-Z]{4,5}(?:[- ][0-9A-HJKMNP-TV-Z]{2,5})+", text)
        ]
        reference = str(stage.last_record()["reference"])
        codes = [code for code in codes if code != reference]
        if codes:
            return codes[0]
        if found and found[1] != reference:
            return re.sub(r"[- ]", "", found[1])
    return ""


def stolen_card(stage: Stage) -> Expected:
    """13: a stolen card whose address was changed first: held by the flag."""
    person = stage.person
    papers = person.papers()
    person.identify("diverted")
    person.enter_account(stage.account("diverted_second"))
    person.sign()
    person.receipt()
    person.paper(papers)
    person.finish()
    stage.wait_decided()
    return Expected(decision="held", verification="match", bank_notified=False, papers=1)


def close_name(stage: Stage) -> Expected:
    """1c: the bank has a slightly different name: the holder looks at it and signs; in force after N days.

    After the other visits an officer looks at it too, because it is not the person's first change in these days.
    """
    person = stage.person
    papers = person.papers()
    person.identify("marie")
    person.enter_account(stage.account("close_name"))
    person.sign()
    person.receipt()
    person.hands.see("confirm", 20)
    person.paper(papers)
    person.photograph("one-question-left")
    change = stage.wait_decided()
    waited = stage.evidence.decision(change)
    person.hands.touch("confirm")
    person.hands.see("page-confirm")
    person.photograph("asked-at-once")
    person.hands.touch("back")
    person.hands.see("page-receipt")
    person.finish()
    person.approach()
    person.identify("marie")
    person.reach("service-requests.show")
    person.hands.see("page-content")
    person.hands.touch("confirm-0")
    person.hands.see("page-confirm")
    shown = person.hands.see("holder-at-bank")["name"]
    person.photograph("name-at-the-bank")
    person.sign()
    said = person.receipt()
    text = person.paper(papers + 1)
    person.photograph("confirmation-noted")
    person.finish()
    if stage.evidence.decision(change) == "held":
        stage.desk("decide", change, "--officer", "alena", "--approve", "--reason", "the holder confirmed the name")
    confirmed = stage.evidence.decision(change)
    stage.office.processes.run("back-office", "clock", "--add", "15d", "--state", str(stage.office.state))
    person.until(lambda: stage.evidence.decision(change) == "in_force", "the end of the wait", 60)
    person.until(lambda: stage.evidence.bank_notified(change), "the bank's notice", 60)
    held = stage.evidence.account_in_force(stage.card_number("marie"))
    return Expected(
        records=2, decision="in_force", verification="close_match", bank_notified=True, papers=2,
        checks={
            "pending until confirmed": waited in {"waiting", "held"},
            "the bank's name was shown": "Anna" in shown,
            "the receipt of the confirmation never said in force": "IN FORCE" not in text and "in force" not in said["title"],
            "waits N days after it": confirmed == "waiting",
            "account in force": held == stage.account("close_name"),
        },
    )  # fmt: skip


VISITS: dict[str, Callable[[Stage], Expected]] = {
    "01-online-change": online_change,
    "01-online-change-rsa": online_change_rsa,
    "02-line-cut": line_cut,
    "02b-not-cached": not_cached,
    "03-wrong-pin": wrong_pin,
    "04-card-pulled-before-signature": card_pulled_before,
    "04-card-pulled-after-signature": card_pulled_after,
    "05-account-of-another": account_of_another,
    "06-revoked-card": revoked_card,
    "07-printer-jammed": printer_jammed,
    "08-walks-away": walks_away,
    "09-agent-killed": agent_killed,
    "10-visit-killed": visit_killed,
    "12-diversion-stopped": diversion_stopped,
    "13-stolen-card": stolen_card,
    "11-not-possible": not_possible,
    "01c-close-name": close_name,
}
"""In the order they are played: the last two move the clock by weeks."""
