"""What the mechanism does for every service: showing, asking, acting without a card, leading from one to another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain import card as cards
from kiosk.domain.availability import Availability, availability
from kiosk.domain.card import NO_CARD, Role
from kiosk.domain.paper import printed
from kiosk.domain.problem import Problem
from kiosk.domain.receipt import Place
from kiosk.domain.service import Standing, refusal
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.domain.session.answering import actions_of, text_of
from tests.unit.domain.example_services import ASK, AT_ONCE, REPORT, SHOW, SHOW_AFTER_ASKING, WITH_STAFF, everything
from tests.unit.domain.example_services import examples as examples  # noqa: PLC0414 - the fixture
from tests.unit.domain.session.visits import PENDING, TO_CONFIRM, Visit, person, recorded

FULL = at.Environment(line=at.Line.ONLINE)


@pytest.fixture
def visit(examples):
    made = Visit()
    made.session = replace(made.session, services=examples, today="2026-11-22")
    return made


def without_card(visit):
    visit.press(ev.ScreenTouched())
    visit.press(ev.LanguageChosen("en"))
    visit.press(ev.WithoutCardPressed())
    return visit


def test_a_service_that_shows_opens_its_page_at_once_and_leads_back(visit):
    visit.to_menu().press(ev.ServiceChosen(SHOW.id))
    assert isinstance(visit.phase, at.Showing)
    assert set(actions_of(visit.session, visit.phase)) == {"ask", "year-2024", "years", "print"}
    visit.press(ev.ActionPressed("nothing of the kind"))
    visit.press(ev.Typed("x"))
    assert isinstance(visit.phase, at.Showing)
    visit.press(ev.BackPressed())
    assert isinstance(visit.phase, at.Menu)
    visit.press(ev.ServiceChosen(SHOW.id))
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Menu)


def test_what_if_changes_the_answer_and_takes_it_back(visit):
    visit.to_menu().press(ev.ServiceChosen(SHOW.id))
    visit.press(ev.ActionPressed("year-2024"))
    assert visit.phase.answers == {"year": "2024"}
    visit.press(ev.ActionPressed("years"))
    assert visit.phase.answers == {}


def test_printing_what_is_shown_asks_the_printer_once(visit):
    visit.to_menu().press(ev.ServiceChosen(SHOW.id))
    effects = visit.press(ev.ActionPressed("print"))
    assert [type(effect) for effect in effects] == [do.PrintShown]
    assert visit.press(ev.ActionPressed("print")) == []
    visit.press(ev.PrintEnded("printed"))
    assert visit.phase.printing is at.Printing.PRINTED
    visit.press(ev.PrintEnded("failed"))
    assert visit.phase.printing is at.Printing.PRINTED


def test_an_action_opens_another_service_and_back_leads_here_again(visit):
    visit.to_menu().press(ev.ServiceChosen(SHOW.id))
    visit.press(ev.ActionPressed("ask"))
    assert isinstance(visit.phase, at.Answering)
    assert text_of(visit.session, visit.phase) == "1"
    visit.press(ev.BackPressed())
    assert (visit.phase.service, type(visit.phase)) == (SHOW.id, at.Showing)
    visit.press(ev.ActionPressed("ask"))
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Checking)


def test_an_action_that_cannot_be_opened_says_why(visit):
    visit.to_menu().press(ev.ServiceChosen(SHOW.id))
    visit.press(ev.EnvironmentChanged(replace(FULL, disk_free_bytes=0)))
    visit.press(ev.ActionPressed("ask"))
    assert isinstance(visit.phase, at.Showing)
    assert visit.phase.problem is not None


def test_a_service_that_shows_may_ask_first(visit):
    visit.to_menu().press(ev.ServiceChosen(SHOW_AFTER_ASKING.id))
    assert text_of(visit.session, visit.phase) == "2024"
    visit.press(ev.ContinuePressed())
    assert (type(visit.phase), visit.phase.answers) == (at.Showing, {"year": "2024"})
    visit.press(ev.BackPressed())
    assert isinstance(visit.phase, at.Answering)
    visit.press(ev.Typed("2023"))
    visit.press(ev.ContinuePressed())
    assert visit.phase.answers == {"year": "2023"}


def test_pages_follow_from_the_answers_and_answers_nobody_asks_for_are_dropped(visit):
    visit.to_menu().press(ev.ServiceChosen(ASK.id))
    for typed in ("2", "because", "2026-11-22"):
        visit.press(ev.Typed(typed))
        visit.press(ev.ContinuePressed())
    assert visit.phase.answers == {"line": "2", "why": "because", "when": "2026-11-22"}
    visit.press(ev.ChangePressed("line"))
    visit.press(ev.Typed("1"))
    visit.press(ev.ContinuePressed())
    assert (type(visit.phase), visit.phase.answers) == (at.Checking, {"line": "1"})
    visit.press(ev.ChangePressed("line"))
    visit.press(ev.Typed("2"))
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Answering), "a changed answer opens the pages that it asks for"
    assert text_of(visit.session, visit.phase) == "because", "what was typed is kept"
    visit.press(ev.BackPressed())
    assert isinstance(visit.phase, at.Checking)


def test_a_day_may_not_lie_after_the_day_of_the_visit(visit):
    visit.to_menu().press(ev.ServiceChosen(ASK.id))
    for typed in ("2", "because", "2026-11-23"):
        visit.press(ev.Typed(typed))
        visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Answering)
    assert visit.phase.problem is not None


def test_an_act_that_asks_nothing_is_checked_at_once(visit):
    visit.to_menu().press(ev.ServiceChosen(AT_ONCE.id))
    assert isinstance(visit.phase, at.Checking)
    visit.press(ev.BackPressed())
    assert isinstance(visit.phase, at.Menu)


def test_the_menu_is_read_by_what_happened(visit):
    visit.to_menu().press(ev.LifeEventChosen("moved"))
    assert visit.phase.life_event == "moved"
    visit.press(ev.BackPressed())
    assert visit.phase.life_event == ""
    visit.press(ev.BackPressed())
    assert isinstance(visit.phase, at.Menu)


def test_without_a_card_something_can_be_told_and_is_sealed_not_signed(visit):
    without_card(visit)
    assert visit.phase == at.Menu(at.Visitor(NO_CARD))
    visit.press(ev.ServiceChosen(ASK.id))
    assert visit.phase.problem == Problem("service.refused.role")
    visit.press(ev.ServiceChosen(REPORT.id))
    visit.press(ev.Typed("a word"))
    visit.press(ev.ContinuePressed())
    assert visit.press(ev.SignPressed()) == [do.SealReport(REPORT.id, {"what": "a word"})]
    assert visit.press(ev.TransactionSigned("id-1")) == [do.AppendTransaction("id-1")]
    visit.press(ev.TransactionRecorded(recorded("id-1")))
    visit.wait(60)
    assert isinstance(visit.phase, at.ShowingReceipt)
    visit.press(ev.ContinuePressed())
    assert visit.phase == at.Menu(at.Visitor(NO_CARD))


def test_what_cannot_be_recorded_is_not_told_either(visit):
    without_card(visit).press(ev.ServiceChosen(REPORT.id))
    visit.press(ev.Typed("a word"))
    visit.press(ev.ContinuePressed())
    visit.press(ev.EnvironmentChanged(replace(FULL, journal_works=False)))
    assert visit.press(ev.SignPressed()) == []
    assert visit.phase.problem == Problem("sign.cannot_record")


def test_a_journal_that_refuses_leads_back_to_the_menu_without_a_card(visit):
    without_card(visit).press(ev.ServiceChosen(REPORT.id))
    visit.press(ev.Typed("a word"))
    visit.press(ev.ContinuePressed())
    visit.press(ev.SignPressed())
    visit.press(ev.SigningFailed("seal"))
    assert isinstance(visit.phase, at.NothingRecorded)
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Menu)


def test_a_card_put_in_or_pulled_disturbs_nobody_who_needs_none(visit):
    without_card(visit).press(ev.ServiceChosen(REPORT.id))
    visit.press(ev.CardInserted())
    visit.press(ev.CardRemoved())
    assert isinstance(visit.phase, at.Answering)
    visit.press(ev.BackPressed())
    assert visit.press(ev.CardInserted()) == [do.ExamineCard()], "in the menu a card begins its own visit"


def test_offline_a_page_shows_what_is_here_and_needs_the_record(visit):
    visit.to_menu().press(ev.EnvironmentChanged(at.Environment()))
    visit.press(ev.ServiceChosen(SHOW.id))
    assert isinstance(visit.phase, at.Showing)
    visit.press(ev.BackPressed())
    visit.session = replace(visit.session, phase=at.Menu(at.Visitor(visit.phase.visitor.card)))
    visit.press(ev.ServiceChosen(SHOW.id))
    assert visit.phase.problem == Problem("service.refused.needs_line")
    visit.press(ev.EnvironmentChanged(FULL))
    visit.press(ev.ServiceChosen(SHOW.id))
    assert visit.phase.problem == Problem("service.refused.no_record")


def test_what_the_menu_says_of_a_page_and_of_what_always_works():
    assert availability(SHOW, online=True) is Availability.NOW
    assert availability(SHOW, online=False) is Availability.FROM_CACHE
    assert availability(SHOW, online=True, record_here=False) is Availability.NEEDS_LINE
    works = replace(SHOW, offline=type(SHOW.offline).WORKS)
    assert availability(works, online=False, record_here=False) is Availability.NOW


def test_who_may_not_is_told_why():
    holder = Standing(Role.INSURED)
    assert refusal(SHOW, holder) is None
    assert refusal(SHOW, replace(holder, changes_blocked=True)) == Problem("service.refused.blocked")
    assert refusal(WITH_STAFF, holder) == Problem("service.refused.needs_staff")
    assert refusal(WITH_STAFF, replace(holder, staff="0000000001")) is None
    one = replace(ASK, conflict=type(ASK.conflict).ONE_PENDING)
    assert refusal(one, replace(holder, pending=frozenset({one.id}))) == Problem("service.test.ask.pending")


def test_the_paper_says_what_the_screen_says_and_that_it_proves_nothing():
    content = everything({"year": "2024"}, Standing(Role.INSURED, record=person(requests=(PENDING,))))
    paper = printed(content, Place("Office", "T0001", demonstration=True))
    words = [line.parameters["words"] for line in paper.lines if line.key == "paper.words"]
    for told in ("2024", "Some words", "Marie Novotná", "A gap", "More pay", "1.00 CZK", "One year", "A request", "On Monday", "Received", "Soon", "Nothing done", "Look"):
        assert told in words, told
    assert not {"Decided", "Asked"} & set(words), "what lies ahead has not been reached"
    assert paper.lines[0].key == "service.test.show.title"
    assert [line.key for line in paper.lines][1] == "receipt.demonstration"
    assert paper.lines[-1].key == "paper.no_proof"
    assert (paper.reference, paper.ends) == ("", True)
    plain = printed(replace(content, text="", blocks=()), Place("Office", "T0001"))
    assert [line.key for line in plain.lines] == ["service.test.show.title", "receipt.office", "", "paper.no_proof"]


def test_a_page_without_content_offers_nothing(visit):
    visit.to_menu()
    assert actions_of(visit.session, at.Showing(visit.phase.visitor, ASK.id)) == {}


def test_a_card_without_the_right_role_cannot_open_it(visit):
    visit.to_menu()
    employer = cards.CardIdentity("1234567890", Role.EMPLOYER, 3)
    visit.session = replace(visit.session, phase=at.Menu(at.Visitor(employer)))
    visit.press(ev.ServiceChosen(SHOW.id))
    assert visit.phase.problem == Problem("service.refused.role")


def test_from_my_requests_a_change_is_stopped_without_being_asked_which_and_back_leads_there():
    visit = Visit()
    visit.session = replace(visit.session, services=("requests.show",), today="2026-11-22")
    visit.to_pin().press(ev.PinChecked(cards.PinAccepted()))
    visit.press(ev.RecordOpened(person(requests=(TO_CONFIRM,))))
    visit.press(ev.ServiceChosen("requests.show"))
    shown = visit.phase
    for action, service in (("stop-0", "bank_account.stop"), ("confirm-0", "bank_account.confirm_holder")):
        visit.press(ev.ActionPressed(action))
        assert isinstance(visit.phase, at.Checking), visit.phase
        assert (visit.phase.service, visit.phase.answers) == (service, {"change": "t-1"})
        if action == "stop-0":
            visit.press(ev.BackPressed())
            assert visit.phase == shown
    visit.press(ev.StopPressed("t-1"))
    assert (visit.phase.service, visit.phase.origin) == ("bank_account.stop", shown)


def test_what_needs_the_record_says_so_where_it_is_not_here():
    visit = Visit()
    visit.session = replace(visit.session, services=("requests.show",))
    visit.to_pin().press(ev.PinChecked(cards.PinAccepted()))
    visit.press(ev.RecordAbsent(at.RecordAbsence.NOT_CACHED))
    visit.press(ev.ServiceChosen("requests.show"))
    assert visit.phase.problem == Problem("service.refused.no_record")


def test_what_is_switched_off_leaves_the_menu_and_what_is_open_goes_on(visit):
    visit.to_menu().press(ev.ServiceChosen(ASK.id))
    visit.press(ev.ServicesOffered((SHOW.id,)))
    visit.press(ev.Typed("1"))
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Checking)
    visit.press(ev.BackPressed())
    visit.press(ev.BackPressed())
    visit.press(ev.ServiceChosen(ASK.id))
    assert isinstance(visit.phase, at.Menu)
