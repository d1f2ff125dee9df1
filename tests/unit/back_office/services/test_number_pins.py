"""Number and PIN without a card: what it opens, what it never says, and how long a wrong one waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from back_office_bench import application
from back_office_numbers import OWN, asked, chosen, letter

from back_office import number_pins
from back_office.pin_letters import COUNTER, NotDone
from back_office.repository import desk
from kiosk.domain.record import Person
from kiosk.wire.person_record import person_of

if TYPE_CHECKING:
    from back_office_bench import Bench

@pytest.fixture
def app(office: Bench) -> Any:
    return application(office)


def cards(office: Bench) -> list[dict[str, Any]]:
    with office.it.database.read() as db:
        return [dict(row) for row in db.execute("SELECT * FROM card ORDER BY number").fetchall()]


def test_a_letter_s_pin_is_replaced_at_first_use(office: Bench, app: Any) -> None:
    number, digits = office.person("marie"), letter(office)
    assert asked(office, app, number, digits) == {"outcome": "choose"}
    assert asked(office, app, number, digits, "123456") == {"outcome": "common"}
    assert asked(office, app, number, digits, digits) == {"outcome": "common"}
    assert asked(office, app, number, digits, OWN)["outcome"] == "opened"
    assert asked(office, app, number, digits) == {"outcome": "wrong"}
    assert asked(office, app, number, OWN)["outcome"] == "opened"


def test_it_opens_the_low_risk_part_and_says_who_looked(office: Bench, app: Any) -> None:
    number = chosen(office, app)
    body = asked(office, app, number, OWN)["record"]
    read = person_of(body)
    assert isinstance(read, Person)
    assert read.name == "Marie Novotná"
    assert read.payments
    assert read.next_payment_on
    assert (read.account, read.contacts, read.cards, read.accesses, read.contributions) == (None, (), (), (), ())
    told = json.dumps(body)
    assert office.account("marie_current")[-4:] not in told
    assert "mail.example" not in told
    last = office.audit(number)[-1]
    assert (last.action, last.actor, last.purpose) == ("record.opened", "by number", "number and PIN")


def test_requests_are_shown_without_what_can_be_done_with_them(office: Bench, app: Any) -> None:
    office.bank_knows("marie_second", "close_match", "Marie Anna Novotná")
    office.submit(office.holder("marie"), "marie_second")
    (line,) = asked(office, app, chosen(office, app), OWN)["record"]["requests"]
    assert set(line) <= {"transaction_id", "reference", "service", "stage", "recorded_on", "in_force_on"}


def test_no_number_no_pin_and_a_wrong_pin_are_answered_alike(office: Bench, app: Any) -> None:
    number = chosen(office, app)
    answers = [asked(office, app, one, "905417") for one in (number, office.person("josef"), "5001010005", "no number")]
    assert answers == [{"outcome": "wrong"}] * 4
    with office.it.database.read() as db:
        places = {row["place"] for row in db.execute("SELECT place FROM number_pin_failure").fetchall()}
    assert not any(number in place or "5001010005" in place for place in places)


def test_what_was_typed_for_another_question_or_terminal_opens_nothing(office: Bench, app: Any) -> None:
    number = chosen(office, app)
    assert asked(office, app, number, OWN, bound="0" * 64) == {"outcome": "refused"}
    assert asked(office, app, number, OWN, terminal="T9999") == {"outcome": "refused"}
    assert asked(office, app, number, OWN)["outcome"] == "opened"


def test_waits_grow_by_number_and_are_over_after_the_right_one(office: Bench, app: Any) -> None:
    number = chosen(office, app)
    for _ in range(3):
        assert asked(office, app, number, "905417") == {"outcome": "wrong"}
    assert asked(office, app, number, OWN) == {"outcome": "wait", "minutes": "1"}
    office.later(seconds=31)
    assert asked(office, app, number, "905417") == {"outcome": "wrong"}
    office.later(seconds=31)
    assert asked(office, app, number, OWN)["outcome"] == "wait"
    office.later(seconds=31)
    assert asked(office, app, number, OWN)["outcome"] == "opened"
    assert asked(office, app, number, "905417") == {"outcome": "wrong"}


def test_a_number_that_nobody_has_waits_alike(office: Bench, app: Any) -> None:
    for _ in range(3):
        assert asked(office, app, "5001010005", "905417") == {"outcome": "wrong"}
    assert asked(office, app, "5001010005", "905417")["outcome"] == "wait"


def test_a_terminal_closes_after_ten_numbers(office: Bench, app: Any) -> None:
    number = chosen(office, app)
    for n in range(10):
        assert asked(office, app, f"50010100{n:02d}", "905417") == {"outcome": "wrong"}
    assert asked(office, app, number, OWN) == {"outcome": "wait", "minutes": "60"}
    office.later(hours=1, seconds=1)
    assert asked(office, app, number, OWN)["outcome"] == "opened"


def test_a_hundred_wrong_ones_need_a_new_letter(office: Bench, app: Any) -> None:
    number = chosen(office, app)
    with office.it.work() as work:
        place = number_pins._place(work, number)
        for _ in range(100):
            number_pins.number_pins.add_failure(work.db, place, work.time)
    office.later(days=3000)
    with office.it.work() as work:
        assert number_pins._wait(work, "T0", place) is not None
    letter(office)
    with office.it.work() as work:
        assert number_pins._wait(work, "T0", place) is None


def test_a_letter_that_is_over_or_still_at_the_counter_opens_nothing(office: Bench, app: Any) -> None:
    number, digits = office.person("marie"), letter(office, way=COUNTER)
    assert asked(office, app, number, digits) == {"outcome": "wrong"}
    with office.it.work() as work:
        alena, bohdan = desk.officer(work.db, "alena"), desk.officer(work.db, "bohdan")
        assert alena is not None
        assert bohdan is not None
        assert isinstance(number_pins.hand_over(work, alena, number, "passport"), NotDone)
        assert isinstance(number_pins.hand_over(work, bohdan, number, ""), NotDone)
        assert isinstance(number_pins.hand_over(work, bohdan, number, "passport"), str)
        assert isinstance(number_pins.hand_over(work, bohdan, number, "passport"), NotDone)
    assert asked(office, app, number, digits) == {"outcome": "choose"}
    office.later(days=22)
    assert asked(office, app, number, digits) == {"outcome": "wrong"}


def test_no_card_is_ever_touched(office: Bench, app: Any) -> None:
    before = cards(office)
    number = chosen(office, app)
    for _ in range(4):
        asked(office, app, number, "905417")
    assert cards(office) == before


def test_nobody_is_no_holder_of_a_letter(office: Bench) -> None:
    with office.it.work() as work:
        alena = desk.officer(work.db, "alena")
        assert alena is not None
        assert isinstance(number_pins.put_in_print(work, alena, "1"), NotDone)


def test_the_verifier_is_worth_nothing_without_the_key(office: Bench, app: Any) -> None:
    chosen(office, app)
    with office.it.database.read() as db:
        (row,) = db.execute("SELECT verifier FROM number_pin").fetchall()
    assert row["verifier"].startswith("$argon2id$")
    assert not number_pins._fits(row["verifier"], OWN.encode())
    assert not number_pins._fits("nonsense", OWN.encode())
