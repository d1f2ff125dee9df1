"""What a visit does once for nobody works, leaves nothing behind, and asks nothing of what it believes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kiosk.application import warm_up as module
from kiosk.application.trust import Trust
from kiosk.domain.card import CardRefusal
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.trust import Anchors
from tests.card_bench import authority

if TYPE_CHECKING:
    import pytest

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_everything_is_walked_and_nothing_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes: dict[str, Any] = {}

    def watched(name: str) -> None:
        real = getattr(module, name)

        def call(*arguments: Any, **named: Any) -> Any:
            outcomes[name] = real(*arguments, **named)
            return outcomes[name]

        monkeypatch.setattr(module, name, call)

    for name in ("check_card", "ask_for_record", "read_record", "person_of"):
        watched(name)
    anchors = Anchors.from_pem(authority().pem)
    assert isinstance(anchors, Anchors)
    trust = Trust(anchors)
    module.warm_up(trust, AT)
    assert outcomes["check_card"].refusal is CardRefusal.UNKNOWN_ISSUER
    assert isinstance(outcomes["ask_for_record"], bytes)
    assert isinstance(outcomes["read_record"], Problem)
    assert outcomes["read_record"].code is ProblemCode.UNTRUSTED
    assert outcomes["person_of"].number == "-"
    assert (trust.anchors, trust.bundle) == (anchors, None)
