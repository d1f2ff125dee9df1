"""Certificates at the back office: issued from the record, told to the visit alone, verified by the full code for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from back_office_bench import Bench, bench
from back_office_services import record

from back_office.record_document import compose
from back_office.repository import people
from back_office.verification import asking
from kiosk.domain import certificate_code
from kiosk.wire.document import read_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kiosk.wire.verdict import VerdictBody

SERVICE = "certificate.issue"


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Bench]:
    with bench(tmp_path, database) as made:
        yield made


def issue(office: Bench, name: str = "marie", kind: str = "insurance_status", **other) -> VerdictBody:
    holder = office.holder(name)
    entry = office.entry(holder, SERVICE, {"kind": kind}, **other)
    office.receive(entry)
    office.decide(entry["id"])
    return office.verdict(holder, entry["id"])


@pytest.mark.parametrize("kind", ["insurance_status", "payments", "contribution_periods"])
def test_what_is_issued_is_what_the_page_shows(office: Bench, kind: str) -> None:
    body = issue(office, kind=kind)
    assert (body.decision, body.text_key) == ("in_force", f"decision.{SERVICE}.in_force")
    shown = asking.ask(office.it, certificate_code.grouped(body.code), "192.0.2.7")
    assert isinstance(shown, asking.Shown)
    assert shown.content == read_document(body.document)
    assert shown.valid_until == body.valid_until
    assert body.address == office.it.settings.server.verification_address


def test_the_code_is_kept_nowhere(office: Bench) -> None:
    body = issue(office)
    for table in office.tables():
        for row in office.rows(f"SELECT * FROM {table}"):  # noqa: S608
            assert not any(body.code in str(value) for value in row.values()), table
    with office.it.database.read() as db:
        marie = people.person(db, office.person("marie"))
        assert marie is not None
        (line,) = compose(db, office.it.scheme, marie, office.it.clock.now(), {}).document["certificates"]
    assert line["code_start"] == body.code[:4]


def test_only_the_full_code_finds_it_and_only_for_a_while(office: Bench) -> None:
    body = issue(office)
    wrong = body.code[:-1] + ("0" if body.code[-1] != "0" else "2")
    assert asking.ask(office.it, wrong, "a") == asking.NotShown("unknown")
    assert asking.ask(office.it, body.code[:8], "a") == asking.NotShown("form")
    office.later(days=office.it.scheme.certificate_days)
    assert isinstance(asking.ask(office.it, body.code, "a"), asking.Shown), "the last day counts"
    office.later(days=1)
    assert asking.ask(office.it, body.code, "a") == asking.NotShown("unknown")


def test_guessing_from_one_address_ends(office: Bench) -> None:
    body = issue(office)
    for n in range(asking.MISSES):
        assert asking.ask(office.it, f"{n:016d}", "192.0.2.7") == asking.NotShown("unknown")
    assert asking.ask(office.it, body.code, "192.0.2.7") == asking.NotShown("too_many")
    assert isinstance(asking.ask(office.it, body.code, "192.0.2.8"), asking.Shown)
    office.later(hours=1, seconds=1)
    assert isinstance(asking.ask(office.it, body.code, "192.0.2.7"), asking.Shown)


def test_one_code_is_not_asked_for_without_end(office: Bench) -> None:
    body = issue(office)
    for n in range(asking.LOOKS):
        assert isinstance(asking.ask(office.it, body.code, f"address {n}"), asking.Shown)
    assert asking.ask(office.it, body.code, "another") == asking.NotShown("too_many")


def test_who_asked_is_not_in_the_log(office: Bench) -> None:
    body = issue(office)
    asking.ask(office.it, body.code, "192.0.2.7")
    line = next(line for line in office.audit() if line.action == "certificate.verified")
    assert "192.0.2.7" not in str(line)
    assert body.code not in str(line)
    assert not [row for row in office.rows("SELECT * FROM certificate_look") if "192.0.2.7" in str(row.values())]


def test_what_the_record_does_not_hold_is_not_certified(office: Bench) -> None:
    body = issue(office, "josef", "payments")
    assert (body.decision, body.text_key, body.code) == ("refused", "certificate.nothing_on_record", "")


@pytest.mark.parametrize("name", ["employer", "staff"])
def test_another_role_gets_none(office: Bench, name: str) -> None:
    assert issue(office, name).text_key == "service.refused.role"


def test_a_revoked_card_gets_none(office: Bench) -> None:
    assert issue(office, "revoked").text_key == "service.refused.card_revoked"


def test_another_person_s_certificate_is_not_issued(office: Bench) -> None:
    entry = office.entry(office.holder("karel"), SERVICE, {"kind": "payments"}, person=office.person("marie"))
    office.receive(entry)
    office.decide(entry["id"])
    assert office.rows("SELECT * FROM certificate") == []


def test_the_same_request_twice_is_one_certificate(office: Bench) -> None:
    entry = office.entry(office.holder("marie"), SERVICE, {"kind": "payments"})
    for _ in range(2):
        office.receive(entry)
        office.decide(entry["id"])
    assert len(office.rows("SELECT id FROM certificate")) == 1


# --- printed later -------------------------------------------------------------------------------------


def print_later(office: Bench, request: str, name: str = "marie") -> VerdictBody:
    holder = office.holder(name)
    entry = office.entry(holder, "certificate.print", {"request": request})
    office.receive(entry)
    office.decide(entry["id"])
    return office.verdict(holder, entry["id"])


def the_one(office: Bench) -> str:
    (row,) = office.rows("SELECT id FROM certificate")
    return str(row["id"])


def test_what_is_printed_later_is_the_same_paper_under_the_same_code(office: Bench) -> None:
    first = issue(office, kind="payments")
    office.later(days=3)
    later = print_later(office, the_one(office))
    assert (later.decision, later.text_key) == ("in_force", "decision.certificate.print.in_force")
    assert (later.code, later.document, later.valid_until, later.address) == (
        first.code, first.document, first.valid_until, first.address,
    )  # fmt: skip
    assert isinstance(asking.ask(office.it, later.code, "192.0.2.7"), asking.Shown)
    assert len(office.rows("SELECT id FROM certificate")) == 1, "no second certificate comes of it"
    for table in office.tables():
        for row in office.rows(f"SELECT * FROM {table}"):  # noqa: S608
            assert not any(first.code in str(value) for value in row.values()), table


def test_it_is_printed_until_its_last_day_and_not_after(office: Bench) -> None:
    issue(office)
    office.later(days=office.it.scheme.certificate_days)
    assert print_later(office, the_one(office)).code
    office.later(days=1)
    over = print_later(office, the_one(office))
    assert (over.decision, over.text_key, over.code, over.document) == ("refused", "certificate.over", "", "")


@pytest.mark.parametrize("name", ["karel", "josef"])
def test_another_person_s_paper_is_printed_for_nobody(office: Bench, name: str) -> None:
    issue(office)
    body = print_later(office, the_one(office), name)
    assert (body.decision, body.text_key, body.code, body.document) == ("refused", "certificate.not_issued", "", "")


def test_neither_another_role_nor_a_revoked_card_prints_it(office: Bench) -> None:
    issue(office)
    assert print_later(office, the_one(office), "employer").text_key == "service.refused.role"
    assert print_later(office, the_one(office), "revoked").text_key == "service.refused.card_revoked"


def test_a_code_that_nobody_could_verify_is_not_printed(office: Bench) -> None:
    issue(office)
    with office.it.database.write() as db:
        db.execute("UPDATE certificate SET digest = ?", ("0" * 64,))  # as of a key that is no more
    body = print_later(office, the_one(office))
    assert (body.decision, body.text_key, body.code) == ("refused", "decision.certificate.print.refused.not_printed", "")


def test_the_record_names_the_request_to_print(office: Bench) -> None:
    issue(office)
    assert [line.request for line in record(office, "marie").certificates] == [the_one(office)]
