"""Partners that answer as the test wants, and remember what they were told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from back_office.ports import (
    AccountNotice,
    AccountQuestion,
    Delivered,
    Message,
    Partners,
    Rejected,
    Unavailable,
    Verification,
)

if TYPE_CHECKING:
    import threading


@dataclass
class FakeBank:
    """Knows holders by account; an account it does not know is no match."""

    holders: dict[str, Verification] = field(default_factory=dict)
    down: bool = False
    asked: list[AccountQuestion] = field(default_factory=list)
    told: list[AccountNotice] = field(default_factory=list)
    calls: int = 0
    before_answer: threading.Event | None = None
    """When set, an answer waits for it."""

    def verify_account(self, question: AccountQuestion, *, timeout_seconds: float) -> Verification | Unavailable:  # noqa: ARG002 - the port's
        self.calls += 1
        if self.before_answer is not None:
            assert self.before_answer.wait(10)
        if self.down:
            return Unavailable("down")
        self.asked.append(question)
        return self.holders.get(question.iban, Verification("no_match"))

    def announce_account(self, notice: AccountNotice, *, timeout_seconds: float) -> Delivered | Unavailable | Rejected:  # noqa: ARG002 - the port's
        self.calls += 1
        if self.down:
            return Unavailable("down")
        self.told.append(notice)
        return Delivered()


@dataclass
class FakeMessages:
    """Takes every message, except on channels that are down or that refuse."""

    down: set[str] = field(default_factory=set)
    refusing: set[str] = field(default_factory=set)
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message, *, timeout_seconds: float) -> Delivered | Unavailable | Rejected:  # noqa: ARG002 - the port's
        if message.channel in self.down:
            return Unavailable("down")
        if message.channel in self.refusing:
            return Rejected("no such address")
        self.sent.append(message)
        return Delivered()


def partners(bank: FakeBank, messages: FakeMessages) -> Partners:
    return Partners(bank, messages)
