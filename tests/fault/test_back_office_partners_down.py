"""Real partners as processes of their own: down they delay, up they answer from their own list."""

from __future__ import annotations

import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from back_office_bench import Bench, bench
from fakes.verb import command

from back_office.serve import running
from kiosk.domain.bank_change import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DEADLINE_SECONDS = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def partner(*arguments: str) -> Iterator[None]:
    process = subprocess.Popen(
        command("back_office.partners.cli", "partner", *arguments), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("ready")
        yield
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Bench]:
    with bench(tmp_path, database) as made:
        bank, smtp, sms = (free_port() for _ in range(3))
        partners = replace(
            made.it.settings.partners,
            bank_url=f"http://127.0.0.1:{bank}",
            smtp_port=smtp,
            sms_url=f"http://127.0.0.1:{sms}",
            retry_cap_seconds=1.0,
        )
        it = replace(made.it, settings=replace(made.it.settings, partners=partners))
        with running(it):
            made.it = it
            yield made


def bank_of(office: Bench) -> list[str]:
    port = office.it.settings.partners.bank_url.rsplit(":", 1)[1]
    return ["bank", "--state", str(office.it.state), "--port", port]


def messages_of(office: Bench) -> list[str]:
    partners = office.it.settings.partners
    sms = partners.sms_url.rsplit(":", 1)[1]
    return ["messages", "--state", str(office.it.state), "--smtp-port", str(partners.smtp_port), "--sms-port", sms]


def test_with_both_down_nothing_moves_and_with_both_up_everything_does(office: Bench) -> None:
    entry = office.change_entry(office.holder("marie"), "marie_second")
    office.receive(entry)
    until(lambda: bool(office.rows("SELECT 1 FROM outbox WHERE attempts >= 2")))
    assert office.change(entry["id"]).state is State.RECEIVED
    with ExitStack() as partners:
        partners.enter_context(partner(*bank_of(office)))
        until(lambda: office.change(entry["id"]).state is State.ACCOUNT_VERIFIED)
        until(lambda: bool(office.rows("SELECT 1 FROM outbox WHERE kind = 'notice' AND attempts >= 2")))
        assert office.change(entry["id"]).state is State.ACCOUNT_VERIFIED
        partners.enter_context(partner(*messages_of(office)))
        until(lambda: office.change(entry["id"]).state is State.IN_FORCE)
        until(lambda: not office.rows("SELECT 1 FROM outbox WHERE done_at IS NULL"))
    assert office.account("marie_second") in (office.it.state / "bank/accounts.json").read_text()
    assert len(list((office.it.state / "messages/mail").glob("*.eml"))) == 2, "received, and in force"
    assert list((office.it.state / "messages/letters").glob("*.pdf"))


def test_the_bank_answers_from_its_own_list(office: Bench) -> None:
    """The accounts of the scripted visits lead to the answers that the visits need."""
    wanted = {
        "marie": ("close_name", "close_match"),
        "karel": ("not_possible_karel", "not_possible"),
        "ludmila": ("of_someone_else", "no_match"),
        "diverted": ("diverted_second", "match"),
    }
    with partner(*bank_of(office)), partner(*messages_of(office)):
        entries = {name: office.change_entry(office.holder(name), account) for name, (account, _) in wanted.items()}
        office.receive(*entries.values())
        open_rows = "SELECT 1 FROM bank_change WHERE state NOT IN ('waiting', 'held')"
        until(lambda: len(office.rows("SELECT 1 FROM bank_change")) == len(wanted) and not office.rows(open_rows))
    found = {name: office.change_row(entry["id"]).verification for name, entry in entries.items()}
    assert found == {name: outcome for name, (_, outcome) in wanted.items()}
    assert office.change_row(entries["marie"]["id"]).holder_name == "Marie Anna Novotná"
