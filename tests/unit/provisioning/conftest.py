from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.back_office import FakeBackOffice


@pytest.fixture
def office(tmp_path: Path) -> Iterator[FakeBackOffice]:
    made = FakeBackOffice(tmp_path)
    made.start()
    yield made
    made.stop()
