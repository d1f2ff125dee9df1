"""A back office that terminals can be tested against: real HTTPS, real signatures, decisions as the test wants them."""

from __future__ import annotations

import base64
import contextlib
import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from fakes.feeds import Feed

from back_office import pki
from kiosk.system import SystemClock, SystemIds
from kiosk.wire import request_signatures
from kiosk.wire.canonical import digest
from kiosk.wire.problem import Problem
from kiosk.wire.reference_data import Bundle, SealingKey, sign_bundle
from kiosk.wire.signed import sign
from kiosk.wire.timestamps import timestamp
from kiosk.wire.trust import Revocations

if TYPE_CHECKING:
    from pathlib import Path

CODE = "ABCDE12345"
TERMINAL, OFFICE = "T0007", "prague-1"


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    signature: str = ""
    at: float = field(default_factory=time.monotonic)


@dataclass
class Response:
    status: int
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def refusal(status: int, code: str, **more: str) -> Response:
    return Response(status, {"error": {"code": code, "message": f"message of {code}", "remedy": "the remedy", **more}})


class FakeBackOffice:
    """`rule` may answer a request before the ordinary behaviour does; `verdict` decides on an item."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.ids = SystemIds()
        pki.create_pki(state, SystemClock(), self.ids)
        self.keys: dict[str, ec.EllipticCurvePublicKey] = {}
        self.entries: dict[str, dict[str, Any]] = {}
        self.pushes: list[list[str]] = []
        self.prints: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.heartbeats: list[dict[str, Any]] = []
        self.questions: list[str] = []
        self.requests: list[Request] = []
        self.verdicts: list[dict[str, Any]] = []
        self.nonces: set[str] = set()
        self.offset = timedelta()
        self.feed = Feed()
        self.cut_feed_at: int | None = None
        self.bundle_version = 1
        self.epoch = 1
        self.rule: Any = lambda _: None
        self.verdict: Any = lambda _: None
        self.changed = threading.Condition()
        self._server: _Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def root(self) -> Path:
        return self.state / "pki" / "root.pem"

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset  # noqa: TID251 - the fake has its own clock

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), self)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """The line is cut: nobody listens, and what was connected is not any more."""
        if self._server is not None:
            self._server.cut()
            self._server = None

    def wait_for(self, predicate: Any, seconds: float = 10) -> None:
        with self.changed:
            assert self.changed.wait_for(predicate, seconds), "the back office never saw it"

    def decide(self, id_: str, decision: str, sealed: str | None = "sealed.word") -> None:
        with self.changed:
            self.entries[id_]["decision"], self.entries[id_]["sealed"] = decision, sealed
            self.verdicts.append({"n": len(self.verdicts) + 1, "id": id_, "decision": decision, "sealed": sealed})
            self.changed.notify_all()

    def wrong_clock(self, signature: str, *, asked: str = "") -> Response:
        told = timestamp(self.now())
        value = {"time": told, "request": digest((asked or signature).encode())}
        signed = sign("guichet-time+jws", value, pki.answer_signer(self.state), self.now()).decode()
        return refusal(401, "clock", time=told, signed_time=signed)

    def bundle(self) -> bytes:
        at = self.now()
        sealing = tuple(
            SealingKey(one.subject.rfc4514_string().removeprefix("CN=guichet-sealing-"), one, one.not_valid_after_utc)
            for one in pki.sealing_certificates(self.state)
        )
        bundle = Bundle(
            version=self.bundle_version,
            issued_at=at,
            revocations=Revocations(frozenset({7}), at),
            sealing=sealing,
            issuers=pki.anchors(self.state).issuers,
            denied_terminals=frozenset(),
            scheme_pack={"name": "cz"},
            configuration={},
        )
        return sign_bundle(bundle, pki.answer_signer(self.state))

    # --- behaviour -------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Response:
        with self.changed:
            self.requests.append(request)
            ruled: Response | None = self.rule(request)
            self.changed.notify_all()
        if ruled is not None:
            return ruled
        parts = request.path.strip("/").split("/")
        handler = getattr(self, f"_{request.method.lower()}_{parts[1].replace('-', '_')}")
        response: Response = handler(request, *parts[2:])
        with self.changed:
            self.changed.notify_all()
        return response

    def _get_ping(self, _request: Request) -> Response:
        return Response(200, {"time": self.now().isoformat(), "terminal": TERMINAL, "state": "in_service"})

    def _get_reference_data(self, _request: Request) -> Response:
        return Response(200, self.bundle(), {"ETag": f'"v{self.bundle_version}"'})

    def _get_feed(self, request: Request) -> Response:
        """A page of `feed`; a long poll waits for news. `cut_feed_at` bytes are sent of the next page, then the line ends."""
        cursor, limit = request.query.get("cursor", [""])[0], int(request.query["limit"][0])
        with self.changed:
            self.changed.wait_for(lambda: self.feed.gone(cursor) or self.feed.news(cursor), float(request.query["wait"][0]))
            gone = self.feed.gone(cursor)
            if gone:
                return refusal(410, gone)
            if cursor and not self.feed.news(cursor):
                return Response(304, b"", {"ETag": f'"{cursor}"'})
            return Response(200, self.feed.page(cursor, limit))

    def change_feed(self, change: Any) -> None:
        """Change the feed, and wake who waits for it."""
        with self.changed:
            change(self.feed)
            self.changed.notify_all()

    def _post_transactions(self, request: Request) -> Response:
        results = []
        with self.changed:
            self.pushes.append([item["id"] for item in request.body["items"]])
            self.prints += request.body["prints"]
            for item in request.body["items"]:
                known = self.entries.setdefault(item["id"], item)
                if known["hash"] != item["hash"]:
                    results.append({"id": item["id"], "status": "conflict", "reason": "other_body"})
                    continue
                if "decision" not in known and (said := self.verdict(item)) is not None:
                    self.decide(item["id"], *said)
                results.append(
                    {
                        "id": item["id"],
                        "status": "received",
                        "decision": known.get("decision"),
                        "sealed": known.get("sealed"),
                    }
                )
        seq = max((item["seq"] for item in self.entries.values()), default=0)
        return Response(200, {"results": results, "head": {"epoch": self.epoch, "seq": seq, "hash": ""}})

    def _get_transactions(self, request: Request, id_: str) -> Response:
        wait = float(request.query.get("wait", ["0"])[0])
        with self.changed:
            if id_ not in self.entries:
                return refusal(404, "unknown")
            self.changed.wait_for(lambda: "decision" in self.entries[id_], wait)
            known = self.entries[id_]
            return Response(
                200,
                {
                    "id": id_,
                    "status": "received",
                    "decision": known.get("decision"),
                    "sealed": known.get("sealed"),
                    "stage": "",
                },
            )

    def _get_verdicts(self, request: Request) -> Response:
        after = int(request.query["after"][0])
        found = [verdict for verdict in self.verdicts if verdict["n"] > after]
        return Response(200, {"verdicts": found, "next": found[-1]["n"] if found else after})

    def _post_questions(self, request: Request) -> Response:
        self.questions.append(request.body["sealed"])
        return Response(200, {"id": request.body["id"], "sealed": "answer." + request.body["sealed"]})

    def _post_staff_calls(self, request: Request) -> Response:
        self.calls.append(request.body["step"])
        return Response(200, {"number": len(self.calls)})

    def _post_heartbeats(self, request: Request) -> Response:
        self.heartbeats.append(request.body)
        return Response(204)

    def _post_enrolments(self, request: Request) -> Response:
        if request.body["code"] != CODE:
            return refusal(403, "code_wrong")
        clock = SystemClock()
        certificate = pki.issue_terminal_certificate(self.state, request.body["csr_pem"].encode(), TERMINAL, clock)
        receipt = pki.issue_receipt_certificate(
            self.state, request.body["receipt_csr_pem"].encode(), TERMINAL, OFFICE, clock
        )
        assert isinstance(certificate, bytes)
        assert isinstance(receipt, bytes)
        key = x509.load_pem_x509_certificate(certificate).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        self.keys[TERMINAL] = key
        chain = [certificate.public_bytes(Encoding.PEM).decode() for certificate in pki.anchors(self.state).issuers]
        return Response(
            200,
            {
                "terminal": TERMINAL,
                "office": OFFICE,
                "certificate_pem": certificate.decode(),
                "receipt_certificate": base64.b64encode(receipt).decode(),
                "chain_pem": chain,
                "journal_epoch": self.epoch,
                "configuration": {},
            },
        )

    def resolve(self, key_id: str, request: Request) -> ec.EllipticCurvePublicKey | None:
        if key_id == "enrolment":
            key = x509.load_pem_x509_csr(request.body["csr_pem"].encode()).public_key()
            return key if isinstance(key, ec.EllipticCurvePublicKey) else None
        return self.keys.get(key_id)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], office: FakeBackOffice) -> None:
        self.office = office
        self.open: set[Any] = set()
        self.is_cut = False
        super().__init__(address, _Handler)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        folder = office.state / "pki"
        self.tls.load_cert_chain(folder / "tls.pem", folder / "tls.key")

    def cut(self) -> None:
        """End every connection, also those that nobody has looked at yet.

        They are taken and closed, not reset: a reset before the handshake leaks the client's socket
        (`ssl.SSLSocket._create` raises without closing it), which some later test would be blamed for.
        """
        self.is_cut = True
        self.shutdown()
        self.socket.setblocking(False)
        with contextlib.suppress(OSError):
            while True:
                self.socket.accept()[0].close()
        self.server_close()
        for connection in list(self.open):
            with_suppress_close(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


def with_suppress_close(connection: Any) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(2)
    connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        self.request.settimeout(20)
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.server.open.add(self.request)
        super().setup()
        if self.server.is_cut:
            with_suppress_close(self.request)

    def finish(self) -> None:
        self.server.open.discard(self.request)
        with contextlib.suppress(OSError):
            super().finish()
        self.request.close()

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def _answer(self, body: bytes) -> None:
        office = self.server.office
        if self.server.is_cut:
            self.close_connection = True
            return
        url = urlsplit(self.path)
        parsed = json.loads(body) if body else None
        request = Request(self.command, url.path, parse_qs(url.query), parsed, self.headers.get("Signature", ""))
        verified = request_signatures.verify(
            self.command, url.path, url.query, dict(self.headers), body,
            lambda key_id: office.resolve(key_id, request), office.now(),
        )  # fmt: skip
        if isinstance(verified, Problem):
            clock = verified.code.value == "clock"
            asked = self.headers["Signature"]
            response = office.wrong_clock(asked) if clock else refusal(401, "signature_invalid")
        elif verified.nonce in office.nonces:
            response = refusal(401, "nonce_used")
        else:
            office.nonces.add(verified.nonce)
            etag = self.headers.get("If-None-Match")
            response = office.answer(request)
            if etag and response.headers.get("ETag") == etag:
                response = Response(304, b"", {"ETag": etag})
        raw = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
        raw = b"" if response.status in {204, 304} else raw
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if office.cut_feed_at is not None and url.path == "/v1/feed" and response.status == 200:
            raw, office.cut_feed_at = raw[: office.cut_feed_at], None
            self.close_connection = True
        self.wfile.write(raw)

    def log_message(self, *args: Any) -> None:
        pass
