"""Nothing slips into the log: keys from a list, errors without what they say."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
import structlog

from back_office import logs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    end = logs.configure(tmp_path / "log")
    yield tmp_path / "log"
    end()


def lines(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_unknown_keys_are_dropped_and_counted(log: Path) -> None:
    structlog.get_logger().info("decided", id="019a", holder_name="Marie Novotná", iban="CZ65")
    (line,) = lines(log)
    assert line["id"] == "019a"
    assert line["dropped"] == 2
    assert "Novotn" not in log.read_text()


def test_an_error_is_told_by_kind_and_place(log: Path) -> None:
    try:
        int("account CZ6508000000192000145399 of Marie")
    except ValueError as error:
        structlog.get_logger().warning("failed", **logs.describe(error))
    (line,) = lines(log)
    assert line["error"] == "ValueError"
    assert str(line["place"]).startswith("test_back_office_logs.py:")
    assert "Marie" not in log.read_text()


def test_other_libraries_give_the_fact_alone(log: Path) -> None:
    try:
        _ = dict[str, str]()["Marie"]
    except KeyError:
        logging.getLogger("uvicorn.error").exception("Marie did %s", "this")
    logging.getLogger("uvicorn.error").info("hello")
    (line,) = lines(log)
    assert (line["logger"], line["error"], line["level"]) == ("uvicorn.error", "KeyError", "error")
    assert "Marie" not in log.read_text()
