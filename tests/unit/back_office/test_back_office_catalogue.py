"""What the API publishes of the catalogue: every service, in every language, with a schema that its answers fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from back_office_bench import Bench, application, asgi, bench

from back_office.catalogue import DIALECT, answers_schema, document
from kiosk.domain.catalogue import SERVICES
from kiosk.schemes import load_scheme, load_texts
from tests.unit.domain import example_services as examples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CZ = load_scheme("cz")
IBAN = "CZ6508000000192000145399"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as made:
        yield made


def test_anybody_may_read_it_and_need_not_read_it_twice(office: Bench) -> None:
    reply = asgi(application(office), "GET", "/v1/catalogue")
    assert reply.status == 200
    assert [entry["id"] for entry in reply.json["services"]] == list(CZ.services)
    again = asgi(application(office), "GET", "/v1/catalogue", headers={"if-none-match": reply.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


def test_every_entry_says_what_it_is_in_every_language() -> None:
    published = document(CZ, load_texts("cz"))
    for entry in published["services"]:
        assert set(entry["title"]) == set(published["languages"]), entry["id"]
        jsonschema.Draft202012Validator.check_schema(entry["answers"])
        assert entry["answers"]["$schema"] == DIALECT
        asked = {question["id"] for question in entry["questions"]}
        assert set(entry["answers"]["required"]) <= asked


def fits(service: Any, answers: dict[str, str]) -> bool:
    return jsonschema.Draft202012Validator(answers_schema(service)).is_valid(answers)


def test_the_schema_takes_what_the_rules_take_and_refuses_what_they_refuse() -> None:
    change = SERVICES["bank_account.change"]
    assert fits(change, {"account": IBAN, "account_as_typed": "19-2000145399/0800"})
    assert not fits(change, {"account_as_typed": IBAN})
    assert not fits(change, {"account": "19-2000145399/0800"})
    assert not fits(change, {"account": IBAN, "amount": "1.00"})


def test_pages_that_follow_from_an_answer_are_asked_for_by_the_schema() -> None:
    assert fits(examples.ASK, {"line": "1"})
    assert fits(examples.ASK, {"line": "2", "why": "because", "when": "2026-11-22"})
    assert not fits(examples.ASK, {"line": "2", "when": "2026-11-22"})
    assert not fits(examples.ASK, {"line": "1", "why": "because"})
