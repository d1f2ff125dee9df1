"""The two card readers as the visit uses them: the visitor's, which begins and ends a visit, and the second one of staff.

Rules:
- Whether the visitor's reader works is looked at before the first screen; afterwards the watcher tells of each change.
- A reader that was away at the first look and back before the watcher's first is no change to the watcher: until it has
  spoken, `is_back` looks again.
- Only the visitor's slot ends a visit; the second reader may be missing.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from devices.card_session import STAFF_ROLES, CardSession
from devices.pcsc_reader import PcscTransport, list_readers
from devices.transport import TransportFault
from kiosk.application.ports import StaffPort
from kiosk.domain.session import events as ev

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.system import Ids


class Readers:
    """Both readers of one visit; each has a thread of its own."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.card_worker = ThreadPoolExecutor(1, "card")
        self._staff_worker = ThreadPoolExecutor(1, "staff card")
        self._visitor: PcscTransport | None = None
        self._staff: PcscTransport | None = None
        self._name = ""
        self._watcher_spoke = False

    def visitor(self, name: str) -> CardSession:
        """Take the visitor's reader; one that was taken before is given back (a visit that begins again with its agent)."""
        if self._visitor is not None:
            self.card_worker.submit(self._visitor.close)
        self._name, self._watcher_spoke = name, False
        self._visitor = PcscTransport(name)
        return CardSession(self._visitor, self._ids.token)

    def staff(self, name: str) -> StaffPort | None:
        """Take the second reader, where this terminal has one."""
        if self._staff is not None:
            self._staff_worker.submit(self._staff.close)
        self._staff = PcscTransport(name) if name else None
        if self._staff is None:
            return None
        return StaffPort(CardSession(self._staff, self._ids.token, roles=STAFF_ROLES), self._staff_worker)

    def watch(self, post: Callable[[ev.Event], None], away: Callable[[], None], back: Callable[[], None]) -> None:
        """Tell of cards, and when the visitor's reader goes and comes; everything is called on the watchers' threads."""
        if self._visitor is not None:
            self._visitor.watch(lambda: post(ev.CardInserted()), lambda: post(ev.CardRemoved()), away, back)
        if self._staff is not None:
            self._staff.watch(lambda: post(ev.StaffCardInserted()), lambda: post(ev.StaffLeft()))

    def watcher_spoke(self) -> None:
        """The watcher has told of the visitor's reader: its word counts from now on."""
        self._watcher_spoke = True

    def is_back(self) -> bool:
        """Whether the visitor's reader is there, while the watcher has not spoken."""
        return not self._watcher_spoke and look_at(self._name)[0]

    def close(self) -> None:
        """Give both readers back; the cards are reset."""
        if self._visitor is not None:
            self.card_worker.submit(self._visitor.close)
        if self._staff is not None:
            self._staff_worker.submit(self._staff.close)


def look_at(reader: str) -> tuple[bool, bool]:
    """Whether the visitor's reader is there, and whether a card was left in it before this visit began."""
    found = list_readers()
    if isinstance(found, TransportFault):
        return False, False
    mine = [each for each in found if each.name.startswith(reader)]
    return bool(mine), any(each.card_present for each in mine)
