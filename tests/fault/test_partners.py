"""The bank and the gateways as real processes that are killed, hang, talk nonsense or cannot write: delayed, never lost, never twice."""

from __future__ import annotations

import email
import email.policy
import signal
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from back_office_bench import bench
from fakes.verb import command

from back_office.partners import connect
from back_office.partners.bank_server import read_accounts
from back_office.partners.customers import Customer, parse_customers, write_customers
from back_office.ports import AccountNotice, AccountQuestion, BankPort, Delivered, Rejected, Unavailable, Verification
from back_office.rounds import Rounds
from back_office.wakeups import Bell, Wakeups
from kiosk.domain.bank_change import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from back_office_bench import Bench

SECONDS = 20.0


class Partner:
    """A partner process that can be killed and started again on the same port."""

    def __init__(self, state: Path, *arguments: str) -> None:
        self._state = state
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None
        self.addresses: list[str] = []

    def start(self) -> None:
        line = command("back_office.partners.cli", "partner", *self._arguments, "--state", str(self._state))
        self._process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        ready = self._process.stdout.readline().split()
        if not ready:
            raise AssertionError(self.end(signal.SIGKILL))
        self.addresses = ready[2:]

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """End the process; its exit code and what it said on stderr."""
        process, self._process = self._process, None
        assert process is not None
        process.send_signal(how)
        _, said = process.communicate(timeout=SECONDS)
        return process.returncode, said

    def stop(self) -> None:
        if self._process is not None:
            assert self.end() == (0, "")


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago: a partner must come back where it was."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


@dataclass
class Office:
    """A back office at work: real rounds, real clients, real partner processes."""

    bench: Bench
    bank: Partner
    messages: Partner
    bell: Bell
    rounds: Rounds

    @property
    def state(self) -> Path:
        return self.bench.it.state

    def submit(self, name: str, account: str) -> str:
        entry = self.bench.change_entry(self.bench.holder(name), account)
        self.bench.receive(entry)
        self.bell.ring()
        return str(entry["id"])

    def until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + SECONDS
        while not holds():
            assert time.monotonic() < deadline, f"never: {what}"
            self.bell.ring()
            threading.Event().wait(0.02)  # poll, with a deadline

    def state_of(self, change: str) -> State | None:
        rows = self.bench.rows("SELECT state FROM bank_change WHERE id = ?", change)
        return State(rows[0]["state"]) if rows else None

    def attempts(self, kind: str) -> int:
        (row,) = self.bench.rows("SELECT coalesce(max(attempts), 0) AS n FROM outbox WHERE kind = ?", kind)
        return int(row["n"])

    def quiet(self) -> bool:
        return self.bench.rows("SELECT 1 FROM outbox WHERE done_at IS NULL") == []


@contextmanager
def at_work(bench: Bench, bank_url: str, smtp_port: int, sms_url: str) -> Iterator[tuple[Bell, Rounds]]:
    partners = replace(
        bench.it.settings.partners,
        bank_url=bank_url,
        smtp_port=smtp_port,
        sms_url=sms_url,
        retry_base_seconds=0.02,
        retry_cap_seconds=1.0,
        timeout_seconds=2.0,
    )
    it = replace(bench.it, settings=replace(bench.it.settings, partners=partners))
    bell = Bell()
    rounds = Rounds(it, connect(partners, it.state), bell, Wakeups())
    rounds.start()
    try:
        yield bell, rounds
    finally:
        rounds.stop()


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Office]:
    bank_port, smtp_port, sms_port = free_ports(3)
    with bench(tmp_path, database) as made:
        state = made.it.state
        bank = Partner(state, "bank", "--port", str(bank_port))
        messages = Partner(state, "messages", "--smtp-port", str(smtp_port), "--sms-port", str(sms_port))
        with at_work(made, f"http://127.0.0.1:{bank_port}", smtp_port, f"http://127.0.0.1:{sms_port}") as working:
            yield Office(made, bank, messages, *working)
        bank.stop()
        messages.stop()


def told(state: Path) -> list[tuple[str, str]]:
    """Every notice that reached a gateway: channel and subject or file, once each."""
    folder = state / "messages"
    mails = [("email", str(_read(path)["Subject"])) for path in folder.glob("mail/*.eml")]
    texts = [("sms", "") for _ in folder.glob("sms/*.json")]
    letters = [("letter", "") for path in folder.glob("letters/*.json") if path.with_suffix(".pdf").exists()]
    return sorted(mails + texts + letters)


def _read(path: Path) -> email.message.EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[return-value]


def entered(office: Office) -> list[str]:
    return [notice["iban"] for notice in read_accounts(office.state / "bank/accounts.json")]


def test_partners_that_come_late_delay_and_lose_nothing(office: Office) -> None:
    change = office.submit("marie", "marie_second")
    office.until(lambda: office.attempts("verify_account") >= 3, "the bank is asked again and again")
    assert office.state_of(change) is State.RECEIVED
    office.bank.start()
    office.until(lambda: office.state_of(change) is State.ACCOUNT_VERIFIED, "the bank answered")
    office.until(lambda: office.attempts("notice") >= 3, "the gateways are tried again and again")
    assert entered(office) == []
    office.messages.start()
    office.until(lambda: office.state_of(change) is State.IN_FORCE and office.quiet(), "in force and everybody told")
    assert entered(office) == [office.bench.account("marie_second")]
    assert len(list((office.state / "bank/messages/out").iterdir())) == 1
    sent = told(office.state)
    assert len(sent) == 6
    assert {channel for channel, _ in sent} == {"email", "sms", "letter"}


@pytest.mark.parametrize("victim", ["bank", "messages"])
def test_a_partner_killed_again_and_again_is_told_everything_once(office: Office, victim: str) -> None:
    office.bank.start()
    office.messages.start()
    wanted = {name: f"{name}_second" for name in ("marie", "karel", "ludmila")}
    process = office.bank if victim == "bank" else office.messages
    changes = []
    for name, account in wanted.items():
        changes.append(office.submit(name, account))
        process.end(signal.SIGKILL)
        process.start()
    office.until(
        lambda: all(office.state_of(change) is State.IN_FORCE for change in changes) and office.quiet(),
        "all in force and everybody told",
    )
    assert sorted(entered(office)) == sorted(office.bench.account(account) for account in wanted.values())
    assert len(list((office.state / "bank/messages/in").glob("*.acmt.023.001.03.xml"))) == len(wanted)
    rows = office.bench.rows("SELECT payload, result FROM outbox WHERE kind = 'notice'")
    assert all('"delivered"' in row["result"] for row in rows)
    assert len(told(office.state)) == len(rows)


class LosingReplies:
    """A bank whose first answer to each question is lost on the way back; between the two it changes its list."""

    def __init__(self, bank: BankPort, change_list: Callable[[], None]) -> None:
        self._bank = bank
        self._change_list = change_list
        self.lost: list[Verification | Unavailable] = []

    def verify_account(self, question: AccountQuestion, *, timeout_seconds: float) -> Verification | Unavailable:
        answer = self._bank.verify_account(question, timeout_seconds=timeout_seconds)
        if not self.lost:
            self.lost.append(answer)
            self._change_list()
            return Unavailable("lost on the way back")
        return answer

    def announce_account(self, notice: AccountNotice, *, timeout_seconds: float) -> Delivered | Unavailable | Rejected:
        return self._bank.announce_account(notice, timeout_seconds=timeout_seconds)


def test_an_answer_that_was_lost_is_given_again_and_not_made_anew(office: Office) -> None:
    office.bank.start()
    office.messages.start()
    customers = office.state / "bank/customers.json"

    def change_list() -> None:
        known = parse_customers(customers.read_bytes(), "list")
        write_customers(office.state, known.houses, [Customer(iban, "Somebody Else") for iban in known.accounts])

    losing = LosingReplies(office.rounds._partners.bank, change_list)
    office.rounds._partners = replace(office.rounds._partners, bank=losing)
    change = office.submit("marie", "marie_second")
    office.until(lambda: office.state_of(change) is State.IN_FORCE, "in force by the first answer")
    assert losing.lost == [Verification("match")]
    assert len(list((office.state / "bank/messages/out").iterdir())) == 1


def test_a_gateway_that_cannot_write_says_so_and_is_tried_again(office: Office) -> None:
    office.bank.start()
    (office.state / "messages").mkdir()
    blocked = [office.state / "messages" / name for name in ("mail", "sms", "letters")]
    for path in blocked:
        path.write_text("in the way")
    office.messages.start()
    change = office.submit("marie", "marie_second")
    office.until(lambda: office.attempts("notice") >= 3, "the gateways are tried again and again")
    assert office.state_of(change) is State.ACCOUNT_VERIFIED
    for path in blocked:
        path.unlink()
    office.until(lambda: office.state_of(change) is State.IN_FORCE and office.quiet(), "in force and everybody told")
    assert len(told(office.state)) == 6


def test_a_bank_that_cannot_read_its_list_answers_nobody(office: Office) -> None:
    office.bank.start()
    office.messages.start()
    customers = office.state / "bank/customers.json"
    kept = customers.read_bytes()
    customers.write_text("{")
    change = office.submit("marie", "marie_second")
    office.until(lambda: office.attempts("verify_account") >= 3, "the bank is asked again and again")
    assert office.state_of(change) is State.RECEIVED
    customers.write_bytes(kept)
    office.until(lambda: office.state_of(change) is State.IN_FORCE, "in force")


@contextmanager
def impostor(answer: bytes | None) -> Iterator[str]:
    """Something that listens where the bank should be: it answers anything with `answer`, or never."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def run() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                held.append(connection)
                if answer is not None:
                    connection.recv(65536)
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=run)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(SECONDS)
        for connection in held:
            connection.close()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"220 mail.example ready\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<Document>",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_whatever_stands_in_the_bank_s_place_nothing_comes_into_force(tmp_path: Path, answer: bytes | None) -> None:
    with bench(tmp_path) as made, impostor(answer) as url, at_work(made, url, 9, "http://127.0.0.1:9") as working:
        office = Office(made, Partner(made.it.state), Partner(made.it.state), *working)
        change = office.submit("marie", "marie_second")
        office.until(lambda: office.attempts("verify_account") >= 1, "the bank was asked")
        assert office.state_of(change) is State.RECEIVED
        (row,) = made.rows("SELECT last_error FROM outbox WHERE kind = 'verify_account'")
        assert row["last_error"]
        assert "Novotn" not in row["last_error"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_partners_end_quietly_when_told_to(office: Office, how: signal.Signals) -> None:
    for partner in (office.bank, office.messages):
        partner.start()
        assert partner.end(how) == (0, "")


def test_a_partner_that_cannot_start_says_one_line(office: Office) -> None:
    (office.state / "bank/customers.json").unlink()
    line = command("back_office.partners.cli", "partner", "bank", "--port", "0", "--state", str(office.state))
    done = subprocess.run(line, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 2
    assert "customers.json" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
