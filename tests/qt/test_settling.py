"""What tests and pictures look at has found its place: parts of a long page come in frames after the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.domain.session import states as at
from ui import examples, samples

if TYPE_CHECKING:
    from tests.qt.conftest import Screen

NAMES = tuple(service.id for service in samples.many())
LONG = {
    "menu": at.Menu(examples.VISITOR),
    "content": at.Showing(examples.VISITOR, samples.LONG),
}


@pytest.mark.parametrize(("page", "language"), [("menu", "ar"), ("content", "en")])
def test_two_frames_are_drawn_after_all_is_there(screen: Screen, page: str, language: str) -> None:
    screen.show(examples.session(at.ExaminingCard(), language=language))
    window, seen = screen.kiosk.window, []

    def told() -> None:
        seen.append("settled" if window.property("settled") else "growing")

    def swapped() -> None:
        seen.append("frame")

    window.settledChanged.connect(told)  # type: ignore[attr-defined]
    window.frameSwapped.connect(swapped)
    with samples.installed():
        screen.show(examples.session(LONG[page], language=language, services=NAMES, lowered=True))
    window.settledChanged.disconnect(told)  # type: ignore[attr-defined]
    window.frameSwapped.disconnect(swapped)
    assert "growing" in seen, "a page that is there at once (one that was shown before) shows nothing here"
    assert seen[-2:] == ["frame", "frame"]
    narrow = [item for item in screen.items() if item["w"] < 0 or item["h"] < 0]
    assert narrow == []
