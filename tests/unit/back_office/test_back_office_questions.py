"""What a visit may ask, and what an answer never says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from back_office_bench import application, asgi, ask, enrolled, signed

from back_office.repository import people
from kiosk.domain import reference
from kiosk.domain.bank_change import State
from kiosk.domain.record import Person
from kiosk.wire.answer import AnswerKey
from kiosk.wire.person_record import person_of

if TYPE_CHECKING:
    from back_office_bench import Bench, Holder, Reply


@pytest.fixture
def app(office: Bench) -> Any:
    return application(office)


def asked(office: Bench, app: Any, holder: Holder | None, kind: str, **parameters: str) -> dict[str, Any]:
    id_, sealed, key = office.question(holder, kind, parameters)
    reply = ask(office, app, "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
    assert reply.status == 200, reply.body
    assert reply.json["id"] == id_
    return office.open(reply.json["sealed"], id_, kind, key)


def test_the_record_is_the_holder_s_and_complete(office: Bench, app: Any) -> None:
    body = asked(office, app, office.holder("marie"), "person_record")
    assert body["name"] == "Marie Novotná"
    assert body["number"] == office.person("marie")
    assert body["account"]["iban"] == office.account("marie_current")
    assert body["account"]["bank"] == "Komerční banka, a.s."
    assert body["account"]["domestic"].endswith("/0100")
    assert body["next_payment_amount"] == "18947.00"
    assert body["next_payment_on"][-2:] == "15"
    assert body["version"] == 1
    assert body["requests"] == []
    fields = set(Person.__dataclass_fields__)
    more = {"contacts", "contributions", "payments", "open_cases", "blocks", "cacheable", "held_by"}
    assert set(body) - fields <= more, "what the visit shows, and nothing else"
    lines = office.audit(office.person("marie"))
    assert [(line.action, line.actor) for line in lines] == [("record.opened", "1000000001")]


def test_the_visit_can_read_it(office: Bench, app: Any) -> None:
    """The same structure that the visit's own reader takes."""
    read = person_of(asked(office, app, office.holder("marie"), "person_record"))
    assert isinstance(read, Person)
    assert read.name == "Marie Novotná"
    assert read.contacts


def test_a_worker_has_a_record_without_account(office: Bench, app: Any) -> None:
    body = asked(office, app, office.holder("josef"), "person_record")
    assert "account" not in body
    assert "next_payment_on" not in body


def test_own_requests_are_in_the_record_and_flags_are_not(office: Bench, app: Any) -> None:
    anna = office.holder("diverted")
    office.bank_knows("diverted_second", "match")
    change = office.submit(anna, "diverted_second")
    body = asked(office, app, anna, "person_record")
    (line,) = body["requests"]
    assert line["transaction_id"] == change
    assert line["reference"] == reference.make(7, office.terminal.epoch, 1)
    assert (line["stage"], line["stoppable"]) == ("held", True)
    assert "flag" not in json.dumps(body)
    assert "address_changed" not in json.dumps(body)
    assert asked(office, app, anna, "my_requests")["requests"] == body["requests"]


def test_where_a_request_stands_is_said_in_words(office: Bench, app: Any) -> None:
    marie = office.holder("marie")
    office.submit(marie, "marie_current", language="en")
    office.submit(marie, "of_someone_else")
    said = {line["stage"]: line["reason"] for line in asked(office, app, marie, "my_requests")["requests"]}
    assert said["refused"] == "The change was refused: your pension is paid to this account already."
    assert "banka" in said["held"].lower(), "in Czech, as it was asked for"
    english = asked(office, app, marie, "my_requests", language="en")["requests"]
    assert {line["stage"]: line["reason"] for line in english}["held"].startswith("The bank did not confirm")
    unknown = asked(office, app, marie, "my_requests", language="tlh")["requests"]
    assert all(line["reason"] for line in unknown)


def test_a_change_in_force_shows_its_day(office: Bench, app: Any) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    office.submit(marie, "marie_second")
    body = asked(office, app, marie, "person_record")
    assert body["version"] == 2
    assert body["account"]["iban"] == office.account("marie_second")
    zone = office.it.scheme.bank_change.zone
    assert body["requests"][0]["in_force_on"] == office.it.clock.now().astimezone(zone).date().isoformat()


def test_a_card_that_is_not_on_file_learns_only_that(office: Bench, app: Any) -> None:
    assert asked(office, app, office.holder("staff"), "person_record") == {"absent": "not_on_file"}


def test_a_revoked_card_gets_nothing(office: Bench, app: Any) -> None:
    id_, sealed, _ = office.question(office.holder("revoked"), "person_record", {})
    reply = ask(office, app, "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
    assert (reply.status, reply.error) == (403, "card_revoked")


def test_a_card_revoked_in_the_register_alone_gets_nothing(office: Bench, app: Any) -> None:
    with office.it.work() as work:
        work.db.execute("DELETE FROM card_certificate WHERE card = '1000000001'")
        people.revoke_card(work.db, "1000000001", work.time, "lost")
    assert asked(office, app, office.holder("marie"), "person_record") == {"absent": "refused"}


def test_a_stranger_s_card_is_refused(office: Bench, app: Any) -> None:
    id_, sealed, _ = office.question(office.holder("stranger"), "person_record", {})
    reply = ask(office, app, "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
    assert (reply.status, reply.error) == (422, "question_untrusted")


def misplaced(office: Bench, app: Any, *, id_: str = "", terminal: str = "") -> Reply:
    asked_id, sealed, _ = office.question(office.holder("marie"), "person_record", {})
    if terminal:
        office.terminal = enrolled(office.it, terminal)
    return ask(office, app, "POST", "/v1/questions", body={"id": id_ or asked_id, "sealed": sealed})


def test_a_question_counts_only_under_its_id_and_from_its_terminal(office: Bench, app: Any) -> None:
    assert misplaced(office, app, id_=office.it.ids.new()).error == "question_mismatch"
    assert misplaced(office, app, terminal="T0008").error == "question_mismatch"


def test_garbage_is_named(office: Bench, app: Any) -> None:
    reply = ask(office, app, "POST", "/v1/questions", body={"id": office.it.ids.new(), "sealed": "a.b.c.d.e"})
    assert reply.status == 422
    assert reply.error.startswith("question_")


def test_an_answer_is_for_the_asker_alone(office: Bench, app: Any) -> None:
    id_, sealed, _ = office.question(office.holder("marie"), "person_record", {})
    reply = ask(office, app, "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
    with pytest.raises(AssertionError):
        office.open(reply.json["sealed"], id_, "person_record", AnswerKey.generate())
    assert b"Novotn" not in reply.body


def test_the_bank_s_name_is_for_the_holder_of_the_change(office: Bench, app: Any) -> None:
    marie = office.holder("marie")
    office.bank_knows("close_name", "close_match", "Marie Anna Novotná")
    change = office.submit(marie, "close_name")
    body = asked(office, app, marie, "confirm_holder", change=change)
    assert body == {"change": change, "holder_name": "Marie Anna Novotná", "account_verification": "close_match"}
    line = asked(office, app, marie, "my_requests")["requests"][0]
    assert (line["holder_name"], line["account"]) == ("Marie Anna Novotná", office.change(change).account)
    assert asked(office, app, office.holder("karel"), "confirm_holder", change=change) == {"absent": "not_on_file"}


# --- codes -------------------------------------------------------------------------------------------


def test_a_receipt_s_code_shows_received_or_decided_and_nothing_else(office: Bench, app: Any) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    office.bank.down = True
    office.submit(marie, "marie_second")
    number = reference.make(7, office.terminal.epoch, 1)
    expected = {"outcome": "received", "reference": number}
    assert asked(office, app, None, "request_status", reference=number) == expected
    office.bank.down = False
    office.later(seconds=5)
    office.settle()
    assert asked(office, app, None, "request_status", reference=number) == expected | {"outcome": "decided"}
    other = reference.make(7, office.terminal.epoch, 99)
    assert asked(office, app, None, "request_status", reference=other)["outcome"] == "unknown"
    assert asked(office, app, None, "request_status", reference="nonsense")["outcome"] == "unknown"


def test_the_code_of_the_notice_stops_the_change_before_it_is_in_force(office: Bench, app: Any) -> None:
    office.bank_knows("diverted_second", "match")
    change = office.submit(office.holder("diverted"), "diverted_second")
    code = office.code_in_notices()
    body = asked(office, app, None, "stop_change", code=code.lower())
    assert body == {"outcome": "stopped", "reference": reference.make(7, office.terminal.epoch, 1)}
    assert office.change(change).state is State.CANCELLED
    assert asked(office, app, None, "stop_change", code=code.replace("-", "")) == body, "typed twice says the same"


def test_the_code_disputes_a_change_that_is_in_force(office: Bench, app: Any) -> None:
    office.bank_knows("marie_second", "match")
    change = office.submit(office.holder("marie"), "marie_second")
    assert asked(office, app, None, "stop_change", code=office.code_in_notices())["outcome"] == "disputed"
    assert office.change(change).state is State.DISPUTED


def test_the_code_is_in_no_table_and_on_no_later_notice(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    office.submit(office.holder("marie"), "marie_second")
    code = office.code_in_notices()
    for message in office.messages.sent:
        assert (code in message.text) == (":received:" in message.key)
    assert len(office.tables()) > 20
    for table in office.tables():
        kept = str(office.rows(f"SELECT * FROM {table}"))  # noqa: S608
        assert code not in kept, table
        assert code.replace("-", "") not in kept, table


def test_ten_wrong_codes_close_this_terminal_s_entry_for_an_hour(office: Bench, app: Any) -> None:
    office.bank_knows("diverted_second", "match")
    change = office.submit(office.holder("diverted"), "diverted_second")
    code = office.code_in_notices()
    for number in range(10):
        wrong = f"{number:08d}" if number % 2 else f"x{number}"
        assert asked(office, app, None, "stop_change", code=wrong) == {"outcome": "unknown"}
    closed = asked(office, app, None, "stop_change", code=code)
    assert closed["outcome"] == "too_many"
    assert closed["detail"] > office.it.clock.now().isoformat()[:19]
    assert office.change(change).state is State.HELD

    here = office.terminal
    office.terminal = enrolled(office.it, "T0008")
    assert asked(office, app, None, "stop_change", code="00000000")["outcome"] == "unknown", "elsewhere it is open"
    office.terminal = here
    office.later(minutes=61)
    assert asked(office, app, None, "stop_change", code=code)["outcome"] == "stopped"


def test_a_signed_kind_is_not_answered_unsigned(office: Bench, app: Any) -> None:
    from kiosk.wire.canonical import canonical
    from kiosk.wire.envelope import seal
    from kiosk.wire.timestamps import timestamp

    id_ = office.it.ids.new()
    question = {
        "id": id_, "kind": "person_record", "terminal": "T0007", "office": "101", "at": timestamp(office.it.clock.now()),
        "answer_key": AnswerKey.generate().jwk, "parameters": {}, "card": "",
    }  # fmt: skip
    sealed = seal(canonical(question), office.it.keyring.keys().sealing_certificates[0]).decode()
    reply = ask(office, app, "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
    assert (reply.status, reply.error) == (422, "question_wrong_type")


def test_an_unsigned_request_is_not_answered(office: Bench, app: Any) -> None:
    id_, sealed, _ = office.question(None, "request_status", {"reference": "x"})
    body = json.dumps({"id": id_, "sealed": sealed}).encode()
    headers = signed(office, "POST", "/v1/questions", "", b"another body")
    assert asgi(app, "POST", "/v1/questions", headers=headers, body=body).status == 401
