"""`guichet desk`, `guichet partner` and `guichet back-office pay` as typed by an operator."""

from __future__ import annotations

import argparse
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from back_office import cli
from back_office.desk.officers import Door, SignedIn
from back_office.repository import desk
from kiosk.domain.bank_change import State
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.payments import cut_off, first_payment_on

if TYPE_CHECKING:
    from back_office_bench import Bench


def guichet(office: Bench, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    cli.add_parser(parser.add_subparsers())
    args = parser.parse_args([*arguments, "--state", str(office.it.state)])
    return int(args.run(args))


def held(office: Bench) -> str:
    id_ = office.submit(office.holder("marie"), "of_someone_else")
    assert office.change(id_).state is State.HELD
    return id_


def test_list_show_and_decide(office: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    id_ = held(office)
    with office.it.work() as work:
        desk.add_call(work.db, terminal="T0007", office="101", step="pin", at=work.time)
    assert guichet(office, "desk", "list") == 0
    listed = capsys.readouterr().out
    assert "Marie Novotná" in listed
    assert "call 1: T0007, pin" in listed

    guichet(office, "desk", "list", "--office", "101", "--json")
    (queue,) = json.loads(capsys.readouterr().out)
    (case,) = queue["cases"]
    assert case["subject"] == id_

    guichet(office, "desk", "show", case["reference"], "--json")
    shown = json.loads(capsys.readouterr().out)
    assert shown["state"] == "held"
    assert shown["possible"] == ["bank-proof", "approve", "refuse"]
    guichet(office, "desk", "show", str(case["number"]))
    assert "somebody else" in capsys.readouterr().out

    number = str(case["number"])
    assert (
        guichet(office, "desk", "decide", number, "--officer", "alena", "--bank-proof", "statement", "--reason", "seen")
        == 0
    )
    with pytest.raises(EnvironmentFault, match="Another officer"):
        guichet(office, "desk", "decide", number, "--officer", "alena", "--approve", "--reason", "ok")
    assert guichet(office, "desk", "decide", number, "--officer", "bohdan", "--approve", "--reason", "ok") == 0
    assert office.change(id_).state is State.WAITING
    assert guichet(office, "desk", "answer", "1", "--officer", "alena") == 0
    capsys.readouterr()
    guichet(office, "desk", "list")
    assert capsys.readouterr().out == "nothing waits\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("desk", "list", "--office", "9"), "no office '9'"),
        (("desk", "show", "nothing"), "Nothing is known as 'nothing'"),
        (("desk", "decide", "7", "--officer", "zoe", "--approve", "--reason", "x"), "no officer 'zoe'"),
        (("desk", "decide", "7", "--officer", "alena", "--approve", "--reason", "x"), "no such case"),
        (("desk", "decide", "7", "--officer", "alena", "--approve", "--reason", " "), "reason is missing"),
        (("desk", "answer", "7", "--officer", "alena"), "no open call 7"),
        (("desk", "officer", "add", "dana", "--name", "Dana", "--office", "101"), "no terminal to ask"),
        (("desk", "serve", "--host", "203.0.113.1"), "203.0.113.1"),
        (("back-office", "pay", "--date", "2000-01-01"), "Nothing is paid on 2000-01-01"),
        (("partner", "bank", "--port", "0", "--host", "0.0.0.0"), "loopback"),  # noqa: S104 - must be refused
        (("partner", "messages", "--host", "203.0.113.1", "--tls"), "203.0.113.1"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_remedy(
    office: Bench, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(EnvironmentFault) as fault:
        guichet(office, *arguments)
    assert said in fault.value.what
    assert fault.value.remedy


@pytest.mark.parametrize(
    "arguments",
    [
        ("desk", "decide", "7", "--officer", "alena", "--reason", "x"),
        ("desk", "decide", "7", "--officer", "alena", "--approve"),
        ("desk", "decide", "7", "--officer", "alena", "--approve", "--refuse", "--reason", "x"),
        ("desk", "serve", "--port", "99999"),
        ("partner", "bank", "--port", "x"),
        ("back-office", "pay", "--date", "15.3.2027"),
        ("back-office", "pay"),
        ("desk",),
    ],
)
def test_wrong_command_lines_end_with_2(
    office: Bench, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as end:
        guichet(office, *arguments)
    assert end.value.code == 2
    assert "error" in capsys.readouterr().err


def test_an_officer_is_added_with_a_piped_password(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long password\n"))
    line = ("desk", "officer", "add", "dana", "--name", "Dana Malá", "--office", "101", "--password-stdin")
    assert guichet(office, *line) == 0
    assert isinstance(Door(office.it).sign_in("dana", "a long password", "a"), SignedIn)


def test_paying_says_what_was_paid(office: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    schedule = office.it.scheme.payments
    day = first_payment_on(office.it.clock.now(), schedule)
    with pytest.raises(EnvironmentFault, match="cut-off"):
        guichet(office, "back-office", "pay", "--date", day.isoformat())
    office.later(seconds=(cut_off(day, schedule) - office.it.clock.now() + timedelta(seconds=1)).total_seconds())
    assert guichet(office, "back-office", "pay", "--date", day.isoformat()) == 0
    said = capsys.readouterr().out
    assert f"pain.001-{day.isoformat()}.xml" in said
    assert "control sum" in said
    assert "0 held" in said
