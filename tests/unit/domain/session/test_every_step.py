"""Every phase with every event that means something there, one row each: where it leads and what it asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain import card as cards
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.errors import Bug
from kiosk.domain.problem import Problem
from kiosk.domain.service import Question, QuestionType
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.domain.session.advance import advance, begin
from tests.unit.domain.session.visits import ACCOUNT, CARD, PENDING, SCHEME, TO_CONFIRM, Visit, person, recorded

CHANGE, STOP, CONFIRM = "bank_account.change", "bank_account.stop", "bank_account.confirm_holder"
VISITOR = at.Visitor(CARD, "Marie Novotná", person())
WITH_REQUESTS = replace(VISITOR, person=person(requests=(PENDING,)))
UNKNOWN = at.Visitor(CARD, "Marie Novotná")
NOT_ON_FILE = replace(UNKNOWN, absence=at.RecordAbsence.NOT_ON_FILE)
CHECKED = at.Checking(VISITOR, CHANGE, {"account": ACCOUNT}, {"account": ACCOUNT})
CHECKED_UNKNOWN = replace(CHECKED, visitor=UNKNOWN)
WAITED_FOR = replace(VISITOR, person=person(requests=(TO_CONFIRM,)))
CONFIRMING = at.Checking(WAITED_FOR, CONFIRM, {"change": "t-1"})
CLOSE = at.Verdict("waiting", "decision.bank_change.confirm", account_verification="close_match", holder_name="Marie Anna Novotná")
STOPPING = at.Checking(WITH_REQUESTS, STOP, {"change": "t-1"})
RECORDED = recorded("id-1")
VERDICT = at.Verdict("in_force")
NOW = 1000.0
SECRETS_GONE = (do.ResetCard(), do.ForgetSecrets())


def session(phase: at.Phase, **more) -> at.Session:
    world = more.pop("environment", at.Environment(line=at.Line.ONLINE))
    return at.Session(phase, environment=world, scheme=SCHEME, idle_at=NOW, **more)


def step(phase: at.Phase, event: ev.Event, **more) -> tuple[at.Phase, tuple[do.Effect, ...]]:
    after, effects = advance(session(phase, **more), event, NOW)
    return after.phase, effects


def taking(why: at.EndReason) -> at.TakingCard:
    return at.TakingCard(why, NOW + at.Limits().card_left_seconds, sound_at=NOW + at.Limits().farewell_seconds)


def waiting_pin(previous: cards.PinOutcome | None = None, card: cards.CardIdentity = CARD) -> at.AwaitingPin:
    return at.AwaitingPin(card, previous, until=NOW + at.Limits().pin_seconds)


def waiting_signature(previous: cards.PinOutcome | None = None) -> at.AwaitingSignature:
    return at.AwaitingSignature(CHECKED, previous, until=NOW + at.Limits().pin_seconds)


def left(tries: int) -> cards.CardIdentity:
    return replace(CARD, pin_tries_left=tries)


ASK = (do.AskPin(60),)
ACCOUNT_QUESTION = at.Answering(VISITOR, CHANGE, 0, typed={"account": "19"})

ARRIVING = [
    (at.Welcome(), ev.ScreenTouched(), at.ChoosingLanguage(), ()),
    (at.ChoosingLanguage(), ev.LanguageChosen("xx"), at.ChoosingLanguage(), ()),
    (at.AwaitingCard(), ev.ScreenTouched(), at.AwaitingCard(), ()),
    (at.AwaitingCard(), ev.BackPressed(), at.ChoosingLanguage(), ()),
    (at.AwaitingCard(), ev.CodePressed(), at.EnteringCode(), ()),
    (at.Welcome(), ev.CodePressed(), at.Welcome(), ()),
    (at.Welcome(), ev.BarcodeScanned("GR1:x"), at.AskingByCode("GR1:x"), (do.AskByCode("GR1:x"),)),
    (at.AwaitingCard(), ev.CardInserted(), at.ExaminingCard(), (do.ExamineCard(),)),
    (at.ExaminingCard(), ev.CardWasExamined(cards.Genuine(CARD)), waiting_pin(), ASK),
    (at.ExaminingCard(), ev.CardWasExamined(cards.Genuine(left(0))), at.PinIsBlocked(left(0)), ()),
    (at.ExaminingCard(), ev.CardWasExamined(cards.Genuine(left(1))), at.LastPinTry(left(1)), ()),
    (
        at.ExaminingCard(),
        ev.CardWasExamined(cards.RefusedCard(cards.CardRefusal.REVOKED)),
        at.CardRefusedPhase(cards.CardRefusal.REVOKED),
        (),
    ),
    (at.ExaminingCard(), ev.CardWasExamined(cards.Pulled()), at.AwaitingCard(), ()),
    (at.ExaminingCard(), ev.ContinuePressed(), at.ExaminingCard(), ()),
    (waiting_pin(), ev.PinDigitsCounted(3), replace(waiting_pin(), digits=3), ()),
    (waiting_pin(), ev.PinChecked(cards.PinAccepted()), at.OpeningRecord(at.Visitor(CARD)), (do.OpenRecord(),)),
    (waiting_pin(), ev.PinChecked(cards.PinWrong(2)), waiting_pin(cards.PinWrong(2), left(2)), ASK),
    (waiting_pin(), ev.PinChecked(cards.PinWrong(1)), at.LastPinTry(left(1)), ()),
    (waiting_pin(), ev.PinChecked(cards.PinWrong(0)), at.PinIsBlocked(left(0)), ()),
    (waiting_pin(), ev.PinChecked(cards.PinWrongLength()), waiting_pin(cards.PinWrongLength()), ASK),
    (waiting_pin(), ev.PinChecked(cards.PinBlocked()), at.PinIsBlocked(CARD), ()),
    (waiting_pin(), ev.PinChecked(cards.PinCancelled()), at.PinPaused(CARD, cards.PinCancelled()), ()),
    (waiting_pin(), ev.PinChecked(cards.PinTimedOut()), at.PinPaused(CARD, cards.PinTimedOut()), ()),
    (waiting_pin(), ev.PinChecked(cards.PadFailed("x")), at.PinPaused(CARD, cards.PadFailed("x")), ()),
    (waiting_pin(), ev.ContinuePressed(), waiting_pin(), ()),
    (at.PinPaused(CARD, cards.PinTimedOut()), ev.BackPressed(), at.PinPaused(CARD, cards.PinTimedOut()), ()),
    (at.PinPaused(CARD, cards.PinTimedOut()), ev.ContinuePressed(), waiting_pin(), ASK),
    (at.LastPinTry(left(1)), ev.ContinuePressed(), waiting_pin(cards.PinWrong(1), left(1)), ASK),
    (at.LastPinTry(left(1), resume=CHECKED), ev.ContinuePressed(), waiting_signature(), ASK),
    (at.OpeningRecord(at.Visitor(CARD)), ev.RecordOpened(person()), at.Menu(VISITOR), ()),
    (
        at.OpeningRecord(at.Visitor(CARD)),
        ev.RecordAbsent(at.RecordAbsence.OFFLINE, "Marie"),
        at.Menu(at.Visitor(CARD, "Marie", absence=at.RecordAbsence.OFFLINE)),
        (),
    ),
    (at.OpeningRecord(at.Visitor(CARD)), ev.BackPressed(), at.OpeningRecord(at.Visitor(CARD)), ()),
    (at.PinIsBlocked(), ev.BackPressed(), at.PinIsBlocked(), ()),
]

ASKING = [
    (at.Menu(VISITOR), ev.ServiceChosen(CHANGE), at.Answering(VISITOR, CHANGE, 0), ()),
    (at.Menu(UNKNOWN), ev.ServiceChosen(CHANGE), at.Answering(UNKNOWN, CHANGE, 0), ()),
    (
        at.Menu(NOT_ON_FILE),
        ev.ServiceChosen(CHANGE),
        at.Menu(NOT_ON_FILE, problem=Problem("service.refused.not_on_file")),
        (),
    ),
    (at.Menu(VISITOR), ev.ServiceChosen("unheard.of"), at.Menu(VISITOR), ()),
    (at.Menu(VISITOR), ev.BackPressed(), at.Menu(VISITOR), ()),
    (CONFIRMING, ev.StopPressed("t-1"), replace(STOPPING, visitor=WAITED_FOR), ()),
    (CONFIRMING, ev.StopPressed("t-2"), CONFIRMING, ()),
    (STOPPING, ev.StopPressed("t-1"), STOPPING, ()),
    (CONFIRMING, ev.BackPressed(), at.Menu(WAITED_FOR), ()),
    (replace(CONFIRMING, origin=CHECKED), ev.BackPressed(), CHECKED, ()),
    (CONFIRMING, ev.ChangePressed("change"), CONFIRMING, ()),
    (
        ACCOUNT_QUESTION,
        ev.Typed(ACCOUNT),
        replace(ACCOUNT_QUESTION, typed={"account": ACCOUNT}),
        (),
    ),
    (ACCOUNT_QUESTION, ev.BackPressed(), at.Menu(VISITOR, typed={"account": "19"}), ()),
    (replace(ACCOUNT_QUESTION, changing=True), ev.BackPressed(), replace(CHECKED, answers={}, typed={"account": "19"}), ()),
    (ACCOUNT_QUESTION, ev.SignPressed(), ACCOUNT_QUESTION, ()),
    (
        replace(ACCOUNT_QUESTION, typed={"account": VISITOR.person.account.iban}),
        ev.ContinuePressed(),
        replace(
            ACCOUNT_QUESTION,
            typed={"account": VISITOR.person.account.iban},
            problem=Problem("account.same_as_now"),
        ),
        (),
    ),
    (CHECKED, ev.BackPressed(), at.Answering(VISITOR, CHANGE, 0, CHECKED.answers, CHECKED.typed), ()),
    (STOPPING, ev.BackPressed(), at.Menu(WITH_REQUESTS), ()),
    (STOPPING, ev.ChangePressed("change"), STOPPING, ()),
    (
        CHECKED,
        ev.ChangePressed("account"),
        at.Answering(VISITOR, CHANGE, 0, CHECKED.answers, CHECKED.typed, changing=True),
        (),
    ),
    (CHECKED, ev.ChangePressed("nothing"), CHECKED, ()),
    (CHECKED, ev.Typed("x"), CHECKED, ()),
]  # fmt: skip

SIGNING = [
    (CHECKED, ev.SignPressed(), waiting_signature(), ASK),
    (
        CONFIRMING,
        ev.SignPressed(),
        at.AwaitingSignature(CONFIRMING, until=NOW + at.Limits().pin_seconds),
        ASK,
    ),
    (
        at.AwaitingSignature(CONFIRMING),
        ev.PinChecked(cards.PinAccepted()),
        at.Signing(CONFIRMING),
        (do.SignTransaction(CONFIRM, {"change": "t-1"}, 4),),
    ),
    (waiting_signature(), ev.PinDigitsCounted(2), replace(waiting_signature(), digits=2), ()),
    (
        waiting_signature(),
        ev.PinChecked(cards.PinAccepted()),
        at.Signing(CHECKED),
        (do.SignTransaction(CHANGE, {"account": ACCOUNT}, 4),),
    ),
    (
        at.AwaitingSignature(CHECKED_UNKNOWN),
        ev.PinChecked(cards.PinAccepted()),
        at.Signing(CHECKED_UNKNOWN),
        (do.SignTransaction(CHANGE, {"account": ACCOUNT}, None),),
    ),
    (waiting_signature(), ev.PinChecked(cards.PinWrong(2)), waiting_signature(cards.PinWrong(2)), ASK),
    (waiting_signature(), ev.PinChecked(cards.PinWrong(1)), at.LastPinTry(left(1), resume=CHECKED), ()),
    (waiting_signature(), ev.PinChecked(cards.PinWrong(0)), at.PinIsBlocked(CARD), ()),
    (waiting_signature(), ev.PinChecked(cards.PinBlocked()), at.PinIsBlocked(CARD), ()),
    (waiting_signature(), ev.PinChecked(cards.PinWrongLength()), waiting_signature(cards.PinWrongLength()), ASK),
    (waiting_signature(), ev.PinChecked(cards.PinCancelled()), replace(CHECKED, problem=Problem("sign.cancelled")), ()),
    (waiting_signature(), ev.PinChecked(cards.PinTimedOut()), replace(CHECKED, problem=Problem("sign.timed_out")), ()),
    (waiting_signature(), ev.PinChecked(cards.PadFailed("x")), replace(CHECKED, problem=Problem("sign.pad_failed")), ()),
    (waiting_signature(), ev.PinChecked(cards.Pulled()), at.NothingRecorded("card_pulled"), ()),
    (waiting_signature(), ev.BackPressed(), waiting_signature(), ()),
    (at.Signing(CHECKED), ev.TransactionSigned("id-1"), at.Recording(CHECKED, "id-1", NOW + 10), (do.AppendTransaction("id-1"),)),
    (at.Signing(CHECKED), ev.SigningFailed("pulled"), at.NothingRecorded("card_pulled"), ()),
    (at.Signing(CHECKED), ev.SigningFailed("card"), at.NothingRecorded("card", VISITOR), ()),
    (at.Signing(CHECKED), ev.BackPressed(), at.Signing(CHECKED), ()),
    (at.Recording(CHECKED, "id-1", NOW), ev.RecordingRefused("disk_full"), at.NothingRecorded("disk_full", VISITOR), ()),
    (at.Recording(CHECKED, "id-1", NOW + 1), ev.Ticked(), at.Recording(CHECKED, "id-1", NOW + 1), ()),
    (at.Recording(CHECKED, "id-1", NOW), ev.TransactionRecorded(recorded("other")), at.Recording(CHECKED, "id-1", NOW), ()),
    (
        at.Recording(CHECKED, "0-abcdefgh", NOW),
        ev.Ticked(),
        at.NotKnownWhetherRecorded("ABCDEFGH", CHECKED, "0-abcdefgh"),
        (),
    ),
    (
        at.NotKnownWhetherRecorded("ABCDEFGH", CHECKED, "id-1"),
        ev.TransactionRecorded(recorded("other")),
        at.NotKnownWhetherRecorded("ABCDEFGH", CHECKED, "id-1"),
        (),
    ),
    (
        at.Following(CHECKED, RECORDED, at.Step.SAVED, NOW + 8, at.Printing.PRINTING),
        ev.TransactionSent("id-1"),
        at.Following(CHECKED, RECORDED, at.Step.SENT, NOW + 8, at.Printing.PRINTING),
        (),
    ),
    (
        at.Following(CHECKED, RECORDED, at.Step.SAVED, NOW + 8, at.Printing.PRINTING),
        ev.VerdictArrived("other", VERDICT),
        at.Following(CHECKED, RECORDED, at.Step.SAVED, NOW + 8, at.Printing.PRINTING),
        (),
    ),
    (
        at.Following(CHECKED, RECORDED, at.Step.SAVED, NOW + 8, at.Printing.PRINTING),
        ev.PrintEnded("?"),
        at.Following(CHECKED, RECORDED, at.Step.SAVED, NOW + 8, at.Printing.UNKNOWN),
        (),
    ),
    (
        at.ShowingReceipt(CHECKED, RECORDED, None, at.Printing.PRINTED),
        ev.VerdictArrived("id-1", VERDICT),
        at.ShowingReceipt(CHECKED, RECORDED, VERDICT, at.Printing.PRINTED),
        (),
    ),
    (
        at.ShowingReceipt(CHECKED, RECORDED, None, at.Printing.PRINTED),
        ev.VerdictArrived("other", VERDICT),
        at.ShowingReceipt(CHECKED, RECORDED, None, at.Printing.PRINTED),
        (),
    ),
    (
        at.ShowingReceipt(CHECKED, RECORDED, None, at.Printing.PRINTING),
        ev.PrintAgainPressed(),
        at.ShowingReceipt(CHECKED, RECORDED, None, at.Printing.PRINTING),
        (),
    ),
    (
        at.ShowingReceipt(CHECKED, RECORDED, None, at.Printing.PRINTED),
        ev.PrintAgainPressed(),
        at.ShowingReceipt(CHECKED, RECORDED, None, at.Printing.PRINTING, copies=1),
        (do.PrintReceipt(do.Part.WHOLE, CHANGE, CHECKED.answers, RECORDED, None, duplicate=True),),
    ),
]  # fmt: skip

CODES = [
    (at.EnteringCode(), ev.Typed("ab"), at.EnteringCode("ab"), ()),
    (at.EnteringCode("ab"), ev.BarcodeScanned("GR1:x"), at.AskingByCode("GR1:x"), (do.AskByCode("GR1:x"),)),
    (at.EnteringCode("ab"), ev.BackPressed(), at.AwaitingCard(), ()),
    (at.EnteringCode("ab"), ev.SignPressed(), at.EnteringCode("ab"), ()),
    (at.AskingByCode("ab"), ev.BackPressed(), at.AskingByCode("ab"), ()),
    (at.CodeAnswered("stopped"), ev.BackPressed(), at.EnteringCode(), ()),
    (at.CodeAnswered("stopped"), ev.Typed("x"), at.CodeAnswered("stopped"), ()),
]

FAULTS = [
    (
        at.Recording(CHECKED, "0-abcdefgh", NOW),
        ev.FaultCaught(),
        at.NotKnownWhetherRecorded("ABCDEFGH", CHECKED, "0-abcdefgh"),
        (),
    ),
    (
        at.Following(CHECKED, RECORDED, at.Step.SAVED, NOW + 8, at.Printing.PRINTING),
        ev.FaultCaught(),
        at.ShowingReceipt(CHECKED, RECORDED, None, at.Printing.UNKNOWN),
        (),
    ),
    (
        at.ShowingReceipt(CHECKED, RECORDED, VERDICT, at.Printing.PRINTING),
        ev.FaultCaught(),
        at.ShowingReceipt(CHECKED, RECORDED, VERDICT, at.Printing.UNKNOWN),
        (),
    ),
    (at.Signing(CHECKED), ev.FaultCaught(), at.NothingRecorded("fault"), ()),
]


@pytest.mark.parametrize(("phase", "event", "leads_to", "effects"), [*ARRIVING, *ASKING, *SIGNING, *CODES, *FAULTS])
def test_one_step(phase, event, leads_to, effects):
    assert step(phase, event) == (leads_to, effects)


@pytest.mark.parametrize(
    ("phase", "event", "why"),
    [
        (waiting_pin(), ev.PinChecked(cards.Pulled()), at.EndReason.CARD_TAKEN),
        (at.Menu(VISITOR), ev.CardRemoved(), at.EndReason.CARD_TAKEN),
        (at.CardRefusedPhase(cards.CardRefusal.REVOKED), ev.CardRemoved(), at.EndReason.CARD_REFUSED),
        (taking(at.EndReason.FINISHED), ev.CardRemoved(), at.EndReason.FINISHED),
        (at.PinIsBlocked(), ev.ContinuePressed(), at.EndReason.CARD_REFUSED),
        (at.Menu(VISITOR), ev.EndPressed(), at.EndReason.FINISHED),
        (at.Menu(VISITOR), ev.FaultCaught(), at.EndReason.FAULT),
        (at.CodeAnswered("stopped"), ev.ContinuePressed(), at.EndReason.FINISHED),
        (at.NothingRecorded("card", VISITOR), ev.ContinuePressed(), at.EndReason.FINISHED),
        (at.NotKnownWhetherRecorded("X", CHECKED, "id-1"), ev.ContinuePressed(), at.EndReason.FINISHED),
        (at.ShowingReceipt(CHECKED, RECORDED, None, at.Printing.PRINTED), ev.ContinuePressed(), at.EndReason.FINISHED),
    ],
)
def test_without_a_card_in_the_slot_the_end_is_at_once(phase, event, why):
    assert step(phase, event) == (at.Ended(why), (*SECRETS_GONE, do.LeaveScreen(why.value)))


@pytest.mark.parametrize(
    ("phase", "event", "why"),
    [
        (at.Menu(VISITOR), ev.EndPressed(), at.EndReason.FINISHED),
        (at.CardRefusedPhase(cards.CardRefusal.REVOKED), ev.ContinuePressed(), at.EndReason.CARD_REFUSED),
        (at.NothingRecorded("fault"), ev.ContinuePressed(), at.EndReason.FINISHED),
    ],
)
def test_with_a_card_in_the_slot_it_is_waited_for(phase, event, why):
    assert step(phase, event, card_present=True) == (taking(why), SECRETS_GONE)


def test_while_the_card_is_in_the_person_goes_on_with_another_request():
    receipt = at.ShowingReceipt(CHECKED, RECORDED, VERDICT, at.Printing.PRINTED)
    again = at.OpeningRecord(replace(VISITOR, person=None))
    assert step(receipt, ev.ContinuePressed(), card_present=True) == (again, (do.OpenRecord(),))
    refused = at.NothingRecorded("disk_full", VISITOR)
    assert step(refused, ev.ContinuePressed(), card_present=True) == (at.Menu(VISITOR), ())


@pytest.mark.parametrize(
    "phase",
    [
        at.AwaitingCard(),
        at.EnteringCode("ab"),
        at.Signing(CHECKED),
        at.NothingRecorded("card"),
        at.ShowingReceipt(CHECKED, RECORDED, None, at.Printing.PRINTED),
    ],
)
def test_a_removal_changes_nothing_where_the_screen_must_be_read(phase):
    assert step(phase, ev.CardRemoved(), card_present=True) == (phase, ())


@pytest.mark.parametrize(
    "phase",
    [
        at.OutOfService(at.OutOfServiceReason.NO_READER),
        at.NothingRecorded("card", VISITOR),
        at.NotKnownWhetherRecorded("X"),
        at.ShowingReceipt(CHECKED, RECORDED, None, at.Printing.PRINTED),
        at.Following(CHECKED, RECORDED, at.Step.SAVED, NOW + 8, at.Printing.PRINTING),
        taking(at.EndReason.FINISHED),
    ],
)
def test_an_act_that_does_not_fit_changes_nothing(phase):
    assert step(phase, ev.SignPressed()) == (phase, ())


@pytest.mark.parametrize("phase", [at.Welcome(), at.Signing(CHECKED), taking(at.EndReason.FINISHED)])
def test_end_waits_for_an_act_under_way(phase):
    assert step(phase, ev.EndPressed(), card_present=True) == (phase, ())


def test_after_the_end_nothing_happens():
    assert step(at.Ended(at.EndReason.FINISHED), ev.ScreenTouched()) == (at.Ended(at.EndReason.FINISHED), ())


def test_a_service_that_needs_the_line_says_so_before_anything_is_asked():
    offline = at.Environment(line=at.Line.OFFLINE)
    said = at.Menu(VISITOR, problem=Problem("service.refused.needs_line"))
    assert step(at.Menu(VISITOR), ev.ServiceChosen(CONFIRM), environment=offline, services=(CONFIRM,)) == (said, ())


def test_a_confirmation_that_lost_its_line_is_not_signed():
    offline = at.Environment(line=at.Line.OFFLINE)
    said = replace(CONFIRMING, problem=Problem("service.refused.needs_line"))
    assert step(CONFIRMING, ev.SignPressed(), environment=offline) == (said, ())


def showing(verdict: at.Verdict | None, checked: at.Checking = CHECKED) -> at.ShowingReceipt:
    return at.ShowingReceipt(checked, RECORDED, verdict, at.Printing.PRINTED)


def test_a_close_match_seen_at_the_terminal_leads_to_the_bank_s_name():
    visit = Visit().to_following()
    visit.session = replace(visit.session, card_present=True)
    visit.press(ev.VerdictArrived("id-1", CLOSE))
    visit.press(ev.ConfirmPressed("another"))
    assert isinstance(visit.phase, at.ShowingReceipt)
    assert visit.press(ev.ConfirmPressed("id-1")) == []
    confirming = visit.phase
    assert (confirming.service, confirming.answers) == (CONFIRM, {"change": "id-1"})
    line = confirming.visitor.person.requests[0]
    assert (line.holder_name, line.account, line.stage, line.to_confirm) == ("Marie Anna Novotná", ACCOUNT, "waiting", True)
    visit.press(ev.StopPressed("id-1"))
    assert (visit.phase.service, visit.phase.answers) == (STOP, {"change": "id-1"})
    visit.press(ev.BackPressed())
    assert visit.phase == replace(confirming.origin, printing=at.Printing.UNKNOWN), "the receipt, from which it came"
    visit.press(ev.ConfirmPressed("id-1"))
    assert visit.phase == replace(confirming, origin=replace(confirming.origin, printing=at.Printing.UNKNOWN))
    assert visit.press(ev.SignPressed()) == list(ASK)
    assert visit.press(ev.PinChecked(cards.PinAccepted())) == [do.SignTransaction(CONFIRM, {"change": "id-1"}, 4)]


@pytest.mark.parametrize(
    ("phase", "card_present"),
    [
        (showing(CLOSE), False),
        (showing(VERDICT), True),
        (showing(None), True),
        (showing(replace(CLOSE, decision="cancelled")), True),
        (showing(CLOSE, CHECKED_UNKNOWN), True),
        (showing(CLOSE, STOPPING), True),
    ],
)
def test_there_is_nothing_to_confirm_without_card_name_and_record(phase, card_present):
    assert step(phase, ev.ConfirmPressed("id-1"), card_present=card_present) == (phase, ())


def test_a_question_without_a_scheme_is_a_bug():
    lost = replace(session(ACCOUNT_QUESTION), scheme=None)
    with pytest.raises(Bug):
        advance(lost, ev.ContinuePressed(), NOW)


def test_a_service_of_two_pages_goes_on_and_back(monkeypatch):
    questions = (Question("why", QuestionType.FREE_TEXT), Question("where", QuestionType.FREE_TEXT))
    monkeypatch.setitem(SERVICES, "two", replace(SERVICES[STOP], id="two", questions=questions))
    first = at.Answering(VISITOR, "two", 0, typed={"why": "because"})
    second, effects = step(first, ev.ContinuePressed())
    assert (second.question, dict(second.answers), effects) == (1, {"why": "because"}, ())
    back, _ = step(second, ev.BackPressed())
    assert (back.question, back.typed) == (0, {"why": "because"})
    checked, _ = step(replace(second, typed={**second.typed, "where": "here"}), ev.ContinuePressed())
    assert isinstance(checked, at.Checking)
    assert step(checked, ev.ChangePressed("where"))[0].question == 1
    assert (
        step(replace(first, answers=checked.answers, changing=True), ev.ContinuePressed())[0].answers == checked.answers
    )


@pytest.mark.parametrize(
    ("world", "why"),
    [
        (at.Environment(agent_connected=False), at.OutOfServiceReason.NO_AGENT),
        (at.Environment(suspended=True), at.OutOfServiceReason.SUSPENDED),
        (at.Environment(journal_works=False), at.OutOfServiceReason.JOURNAL),
        (at.Environment(reader_works=False), at.OutOfServiceReason.NO_READER),
    ],
)
def test_a_world_that_serves_nobody_closes_the_idle_terminal_and_no_running_visit(world, why):
    closed = at.OutOfService(why)
    assert begin(session(at.Welcome(), environment=world), NOW)[0].phase == closed
    assert step(at.Welcome(), ev.EnvironmentChanged(world)) == (closed, ())
    assert step(at.OutOfService(at.OutOfServiceReason.STARTING), ev.EnvironmentChanged(world)) == (closed, ())
    assert step(closed, ev.EnvironmentChanged(at.Environment())) == (at.Welcome(), ())
    assert step(at.Menu(VISITOR), ev.EnvironmentChanged(world)) == (at.Menu(VISITOR), ())
    assert step(at.Welcome(), ev.EnvironmentChanged(at.Environment())) == (at.Welcome(), ())


def test_comfort_is_the_persons_and_the_visit_stays_where_it_is():
    visit = Visit().to_menu()
    before = visit.phase
    for scale in (130, 160, 200, 100):
        visit.press(ev.TextSizePressed())
        assert visit.session.comfort.text_scale == scale
    visit.press(ev.ContrastPressed())
    visit.press(ev.LowerScreenPressed())
    assert visit.session.comfort == at.Comfort(high_contrast=True, lowered=True)
    visit.press(ev.LanguagePressed())
    assert visit.session.overlay == at.LanguagePicker()
    visit.press(ev.LanguageChosen("xx"))
    assert visit.session.comfort.language == "en"
    visit.press(ev.LanguageChosen("cs"))
    assert (visit.session.comfort.language, visit.session.overlay, visit.phase) == ("cs", None, before)


def test_another_language_over_the_welcome_does_not_begin_the_visit():
    visit = Visit()
    visit.press(ev.LanguagePressed())
    visit.press(ev.LanguageChosen("cs"))
    assert visit.phase == at.Welcome()


@pytest.mark.parametrize("phase", [at.Welcome(), at.OutOfService(at.OutOfServiceReason.SUSPENDED)])
def test_who_walks_off_from_the_welcome_leaves_no_comfort_behind(phase):
    first = at.Comfort(language="cs")
    visit = Visit()
    visit.session = replace(visit.session, phase=phase, comfort=first, defaults=first)
    assert visit.wait(500) == []
    visit.press(ev.TextSizePressed())
    visit.press(ev.ContrastPressed())
    visit.press(ev.LanguagePressed())
    visit.press(ev.LanguageChosen("ar"))
    visit.press(ev.HelpPressed())
    chosen = visit.session.comfort
    assert chosen == at.Comfort("ar", 130, high_contrast=True)
    visit.wait(89)
    visit.press(ev.LowerScreenPressed())
    visit.wait(89)
    assert visit.session.comfort == replace(chosen, lowered=True)
    visit.wait(1)
    assert (visit.phase, visit.session.comfort, visit.session.overlay) == (phase, first, None)


def test_help_and_staff_lie_over_the_screen():
    visit = Visit().to_menu()
    visit.press(ev.HelpPressed())
    assert visit.session.overlay == at.HelpShown()
    visit.press(ev.StaffCallAnswered("9"))
    assert visit.session.overlay == at.HelpShown()
    assert visit.press(ev.CallStaffPressed()) == [do.CallStaff("Menu")]
    visit.press(ev.StaffCallAnswered(""))
    assert visit.session.overlay == at.StaffCalled("", delivered=False)
    visit.press(ev.StaffCallAnswered("9"))
    assert visit.session.overlay == at.StaffCalled("9", delivered=True)
    visit.press(ev.OverlayClosed())
    assert visit.session.overlay is None


def test_the_warning_stands_until_somebody_acts_and_an_act_counts():
    visit = Visit().to_menu()
    visit.wait(90)
    visit.wait(1)
    assert isinstance(visit.session.overlay, at.IdleWarning)
    visit.press(ev.ServiceChosen(CHANGE))
    assert visit.session.overlay is None
    assert isinstance(visit.phase, at.Answering)
    assert visit.wait(1) == []


def test_a_card_left_behind_is_heard_again_and_again_until_it_is_taken():
    sound = [do.Play(do.Sound.CARD_LEFT)]
    visit = Visit().to_menu()
    visit.session = replace(visit.session, card_present=True)
    visit.press(ev.EndPressed())
    assert visit.wait(7.9) == []  # time to take it
    assert visit.wait(0.2) == sound
    assert visit.wait(3.9) == []
    assert visit.wait(0.2) == sound
    assert visit.wait(4) == sound
    assert visit.press(ev.CardRemoved())[-1] == do.LeaveScreen("finished")


def test_who_walked_away_is_called_back_at_once():
    visit = Visit().to_menu()
    visit.session = replace(visit.session, card_present=True)
    visit.wait(90)
    assert visit.wait(20) == [*SECRETS_GONE, do.Play(do.Sound.CARD_LEFT)]
    assert visit.wait(4) == [do.Play(do.Sound.CARD_LEFT)]


def test_the_next_visit_calls_too_but_not_all_night():
    visit = Visit()
    visit.session, effects = begin(replace(visit.session, card_present=True), 0.0)
    assert effects == ()
    heard = [visit.wait(1) for _ in range(600)]
    assert heard[0] == [do.Play(do.Sound.CARD_LEFT)]
    assert len([effects for effects in heard if effects]) == 8  # every 4 s for 30 s
    assert not any(heard[30:])
    assert isinstance(visit.phase, at.TakingCard)


def test_a_card_left_in_the_slot_ends_as_left_behind_and_a_refused_one_as_refused():
    late = NOW + at.Limits().card_left_seconds
    for why, ends in (
        (at.EndReason.FINISHED, at.EndReason.CARD_LEFT),
        (at.EndReason.CARD_REFUSED, at.EndReason.CARD_REFUSED),
    ):
        after, _ = advance(session(taking(why), card_present=True), ev.Ticked(), late)
        assert after.phase == at.Ended(ends)
        early, _ = advance(session(taking(why), card_present=True), ev.Ticked(), NOW)
        assert early.phase == taking(why)


CLOSED = [
    (at.Environment(line=at.Line.OFFLINE, reference_age_seconds=31 * 86_400), "reference_old"),
    (at.Environment(line=at.Line.ONLINE, reference_age_seconds=None), "reference_old"),
    (at.Environment(line=at.Line.OFFLINE, backlog=5001), "backlog_full"),
    (at.Environment(line=at.Line.OFFLINE, disk_free_bytes=1 << 20), "disk_low"),
]


@pytest.mark.parametrize(("world", "why"), CLOSED)
def test_beyond_a_limit_no_new_request_is_taken_and_a_fraud_can_still_be_stopped(world: at.Environment, why: str) -> None:
    problem = Problem(f"service.refused.closed.{why}")
    assert step(at.Menu(VISITOR), ev.ServiceChosen(CHANGE), environment=world) == (at.Menu(VISITOR, problem=problem), ())
    assert step(CHECKED, ev.SignPressed(), environment=world) == (replace(CHECKED, problem=problem), ())
    after, effects = step(STOPPING, ev.SignPressed(), environment=world)
    assert isinstance(after, at.AwaitingSignature)
    assert len(effects) == 1
    shown, _ = step(at.Menu(VISITOR), ev.ServiceChosen("requests.show"), environment=world, services=("requests.show",))
    assert shown == at.Showing(VISITOR, "requests.show")


def test_within_the_limits_requests_are_taken() -> None:
    world = at.Environment(
        line=at.Line.OFFLINE, reference_age_seconds=30 * 86_400, backlog=5000, disk_free_bytes=32 << 20,
        revocation_age_seconds=90 * 86_400,
    )  # fmt: skip
    assert isinstance(step(at.Menu(VISITOR), ev.ServiceChosen(CHANGE), environment=world)[0], at.Answering)


@pytest.mark.parametrize("absence", list(at.RecordAbsence))
def test_whatever_the_reason_a_record_that_is_not_here_is_said_so_on_the_menu(absence: at.RecordAbsence) -> None:
    phase, _ = step(at.OpeningRecord(at.Visitor(CARD)), ev.RecordAbsent(absence, "Marie"))
    assert phase == at.Menu(at.Visitor(CARD, "Marie", None, absence))


def test_a_block_holds_on_a_cached_record_as_well() -> None:
    """Read from this terminal, without the line: what the person has blocked stays blocked."""
    cached = person(changes_blocked=True, confirmed_at="2026-11-20T06:12:00Z")
    visitor = replace(VISITOR, person=cached)
    world = at.Environment(line=at.Line.OFFLINE)
    blocked = at.Menu(visitor, problem=Problem("service.refused.blocked"))
    assert step(at.Menu(visitor), ev.ServiceChosen(CHANGE), environment=world) == (blocked, ())
