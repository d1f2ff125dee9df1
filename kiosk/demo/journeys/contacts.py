"""Moving, a new telephone number, a new name: seen on the next letter, in the record and at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.demo.answering import answer, pick, sign_and_leave
from kiosk.demo.stage import Expected

if TYPE_CHECKING:
    from kiosk.demo.stage import Stage

CARD = "josef"
HOME = "nova 2\n30100 plzen"


def move(stage: Stage) -> Expected:
    """A worker moves; the next letter goes to the new address, and the old one is told."""
    person = stage.person
    papers, notices = person.papers(), len(stage.evidence.notices())
    person.identify(CARD)
    person.open("address.change")
    answer(person, HOME, "address")
    sign_and_leave(person, papers)
    stage.wait_decided()
    person.until(lambda: len(stage.evidence.notices()) >= notices + 3, "the notices")
    now = stage.evidence.count(
        "SELECT 1 FROM contact JOIN card ON card.person = contact.person "
        "WHERE number = ? AND channel = 'letter' AND valid_to IS NULL AND destination LIKE '%lzen'",
        stage.card_number(CARD),
    )
    return Expected(decision="in_force", papers=1, checks={"the next letter goes to the new address": now == 1})


def new_telephone(stage: Stage) -> Expected:
    """A new telephone number."""
    person = stage.person
    papers = person.papers()
    person.identify(CARD)
    person.open("contacts.change")
    pick(person, "sms", "which")
    pick(person, "new", "wish")
    answer(person, "601999888", "telephone")
    sign_and_leave(person, papers)
    stage.wait_decided()
    return Expected(decision="in_force", papers=1)


def new_name(stage: Stage) -> Expected:
    """A new name waits for the paper; the desk sees it, and says yes."""
    person = stage.person
    papers = person.papers()
    person.identify(CARD)
    person.open("name.change")
    answer(person, "josef", "given-name")
    answer(person, "novak", "family-name")
    pick(person, "marriage", "reason")
    answer(person, "1.10.2026", "since")
    sign_and_leave(person, papers)
    id_ = stage.wait_decided()
    held = stage.evidence.decision(id_)
    stage.desk("decide", id_, "--officer", "alena", "--accept", "--reason", "marriage certificate 12/2026 seen")
    kept = stage.evidence.count(
        "SELECT 1 FROM former_name JOIN card ON card.person = former_name.person WHERE number = ?", stage.card_number(CARD)
    )
    return Expected(
        decision="in_force", papers=1, checks={"it waited for the desk": held == "held", "the former name is kept": kept == 1}
    )


JOURNEYS = {"address-change": move, "contacts-change": new_telephone, "name-change": new_name}
