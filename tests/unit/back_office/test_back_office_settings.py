"""Settings that are wrong are refused with the line and what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from back_office.settings import (
    PartnerSettings,
    ServerSettings,
    Settings,
    load_settings,
    parse_settings,
    write_settings,
)
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_written_is_read_back() -> None:
    settings = Settings(
        server=ServerSettings(port=9443, header_deadline_seconds=2.5),
        partners=PartnerSettings(bank_url="https://bank.example:1/x"),
        terminal={"idle_seconds": 30, "demonstration": True, "name": 'a "quoted" \\ name'},
    )
    assert parse_settings(write_settings(settings), "x") == settings


def test_an_empty_file_means_the_defaults() -> None:
    assert parse_settings("", "x") == Settings()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[server]\nport = 70000", r"x, line 2: server.port is 70000; must be 0 to 65535"),
        ("\n[server]\n\nport = '1'", r"x, line 4: server.port must be a whole number"),
        ("[server]\nport = true", r"server.port must be a whole number"),
        ("[server]\nprot = 1", r"x, line 2: server.prot is not a setting; known here: .*port"),
        ("[sever]\nport = 1", r"sever is not a setting"),
        ("server = 1", r"x, line 1: server must be a section"),
        ("[partners]\nbank_url = 'ftp://x'", r'x, line 2: partners.bank_url must be text like "http'),
        ("[partners]\ntimeout_seconds = nan", r"timeout_seconds is nan"),
        ("[partners]\ntimeout_seconds = 7", r"timeout_seconds is 7"),
        ("[terminal]\nx = 1.5", r"x, line 2: terminal.x must be a string, an integer, true or false"),
        ("[terminal]\nx = [1]", r"terminal.x must be"),
        ("scheme = 'CZ'", r"line 1: scheme must be text like"),
        ("scheme = cz", r"x is not TOML: .*line 1"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, says: str) -> None:
    with pytest.raises(EnvironmentFault, match=says):
        parse_settings(text, "x")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read: object = parse_settings(text, "x")
    except EnvironmentFault as fault:
        read = fault.what
    assert isinstance(read, Settings) or str(read).startswith("x")


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="back-office init"):
        load_settings(tmp_path)
    (tmp_path / "back-office").mkdir()
    (tmp_path / "back-office/settings.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        load_settings(tmp_path)
