"""The bank partner and its client, over real HTTP on the loopback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from back_office.partners.bank import BankClient
from back_office.partners.bank_server import Bank, read_accounts
from back_office.partners.customers import Customer, House, write_customers
from back_office.partners.http_server import PartnerServer
from back_office.partners.iso20022 import acmt023, acmt024
from back_office.partners.transport import HttpTransport, Reply
from back_office.ports import AccountNotice, AccountQuestion, Delivered, Rejected, Unavailable, Verification
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import SystemClock, SystemIds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARIE, KAREL, SILENT, CLOSED = (
    "CZ6508000000192000145399",
    "CZ0901000000006446876960",
    "CZ3130300000000000000019",
    "CZ9401000000001638410054",
)
HOUSES = [House("0800", "Spořitelna"), House("0100", "Banka"), House("3030", "Silent", answers=False)]
CUSTOMERS = [
    Customer(MARIE, "Marie Novotná", ("Marie Svobodová",)),
    Customer(KAREL, "Karel Dvořák"),
    Customer(SILENT, "Marie Novotná"),
    Customer(CLOSED, "Marie Novotná", closed=True),
]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    write_customers(tmp_path, HOUSES, CUSTOMERS)
    return tmp_path


@pytest.fixture
def server(state: Path) -> Iterator[PartnerServer]:
    server = PartnerServer("127.0.0.1", 0, Bank(state, SystemClock(), SystemIds()).handlers())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bank(server: PartnerServer) -> BankClient:
    return BankClient(HttpTransport(server.url), SystemClock())


def ask(bank: BankClient, iban: str, name: str, *former: str, key: str = "") -> Verification | Unavailable:
    question = AccountQuestion(key or f"{iban}{name}{former}", iban, name, former)
    return bank.verify_account(question, timeout_seconds=5)


@pytest.mark.parametrize(
    ("iban", "names", "answer"),
    [
        (MARIE, ("Marie Novotna",), Verification("match")),
        (MARIE, ("M. Novotná",), Verification("close_match", "Marie Novotná")),
        (MARIE, ("Karel Dvořák",), Verification("no_match")),
        (MARIE, ("Marie Svobodová",), Verification("match")),
        (MARIE, ("Marie Veselá", "Marie Novotná"), Verification("match")),
        (MARIE, ("Karel Dvořák", "M. Novotná"), Verification("close_match", "Marie Novotná")),
        (SILENT, ("Marie Novotná",), Verification("not_possible")),
        (CLOSED, ("Marie Novotná",), Verification("not_possible")),
        ("CZ5508000000001234567899", ("Marie Novotná",), Verification("not_possible")),
        ("DE89370400440532013000", ("Marie Novotná",), Verification("not_possible")),
        (MARIE.lower().replace("cz", "CZ"), ("Marie Novotná",), Verification("match")),
    ],
)
def test_the_bank_answers_from_its_own_list(
    bank: BankClient, iban: str, names: tuple[str, ...], answer: Verification
) -> None:
    assert ask(bank, iban, *names) == answer


def test_the_list_decides_and_not_the_number(bank: BankClient, state: Path) -> None:
    write_customers(state, HOUSES, [Customer(MARIE, "Karel Dvořák")])
    assert ask(bank, MARIE, "Marie Novotná") == Verification("no_match")
    write_customers(state, HOUSES, [Customer(MARIE, "Marie Novotná")])
    assert ask(bank, MARIE, "Marie Novotná", key="another") == Verification("match")


def test_both_messages_are_kept_and_valid(bank: BankClient, state: Path) -> None:
    ask(bank, MARIE, "Marie Novotná")
    (question,) = (state / "bank/messages/in").iterdir()
    (answer,) = (state / "bank/messages/out").iterdir()
    request, report = acmt023.parse(question.read_bytes()), acmt024.parse(answer.read_bytes())
    assert isinstance(request, acmt023.Request)
    assert isinstance(report, acmt024.Report)
    assert report.original_message_id == request.message_id
    assert report.findings == (acmt024.Finding("1", acmt024.Result.MATCH),)


def test_the_same_question_gets_the_same_answer_and_another_one_under_its_id_none(
    bank: BankClient, state: Path
) -> None:
    assert ask(bank, MARIE, "Marie Novotná", key="k") == Verification("match")
    write_customers(state, HOUSES, [Customer(MARIE, "Karel Dvořák")])
    assert ask(bank, MARIE, "Marie Novotná", key="k") == Verification("match")
    assert len(list((state / "bank/messages/out").iterdir())) == 1
    assert ask(bank, KAREL, "Marie Novotná", key="k") == Verification("not_possible")


def notice(key: str, iban: str = MARIE) -> AccountNotice:
    return AccountNotice(key, iban, KAREL, "Marie Novotná", "2027-03-02")


def test_an_advice_is_entered_once(bank: BankClient, state: Path) -> None:
    assert isinstance(bank.announce_account(notice("a"), timeout_seconds=5), Delivered)
    assert isinstance(bank.announce_account(notice("a"), timeout_seconds=5), Delivered)
    (entered,) = read_accounts(state / "bank/accounts.json")
    assert (entered["name"], entered["iban"], entered["old_iban"]) == ("Marie Novotná", MARIE, KAREL)
    assert entered["valid_from"] == "2027-03-02"
    assert isinstance(bank.announce_account(notice("a", CLOSED), timeout_seconds=5), Rejected)
    assert isinstance(bank.announce_account(notice("b", CLOSED), timeout_seconds=5), Delivered)
    assert [one["iban"] for one in read_accounts(state / "bank/accounts.json")] == [MARIE, CLOSED]


def test_an_advice_kept_but_not_entered_is_entered_when_it_comes_again(bank: BankClient, state: Path) -> None:
    """The bank died between the two files."""
    bank.announce_account(notice("a"), timeout_seconds=5)
    (state / "bank/accounts.json").unlink()
    assert isinstance(bank.announce_account(notice("a"), timeout_seconds=5), Delivered)
    assert len(read_accounts(state / "bank/accounts.json")) == 1


def test_a_bank_that_cannot_write_says_so_and_is_asked_again(bank: BankClient, state: Path) -> None:
    (state / "bank/accounts.json").write_text("spoilt")
    assert isinstance(bank.announce_account(notice("a"), timeout_seconds=5), Unavailable)
    (state / "bank/accounts.json").unlink()
    assert isinstance(bank.announce_account(notice("a"), timeout_seconds=5), Delivered)


def test_a_spoilt_list_is_no_answer(bank: BankClient, state: Path) -> None:
    (state / "bank/customers.json").write_text("{}")
    assert isinstance(ask(bank, MARIE, "Marie Novotná"), Unavailable)


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/acmt023", b"", 400, "message_invalid"),
        ("/acmt023", b"<!DOCTYPE a><a/>", 400, "message_invalid"),
        ("/account-notices", b"{}", 400, "message_invalid"),
        ("/acmt023", b" " * 70_000, 413, "too_large"),
        ("/elsewhere", b"", 404, "unknown_path"),
    ],
)
def test_wrong_bodies_get_an_error_with_a_remedy(
    server: PartnerServer, path: str, body: bytes, status: int, code: str
) -> None:
    reply = HttpTransport(server.url).post(path, body, "application/xml", timeout_seconds=5)
    assert isinstance(reply, Reply)
    assert reply.status == status
    error = json.loads(reply.body)["error"]
    assert error["code"] == code
    assert error["message"]
    assert error["remedy"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "not a customer list"),
        ("[]", "not a customer list"),
        ('{"format":1,"houses":[],"customers":[],"more":1}', "more"),
        ('{"format":2,"houses":[],"customers":[]}', "format 2"),
        ('{"format":1,"houses":[],"customers":[{"iban":"CZ65 0800","name":"M"}]}', "customers[0]"),
        ('{"format":1,"houses":[],"customers":[{"iban":"CZ6508","name":" "}]}', "customers[0]"),
        (
            '{"format":1,"houses":[],"customers":[{"iban":"CZ6508","name":"M"},{"iban":"CZ6508","name":"K"}]}',
            "customers[1]",
        ),
        ('{"format":1,"houses":[{"code":800,"name":"x"}],"customers":[]}', "houses[0].code"),
    ],
)
def test_a_wrong_list_is_refused_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank/customers.json").write_text(text)
    with pytest.raises(EnvironmentFault, match=r".") as fault:
        Bank(tmp_path, SystemClock(), SystemIds())
    assert place in fault.value.what
    assert "init" in fault.value.remedy


def test_a_list_that_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault):
        write_customers(tmp_path, [], [Customer("nonsense", "M")])
    assert not (tmp_path / "bank/customers.json").exists()


# --- a bank that answers nonsense --------------------------------------------------------------------


class Canned:
    """A transport that answers what it was given."""

    def __init__(self, reply: Reply | Unavailable) -> None:
        self.reply = reply

    def post(self, _path: str, body: bytes, _type: str, **_: float) -> Reply | Unavailable:
        if isinstance(self.reply, Reply) and self.reply.body.startswith(b"report "):
            ids = self.reply.body.split()[1:]
            request = acmt023.parse(body)
            assert isinstance(request, acmt023.Request)
            asked = "other" if ids[0] == b"other" else request.message_id
            findings = [acmt024.Finding(one.decode(), acmt024.Result.MATCH) for one in ids if one != b"other"]
            from back_office.partners.iso20022.assignment import Head

            head = Head("r", SystemClock().now(), "Bank", "Us")
            return Reply(200, acmt024.write(head, asked, findings))
        return self.reply


@pytest.mark.parametrize(
    "reply",
    [
        Unavailable("down"),
        Reply(500, b""),
        Reply(503, b""),
        Reply(404, b""),
        Reply(302, b""),
        Reply(200, b""),
        Reply(200, b"<html>maintenance</html>"),
        Reply(200, b"report other 1"),
        Reply(200, b"report 2"),
        Reply(200, b"report 1 1"),
        Reply(200, b"report 1 2"),
    ],
)
def test_no_complete_answer_is_never_a_match(reply: Reply | Unavailable) -> None:
    bank = BankClient(Canned(reply), SystemClock())  # type: ignore[arg-type]
    found = ask(bank, MARIE, "Marie Novotná")
    assert isinstance(found, Unavailable), found
    assert "Marie" not in found.detail
    assert MARIE not in found.detail


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_a_question_the_bank_will_never_answer_is_not_possible(status: int) -> None:
    bank = BankClient(Canned(Reply(status, b"")), SystemClock())  # type: ignore[arg-type]
    assert ask(bank, MARIE, "Marie Novotná") == Verification("not_possible")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(204, Delivered), (429, Unavailable), (500, Unavailable), (400, Rejected), (404, Unavailable)],
)
def test_what_becomes_of_an_advice(status: int, outcome: type[object]) -> None:
    bank = BankClient(Canned(Reply(status, b"")), SystemClock())  # type: ignore[arg-type]
    assert isinstance(bank.announce_account(notice("a"), timeout_seconds=1), outcome)
