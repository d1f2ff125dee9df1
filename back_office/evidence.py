"""Keeps a push so that its signature can be verified again: the three headers, the key, and the body without its entries.

    frame = msgpack of [bytes, id, bytes, id, ..., bytes]; body = the bytes with each entry's sealed body in its place

Rules:
- Byte for byte: what the terminal signed comes out again, however it spelled its JSON.
- A ticket's draft is gone after its days; the push that brought it then proves nothing as a whole any more. The chain of
  hashes, which needs the body's hash only, and the cards' own signatures still do.
- An entry's body stands once in the record; what did not become an entry stays in the frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from back_office.repository import conflicts, inbox, moment
from kiosk.wire import request_signatures
from kiosk.wire.problem import Problem, ProblemCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from back_office.database import Connection

_HEAD = 64
"""Looking for so much of a body is quicker than for all of it."""
METHOD, PATH = "POST", "/v1/transactions"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves who sent a push: the headers as they came, and the key that verified them (DER)."""

    content_digest: str
    signature_input: str
    signature: str
    public_key: bytes


def frame(body: bytes, kept: Iterable[tuple[str, bytes]]) -> bytes:
    """Cut the bodies of the entries that are kept (id, sealed body; in the order of the push) out of the push."""
    parts: list[bytes | str] = []
    place = 0
    for id_, sealed in kept:
        found = body.find(sealed[:_HEAD], place)
        if not body.startswith(sealed, found):  # another that begins alike
            found = body.find(sealed, place)
        if found < 0:  # spelled with escapes, or out of order: it stays where it is
            continue
        parts += (body[place:found], id_)
        place = found + len(sealed)
    parts.append(body[place:])
    return msgspec.msgpack.encode(parts)


def body_of(db: Connection, kept: bytes) -> bytes | None:
    """Put the bodies back; None when an entry is missing."""
    parts: list[bytes] = []
    for part in msgspec.msgpack.decode(kept):
        if isinstance(part, bytes):
            parts.append(part)
            continue
        row = inbox.by_id(db, part)
        if row is None or not row.body:  # a draft is gone after its time, and with it this proof of its push
            return None
        parts.append(row.body)
    return b"".join(parts)


def verify(db: Connection, batch_id: str) -> Problem | str:
    """Verify a kept push once more, with the key and at the time of then; the id of the terminal that signed it."""
    row = conflicts.batch(db, batch_id)
    body = None if row is None else body_of(db, row.frame)
    if row is None or body is None:
        return Problem(ProblemCode.MALFORMED, "this push, or an entry of it, is not on record")
    key = load_der_public_key(row.public_key)
    headers = {
        "content-digest": row.content_digest,
        "signature-input": row.signature_input,
        "signature": row.signature,
    }
    signed = request_signatures.verify(
        METHOD,
        PATH,
        "",
        headers,
        body,
        lambda _: key if isinstance(key, ec.EllipticCurvePublicKey) else None,
        moment(row.received_at),
    )
    return signed if isinstance(signed, Problem) else signed.key_id
