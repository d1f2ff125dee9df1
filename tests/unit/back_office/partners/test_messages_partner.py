"""The messages partner and its client: a real mail server, a real SMS gateway, a spool on the disk."""

from __future__ import annotations

import email
import email.policy
import json
import smtplib
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from back_office import pki
from back_office.partners import connect, spool
from back_office.partners.http_server import PartnerServer, server_tls
from back_office.partners.letters import LetterSpool
from back_office.partners.messages import MailServer, MessagesClient
from back_office.partners.messages_server import MAIL_LIMIT_BYTES, MailGateway, SmsGateway
from back_office.partners.transport import HttpTransport, tls_context
from back_office.ports import Delivered, Message, Rejected, Unavailable
from back_office.settings import PartnerSettings
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import SystemClock, SystemIds

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path


def message(channel: str, destination: str, key: str = "k", text: str = "Žluťoučký kůň") -> Message:
    return Message(key, channel, destination, "Marie Novotná", "cs", "Jste to vy? ěščřž", text)  # type: ignore[arg-type]


class Gateways:
    """Both gateways and the client, on ports of the system's choice."""

    def __init__(self, state: Path, tls: ssl.SSLContext | None = None, root: Path | None = None) -> None:
        self.mail = MailGateway(state, "127.0.0.1", 0, tls=tls)
        self.sms = PartnerServer("127.0.0.1", 0, SmsGateway(state, SystemClock()).handlers(), tls=tls)
        self.mail.start()
        self.sms.start()
        server = MailServer("127.0.0.1", self.mail.port, "notice@guichet.example", tls_context(root) if root else None)
        letters = LetterSpool(state / "messages/letters")
        self.client = MessagesClient(server, HttpTransport(self.sms.url, root), letters, SystemClock())
        self.state = state

    def send(self, *args: str, **more: str) -> Delivered | Unavailable | Rejected:
        return self.client.send(message(*args, **more), timeout_seconds=5)

    def files(self, folder: str) -> list[Path]:
        return sorted(path for path in (self.state / "messages" / folder).glob("*") if path.is_file())

    def stop(self) -> None:
        self.mail.stop()
        self.sms.stop()


@pytest.fixture
def gateways(tmp_path: Path) -> Iterator[Gateways]:
    gateways = Gateways(tmp_path)
    yield gateways
    gateways.stop()


# --- mail --------------------------------------------------------------------------------------------


def test_a_mail_is_kept_as_it_was_written(gateways: Gateways) -> None:
    assert isinstance(gateways.send("email", "marie@example.cz"), Delivered)
    (file,) = gateways.files("mail")
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert (mail["To"], mail["From"], mail["Subject"]) == (
        "marie@example.cz",
        "notice@guichet.example",
        "Jste to vy? ěščřž",
    )
    assert mail["Content-Language"] == "cs"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().strip() == "Žluťoučký kůň"
    assert file.stem == spool.message_id("k")


def test_a_mail_sent_twice_is_delivered_once(gateways: Gateways) -> None:
    for _ in range(3):
        assert isinstance(gateways.send("email", "marie@example.cz"), Delivered)
    assert len(gateways.files("mail")) == 1
    assert isinstance(gateways.send("email", "marie@example.cz", text="something else"), Rejected)
    assert isinstance(gateways.send("email", "karel@example.cz"), Rejected)
    assert isinstance(gateways.send("email", "karel@example.cz", key="another"), Delivered)


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b@c", "a\r\nBcc: x@y.cz", "a b@example.cz", "marie@", "@example.cz"]
)
def test_an_address_that_is_none_is_rejected(gateways: Gateways, address: str) -> None:
    found = gateways.send("email", address)
    assert isinstance(found, Rejected)
    assert gateways.files("mail") == []


def test_a_subject_cannot_add_a_header(gateways: Gateways) -> None:
    spoilt = Message("k", "email", "marie@example.cz", "Marie", "cs", "Hello\r\nBcc: x@y.cz", "text")
    assert isinstance(gateways.client.send(spoilt, timeout_seconds=5), Rejected)


def test_an_address_in_other_letters_arrives(gateways: Gateways) -> None:
    assert isinstance(gateways.send("email", "žofie@příklad.cz"), Delivered)
    assert len(gateways.files("mail")) == 1


@pytest.mark.parametrize(
    ("sender", "recipients", "content", "code"),
    [
        ("a@b.cz", ["x@y.cz", "z@y.cz"], b"Message-ID: <1@a>\r\n\r\n", 0),
        ("a@b.cz", ["x"], b"", 550),
        ("a@b.cz", ["x@y.cz"], b"Subject: no id\r\n\r\nx", 554),
        ("a@b.cz", ["x@y.cz"], b"Message-ID: <../../etc@a>\r\n\r\nx", 0),
        ("a@b.cz", ["x@y.cz"], b"x" * (MAIL_LIMIT_BYTES + 10), 552),
    ],
)
def test_what_strangers_send(gateways: Gateways, sender: str, recipients: list[str], content: bytes, code: int) -> None:
    with smtplib.SMTP("127.0.0.1", gateways.mail.port, timeout=5) as smtp:
        if code:
            with pytest.raises(smtplib.SMTPException) as error:
                smtp.sendmail(sender, recipients, content)
            assert str(code) in str(error.value)
            assert gateways.files("mail") == []
        else:
            smtp.sendmail(sender, recipients, content)
            assert all(path.parent == gateways.state / "messages/mail" for path in gateways.files("mail"))
            assert len(gateways.files("mail")) == 1


def test_a_mail_server_that_hangs_is_cut(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1)  # until the client goes away

        thread = threading.Thread(target=hang)
        thread.start()
        server = MailServer("127.0.0.1", listener.getsockname()[1], "a@b.cz")
        client = MessagesClient(server, HttpTransport("http://x"), LetterSpool(tmp_path), SystemClock())
        found = client.send(message("email", "marie@example.cz"), timeout_seconds=0.2)
        thread.join(5)
    assert isinstance(found, Unavailable)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (b"451 later", Unavailable),
        (b"550 never", Rejected),
        (b"530 no TLS", Unavailable),
        (b"\xff\x00nonsense", Unavailable),
    ],
)
def test_what_a_mail_server_may_answer(tmp_path: Path, code: bytes, outcome: type[object]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"220 here\r\n")
                while line := connection.recv(4096):
                    connection.sendall((b"250 ok" if line[:4] in {b"ehlo", b"mail"} else code) + b"\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        server = MailServer("127.0.0.1", listener.getsockname()[1], "a@b.cz")
        client = MessagesClient(server, HttpTransport("http://x"), LetterSpool(tmp_path), SystemClock())
        found = client.send(message("email", "marie@example.cz"), timeout_seconds=2)
        thread.join(5)
    assert isinstance(found, outcome), found
    assert "marie" not in found.detail  # type: ignore[attr-defined]


# --- text messages -----------------------------------------------------------------------------------


def test_a_text_message_is_kept_once(gateways: Gateways) -> None:
    for _ in range(2):
        assert isinstance(gateways.send("sms", "+420 601 123 456"), Delivered)
    (file,) = gateways.files("sms")
    kept = json.loads(file.read_text())
    assert (kept["to"], kept["text"]) == ("+420601123456", "Žluťoučký kůň")
    assert isinstance(gateways.send("sms", "+420601123456", text="something else"), Rejected)


@pytest.mark.parametrize("number", ["", "601123456", "+0601123456", "+42", "+420x", "+" + "1" * 16])
def test_a_number_that_is_none_is_rejected(gateways: Gateways, number: str) -> None:
    assert isinstance(gateways.send("sms", number), Rejected)
    assert gateways.files("sms") == []


@pytest.mark.parametrize("text", ["", "  ", "x" * 1001])
def test_a_text_that_cannot_be_sent_is_rejected(gateways: Gateways, text: str) -> None:
    assert isinstance(gateways.send("sms", "+420601123456", text=text), Rejected)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"id":1}', b'{"id":"a","to":"+420601123456","text":"x","more":1}', b"\xff"]
)
def test_a_body_that_is_no_text_message(gateways: Gateways, body: bytes) -> None:
    reply = HttpTransport(gateways.sms.url).post("/sms", body, "application/json", timeout_seconds=5)
    assert not isinstance(reply, Unavailable)
    assert reply.status == 400
    assert json.loads(reply.body)["error"]["remedy"]


def test_an_id_cannot_leave_the_folder(gateways: Gateways) -> None:
    body = json.dumps({"id": "../../evil", "to": "+420601123456", "text": "x"}).encode()
    reply = HttpTransport(gateways.sms.url).post("/sms", body, "application/json", timeout_seconds=5)
    assert not isinstance(reply, Unavailable)
    assert reply.status == 202
    assert [path.parent.name for path in gateways.state.rglob("*.json")] == ["sms"]


# --- letters -----------------------------------------------------------------------------------------

ADDRESS = "Marie Novotná\nKřenová 12/3\n602 00 Brno"


def test_a_letter_is_queued_once(gateways: Gateways) -> None:
    for _ in range(2):
        assert isinstance(gateways.send("letter", ADDRESS), Delivered)
    ticket, letter = gateways.files("letters")
    assert letter.read_bytes().startswith(b"%PDF-")
    note = json.loads(ticket.read_text())
    assert (note["file"], note["address"]) == (letter.name, ADDRESS.splitlines())
    assert isinstance(gateways.send("letter", ADDRESS, text="something else"), Rejected)


def test_a_letter_whose_ticket_was_lost_is_queued_again(gateways: Gateways) -> None:
    """Killed between the two files."""
    gateways.send("letter", ADDRESS)
    gateways.files("letters")[0].unlink()
    assert isinstance(gateways.send("letter", ADDRESS), Delivered)
    assert len(gateways.files("letters")) == 2


def test_an_address_without_the_name_gets_it(gateways: Gateways) -> None:
    gateways.send("letter", "Křenová 12/3\n602 00 Brno")
    assert json.loads(gateways.files("letters")[0].read_text())["address"] == ADDRESS.splitlines()


@pytest.mark.parametrize(("address", "text"), [("\n".join("abcdefghij"), "x"), (ADDRESS, "x" * 20_001)])
def test_a_letter_that_cannot_be_set_is_rejected(gateways: Gateways, address: str, text: str) -> None:
    assert isinstance(gateways.send("letter", address, text=text), Rejected)
    assert gateways.files("letters") == []


def test_a_spool_that_takes_nothing_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("a file, not a folder")
    client = MessagesClient(
        MailServer("x", 1, "a@b.cz"), HttpTransport("http://x"), LetterSpool(tmp_path / "letters"), SystemClock()
    )
    assert isinstance(client.send(message("letter", ADDRESS), timeout_seconds=1), Unavailable)


# --- encrypted ---------------------------------------------------------------------------------------


def test_with_tls_both_gateways_are_spoken_to_in_it(tmp_path: Path) -> None:
    pki.create_pki(tmp_path, SystemClock(), SystemIds())
    keys = tmp_path / "pki"
    gateways = Gateways(tmp_path, server_tls(keys / "tls.pem", keys / "tls.key"), keys / "root.pem")
    try:
        settings = PartnerSettings(
            sms_url=gateways.sms.url, smtp_port=gateways.mail.port, bank_url="https://127.0.0.1:1"
        )
        client = connect(settings, tmp_path).messages
        for channel, destination in (("email", "marie@example.cz"), ("sms", "+420601123456")):
            assert isinstance(client.send(message(channel, destination), timeout_seconds=5), Delivered)
        plain = MailServer("127.0.0.1", gateways.mail.port, "a@b.cz")
        found = MessagesClient(plain, HttpTransport("http://x"), LetterSpool(tmp_path), SystemClock())
        assert not isinstance(found.send(message("email", "marie@example.cz", "p"), timeout_seconds=5), Delivered)
        assert len(gateways.files("mail")) == 1
    finally:
        gateways.stop()


def test_with_tls_a_plain_mail_server_gets_nothing(gateways: Gateways) -> None:
    pki.create_pki(gateways.state, SystemClock(), SystemIds())
    root = tls_context(gateways.state / "pki/root.pem")
    server = MailServer("127.0.0.1", gateways.mail.port, "a@b.cz", root)
    client = MessagesClient(server, HttpTransport("http://x"), LetterSpool(gateways.state), SystemClock())
    assert not isinstance(client.send(message("email", "marie@example.cz"), timeout_seconds=5), Delivered)
    assert gateways.files("mail") == []


def test_settings_with_an_address_that_is_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault):
        connect(PartnerSettings(bank_url="bank"), tmp_path)


def test_a_mail_port_that_is_taken_is_said(gateways: Gateways) -> None:
    with pytest.raises(EnvironmentFault, match=str(gateways.mail.port)):
        MailGateway(gateways.state, "127.0.0.1", gateways.mail.port)
    with pytest.raises(EnvironmentFault, match="loopback"):
        MailGateway(gateways.state, "0.0.0.0", 0)  # noqa: S104 - this is what must be refused
