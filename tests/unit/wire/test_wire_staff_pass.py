"""The pass of an officer who takes part by a code: for one visit at one terminal, as long as a visit lasts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from wire_world import AT, STAMP, world

from kiosk.wire.answer import AnswerKey
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import sign
from kiosk.wire.staff_pass import TYPE, StaffPass, officer_by_pass, write_pass
from kiosk.wire.timestamps import timestamp

OFFICER = "3000000001"
VISIT = AnswerKey.generate()


def written(**changes: Any) -> str:
    values: dict[str, Any] = {"terminal": "T0007", "visit": VISIT.thumbprint, "card": OFFICER, "at": STAMP}
    return write_pass(StaffPass(**(values | changes)), world().signer, AT)


def who(carried: str, **changes: Any) -> str | ProblemCode:
    asked: dict[str, Any] = {"terminal": "T0007", "answer_key": VISIT.jwk, "signed_at": STAMP}
    found = officer_by_pass(carried, world().anchors, AT + timedelta(days=3), **(asked | changes))
    return found.code if isinstance(found, Problem) else found


def test_the_officer_is_named_to_the_visit_s_own_acts_however_late_they_arrive() -> None:
    assert who(written()) == OFFICER
    assert who(written(), signed_at=timestamp(AT + timedelta(minutes=59))) == OFFICER


def test_it_is_nobody_s_word_in_another_visit_or_at_another_terminal() -> None:
    assert who(written(), answer_key=AnswerKey.generate().jwk) is ProblemCode.MISMATCH
    assert who(written(), terminal="T0008") is ProblemCode.MISMATCH


@pytest.mark.parametrize("minutes", [-10, 70])
def test_it_does_not_hold_before_or_after(minutes: int) -> None:
    assert who(written(), signed_at=timestamp(AT + timedelta(minutes=minutes))) is ProblemCode.EXPIRED


def test_what_is_out_of_shape_or_not_the_back_office_s_is_none() -> None:
    assert who("a.b.c") is not OFFICER
    assert isinstance(who("a.b.c"), ProblemCode)
    value = msgspec.to_builtins(StaffPass(terminal="T0007", visit=VISIT.thumbprint, card=OFFICER, at=STAMP))
    assert who(sign("guichet+jws", value, world().signer, AT).decode()) is ProblemCode.WRONG_TYPE
    assert who(sign(TYPE, value | {"card": "x"}, world().signer, AT).decode()) is ProblemCode.MALFORMED
    assert who(written(at="2026-02-30T10:20:30Z")) is ProblemCode.MALFORMED
