"""Practice: the whole menu of an invented person, and nothing of it reaches a card, the journal, the line or the printer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain import card as cards
from kiosk.domain import practice
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.service import pages
from kiosk.domain.services.practice import START
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.domain.session.advance import advance
from kiosk.domain.session.answering import actions_of
from kiosk.domain.session.choosing import services_in, standing_in
from kiosk.schemes import load_scheme
from tests.unit.domain.session.visits import Visit, recorded

OFFERED = load_scheme("cz").services
HARMLESS = (do.Play, do.CallStaff, do.ResetCard, do.ForgetSecrets, do.LeaveScreen)


@pytest.fixture
def visit():
    return practising(Visit())


def practising(made, who="pensioner"):
    made.session = replace(made.session, services=OFFERED, today="2026-11-22")
    made.press(ev.ScreenTouched())
    made.press(ev.LanguageChosen("en"))
    made.press(ev.WithoutCardPressed())
    made.press(ev.ServiceChosen(START.id))
    made.press(ev.Typed(who))
    made.press(ev.ContinuePressed())
    assert made.press(ev.SignPressed()) == []
    assert made.session.practice
    invented = practice.PEOPLE[who]
    assert made.phase == at.Menu(at.Visitor(practice.CARD, invented.name, invented))
    return made


def test_an_act_ends_in_practice_and_leads_to_the_menu(visit):
    visit.press(ev.ServiceChosen("bank_account.change"))
    visit.press(ev.Typed("CZ9455000000001011038930"))
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Checking)
    assert visit.press(ev.SignPressed()) == []
    assert (type(visit.phase), visit.phase.service) == (at.Noted, "practice")
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Menu)


def test_a_ticket_in_practice_leads_back_to_the_page(visit):
    visit.press(ev.ServiceChosen("bank_account.change"))
    visit.press(ev.DeskPressed())
    visit.press(ev.Typed("money"))
    visit.press(ev.ContinuePressed())
    assert visit.press(ev.SignPressed()) == []
    visit.press(ev.ContinuePressed())
    assert (type(visit.phase), visit.phase.service) == (at.Answering, "bank_account.change")


def test_a_card_put_in_or_taken_out_changes_nothing(visit):
    before = visit.phase
    assert visit.press(ev.CardInserted()) == []
    assert visit.press(ev.CardRemoved()) == []
    assert visit.phase == before
    visit.press(ev.EndPressed())
    assert isinstance(visit.phase, at.Ended)


# --- a training room -------------------------------------------------------------------------------------


@pytest.fixture
def room():
    made = Visit()
    made.session = replace(made.session, services=OFFERED, today="2026-11-22", practice=True)
    return made


@pytest.mark.parametrize("first", [ev.ScreenTouched(), ev.CardInserted()])
def test_in_a_training_room_a_visit_begins_with_whom_to_play(room, first):
    assert room.press(first) == []
    assert room.press(ev.LanguageChosen("en")) == []
    assert (type(room.phase), room.phase.service) == (at.Answering, START.id)
    room.press(ev.Typed("worker"))
    room.press(ev.ContinuePressed())
    assert room.press(ev.SignPressed()) == []
    assert room.phase == at.Menu(at.Visitor(practice.CARD, practice.WORKER.name, practice.WORKER))


def test_in_a_training_room_what_needs_no_card_is_practice_too(room):
    room.press(ev.ScreenTouched())
    room.press(ev.LanguageChosen("en"))
    room.press(ev.BackPressed())
    assert room.phase == at.Menu(at.Visitor(cards.NO_CARD), typed={})
    room.session = replace(room.session, phase=at.Checking(room.phase.visitor, "death.report", {}))
    assert room.press(ev.SignPressed()) == []
    assert (type(room.phase), room.phase.service) == (at.Noted, "practice")


def test_in_a_training_room_no_real_code_is_asked_about(room):
    assert room.press(ev.BarcodeScanned("GR1:ABC")) == []
    assert isinstance(room.phase, at.Welcome)


def test_an_officer_who_has_joined_can_show_it_where_it_is_not_on_offer():
    made = Visit()
    made.session = replace(made.session, services=("death.report",), today="2026-11-22")
    made.press(ev.ScreenTouched())
    made.press(ev.LanguageChosen("en"))
    made.press(ev.WithoutCardPressed())
    made.press(ev.ServiceChosen(START.id))
    assert isinstance(made.phase, at.Menu)
    made.press(ev.StaffCardInserted())
    made.press(ev.StaffJoined("4000009001"))
    assert services_in(made.session) == ("death.report", START.id)
    made.press(ev.ServiceChosen(START.id))
    assert (type(made.phase), made.phase.service) == (at.Answering, START.id)
    made.session = replace(made.session, services=OFFERED)
    assert services_in(made.session) == OFFERED


def test_nobody_known_is_the_first():
    assert practice.person("nobody") is practice.PENSIONER


def test_every_service_s_pages_can_be_walked_by_the_invented(visit):
    for who in practice.PEOPLE:
        session = practising(Visit(), who).session
        for name in OFFERED:
            pages(SERVICES[name], {}, standing_in(session, session.phase.visitor))


PLAIN = (
    ev.ContinuePressed(), ev.BackPressed(), ev.SignPressed(), ev.DeskPressed(), ev.FeedbackPressed(), ev.PrintAgainPressed(),
    ev.CardInserted(), ev.CardRemoved(), ev.CodePressed(), ev.Ticked(), ev.ScreenTouched(), ev.LanguageChosen("en"),
    ev.StopPressed("practice-1"), ev.ConfirmPressed("practice-1"), ev.TransactionSigned("t"), ev.PrintEnded("printed"),
    ev.TransactionRecorded(recorded("t")), ev.WithoutCardPressed(), ev.BarcodeScanned("x"), ev.FaultCaught(),
)  # fmt: skip
TYPED = ("CZ9455000000001011038930", "money", "good", "nothing", "email", "jana@example.org", "lost", "2021", "1", "missing_employer")


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PLAIN), st.sampled_from(TYPED), st.sampled_from(OFFERED), st.integers(0, 9)), max_size=40), st.booleans())
def test_no_practice_ever_signs_seals_appends_prints_or_asks(steps, trained):
    session = practising(Visit()).session
    if trained:
        session = replace(session, phase=at.Welcome())
    for step in steps:
        if isinstance(step, int):
            pressed = list(actions_of(session, session.phase)) if isinstance(session.phase, at.Showing) else []
            event = ev.ActionPressed(pressed[step % len(pressed)]) if pressed else ev.SignPressed()
        elif isinstance(step, str):
            event = ev.ServiceChosen(step) if step in OFFERED else ev.Typed(step)
        else:
            event = step
        session, effects = advance(session, event, 0.0)
        assert all(isinstance(effect, HARMLESS) for effect in effects), (event, effects)
        assert session.practice
