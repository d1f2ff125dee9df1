"""A PIN that came in a letter: another one is chosen before the menu; a letter that is too old opens nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain import card as cards
from kiosk.domain.services.pin import ACTIVATE
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from tests.unit.domain.session.visits import CARD, Visit, person

TODAY, STILL, OVER = "2026-11-22", "2026-11-22", "2026-11-21"


def opened(until, **session):
    visit = Visit()
    visit.session = replace(visit.session, today=TODAY, **session)
    visit.to_pin().press(ev.PinChecked(cards.PinAccepted()))
    visit.press(ev.RecordOpened(person(pin_letter_until=until)))
    return visit


@pytest.fixture
def visit():
    made = opened(STILL)
    assert isinstance(made.phase, at.Checking)
    assert (made.phase.service, made.phase.visitor.person.pin_letter_until) == (ACTIVATE.id, STILL)
    return made


def test_a_pin_of_ones_own_leads_to_the_menu_and_the_letter_is_forgotten(visit):
    assert visit.press(ev.SignPressed()) == [do.SetPin(120)]
    visit.press(ev.PinWasSet(cards.NewPinRefused()))
    assert visit.press(ev.PinWasSet(cards.PinAccepted())) == []
    assert isinstance(visit.phase, at.Menu)
    assert visit.phase.visitor.person.pin_letter_until == ""


def test_whoever_goes_back_sees_the_record_and_still_has_the_letter(visit):
    visit.press(ev.BackPressed())
    assert isinstance(visit.phase, at.Menu)
    visit.session = replace(visit.session, services=("address.change",))
    visit.press(ev.ServiceChosen("address.change"))
    assert visit.phase.problem == at.Problem("service.refused.letter_pin")


def test_wrong_digits_count(visit):
    visit.press(ev.SignPressed())
    visit.press(ev.PinWasSet(cards.PinWrong(1)))
    assert visit.phase.problem == at.Problem("pin_change.last_try")


def test_a_letter_that_is_too_old_opens_nothing():
    visit = opened(OVER)
    assert visit.phase == at.PinIsBlocked(CARD, old_letter=True)
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.TakingCard | at.Ended)


def test_with_an_officer_it_ends_in_a_pin_of_ones_own_whatever_the_record_says_yet():
    visit = opened(OVER, joined="5000000001")
    assert visit.press(ev.ContinuePressed()) == [do.UnblockPin(120, CARD.number, "5000000001")]
    assert [type(one) for one in visit.press(ev.PinWasSet(cards.PinAccepted()))] == [do.AskPin]
    visit.press(ev.PinChecked(cards.PinAccepted()))
    visit.press(ev.RecordOpened(person(pin_letter_until=OVER)))
    assert isinstance(visit.phase, at.Menu)
    assert visit.phase.visitor.person.pin_letter_until == ""


def test_what_does_not_come_to_a_new_pin_leaves_the_letter_too_old():
    visit = opened(OVER, joined="5000000001")
    visit.press(ev.ContinuePressed())
    visit.press(ev.PinWasSet(cards.PinCancelled()))
    assert visit.phase == at.PinIsBlocked(CARD, failed=True, old_letter=True)


def test_under_a_mandate_the_other_person_s_letter_is_nothing_to_the_visitor():
    visit = Visit().to_menu()
    mandate = at.Mandate("m-1", "Josef", person().number, CARD.number, "proxy", "2026-01-01")
    visit.session = replace(visit.session, phase=at.OpeningRecord(replace(visit.phase.visitor, mandate=mandate)))
    visit.press(ev.RecordOpened(person(pin_letter_until=OVER)))
    assert isinstance(visit.phase, at.Menu)
