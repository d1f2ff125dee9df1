from __future__ import annotations

import pytest

from kiosk.domain.offline_limits import Closure, OfflineLimits, closure, record_is_closed

LIMITS = OfflineLimits(revocation_hours=2, reference_hours=3, backlog=4, disk_mebibytes=5)


@pytest.mark.parametrize(
    ("age", "backlog", "disk", "expected"),
    [
        (3 * 3600, 4, 5 << 20, None),
        (3 * 3600, 4, None, None),
        (3 * 3600 + 1, 0, None, Closure.REFERENCE_OLD),
        (None, 0, None, Closure.REFERENCE_OLD),
        (0, 5, None, Closure.BACKLOG_FULL),
        (0, 0, (5 << 20) - 1, Closure.DISK_LOW),
        (0, 0, 0, Closure.DISK_LOW),
    ],
)
def test_each_limit_closes_new_requests(age: int | None, backlog: int, disk: int | None, expected: Closure | None) -> None:
    assert closure(LIMITS, reference_age_seconds=age, backlog=backlog, disk_free_bytes=disk) is expected


@pytest.mark.parametrize(("age", "closed"), [(0, False), (7200, False), (7201, True), (None, True)])
def test_old_revocations_close_the_cached_record_only(age: int | None, closed: bool) -> None:
    assert record_is_closed(LIMITS, age) is closed
