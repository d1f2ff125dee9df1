"""Tickets for the desk and words on how it went: what is kept of them, who opens a draft, what is forgotten when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from back_office_services import cases

from back_office import aside, evidence
from back_office.repository import desk
from kiosk.domain.services.ticket import number_of
from kiosk.wire.aside import Feedback, Ticket, write
from kiosk.wire.envelope import seal
from kiosk.wire.problem import Problem
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from back_office_bench import Bench

    from back_office.repository.desk import Officer

DRAFT = {"address": "Nová 2\n301 00 Plzeň"}


def tell(office: Bench, told: Ticket | Feedback) -> str:
    written = write(told)
    assert isinstance(written, bytes), written
    sealed = seal(written, office.it.keyring.keys().sealing_certificates[0])
    office.receive(office.terminal.entry(told.id, sealed, wire_time(office.it.clock.now()), kind=told.kind))
    office.settle()
    return told.id


def ticket(office: Bench, name: str = "", **other: Any) -> str:
    values: dict[str, Any] = {
        "id": office.it.ids.new(), "terminal": office.terminal.id, "office": office.terminal.office, "about": "money",
        "step": "Answering", "service": "address.change", "draft": DRAFT,
        "card": office.holder(name).number if name else "",
    }  # fmt: skip
    return tell(office, Ticket(**values | other))


def number(office: Bench, id_: str) -> str:
    return number_of(office.rows("SELECT reference FROM inbox WHERE id = ?", id_)[0]["reference"])


def word(office: Bench, face: str = "good", missing: str = "nothing", service: str = "address.change") -> str:
    answers = {"face": face, "missing": missing}
    told = Feedback(
        id=office.it.ids.new(), terminal=office.terminal.id, office=office.terminal.office, service=service, answers=answers
    )
    return tell(office, told)


def officer(office: Bench, name: str = "alena") -> Officer:
    with office.it.database.read() as db:
        found = desk.officer(db, name)
    assert found is not None
    return found


def test_a_ticket_is_on_the_list_by_its_number_and_makes_no_request(office: Bench) -> None:
    id_ = ticket(office, "josef")
    (row,) = aside.tickets(office.it, "101")
    assert (row.id, row.number, row.about, row.has_draft) == (id_, number(office, id_), "money", True)
    assert aside.tickets(office.it, "102") == []
    assert office.request_row(id_) is None
    assert [line.action for line in office.audit(id_)] == ["ticket.drawn"]
    stored = str(office.rows("SELECT * FROM ticket"))
    assert office.holder("josef").number not in stored
    assert "Plze" not in stored


def test_the_draft_opens_for_whose_card_it_was_and_for_nobody_else(office: Bench) -> None:
    id_ = ticket(office, "josef")
    n, josef, marie = number(office, id_), office.person("josef"), office.person("marie")
    assert aside.open_draft(office.it, officer(office), n, marie) == aside.NotOpened("other_person")
    opened = aside.open_draft(office.it, officer(office), n, josef)
    assert opened == aside.Draft("address.change", "Answering", DRAFT)
    told = [(line.action, line.details) for person in (marie, josef) for line in office.audit(person)]
    assert [action for action, _ in told if action == "ticket.draft_opened"] == ["ticket.draft_opened"] * 2


def test_a_draft_without_a_card_opens_for_who_has_the_number(office: Bench) -> None:
    n = number(office, ticket(office))
    assert isinstance(aside.open_draft(office.it, officer(office), n, office.person("marie")), aside.Draft)
    assert aside.open_draft(office.it, officer(office), "99-999", "1") == aside.NotOpened("unknown")


def test_another_office_opens_and_closes_nothing(office: Bench) -> None:
    n = number(office, ticket(office))
    there = type(officer(office))(**{f: getattr(officer(office), f) for f in officer(office).__slots__} | {"office": "102"})
    assert aside.open_draft(office.it, there, n, "1") == aside.NotOpened("other_office")
    assert not aside.close_ticket(office.it, there, n)


def test_a_closed_number_is_off_the_list_and_its_draft_is_gone(office: Bench) -> None:
    n = number(office, ticket(office))
    assert aside.close_ticket(office.it, officer(office), n)
    assert not aside.close_ticket(office.it, officer(office), n)
    assert aside.tickets(office.it) == []
    assert aside.open_draft(office.it, officer(office), n, "1") == aside.NotOpened("gone")


def test_after_seven_days_the_draft_is_gone_and_the_number_still_there(office: Bench) -> None:
    id_ = ticket(office, "josef")
    said = word(office)
    office.later(days=6, hours=23)
    with office.it.work() as work:
        assert aside.forget_old(work) == 0
    office.later(hours=2)
    with office.it.work() as work:
        assert aside.forget_old(work) == 2
        assert aside.forget_old(work) == 0
    assert [bytes(row["body"]) for row in office.rows("SELECT body FROM inbox WHERE id IN (?, ?)", id_, said)] == [b"", b""]
    n = number(office, id_)
    assert aside.open_draft(office.it, officer(office), n, office.person("josef")) == aside.NotOpened("gone")
    assert [row.has_draft for row in aside.tickets(office.it)] == [False]


def test_nobody_can_prove_a_push_any_more_whose_draft_is_gone(office: Bench) -> None:
    id_ = ticket(office)
    with office.it.work() as work:
        aside.asides.forget(work.db, id_)
    (row,) = office.rows("SELECT batch FROM inbox WHERE id = ?", id_)
    with office.it.database.read() as db:
        assert isinstance(evidence.verify(db, row["batch"]), Problem)


@pytest.mark.parametrize("other", [{"about": "weather"}, {"service": "no.such"}])
def test_a_ticket_that_no_page_makes_is_set_aside(office: Bench, other: dict[str, str]) -> None:
    id_ = ticket(office, **other)
    assert aside.tickets(office.it) == []
    assert [case.subject for case in cases(office)] == [id_]


def test_words_are_counted_by_service_office_and_month_and_leave_no_request(office: Bench) -> None:
    said = [word(office) for _ in range(5)] + [word(office, "bad", "tax")]
    (voices,) = aside.voices(office.it)
    assert (voices.office, voices.service) == ("101", "address.change")
    assert voices.faces == {"good": "5", "bad": "<5"}
    assert voices.missing == {"nothing": "5", "tax": "<5"}
    assert aside.voices(office.it, "102") == []
    for id_ in said:
        assert office.request_row(id_) is None
        assert office.audit(id_) == [], "no line either: it would say when"
    assert not office.rows("SELECT 1 FROM request_content")


def test_a_word_handed_over_again_is_counted_once(office: Bench) -> None:
    told = Feedback(
        id=office.it.ids.new(), terminal=office.terminal.id, office="101", service="",
        answers={"face": "bad", "missing": "other"},
    )  # fmt: skip
    sealed = seal(write(told), office.it.keyring.keys().sealing_certificates[0])  # type: ignore[arg-type]
    entry = office.terminal.entry(told.id, sealed, wire_time(office.it.clock.now()), kind="feedback")
    office.receive(entry)
    office.settle()
    office.receive(entry)
    office.settle()
    assert office.rows("SELECT sum(n) AS n FROM feedback_count WHERE what = 'face'") == [{"n": 1}]


@pytest.mark.parametrize(("face", "service"), [("furious", "address.change"), ("good", "no.such")])
def test_a_word_that_no_page_says_is_set_aside(office: Bench, face: str, service: str) -> None:
    word(office, face, service=service)
    assert aside.voices(office.it) == []
    assert len(cases(office)) == 1


def test_what_cannot_be_read_is_set_aside(office: Bench) -> None:
    sealed = seal(b'{"note":"x"}', office.it.keyring.keys().sealing_certificates[0])
    office.receive(office.terminal.entry(office.it.ids.new(), sealed, wire_time(office.it.clock.now()), kind="ticket"))
    office.settle()
    assert [case.reason for case in cases(office)] == ["cannot_be_attributed:malformed"]
