"""A lost card: stopped by who can prove it, reported by who cannot; the firewall sees both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office_services import cases, decide, record, submit, tell, told, word

from back_office.desk import acts, queues
from back_office.repository import people
from kiosk.domain.bank_change import Flag, State

if TYPE_CHECKING:
    from back_office_bench import Bench


def lost(office: Bench, name: str = "marie", born: str = "1951-04-12") -> str:
    return tell(office, "card.lost", {"number": office.person(name), "birth_date": born, "call_back": ""})


def test_the_holder_stops_a_card_and_nothing_that_it_signs_counts(office: Bench) -> None:
    marie = office.holder("marie")
    signed_before = office.change_entry(marie, "marie_second")
    request = submit(office, marie, "card.stop", {"card": marie.number})
    assert word(office, request) == ("in_force", "decision.card.stop.in_force")
    assert [card.state for card in record(office, "marie").cards] == ["lost"]
    office.receive(signed_before)
    office.settle()
    assert office.verdict(marie, str(signed_before["id"])).reason_code == "card_revoked"
    with office.it.database.read() as db:
        assert marie.certificate("9C").serial_number in people.revoked_serials(db), "terminals learn of it"
    assert len(told(office, "card_stopped")) == 3


def test_nobody_stops_somebody_else_s_card_nor_one_that_is_stopped(office: Bench) -> None:
    marie, karel = office.holder("marie"), office.holder("karel")
    assert word(office, submit(office, karel, "card.stop", {"card": marie.number})) == ("refused", "answers.not_on_record")
    submit(office, marie, "card.stop", {"card": marie.number})
    again = submit(office, marie, "card.stop", {"card": marie.number})
    assert word(office, again) == ("refused", "service.refused.card_revoked")
    assert record(office, "karel").cards[0].state == "valid"


def test_a_report_stops_no_card_and_is_urgent_at_the_desk(office: Bench) -> None:
    submit(office, office.holder("karel"), "name.change", {
        "given_name": "Karel", "family_name": "Dvorák", "reason": "spelling",
    })  # fmt: skip
    request = lost(office)
    assert word(office, request) == ("held", "decision.card.lost.held")
    assert record(office, "marie").cards[0].state == "valid"
    assert all(line.transaction_id != request for line in record(office, "marie").requests)
    first = queues.queue(office.it, "101").cases[0]
    assert first.subject == request, "what is urgent comes first"
    assert "Urgent" in first.reasons[0]


def test_until_it_is_closed_an_officer_looks_at_every_change_of_the_account(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("close_name", "close_match", "Marie Anna Novotná")
    under_way = office.submit(marie, "close_name")
    assert office.change(under_way).state is State.WAITING
    lost(office)
    assert office.change(under_way).state is State.HELD
    assert Flag.CARD_REPORTED_LOST in office.change(under_way).flags
    submit(office, marie, "bank_account.stop", {"change": under_way})

    office.bank_knows("marie_second", "match")
    after = office.submit(marie, "marie_second")
    assert office.change(after).flags == {Flag.CARD_REPORTED_LOST}
    submit(office, marie, "bank_account.stop", {"change": after})
    report = next(case for case in cases(office) if case.reason == "cards:urgent")
    decide(office, report, acts.Act.REFUSE, "the holder has it in the hand")
    office.bank_knows("marie_third", "match")
    free = office.submit(marie, "marie_third")
    assert Flag.CARD_REPORTED_LOST not in office.change(free).flags


def test_an_officer_who_made_sure_stops_every_card(office: Bench) -> None:
    request = lost(office)
    decide(office, cases(office)[0], acts.Act.ACCEPT, "called back, identity checked")
    assert word(office, request) == ("in_force", "decision.card.lost.in_force")
    assert {card.state for card in record(office, "marie").cards} == {"lost"}
    assert len(told(office, "cards_stopped")) == 3


def test_the_person_is_told_once_while_a_report_is_open(office: Bench) -> None:
    lost(office)
    assert len(told(office, "card_reported")) == 3
    lost(office)
    assert len(told(office, "card_reported")) == 3
    assert len(cases(office)) == 2


def test_the_answer_does_not_tell_whether_somebody_is_on_file(office: Bench) -> None:
    right, wrong_day = lost(office), lost(office, born="1951-04-13")
    stranger = tell(office, "card.lost", {"number": "7952155431", "birth_date": "1979-02-15", "call_back": ""})
    assert word(office, right) == word(office, wrong_day) == word(office, stranger)
    for case in cases(office):
        if case.subject != right:
            decide(office, case, acts.Act.ACCEPT)
    assert word(office, wrong_day) == word(office, stranger) == ("refused", "decision.card.lost.refused.no_person")
    assert record(office, "marie").cards[0].state == "valid"


def test_a_card_cannot_be_stopped_without_one(office: Bench) -> None:
    request = tell(office, "card.stop", {"card": office.holder("marie").number})
    assert word(office, request) == ("refused", "service.refused.needs_card")
