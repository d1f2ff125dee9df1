"""Two edits of one record: who knew of whom, and what becomes of the one that arrives later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.edit_conflict import ConflictRule, Edit, Resolution, Standing, in_conflict, resolve

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EARLIER, LATER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("edit", "standing", "conflict"),
    [
        (Edit(3, NOON), Standing(3, LATER, LATER), False),  # it saw what stands
        (Edit(2, NOON), Standing(3, EARLIER, EARLIER), True),  # somebody edited after it had looked
        (Edit(None, NOON), Standing(3, None, None), False),  # never edited
        (Edit(None, NOON), Standing(3, EARLIER, None), False),  # edited before it was signed
        (Edit(None, NOON), Standing(3, LATER, EARLIER), True),  # came into the record after it was signed
        (Edit(None, NOON), Standing(3, NOON + timedelta(milliseconds=900), None), False),  # signing times are whole seconds
    ],
)
def test_an_edit_is_in_conflict_with_what_its_signer_did_not_know(edit: Edit, standing: Standing, conflict: bool) -> None:
    assert in_conflict(edit, standing) is conflict
    expected = Resolution.OFFICER if conflict else Resolution.APPLY
    assert resolve(ConflictRule.OFFICER_DECIDES, edit, standing) is expected


@pytest.mark.parametrize(
    ("signed", "standing", "resolution"),
    [
        (NOON, Standing(3, LATER, EARLIER), Resolution.APPLY),
        (NOON, Standing(3, LATER, LATER), Resolution.SUPERSEDED),
        (NOON, Standing(3, LATER, NOON), Resolution.SUPERSEDED),  # signed in the same second: what stands, stands
        (NOON, Standing(3, LATER, None), Resolution.SUPERSEDED),  # an officer entered it later
        (NOON, Standing(3, None, None), Resolution.APPLY),  # something else of the record changed
    ],
)
def test_who_signed_last_wins_however_late_the_line_was_back(
    signed: datetime, standing: Standing, resolution: Resolution
) -> None:
    assert resolve(ConflictRule.LAST_SIGNED_WINS, Edit(2, signed), standing) is resolution


@given(st.integers(-100, 100), st.integers(-100, 100))
def test_of_two_edits_in_any_order_the_same_one_wins(first: int, second: int) -> None:
    """Both saw version 1; whichever arrives first, the one that was signed last stands in the end."""
    times = [NOON + timedelta(minutes=minutes) for minutes in (first, second)]
    stands = []
    for order in (times, times[::-1]):
        at = order[0]
        if resolve(ConflictRule.LAST_SIGNED_WINS, Edit(1, order[1]), Standing(2, LATER, at)) is Resolution.APPLY:
            at = order[1]
        stands.append(at)
    assert stands == [max(times)] * 2


def test_what_edits_nothing_is_superseded_by_nothing() -> None:
    assert resolve(ConflictRule.EDITS_NOTHING, Edit(2, NOON), Standing(3, LATER, LATER)) is Resolution.APPLY
