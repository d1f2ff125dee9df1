"""The word that number and PIN were shown: for one visit at one terminal, as long as a visit lasts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from wire_world import AT, STAMP, world

from kiosk.wire.answer import AnswerKey
from kiosk.wire.number_pass import TYPE, NumberPass, person_by_pass, write_pass
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import sign
from kiosk.wire.timestamps import timestamp

MARIE = "530101/001"
VISIT = AnswerKey.generate()


def written(**changes: Any) -> str:
    values: dict[str, Any] = {"terminal": "T0007", "visit": VISIT.thumbprint, "person": MARIE, "at": STAMP}
    return write_pass(NumberPass(**(values | changes)), world().signer, AT)


def who(carried: str, **changes: Any) -> str | ProblemCode:
    asked: dict[str, Any] = {"terminal": "T0007", "answer_key": VISIT.jwk, "told_at": STAMP}
    found = person_by_pass(carried, world().anchors, AT + timedelta(days=3), **(asked | changes))
    return found.code if isinstance(found, Problem) else found


def test_the_person_is_named_to_the_visit_s_own_acts_however_late_they_arrive() -> None:
    assert who(written()) == MARIE
    assert who(written(), told_at=timestamp(AT + timedelta(minutes=29))) == MARIE


def test_it_is_nobody_s_word_in_another_visit_or_at_another_terminal() -> None:
    assert who(written(), answer_key=AnswerKey.generate().jwk) is ProblemCode.MISMATCH
    assert who(written(), terminal="T0008") is ProblemCode.MISMATCH


@pytest.mark.parametrize("minutes", [-10, 40])
def test_it_does_not_hold_before_or_after(minutes: int) -> None:
    assert who(written(), told_at=timestamp(AT + timedelta(minutes=minutes))) is ProblemCode.EXPIRED


def test_what_is_out_of_shape_or_not_the_back_office_s_is_none() -> None:
    assert who("a.b.c") is not MARIE
    assert isinstance(who("a.b.c"), ProblemCode)
    value = msgspec.to_builtins(NumberPass(terminal="T0007", visit=VISIT.thumbprint, person=MARIE, at=STAMP))
    assert who(sign("guichet+jws", value, world().signer, AT).decode()) is ProblemCode.WRONG_TYPE
    assert who(sign(TYPE, value | {"person": ""}, world().signer, AT).decode()) is ProblemCode.MALFORMED
    assert who(written(at="2026-02-30T10:20:30Z")) is ProblemCode.MALFORMED
