"""Every screen in every state, language and shape: no warning, nothing cut, nothing outside, all ids once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from gallery_pages import SIZES, gallery, read_as

from kiosk.domain.card import CardRefusal
from kiosk.domain.session import states as at
from ui import examples

if TYPE_CHECKING:
    from tests.qt.conftest import Screen

CASES = [
    *[(language, way, shape) for language in ("en", "cs", "ar") for way in ("plain", "200") for shape in ("portrait", "landscape")],
    *[("xx", "plain", shape) for shape in ("portrait", "landscape")],
    ("cs", "160", "portrait"), ("en", "lowered", "portrait"), ("en", "lowered", "landscape"), ("ar", "lowered", "portrait"),
    ("en", "130-contrast", "portrait"), ("cs", "200-lowered", "portrait"), ("en", "200-lowered", "landscape"),
]  # fmt: skip
TOLERANCE = 4  # pixels; a line may end in a space


def inside(item: dict[str, Any], frame: dict[str, float]) -> bool:
    """Whether all of an item lies in a frame."""
    return bool(
        item["x"] >= frame["x"] - TOLERANCE
        and item["y"] >= frame["y"] - TOLERANCE
        and item["x"] + item["w"] <= frame["x"] + frame["w"] + TOLERANCE
        and item["y"] + item["h"] <= frame["y"] + frame["h"] + TOLERANCE
    )


def cut(item: dict[str, Any]) -> str:
    """What is lost of a text, if anything; what scrolls may stand below, but never beside."""
    if item["truncated"]:
        return "truncated"
    if item["contentWidth"] > item["w"] + TOLERANCE:
        return f"wider than its place ({item['contentWidth']:.0f} > {item['w']:.0f})"
    if item["contentHeight"] > item["h"] + TOLERANCE + 0.35 * item["pixels"]:
        return f"higher than its place ({item['contentHeight']:.0f} > {item['h']:.0f})"
    frame = dict(item["clip"])
    if item["scrolled"]:
        frame |= {"y": -1e6, "h": 2e6}
    return "" if inside(item, frame) else f"outside of {frame}"


def on_top(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the page under an overlay."""
    overlay = [i for i, item in enumerate(items) if item["id"].startswith("overlay-") and item["kind"] == "item"]
    return items[overlay[0] :] if overlay else items


@pytest.mark.parametrize(("language", "way", "shape"), [read_as(*case) for case in CASES])
def test_nothing_is_cut_and_every_id_is_there_once(screen: Screen, language: str, way: str, shape: str) -> None:
    wrong: list[str] = []
    for page in gallery(screen, language, way, shape):
        name, items = page.name, on_top(page.items)
        wrong += [
            f"{name}: {item['text'][:40]!r} {cut(item)}" for item in items if item["kind"] == "text" and cut(item)
        ]
        ids = [item["id"] for item in items if item["id"]]
        wrong += [f"{name}: id {id_} {ids.count(id_)} times" for id_ in set(ids) if ids.count(id_) > 1]
        wrong += [
            f"{name}: a button without {what}"
            for item in items
            if item["kind"] == "button"
            for what in ("id", "name")
            if not item[what]
        ]
        assert page.warnings == (), name
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "way", "shape"),
    [read_as("cs", way, shape) for way in ("plain", "200", "lowered", "200-lowered") for shape in SIZES],
)
def test_controls_stand_whole_inside_the_screen_and_apart(screen: Screen, language: str, way: str, shape: str) -> None:
    wrong: list[str] = []
    for page in gallery(screen, language, way, shape):
        name = page.name
        buttons = [item for item in on_top(page.items) if item["kind"] == "button"]
        still = [b for b in buttons if not b["scrolled"]]
        wrong += [f"{name}: {b['id']} is outside" for b in still if not inside(b, b["clip"])]
        for i, one in enumerate(still):
            for other in still[i + 1 :]:
                across = min(one["x"] + one["w"], other["x"] + other["w"]) - max(one["x"], other["x"])
                down = min(one["y"] + one["h"], other["y"] + other["h"]) - max(one["y"], other["y"])
                if across > TOLERANCE and down > TOLERANCE:
                    wrong.append(f"{name}: {one['id']} over {other['id']}")
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "way", "shape"), [read_as(language, "plain", shape) for language in ("en", "cs", "ar") for shape in SIZES]
)
def test_plain_screens_need_no_scrolling(screen: Screen, language: str, way: str, shape: str) -> None:
    """At the normal text size everything is seen at once, but what a service shows, many answers, many services."""
    scrolling = set()
    for page in gallery(screen, language, way, shape):
        if any(item["id"] in {"scroll-down", "scroll-up"} for item in page.items):
            scrolling.add(page.name)
    assert {name for name in scrolling if not name.startswith("content")} <= {"check-problem", "check-asked", "asked-year", "joined", "menu-no-card-waits", "acting-for", "receipt-document", "noted-ticket-failed"}


def test_each_phase_names_its_page(screen: Screen) -> None:
    pages: dict[str, set[str]] = {}
    for name, phase in examples.phases():
        screen.show(examples.session(phase))
        shown = [item["id"] for item in screen.items() if item["id"].startswith("page-") and item["kind"] == "item"]
        assert len(shown) == 1, (name, shown)
        pages.setdefault(shown[0], set()).add(type(phase).__name__)
    assert all(len(kinds) == 1 for page, kinds in pages.items() if page != "page-progress"), pages
    assert "page-message" not in pages


_KEYBOARDS = """
(function () {
    function keyboards(item) {
        let count = item.Accessible && item.Accessible.id === "keyboard" ? 1 : 0
        for (let i = 0; i < item.children.length; i++)
            count += keyboards(item.children[i])
        return count
    }
    return Object.keys(screens).filter(name => keyboards(screens[name]) > 0).sort().join(" ")
})()
"""


def test_one_keyboard_goes_where_there_is_something_to_type(screen: Screen) -> None:
    for phase, name in ((at.EnteringCode(), "code"), (at.Answering(examples.VISITOR, examples.CHANGE, 0), "question")):
        screen.show(examples.session(phase))
        assert screen.evaluate(_KEYBOARDS) == name
        keys = next(item for item in screen.items() if item["id"] == "keyboard")
        assert keys["w"] > 900
        assert keys["h"] > 400


def test_text_grows_to_twice_its_size(screen: Screen) -> None:
    """Running text grows by what was asked; titles, large to begin with, by half of it."""

    def pixels(scale: int) -> dict[str, float]:
        screen.show(examples.session(at.CardRefusedPhase(CardRefusal.REVOKED), scale=scale))
        return {item["id"]: item["pixels"] for item in screen.items() if item["kind"] == "text" and item["id"]}

    small, large = pixels(100), pixels(200)
    assert large["message-text"] == pytest.approx(2 * small["message-text"], abs=1)
    assert large["message-title"] == pytest.approx(1.5 * small["message-title"], abs=1)


def test_personal_data_do_not_stay_on_a_later_screen(screen: Screen) -> None:
    screen.show(examples.session(at.Menu(examples.VISITOR)))
    assert "Novotná" in str(screen.items())
    screen.show(examples.session(at.Ended(at.EndReason.FINISHED)))
    assert "Novotná" not in str(screen.items())
