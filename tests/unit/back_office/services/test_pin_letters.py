"""A letter with a first PIN: from six digits on a chip to the hand of the card's holder, and nowhere else."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from back_office_services import record

from back_office import new_pins, pin_letters
from back_office.demo.cards import DemonstrationCards
from back_office.pin_letters import COUNTER, POST, NotDone
from back_office.repository import desk
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.pin_rules import is_a_pin, is_common

if TYPE_CHECKING:
    from pathlib import Path

    from back_office_bench import Bench


def chip(office: Bench, name: str) -> str:
    return str(office.holder(name).document["pin"])


def make(office: Bench, name: str = "josef", **how: bool | str) -> str:
    card = office.holder(name).number
    with office.it.work() as work:
        pin_letters.issue(work, card, DemonstrationCards(office.it.state), by="tom", **how)  # type: ignore[arg-type]
    return card


def put_in_print(office: Bench, card: str, by: str = "alena") -> str | NotDone:
    with office.it.work() as work:
        officer = desk.officer(work.db, by)
        assert officer is not None
        return pin_letters.put_in_print(work, officer, card)


def hand_over(office: Bench, card: str, by: str = "bohdan", document: str = "passport") -> str | NotDone:
    with office.it.work() as work:
        officer = desk.officer(work.db, by)
        assert officer is not None
        return pin_letters.hand_over(work, officer, card, document)


def papers(office: Bench) -> list[Path]:
    return sorted((office.it.state / pin_letters.PRINT_SHOP).glob("*.pdf"))


def words(paper: Path) -> str:
    told = subprocess.run(["pdftotext", "-layout", str(paper), "-"], check=True, capture_output=True, text=True, timeout=20)
    return told.stdout


def rows(office: Bench) -> list[dict[str, object]]:
    with office.it.database.read() as db:
        return [dict(row) for row in db.execute("SELECT * FROM pin_letter ORDER BY n").fetchall()]


def test_the_digits_are_on_the_chip_and_on_the_paper_and_nowhere_else(office: Bench) -> None:
    card = make(office)
    digits = chip(office, "josef")
    assert is_a_pin(digits)
    assert not is_common(digits)
    until = put_in_print(office, card)
    assert isinstance(until, str)
    (paper,) = papers(office)
    assert digits in "".join(words(paper).split())
    assert "Josef Svoboda" in words(paper)
    assert paper.stat().st_mode & 0o077 == 0
    ticket = json.loads(paper.with_suffix(".json").read_text("utf-8"))
    assert (ticket["way"], ticket["until"]) == (POST, until)
    assert digits not in json.dumps(ticket)
    assert digits not in json.dumps(rows(office))
    assert rows(office)[-1]["sealed"] is None
    assert digits not in str(list(office.audit(card)))


def test_its_days_count_from_the_print(office: Bench) -> None:
    card = make(office, abroad=True)
    office.later(days=10)
    until = put_in_print(office, card)
    assert until == record(office, "josef").pin_letter_until
    with office.it.work() as work:
        zone = office.it.scheme.bank_change.zone
        assert (until, 30) == (pin_letters.last_day(work, 30), rows(office)[-1]["days"])
        assert work.at.astimezone(zone).date().isoformat() < str(until)


def test_a_letter_is_printed_once(office: Bench) -> None:
    card = make(office)
    put_in_print(office, card)
    assert isinstance(put_in_print(office, card), NotDone)
    assert isinstance(put_in_print(office, office.holder("marie").number), NotDone)
    assert len(papers(office)) == 1


def test_who_printed_it_does_not_hand_it_over_and_no_document_is_no_holder(office: Bench) -> None:
    card = make(office, way=COUNTER)
    early = hand_over(office, card)
    assert isinstance(early, NotDone)
    until = put_in_print(office, card, by="alena")
    assert isinstance(hand_over(office, card, by="alena"), NotDone)
    assert isinstance(hand_over(office, card, document=" "), NotDone)
    with office.it.work() as work:
        assert [one.card for one in pin_letters.to_do(work) if one.printed_by] == [card]
    assert hand_over(office, card) == until
    assert isinstance(hand_over(office, card), NotDone)
    with office.it.work() as work:
        assert card not in {one.card for one in pin_letters.to_do(work)}
    assert [line.action for line in office.audit(card)] == ["card.pin_letter", "card.pin_letter_printed", "card.pin_letter_handed_over"]


def test_a_posted_letter_is_handed_over_by_nobody(office: Bench) -> None:
    card = make(office)
    put_in_print(office, card)
    assert isinstance(hand_over(office, card), NotDone)


def test_another_letter_ends_the_one_before_and_its_digits(office: Bench) -> None:
    card = make(office)
    first = chip(office, "josef")
    make(office)
    assert put_in_print(office, card)
    assert chip(office, "josef") in "".join(words(papers(office)[-1]).split())
    before, after = rows(office)[-2:]
    assert (before["sealed"], before["ended_at"] is None, after["ended_at"]) == (None, False, None)
    assert first not in "".join(words(papers(office)[-1]).split()) or first == chip(office, "josef")


def test_a_reader_of_another_language_gets_both(office: Bench) -> None:
    card = make(office)
    with office.it.work() as work:
        work.db.execute("UPDATE person SET language = 'en' WHERE number = ?", (office.person("josef"),))
    put_in_print(office, card)
    told = words(papers(office)[-1])
    assert "Good day Josef Svoboda" in told
    assert "Dobrý den" in told


def test_the_card_of_nobody_and_a_card_that_is_not_being_made_get_none(office: Bench) -> None:
    with office.it.work() as work, pytest.raises(EnvironmentFault):
        pin_letters.issue(work, "9999999999", DemonstrationCards(office.it.state), by="tom")
    with office.it.work() as work:
        other = work.db.execute("SELECT number FROM card WHERE number LIKE '20%' LIMIT 1").fetchone()["number"]
    with office.it.work() as work, pytest.raises(EnvironmentFault):
        pin_letters.issue(work, other, DemonstrationCards(office.it.state), by="tom")


def test_the_demonstration_has_a_card_that_wants_its_letter(office: Bench) -> None:
    card = office.holder("tomas").number
    with office.it.work() as work:
        assert [(one.card, one.way) for one in pin_letters.to_do(work)] == [(card, COUNTER)]
    assert chip(office, "tomas") != "123456"


def test_a_letter_from_elsewhere_is_noted_with_its_day(office: Bench) -> None:
    card = office.holder("josef").number
    with office.it.work() as work:
        assert new_pins.letter_sent(work, card, by="tom", sent="2026-01-01") == "2026-01-22"
    with office.it.work() as work, pytest.raises(EnvironmentFault):
        new_pins.letter_sent(work, card, by="tom", sent="yesterday")
