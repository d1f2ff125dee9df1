"""A new PIN at the pad: every outcome is a value with a page of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain import card as cards
from kiosk.domain.services.pin import CHANGE
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from tests.unit.domain.session.visits import CARD, Visit


@pytest.fixture
def visit():
    made = Visit(at.Line.OFFLINE)
    made.session = replace(made.session, services=(CHANGE.id,))
    made.to_menu().press(ev.ServiceChosen(CHANGE.id))
    assert isinstance(made.phase, at.Checking)
    return made


def at_the_pad(visit):
    assert visit.press(ev.SignPressed()) == [do.SetPin(120)]
    assert isinstance(visit.phase, at.AwaitingNewPin)
    return visit


def test_a_yes_of_the_card_is_said_and_leads_back_to_the_menu(visit):
    at_the_pad(visit).press(ev.PinDigitsCounted(4))
    assert visit.phase.digits == 4
    visit.press(ev.Typed("x"))
    assert visit.press(ev.PinWasSet(cards.PinAccepted())) == []
    assert (type(visit.phase), visit.phase.service) == (at.Noted, CHANGE.id)
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Menu)


@pytest.mark.parametrize(
    "outcome", [cards.PinWrong(2), cards.NewPinsDiffer(), cards.NewPinRefused(), cards.PinWrongLength()]
)
def test_what_can_be_typed_again_is_asked_again_at_once(visit, outcome):
    assert at_the_pad(visit).press(ev.PinWasSet(outcome)) == [do.SetPin(120)]
    assert visit.phase.previous == outcome


@pytest.mark.parametrize(
    ("outcome", "key"),
    [
        (cards.PinWrong(1), "pin_change.last_try"),
        (cards.PinCancelled(), "pin_change.cancelled"),
        (cards.PinTimedOut(), "pin_change.timed_out"),
        (cards.PadFailed("x"), "pin_change.pad_failed"),
    ],
)
def test_what_ends_the_entry_says_so_and_leaves_the_choice(visit, outcome, key):
    assert at_the_pad(visit).press(ev.PinWasSet(outcome)) == []
    assert isinstance(visit.phase, at.Checking)
    assert visit.phase.problem == at.Problem(key)


@pytest.mark.parametrize("outcome", [cards.PinWrong(0), cards.PinBlocked()])
def test_a_blocked_card_says_so(visit, outcome):
    at_the_pad(visit).press(ev.PinWasSet(outcome))
    assert isinstance(visit.phase, at.PinIsBlocked)


def test_a_removal_decides_nothing_the_card_s_answer_does(visit):
    at_the_pad(visit).press(ev.CardRemoved())
    assert isinstance(visit.phase, at.AwaitingNewPin)
    visit.press(ev.PinWasSet(cards.Pulled()))
    assert visit.phase == at.NothingRecorded("pin_pulled")


def test_after_a_fault_nobody_says_that_the_pin_is_changed(visit):
    at_the_pad(visit).press(ev.FaultCaught())
    assert visit.phase == at.NothingRecorded("pin_pulled")


def test_what_could_not_be_told_on_is_not_begun(visit):
    visit.press(ev.EnvironmentChanged(at.Environment(line=at.Line.OFFLINE, journal_works=False)))
    assert visit.press(ev.SignPressed()) == []
    assert visit.phase.problem == at.Problem("sign.cannot_record")


# --- a blocked card, with an officer at the side ------------------------------------------------------


def stuck(visit, joined="5000000001", line=at.Line.ONLINE):
    """A blocked card in the slot."""
    phase = at.PinIsBlocked(CARD)
    visit.session = replace(visit.session, phase=phase, joined=joined, environment=at.Environment(line=line))
    return visit


def test_with_an_officer_the_holder_types_a_new_pin_and_the_visit_begins(visit):
    assert stuck(visit).press(ev.ContinuePressed()) == [do.UnblockPin(120, CARD.number, "5000000001")]
    assert visit.phase.unblocking
    assert [type(one) for one in visit.press(ev.PinWasSet(cards.NewPinsDiffer()))] == [do.UnblockPin]
    assert visit.phase.previous == cards.NewPinsDiffer()
    assert [type(one) for one in visit.press(ev.PinWasSet(cards.PinAccepted()))] == [do.AskPin]
    assert isinstance(visit.phase, at.AwaitingPin)


@pytest.mark.parametrize("other", [{"joined": ""}, {"line": at.Line.OFFLINE}])
def test_without_an_officer_or_a_line_nothing_is_unblocked(visit, other):
    assert not any(isinstance(effect, do.UnblockPin) for effect in stuck(visit, **other).press(ev.ContinuePressed()))
    assert not isinstance(visit.phase, at.AwaitingNewPin)


def test_nothing_else_unblocks(visit):
    stuck(visit).press(ev.BackPressed())
    assert visit.phase == at.PinIsBlocked(CARD)


@pytest.mark.parametrize("outcome", [cards.PadFailed("no PUK"), cards.PinWrong(2), cards.PinCancelled(), cards.PinTimedOut()])
def test_what_does_not_come_to_a_new_pin_leaves_the_card_blocked_and_says_so(visit, outcome):
    stuck(visit).press(ev.ContinuePressed())
    visit.press(ev.PinWasSet(outcome))
    assert visit.phase == at.PinIsBlocked(CARD, failed=True)


def test_a_card_pulled_while_it_is_unblocked(visit):
    stuck(visit).press(ev.ContinuePressed())
    visit.press(ev.PinWasSet(cards.Pulled()))
    assert visit.phase == at.NothingRecorded("pin_pulled")
