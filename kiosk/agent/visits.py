"""Which visit is served: pure bookkeeping.

Rules:
- One visit at a time; announcing the next closes the one before.
- A closed id is never served again, and only the announced process may use an open one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Standing = Literal["open", "not_announced", "visit_closed", "wrong_process"]


@dataclass(slots=True)
class Visits:
    """The open visit, and the ids that are closed."""

    open_id: str = ""
    pid: int = 0
    _closed: set[str] = field(default_factory=set)

    def announce(self, visit_id: str, pid: int) -> None:
        """Serve this visit from now on; an id that was closed stays closed."""
        if visit_id in self._closed:
            return
        if self.open_id and self.open_id != visit_id:
            self._closed.add(self.open_id)
        self.open_id, self.pid = visit_id, pid

    def close(self, visit_id: str) -> None:
        """Never serve this visit again, announced or not."""
        self._closed.add(visit_id)
        if self.open_id == visit_id:
            self.open_id, self.pid = "", 0

    def standing(self, visit_id: str, pid: int) -> Standing:
        """Tell whether this process may speak for this visit now."""
        if visit_id in self._closed:
            return "visit_closed"
        if visit_id != self.open_id:
            return "not_announced"
        return "open" if pid == self.pid else "wrong_process"
