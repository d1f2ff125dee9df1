"""A mandate is given, shown on the other's card and used with it; a block on the account; a lost card that can be stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.demo.answering import answer, begin_without_line, facts, pick, sign_and_leave
from kiosk.demo.stage import Expected
from kiosk.schemes import load_scheme
from kiosk.system import FileClock

if TYPE_CHECKING:
    from kiosk.demo.stage import Stage

GIVER, SECOND_GIVER, REPRESENTATIVE, BLOCKER = "josef", "ludmila", "karel", "diverted"


def give(stage: Stage) -> Expected:
    """A worker lets a pensioner act for him; the pensioner acts with his own card."""
    person = stage.person
    papers = person.papers()
    person.identify(GIVER)
    person.open("mandate.grant")
    answer(person, "karel dvorak", "name")
    answer(person, stage.card_number(REPRESENTATIVE), "card")
    pick(person, "proxy", "ground")
    pick(person, "everything", "scope")
    answer(person, _today(stage), "since")
    answer(person, "", "until")
    sign_and_leave(person, papers)
    stage.wait_decided()
    person.approach()
    papers = person.papers()
    person.identify(REPRESENTATIVE)
    person.open("mandate.act")
    person.hands.see("page-content")
    person.photograph("for-whom")
    person.hands.touch("act-0")
    person.hands.see("page-menu")
    person.photograph("menu-for-the-other")
    person.open("address.change")
    answer(person, "druha 3\n60200 brno", "address")
    sign_and_leave(person, papers)
    id_ = stage.wait_decided()
    both = stage.evidence.count(
        "SELECT 1 FROM request JOIN card ON card.person = request.person "
        "WHERE request.id = ? AND request.card = ? AND card.number = ?",
        id_, stage.card_number(REPRESENTATIVE), stage.card_number(GIVER),
    )  # fmt: skip
    return Expected(records=2, decision="in_force", papers=2, checks={"the request names both": both == 1})


def without_a_line(stage: Stage) -> Expected:
    """Who acts for two people opens each one's record without a line, by the card and the PIN, and acts for one of them."""
    person = stage.person
    papers = person.papers()
    person.identify(SECOND_GIVER)
    person.open("mandate.grant")
    answer(person, "karel dvorak", "name")
    answer(person, stage.card_number(REPRESENTATIVE), "card")
    pick(person, "proxy", "ground")
    pick(person, "contacts", "scope")
    answer(person, _today(stage), "since")
    answer(person, "", "until")
    sign_and_leave(person, papers)
    stage.wait_decided()
    three = (GIVER, SECOND_GIVER, REPRESENTATIVE)
    person.until(lambda: stage.cache_holds_the_newest(*three), "the newest records on the terminal", 60)
    looks = len(stage.office.journal("access"))
    person.approach()
    papers = person.papers()
    begin_without_line(person, REPRESENTATIVE)
    person.photograph("menu-own-without-line")
    opened = []
    for door in ("act-0", "act-1"):
        person.open("mandate.act")
        person.hands.see("page-content")
        person.photograph("for-whom-without-line")
        person.hands.touch(door)
        person.hands.see("page-menu")
        opened.append(facts(person))
        person.photograph(f"menu-for-{door}-without-line")
        if door == "act-0":
            person.open("mandate.act")
            person.hands.touch("act-myself")
            person.hands.see("page-menu")
    person.open("address.change")
    answer(person, "treti 4\n60200 brno", "address")
    said = sign_and_leave(person, papers)
    person.bench.do("network", "on")
    stage.wait_decided()
    return Expected(
        records=2, decision="in_force", papers=2,
        checks={
            "both records were here": all(any("Kept on this terminal" in fact for fact in one) for one in opened),
            "they are not one": opened[0] != opened[1],
            "each opening was recorded first": len(stage.office.journal("access")) == looks + 4,
            "the screen said received": "received" in said.lower(),
        },
    )  # fmt: skip


def block(stage: Stage) -> Expected:
    """A pensioner blocks changes of her account, and asks for the block to be lifted: the desk must see her."""
    person = stage.person
    papers = person.papers()
    person.identify(BLOCKER)
    person.open("bank_account.block")
    sign_and_leave(person, papers)
    stage.wait_decided()
    blocked = _blocked(stage)
    person.approach()
    papers = person.papers()
    person.identify(BLOCKER)
    person.open("bank_account.unblock")
    sign_and_leave(person, papers)
    id_ = stage.wait_decided()
    held = _blocked(stage)
    stage.desk("decide", id_, "--officer", "alena", "--accept", "--reason", "identity card 123456 seen")
    return Expected(
        records=2, decision="in_force", papers=2,
        checks={"it was blocked": blocked, "card and PIN did not lift it": held, "the desk did": not _blocked(stage)},
    )  # fmt: skip


def stop_card(stage: Stage) -> Expected:
    """Which card is lost is asked; here nothing is signed, the card is needed again."""
    person = stage.person
    person.identify(GIVER)
    person.open("card.stop")
    pick(person, stage.card_number(GIVER), "which-card")
    person.hands.see("page-check")
    person.photograph("check")
    person.finish()
    return Expected(records=0, papers=0)


def _blocked(stage: Stage) -> bool:
    sql = "SELECT 1 FROM person JOIN card ON card.person = person.number WHERE card.number = ? AND changes_blocked = 1"
    return stage.evidence.count(sql, stage.card_number(BLOCKER)) == 1


def _today(stage: Stage) -> str:
    """The day that it is where the office is, as it is typed."""
    now = FileClock(stage.office.state / "clock").now().astimezone(ZoneInfo(load_scheme("cz").time_zone))
    return f"{now:%d.%m.%Y}"


JOURNEYS = {"mandate": give, "mandate-without-line": without_a_line, "account-block": block, "card-stop": stop_card}
