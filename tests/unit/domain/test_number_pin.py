"""Growing waits for a number, whoever has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.domain.number_pin import LONGEST_WAIT, MOST, opens_at

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0), (2, 0), (3, 30), (4, 60), (5, 120), (10, 3840), (30, 86400), (99, 86400)])
def test_each_wrong_one_doubles_the_wait(failures, seconds):
    opens = opens_at([AT] * failures, AT)
    assert opens == (AT + timedelta(seconds=seconds) if seconds else None)
    assert opens_at([AT] * failures, AT + timedelta(seconds=seconds)) is None


def test_after_a_hundred_no_waiting_helps():
    opens = opens_at([AT] * MOST, AT + 1000 * LONGEST_WAIT)
    assert opens is not None
    assert opens > AT + 1000 * LONGEST_WAIT
