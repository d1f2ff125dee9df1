"""`advance` is total, every path ends with the card free and the secrets gone, and nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain import card as cards
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.domain.session.advance import advance, begin
from tests.unit.domain.session.visits import ACCOUNT, CARD, PENDING, SCHEME, TO_CONFIRM, Visit, person, recorded

IDENTITIES = st.builds(
    cards.CardIdentity,
    number=st.just("1234567890"),
    role=st.sampled_from(cards.Role),
    pin_tries_left=st.one_of(st.none(), st.integers(0, 5)),
)
PIN_OUTCOMES = st.one_of(
    st.just(cards.PinAccepted()),
    st.builds(cards.PinWrong, st.integers(0, 5)),
    st.just(cards.PinBlocked()),
    st.just(cards.PinCancelled()),
    st.just(cards.PinTimedOut()),
    st.just(cards.PinWrongLength()),
    st.just(cards.PadFailed("no pad")),
    st.just(cards.Pulled()),
)
TEXTS = st.sampled_from(["", "1", ACCOUNT, "19-2000145399/0800", "x" * 80, "١٢٣", "ABCD-EFGH-JK"])
ENVIRONMENTS = st.builds(
    at.Environment,
    line=st.sampled_from(at.Line),
    printer=st.sampled_from(at.PrinterState),
    reader_works=st.booleans(),
    journal_works=st.booleans(),
    agent_connected=st.booleans(),
    suspended=st.booleans(),
)
EVENTS = st.one_of(
    st.sampled_from(
        [
            ev.ScreenTouched(), ev.LanguagePressed(), ev.TextSizePressed(), ev.ContrastPressed(),
            ev.LowerScreenPressed(), ev.HelpPressed(), ev.CallStaffPressed(), ev.OverlayClosed(),
            ev.ContinuePressed(), ev.BackPressed(), ev.EndPressed(), ev.SignPressed(),
            ev.PrintAgainPressed(), ev.CodePressed(), ev.CardInserted(), ev.CardRemoved(), ev.FaultCaught(),
            ev.ServiceChosen("bank_account.change"), ev.ServiceChosen("unheard.of"), ev.ChangePressed("account"),
            ev.ChangePressed("nothing"), ev.StopPressed("t-1"), ev.StopPressed("other"), ev.ConfirmPressed("t-1"), ev.ConfirmPressed("id-1"),
            ev.LanguageChosen("cs"), ev.LanguageChosen("xx"), ev.StaffCallAnswered("7"), ev.StaffCallAnswered(""),
            ev.SigningFailed("pulled"), ev.SigningFailed("card"), ev.RecordingRefused("disk_full"),
            ev.TransactionSigned("id-1"), ev.TransactionSent("id-1"), ev.Ticked(), ev.Ticked(),
            ev.StaffCardInserted(), ev.StaffJoined("3000000001"), ev.StaffNotJoined(), ev.StaffLeft(), ev.HelpEnded(), ev.HelperTypesToggled(),
            ev.StaffCodePressed(), ev.StaffCodeAnswered("joined", "3000000001", "Alena"), ev.StaffCodeAnswered("wrong"),
        ]
    ),
    st.builds(ev.CardWasExamined, st.one_of(
        st.builds(cards.Genuine, IDENTITIES),
        st.builds(cards.RefusedCard, st.sampled_from(cards.CardRefusal)),
        st.just(cards.Pulled()),
    )),
    st.builds(ev.PinChecked, PIN_OUTCOMES),
    st.builds(ev.PinDigitsCounted, st.integers(0, 8)),
    st.builds(ev.Typed, TEXTS),
    st.builds(ev.BarcodeScanned, TEXTS),
    st.builds(ev.EnvironmentChanged, ENVIRONMENTS),
    st.sampled_from([ev.RecordOpened(person()), ev.RecordOpened(person(requests=(PENDING,))),
                     ev.RecordOpened(person(requests=(TO_CONFIRM,)))]),
    st.builds(ev.RecordAbsent, st.sampled_from(at.RecordAbsence)),
    st.just(ev.TransactionRecorded(recorded("id-1"))),
    st.just(ev.TransactionRecorded(recorded("another"))),
    st.builds(
        lambda d, name: ev.VerdictArrived("id-1", at.Verdict(d, holder_name=name)),
        st.sampled_from(["in_force", "held", "refused"]), st.sampled_from(["", "Marie Anna Novotná"]),
    ),
    st.builds(ev.PrintEnded, st.sampled_from(["printed", "failed", "unknown", "?"])),
    st.builds(ev.CodeWasAnswered, st.sampled_from(["stopped", "unknown", "offline"])),
)  # fmt: skip
STEPS = st.lists(st.tuples(EVENTS, st.floats(0, 40)), max_size=60)


@settings(max_examples=400, deadline=None)
@given(STEPS, st.booleans())
def test_is_total_and_every_path_ends_with_card_free_and_secrets_gone(steps, card_left):
    now = 0.0
    session, _ = begin(at.Session(at.Welcome(), card_present=card_left, scheme=SCHEME), now)
    seen: list[do.Effect] = []
    for event, pause in steps:
        now += pause
        before = session
        session, effects = advance(session, event, now)
        seen += effects
        if isinstance(before.phase, at.Ended):
            assert session == before
            assert not effects
    # Whatever happened: leave it alone, take the card, and it is over within its own time-outs.
    for event in _abandoned(session):
        now += 200
        session, effects = advance(session, event, now)
        seen += effects
    if isinstance(session.phase, at.Welcome | at.OutOfService):
        assert not _personal(session.phase)
        return
    assert isinstance(session.phase, at.Ended)
    assert isinstance(seen[-1], do.LeaveScreen)
    assert sum(isinstance(effect, do.LeaveScreen) for effect in seen) == 1
    last_secret = (
        max(i for i, e in enumerate(seen) if isinstance(e, do.SignTransaction | do.OpenRecord | do.AskPin))
        if any(isinstance(e, do.SignTransaction | do.OpenRecord | do.AskPin) for e in seen)
        else -1
    )
    assert any(isinstance(e, do.ForgetSecrets) for e in seen[last_secret + 1 :])
    assert any(isinstance(e, do.ResetCard) for e in seen[last_secret + 1 :])


def _abandoned(session: at.Session) -> list[ev.Event]:
    """What the devices and the agent answer by themselves when nobody does anything any more."""
    answers: list[ev.Event] = [
        ev.CardWasExamined(cards.Pulled()), ev.PinChecked(cards.PinTimedOut()), ev.RecordAbsent(at.RecordAbsence.OFFLINE),
        ev.SigningFailed("card"), ev.CodeWasAnswered("offline"), ev.PinChecked(cards.PinTimedOut()),
    ]  # fmt: skip
    return [*answers, *[ev.Ticked()] * 6, ev.CardRemoved(), *[ev.Ticked()] * 3]


def _personal(phase: at.Phase) -> bool:
    return hasattr(phase, "visitor") or hasattr(phase, "checked") or hasattr(phase, "card")


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_no_signature_without_a_fresh_pin_and_no_record_without_a_signature(steps):
    now, session = 0.0, at.Session(at.Welcome(), scheme=SCHEME)
    asked, accepted = 0, False
    for event, pause in steps:
        now += pause
        session, effects = advance(session, event, now)
        for effect in effects:
            if isinstance(effect, do.AskPin):
                asked += 1
                accepted = False
            if isinstance(effect, do.SignTransaction):
                assert asked >= 1
                assert event == ev.PinChecked(cards.PinAccepted())
                accepted = True
            if isinstance(effect, do.AppendTransaction):
                assert accepted
                assert isinstance(event, ev.TransactionSigned)
            if isinstance(effect, do.PrintReceipt) and effect.part is do.Part.RECEIVED:
                assert isinstance(event, ev.TransactionRecorded)


def test_the_whole_way_online():
    visit = Visit().to_checking()
    assert visit.press(ev.SignPressed()) == [do.AskPin(60)]
    assert visit.press(ev.PinChecked(cards.PinAccepted())) == [
        do.SignTransaction("bank_account.change", visit.answers, 4)
    ]
    assert visit.press(ev.TransactionSigned("id-1")) == [do.AppendTransaction("id-1")]
    paper, follow = visit.press(ev.TransactionRecorded(recorded("id-1")))
    assert isinstance(paper, do.PrintReceipt)
    assert (paper.part, paper.verdict, paper.duplicate) == (do.Part.RECEIVED, None, False)
    assert follow == do.FollowTransaction("id-1")
    visit.press(ev.PrintEnded("printed"))
    visit.press(ev.TransactionSent("id-1"))
    assert visit.phase.reached is at.Step.SENT
    (paper,) = visit.press(ev.VerdictArrived("id-1", at.Verdict("in_force", first_payment_on="2026-12-12")))
    assert paper.part is do.Part.DECIDED
    visit.press(ev.PrintEnded("printed"))
    assert visit.phase.printing is at.Printing.PRINTED
    assert visit.press(ev.EndPressed()) == [do.ResetCard(), do.ForgetSecrets()]
    assert isinstance(visit.phase, at.TakingCard)
    assert visit.press(ev.CardRemoved())[-1] == do.LeaveScreen("finished")


def test_offline_the_receipt_is_whole_at_once_and_says_received():
    visit = Visit(line=at.Line.OFFLINE).to_checking()
    visit.press(ev.SignPressed())
    visit.press(ev.PinChecked(cards.PinAccepted()))
    visit.press(ev.TransactionSigned("id-1"))
    (paper,) = visit.press(ev.TransactionRecorded(recorded("id-1")))
    assert (paper.part, paper.verdict) == (do.Part.WHOLE, None)
    assert isinstance(visit.phase, at.ShowingReceipt)


@pytest.mark.parametrize("event", [ev.PinChecked(cards.Pulled()), ev.CardRemoved()])
def test_a_card_pulled_while_the_pin_is_asked_again_leaves_nothing(event):
    visit = Visit().to_checking()
    visit.press(ev.SignPressed())
    assert visit.press(event) == []
    assert visit.phase == at.NothingRecorded("card_pulled")


def test_a_removal_seen_while_the_card_computes_decides_nothing_until_the_card_has_answered():
    visit = Visit().to_checking()
    visit.press(ev.SignPressed())
    visit.press(ev.PinChecked(cards.PinAccepted()))
    visit.press(ev.CardRemoved())
    assert isinstance(visit.phase, at.Signing)
    assert visit.press(ev.TransactionSigned("id-1")) == [do.AppendTransaction("id-1")]
    visit.press(ev.TransactionRecorded(recorded("id-1")))
    assert isinstance(visit.phase, at.Following)


def test_the_same_removal_with_no_signature_is_nothing():
    visit = Visit().to_checking()
    visit.press(ev.SignPressed())
    visit.press(ev.PinChecked(cards.PinAccepted()))
    visit.press(ev.CardRemoved())
    visit.press(ev.SigningFailed("pulled"))
    assert visit.phase == at.NothingRecorded("card_pulled")


def test_before_the_last_try_staff_are_offered():
    visit = Visit().to_pin()
    assert visit.press(ev.PinChecked(cards.PinWrong(2))) == [do.AskPin(60)]
    assert visit.press(ev.PinChecked(cards.PinWrong(1))) == []
    assert isinstance(visit.phase, at.LastPinTry)
    assert visit.press(ev.ContinuePressed()) == [do.AskPin(60)]
    visit.press(ev.PinChecked(cards.PinWrong(0)))
    assert isinstance(visit.phase, at.PinIsBlocked)


@pytest.mark.parametrize("tries", [0, 1])
def test_a_card_that_comes_with_few_tries_is_not_asked_at_once(tries):
    visit = Visit()
    visit.press(ev.CardInserted())
    assert visit.press(ev.CardWasExamined(cards.Genuine(replace(CARD, pin_tries_left=tries)))) == []


def test_an_unanswered_journal_gives_a_code_and_a_late_answer_still_counts():
    visit = Visit().to_checking()
    visit.press(ev.SignPressed())
    visit.press(ev.PinChecked(cards.PinAccepted()))
    visit.press(ev.TransactionSigned("01890000-0000-7000-8000-00000abcdef1"))
    visit.wait(10)
    assert visit.phase.code == "0ABCDEF1"
    visit.press(ev.TransactionRecorded(recorded("01890000-0000-7000-8000-00000abcdef1")))
    assert isinstance(visit.phase, at.Following)


def test_the_bank_is_waited_for_eight_seconds_and_the_paper_is_cut():
    visit = Visit().to_following()
    visit.wait(7.9)
    assert isinstance(visit.phase, at.Following)
    (paper,) = visit.wait(0.2)
    assert (paper.part, paper.verdict) == (do.Part.DECIDED, None)


def test_a_jam_leaves_the_reference_and_the_reprint_says_duplicate():
    visit = Visit().to_following()
    visit.press(ev.PrintEnded("failed"))
    assert visit.press(ev.VerdictArrived("id-1", at.Verdict("in_force"))) == []
    assert visit.phase.printing is at.Printing.FAILED
    (paper,) = visit.press(ev.PrintAgainPressed())
    assert (paper.part, paper.duplicate) == (do.Part.WHOLE, True)


def test_idle_warns_extends_and_ends():
    visit = Visit().to_checking()
    assert visit.wait(90) == [do.Play(do.Sound.WARNING)]
    for _ in range(12):
        visit.press(ev.OverlayClosed())
        assert visit.session.overlay is None
        visit.wait(90)
    visit.wait(20)
    assert isinstance(visit.phase, at.TakingCard)
    effects = visit.wait(30)
    assert effects == [do.ResetCard(), do.ForgetSecrets(), do.LeaveScreen("timed_out")]


def test_back_keeps_what_was_typed():
    visit = Visit().to_question()
    visit.press(ev.Typed("19-2000"))
    visit.press(ev.BackPressed())
    visit.press(ev.ServiceChosen("bank_account.change"))
    assert visit.phase.typed == {"account": "19-2000"}


def test_a_wrong_answer_stays_on_the_page_with_a_problem():
    visit = Visit().to_question()
    visit.press(ev.Typed("19-2000145398/0800"))
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Answering)
    assert visit.phase.problem is not None
    assert visit.phase.typed == {"account": "19-2000145398/0800"}


def test_a_pending_change_can_be_stopped_and_no_second_one_begun():
    visit = Visit()
    visit.session = replace(visit.session, services=("bank_account.change", "requests.show"))
    visit.to_pin()
    visit.press(ev.PinChecked(cards.PinAccepted()))
    visit.press(ev.RecordOpened(person(requests=(PENDING,))))
    visit.press(ev.ServiceChosen("bank_account.change"))
    assert visit.phase.problem == at.Problem("service.refused.pending")
    visit.press(ev.ServiceChosen("requests.show"))
    visit.press(ev.ActionPressed("stop-0"))
    assert (visit.phase.service, visit.phase.answers) == ("bank_account.stop", {"change": "t-1"})
    assert visit.press(ev.SignPressed()) == [do.AskPin(60)]


def test_nothing_is_signed_that_could_not_be_recorded():
    visit = Visit().to_checking()
    visit.press(ev.EnvironmentChanged(at.Environment(line=at.Line.ONLINE, journal_works=False)))
    assert visit.press(ev.SignPressed()) == []
    assert visit.phase.problem == at.Problem("sign.cannot_record")


def test_an_idle_terminal_closes_without_its_agent_and_opens_again():
    visit = Visit()
    visit.press(ev.EnvironmentChanged(at.Environment(agent_connected=False)))
    assert visit.phase == at.OutOfService(at.OutOfServiceReason.NO_AGENT)
    visit.press(ev.EnvironmentChanged(at.Environment()))
    assert visit.phase == at.Welcome()


def test_a_forgotten_card_opens_nothing():
    session, _ = begin(at.Session(at.Welcome(), card_present=True, scheme=SCHEME), 0.0)
    assert isinstance(session.phase, at.TakingCard)
    session, effects = advance(session, ev.ScreenTouched(), 1.0)
    assert isinstance(session.phase, at.TakingCard)
    assert not effects
    session, effects = advance(session, ev.CardRemoved(), 2.0)
    assert effects[-1] == do.LeaveScreen("card_left")


def test_language_in_one_touch_from_the_welcome():
    visit = Visit()
    visit.press(ev.LanguageChosen("ar"))
    assert visit.phase == at.AwaitingCard()
    assert visit.session.comfort.language == "ar"


def test_a_code_from_a_letter_needs_no_card():
    visit = Visit()
    visit.press(ev.LanguageChosen("en"))
    visit.press(ev.CodePressed())
    visit.press(ev.Typed("ab-cd"))
    visit.press(ev.ContinuePressed())
    assert visit.phase.problem == at.Problem("code.too_short")
    visit.press(ev.Typed("abcd-efgh-jk"))
    assert visit.press(ev.ContinuePressed()) == [do.AskByCode("ABCDEFGHJK")]
    visit.press(ev.CodeWasAnswered("stopped"))
    assert visit.phase == at.CodeAnswered("stopped")


@pytest.mark.parametrize("phase", ["to_checking", "to_pin", "to_question"])
def test_a_fault_ends_the_visit_safely(phase):
    visit = getattr(Visit(), phase)()
    visit.press(ev.FaultCaught())
    visit.press(ev.CardRemoved())
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Ended)
