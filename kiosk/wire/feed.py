"""The change feed between back office and terminal: frames of `GET /v1/feed`, written here and split here.

    u32 length of what follows | u8 kind | payload          integers big-endian
    1 UPSERT  record id 16 | version u32 | reasons u16 | expires_at u64 | n u8 | n * fingerprint 32 | sealed document
    2 DELETE  record id 16
    3 MARK    flags u8 (bit 0: more follows on the next page) | people left u32 | bytes left u64 | cursor, UTF-8

Rules:
- What stands before a MARK is applied in one transaction together with its cursor; what comes after the last whole MARK
  is thrown away. So a transfer may be cut at any byte and goes on from the last cursor.
- A frame is at most `FRAME_LIMIT` bytes; a splitter that met nonsense stays broken: after it nothing can be believed.
- The document is sealed and is not looked at; nothing here knows whose it is.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple, assert_never

from kiosk.domain.errors import Bug
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.sealed_record import FINGERPRINT_BYTES, RECORD_ID_BYTES

MEDIA_TYPE = "application/vnd.guichet.feed"
FRAME_LIMIT = 1024 * 1024
"""Bytes of a frame after its length."""
MARK_EVERY = 256
"""Rows before a MARK, at most: what a terminal keeps in one transaction, and loses when the line breaks."""
CURSOR_LIMIT = 200
"""Bytes of a cursor, as text of the back office's own making."""
MOST_FINGERPRINTS = 255

_LENGTH = struct.Struct(">I")
_UPSERT = struct.Struct(">16sIHQB")
_HEAD = struct.Struct(">IB16sIHQB")
_MARK = struct.Struct(">BIQ")
_KIND_UPSERT, _KIND_DELETE, _KIND_MARK = 1, 2, 3
_MORE = 1


class Upsert(NamedTuple):
    """One record to keep: all its lookups are replaced by `fingerprints`. `expires_at` in Unix seconds.

    A plain tuple, for a first sync makes 50,000 of them while the disk waits.
    """

    record_id: bytes
    version: int
    reasons: int
    expires_at: int
    fingerprints: tuple[bytes, ...]
    document: bytes

    def __repr__(self) -> str:
        """Say whose cards and what document only by their number and length."""
        return (
            f"Upsert({self.record_id.hex()}, version={self.version}, reasons={self.reasons}, "
            f"expires_at={self.expires_at}, {len(self.fingerprints)} fingerprints, {len(self.document)} bytes)"
        )


@dataclass(frozen=True, slots=True)
class Delete:
    """One record to forget, with its lookups; it may not be there."""

    record_id: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """A place where the transfer can go on. `more`: ask again at once with `cursor`; what is left is an estimate."""

    cursor: str
    more: bool
    people_left: int
    bytes_left: int


Frame = Upsert | Delete | Mark


def encode(frame: Frame) -> bytes:
    """Write one frame. A value out of range is a `Bug`: the back office made it."""
    try:
        kind, payload = _payload(frame)
    except (struct.error, UnicodeEncodeError) as error:
        raise Bug(f"A {type(frame).__name__} with a value out of range: {error}.") from error
    if len(payload) >= FRAME_LIMIT:
        raise Bug(f"A frame of {len(payload)} bytes is beyond the limit of {FRAME_LIMIT}.")
    return b"".join((_LENGTH.pack(len(payload) + 1), bytes((kind,)), payload))


def upsert_parts(  # noqa: PLR0917 - the fields in the order of the frame
    record_id: bytes, version: int, reasons: int, expires_at: int, fingerprints: bytes, document: bytes
) -> tuple[bytes, bytes, bytes]:
    """Write an UPSERT as parts that follow one another, from what is kept: `fingerprints` one after the other. Unchecked.

    Whoever calls it made the parts with the lengths that `encode` asks for. The first sync of an office calls it 50,000
    times, and copies the documents once.
    """
    count = len(fingerprints) // FINGERPRINT_BYTES
    length = 1 + _UPSERT.size + len(fingerprints) + len(document)
    head = _HEAD.pack(length, _KIND_UPSERT, record_id, version, reasons, expires_at, count)
    return head, fingerprints, document


def _payload(frame: Frame) -> tuple[int, bytes]:
    match frame:
        case Upsert(record_id, version, reasons, expires_at, fingerprints, document):
            if len(record_id) != RECORD_ID_BYTES or any(len(one) != FINGERPRINT_BYTES for one in fingerprints):
                raise Bug("A record id has 16 bytes and a fingerprint 32.")
            if not document:
                raise Bug("A record without a sealed document is not sent; it is served online only.")
            head = _UPSERT.pack(record_id, version, reasons, expires_at, len(fingerprints))
            return _KIND_UPSERT, b"".join((head, *fingerprints, document))
        case Delete(record_id):
            if len(record_id) != RECORD_ID_BYTES:
                raise Bug("A record id has 16 bytes.")
            return _KIND_DELETE, record_id
        case Mark(cursor, more, people_left, bytes_left):
            text = cursor.encode("utf-8")
            if not 0 < len(text) <= CURSOR_LIMIT:
                raise Bug(f"A cursor has 1 to {CURSOR_LIMIT} bytes, not {len(text)}.")
            return _KIND_MARK, _MARK.pack(_MORE if more else 0, people_left, bytes_left) + text
        case _:
            assert_never(frame)


class FrameSplitter:
    """Turns bytes, however they are cut, into frames; keeps at most one unfinished frame."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._broken: Problem | None = None

    @property
    def pending(self) -> int:
        """Bytes of a frame that is not complete; not 0 at the end of a response means that it was cut."""
        return len(self._pending)

    def feed(self, data: bytes) -> list[Frame] | Problem:
        """Take the next bytes; answer the frames that are complete now, in order.

        A Problem (TOO_LARGE, MALFORMED or WRONG_TYPE) for bytes that are no feed, then and ever after. Frames before
        the nonsense in the same `data` are not answered: they are asked for again from the last cursor.
        """
        if self._broken is not None:
            return self._broken
        if self._pending:
            self._pending += data
            if self._waits():
                return []
            data = bytes(self._pending)
        frames: list[Frame] = []
        start, size = 0, len(data)
        while size - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(data, start)
            end = start + _LENGTH.size + length
            if not 0 < length <= FRAME_LIMIT:
                return self._break(Problem(ProblemCode.TOO_LARGE, f"a feed frame of {length} bytes"))
            if end > size:
                break
            frame = _read(data, start + _LENGTH.size, end)
            if isinstance(frame, Problem):
                return self._break(frame)
            frames.append(frame)
            start = end
        self._pending = bytearray(data[start:])
        return frames

    def _waits(self) -> bool:
        """Tell whether the unfinished frame is unfinished still: however small the parts, its bytes are copied once."""
        if len(self._pending) < _LENGTH.size:
            return True
        length = int.from_bytes(self._pending[: _LENGTH.size], "big")
        return bool(len(self._pending) - _LENGTH.size < length <= FRAME_LIMIT)

    def _break(self, problem: Problem) -> Problem:
        self._broken = problem
        return problem


def _read(data: bytes, start: int, end: int) -> Frame | Problem:
    """Read the frame whose kind stands at `start`."""
    kind = data[start]
    if kind == _KIND_UPSERT:
        return _read_upsert(data, start + 1, end)
    payload = data[start + 1 : end]
    if kind == _KIND_DELETE:
        fits = len(payload) == RECORD_ID_BYTES
        return Delete(payload) if fits else Problem(ProblemCode.MALFORMED, "feed: DELETE")
    if kind == _KIND_MARK:
        return _read_mark(payload)
    return Problem(ProblemCode.WRONG_TYPE, f"feed: a frame of kind {kind}")


def _read_upsert(data: bytes, start: int, end: int) -> Upsert | Problem:
    """Read the payload between two places; every part is copied once, out of the bytes that came."""
    at = start + _UPSERT.size
    if end < at:
        return Problem(ProblemCode.MALFORMED, "feed: UPSERT")
    record_id, version, reasons, expires_at, count = _UPSERT.unpack_from(data, start)
    after = at + count * FINGERPRINT_BYTES
    if end <= after:
        return Problem(ProblemCode.MALFORMED, "feed: UPSERT without a document")
    if count == 1:  # nearly everybody has one card
        return Upsert(record_id, version, reasons, expires_at, (data[at:after],), data[after:end])
    fingerprints = tuple([data[here : here + FINGERPRINT_BYTES] for here in range(at, after, FINGERPRINT_BYTES)])
    return Upsert(record_id, version, reasons, expires_at, fingerprints, data[after:end])


def _read_mark(payload: bytes) -> Mark | Problem:
    problem = Problem(ProblemCode.MALFORMED, "feed: MARK")
    if not _MARK.size < len(payload) <= _MARK.size + CURSOR_LIMIT:
        return problem
    flags, people_left, bytes_left = _MARK.unpack_from(payload)
    try:
        cursor = payload[_MARK.size :].decode("utf-8")
    except UnicodeDecodeError:
        return problem
    if flags & ~_MORE:
        return problem
    return Mark(cursor, bool(flags & _MORE), people_left, bytes_left)
