"""A terminal gives out so many numbers in so long a time, and no more."""

from __future__ import annotations

from kiosk.agent.tickets import TicketLimit


class Watch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


def test_more_than_anybody_needs_are_refused_until_time_has_passed() -> None:
    watch = Watch()
    limit = TicketLimit(watch, most=2, within=600)  # type: ignore[arg-type]
    assert limit.take("a")
    watch.seconds = 300
    assert limit.take("b")
    assert not limit.take("c")
    assert limit.take("a"), "the same ticket again is no other"
    watch.seconds = 600
    assert limit.take("c")
    assert not limit.take("d")
