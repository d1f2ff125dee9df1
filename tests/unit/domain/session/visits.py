"""A visit that tests can walk: presses events, keeps time."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain import card as cards
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.domain.session.advance import advance
from kiosk.schemes import load_scheme

SCHEME = load_scheme("cz")
ACCOUNT = "CZ6508000000192000145399"
CARD = cards.CardIdentity("1234567890", cards.Role.INSURED, pin_tries_left=3)


def person(**changes) -> at.Person:
    known = at.Person(
        name="Marie Novotná",
        number="530101/001",
        account=at.PaymentAccount("CZ9455000000001011038930", "1011038930/5500", "Raiffeisenbank"),
        version=4,
        as_of="2026-11-22",
    )
    return replace(known, **changes)


PENDING = at.RequestLine("t-1", "00071000001A", "bank_account.change", "waiting", "2026-11-20", stoppable=True)

TO_CONFIRM = at.RequestLine(
    "t-1", "00071000001A", "bank_account.change", "waiting", "2026-11-20", stoppable=True,
    holder_name="Marie Anna Novotná", account=ACCOUNT,
)  # fmt: skip


def recorded(transaction_id: str) -> at.Recorded:
    return at.Recorded(transaction_id, 1, 7, "00071000001G", "2026-11-22T10:00:00Z", "GR1:x")


class Visit:
    def __init__(self, line: at.Line = at.Line.ONLINE) -> None:
        self.now = 0.0
        self.session = at.Session(at.Welcome(), environment=at.Environment(line=line), scheme=SCHEME)

    @property
    def phase(self):
        return self.session.phase

    @property
    def answers(self):
        return self.phase.answers if hasattr(self.phase, "answers") else self.phase.checked.answers

    def press(self, event):
        self.session, effects = advance(self.session, event, self.now)
        return list(effects)

    def wait(self, seconds):
        self.now += seconds
        return self.press(ev.Ticked())

    def to_pin(self):
        self.press(ev.CardInserted())
        self.press(ev.CardWasExamined(cards.Genuine(CARD)))
        return self

    def to_menu(self):
        self.to_pin().press(ev.PinChecked(cards.PinAccepted()))
        self.press(ev.RecordOpened(person()))
        return self

    def to_question(self):
        self.to_menu().press(ev.ServiceChosen("bank_account.change"))
        return self

    def to_checking(self):
        self.to_question().press(ev.Typed(ACCOUNT))
        self.press(ev.ContinuePressed())
        assert isinstance(self.phase, at.Checking), self.phase
        return self

    def to_following(self):
        self.to_checking().press(ev.SignPressed())
        self.press(ev.PinChecked(cards.PinAccepted()))
        self.press(ev.TransactionSigned("id-1"))
        self.press(ev.TransactionRecorded(recorded("id-1")))
        return self
