"""What is said between terminal and back office: replies, and the four ways in which there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

# --- failures --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refused:
    """The back office answered no. `code` is for programs, `message` and `remedy` for a technician.

    `retry_after`: seconds before which it wants to hear nothing more (0: it did not say).
    """

    status: int
    code: str
    message: str
    remedy: str
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No connection, no trusted TLS, or it broke; whether the server saw the request is not known."""

    detail: str


@dataclass(frozen=True, slots=True)
class Broken(Unreachable):
    """The connection broke in the middle of a body that was being handed on: what came until then was handed on."""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Connected, but no whole reply in time; the server may well have acted."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something answered, but not as the API says: a proxy's page, a half reply, another program."""

    detail: str


Failure: TypeAlias = Refused | Unreachable | TimedOut | Unreadable


# --- what goes over -------------------------------------------------------------------------------


class Item(msgspec.Struct, frozen=True):
    """One journal entry on its way; hashes in hexadecimal, `body` the sealed envelope (JWE, compact)."""

    id: str
    kind: str
    epoch: int
    seq: int
    schema: int
    sealing_key_id: str
    previous_hash: str
    hash: str
    recorded_at: str
    body: str


class Print(msgspec.Struct, frozen=True):
    """How a receipt came out."""

    id: str
    stage: str
    outcome: str


class ItemResult(msgspec.Struct, frozen=True):
    """What became of one item; `decision` and `sealed` when it was decided at once."""

    id: str
    status: str
    decision: str | None = None
    sealed: str | None = None
    reason: str = ""


class ChainHead(msgspec.Struct, frozen=True):
    """How far the back office knows this journal."""

    epoch: int = 0
    seq: int = 0
    hash: str = ""


class Pushed(msgspec.Struct, frozen=True):
    """Reply to a push."""

    results: list[ItemResult]
    head: ChainHead = ChainHead()
    earlier: list[ChainHead] = []
    """Of the terminal's journals before this one; only in reply to a push of nothing."""
    history: str = ""
    """Another one when the back office was put back from a copy; only in reply to a push of nothing."""


class Standing(msgspec.Struct, frozen=True):
    """Where a transaction stands; `decision` is None while nobody has decided."""

    id: str
    status: str
    decision: str | None = None
    sealed: str | None = None


class VerdictLine(msgspec.Struct, frozen=True):
    """One decision in the list of a terminal's verdicts."""

    n: int
    id: str
    decision: str


class VerdictPage(msgspec.Struct, frozen=True):
    """Decisions since the last look; `next` is where to look from then."""

    verdicts: list[VerdictLine]
    next: int


class Ping(msgspec.Struct, frozen=True):
    """The server lives, knows this terminal, and says in which state it is."""

    time: str
    terminal: str
    state: str


class Enrolled(msgspec.Struct, frozen=True):
    """What an enrolment gives."""

    terminal: str
    office: str
    certificate_pem: str
    receipt_certificate: str
    chain_pem: list[str]
    journal_epoch: int
    configuration: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class NewReference:
    """A reference bundle other than the one we named; not verified yet."""

    bundle: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class NotModified:
    """The bundle we named is the newest."""


@dataclass(frozen=True, slots=True)
class FeedEnd:
    """A page of the feed came to its end; it had so many bytes, all handed on."""

    bytes: int


class Answer(msgspec.Struct, frozen=True):
    """The sealed answer to a question."""

    id: str
    sealed: str


class Called(msgspec.Struct, frozen=True):
    """Staff have been called, under this number."""

    number: int | str


class Error(msgspec.Struct, frozen=True):
    """Why the back office refused; `time` is its own, told when the clocks differ, and signed in `signed_time` (JWS)."""

    code: str = ""
    message: str = ""
    remedy: str = ""
    time: str = ""
    signed_time: str = ""


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of every refusal."""

    error: Error
