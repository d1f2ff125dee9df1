"""Back leads to where the person was: a page left on the way to another one is found again as far down as it was read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kiosk.domain.session import states as at
from ui import examples, samples
from ui.gallery import SIZES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.qt.conftest import Screen

LONG = at.Showing(examples.VISITOR, samples.LONG)
DETAIL = replace(LONG, answers={"year": "2003"})
NAMES = tuple(service.id for service in samples.many())


@pytest.fixture(autouse=True)
def _fresh(screen: Screen) -> Iterator[None]:
    screen.evaluate("trail = []")
    screen.show(examples.session(at.ExaminingCard()))
    with samples.installed():
        yield


def shown(screen: Screen, phase: at.Phase, shape: str = "portrait", scale: int = 100) -> float:
    """Show it, and say how far down it stands."""
    screen.show(examples.session(phase, services=NAMES, scale=scale), shape)
    screen.settle()
    return float(screen.evaluate("current.scrolled"))


def scroll(screen: Screen, to: float) -> None:
    screen.evaluate(f"current.goDown({to})")
    screen.settle()


@pytest.mark.parametrize("shape", sorted(SIZES))
@pytest.mark.parametrize("scale", [100, 200])
def test_back_from_a_detail_is_where_one_was(screen: Screen, shape: str, scale: int) -> None:
    assert shown(screen, at.Menu(examples.VISITOR), shape, scale) == 0
    scroll(screen, 310)
    assert shown(screen, LONG, shape, scale) == 0
    scroll(screen, 480)
    assert shown(screen, DETAIL, shape, scale) == 0
    scroll(screen, 90)
    assert shown(screen, LONG, shape, scale) == 480
    assert shown(screen, at.Menu(examples.VISITOR), shape, scale) == 310
    assert shown(screen, LONG, shape, scale) == 0, "opened anew, it is read from its beginning"


def test_what_went_wrong_is_seen(screen: Screen) -> None:
    menu = at.Menu(examples.VISITOR)
    shown(screen, menu)
    scroll(screen, 310)
    shown(screen, LONG)
    assert shown(screen, replace(menu, problem=at.Problem("service.refused.pending"))) == 0


def test_a_page_that_changes_where_it_is_stays_there(screen: Screen) -> None:
    shown(screen, LONG)
    scroll(screen, 480)
    assert shown(screen, replace(LONG, printing=at.Printing.PRINTING)) == 480
