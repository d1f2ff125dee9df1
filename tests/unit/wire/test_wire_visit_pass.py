"""The passes of a visit (number and PIN shown; an officer by code): for one visit at one terminal, as long as it lasts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from wire_world import AT, STAMP, world

from kiosk.wire.answer import AnswerKey
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import sign
from kiosk.wire.timestamps import timestamp
from kiosk.wire.visit_pass import NumberPass, StaffPass, VisitPass, read_pass, write_pass

if TYPE_CHECKING:
    from collections.abc import Mapping

VISIT, OTHER = AnswerKey.generate(), AnswerKey.generate()
WHERE: dict[str, Any] = {"terminal": "T0007", "visit": VISIT.thumbprint, "at": STAMP}
MARIE = NumberPass(person="530101/001", **WHERE)
OFFICER = StaffPass(card="3000000001", **WHERE)

each = pytest.mark.parametrize("shown", [MARIE, OFFICER], ids=lambda shown: shown.kind)


@dataclass(frozen=True)
class Told:
    """An act of a visit, as far as a pass looks at it."""

    terminal: str = "T0007"
    answer_key: Mapping[str, str] = field(default_factory=lambda: VISIT.jwk)
    signed_at: str = STAMP


def read(carried: str, kind: type[VisitPass], act: Told | None = None) -> VisitPass | ProblemCode:
    found = read_pass(kind, carried, act or Told(), world().anchors, AT + timedelta(days=3))
    return found.code if isinstance(found, Problem) else found


def written(shown: VisitPass) -> str:
    return write_pass(shown, world().signer, AT)


@each
def test_it_names_who_to_the_visit_s_own_acts_however_late_they_arrive(shown: VisitPass) -> None:
    assert read(written(shown), type(shown)) == shown
    last = timestamp(AT + shown.HOLDS)
    assert read(written(shown), type(shown), replace(Told(), signed_at=last)) == shown


@each
def test_it_is_nobody_s_word_in_another_visit_or_at_another_terminal(shown: VisitPass) -> None:
    for act in (replace(Told(), answer_key=OTHER.jwk), replace(Told(), terminal="T0008")):
        assert read(written(shown), type(shown), act) is ProblemCode.MISMATCH


@each
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_it_does_not_hold_before_or_after(shown: VisitPass, *, before: bool) -> None:
    told = AT - timedelta(minutes=6) if before else AT + shown.HOLDS + timedelta(minutes=6)
    assert read(written(shown), type(shown), replace(Told(), signed_at=timestamp(told))) is ProblemCode.EXPIRED


def test_one_kind_of_pass_is_never_read_as_the_other() -> None:
    assert read(written(MARIE), StaffPass) is ProblemCode.WRONG_TYPE
    assert read(written(OFFICER), NumberPass) is ProblemCode.WRONG_TYPE


@each
def test_what_is_out_of_shape_or_not_the_back_office_s_is_none(shown: VisitPass) -> None:
    kind, value, signer = type(shown), msgspec.to_builtins(shown), world().signer
    assert isinstance(read("a.b.c", kind), ProblemCode)
    assert read(sign("guichet+jws", value, signer, AT).decode(), kind) is ProblemCode.WRONG_TYPE
    wrong = {"person": ""} if kind is NumberPass else {"card": "x"}
    assert read(sign(kind.TYPE, value | wrong, signer, AT).decode(), kind) is ProblemCode.MALFORMED
    assert read(written(msgspec.structs.replace(shown, at="2026-02-30T10:20:30Z")), kind) is ProblemCode.MALFORMED
