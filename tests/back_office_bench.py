"""A back office to test against: demonstration people and cards, a terminal with keys, partners that do as they are told.

The state folder is made once a test process and copied for each test; with PostgreSQL its database is cloned.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import re
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID
from fakes.partners import FakeBank, FakeMessages, partners
from postgresql_cluster import cloned, cluster, keep_original

from back_office import decisions, firewall, intake, outbox
from back_office.api_types import Enrolled, Enrolment, Push
from back_office.app import Service, create_app
from back_office.demo.seed import seed
from back_office.enrolment import enrol, new_code, read_requests
from back_office.installation import CLOCK, Installation, create_installation, open_installation
from back_office.ports import Partners, Verification
from back_office.reference_data import ReferenceData
from back_office.repository import changes, inbox, ledger, terminals, timestamp
from back_office.repository import outbox as outbox_rows
from back_office.settings import (
    FILE,
    DatabaseSettings,
    PartnerSettings,
    ServerSettings,
    Settings,
    load_settings,
    write_settings,
)
from back_office.wakeups import Bell, Wakeups
from kiosk.schemes import load_texts
from kiosk.system import FileClock
from kiosk.wire import request_signatures
from kiosk.wire.answer import AnswerKey, open_answer
from kiosk.wire.attendance import Attendance, answers_digest, prepare
from kiosk.wire.envelope import Transaction, seal, signing_input
from kiosk.wire.journal_chain import GENESIS, ClearHeader, chain_hash
from kiosk.wire.problem import Problem
from kiosk.wire.question import Question, question_signing_input, unsigned_question
from kiosk.wire.report import Report, write_report
from kiosk.wire.timestamps import timestamp as wire_time
from kiosk.wire.verdict import VerdictBody, open_verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from back_office.database import Connection, Database
    from back_office.repository.changes import ChangeRow, RequestRow
    from kiosk.domain.bank_change import Change

TERMINAL, OFFICE = "T0007", "101"
PERSONS = 20
FAST = PartnerSettings(retry_base_seconds=0.01, retry_cap_seconds=1.0, timeout_seconds=1.0)


DATABASES = ("sqlite", "postgresql")
_TEMPLATE = "demonstration"


@cache
def template(kind: str = "sqlite") -> Path:
    """A seeded state folder, made once; with PostgreSQL there is a database to clone beside it."""
    folder = Path(tempfile.mkdtemp(prefix="back-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = Settings(server=ServerSettings(port=0), partners=FAST)
    if kind == "postgresql":
        settings = replace(settings, database=DatabaseSettings(cluster().create_database(_TEMPLATE)))
    with create_installation(folder, settings, write_settings(settings)) as it:
        it.keyring.create(it.clock, it.ids)
        seed(it, count=PERSONS)
    if kind == "postgresql":
        keep_original(settings.database.url)
    return folder


@contextmanager
def fresh_state(folder: Path, kind: str = "sqlite") -> Iterator[Path]:
    """A copy of the template that a test may change."""
    state = folder / "state"
    shutil.copytree(template(kind), state)
    with ExitStack() as stack:
        if kind == "postgresql":
            settings = load_settings(state)
            url = stack.enter_context(cloned(_TEMPLATE))
            (state / FILE).write_text(write_settings(replace(settings, database=DatabaseSettings(url))))
        yield state


@dataclass
class TerminalKeys:
    """What an enrolled terminal holds, and its journal."""

    id: str
    office: str
    key: ec.EllipticCurvePrivateKey
    epoch: int
    seq: int = 0
    head: bytes = GENESIS

    def entry(
        self, id_: str, body: bytes, recorded_at: str, *, kind: str = "transaction", kid: str = "k"
    ) -> dict[str, Any]:
        """Append to the journal; the entry as it is pushed."""
        self.seq += 1
        header = ClearHeader(id_, kind, self.id, self.epoch, self.seq, 1, kid, recorded_at)
        previous, self.head = self.head, chain_hash(self.head, body, header)
        return {
            "id": id_,
            "kind": kind,
            "epoch": self.epoch,
            "seq": self.seq,
            "schema": 1,
            "sealing_key_id": kid,
            "previous_hash": previous.hex(),
            "hash": self.head.hex(),
            "recorded_at": recorded_at,
            "body": body.decode("ascii"),
        }


@dataclass
class Holder:
    """A demonstration card in somebody's hand, and the key of one visit."""

    name: str
    document: dict[str, Any]
    answer_key: AnswerKey = field(default_factory=AnswerKey.generate)

    @property
    def number(self) -> str:
        return self.certificate("9C").subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value  # type: ignore[return-value]

    def certificate(self, slot: str) -> x509.Certificate:
        from back_office.demo.cards import CERTIFICATE_OBJECTS
        from back_office.demo.seed import _certificate

        return x509.load_der_x509_certificate(
            _certificate(bytes.fromhex(self.document["objects"][CERTIFICATE_OBJECTS[slot]]))
        )

    def sign(self, slot: str, data: bytes) -> bytes:
        key = load_pem_private_key(self.document["keys"][slot]["private_key"].encode(), None)
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, padding.PKCS1v15(), SHA256())
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key.sign(data, ec.ECDSA(SHA256()))


@dataclass
class Bench:
    """One back office and one terminal."""

    it: Installation
    terminal: TerminalKeys
    bank: FakeBank
    messages: FakeMessages
    partners: Partners
    demo: dict[str, Any]

    # --- what people do ------------------------------------------------------------------------------

    def holder(self, name: str) -> Holder:
        return Holder(name, json.loads((self.it.state / "cards" / f"{name}.json").read_text("utf-8")))

    def account(self, name: str) -> str:
        return str(self.demo["accounts"][name])

    def person(self, name: str) -> str:
        return str(self.demo["persons"][name]["number"])

    def bank_knows(self, account: str, outcome: str, holder_name: str = "") -> None:
        self.bank.holders[self.account(account)] = Verification(outcome, holder_name)  # type: ignore[arg-type]

    def transaction(self, holder: Holder, service: str, answers: dict[str, str], **other: Any) -> Transaction:
        at = wire_time(self.it.clock.now())
        values: dict[str, Any] = {
            "id": self.it.ids.new(),
            "service": service,
            "scheme": "cz",
            "office": OFFICE,
            "terminal": self.terminal.id,
            "person": "",
            "card": holder.number,
            "base_version": None,
            "answers": answers,
            "entered_by": dict.fromkeys(answers, "holder"),
            "evidence": {"kind": "signed"},
            "started_at": at,
            "signed_at": at,
            "language": "cs",
            "answer_key": holder.answer_key.jwk,
        }
        return Transaction(**(values | other))

    def sealed(self, holder: Holder, transaction: Transaction) -> bytes:
        prepared = signing_input(transaction, holder.certificate("9C").public_bytes(Encoding.DER), self.it.clock.now())
        assert not isinstance(prepared, Problem), prepared
        signed = prepared.finish(holder.sign("9C", prepared.signing_input))
        assert isinstance(signed, bytes), signed
        return seal(signed, self.it.keyring.keys().sealing_certificates[0])

    def change_entry(self, holder: Holder, account: str, **other: Any) -> dict[str, Any]:
        """A signed, sealed, journaled change to one of the demonstration's accounts (by name) or to an IBAN."""
        iban = self.demo["accounts"].get(account, account)
        return self.entry(holder, "bank_account.change", {"account": iban, "account_as_typed": iban}, **other)

    def entry(self, holder: Holder, service: str, answers: dict[str, str], **other: Any) -> dict[str, Any]:
        transaction = self.transaction(holder, service, answers, **other)
        return self.terminal.entry(transaction.id, self.sealed(holder, transaction), wire_time(self.it.clock.now()))

    def attended(self, holder: Holder, service: str, answers: dict[str, str], **other: Any) -> dict[str, Any]:
        """An act with the word of the officer whose staff card is in the second reader."""
        id_ = self.it.ids.new()
        return self.entry(holder, service, answers, id=id_, **({"attendance": self.word(id_, service, answers)} | other))

    def word(self, id_: str, service: str, answers: dict[str, str], staff: str = "staff", **other: Any) -> str:
        """What the staff card signs: that its officer takes part in this act."""
        card, at = self.holder(staff), self.it.clock.now()
        values: dict[str, Any] = {
            "transaction": id_, "service": service, "terminal": self.terminal.id, "card": card.number,
            "answers": answers_digest(answers), "at": wire_time(at),
        }  # fmt: skip
        prepared = prepare(Attendance(**(values | other)), card.certificate("9A").public_bytes(Encoding.DER), at)
        assert not isinstance(prepared, Problem), prepared
        signed = prepared.finish(card.sign("9A", prepared.signing_input))
        assert isinstance(signed, bytes)
        return signed.decode("ascii")

    def report_entry(self, service: str, answers: dict[str, str], **other: Any) -> dict[str, Any]:
        """What somebody told without a card, sealed and journaled."""
        at = wire_time(self.it.clock.now())
        values: dict[str, Any] = {
            "id": self.it.ids.new(), "service": service, "scheme": "cz", "office": OFFICE, "terminal": self.terminal.id,
            "answers": answers, "entered_by": dict.fromkeys(answers, "holder"), "started_at": at, "signed_at": at,
            "language": "cs", "answer_key": AnswerKey.generate().jwk,
        }  # fmt: skip
        report = Report(**(values | other))
        written = write_report(report)
        assert isinstance(written, bytes), written
        sealed = seal(written, self.it.keyring.keys().sealing_certificates[0])
        return self.terminal.entry(report.id, sealed, at, kind="report")

    def question(
        self, holder: Holder | None, kind: str, parameters: dict[str, str], key: AnswerKey | None = None
    ) -> tuple[str, str, AnswerKey]:
        """A sealed question: its id, its text, and the key that opens the answer."""
        answer_key = key or (holder.answer_key if holder else AnswerKey.generate())
        question = Question(
            id=self.it.ids.new(),
            kind=kind,
            terminal=self.terminal.id,
            office=OFFICE,
            at=wire_time(self.it.clock.now()),
            answer_key=answer_key.jwk,
            parameters=parameters,
            card=holder.number if holder else "",
        )
        if holder is None:
            opened = unsigned_question(question)
        else:
            der = holder.certificate("9A").public_bytes(Encoding.DER)
            prepared = question_signing_input(question, der, self.it.clock.now())
            assert not isinstance(prepared, Problem), prepared
            signed = prepared.finish(holder.sign("9A", prepared.signing_input))
            assert isinstance(signed, bytes)
            opened = signed
        sealed = seal(opened, self.it.keyring.keys().sealing_certificates[0])
        return question.id, sealed.decode(), answer_key

    def open(self, answer: str, id_: str, kind: str, key: AnswerKey) -> dict[str, Any]:
        body = open_answer(answer.encode(), key, id_, kind, self.it.keyring.keys().anchors, self.it.clock.now())
        assert isinstance(body, dict), body
        return body

    def verdict(self, holder: Holder, transaction_id: str) -> VerdictBody:
        with self.it.database.read() as db:
            row = inbox.newest_verdict(db, transaction_id)
        assert row is not None
        assert row.sealed is not None
        anchors = self.it.keyring.keys().anchors
        body = open_verdict(row.sealed, holder.answer_key, transaction_id, anchors, self.it.clock.now())
        assert isinstance(body, VerdictBody), body
        assert body.decision == row.decision
        for language in self.it.scheme.languages:
            assert load_texts("cz").text(language, body.text_key, **body.parameters), "a citizen can read it"
        return body

    # --- what the back office does, one step at a time -------------------------------------------------

    def receive(self, *entries: dict[str, Any], prints: tuple[dict[str, str], ...] = ()) -> intake.Received:
        push = msgspec.json.decode(msgspec.json.encode({"items": list(entries), "prints": list(prints)}), type=Push)
        with self.it.database.read() as db:
            terminal = terminals.terminal(db, self.terminal.id)
        assert terminal is not None
        return intake.receive(self.it, terminal, push)

    def decide(self, transaction_id: str) -> None:
        decisions.decide(self.it, transaction_id)

    def send_due(self) -> int:
        """Send what is due now, once; how many messages."""
        with self.it.database.read() as db:
            rows = outbox_rows.due(db, timestamp(self.it.clock.now()))
        for row in rows:
            outbox.book(self.it, row, outbox.send(row, self.partners, 1.0))
        return len(rows)

    def settle(self) -> None:
        """Do everything that can be done without time passing."""
        for _ in range(50):
            with self.it.database.read() as db:
                undecided = inbox.undecided(db, 100)
                due = changes.due_changes(db, timestamp(self.it.clock.now()))
            for transaction_id in undecided:
                self.decide(transaction_id)
            for change_id in due:
                with self.it.work() as work:
                    firewall.wait_is_over(work, change_id)
            sent = self.send_due()
            if not (undecided or due or sent):
                return
        raise AssertionError("the back office does not come to rest")

    def submit(self, holder: Holder, account: str, **other: Any) -> str:
        """Receive and settle a change; its id."""
        entry = self.change_entry(holder, account, **other)
        self.receive(entry)
        self.settle()
        return str(entry["id"])

    def later(self, **length: float) -> None:
        clock = self.it.clock
        assert isinstance(clock, FileClock)
        clock.add(timedelta(**length))

    # --- what is on file -----------------------------------------------------------------------------

    def change_row(self, change_id: str) -> ChangeRow:
        with self.it.database.read() as db:
            row = changes.change(db, change_id)
        assert row is not None
        return row

    def change(self, change_id: str) -> Change:
        return firewall.read(self.change_row(change_id))

    def request_row(self, transaction_id: str) -> RequestRow | None:
        with self.it.database.read() as db:
            return changes.request(db, transaction_id)

    def rows(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        with self.it.database.read() as db:
            return [dict(row) for row in db.execute(sql, parameters)]

    def tables(self) -> list[str]:
        """Every table of the record."""
        return tables(self.it.database)

    def audit(self, subject: str | None = None) -> list[ledger.AuditRow]:
        with self.it.database.read() as db:
            return list(ledger.audit_lines(db, subject))

    def code_in_notices(self) -> str:
        """The cancellation code as a contact reads it."""
        for message in self.messages.sent:
            found = re.search(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b(?!-)", message.text)
            if found:
                return found.group()
        raise AssertionError("no notice carries a code")


def tables(database: Database) -> list[str]:
    """Every table of a database, sorted."""
    named = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
        "postgresql": "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY name",
    }
    with database.read() as db:
        return [row["name"] for row in db.execute(named[db.dialect])]


def open_audit_log(db: Connection) -> None:
    """Take away what keeps the audit log append-only, as whoever owns the database can."""
    for name in ("update", "delete"):
        table = " ON audit" if db.dialect == "postgresql" else ""
        db.execute(f"DROP TRIGGER audit_is_append_only_{name}{table}")


def certificate_request(key: ec.EllipticCurvePrivateKey, name: str = TERMINAL) -> str:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def enrolled(it: Installation, terminal_id: str = TERMINAL, office: str = OFFICE) -> TerminalKeys:
    """Enrol a terminal as its HTTP request would."""
    key, receipt = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    with it.work() as work:
        code = new_code(work, terminal_id=terminal_id, office=office, technician="tom", lifetime=timedelta(minutes=15))
    request = Enrolment(code, certificate_request(key, terminal_id), certificate_request(receipt, terminal_id), "file")
    asked = read_requests(request)
    answer = enrol(it, request, asked)  # type: ignore[arg-type]
    assert isinstance(answer, Enrolled), answer
    return TerminalKeys(terminal_id, office, key, answer.journal_epoch)


@contextmanager
def bench(folder: Path, kind: str = "sqlite") -> Iterator[Bench]:
    """A bench on a fresh copy of the demonstration, in SQLite or in PostgreSQL."""
    with fresh_state(folder, kind) as state, open_installation(state) as it:
        yield bench_of(it)


def bench_of(it: Installation) -> Bench:
    """A bench over an opened demonstration: a terminal is enrolled, partners do as they are told."""
    assert (it.state / CLOCK).parent == it.state
    bank, messages = FakeBank(), FakeMessages()
    demo = json.loads((it.state / "demo.json").read_text("utf-8"))
    return Bench(it, enrolled(it), bank, messages, partners(bank, messages), demo)


# --- HTTP without sockets ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return str(self.json["error"]["code"])


def asgi(  # noqa: PLR0917 - the request in its own order
    app: Any, method: str, path: str, query: str = "", headers: dict[str, str] | None = None, body: bytes = b""
) -> Reply:
    """One request through the application, without sockets."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "server": ("localhost", 8443),
        "client": ("127.0.0.1", 1),
    }
    sent: list[dict[str, Any]] = []

    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()  # the caller stays on the line
        asked = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    start = next(message for message in sent if message["type"] == "http.response.start")
    content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return Reply(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, content)


def application(office: Bench) -> Any:
    """The application over a bench, without the background rounds."""
    return create_app(Service(office.it, ReferenceData(office.it), Bell(), Wakeups()))


def signed(
    office: Bench,
    method: str,
    path: str,
    query: str = "",
    body: bytes = b"",
    *,
    nonce: str = "",
    key_id: str = "",
    key: ec.EllipticCurvePrivateKey | None = None,
    at: datetime | None = None,
) -> dict[str, str]:
    """The signature headers of the bench's terminal."""
    return request_signatures.sign(
        method,
        path,
        query,
        body,
        key_id or office.terminal.id,
        key or office.terminal.key,
        at or office.it.clock.now(),
        nonce or office.it.ids.token(12).hex(),
    )


def ask(  # noqa: PLR0917 - as above
    office: Bench, app: Any, method: str, path: str, query: str = "", body: Any = b"", **headers: str
) -> Reply:
    """A signed request; a body that is no bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return asgi(app, method, path, query, signed(office, method, path, query, data) | headers, data)
