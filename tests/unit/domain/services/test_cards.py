"""A lost card: which can be stopped, and who can only report it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.card import Role
from kiosk.domain.form import recheck
from kiosk.domain.problem import Problem
from kiosk.domain.record import CardLine, Person
from kiosk.domain.service import Assurance, Choice, refusal, standing_of
from kiosk.domain.services.cards import LOST, STOP, cards_to_stop
from kiosk.schemes import load_scheme

SCHEME = load_scheme("cz")
JANA = Person(
    name="Jana Malá", number="7952155431", account=None, version=3, as_of="2026-11-20T08:00:00Z",
    cards=(
        CardLine("1000000009", "2025-01-02", "valid"),
        CardLine("1000000008", "2020-01-02", "lost"),
        CardLine("1000000007", "2015-01-02", "expired"),
    ),
)  # fmt: skip
STANDING = standing_of(Role.INSURED, JANA, today="2026-11-22")
NOBODY = standing_of(Role.NONE, None, today="2026-11-22")


def test_only_cards_in_use_can_be_stopped():
    assert cards_to_stop({}, STANDING) == (Choice("1000000009", "1000000009 (2025-01-02)"),)
    assert cards_to_stop({}, NOBODY) == ()
    assert recheck(STOP, {"card": "1000000009"}, SCHEME, STANDING) is None
    assert recheck(STOP, {"card": "1000000008"}, SCHEME, STANDING) == Problem("answers.not_on_record")
    assert recheck(STOP, {"card": "2000000000"}, SCHEME, STANDING) == Problem("answers.not_on_record"), "somebody else's"


def test_without_a_record_or_a_card_in_use_there_is_nothing_to_choose():
    assert refusal(STOP, STANDING) is None
    assert refusal(STOP, replace(STANDING, record=None)) == Problem("service.refused.no_record")
    assert refusal(STOP, replace(STANDING, record=replace(JANA, cards=JANA.cards[1:]))) == Problem("cards.none")


def test_the_report_needs_no_card_and_takes_none():
    assert LOST.assurance is Assurance.NONE
    assert refusal(LOST, NOBODY) is None
    assert refusal(LOST, STANDING) == Problem("service.refused.role"), "with a card there is a better way"
    assert not LOST.moves_money


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"number": "7952155431", "birth_date": "1979-02-15", "call_back": ""}, ""),
        ({"number": "7952155431", "birth_date": "1979-02-15", "call_back": "+420601123456"}, ""),
        ({"number": "7952155432", "birth_date": "1979-02-15", "call_back": ""}, "identifier.check"),
        ({"number": "7952155431", "birth_date": "2030-02-15", "call_back": ""}, "date.too_late"),
        ({"number": "7952155431", "birth_date": "1979-02-15", "call_back": "12"}, "phone.form"),
    ],
)
def test_what_the_report_asks(answers, problem):
    found = recheck(LOST, answers, SCHEME, NOBODY)
    assert (found.key if found else "") == problem
