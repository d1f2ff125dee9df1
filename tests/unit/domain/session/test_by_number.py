"""Number and PIN without a card: what they open, and where every refusal leads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.card import BY_NUMBER, NO_CARD, PinAccepted
from kiosk.domain.number_pin import NotOpened, Opened, PadEnded, PadEnding, Word
from kiosk.domain.problem import Problem
from kiosk.domain.services.number_pin import OPEN
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from tests.unit.domain.session.visits import Visit, person, recorded

NUMBER = "5301010019"


@pytest.fixture
def visit():
    made = Visit()
    made.session = replace(made.session, services=(OPEN.id, "requests.show", "payments.show", "address.change", "record.show"))
    made.press(ev.ScreenTouched())
    made.press(ev.LanguageChosen("en"))
    made.press(ev.WithoutCardPressed())
    made.press(ev.ServiceChosen(OPEN.id))
    assert isinstance(made.phase, at.Answering)
    made.session = replace(made.session, phase=at.Checking(at.Visitor(NO_CARD), OPEN.id, {"number": NUMBER}))
    return made


def at_the_pad(visit):
    assert visit.press(ev.SignPressed()) == [do.OpenByNumber(60, NUMBER)]
    assert isinstance(visit.phase, at.AwaitingNumberPin)
    return visit


def asked(visit):
    at_the_pad(visit).press(ev.NumberPinSealed())
    assert visit.phase == at.AskingByNumber(at.Checking(at.Visitor(NO_CARD), OPEN.id, {"number": NUMBER}))
    return visit


def test_the_right_one_opens_what_risks_little(visit):
    at_the_pad(visit).press(ev.PinDigitsCounted(4))
    assert visit.phase.digits == 4
    visit.press(ev.Typed("x"))
    visit.press(ev.NumberPinSealed())
    visit.press(ev.Typed("x"))
    visit.press(ev.NumberAnswered(Opened(person(account=None))))
    assert isinstance(visit.phase, at.Menu)
    assert visit.phase.visitor.card is BY_NUMBER
    visit.press(ev.ServiceChosen("requests.show"))
    assert isinstance(visit.phase, at.Showing)


@pytest.mark.parametrize("name", ["address.change", "record.show"])
def test_and_nothing_else(visit, name):
    asked(visit).press(ev.NumberAnswered(Opened(person())))
    visit.press(ev.ServiceChosen(name))
    assert visit.phase.problem == at.Problem("service.refused.role")


def test_a_card_ends_that_and_begins_anew(visit):
    asked(visit).press(ev.NumberAnswered(Opened(person())))
    assert visit.press(ev.CardInserted()) == [do.ExamineCard()]


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [
        (NotOpened(Word.WRONG), at.Problem("number_pin.wrong")),
        (NotOpened(Word.WAIT, 4), at.Problem("number_pin.wait", {"minutes": "4"})),
        (NotOpened(Word.OFFLINE), at.Problem("number_pin.offline")),
        (NotOpened(Word.REFUSED), at.Problem("number_pin.refused")),
        (PadEnded(PadEnding.CANCELLED), at.Problem("number_pin.cancelled")),
        (PadEnded(PadEnding.TIMED_OUT), at.Problem("number_pin.timed_out")),
        (PadEnded(PadEnding.FAULT), at.Problem("number_pin.fault")),
    ],
)
def test_a_refusal_leads_back_to_the_number(visit, outcome, problem):
    assert asked(visit).press(ev.NumberAnswered(outcome)) == []
    assert isinstance(visit.phase, at.Checking)
    assert visit.phase.problem == problem
    at_the_pad(visit)


def test_a_letter_s_pin_is_replaced_at_once(visit):
    assert asked(visit).press(ev.NumberAnswered(NotOpened(Word.CHOOSE))) == [do.OpenByNumber(120, NUMBER, choosing=True)]
    assert (visit.phase.choosing, visit.phase.previous) == (True, Word.CHOOSE)
    assert visit.press(ev.NumberAnswered(PadEnded(PadEnding.DIFFER))) == [do.OpenByNumber(120, NUMBER, choosing=True)]
    visit.press(ev.NumberPinSealed())
    assert visit.press(ev.NumberAnswered(NotOpened(Word.COMMON))) == [do.OpenByNumber(120, NUMBER, choosing=True)]
    assert visit.phase.previous is Word.COMMON


def test_a_short_pin_is_asked_again(visit):
    assert at_the_pad(visit).press(ev.NumberAnswered(PadEnded(PadEnding.LENGTH))) == [do.OpenByNumber(60, NUMBER)]
    assert visit.phase.previous is PadEnding.LENGTH


def test_without_a_line_nobody_is_asked(visit):
    visit.press(ev.EnvironmentChanged(at.Environment(line=at.Line.OFFLINE)))
    assert visit.press(ev.SignPressed()) == []
    assert visit.phase.problem == at.Problem("service.refused.needs_line")


def test_no_card_s_answer_and_no_card_s_removal_matters_here(visit):
    at_the_pad(visit)
    assert visit.press(ev.PinChecked(PinAccepted())) == []
    visit.press(ev.CardRemoved())
    assert isinstance(visit.phase, at.AwaitingNumberPin)


def test_the_pad_keeps_its_own_time_and_end_is_always_there(visit):
    at_the_pad(visit).wait(1000)
    assert isinstance(visit.phase, at.AwaitingNumberPin)
    effects = visit.press(ev.EndPressed())
    assert do.ResetCard() in effects
    assert isinstance(visit.phase, at.Ended)


def test_it_blocks_changes_of_the_account_without_a_signature(visit):
    visit.session = replace(visit.session, services=(*visit.session.services, "bank_account.block", "bank_account.unblock"))
    asked(visit).press(ev.NumberAnswered(Opened(person(account=None))))
    visit.press(ev.ServiceChosen("bank_account.unblock"))
    assert visit.phase.problem == Problem("service.refused.role")
    visit.press(ev.ServiceChosen("bank_account.block"))
    assert isinstance(visit.phase, at.Checking)
    assert visit.press(ev.SignPressed()) == [do.SealReport("bank_account.block", {}, by_number=True)]
    assert isinstance(visit.phase, at.Signing)
    assert visit.press(ev.TransactionSigned("t-9")) == [do.AppendTransaction("t-9")]
    visit.press(ev.TransactionRecorded(recorded("t-9")))
    visit.press(ev.VerdictArrived("t-9", at.Verdict("in_force", "decision.bank_account.block.in_force")))
    assert isinstance(visit.phase, at.ShowingReceipt)
    visit.press(ev.ContinuePressed())
    assert visit.phase.visitor.card is BY_NUMBER


def test_what_anybody_may_tell_says_nothing_of_whose_number_it_was(visit):
    visit.session = replace(visit.session, services=(*visit.session.services, "feedback.give"))
    asked(visit).press(ev.NumberAnswered(Opened(person(account=None))))
    checked = at.Checking(visit.phase.visitor, "feedback.give", {"how": "good"})
    visit.session = replace(visit.session, phase=checked)
    (told,) = visit.press(ev.SignPressed())
    assert isinstance(told, do.SealFeedback)
