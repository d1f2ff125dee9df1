"""Number and PIN at the terminal: what the pad seals is asked about, and only what is believed is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from kiosk.application import by_number
from kiosk.application.by_number import ByNumber
from kiosk.application.submit import Place
from kiosk.application.visit_ports import VisitPorts
from kiosk.application.visit_secrets import VisitSecrets
from kiosk.domain.number_pin import NotOpened, Opened, PadEnded, PadEnding, SealedPin, Word
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.wire.encrypted_pin import PIN_KEY, binding
from kiosk.wire.problem import Problem, ProblemCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.domain.number_pin import PadOutcome

ID = "01a20577-56c1-7cc0-b1d7-1a83676328b9"
RECORD = {"name": "Marie Novotná", "number": "5301010019", "version": 1, "as_of": "2026-11-22T09:00:00Z"}


class Pad:
    """A pad that gives what it was told to give."""

    def __init__(self, outcome: PadOutcome) -> None:
        self.outcome, self.asked, self.cancelled = outcome, [], 0  # type: ignore[var-annotated]

    def read_encrypted(
        self, certificate: str, bound: str, prompts: tuple[str, ...], seconds: int, on_digits: Callable[[int], None]
    ) -> PadOutcome:
        self.asked.append((certificate, bound, prompts, seconds))
        on_digits(1)
        return self.outcome

    def cancel(self) -> None:
        self.cancelled += 1


class AtTerminal:
    """One visit's ports, as far as they are used here."""

    def __init__(self, pad: Pad | None, *, keyed: bool = True) -> None:
        self.posted: list[ev.Event] = []
        self.sent: list[str] = []
        self.pad = pad
        configuration = {PIN_KEY: "PEM"} if keyed else {}
        trust: Any = SimpleNamespace(
            bundle=SimpleNamespace(configuration=configuration), sealing_key=lambda _at: SimpleNamespace(certificate=None), anchors=None
        )
        worker: Any = SimpleNamespace(submit=lambda job: job())
        clock: Any = SimpleNamespace(now=lambda: datetime(2026, 11, 22, 9, tzinfo=UTC))
        agent: Any = SimpleNamespace(ask=lambda id_, _sealed, **_: self.sent.append(id_))
        nothing: Any = None
        self.ports = VisitPorts(
            card=nothing, agent=agent, printer=nothing, card_worker=worker, print_worker=worker, trust=trust,
            secrets=VisitSecrets(), place=Place("T0007", "101", "cz", "Praha 1", demonstration=True), clock=clock,
            ids=SimpleNamespace(new=lambda: ID), post=self.posted.append,  # type: ignore[arg-type]
        )  # fmt: skip
        self.by_number = ByNumber(self.ports, pad)


@pytest.fixture(autouse=True)
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_number, "seal", lambda *_: b"sealed")


def test_what_the_pad_sealed_is_asked_about_and_bound_to_this_visit() -> None:
    made = AtTerminal(Pad(SealedPin("JWE")))
    made.by_number.open(do.OpenByNumber(60, "5301010019"))
    assert made.posted == [ev.PinDigitsCounted(1), ev.NumberPinSealed()]
    assert made.sent == [ID]
    assert made.pad is not None
    bound = binding(ID, "T0007", "5301010019", made.ports.secrets.answer_key.jwk)
    assert made.pad.asked == [("PEM", bound, ("pin",), 60)]
    made.by_number.open(do.OpenByNumber(120, "5301010019", choosing=True))
    assert made.pad.asked[1][2:] == (("pin", "new", "repeat"), 120)


def test_an_entry_that_ended_is_told_and_nobody_is_asked() -> None:
    made = AtTerminal(Pad(PadEnded(PadEnding.CANCELLED)))
    made.by_number.open(do.OpenByNumber(60, "5301010019"))
    assert made.posted[-1] == ev.NumberAnswered(PadEnded(PadEnding.CANCELLED))
    assert made.sent == []
    made.by_number.cancel()
    assert made.pad is not None
    assert made.pad.cancelled == 1


@pytest.mark.parametrize(("pad", "keyed"), [(None, True), (Pad(SealedPin("JWE")), False)])
def test_without_a_pad_or_its_key_nothing_is_typed(pad: Pad | None, keyed: bool) -> None:
    made = AtTerminal(pad, keyed=keyed)
    made.by_number.open(do.OpenByNumber(60, "5301010019"))
    made.by_number.cancel()
    assert made.posted == [ev.NumberAnswered(PadEnded(PadEnding.FAULT))]


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ({"outcome": "wrong"}, NotOpened(Word.WRONG)),
        ({"outcome": "wait", "minutes": "4"}, NotOpened(Word.WAIT, 4)),
        ({"outcome": "wait", "minutes": "soon"}, NotOpened(Word.WAIT)),
        ({"outcome": "something new"}, NotOpened(Word.REFUSED)),
        ({"outcome": "opened", "record": {"name": 5}}, NotOpened(Word.REFUSED)),
        (Problem(ProblemCode.SIGNATURE, "x"), NotOpened(Word.REFUSED)),
    ],
)
def test_what_is_not_believed_opens_nothing(monkeypatch: pytest.MonkeyPatch, body: object, outcome: NotOpened) -> None:
    monkeypatch.setattr(by_number, "open_answer", lambda *_: body)
    made = AtTerminal(None)
    made.by_number.answered(ID, b"", made.ports.clock.now())
    assert made.posted == [ev.NumberAnswered(outcome)]


def test_the_record_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_number, "open_answer", lambda *_: {"outcome": "opened", "record": RECORD})
    made = AtTerminal(None)
    made.by_number.answered(ID, b"", made.ports.clock.now())
    (told,) = made.posted
    assert isinstance(told, ev.NumberAnswered)
    assert isinstance(told.outcome, Opened)
    assert told.outcome.person.name == "Marie Novotná"
    assert made.ports.secrets.number_pass == ""


def test_the_word_for_this_visit_s_acts_is_kept_with_the_record_only_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    made = AtTerminal(None)
    for body, kept in (({"outcome": "wrong", "pass": "x"}, ""), ({"outcome": "opened", "record": RECORD, "pass": "x"}, "x")):
        monkeypatch.setattr(by_number, "open_answer", lambda *_, body=body: body)
        made.by_number.answered(ID, b"", made.ports.clock.now())
        assert made.ports.secrets.number_pass == kept
    made.ports.secrets.forget()
    assert made.ports.secrets.number_pass == ""


@pytest.mark.parametrize(("reason", "word"), [("refused", Word.REFUSED), ("offline", Word.OFFLINE), ("timed_out", Word.OFFLINE)])
def test_no_answer_is_said(reason: str, word: Word) -> None:
    made = AtTerminal(None)
    made.by_number.unanswered(reason)
    assert made.posted == [ev.NumberAnswered(NotOpened(word))]
