from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import EnvironmentFault
from kiosk.system import CROCKFORD, FileClock, SystemClock, SystemIds

if TYPE_CHECKING:
    from pathlib import Path


class SetClock:
    def __init__(self, *moments: datetime) -> None:
        self.moments = list(moments)

    def now(self) -> datetime:
        return self.moments.pop(0) if len(self.moments) > 1 else self.moments[0]

    def monotonic(self) -> float:
        return 0.0


AT = datetime(2026, 3, 4, 10, 20, 30, 123456, tzinfo=UTC)


def test_the_system_clock_is_aware_and_the_monotonic_one_does_not_go_back() -> None:
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(0)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)  # noqa: TID251 - what it is held against
    assert clock.monotonic() <= clock.monotonic()


# --- the clock that a file moves -------------------------------------------------------------------------


def near(clock: FileClock, offset: timedelta) -> bool:
    return abs(clock.now() - SystemClock().now() - offset) < timedelta(seconds=5)


def test_without_a_file_the_clock_is_the_systems(tmp_path: Path) -> None:
    assert near(FileClock(tmp_path / "clock"), timedelta())


def test_every_process_sees_the_clock_move(tmp_path: Path) -> None:
    path = tmp_path / "new" / "clock"
    one, other = FileClock(path), FileClock(path)
    assert near(other, timedelta())
    assert one.add(timedelta(days=14)) == timedelta(days=14)
    assert near(one, timedelta(days=14))
    assert near(other, timedelta(days=14))
    assert other.add(timedelta(hours=-1)) == timedelta(days=13, hours=23)
    assert near(one, timedelta(days=13, hours=23))
    path.unlink()
    assert near(one, timedelta())
    assert list(path.parent.iterdir()) == []


def test_moving_the_clock_does_not_move_the_monotonic_one(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    before = clock.monotonic()
    clock.add(timedelta(days=14))
    assert clock.monotonic() - before < 60


def test_an_empty_file_is_no_offset(tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("")
    assert near(FileClock(tmp_path / "clock"), timedelta())


@pytest.mark.parametrize("text", ["soon", "1.5", "9" * 5000, "99999999999", "\x00", "é", "1 2"])
def test_a_wrong_file_is_named_with_the_remedy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clock"
    path.write_text(text, encoding="utf-8")
    clock = FileClock(path)
    for _ in range(2):
        with pytest.raises(EnvironmentFault) as fault:
            clock.now()
        assert str(path) in fault.value.what
        assert fault.value.remedy
    path.write_text("60", encoding="utf-8")
    assert near(clock, timedelta(seconds=60))


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        FileClock(tmp_path).now()


def test_a_move_too_far_changes_nothing(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    clock.add(timedelta(days=1))
    with pytest.raises(EnvironmentFault):
        clock.add(timedelta(days=40_000))
    assert clock.offset() == timedelta(days=1)


# --- names and secrets -----------------------------------------------------------------------------------


def test_an_id_is_a_uuid_of_version_7_with_the_time_in_it() -> None:
    value = uuid.UUID(SystemIds(SetClock(AT)).new())
    assert (value.version, value.variant) == (7, uuid.RFC_4122)
    assert value.int >> 80 == int(AT.timestamp() * 1000)


def test_the_example_of_rfc_9562_appendix_a_6_has_this_time() -> None:
    moment = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    assert SystemIds(SetClock(moment)).new().startswith("017f22e2-79b0-7")


@given(st.lists(st.integers(-5_000_000, 5_000_000), min_size=2, max_size=50))
def test_ids_grow_whatever_the_clock_does(steps: list[int]) -> None:
    ids = SystemIds(SetClock(*(AT + timedelta(microseconds=step) for step in steps)))
    made = [ids.new() for _ in steps]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_from_many_threads_are_all_different() -> None:
    ids = SystemIds(SetClock(AT))
    made: list[list[str]] = [[] for _ in range(4)]
    threads = [threading.Thread(target=lambda own=own: own.extend(ids.new() for _ in range(500))) for own in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one for own in made for one in own}) == 2000
    assert all(own == sorted(own) for own in made)


def test_secrets_have_the_length_and_alphabet_asked_for() -> None:
    ids = SystemIds()
    assert len(ids.token(32)) == 32
    assert ids.token(32) != ids.token(32)
    assert len(ids.digits(6)) == 6
    assert set("".join(ids.digits(50) for _ in range(20))) == set("0123456789")
    assert set("".join(ids.crockford(50) for _ in range(40))) == set(CROCKFORD)
    assert not set("ILOU") & set(CROCKFORD)


@pytest.mark.parametrize("text", ["tomorrow", "9" * 30, "\0"])
def test_a_running_clock_goes_on_when_its_file_becomes_nonsense(tmp_path: Path, text: str) -> None:
    clock = FileClock(tmp_path / "clock")
    clock.add(timedelta(days=14))
    assert near(clock, timedelta(days=14))
    (tmp_path / "clock").write_text(text)
    assert near(clock, timedelta(days=14))
    with pytest.raises(EnvironmentFault, match="number of seconds"):
        clock.offset()
    (tmp_path / "clock").write_text("60")
    assert near(clock, timedelta(seconds=60))
