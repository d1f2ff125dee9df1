"""Menus one after the other: whatever tiles another menu has left behind, this one's services stand there, in its order."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from kiosk.domain.session import states as at
from ui import examples, samples
from ui.view_state import view_of

if TYPE_CHECKING:
    from tests.qt.conftest import Screen

NAMES = tuple(service.id for service in samples.many())
MENUS = {
    "all": examples.session(at.Menu(examples.VISITOR), services=NAMES),
    "event": examples.session(at.Menu(examples.VISITOR, life_event="retiring"), services=NAMES),
    "offline": examples.session(at.Menu(examples.VISITOR), services=NAMES, line=at.Line.OFFLINE),
    "few": examples.session(at.Menu(examples.VISITOR), services=NAMES[20:23]),
    "Czech": examples.session(at.Menu(examples.VISITOR), services=NAMES[::-1], language="cs"),
}
ORDERS = list(permutations(MENUS, 3))


@pytest.mark.parametrize("start", sorted(MENUS))
def test_what_stands_there_is_what_the_menu_says(screen: Screen, start: str) -> None:
    with samples.installed():
        for order in (order for order in ORDERS if order[0] == start):
            for name in order:
                screen.show(MENUS[name])
                fields = view_of(MENUS[name], screen.kiosk.bridge.around).fields
                buttons = [item for item in screen.items() if item["kind"] == "button"]
                for kind, list_ in (("service-", "tiles"), ("event-", "events")):
                    shown = [(one["id"], one["text"]) for one in buttons if one["id"].startswith(kind)]
                    assert shown == [(one["id"], one["text"]) for one in fields[list_]], (order, name)
                told = [item["text"] for item in screen.items() if item["kind"] == "text"]
                subs = [one["sub"] for one in fields["tiles"]]
                assert [text for text in told if text in set(subs)] == subs, (order, name)
                assert [text for text in told if text in {one["text"] for one in fields["facts"]}] == [
                    one["text"] for one in fields["facts"]
                ]
