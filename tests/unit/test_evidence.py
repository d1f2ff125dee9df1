"""What the scripted visits read out of the terminal's own log."""

from __future__ import annotations

from kiosk.demo.evidence import entries_of


def test_two_processes_may_have_written_on_one_line() -> None:
    line = b'{"event": "visit_shown"}{"event": "step", "step": "Menu"}\n'
    assert entries_of(line) == [{"event": "visit_shown"}, {"event": "step", "step": "Menu"}]


def test_what_is_no_entry_is_passed_over() -> None:
    assert entries_of(b"qt.qpa: a warning {of Qt}\n") == []
    assert entries_of(b'{"event": "step", "step": "Menu"}{"event": "st') == [{"event": "step", "step": "Menu"}]
