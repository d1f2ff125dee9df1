from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.back_office import FakeBackOffice
from fakes.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path) -> Iterator[FakeBackOffice]:
    made = FakeBackOffice(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def terminal(tmp_path: Path, office: FakeBackOffice) -> Iterator[Terminal]:
    made = Terminal(tmp_path, office)
    yield made
    made.close()
