"""The visits of an account that changes: at once, after the bank's word, after an officer's, after the holder's."""

from __future__ import annotations

from kiosk.demo.stage import Expected, Stage


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
