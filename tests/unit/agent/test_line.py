"""What an answer says about the line: reached or not, known or not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from kiosk.agent.line import Line
from kiosk.back_office_client import Ping, Refused, Unreachable
from kiosk.system import SystemClock, SystemIds

if TYPE_CHECKING:
    import pytest

UNKNOWN_KEY = Refused(401, "signature_invalid", "The signature was not accepted.", "Enrol it.")
OTHER_REFUSAL = Refused(401, "nonce_used", "This was sent before.", "Sign anew.")
PING = Ping("2026-01-01T00:00:00Z", "T0001", "in_service")


def _answered(line: Line, *outcomes: Any) -> list[tuple[bool, bool]]:
    """What is known about the line after each answer: (online, recognised)."""

    async def ask() -> list[tuple[bool, bool]]:
        known = []
        for outcome in outcomes:
            await line.call(lambda _, outcome=outcome: outcome)
            known.append((line.online, line.recognised))
        return known

    return asyncio.run(ask())


def _line() -> Line:
    return Line(None, SystemClock(), SystemIds(), ping_seconds=60, probe_seconds=20)  # type: ignore[arg-type]


def test_a_back_office_that_does_not_know_the_key_is_no_line_until_it_does():
    assert _answered(_line(), PING, UNKNOWN_KEY, Unreachable("gone"), PING) == [
        (True, True),
        (False, False),
        (False, False),
        (True, True),
    ]


def test_any_other_refusal_is_an_answer():
    assert _answered(_line(), OTHER_REFUSAL) == [(True, True)]


def test_the_technician_is_told_once(monkeypatch: pytest.MonkeyPatch):
    told: list[str] = []

    class _Log:
        def error(self, event: str, **_: Any) -> None:
            told.append(event)

        def info(self, *_: Any, **__: Any) -> None:
            pass

    monkeypatch.setattr("kiosk.agent.line.logger", _Log)
    _answered(_line(), UNKNOWN_KEY, UNKNOWN_KEY, PING, UNKNOWN_KEY)
    assert told == ["terminal_not_recognised", "terminal_not_recognised"]
