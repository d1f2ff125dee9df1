"""Every phase meets every event: nothing raises, time-outs and faults included, and no phase forgets its person by accident."""

from __future__ import annotations

import pytest

from kiosk.domain import card as cards
from kiosk.domain.errors import Bug, EnvironmentFault
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.domain.session.advance import advance, begin
from tests.unit.domain.session.visits import ACCOUNT, CARD, PENDING, SCHEME, TO_CONFIRM, person, recorded

VISITOR = at.Visitor(CARD, "Marie Novotná", person(requests=(PENDING,)))
CLEAR = at.Visitor(CARD, "Marie Novotná", person())
UNKNOWN = at.Visitor(CARD, "Marie Novotná", None, at.RecordAbsence.NOT_ON_FILE)
OFFLINE = at.Visitor(CARD, "Marie Novotná", None, at.RecordAbsence.OFFLINE)
CHANGE, STOP = "bank_account.change", "bank_account.stop"
CHECKED = at.Checking(CLEAR, CHANGE, {"account": ACCOUNT})
STOPPING = at.Checking(VISITOR, STOP, {"change": "t-1"})
WAITED_FOR = at.Visitor(CARD, "Marie Novotná", person(requests=(TO_CONFIRM,)))
CONFIRMING = at.Checking(WAITED_FOR, "bank_account.confirm_holder", {"change": "t-1"})
CLOSE = at.Verdict("waiting", holder_name="Marie Anna Novotná")
ONE_LEFT = cards.CardIdentity("1000000001", cards.Role.INSURED, 1)
ID = "01890000-0000-7000-8000-00000abcdef1"

PHASES: list[at.Phase] = [
    *(at.OutOfService(reason) for reason in at.OutOfServiceReason),
    at.Welcome(), at.ChoosingLanguage(), at.AwaitingCard(), at.ExaminingCard(),
    at.CardRefusedPhase(cards.CardRefusal.MUTE), at.AwaitingPin(CARD), at.PinPaused(CARD, cards.PinCancelled()),
    at.LastPinTry(ONE_LEFT), at.LastPinTry(ONE_LEFT, resume=CHECKED), at.PinIsBlocked(), at.OpeningRecord(CLEAR),
    at.Menu(CLEAR), at.Menu(VISITOR), at.Menu(UNKNOWN), at.Menu(OFFLINE), at.Showing(VISITOR, "requests.show"), at.Showing(OFFLINE, "requests.show"),
    at.Answering(CLEAR, CHANGE, 0), at.Answering(CLEAR, CHANGE, 0, typed={"account": ACCOUNT}),
    at.Answering(CLEAR, CHANGE, 0, typed={"account": "CZ9455000000001011038930"}),
    at.Answering(CLEAR, CHANGE, 0, {"account": ACCOUNT}, {"account": ACCOUNT}, changing=True),
    CHECKED, STOPPING, CONFIRMING, at.Showing(WAITED_FOR, "requests.show"), at.ShowingReceipt(CHECKED, recorded(ID), CLOSE, at.Printing.PRINTED),
    at.AwaitingSignature(CHECKED), at.AwaitingSignature(STOPPING), at.Signing(CHECKED),
    at.Recording(CHECKED, ID, 50.0), at.Following(CHECKED, recorded(ID), at.Step.SAVED, 50.0, at.Printing.PRINTING),
    at.Following(CHECKED, recorded(ID), at.Step.SENT, 50.0, at.Printing.FAILED),
    *(at.ShowingReceipt(CHECKED, recorded(ID), None, printing) for printing in at.Printing),
    at.NothingRecorded("card_pulled"), at.NothingRecorded("card", CLEAR), at.NotKnownWhetherRecorded("0ABCDEF1", CHECKED, ID),
    at.NotKnownWhetherRecorded("0ABCDEF1"), at.EnteringCode(), at.EnteringCode("ABCD-EFGH-JK"), at.AskingByCode("ABCDEFGHJK"),
    at.CodeAnswered("stopped"), at.TakingCard(at.EndReason.FINISHED, 50.0), at.TakingCard(at.EndReason.CARD_LEFT, 50.0),
    at.Ended(at.EndReason.FINISHED),
]  # fmt: skip
PINS = [
    cards.PinAccepted(), cards.PinWrong(2), cards.PinWrong(1), cards.PinWrong(0), cards.PinBlocked(), cards.PinCancelled(),
    cards.PinTimedOut(), cards.PinWrongLength(), cards.PadFailed("gone"), cards.Pulled(),
]  # fmt: skip
WORLDS = [
    at.Environment(line=at.Line.ONLINE), at.Environment(), at.Environment(agent_connected=False), at.Environment(suspended=True),
    at.Environment(journal_works=False), at.Environment(reader_works=False),
]  # fmt: skip
EVENTS: list[ev.Event] = [
    ev.ScreenTouched(), ev.LanguageChosen("cs"), ev.LanguageChosen("xx"), ev.LanguagePressed(), ev.TextSizePressed(),
    ev.ContrastPressed(), ev.LowerScreenPressed(), ev.HelpPressed(), ev.CallStaffPressed(), ev.OverlayClosed(),
    ev.ContinuePressed(), ev.BackPressed(), ev.EndPressed(), ev.ServiceChosen(CHANGE), ev.ServiceChosen("unheard.of"),
    ev.ActionPressed("stop-0"), ev.ActionPressed("confirm-0"), ev.StopPressed("t-1"), ev.StopPressed("other"), ev.ConfirmPressed("t-1"), ev.ConfirmPressed(ID),
    ev.Typed("19-2000145399/0800"), ev.ChangePressed("account"),
    ev.ChangePressed("nothing"), ev.SignPressed(), ev.PrintAgainPressed(), ev.CodePressed(), ev.CardInserted(), ev.CardRemoved(),
    ev.CardWasExamined(cards.Genuine(CARD)), ev.CardWasExamined(cards.Genuine(ONE_LEFT)),
    ev.CardWasExamined(cards.Genuine(cards.CardIdentity("1000000001", cards.Role.INSURED, 0))),
    ev.CardWasExamined(cards.RefusedCard(cards.CardRefusal.REVOKED)), ev.CardWasExamined(cards.Pulled()), ev.PinDigitsCounted(3),
    *(ev.PinChecked(outcome) for outcome in PINS), ev.TransactionSigned(ID), ev.SigningFailed("pulled"), ev.SigningFailed("card"),
    ev.PrintEnded("printed"), ev.PrintEnded("failed"), ev.PrintEnded("?"), ev.BarcodeScanned("GR1:ABC"),
    *(ev.EnvironmentChanged(world) for world in WORLDS), ev.RecordOpened(person()), ev.RecordAbsent(at.RecordAbsence.OFFLINE),
    ev.TransactionRecorded(recorded(ID)), ev.TransactionRecorded(recorded("another")), ev.RecordingRefused("disk_full"),
    ev.TransactionSent(ID), ev.VerdictArrived(ID, at.Verdict("in_force")), ev.VerdictArrived("another", at.Verdict("held")),
    ev.CodeWasAnswered("stopped"), ev.StaffCallAnswered("7"), ev.FaultCaught(), ev.Ticked(),
    ev.StaffCardInserted(), ev.StaffJoined("3000000001"), ev.StaffNotJoined(), ev.StaffLeft(), ev.HelperTypesToggled(),
]  # fmt: skip
OVERLAYS = [None, at.LanguagePicker(), at.HelpShown(), at.StaffCalled(), at.IdleWarning(until=60.0)]


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: type(phase).__name__)
def test_every_event_is_taken_or_ignored(phase):
    for event in EVENTS:
        for overlay in OVERLAYS:
            for card_present in (True, False):
                for now in (10.0, 55.0, 100.0):
                    for world in (WORLDS[0], WORLDS[1]):
                        before = at.Session(
                            phase, environment=world, overlay=overlay, card_present=card_present, scheme=SCHEME
                        )
                        after, effects = advance(before, event, now)
                        _check(before, event, after, effects)


def _check(before, event, after, effects):
    leaves = [effect for effect in effects if isinstance(effect, do.LeaveScreen)]
    assert bool(leaves) == (isinstance(after.phase, at.Ended) and not isinstance(before.phase, at.Ended))
    if isinstance(after.phase, at.TakingCard) and not isinstance(before.phase, at.TakingCard | at.OutOfService):
        assert do.ForgetSecrets() in effects
    if any(isinstance(effect, do.AppendTransaction) for effect in effects):
        assert isinstance(event, ev.TransactionSigned)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("card_present", [True, False])
def test_a_visit_begins_with_what_is_there(world, card_present):
    session, effects = begin(
        at.Session(at.Ended(at.EndReason.FINISHED), environment=world, card_present=card_present), 1.0
    )
    assert isinstance(session.phase, at.OutOfService | at.TakingCard | at.Welcome)
    assert not effects


def test_what_only_this_line_says_needs_the_line():
    from kiosk.domain.session.choosing import menu  # the one service that needs it is not in a menu yet

    session = at.Session(at.Menu(CLEAR), scheme=SCHEME, services=("bank_account.confirm_holder",))
    after, _ = menu(session, at.Menu(CLEAR), ev.ServiceChosen("bank_account.confirm_holder"))
    assert after.phase.problem == at.Problem("service.refused.needs_line")


def test_the_account_paid_to_already_is_refused_on_its_page():
    own = at.Answering(CLEAR, CHANGE, 0, typed={"account": CLEAR.person.account.iban})
    after, _ = advance(at.Session(own, scheme=SCHEME), ev.ContinuePressed(), 1.0)
    assert after.phase.problem == at.Problem("account.same_as_now")


def test_a_question_without_a_scheme_is_a_bug():
    with pytest.raises(Bug):
        advance(at.Session(at.Answering(CLEAR, CHANGE, 0), scheme=None), ev.ContinuePressed(), 1.0)


def test_a_fault_of_the_world_says_what_and_what_to_do():
    fault = EnvironmentFault("The printer is missing.", "Plug it in.")
    assert (fault.what, fault.remedy, str(fault)) == (
        "The printer is missing.", "Plug it in.", "The printer is missing. Plug it in."
    )  # fmt: skip
