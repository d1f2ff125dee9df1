"""Number and PIN without a card: a letter's PIN is replaced at once, what risks little is shown, a wrong one waits.

Ludmila's letter comes by post; the person reads the six digits off the paper that the print shop got.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.demo.answering import begin_without_card, tell_and_leave
from kiosk.demo.journeys.pin_letter import read_digits
from kiosk.demo.person import WRONG_PIN
from kiosk.demo.stage import Expected, Stage

if TYPE_CHECKING:
    from kiosk.demo.person import Person

OWN, TOO_SIMPLE = "480193", "111111"


def look(stage: Stage) -> Expected:
    """A wrong PIN, the letter's, one that is too simple, one of her own; then payments without an account."""
    person, number = stage.person, str(stage.facts["persons"]["ludmila"]["number"])
    stage.desk("number-pin", "print", number, "--officer", "alena")
    digits = read_digits(stage.office.state, "number-pin")
    _to_the_pad(person, number)
    person.photograph("pad")
    person.type_pin(WRONG_PIN)
    person.hands.see("page-check")
    person.photograph("wrong")
    person.hands.touch("sign")
    person.type_pin(digits)
    person.type_new_pin(digits, TOO_SIMPLE, TOO_SIMPLE)
    person.bench.do("wait", "pad", timeout=30)
    person.photograph("too-simple")
    person.type_new_pin(digits, OWN, OWN)
    person.hands.see("page-menu", 20)
    person.photograph("menu")
    person.open("payments.show")
    person.hands.see("page-content")
    person.photograph("payments")
    person.hands.touch("back")
    person.hands.see("page-menu")
    person.settle()
    person.hands.touch("end")
    person.gone()
    looked = "SELECT 1 FROM audit WHERE subject = ? AND action = 'record.opened' AND purpose = 'number and PIN'"
    chosen = "SELECT 1 FROM number_pin WHERE person = ? AND chosen = 1"
    return Expected(
        records=0,
        papers=0,
        checks={
            "who looked is in the log": stage.evidence.count(looked, number) == 1,
            "the PIN is her own": stage.evidence.count(chosen, number) == 1,
        },
    )


def block(stage: Stage) -> Expected:
    """Who fears for the account and has no card at hand blocks every change of it; lifting that is not on the menu."""
    person, number = stage.person, str(stage.facts["persons"]["marie"]["number"])
    stage.desk("number-pin", "print", number, "--officer", "alena")
    digits, papers, notices = read_digits(stage.office.state, "number-pin"), person.papers(), len(stage.evidence.notices())
    _to_the_pad(person, number)
    person.type_pin(digits)
    person.type_new_pin(digits, OWN, OWN)
    person.hands.see("page-menu", 20)
    person.photograph("menu")
    lifting = any(node["id"] == "service-bank_account.unblock" for node in person.hands.everything())
    person.open("bank_account.block")
    tell_and_leave(person, papers)
    text = str(person.bench.do("paper")["papers"][-1]["text"])
    id_ = str(stage.office.journal("report")[-1]["id"])
    person.until(lambda: stage.evidence.decision(id_) == "in_force", "the decision", 30)
    person.until(lambda: len(stage.evidence.notices()) > notices, "the notice")
    blocked = "SELECT 1 FROM person WHERE number = ? AND changes_blocked = 1"
    return Expected(
        records=0, papers=1,
        checks={
            "the account is blocked": stage.evidence.count(blocked, number) == 1,
            "lifting it is not offered": not lifting,
            "no account is on the paper": stage.account("marie_current")[-4:] not in text,
        },
    )  # fmt: skip


def wait(stage: Stage) -> Expected:
    """After three wrong ones nothing is looked at for a while; the card is as it was."""
    person, number = stage.person, str(stage.facts["persons"]["karel"]["number"])
    _to_the_pad(person, number)
    for _ in range(3):
        person.type_pin(WRONG_PIN)
        person.hands.see("page-check")
        person.hands.touch("sign")
    person.type_pin(WRONG_PIN)
    person.hands.see("page-check")
    person.photograph("waits")
    person.settle()
    person.hands.touch("end-session")
    person.gone()
    person.approach()
    person.identify("karel")
    person.finish()
    return Expected(records=0, papers=0)


def _to_the_pad(person: Person, number: str) -> None:
    begin_without_card(person)
    person.open("number.open")
    person.hands.see("page-question")
    person.photograph("number")
    person.type(number)
    person.hands.touch("continue")
    person.hands.see("page-check")
    person.photograph("check")
    person.hands.touch("sign")


JOURNEYS = {"number-pin-look": look, "number-pin-block": block, "number-pin-wait": wait}
