"""The loop of a visit hands effects to their ports: the paper is as large as the screen, the name waits for the question."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from kiosk.application import open_record
from kiosk.application.submit import Place
from kiosk.application.terminal import Terminal
from kiosk.application.visit_secrets import VisitSecrets
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from ui import examples

if TYPE_CHECKING:
    from collections.abc import Callable


class Queue:
    """A worker that does its jobs when it is told to."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []

    def submit(self, job: Callable[[], None], /) -> None:
        self.jobs.append(job)

    def work(self) -> None:
        while self.jobs:
            self.jobs.pop(0)()


class World:
    """Every port, and what was asked of it in order."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.large: list[bool] = []
        self.posted: list[ev.Event] = []

    def print_receipt(self, _receipt: Any, _part: Any, _language: str, *, large: bool) -> str:
        self.large.append(large)
        return "printed"

    def read_holder(self) -> str:
        self.said.append("name read")
        return "Marie Novotná"

    def ask(self, _id: str, _sealed: bytes, *, wait_seconds: float) -> int:
        assert wait_seconds > 0
        self.said.append("asked")
        return 1

    def report_print(self, *_: Any, **__: Any) -> int:
        return 1

    def render(self, _session: at.Session) -> None:
        pass

    def verify_pin(self, *_: Any) -> Any:
        raise AssertionError("nobody asks for a PIN here")


def terminal(session: at.Session) -> tuple[Terminal, World, Queue]:
    world, queue = World(), Queue()
    port: Any = world
    clock: Any = SimpleNamespace(now=lambda: datetime(2026, 11, 22, 9, tzinfo=UTC), monotonic=lambda: 100.0)
    made = Terminal(
        session=session, place=Place("T0007", "prague-1", "cz", "Praha 2", demonstration=True), card=port, agent=port,
        printer=port, screen=port, sounder=port, card_worker=queue, print_worker=queue, trust=port,
        secrets=VisitSecrets(), clock=clock, ids=SimpleNamespace(new=lambda: "id-1"), post=world.posted.append,
    )  # fmt: skip
    return made, world, queue


@pytest.mark.parametrize(("scale", "large"), [(100, False), (150, True), (200, True)])
def test_who_reads_large_gets_large_paper(scale: int, large: bool) -> None:
    phase = at.ShowingReceipt(examples.CHECKED, examples.RECORDED, examples.IN_FORCE, at.Printing.PRINTED)
    made, world, queue = terminal(examples.session(phase, scale=scale))
    made.handle(ev.PrintAgainPressed())
    queue.work()
    assert world.large == [large]


def _opening(monkeypatch: pytest.MonkeyPatch, sealed: bytes | None) -> tuple[Terminal, World, Queue]:
    monkeypatch.setattr(open_record, "ask_for_record", lambda *_, **__: sealed)
    made, world, queue = terminal(examples.session(at.OpeningRecord(at.Visitor(examples.CARD, "", None))))
    made._opening.open(made.session)
    return made, world, queue


def test_the_name_is_read_while_the_question_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    made, world, queue = _opening(monkeypatch, b"sealed")
    queue.work()
    assert world.said == ["asked", "name read"]
    made._ports.secrets.questions["id-1"] = (open_record.KIND, "")
    made.unanswered("id-1", "refused")
    queue.work()
    assert world.posted == [ev.RecordAbsent(at.RecordAbsence.REFUSED, "Marie Novotná")]


def test_an_absent_record_waits_for_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer may be quicker than the card: who is greeted is greeted by name."""
    made, world, queue = _opening(monkeypatch, b"sealed")
    monkeypatch.setattr(open_record, "read_record", lambda *_: "not_on_file")
    made._ports.secrets.questions["id-1"] = (open_record.KIND, "")
    made.answered("id-1", b"sealed")
    assert world.posted == []
    queue.work()
    assert world.posted == [ev.RecordAbsent(at.RecordAbsence.NOT_ON_FILE, "Marie Novotná")]


def test_a_card_that_does_not_sign_still_tells_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    _, world, queue = _opening(monkeypatch, None)
    queue.work()
    assert world.said == ["name read"]
    assert world.posted == [ev.RecordAbsent(at.RecordAbsence.UNTRUSTED, "Marie Novotná")]
