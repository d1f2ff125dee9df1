"""One back office a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from back_office_bench import Bench, bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Bench]:
    with bench(tmp_path, database) as made:
        yield made
