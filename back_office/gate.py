"""Who is calling: the RFC 9421 signature of an enrolled terminal, its nonce, its clock, and whether it is in service.

Rules:
- Checked here for every request, never taken from a proxy's header; a path that needs no terminal says so itself.
- The signature is verified first, then the clock, the nonce, and the terminal's state as it is at this moment.
- Reading the feed spends no nonce; what it gives is sealed, and the same for whoever asks again within the minute.
- A nonce is spent durably before the request does anything, or in the transaction in which it does it (a push); it is
  kept until nothing with its `created` is accepted.
- A clock refusal carries the server's time, signed (JWS), so that the terminal can sign with the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from back_office.api_types import Refused
from back_office.repository import terminals, timestamp
from kiosk.wire import request_signatures
from kiosk.wire.canonical import digest
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import sign
from kiosk.wire.timestamps import timestamp as timestamp_on_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from back_office.installation import Installation
    from back_office.repository.terminals import Terminal
    from kiosk.wire.request_signatures import SignedRequest

NONCE_KEPT = timedelta(seconds=120)
ENROLMENT_KEY = "enrolment"
TIME_TYPE = "guichet-time+jws"
"""Type of the signed time: {"time", "request": SHA-256 of the Signature header that was refused}."""
NONCE_USED = Refused(401, "nonce_used", "This request was received before.", "Sign every request with a new nonce.")
_SIGN = "Sign method, path, query and content-digest as RFC 9421 says, tag guichet, with the enrolled key."
_SIGNED_BY_NOBODY = Refused(401, "signature_invalid", "The request is not signed.", _SIGN)


@dataclass(frozen=True, slots=True)
class SignedCall:
    """One request as it was received; `query` without the question mark."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def admit(it: Installation, call: SignedCall, *, spends_nonce: bool = True) -> Terminal | Refused:
    """Find the terminal that signed this request, if it may be served now.

    `spends_nonce` False for what only reads the feed: sent again within the minute it gives the same terminal the same
    sealed bytes, and 20,000 waiting terminals would spend a durable write each.
    """
    found: dict[str, Terminal] = {}

    def key_of(key_id: str) -> ec.EllipticCurvePublicKey | None:
        with it.database.read() as db:
            known = terminals.terminal(db, key_id)
        if known is None:
            return None
        found[key_id] = known
        return _key(known.public_key)

    signed = _verify(it, call, key_of)
    if isinstance(signed, Refused):
        return signed
    used = _spend(it, signed) if spends_nonce else None
    if used is not None:
        return used
    terminal = found[signed.key_id]
    if terminal.state != "in_service":
        remedy = "Resume it at the back office." if terminal.state == "suspended" else "Enrol it under a new id."
        return Refused(403, terminal.state, f"The terminal {terminal.id} is {terminal.state}.", remedy)
    return terminal


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whose signature a call carries. Nonce and state are for the transaction that does what the call asks."""

    terminal: Terminal
    signed: SignedRequest


class KnownTerminals:
    """Terminals with their keys as they were read last; whoever uses one compares the key with the record's."""

    def __init__(self, it: Installation) -> None:
        self._it = it
        self._known: dict[str, tuple[Terminal, ec.EllipticCurvePublicKey]] = {}

    def find(self, terminal_id: str, *, again: bool) -> tuple[Terminal, ec.EllipticCurvePublicKey] | None:
        """Find a terminal; with `again` as the record has it now."""
        found = None if again else self._known.get(terminal_id)
        if found is None:
            with self._it.database.read() as db:
                row = terminals.terminal(db, terminal_id)
            if row is None:
                return None
            found = self._known[terminal_id] = (row, _key(row.public_key))
        return found


def recognise(it: Installation, call: SignedCall, known: KnownTerminals) -> Recognised | Refused:
    """Verify a call's signature and clock, and nothing else; a key that does not fit any more is read again."""
    used: dict[str, Terminal] = {}
    refused = _SIGNED_BY_NOBODY
    for again in (False, True):

        def key_of(key_id: str, *, again: bool = again) -> ec.EllipticCurvePublicKey | None:
            found = known.find(key_id, again=again)
            if found is None:
                return None
            used[key_id] = found[0]
            return found[1]

        answer = _verify(it, call, key_of)
        if not isinstance(answer, Refused):
            return Recognised(used[answer.key_id], answer)
        refused = answer
        if answer.code == "clock":
            break
    return refused


def admit_enrolment(it: Installation, call: SignedCall, key: ec.EllipticCurvePublicKey) -> Refused | None:
    """Check that an enrolment is signed with the key it asks a certificate for."""
    signed = _verify(it, call, {ENROLMENT_KEY: key}.get)
    return signed if isinstance(signed, Refused) else _spend(it, signed)


def _verify(
    it: Installation, call: SignedCall, key_of: Callable[[str], ec.EllipticCurvePublicKey | None]
) -> SignedRequest | Refused:
    """Verify signature and clock."""
    now = it.clock.now()
    signed = request_signatures.verify(call.method, call.path, call.query, call.headers, call.body, key_of, now)
    if not isinstance(signed, Problem):
        return signed
    if signed.code is ProblemCode.CLOCK:
        return _wrong_clock(it, call, now)
    return Refused(401, "signature_invalid", f"The request's signature was not accepted: {signed.detail}.", _SIGN)


def _spend(it: Installation, signed: SignedRequest) -> Refused | None:
    with it.database.write_alongside() as db:
        expires = timestamp(signed.created + NONCE_KEPT)
        fresh = terminals.spend_nonce(db, signed.key_id, signed.nonce, expires)
    return None if fresh else NONCE_USED


def _wrong_clock(it: Installation, call: SignedCall, now: datetime) -> Refused:
    """Refuse, and tell the time: signed, and for this very request, so that nobody can keep it for later."""
    told = timestamp_on_wire(now)
    asked = digest(call.headers.get("signature", "").encode())
    signed = sign(TIME_TYPE, {"time": told, "request": asked}, it.keyring.keys().signer, now)
    message = "The request's time is too far from the server's."
    return Refused(401, "clock", message, "Sign with the server's time.", told, signed.decode("ascii"))


def _key(der: bytes) -> ec.EllipticCurvePublicKey:
    key = load_der_public_key(der)
    assert isinstance(key, ec.EllipticCurvePublicKey)  # noqa: S101 - enrolment took no other
    return key
