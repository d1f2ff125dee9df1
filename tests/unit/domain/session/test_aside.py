"""Aside of a visit: a number for the desk from any page, a word on how it went after a receipt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain import card as cards
from kiosk.domain.card import NO_CARD
from kiosk.domain.services.feedback import GIVE, told
from kiosk.domain.services.ticket import DRAW, number_of
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.domain.session.aside import can_ask_for_desk, can_say_how_it_went, resume
from tests.unit.domain.session.visits import ACCOUNT, CARD, Visit, recorded

SERVICES = ("bank_account.change", DRAW.id, GIVE.id)


@pytest.fixture
def visit():
    made = Visit()
    made.session = replace(made.session, services=SERVICES)
    return made


def draw(visit, about="money"):
    visit.press(ev.DeskPressed())
    assert (visit.phase.service, type(visit.phase)) == (DRAW.id, at.Answering)
    visit.press(ev.Typed(about))
    visit.press(ev.ContinuePressed())
    (sealing,) = visit.press(ev.SignPressed())
    visit.press(ev.TransactionSigned("id-9"))
    effects = visit.press(ev.TransactionRecorded(recorded("id-9")))
    return sealing, effects


def say(visit):
    for typed in ("bad", "tax"):
        visit.press(ev.Typed(typed))
        visit.press(ev.ContinuePressed())
    (sealing,) = visit.press(ev.SignPressed())
    visit.press(ev.TransactionSigned("id-9"))
    assert visit.press(ev.TransactionRecorded(recorded("id-9"))) == []
    return sealing


def receipt(visit):
    visit.to_following()
    visit.press(ev.PrintEnded("printed"))
    visit.wait(60)
    assert isinstance(visit.phase, at.ShowingReceipt)
    return visit


def test_a_ticket_takes_along_what_was_typed_and_leads_back_to_it(visit):
    visit.to_question().press(ev.Typed("CZ65"))
    sealing, effects = draw(visit)
    assert sealing == do.SealTicket("money", "Answering", "bank_account.change", {"account": "CZ65"}, CARD.number)
    number = number_of(recorded("id-9").reference)
    assert effects == [do.PrintTicket(number, recorded("id-9"))]
    assert number == "7-001"
    assert visit.phase.printing is at.Printing.PRINTING
    visit.press(ev.PrintEnded("failed"))
    assert visit.phase.printing is at.Printing.FAILED
    visit.press(ev.PrintEnded("printed"))
    assert visit.phase.printing is at.Printing.FAILED, "the slip is over"
    visit.press(ev.Typed("x"))
    visit.press(ev.ContinuePressed())
    assert (type(visit.phase), visit.phase.typed) == (at.Answering, {"account": "CZ65"})


def test_from_the_check_page_the_answers_go_along(visit):
    visit.to_checking()
    sealing, _ = draw(visit)
    assert sealing.step == "Checking"
    assert sealing.draft["account"] == ACCOUNT


def test_nothing_is_taken_along_from_a_page_that_is_only_read(visit):
    visit.to_menu()
    sealing, _ = draw(visit)
    assert (sealing.step, sealing.service, sealing.draft) == ("Menu", "", {})


def test_what_is_shown_says_which_service_it_was(visit):
    visit.to_menu()
    visit.session = replace(visit.session, phase=at.Showing(visit.phase.visitor, "record.show"))
    sealing, _ = draw(visit)
    assert (sealing.service, sealing.draft) == ("record.show", {})


def test_without_a_card_a_number_is_drawn_too_and_names_nobody(visit):
    visit.press(ev.ScreenTouched())
    visit.press(ev.LanguageChosen("en"))
    sealing, _ = draw(visit)
    assert (sealing.card, sealing.step) == ("", "AwaitingCard")
    visit.press(ev.BackPressed())
    assert isinstance(visit.phase, at.AwaitingCard)


def test_from_the_menu_it_is_a_service_like_any_other(visit):
    visit.press(ev.ScreenTouched())
    visit.press(ev.LanguageChosen("en"))
    visit.press(ev.WithoutCardPressed())
    visit.press(ev.ServiceChosen(DRAW.id))
    assert not can_ask_for_desk(visit.session)
    assert visit.press(ev.DeskPressed()) == []
    visit.press(ev.Typed("other"))
    visit.press(ev.ContinuePressed())
    (sealing,) = visit.press(ev.SignPressed())
    assert sealing == do.SealTicket("other", "Menu", "", {}, "")
    visit.press(ev.TransactionSigned("id-9"))
    visit.press(ev.TransactionRecorded(recorded("id-9")))
    visit.press(ev.ContinuePressed())
    assert visit.phase == at.Menu(at.Visitor(NO_CARD))


def test_who_is_not_on_file_gets_a_number_all_the_same(visit):
    visit.to_pin().press(ev.PinChecked(cards.PinAccepted()))
    visit.press(ev.RecordAbsent(at.RecordAbsence.NOT_ON_FILE))
    visit.press(ev.ServiceChosen(DRAW.id))
    assert isinstance(visit.phase, at.Answering)


def test_offline_and_with_old_data_the_way_to_the_desk_stays_open(visit):
    visit.to_menu()
    visit.press(ev.EnvironmentChanged(at.Environment(line=at.Line.OFFLINE, backlog=10**6, reference_age_seconds=10**9)))
    assert visit.session.closed is not None
    sealing, effects = draw(visit)
    assert isinstance(sealing, do.SealTicket)
    assert isinstance(effects[0], do.PrintTicket)


@pytest.mark.parametrize(
    "phase", [at.Welcome(), at.AwaitingPin(CARD), at.Following, at.TakingCard(at.EndReason.FINISHED, 9.0)]
)
def test_where_a_pad_waits_or_the_journal_has_the_word_there_is_no_way_aside(visit, phase):
    if phase is at.Following:
        visit.to_following()
        visit.session = replace(visit.session, services=SERVICES)
    else:
        visit.session = replace(visit.session, phase=phase)
    assert not can_ask_for_desk(visit.session)
    before = visit.phase
    assert visit.press(ev.DeskPressed()) == []
    assert visit.phase == before


def test_an_office_without_tickets_and_words_has_neither(visit):
    visit.session = replace(visit.session, services=("bank_account.change",))
    visit.to_menu()
    assert not can_ask_for_desk(visit.session)
    assert not can_say_how_it_went(visit.session)
    receipt(visit2 := Visit()).press(ev.FeedbackPressed())
    assert isinstance(visit2.phase, at.ShowingReceipt)


def test_a_refused_ticket_says_so(visit):
    visit.to_menu().press(ev.DeskPressed())
    visit.press(ev.Typed("card"))
    visit.press(ev.ContinuePressed())
    visit.press(ev.SignPressed())
    visit.press(ev.TransactionSigned("id-9"))
    visit.press(ev.RecordingRefused("too_many_tickets"))
    assert visit.phase == at.NothingRecorded("too_many_tickets", visit.phase.visitor)


def test_a_page_that_a_card_had_opened_is_over_when_the_card_is_gone(visit):
    visit.to_menu()
    draw(visit)
    visit.press(ev.CardRemoved())
    assert isinstance(visit.phase, at.Noted), "the number is read to the end"
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Ended)


def test_drawn_from_the_menu_of_a_card_that_is_gone_the_visit_ends(visit):
    visit.to_menu().press(ev.ServiceChosen(DRAW.id))
    visit.press(ev.Typed("card"))
    visit.press(ev.ContinuePressed())
    visit.press(ev.SignPressed())
    visit.press(ev.TransactionSigned("id-9"))
    visit.press(ev.TransactionRecorded(recorded("id-9")))
    menu = visit.session
    visit.press(ev.BackPressed())
    assert isinstance(visit.phase, at.Menu)
    visit.session = replace(menu, card_present=False)
    visit.press(ev.BackPressed())
    assert isinstance(visit.phase, at.Ended)


def test_a_blocked_card_leads_to_the_desk_and_back_as_long_as_it_is_there(visit):
    blocked = replace(visit.session, phase=at.PinIsBlocked())
    assert can_ask_for_desk(blocked)
    assert isinstance(resume(replace(blocked, card_present=True), at.PinIsBlocked())[0].phase, at.PinIsBlocked)
    assert isinstance(resume(blocked, at.PinIsBlocked())[0].phase, at.Ended)


def test_a_word_on_how_it_went_takes_along_the_service_and_nobody(visit):
    receipt(visit).press(ev.FeedbackPressed())
    assert visit.phase.visitor == at.Visitor(NO_CARD)
    assert say(visit) == do.SealFeedback("bank_account.change", {"face": "bad", "missing": "tax"})
    assert visit.phase.printing is None
    visit.press(ev.PrintEnded("printed"))
    assert isinstance(visit.phase, at.Noted)
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.ShowingReceipt), "the reference is there again"


def test_paper_that_ended_meanwhile_is_not_known_about(visit):
    visit.to_following()
    visit.wait(60)
    assert visit.phase.printing is at.Printing.PRINTING
    visit.press(ev.FeedbackPressed())
    visit.press(ev.PrintEnded("printed"))
    visit.press(ev.BackPressed())
    assert visit.phase.printing is at.Printing.UNKNOWN


def test_from_the_menu_a_word_is_about_no_service(visit):
    visit.to_menu().press(ev.ServiceChosen(GIVE.id))
    assert say(visit).service == ""


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (1, "<5"), (4, "<5"), (5, "5"), (60, "60")])
def test_few_voices_are_not_told_as_a_number(count, shown):
    assert told(count) == shown


@pytest.mark.parametrize(("reference", "number"), [("00071000001G", "7-001")])
def test_the_number_follows_from_the_reference(reference, number):
    assert number_of(reference) == number
