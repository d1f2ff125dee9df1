"""The demonstration's back office on a private PostgreSQL: set up, served, read as evidence, stopped and started again."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from back_office.database.private_cluster import PrivateCluster
from kiosk.demo.evidence import Evidence
from kiosk.demo.office import Office
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path


def test_an_office_on_postgresql_is_started_twice_and_not_with_the_other_database(tmp_path: Path) -> None:
    state = tmp_path / "s"
    try:
        for _ in range(2):
            office = Office(state, window=False, database="postgresql")
            try:
                office.start_database()
                office.set_up_back_office()
                office.start_back_office()
                assert Evidence(state).account_in_force("1000000001")
                assert Evidence(state).decision("no such transaction") == ""
            finally:
                office.stop()
            assert not (state / "back-office" / "back_office.db").exists()
        with pytest.raises(EnvironmentFault, match="other database"):
            Office(state, window=False, database="sqlite").start_database()
    finally:
        PrivateCluster(state / "postgresql").remove()


def test_the_makefile_hands_the_database_on() -> None:
    told = subprocess.run(
        ["make", "--dry-run", "demo", "DATABASE=postgresql"], capture_output=True, text=True, check=True
    ).stdout
    assert "guichet demo --database postgresql" in told
    plain = subprocess.run(["make", "--dry-run", "demo"], capture_output=True, text=True, check=True).stdout
    assert "--database" not in plain
