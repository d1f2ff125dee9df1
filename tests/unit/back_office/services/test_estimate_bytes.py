"""The terminal's estimate without a line and the back office's: the same bytes, from the same signed parameters."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from back_office_bench import application, ask, fresh_state
from fakes.verb import main

from back_office.estimates import estimate_of
from back_office.installation import open_installation
from back_office.repository import people
from kiosk.domain.card import Role
from kiosk.domain.record import Person
from kiosk.domain.service import standing_of
from kiosk.domain.services.pension_estimate import show
from kiosk.schemes import parse_scheme
from kiosk.wire.canonical import digest
from kiosk.wire.pension import written_estimate
from kiosk.wire.person_record import person_of
from kiosk.wire.reference_data import Bundle, verify_bundle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from back_office_bench import Bench

    from kiosk.domain.pension import NotPossible

ANSWERS = ({"source": "record"}, {"source": "record", "age": "67", "more": "3"})


def bundle_of(office: Bench, app: Any) -> Bundle:
    reply = ask(office, app, "GET", "/v1/reference-data")
    bundle = verify_bundle(reply.body, office.it.keyring.keys().anchors, office.it.clock.now())
    assert isinstance(bundle, Bundle), bundle
    return bundle


def at_the_terminal(office: Bench, name: str, answers: Mapping[str, str]) -> bytes | NotPossible:
    """All that a terminal has: what it was sent for its holder, and the signed bundle."""
    app = application(office)
    id_, sealed, key = office.question(office.holder(name), "person_record", {"language": "cs"})
    reply = ask(office, app, "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
    record = person_of(office.open(reply.json["sealed"], id_, "person_record", key))
    assert isinstance(record, Person), record
    bundle = bundle_of(office, app)
    scheme = parse_scheme(bundle.scheme_pack)
    today = office.it.clock.now().astimezone(scheme.bank_change.zone).date().isoformat()
    standing = standing_of(Role.INSURED, record, today=today, scheme=scheme)
    assert show(answers, standing).blocks
    return written_estimate(answers, standing, bundle.scheme_pack)


def at_the_office(office: Bench, name: str, answers: Mapping[str, str]) -> bytes | NotPossible | None:
    with office.it.work() as work:
        return estimate_of(work, office.person(name), answers, "olga")


@pytest.mark.parametrize("answers", ANSWERS)
def test_both_ends_make_the_same_bytes(office: Bench, answers: dict[str, str]) -> None:
    here, there = at_the_terminal(office, "josef", answers), at_the_office(office, "josef", answers)
    assert isinstance(here, bytes), here
    assert here == there
    assert json.loads(here)["retirement_age"] == int(answers.get("age", "65"))


def test_another_record_or_other_parameters_are_seen_in_the_bytes(office: Bench) -> None:
    before = at_the_office(office, "josef", ANSWERS[0])
    bundle = bundle_of(office, application(office))
    other: dict[str, Any] = json.loads(json.dumps(bundle.scheme_pack))
    other["pension"]["parameters"]["years"]["2026"]["flat_amount"] = "4901"
    with office.it.database.read() as db:
        row = people.person(db, office.person("josef"))
    assert row is not None
    standing = standing_of(Role.INSURED, None, today="2026-11-22", scheme=parse_scheme(other))
    typed = {"birth": row.birth_date, "pay": "40000.00", "years": "30", "goes_on": "yes"}
    signed = replace(standing, scheme=parse_scheme(bundle.scheme_pack))
    assert written_estimate(typed, standing, other) != written_estimate(typed, signed, bundle.scheme_pack)
    with office.it.work() as work:
        work.db.execute(
            "UPDATE contribution SET pay = pay + 100000 WHERE person = ? AND kind = 'worked' AND pay > 0", (row.number,)
        )
    assert at_the_office(office, "josef", ANSWERS[0]) != before


def test_who_looks_is_in_the_audit_log_and_an_unknown_number_is_nobody(office: Bench) -> None:
    at_the_office(office, "josef", ANSWERS[0])
    last = office.audit(office.person("josef"))[-1]
    assert (last.action, last.role, last.purpose) == ("record.opened", "operator", "pension estimate")
    with office.it.work() as work:
        assert estimate_of(work, "0000000000", {}, "olga") is None


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main("back_office.cli", ["back-office", "estimate", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_verb_prints_the_bytes_or_says_why_not(tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]) -> None:
    with fresh_state(tmp_path, database) as state:
        facts = json.loads((state / "demo.json").read_text())
        number = facts["persons"]["josef"]["number"]
        code, out, _ = run(capsys, "--state", state, "--person", number, "--age", 66, "--more-years", 2)
        written = json.loads(out)
        assert (code, written["retirement_age"], written["inputs"]["more_years"]) == (0, 66, 2)
        assert run(capsys, "--state", state, "--person", number, "--age", 66, "--more-years", 2, "--digest")[1] == (
            digest(out.strip().encode()) + "\n"
        )
        code, _, err = run(capsys, "--state", state, "--person", number, "--age", 30)
        assert (code, "Retiring at 30 cannot be shown" in err) == (2, True)
        code, _, err = run(capsys, "--state", state, "--person", "1")
        assert (code, "Nobody has the number 1" in err) == (2, True)
        with open_installation(state) as it, it.work() as work:
            assert estimate_of(work, number, {"source": "record", "age": "66", "more": "2"}, "x") == out.strip().encode()
