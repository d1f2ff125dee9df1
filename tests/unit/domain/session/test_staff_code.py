"""A member of staff takes part by a code from the desk: where it may be typed, what refuses it, and who is named."""

from __future__ import annotations

import pytest

from kiosk.domain import card as cards
from kiosk.domain.problem import Problem
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.domain.session.new_pin import can_unblock
from kiosk.domain.session.staff_code import can_join_by_code
from tests.unit.domain.session.visits import ACCOUNT, CARD, Visit

OFFICER, NAME = "3000000001", "Alena Říhová"
JOINED = ev.StaffCodeAnswered("joined", OFFICER, NAME)


def called(visit: Visit) -> Visit:
    visit.press(ev.CallStaffPressed())
    visit.press(ev.StaffCallAnswered("12"))
    return visit


def at_the_code(visit: Visit) -> Visit:
    called(visit).press(ev.StaffCodePressed())
    assert isinstance(visit.phase, at.EnteringStaffCode)
    assert (visit.phase.number, visit.session.overlay) == ("12", None)
    return visit


def test_the_code_is_asked_about_and_the_officer_is_named() -> None:
    visit = at_the_code(Visit().to_question())
    visit.press(ev.Typed("471 100"))
    assert visit.press(ev.ContinuePressed()) == [do.AskStaffCode("12", "471100")]
    visit.press(ev.Typed("1"))
    assert isinstance(visit.phase, at.AskingStaffCode)
    visit.press(JOINED)
    assert isinstance(visit.phase, at.Answering), "back where staff were called"
    session = visit.session
    assert (session.joined, session.staff_name, session.staff_door) == (OFFICER, NAME, at.StaffDoor.OPEN)
    visit.press(ev.HelperTypesToggled())
    visit.press(ev.Typed(ACCOUNT))
    visit.press(ev.HelperTypesToggled())
    visit.press(ev.ContinuePressed())
    visit.press(ev.SignPressed())
    (sign,) = visit.press(ev.PinChecked(cards.PinAccepted()))
    assert sign.staff == OFFICER
    assert set(sign.entered_by.values()) == {f"helper:staff:{OFFICER}"}


@pytest.mark.parametrize("typed", ["", "47110", "4711000", "47110a", "٤٧١١٠٠"])
def test_what_is_no_code_is_not_asked_about(typed: str) -> None:
    visit = at_the_code(Visit().to_menu())
    visit.press(ev.Typed(typed))
    assert visit.press(ev.ContinuePressed()) == []
    assert visit.phase.problem == Problem("staff_code.form")


@pytest.mark.parametrize(
    ("outcome", "why"), [("wrong", "wrong"), ("offline", "offline"), ("too_many", "too_many"), ("?", "wrong")]
)
def test_a_code_that_is_none_lets_nobody_in(outcome: str, why: str) -> None:
    visit = at_the_code(Visit().to_menu())
    visit.press(ev.Typed("471100"))
    visit.press(ev.ContinuePressed())
    visit.press(ev.StaffCodeAnswered(outcome))
    assert visit.phase == at.EnteringStaffCode(at.Menu(visit.phase.origin.visitor), "12", problem=Problem(f"staff_code.{why}"))
    assert (visit.session.joined, visit.session.staff_name) == ("", "")
    visit.press(ev.BackPressed())
    assert isinstance(visit.phase, at.Menu)


def test_an_answer_that_nobody_waits_for_lets_nobody_in() -> None:
    visit = at_the_code(Visit().to_menu())
    visit.press(JOINED)
    visit.press(ev.BackPressed())
    visit.press(JOINED)
    assert visit.session.joined == ""


def test_only_where_a_call_got_through_with_a_line_and_nobody_is_in() -> None:
    visit = Visit().to_menu()
    visit.press(ev.StaffCodePressed())
    assert isinstance(visit.phase, at.Menu), "nobody was called"
    visit.press(ev.CallStaffPressed())
    assert not can_join_by_code(visit.session)
    visit.press(ev.StaffCallAnswered(""))
    assert not can_join_by_code(visit.session)
    visit.press(ev.CallStaffPressed())
    visit.press(ev.StaffCallAnswered("12"))
    assert can_join_by_code(visit.session)
    visit.press(ev.EnvironmentChanged(at.Environment(line=at.Line.OFFLINE)))
    assert not can_join_by_code(visit.session)
    signing = called(Visit().to_checking())
    signing.press(ev.SignPressed())
    assert not can_join_by_code(called(signing).session), "the pad waits"
    joined = Visit().to_menu()
    joined.press(ev.StaffCardInserted())
    joined.press(ev.StaffJoined(OFFICER))
    assert not can_join_by_code(called(joined).session)


def test_a_pulled_card_ends_it_as_the_page_below_would() -> None:
    visit = at_the_code(Visit().to_checking())
    visit.press(ev.CardRemoved())
    assert visit.phase == at.NothingRecorded("card_pulled")
    menu = at_the_code(Visit().to_menu())
    menu.press(ev.CardRemoved())
    assert isinstance(menu.phase, at.TakingCard | at.Ended)


def test_whoever_takes_part_by_code_has_no_card_that_could_ask_for_a_puk() -> None:
    visit = at_the_code(Visit().to_menu())
    visit.press(ev.Typed("471100"))
    visit.press(ev.ContinuePressed())
    visit.press(JOINED)
    assert not can_unblock(visit.session, at.PinIsBlocked(CARD))
    assert visit.press(ev.StaffLeft()) == [do.LetStaffGo()], "a card that comes and goes ends it too"
    assert (visit.session.joined, visit.session.staff_name) == ("", "")


def test_who_joined_by_a_code_goes_again_and_the_visit_goes_on() -> None:
    visit = at_the_code(Visit().to_question())
    visit.press(ev.Typed("471100"))
    visit.press(ev.ContinuePressed())
    visit.press(JOINED)
    visit.press(ev.HelperTypesToggled())
    assert visit.press(ev.StaffLeft()) == [do.LetStaffGo()]
    session = visit.session
    assert (session.joined, session.staff_name, session.staff_door) == ("", "", at.StaffDoor.CLOSED)
    assert not session.helper_types
    assert isinstance(visit.phase, at.Answering), "the person goes on where they were"
    assert visit.press(ev.StaffLeft()) == [], "nobody is here any more"
    called(visit)
    assert can_join_by_code(visit.session), "and can be helped again"
