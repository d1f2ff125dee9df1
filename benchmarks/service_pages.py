"""`record_open_ms`, `estimate_ms`, `service_tap_p95_ms`: services that show, from the touch to the frame.

Each visit is a fresh process, so that every page is there for its first time; the person has a record of 45 years and
twelve employers (`long_record`). From the press that the X server is given to the page's pixels in its frame buffer.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, limited, quantile, spread_of
from benchmarks.visits import Visitors
from kiosk.domain.errors import EnvironmentFault
from workbench.hands import STRIKE_SECONDS, Hands

if TYPE_CHECKING:
    from collections.abc import Sequence

RECORD_LIMIT_MS, ESTIMATE_LIMIT_MS, TAP_LIMIT_MS = 50.0, 20.0, 17.0
WHO, ELSEWHERE = "josef", "60"
"""The person with the long record, and the age whose bar is pressed (the first, so that it needs no scrolling)."""


@dataclass(slots=True)
class Looked:
    """What one visit took, in seconds."""

    record: float = 0.0
    estimate: float = 0.0
    taps: dict[str, float] = field(default_factory=dict)


class Readers(Visitors):
    """People who look things up and leave."""

    def _rehearse(self, eyes: Hands) -> None:
        def note(page: str, *controls: str) -> None:
            for control in controls:
                seen = eyes.see(control)
                self._places[page, control] = (seen["x"] + seen["width"] // 2, seen["y"] + seen["height"] // 2)

        note("Welcome", "start")
        self._go("Welcome", "start", "ChoosingLanguage")
        note("ChoosingLanguage", "language-en")
        self._go("ChoosingLanguage", "language-en", "AwaitingCard")
        self.world.hardware.visitor.insert(self._card(WHO))
        self._type_pin()
        self.log.step("Menu")
        note("Menu", "end-session", "event-retiring")
        self._tap("Menu", "event-retiring")
        note("Event", "back", *(f"service-{one}" for one in _OPENED))
        self._tap("Event", "back")
        self._open("record.show", "Showing")
        note("Showing", "back")
        self._go("Showing", "back", "Menu")
        self._open("record.query", "Answering")
        note("Answering", "back", "continue")
        self._go("Answering", "back", "Menu")
        self._open("pension.estimate", "Answering")
        self._tap("Answering", "continue")
        time.sleep(STRIKE_SECONDS)
        self._go("Answering", "continue", "Showing")
        note("Showing", f"age-{ELSEWHERE}")
        self._go("Menu", "end-session", "TakingCard")
        self.world.hardware.visitor.remove()
        self.log.wait(lambda entry: entry["event"] == "visit_shown", "the next visit")

    def _tap(self, page: str, control: str) -> float:
        """Tap where the same kind of page follows; seconds until it was on the screen."""
        seconds = self.world.screen.tap_and_see(*self._places[page, control])
        if seconds is None:
            raise EnvironmentFault(f"Nothing changed on the screen after {control}.", "Look at the screen.")
        return seconds

    def _open(self, service: str, to: str) -> float:
        """Open a service by what happened, where its tile is on the screen without scrolling; seconds of its own tap."""
        time.sleep(STRIKE_SECONDS)
        self._tap("Menu", "event-retiring")
        return self._go("Event", f"service-{service}", to)

    def look(self) -> Looked:
        """One visit through the pages, to its end."""
        self.settle()
        seen = Looked()
        self._go("Welcome", "start", "ChoosingLanguage")
        self._go("ChoosingLanguage", "language-en", "AwaitingCard")
        self._identify(WHO)
        seen.taps["life event"] = self._tap("Menu", "event-retiring")
        seen.taps["all services"] = self._tap("Event", "back")
        seen.record = self._open("record.show", "Showing")
        seen.taps["back from record"] = self._go("Showing", "back", "Menu")
        seen.taps["choice"] = self._open("record.query", "Answering")
        seen.taps["back from choice"] = self._go("Answering", "back", "Menu")
        seen.taps["source"] = self._open("pension.estimate", "Answering")
        seen.taps["age"] = self._tap("Answering", "continue")
        time.sleep(STRIKE_SECONDS)  # a second strike on the same place at once would count as a trembling hand's
        seen.estimate = self._go("Answering", "continue", "Showing")
        seen.taps["what if"] = self._tap("Showing", f"age-{ELSEWHERE}")
        self._go("Menu", "end-session", "TakingCard")
        self.world.hardware.visitor.remove()
        self.log.wait(lambda entry: entry["event"] == "visit_shown", "the next visit")
        return seen


_OPENED = ("record.show", "record.query", "pension.estimate")


def figures(seen: Sequence[Looked]) -> list[Figure]:
    """The three rows."""
    records, estimates = ([getattr(one, name) * 1000 for one in seen] for name in ("record", "estimate"))
    taps = [seconds * 1000 for one in seen for seconds in one.taps.values()]
    middle = f"median {statistics.median(taps):.1f}"
    return [
        limited("record_open_ms", statistics.median(records), "ms", RECORD_LIMIT_MS, len(records), spread_of(records)),
        limited(
            "estimate_ms", statistics.median(estimates), "ms", ESTIMATE_LIMIT_MS, len(estimates), spread_of(estimates)
        ),
        limited("service_tap_p95_ms", quantile(taps, 0.95), "ms", TAP_LIMIT_MS, len(taps), middle),
    ]


def pages(seen: Sequence[Looked]) -> str:
    """Median and worst of each page, for whoever wants to know where the time is."""
    columns = {name: [one.taps[name] * 1000 for one in seen] for name in seen[0].taps}
    columns |= {"record": [one.record * 1000 for one in seen], "estimate": [one.estimate * 1000 for one in seen]}
    return "\n".join(
        f"  {name:16}  median {statistics.median(values):5.1f}  p95 {quantile(values, 0.95):5.1f}"
        for name, values in columns.items()
    )
