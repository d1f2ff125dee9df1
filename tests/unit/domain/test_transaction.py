"""Who typed each field."""

from __future__ import annotations

import pytest

from kiosk.domain.problem import Problem
from kiosk.domain.transaction import HOLDER, check_entered_by, helper, helper_roles, helpers


def test_nobody_helped():
    assert helpers({"account": HOLDER}) == ()
    assert helper_roles({"account": HOLDER}) == ()


def test_helpers_are_named_once_by_card_where_one_is_known():
    entered_by = {"a": helper("staff"), "b": helper("staff", "2000000001"), "c": helper("staff", "2000000001")}
    assert helpers(entered_by) == ("2000000001", "helper:staff")
    assert helper_roles(entered_by) == ("staff",)


@pytest.mark.parametrize(
    ("entered_by", "problem"),
    [
        ({"a": HOLDER}, None),
        ({"a": "helper:staff"}, None),
        ({"a": "helper:staff:2000000001"}, None),
        ({"a": "somebody"}, Problem("answers.authors")),
        ({"a": "helper:"}, Problem("answers.authors")),
        ({}, Problem("answers.authors")),
        ({"a": HOLDER, "b": HOLDER}, Problem("answers.authors")),
    ],
)
def test_each_answer_has_one_author(entered_by, problem):
    assert check_entered_by(entered_by, {"a": "1"}) == problem


def test_an_author_that_is_nobody_counts_as_a_helper():
    assert helpers({"a": "somebody"}) == ("somebody",)
