"""What is told aside of a visit: read back as written, and against what stands outside."""

from __future__ import annotations

import json

import msgspec
import pytest

from kiosk.wire.aside import LIMIT, Feedback, Ticket, read_feedback, read_ticket, write
from kiosk.wire.problem import Problem, ProblemCode

ID = "01930000-0000-7000-8000-000000000001"
TICKET = Ticket(
    id=ID, terminal="T0007", office="101", about="money", step="Answering", service="address.change",
    draft={"address": "Nová 2\n301 00 Plzeň"}, card="1234567890",
)  # fmt: skip
FEEDBACK = Feedback(id=ID, terminal="T0007", office="101", service="", answers={"face": "good", "missing": "nothing"})
CASES = [(TICKET, read_ticket), (FEEDBACK, read_feedback)]


@pytest.mark.parametrize(("told", "read"), CASES)
def test_it_is_read_as_it_was_written(told, read):
    written = write(told)
    assert isinstance(written, bytes)
    assert read(written, expected_id=ID, expected_terminal="T0007") == told


@pytest.mark.parametrize(("told", "read"), CASES)
def test_another_id_or_terminal_outside_is_refused(told, read):
    written = write(told)
    for other in ({"expected_id": ID[:-1] + "2"}, {"expected_terminal": "T0008"}):
        problem = read(written, **{"expected_id": ID, "expected_terminal": "T0007"} | other)
        assert isinstance(problem, Problem)
        assert problem.code is ProblemCode.MISMATCH


@pytest.mark.parametrize("bad", [b"\xff", b"[]", b'{"kind":"ticket"}', b" " * (LIMIT + 1)])
@pytest.mark.parametrize("read", [read_ticket, read_feedback])
def test_what_is_none_is_refused(read, bad):
    assert isinstance(read(bad, expected_id=ID, expected_terminal="T0007"), Problem)


def test_one_is_not_read_as_the_other():
    assert isinstance(read_feedback(write(TICKET), expected_id=ID, expected_terminal="T0007"), Problem)


def test_a_field_that_breaks_its_shape_is_not_written():
    assert isinstance(write(msgspec.structs.replace(TICKET, card="12")), Problem)
    assert isinstance(write(msgspec.structs.replace(FEEDBACK, service="No service")), Problem)


def test_a_word_on_how_it_went_holds_nothing_that_leads_to_a_visit():
    assert set(json.loads(write(FEEDBACK))) == {"id", "kind", "terminal", "office", "service", "answers"}
