"""What an officer entered, as the back office signs it and reads it again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from wire_world import AT, ID, OTHER_ID, STAMP, world

from kiosk.wire.answer import AnswerKey
from kiosk.wire.envelope import TRANSACTION_TYPE
from kiosk.wire.officer_entry import TYPE, OfficerEntry, read_entry, sign_entry
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import sign


def entry(**changes: Any) -> OfficerEntry:
    values: dict[str, Any] = {
        "id": ID, "service": "proof_of_life.give", "scheme": "cz", "office": "101", "terminal": "T9000",
        "person": "5351010012", "base_version": 1, "answers": {}, "entered_by": {}, "evidence": {"kind": "attested"},
        "started_at": STAMP, "signed_at": STAMP, "language": "cs", "answer_key": AnswerKey.generate().jwk,
        "channel": "desk", "officer": "alena", "document": "doctors_form", "seen_on": "2026-03-03",
    }  # fmt: skip
    return OfficerEntry(**(values | changes))


def read(jws: bytes, id_: str = ID, terminal: str = "T9000", days: int = 0) -> OfficerEntry | Problem:
    return read_entry(jws, world().anchors, AT + timedelta(days=days), expected_id=id_, expected_terminal=terminal)


def signed(value: OfficerEntry) -> bytes:
    jws = sign_entry(value, world().signer, AT)
    assert isinstance(jws, bytes), jws
    return jws


def test_what_was_entered_is_read_again_however_late() -> None:
    made = entry()
    assert read(signed(made)) == read(signed(made), days=200) == made


@pytest.mark.parametrize(
    "changes", [{"document": ""}, {"seen_on": "yesterday"}, {"channel": "terminal"}, {"officer": "Alena Říhová"}]
)
def test_a_field_out_of_shape_is_not_signed(changes: dict[str, str]) -> None:
    problem = sign_entry(entry(**changes), world().signer, AT)
    assert isinstance(problem, Problem)
    assert problem.code is ProblemCode.MALFORMED


def code(found: OfficerEntry | Problem) -> ProblemCode:
    assert isinstance(found, Problem), found
    return found.code


def test_it_is_held_against_what_stood_outside() -> None:
    assert code(read(signed(entry()), id_=OTHER_ID)) is ProblemCode.MISMATCH
    assert code(read(signed(entry()), terminal="T9001")) is ProblemCode.MISMATCH
    assert code(read(signed(entry(card="1000000017")))) is ProblemCode.MISMATCH
    assert code(read(signed(entry(signed_at="2026-02-30T10:20:30Z")))) is ProblemCode.MALFORMED


def test_only_the_back_office_can_have_signed_it() -> None:
    value = msgspec.to_builtins(entry())
    assert code(read(sign(TRANSACTION_TYPE, value, world().signer, AT))) is ProblemCode.WRONG_TYPE
    assert code(read(sign(TYPE, value | {"more": "1"}, world().signer, AT))) is ProblemCode.MALFORMED
    changed = signed(entry()).replace(b".", b".A", 1)
    assert isinstance(read(changed), Problem)
