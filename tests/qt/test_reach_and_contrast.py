"""Targets a trembling finger hits, contrast as it is drawn, mirroring: interface, criteria 5, 6 and 9."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from gallery_pages import SIZES, gallery, read_as

from kiosk.domain.session import states as at
from ui import examples
from ui.gallery import sessions

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from tests.qt.conftest import Screen

DECLARED_DPI = 92
"""The smallest terminal: 24 inches, 1920 x 1080."""
TARGET_PIXELS = 20 / 25.4 * DECLARED_DPI
LARGE_TEXT_PIXELS = 24
SEEN = ("welcome", "language", "insert-card", "refused-mute", "pin-wrong", "last-try", "menu", "menu-offline", "menu-cached", "holders", "requests",
        "question-problem", "check", "following-sent", "receipt-in-force", "receipt-held", "not-known", "taking", "out-no_agent")  # fmt: skip


@pytest.mark.parametrize(
    ("language", "way", "shape"), [read_as("en", way, shape) for way in ("plain", "200") for shape in SIZES]
)
def test_targets_are_at_least_20_mm(screen: Screen, language: str, way: str, shape: str) -> None:
    small = set()
    for page in gallery(screen, language, way, shape):
        small |= {
            (page.name, b["id"], round(b["w"]), round(b["h"]))
            for b in page.items
            if b["kind"] == "button" and min(b["w"], b["h"]) < TARGET_PIXELS
        }
    assert small == set()


def luminance(rgb: int) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [((rgb >> shift) & 255) / 255 for shift in (16, 8, 0)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_of(picture: QImage, item: dict[str, Any]) -> float:
    """Text's strongest colour against what it stands on, as drawn."""
    left, top = max(0, int(item["x"])), max(0, int(item["y"]))
    right = min(picture.width(), int(item["x"] + item["w"]))
    bottom = min(picture.height(), int(item["y"] + item["h"]))
    counted = Counter(picture.pixel(x, y) & 0xFFFFFF for y in range(top, bottom, 2) for x in range(left, right, 2))
    if not counted:
        return 99.0
    ground = luminance(counted.most_common(1)[0][0])
    often = [luminance(rgb) for rgb, n in counted.items() if n >= max(2, sum(counted.values()) // 2000)]
    return max((max(ground, ink) + 0.05) / (min(ground, ink) + 0.05) for ink in often)


@pytest.mark.parametrize(("contrast", "least"), [(False, 4.5), (True, 7.0)])
def test_text_contrast_as_drawn(screen: Screen, contrast: bool, least: float) -> None:
    weak = []
    for name, session in sessions("en", at.Comfort(high_contrast=contrast)):
        if name not in SEEN:
            continue
        screen.show(session)
        picture = screen.picture()
        for item in screen.items():
            seen = item["y"] >= item["clip"]["y"] and item["y"] + item["h"] <= item["clip"]["y"] + item["clip"]["h"]
            if item["kind"] == "text" and seen and item["pixels"] >= 10:
                measured = contrast_of(picture, item)
                if measured < least:
                    weak.append((name, item["text"][:30], round(measured, 2)))
    assert weak == []


def test_arabic_is_mirrored_but_for_numbers_and_keys(screen: Screen) -> None:
    def places(language: str, phase: at.Phase) -> dict[str, float]:
        screen.show(examples.session(phase, language=language))
        return {item["id"]: item["x"] + item["w"] / 2 for item in screen.items() if item["id"]}

    for phase in (at.Menu(examples.VISITOR), examples.CHECKED, at.Answering(examples.VISITOR, examples.CHANGE, 0)):
        english, arabic = places("en", phase), places("ar", phase)
        for id_ in ("end-session", "control-language", "control-staff"):
            assert arabic[id_] < 540 < english[id_] or english[id_] < 540 < arabic[id_], id_
        keys = [id_ for id_ in english if id_.startswith("key-")]
        assert all(english[key] == arabic[key] for key in keys)
    assert english["back"] < 540 < arabic["back"]
    screen.show(examples.session(examples.CHECKED, language="ar"))
    account = next(item["text"] for item in screen.items() if item["id"] == "new-0")
    assert account.startswith("\u2066")
    assert account.endswith("\u2069")


def test_reading_order_is_focus_order(screen: Screen) -> None:
    """What stands higher comes earlier among the controls of a page."""
    screen.show(examples.session(at.Menu(examples.VISITOR)))
    tiles = [b for b in screen.items() if b["kind"] == "button" and b["id"].startswith("service-")]
    assert all(one["y"] < other["y"] for one, other in itertools.pairwise(tiles))
    assert len(tiles) == 2


@pytest.mark.parametrize(("language", "way", "shape"), [read_as("cs", "plain", "portrait")])
def test_demonstration_is_always_said(screen: Screen, language: str, way: str, shape: str) -> None:
    for page in gallery(screen, language, way, shape):
        if page.session.practice:
            continue
        said = [item for item in page.items if item["id"] == "demonstration"]
        assert said, page.name
        assert "Ukázka" in said[0]["text"]
        assert "Zkrácené" in said[0]["text"]


@pytest.mark.parametrize(("language", "way", "shape"), [read_as("en", "plain", "portrait")])
def test_permanent_controls_never_move(screen: Screen, language: str, way: str, shape: str) -> None:
    """Staff are called and seen off at one place."""
    one = {"control-help-ends": "control-staff"}
    stand: dict[str, tuple[float, float]] = {}
    for page in gallery(screen, language, way, shape):
        controls = {one.get(i["id"], i["id"]): (i["x"], i["y"]) for i in page.items if i["id"].startswith("control-")}
        stand = stand or controls
        assert controls == stand, page.name
    assert len(stand) == 6
