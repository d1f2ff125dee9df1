"""The terminal's one way to the back office: HTTPS to a pinned root, every request signed by the terminal's key.

Rules:
- TLS is verified against the terminal's own root and nothing else; the environment's proxies and bundles are
  ignored (`trust_env`), redirects are not followed, replies have a size limit and a deadline.
- Every request carries a signature (RFC 9421) over method, path, query and content digest, with a fresh nonce.
- A clock refusal tells the server's time, signed for that request: later ones are signed with the difference, which
  is reported. A time that is not signed so changes nothing.
- What the line or the server does is a value, one of four failures; nothing here raises for it.
- Asked to come back later (Retry-After), it sends nothing until then: who calls meanwhile gets the same refusal at once.
- Calls block. A client may be used by several threads at once.
"""

from __future__ import annotations

import base64
import re
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
import requests
import urllib3.exceptions

from kiosk.back_office_client.api import (
    Answer,
    Broken,
    Called,
    Enrolled,
    ErrorBody,
    Failure,
    FeedEnd,
    Item,
    NewReference,
    NotModified,
    Ping,
    Print,
    Pushed,
    Refused,
    Standing,
    TimedOut,
    Unreachable,
    Unreadable,
    VerdictPage,
)
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire import request_signatures
from kiosk.wire.canonical import digest
from kiosk.wire.feed import MEDIA_TYPE as FEED_TYPE
from kiosk.wire.problem import Problem
from kiosk.wire.signed import Judgement, verify
from kiosk.wire.trust import Anchors, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric import ec

    from kiosk.system import Clock, Ids

CONNECT_SECONDS = 3.0
REPLY_SECONDS = 10.0
PING_SECONDS = 1.0
MARGIN_SECONDS = 2.0
"""How much longer than the server promised to wait a long poll may take."""
LARGEST_REPLY = 8 << 20
LARGEST_PAGE = 256 << 20
FIRST_PART, PART = 32 << 10, 256 << 10
"""How much of a page is handed on at once: at first little, so that whoever writes it begins; each part twice the last."""
PAGE_SECONDS = 600.0
"""The longest one page of the feed may take; what came of it until then counts."""
SILENCE_SECONDS = 30.0
LONGEST_PATIENCE_SECONDS = 120.0
"""A longer Retry-After is taken for this."""
TIME_TYPE = "guichet-time+jws"
"""Type of the signed time: {"time", "request": SHA-256 of the Signature header that was refused}."""
SIGNED_TIME_LIMIT = 16 * 1024
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: bytes
    etag: str
    signature: str  # of the request
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    query: str = ""
    body: bytes = b""
    etag: str = ""
    wait_seconds: float = 0.0
    take: Callable[[bytes], bool] | None = None
    """Gets the body of a 200 in parts, as they come; says False when it takes no more."""


def check_url(url: str, *, place: str) -> str:
    """Return the back office's address without a slash at the end. Raises `EnvironmentFault` naming `place`."""
    remedy = "Write it as https://HOST or https://HOST:PORT."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise EnvironmentFault(f"{place}: {url!r} is no address ({error}).", remedy) from error
    if parts.scheme != "https":
        raise EnvironmentFault(f"{place}: {url!r} does not begin with https://.", remedy)
    host = parts.hostname or ""
    plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username or parts.password)
    if not plain or not re.fullmatch(r"[A-Za-z0-9.:_-]{1,255}", host) or port == 0:
        raise EnvironmentFault(f"{place}: {url!r} is not only a host and a port.", remedy)
    return f"https://{parts.netloc}"


class BackOfficeClient:
    """Calls on behalf of one terminal. `key` signs (a key file, or a callable where the key cannot leave its chip)."""

    def __init__(
        self, url: str, root: Path, key_id: str, key: ec.EllipticCurvePrivateKey, *, clock: Clock, ids: Ids
    ) -> None:
        self._url = check_url(url, place="back office")
        self._root = root
        self._key_id = key_id
        self._key = key
        self._clock = clock
        self._ids = ids
        self._idle: list[requests.Session] = []
        self._lock = threading.Lock()
        self._closed = False
        self.clock_offset = timedelta()
        self._told_to_wait: tuple[float, Refused] | None = None

    # --- calls ---------------------------------------------------------------------------------------

    def ping(self) -> Ping | Failure:
        """Is the line up, is our signature accepted, are we in service."""
        return self._typed(_Request("GET", "/v1/ping", wait_seconds=PING_SECONDS), Ping)

    def push(self, items: Sequence[Item], prints: Sequence[Print]) -> Pushed | Failure:
        """Deliver entries and print reports; may be repeated, the server acts once."""
        body = msgspec.json.encode({"items": list(items), "prints": list(prints)})
        return self._typed(_Request("POST", "/v1/transactions", body=body), Pushed)

    def standing(self, id_: str, *, wait_seconds: float) -> Standing | Failure:
        """Ask where a transaction stands; the server answers at once when it is decided, or after `wait_seconds`."""
        wait = f"{max(0.0, wait_seconds):.2f}".rstrip("0").rstrip(".")
        return self._typed(
            _Request("GET", f"/v1/transactions/{id_}", f"wait={wait}", wait_seconds=wait_seconds), Standing
        )

    def ask(self, id_: str, sealed: bytes, *, wait_seconds: float) -> bytes | Failure:
        """Carry a sealed question; the sealed answer."""
        body = msgspec.json.encode({"id": id_, "sealed": sealed.decode("ascii", "replace")})
        answer = self._typed(_Request("POST", "/v1/questions", body=body, wait_seconds=wait_seconds), Answer)
        if not isinstance(answer, Answer):
            return answer
        if answer.id != id_:
            return Unreadable("/v1/questions answered another question")
        return answer.sealed.encode()

    def reference_data(self, etag: str) -> NewReference | NotModified | Failure:
        """Fetch the signed bundle, unless it is the one with this ETag."""
        reply = self._exchange(_Request("GET", "/v1/reference-data", etag=etag))
        if not isinstance(reply, _Reply):
            return reply
        if reply.status == requests.codes.not_modified:
            return NotModified()
        return NewReference(reply.body, reply.etag)

    def verdicts(self, after: int) -> VerdictPage | Failure:
        """Decisions on this terminal's transactions, also those made long after the visit."""
        return self._typed(_Request("GET", "/v1/verdicts", f"after={after}"), VerdictPage)

    def feed(
        self, cursor: str, *, limit: int, wait_seconds: float, take: Callable[[bytes], bool]
    ) -> FeedEnd | NotModified | Failure:
        """Read one page of the change feed from `cursor` on ('' is its beginning); `take` gets its bytes as they come.

        With `wait_seconds` the server holds its answer so long when there is nothing new (then: `NotModified`). After
        a failure `take` may have got a part of the page. 410 is a `Refused`.
        """
        query = f"cursor={quote(cursor, safe='')}&limit={limit}&wait={wait_seconds:g}"
        etag = f'"{cursor}"' if cursor and wait_seconds else ""
        poured = 0

        def count(data: bytes) -> bool:
            nonlocal poured
            poured += len(data)
            return take(data)

        reply = self._exchange(_Request("GET", "/v1/feed", query, etag=etag, wait_seconds=wait_seconds, take=count))
        if not isinstance(reply, _Reply):
            return reply
        return NotModified() if reply.status == requests.codes.not_modified else FeedEnd(poured)

    def call_staff(self, step: str, at: str) -> str | Failure:
        """Call staff to this terminal; the number of the call."""
        body = msgspec.json.encode({"step": step, "at": at})
        called = self._typed(_Request("POST", "/v1/staff-calls", body=body), Called)
        return str(called.number) if isinstance(called, Called) else called

    def heartbeat(self, report: dict[str, Any]) -> Failure | None:
        """Report how the terminal is."""
        reply = self._exchange(_Request("POST", "/v1/heartbeats", body=msgspec.json.encode(report)))
        return None if isinstance(reply, _Reply) else reply

    def enrol(
        self, code: str, csr_pem: str, receipt_csr_pem: str, key_protection: str, *, had: Mapping[str, int] | None = None
    ) -> Enrolled | Failure:
        """Exchange a one-time code and two certificate requests for an identity. `had`: newest journal epochs, by terminal."""
        body = msgspec.json.encode({
            "code": code, "csr_pem": csr_pem, "receipt_csr_pem": receipt_csr_pem, "key_protection": key_protection,
            "journals": dict(had or {}),
        })  # fmt: skip
        return self._typed(_Request("POST", "/v1/enrolments", body=body), Enrolled)

    def close(self) -> None:
        """Close the connections: the idle ones now, those in use when they are done."""
        self._closed = True
        self._drop_idle()

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()

    # --- one exchange --------------------------------------------------------------------------------

    def _typed(self, request: _Request, type_: type[_T]) -> _T | Failure:
        reply = self._exchange(request)
        if not isinstance(reply, _Reply):
            return reply
        try:
            return msgspec.json.decode(reply.body, type=type_)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return Unreadable(f"{request.path} answered {reply.status}, but {error}")

    def _exchange(self, request: _Request) -> _Reply | Failure:
        """Send; once more when only the clock was wrong. Replies with 2xx and 304 are returned."""
        told = self._told_to_wait
        if told is not None and self._clock.monotonic() < told[0]:
            return replace(told[1], retry_after=told[0] - self._clock.monotonic())
        reply = self._send(request)
        refused = _refusal(reply) if isinstance(reply, _Reply) else None
        if not isinstance(reply, _Reply) or refused is None:
            return reply
        if isinstance(refused, Refused) and refused.retry_after:
            self._told_to_wait = (self._clock.monotonic() + refused.retry_after, refused)
        if isinstance(refused, Refused) and refused.code == "clock" and self._adopt_time(reply):
            reply = self._send(request)
            refused = _refusal(reply) if isinstance(reply, _Reply) else None
        return refused or reply

    def _adopt_time(self, reply: _Reply) -> bool:
        """Take the server's time from a clock refusal, if the back office signed it for this very request."""
        try:
            error = msgspec.json.decode(reply.body, type=ErrorBody).error
            told = datetime.fromisoformat(error.time)
            anchors = Anchors.from_pem(self._root.read_bytes())
        except (msgspec.DecodeError, ValueError, OSError):
            return False
        if told.tzinfo is None or isinstance(anchors, Problem):
            return False
        judgement = Judgement(
            TIME_TYPE, Usage.BACK_OFFICE_SIGNING, anchors, told, limit=SIGNED_TIME_LIMIT, when_signed=True
        )
        document = verify(error.signed_time.encode("utf-8", "replace"), judgement)
        asked = digest(reply.signature.encode())
        if isinstance(document, Problem) or document.value != {"time": error.time, "request": asked}:
            return False
        self.clock_offset = told.astimezone(UTC) - self._clock.now()
        return True

    def _send(self, request: _Request) -> _Reply | Failure:
        session, used = self._take()
        reply = self._attempt(session, request)
        if isinstance(reply, Unreachable) and used and not isinstance(reply, Broken):  # a connection kept alive may have died unnoticed
            session.close()
            self._drop_idle()
            session, _ = self._take()
            reply = self._attempt(session, request)
        with self._lock:
            keep = isinstance(reply, _Reply) and not self._closed
            if keep:
                self._idle.append(session)
        if not keep:
            session.close()
        return reply

    def _take(self) -> tuple[requests.Session, bool]:
        with self._lock:
            if self._idle:
                return self._idle.pop(), True
        session = requests.Session()
        session.trust_env = False  # REQUESTS_CA_BUNDLE would override the pin, HTTPS_PROXY the way
        session.verify = str(self._root)
        session.headers.clear()
        return session, False

    def _headers(self, request: _Request) -> dict[str, str]:
        nonce = base64.urlsafe_b64encode(self._ids.token(16)).decode().rstrip("=")
        created = self._clock.now() + self.clock_offset
        headers = request_signatures.sign(
            request.method, request.path, request.query, request.body, self._key_id, self._key, created, nonce
        )
        headers |= {"Accept": f"application/json, application/jose, {FEED_TYPE}", "Accept-Encoding": "identity"}
        if request.body:
            headers["Content-Type"] = "application/json"
        if request.etag:
            headers["If-None-Match"] = request.etag
        return headers

    def _attempt(self, session: requests.Session, request: _Request) -> _Reply | Failure:
        seconds = request.wait_seconds + MARGIN_SECONDS if request.wait_seconds else REPLY_SECONDS
        if request.take is not None:
            seconds = max(seconds, SILENCE_SECONDS)
        deadline = self._clock.monotonic() + CONNECT_SECONDS + (PAGE_SECONDS if request.take else seconds)
        pouring = False
        url = f"{self._url}{request.path}" + (f"?{request.query}" if request.query else "")
        headers = self._headers(request)
        try:
            with session.request(
                request.method,
                url,
                data=request.body or None,
                headers=headers,
                timeout=(CONNECT_SECONDS, seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                if request.take is not None and response.status_code == requests.codes.ok:
                    pouring = True
                    body = self._pour(response, deadline, request.take)
                else:
                    body = self._read(response, deadline)
                if isinstance(body, bytes):
                    told = response.headers
                    etag, wait = told.get("ETag", ""), told.get("Retry-After", "")
                    return _Reply(response.status_code, body, etag, headers["Signature"], wait)
                return body
        except (requests.ConnectTimeout, requests.exceptions.SSLError, requests.ConnectionError) as error:
            return Broken(_say(error)) if pouring else Unreachable(_say(error))
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            return TimedOut(seconds)
        except urllib3.exceptions.ProtocolError as error:
            return Broken(_say(error)) if pouring else Unreachable(_say(error))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return Unreadable(_say(error))

    def _read(self, response: requests.Response, deadline: float) -> bytes | Failure:
        parts: list[bytes] = []
        size = 0
        while part := response.raw.read1(1 << 16):
            size += len(part)
            if size > LARGEST_REPLY:
                return Unreadable(f"a reply of more than {LARGEST_REPLY} bytes")
            if self._clock.monotonic() > deadline:
                return TimedOut(REPLY_SECONDS)
            parts.append(part)
        return b"".join(parts)


    def _pour(
        self, response: requests.Response, deadline: float, take: Callable[[bytes], bool]
    ) -> bytes | Failure:
        """Hand the body on in parts of up to `PART` bytes (TLS gives 16 KiB at most), whatever came when the line breaks."""
        parts: list[bytes] = []
        size, waiting, enough = 0, 0, FIRST_PART
        try:
            while part := response.raw.read1(PART):
                size += len(part)
                waiting += len(part)
                parts.append(part)
                if size > LARGEST_PAGE:
                    return Unreadable(f"a page of more than {LARGEST_PAGE} bytes")
                if self._clock.monotonic() > deadline:
                    return TimedOut(PAGE_SECONDS)
                if waiting >= enough:
                    whole, parts, waiting, enough = b"".join(parts), [], 0, min(2 * enough, PART)
                    if not take(whole):
                        return Unreadable("nobody took the rest of the page")
        finally:
            if parts:
                take(b"".join(parts))
        return b""


def _refusal(reply: _Reply) -> Refused | Unreadable | None:
    if reply.status in {200, 201, 202, 204, requests.codes.not_modified}:
        return None
    try:
        error = msgspec.json.decode(reply.body, type=ErrorBody).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        if reply.status < 400:  # noqa: PLR2004 - a redirect or a proxy's page; no back office answers so
            return Unreadable(f"status {reply.status}: this is not a back office")
        return Refused(reply.status, f"http_{reply.status}", "The back office gave no reason.", "Look into its log.")
    wait = reply.retry_after if reply.retry_after.isascii() and reply.retry_after.isdigit() else "0"
    seconds = min(float(wait[:6]), LONGEST_PATIENCE_SECONDS)
    return Refused(reply.status, error.code, error.message, error.remedy, seconds)


def _say(error: Exception) -> str:
    """Say the innermost cause in one line, without addresses of objects in memory."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__  # type: ignore[assignment]
    return re.sub(r"<[^<>]* at 0x[0-9a-f]+>:? ?", "", f"{type(cause).__name__}: {cause}").splitlines()[0][:200]
