"""Its place puts `tests/` on the path, so that `from fakes.back_office import ...` works in every test.

Rules:
- A slow machine fails no generated test: time limits stand in the tests that are about time, and in pytest-timeout.
- No test inherits another's log: a verb run in-process configures it onto a stream that is closed with its test.
- No test leaves a signal held or ignored: the processes of the tests after it would inherit that, and never end.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("guichet", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("guichet")


LONG = {"fault", "conformance"}


@pytest.hookimpl(trylast=True)  # after the shuffle
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the folders of long tests first: whoever shares the files out has the short ones for the end."""
    items.sort(key=lambda item: LONG.isdisjoint(item.path.parts))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """What the back office keeps its record in: a test that takes this (or a bench made with it) runs on both."""
    return str(request.param)


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(autouse=True)
def signals_left_alone() -> Iterator[None]:
    ends = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
    held, ignored = _held(), [signal.getsignal(end) is signal.SIG_IGN for end in ends]
    yield
    assert _held() == held
    assert [signal.getsignal(end) is signal.SIG_IGN for end in ends] == ignored


def _held() -> set[signal.Signals]:
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ()))  # type: ignore[arg-type]
