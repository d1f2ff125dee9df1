from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import EnvironmentFault
from provisioning.configuration import (
    BackOfficeSection,
    Configuration,
    DevicesSection,
    VisitSection,
    for_visits,
    load_configuration,
    parse_configuration,
    write_configuration,
)

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
demonstration = true

[back_office]
url = "https://127.0.0.1:8443"

[visit]
idle_seconds = 5
languages = ["cs"]

[devices]
printer = "/dev/usb/lp0"
"""


def test_a_file_says_what_it_sets_and_leaves_the_rest() -> None:
    read = parse_configuration(GOOD, "terminal.toml")
    assert read.demonstration
    assert (read.visit.idle_seconds, read.visit.languages, read.visit.pin_seconds) == (5, ("cs",), 60)
    assert read.devices.printer == "/dev/usb/lp0"


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("idle_seconds = 5", "idle_secnods = 5"), 7, "unknown field `idle_secnods`"),
        (("idle_seconds = 5", 'idle_seconds = "5"'), 7, "Expected `float`, got `str`"),
        (("idle_seconds = 5", "idle_seconds = -1"), 7, ">= 0.05"),
        (("idle_seconds = 5", "idle_seconds = nan"), 7, "visit.idle_seconds"),
        (("idle_seconds = 5", "idle_seconds = 1e9"), 7, "<= 3600"),
        (('["cs"]', '["c s"]'), 8, "visit.languages"),
        (('["cs"]', "[]"), 8, "visit.languages"),
        (("[devices]", "[device]"), 10, "unknown field `device`"),
        (("demonstration = true", "demonstration = 1"), 1, "Expected `bool`"),
        (("https://127.0.0.1:8443", "http://127.0.0.1"), 4, "does not begin with https://"),
        (('url = "https://127.0.0.1:8443"', "ping_seconds = 1"), 3, "required field `url`"),
        (("[back_office]", "[back_office"), 3, "not TOML"),
        (("idle_seconds = 5", "idle_seconds = 5\nidle_seconds = 6"), 8, "not TOML"),
        (
            ('url = "https://127.0.0.1:8443"', 'url = "https://h"\nretry_first_seconds = 9\nretry_most_seconds = 2'),
            6,
            "less",
        ),
    ],
)
def test_a_wrong_line_is_named_with_its_reason(change: tuple[str, str], line: int, words: str) -> None:
    assert change[0] in GOOD
    with pytest.raises(EnvironmentFault) as caught:
        parse_configuration(GOOD.replace(*change, 1), "terminal.toml")
    assert "terminal.toml" in caught.value.what
    assert f"line {line}" in caught.value.what
    assert words in caught.value.what
    assert caught.value.remedy


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="There is no"):
        load_configuration(tmp_path / "terminal.toml")
    (tmp_path / "terminal.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(EnvironmentFault, match="not UTF-8 text"):
        load_configuration(tmp_path / "terminal.toml")
    (tmp_path / "folder").mkdir()
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        load_configuration(tmp_path / "folder")


@given(
    st.builds(
        Configuration,
        demonstration=st.booleans(),
        back_office=st.builds(BackOfficeSection, url=st.just("https://host:1"), ping_seconds=st.floats(0.05, 3600)),
        visit=st.builds(VisitSection, idle_seconds=st.floats(0.05, 3600)),
        devices=st.builds(DevicesSection, printer=st.text(st.characters(codec="utf-8"), max_size=20)),
    )
)
def test_what_is_written_is_read(configuration: Configuration) -> None:
    assert parse_configuration(write_configuration(configuration), "x") == configuration


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    try:
        parse_configuration(text, "terminal.toml")
    except EnvironmentFault as fault:
        assert "terminal.toml" in fault.what  # noqa: PT017 - both outcomes are right


def test_a_file_nested_too_deeply_is_refused() -> None:
    with pytest.raises(EnvironmentFault, match="nested"):
        parse_configuration("a = " + "[" * 20_000, "terminal.toml")


def test_a_visit_is_not_told_where_the_back_office_is() -> None:
    told = for_visits(parse_configuration(GOOD, "x"))
    assert set(told) == {"demonstration", "visit", "devices", "limits"}
    assert told["visit"]["idle_seconds"] == 5
