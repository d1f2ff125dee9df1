"""A session for every state of every screen: for the gallery, for pictures in the documentation, and for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kiosk.domain import card as cards
from kiosk.domain import record
from kiosk.domain.number_pin import PadEnding, Word
from kiosk.domain.session import states as at
from kiosk.schemes import load_scheme
from ui import samples

if TYPE_CHECKING:
    from collections.abc import Iterator

CARD = cards.CardIdentity("4000000001", cards.Role.INSURED, pin_tries_left=3)
REQUESTS = (
    at.RequestLine("t-2", "000710000027", "bank_account.change", "waiting", "2026-11-20", stoppable=True),
    at.RequestLine("t-1", "000710000019", "bank_account.change", "in_force", "2026-03-02", in_force_on="2026-03-02"),
)
TO_CONFIRM = at.RequestLine(
    "t-3", "00071000003M", "bank_account.change", "waiting", "2026-11-22", stoppable=True, holder_name="Marie Anna Novotná",
    account="CZ9455000000001011038930",
    reason="The bank has the account under a slightly different name. Look at the name at any terminal, with your card, "
    "and confirm that the account is yours.",
)  # fmt: skip
PERSON = at.Person(
    name="Marie Novotná", number="5351010012",
    account=at.PaymentAccount("CZ6508000000192000145399", "19-2000145399/0800", "Česká spořitelna, a.s."),
    version=3, as_of="2026-11-22T09:41:00Z", next_payment_on="2026-12-15", next_payment_amount="18250.00",
    requests=REQUESTS,
    held_by=(at.HeldBy("101", "Praha 2", ("home_office", "proof_of_life")), at.HeldBy("102", "Brno-střed", ("recent_visit",))),
)  # fmt: skip
CACHED = replace(PERSON, as_of="2026-11-20T06:12:00Z", confirmed_at="2026-11-22T07:30:00Z")
VISITOR = at.Visitor(CARD, PERSON.name, PERSON)
AWAY = at.Visitor(CARD, PERSON.name, None, at.RecordAbsence.OFFLINE)
WAITED_FOR = at.Visitor(CARD, PERSON.name, replace(PERSON, requests=(TO_CONFIRM,)))
NEW = "CZ9455000000001011038930"
CHANGE = "bank_account.change"
SERVICES = (CHANGE, "requests.show", "access.show")
ANSWERS = {"account": NEW, "account_as_typed": "1011038930/5500"}
CHECKED = at.Checking(VISITOR, CHANGE, ANSWERS, {"account": "1011038930/5500"})
RECORDED = at.Recorded("0193-7", 3, 1, "00071000003M", "2026-11-22T09:44:12Z", "GR1:example")
IN_FORCE = at.Verdict("in_force", "decision.bank_change.in_force", {"effective_on": "2026-11-22"},
                      first_payment_on="2026-12-15", account_verification="match")  # fmt: skip
WAITING = at.Verdict("waiting", "decision.bank_change.waiting", {"effective_on": "2026-12-06"})
CLOSE = at.Verdict("waiting", "decision.bank_change.confirm", {}, account_verification="close_match",
                   holder_name="Marie Anna Novotná")  # fmt: skip
NOTED = at.Verdict("in_force", "decision.bank_account_confirm_holder.in_force", {}, effective_on="2026-12-06")
CONFIRM = "bank_account.confirm_holder"
CONFIRMED = at.Checking(WAITED_FOR, CONFIRM, {"change": "t-3"})
HELD = at.Verdict("held", "decision.bank_change.held.bank_proof", {})
REFUSED = at.Verdict("refused", "decision.bank_change.refused.card_revoked", {})


def session(phase: at.Phase, *, language: str = "en", scale: int = 100, contrast: bool = False, lowered: bool = False,
            line: at.Line = at.Line.ONLINE, overlay: at.Overlay | None = None, card: bool = True, **more: Any) -> at.Session:  # fmt: skip
    """A session in this phase."""
    more.setdefault("services", SERVICES)
    return at.Session(
        phase, at.Comfort(language, scale, contrast, lowered), at.Environment(line=line), overlay=overlay,
        card_present=card, scheme=load_scheme("cz"), today="2026-11-22", **more,
    )  # fmt: skip


def phases() -> Iterator[tuple[str, at.Phase]]:
    """Every phase in every state that looks different."""
    yield "welcome", at.Welcome()
    yield "language", at.ChoosingLanguage()
    yield "insert-card", at.AwaitingCard()
    yield "examining", at.ExaminingCard()
    for reason in cards.CardRefusal:
        yield f"refused-{reason.value}", at.CardRefusedPhase(reason)
    yield "pin", at.AwaitingPin(CARD, until=42)
    yield "pin-digits", at.AwaitingPin(CARD, digits=3, until=42)
    yield "pin-wrong", at.AwaitingPin(CARD, cards.PinWrong(2), digits=0, until=55)
    yield "pin-short", at.AwaitingPin(CARD, cards.PinWrongLength(), until=55)
    yield "pin-cancelled", at.PinPaused(CARD, cards.PinCancelled())
    yield "pin-timed-out", at.PinPaused(CARD, cards.PinTimedOut())
    yield "pin-pad-failed", at.PinPaused(CARD, cards.PadFailed(""))
    yield "last-try", at.LastPinTry(CARD)
    yield "blocked", at.PinIsBlocked()
    yield "blocked-still", at.PinIsBlocked(CARD, failed=True)
    yield "letter-too-old", at.PinIsBlocked(CARD, old_letter=True)
    yield "opening", at.OpeningRecord(VISITOR)
    yield from _menus()
    yield "requests", at.Showing(VISITOR, "requests.show")
    yield "requests-to-confirm", at.Showing(WAITED_FOR, "requests.show")
    yield "showing", at.Showing(VISITOR, CHANGE)
    yield "question", at.Answering(VISITOR, CHANGE, 0)
    yield "question-offline", at.Answering(AWAY, CHANGE, 0)
    yield "question-typed", at.Answering(VISITOR, CHANGE, 0, typed={"account": NEW})
    yield "question-problem", at.Answering(
        VISITOR, CHANGE, 0, typed={"account": "19-2000145398/0800"},
        problem=at.Problem("account.number_check", {"number": "2000145398"}),
    )  # fmt: skip
    yield "check", CHECKED
    yield "check-offline", replace(CHECKED, visitor=AWAY)
    yield "check-problem", at.Checking(VISITOR, CHANGE, ANSWERS, problem=at.Problem("sign.timed_out"))
    yield "check-stop", at.Checking(VISITOR, "bank_account.stop", {"change": "t-2"})
    yield "confirm", CONFIRMED
    yield "confirm-problem", replace(CONFIRMED, problem=at.Problem("sign.timed_out"))
    yield "sign", at.AwaitingSignature(CHECKED, until=50)
    yield "signing", at.Signing(CHECKED)
    yield "recording", at.Recording(CHECKED, "0193-7", 10)
    yield "following-saved", at.Following(CHECKED, RECORDED, at.Step.SAVED, 8, at.Printing.PRINTING)
    yield "following-confirm", at.Following(CONFIRMED, RECORDED, at.Step.SENT, 8, at.Printing.PRINTED)
    yield "following-sent", at.Following(CHECKED, RECORDED, at.Step.SENT, 8, at.Printing.PRINTED)
    yield "receipt-in-force", at.ShowingReceipt(CHECKED, RECORDED, IN_FORCE, at.Printing.PRINTED)
    yield "receipt-received", at.ShowingReceipt(CHECKED, RECORDED, None, at.Printing.PRINTING)
    yield "receipt-waiting", at.ShowingReceipt(CHECKED, RECORDED, WAITING, at.Printing.PRINTED)
    yield "receipt-to-confirm", at.ShowingReceipt(CHECKED, RECORDED, CLOSE, at.Printing.PRINTED)
    yield "receipt-noted", at.ShowingReceipt(CONFIRMED, RECORDED, NOTED, at.Printing.PRINTED)
    yield "receipt-held", at.ShowingReceipt(CHECKED, RECORDED, HELD, at.Printing.FAILED)
    yield "receipt-refused", at.ShowingReceipt(CHECKED, RECORDED, REFUSED, at.Printing.UNKNOWN)
    yield from _asides()
    for why in ("card_pulled", "card", "seal", "disk_full", "fault"):
        yield f"nothing-{why}", at.NothingRecorded(why, VISITOR)
    yield "not-known", at.NotKnownWhetherRecorded("9F3A77C1")
    yield from _endings()


def _asides() -> Iterator[tuple[str, at.Phase]]:
    """A new PIN, a number for the desk, a word on how it went."""
    for name, previous in (("first", None), ("wrong", cards.PinWrong(2)), ("differ", cards.NewPinsDiffer()),
                           ("simple", cards.NewPinRefused()), ("length", cards.PinWrongLength())):  # fmt: skip
        yield f"new-pin-{name}", at.AwaitingNewPin(at.Checking(VISITOR, "pin.change", {}), previous, 2, 90)
    number = at.Checking(at.Visitor(cards.NO_CARD), "number.open", {"number": "530101/001"})
    for name, word in (("first", None), ("length", PadEnding.LENGTH), ("choose", Word.CHOOSE), ("common", Word.COMMON)):
        yield f"number-pin-{name}", at.AwaitingNumberPin(number, word, 2, 90, choosing=isinstance(word, Word))
    yield "number-asking", at.AskingByNumber(number)
    yield "number-waits", replace(number, problem=at.Problem("number_pin.wait", {"minutes": "2"}))
    yield "noted-pin", at.Noted(VISITOR, "pin.change")
    yield "noted-ticket", at.Noted(VISITOR, "ticket.draw", RECORDED, at.Printing.PRINTED)
    yield "noted-ticket-failed", at.Noted(VISITOR, "ticket.draw", RECORDED, at.Printing.FAILED)
    yield "noted-practice", at.Noted(VISITOR, "practice")
    yield "noted-feedback", at.Noted(VISITOR, "feedback.give", RECORDED)


def _menus() -> Iterator[tuple[str, at.Phase]]:
    """The menu: with the record, from this terminal, without it for each reason; and who holds it."""
    yield "menu", at.Menu(VISITOR)
    yield "menu-problem", at.Menu(VISITOR, problem=at.Problem("service.refused.pending"))
    yield "menu-offline", at.Menu(AWAY)
    for absence in at.RecordAbsence:
        if absence is not at.RecordAbsence.OFFLINE:
            yield f"menu-{absence.value}", at.Menu(at.Visitor(CARD, PERSON.name, None, absence))
    yield "menu-cached", at.Menu(at.Visitor(CARD, PERSON.name, CACHED))
    yield "menu-online-only", at.Menu(at.Visitor(CARD, PERSON.name, replace(PERSON, cacheable=False)))
    yield "holders", at.Showing(VISITOR, "access.show")
    yield "holders-none", at.Showing(at.Visitor(CARD, PERSON.name, replace(PERSON, held_by=())), "access.show")
    yield "menu-to-confirm", at.Menu(WAITED_FOR)


def _endings() -> Iterator[tuple[str, at.Phase]]:
    """Codes without a card, the card to be taken, and out of service."""
    yield "code", at.EnteringCode("7K3QXV")
    yield "code-problem", at.EnteringCode("7K", at.Problem("code.too_short"))
    yield "code-asking", at.AskingByCode("7K3QXV9ABC")
    for outcome in ("stopped", "disputed", "received", "decided", "unknown", "offline", "genuine_offline", "too_many"):
        yield f"answer-{outcome}", at.CodeAnswered(outcome, RECORDED.reference if outcome == "received" else "")
    yield "taking", at.TakingCard(at.EndReason.FINISHED, 30)
    yield "left", at.TakingCard(at.EndReason.CARD_LEFT, 30)
    yield "ended", at.Ended(at.EndReason.FINISHED)
    for fault in at.OutOfServiceReason:
        yield f"out-{fault.value}", at.OutOfService(fault)


def sample_phases() -> Iterator[tuple[str, at.Phase]]:
    """Pages of the samples; show them while `samples.installed()` lasts."""
    yield "content", at.Showing(VISITOR, samples.SHOWN, printing=at.Printing.PRINTED)
    yield "content-problem", at.Showing(VISITOR, samples.SHOWN, problem=at.Problem("service.refused.pending"), printing=at.Printing.FAILED)
    answered = {"channel": "email", "year": "2003", "employer": "25596641", "born": "1950-03-13", "pay": "91250.50", "months": "",
                "number": "5351010012", "company": "25596641", "name": "Marie Novotná", "address": "Krátká 7\n602 00 Brno",
                "email": "marie.novotna@example.com", "phone": "+420601123457", "note": "From spring to autumn.\nThen I was ill."}  # fmt: skip
    typed = {"channel": "email", "year": "2003", "born": "12. 3. 19", "pay": "18250,5", "months": "", "number": "535101/0012", "company": "255",
             "name": "Marie Nov", "address": "Dlouhá 1\n110 00 Praha 1", "email": "marie.novotna@", "phone": "+420601123"}  # fmt: skip
    for place, question in enumerate(samples.QUESTIONS):
        yield f"asked-{question.id}", at.Answering(VISITOR, samples.ASKED, place, typed=typed)
    yield "asked-choice-problem", at.Answering(VISITOR, samples.ASKED, 0, problem=at.Problem("choice.missing"))
    yield "asked-born-problem", at.Answering(VISITOR, samples.ASKED, 3, typed=typed, problem=at.Problem("date.form"))
    yield "check-asked", at.Checking(VISITOR, samples.ASKED, answered)
    yield "content-long", at.Showing(VISITOR, samples.LONG)


def sample_sessions(**options: Any) -> Iterator[tuple[str, at.Session]]:
    """Menus of many services, without a card, in practice, with staff; show them while `samples.installed()` lasts."""
    names = tuple(service.id for service in samples.many())
    nobody = at.Visitor(cards.NO_CARD)
    told = at.Checking(nobody, samples.TOLD, {"note": "The door of the office is hard to open."})
    yield "content-menu-60", session(at.Menu(VISITOR), services=names, **options)
    yield "content-menu-15-cached", session(at.Menu(at.Visitor(CARD, PERSON.name, CACHED)), services=names[:15], line=at.Line.OFFLINE, **options)
    yield "content-menu-event", session(at.Menu(VISITOR, life_event="retiring"), services=names, **options)
    yield "menu-no-card", session(at.Menu(nobody), services=names, card=False, **options)
    yield "menu-no-card-waits", session(at.Menu(nobody), services=names[:3], card=True, **options)
    yield "insert-card-or-none", session(at.AwaitingCard(), services=names, card=False, **options)
    yield "check-told", session(told, card=False, **options)
    yield "following-told", session(at.Following(told, RECORDED, at.Step.SAVED, 8, at.Printing.PRINTING), card=False, **options)
    yield "receipt-told", session(at.ShowingReceipt(told, RECORDED, None, at.Printing.PRINTED), card=False, **options)
    other = at.Checking(VISITOR, samples.ASKED, {"channel": "email"})
    yield "receipt-other", session(at.ShowingReceipt(other, RECORDED, at.Verdict("in_force", "no.such.text"), at.Printing.PRINTED), **options)
    mandate = record.Mandate("m-1", "Karel Novotný", "5351010012", "4000000001", "proxy", "2026-01-01")
    yield "acting-for", session(at.Menu(at.Visitor(CARD, "Karel Novotný", PERSON, mandate=mandate)), **options)
    paper = at.ShowingReceipt(other, RECORDED, at.Verdict("in_force", ""), at.Printing.PRINTED, document_printing=at.Printing.FAILED)
    yield "receipt-document", session(paper, **options)
    yield "practice", session(at.Menu(VISITOR), practice=True, **options)
    yield "asked-joined", session(at.Answering(VISITOR, samples.ASKED, 8), joined="4000009001", helper_types=True, **options)
    yield "joined", session(at.Menu(VISITOR), joined="4000009001", line=at.Line.OFFLINE, **options)


def overlays() -> Iterator[tuple[str, at.Overlay]]:
    """Everything that can lie over a page."""
    yield "languages", at.LanguagePicker()
    yield "help", at.HelpShown()
    yield "staff-calling", at.StaffCalled()
    yield "staff-coming", at.StaffCalled("12", delivered=True)
    yield "staff-failed", at.StaffCalled("", delivered=False)
    yield "idle", at.IdleWarning(20)
