"""What stands on every screen of the gallery: read once a process for each language, comfort and shape.

The tests that look at the same reading share a group (`read_as`), so that they meet in one process when there are several.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from kiosk.domain.session.states import Comfort
from ui.gallery import sessions

if TYPE_CHECKING:
    from kiosk.domain.session.states import Session
    from tests.qt.conftest import Screen

SIZES = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
WAYS = {
    "plain": Comfort(),
    "200": Comfort(text_scale=200),
    "lowered": Comfort(lowered=True),
    "200-lowered": Comfort(text_scale=200, lowered=True),
    "130-contrast": Comfort(text_scale=130, high_contrast=True),
    "160": Comfort(text_scale=160),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A screen as it was shown: what stood there, and what Qt had warned of by then."""

    name: str
    session: Session
    read: str
    warnings: tuple[str, ...]

    @property
    def items(self) -> list[dict[str, Any]]:
        """Every text and control that showed."""
        found: list[dict[str, Any]] = json.loads(self.read)
        return found


_pages: dict[tuple[str, str, str], list[Page]] = {}


def read_as(language: str, way: str, shape: str) -> Any:
    """A case (language, way, shape) of a test over `gallery`."""
    return pytest.param(language, way, shape, marks=pytest.mark.xdist_group(f"{language}-{way}-{shape}"))


def gallery(screen: Screen, language: str, way: str, shape: str) -> list[Page]:
    """Every screen there is, as the first test that asked for it saw it."""
    key = (language, way, shape)
    if key not in _pages:
        pages = []
        for name, session in sessions(language, WAYS[way]):
            screen.show(session, shape)
            pages.append(Page(name, session, screen.read(), tuple(screen.warnings)))
        _pages[key] = pages
    return _pages[key]
