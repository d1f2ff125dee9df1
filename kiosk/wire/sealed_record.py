"""A person's record as it lies on a terminal: signed by the back office, deflated, padded, sealed to the person's cards.

    document -> JSON -> JWS (guichet-record+jws) -> deflate -> pad to a bucket -> JWE to every valid card -> cache

Rules:
- It opens with the key agreement key of one of the cards (PIV 9D) and with nothing else; the standard forms are RFC 7797
  for the signature and RFC 7516 7.2.1 (general JSON, ECDH-ES+A256KW on P-256, A256GCM) for the seal.
- Nothing outside the seal says whose it is: no kid, no fingerprint, no number; `lookup` is what a record is found by. Each recipient has an ephemeral key of its
  own, so that two records of one card have nothing in common.
- The length tells little: the deflated document is padded to one of `BUCKETS`, three to an octave, each 2^(1/3) = 1.26
  times the one before. A mix of 2 to 32 KB falls into 13 of them, so a length says less than 4 bits about a person, and
  padding costs 12 % on average and 26 % at worst (two an octave would cost 19 %, four 9 % and a bit more told).
- Deflate comes before the seal and nobody else's words are in the document, so that its length answers no guesses.
- What is read is bounded before it is inflated; nothing here raises because of its input.

Why the bare primitives and not joserfc: sealing runs once per version for every person of an agency. joserfc takes 2.3
times as long as the primitives for the seal alone (267 to 115 microseconds), this module 1.3 to 1.7 times for
everything. And joserfc cannot take a card's shared secret. The tests open and verify with joserfc what is made here.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.domain.errors import Bug
from kiosk.wire.canonical import canonical
from kiosk.wire.keys import COORDINATE_BYTES, base64url, from_base64url, key_from_jwk
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import Judgement, sign_beside, verify_beside
from kiosk.wire.strict_json import read_object
from kiosk.wire.timestamps import read_timestamp, timestamp
from kiosk.wire.trust import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from kiosk.wire.signed import Document, Signer
    from kiosk.wire.trust import Anchors

RECORD_TYPE = "guichet-record+jws"
RECORD_ID_BYTES = 16
FINGERPRINT_BYTES = 32
MOST_RECIPIENTS = 8
"""Cards a record is sealed to: the owner's, a replacement, those of representatives."""
RECORD_LIMIT = 512 * 1024
"""Bytes of the signed document before deflating; forty years of contributions have about 30,000."""
LARGEST_VERSION = 2**32 - 1

_STEPS_PER_OCTAVE = 3
_SMALLEST, _OCTAVES, _ALIGNED = 1024, 10, 32
BUCKETS = tuple(
    _ALIGNED * round(_SMALLEST * 2 ** (step / _STEPS_PER_OCTAVE) / _ALIGNED)
    for step in range(_OCTAVES * _STEPS_PER_OCTAVE + 1)
)
"""The lengths in bytes that a sealed document can have inside the seal: 1 KiB to 1 MiB."""
_LENGTH_BYTES = 4
SEALED_LIMIT = 900 * 1024
"""Bytes of the whole sealed record: the bucket that holds `RECORD_LIMIT` bytes deflate cannot shrink, in base64."""

_PROTECTED = base64url(canonical({"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}))
_RAW_DEFLATE = -zlib.MAX_WBITS
_KEY_BYTES, _WRAPPED_BYTES, _IV_BYTES, _TAG_BYTES = 32, 40, 12, 16
_ACTING_FOR = b"guichet record of a person acted for: "
_NAMES = {"protected", "recipients", "iv", "ciphertext", "tag"}


def _agreement_info() -> bytes:
    """OtherInfo of the Concat KDF (RFC 7518 4.6.2): algorithm, empty PartyUInfo and PartyVInfo, 256 bits."""
    name = b"ECDH-ES+A256KW"
    return len(name).to_bytes(4, "big") + name + bytes(8) + (8 * _KEY_BYTES).to_bytes(4, "big")


_AGREEMENT_INFO = _agreement_info()


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A record that the back office signed at `at` (aware), as its owner's card opened it."""

    record_id: bytes
    version: int
    at: datetime
    document: dict[str, Any] = field(repr=False)


def point(public_key: ec.EllipticCurvePublicKey) -> bytes:
    """Write a key as its uncompressed point (X9.62, SEC 1 2.3.3): 04, x, y; what a PIV card takes and gives."""
    return public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def fingerprint(public_key: ec.EllipticCurvePublicKey) -> bytes:
    """Compute what a card's 9D key is found by: the SHA-256 of its uncompressed point (32 bytes)."""
    return hashlib.sha256(point(public_key)).digest()


def lookup(card: bytes, acting_for: str = "") -> bytes:
    """Compute what a record is found by with a card of this fingerprint (32 bytes): the own one, or another person's.

    The own record is found by the fingerprint itself; that of a person acted for by its HMAC over that person's number.
    So one card finds each of several records, and nothing on a terminal's disk says that one card opens them.
    """
    return hmac.digest(card, _ACTING_FOR + acting_for.encode(), "sha256") if acting_for else card


# --- sealing -----------------------------------------------------------------------------------------


def seal_record(
    document: Mapping[str, Any],
    *,
    record_id: bytes,
    version: int,
    recipients: Sequence[ec.EllipticCurvePublicKey],
    at: datetime,
    signer: Signer,
) -> bytes:
    """Sign `document` (JSON values, no float) at `at` (aware), and seal it to the 9D keys of 1 to 8 cards.

    Raises `Bug` for no or too many recipients, a key that is not P-256, an id or version out of range, or a document
    beyond `RECORD_LIMIT`.
    """
    if len(record_id) != RECORD_ID_BYTES or not 0 < version <= LARGEST_VERSION:
        raise Bug("A record has an id of 16 bytes and a version from 1.")
    if not 0 < len(recipients) <= MOST_RECIPIENTS:
        raise Bug(f"A record is sealed to 1 to {MOST_RECIPIENTS} cards, not {len(recipients)}.")
    claims = {"at": timestamp(at), "document": document, "record": record_id.hex(), "version": version}
    signed = sign_beside(RECORD_TYPE, msgspec.json.encode(claims, order="sorted"), signer, at)
    if len(signed) > RECORD_LIMIT:
        raise Bug(f"A record of {len(signed)} bytes is more than a terminal takes ({RECORD_LIMIT}).")
    return _seal(_padded(_deflate(signed)), recipients)


def _deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=_RAW_DEFLATE)
    return packer.compress(data) + packer.flush()


def padded_length(length: int) -> int:
    """Tell the bucket for so many deflated bytes. More than fit into the largest is a `Bug`."""
    needed = length + _LENGTH_BYTES
    for bucket in BUCKETS:
        if needed <= bucket:
            return bucket
    raise Bug(f"{length} bytes fit into no bucket.")


def _padded(data: bytes) -> bytes:
    bucket = padded_length(len(data))
    return (len(data).to_bytes(_LENGTH_BYTES, "big") + data).ljust(bucket, b"\0")


def _seal(plain: bytes, recipients: Sequence[ec.EllipticCurvePublicKey]) -> bytes:
    key = AESGCM.generate_key(8 * _KEY_BYTES)
    iv = AESGCM.generate_key(128)[:_IV_BYTES]  # random too, and the key is used once
    sealed = AESGCM(key).encrypt(iv, plain, _PROTECTED.encode("ascii"))
    message = {
        "protected": _PROTECTED,
        "recipients": [_recipient(key, recipient) for recipient in recipients],
        "iv": base64url(iv),
        "ciphertext": base64url(sealed[:-_TAG_BYTES]),
        "tag": base64url(sealed[-_TAG_BYTES:]),
    }
    return msgspec.json.encode(message)


def _recipient(key: bytes, recipient: ec.EllipticCurvePublicKey) -> dict[str, Any]:
    """Wrap the content key for one card (RFC 7518 4.6): a fresh ephemeral key, Concat KDF, AES key wrap."""
    if not isinstance(recipient.curve, ec.SECP256R1):
        raise Bug("A record can only be sealed to a P-256 key.")
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    wrapping = _wrapping_key(ephemeral.exchange(ec.ECDH(), recipient))
    public = point(ephemeral.public_key())
    x, y = public[1 : 1 + COORDINATE_BYTES], public[1 + COORDINATE_BYTES :]
    epk = {"crv": "P-256", "kty": "EC", "x": base64url(x), "y": base64url(y)}
    return {"header": {"epk": epk}, "encrypted_key": base64url(aes_key_wrap(wrapping, key))}


def _wrapping_key(shared: bytes) -> bytes:
    return ConcatKDFHash(SHA256(), _KEY_BYTES, _AGREEMENT_INFO).derive(shared)


# --- opening -----------------------------------------------------------------------------------------


def open_record(
    sealed: bytes, agree: Callable[[bytes], bytes | None], *, anchors: Anchors, at: datetime
) -> OpenedRecord | Problem:
    """Open a record with a card, and believe it if the back office signed it.

    `agree` is the card's key agreement: it takes an uncompressed point and answers the shared x coordinate (32 bytes), or
    None when the card is gone or will not. It is called once a recipient until one opens; `at` is now (aware). The
    signing certificate must have been valid when the record was sealed: a record stays what it is when that runs out.

    Problems: UNKNOWN_KEY (sealed to other cards), CANNOT_OPEN (damaged, or the card did not agree), TOO_LARGE,
    MALFORMED, ALGORITHM, and whatever `verify_beside` finds.
    """
    message = _read_message(sealed)
    if isinstance(message, Problem):
        return message
    key = _content_key(message.recipients, agree)
    if isinstance(key, Problem):
        return key
    try:
        plain = AESGCM(key).decrypt(message.iv, message.ciphertext, _PROTECTED.encode("ascii"))
    except (InvalidTag, ValueError):
        return Problem(ProblemCode.CANNOT_OPEN, "the sealed record is damaged")
    signed = _inflate(plain)
    if isinstance(signed, Problem):
        return signed
    document = verify_beside(
        signed, Judgement(RECORD_TYPE, Usage.BACK_OFFICE_SIGNING, anchors, at, RECORD_LIMIT, when_signed=True)
    )
    return document if isinstance(document, Problem) else _opened(document)


@dataclass(frozen=True, slots=True)
class _Recipient:
    ephemeral: bytes
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class _Message:
    recipients: tuple[_Recipient, ...]
    iv: bytes
    ciphertext: bytes
    """With its tag at the end, as AES-GCM takes it."""


def _read_message(sealed: bytes) -> _Message | Problem:
    if len(sealed) > SEALED_LIMIT:
        return Problem(ProblemCode.TOO_LARGE, f"a sealed record of {len(sealed)} bytes")
    value = read_object(sealed, "sealed record")
    if isinstance(value, Problem):
        return value
    if set(value) != _NAMES or value["protected"] != _PROTECTED:
        return Problem(ProblemCode.ALGORITHM, "sealed record: not the one form that is read")
    recipients = _read_recipients(value["recipients"])
    if isinstance(recipients, Problem):
        return recipients
    iv, ciphertext, tag = (_bytes(value[name]) for name in ("iv", "ciphertext", "tag"))
    if iv is None or ciphertext is None or tag is None or (len(iv), len(tag)) != (_IV_BYTES, _TAG_BYTES):
        return Problem(ProblemCode.MALFORMED, "sealed record: iv, ciphertext or tag")
    return _Message(recipients, iv, ciphertext + tag)


def _read_recipients(value: object) -> tuple[_Recipient, ...] | Problem:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_RECIPIENTS:
        return Problem(ProblemCode.MALFORMED, "sealed record: recipients")
    recipients = []
    for item in value:
        header = item.get("header") if isinstance(item, dict) and set(item) == {"header", "encrypted_key"} else None
        epk = header.get("epk") if isinstance(header, dict) and set(header) == {"epk"} else None
        wrapped = _bytes(item["encrypted_key"]) if isinstance(epk, dict) else None
        if not isinstance(epk, dict) or wrapped is None or len(wrapped) != _WRAPPED_BYTES:
            return Problem(ProblemCode.MALFORMED, "sealed record: a recipient")
        ephemeral = key_from_jwk(epk)  # on the curve, or the card's key could leak (RFC 7518 8, invalid curve attack)
        if isinstance(ephemeral, Problem):
            return ephemeral
        recipients.append(_Recipient(point(ephemeral), wrapped))
    return tuple(recipients)


def _bytes(value: object) -> bytes | None:
    return from_base64url(value) if isinstance(value, str) else None


def _content_key(recipients: tuple[_Recipient, ...], agree: Callable[[bytes], bytes | None]) -> bytes | Problem:
    for recipient in recipients:
        shared = agree(recipient.ephemeral)
        if shared is None or len(shared) != COORDINATE_BYTES:
            return Problem(ProblemCode.CANNOT_OPEN, "the card did not agree on a key")
        try:
            key = aes_key_unwrap(_wrapping_key(shared), recipient.wrapped)
        except InvalidUnwrap:
            continue
        if len(key) == _KEY_BYTES:
            return key
    return Problem(ProblemCode.UNKNOWN_KEY, "the record is sealed to other cards")


def _inflate(plain: bytes) -> bytes | Problem:
    """Take the deflated bytes out of the padding, and inflate them, never beyond the limit."""
    length = int.from_bytes(plain[:_LENGTH_BYTES], "big")
    data, padding = plain[_LENGTH_BYTES : _LENGTH_BYTES + length], plain[_LENGTH_BYTES + length :]
    if len(data) != length or padding.strip(b"\0"):
        return Problem(ProblemCode.MALFORMED, "sealed record: padding")
    unpacker = zlib.decompressobj(wbits=_RAW_DEFLATE)
    try:
        signed = unpacker.decompress(data, RECORD_LIMIT + 1)
    except zlib.error:
        return Problem(ProblemCode.MALFORMED, "sealed record: not deflated")
    if len(signed) > RECORD_LIMIT:
        return Problem(ProblemCode.TOO_LARGE, "a record that inflates beyond the limit")
    if not unpacker.eof or unpacker.unused_data:
        return Problem(ProblemCode.MALFORMED, "sealed record: deflated bytes cut or followed by others")
    return signed


def _opened(signed: Document) -> OpenedRecord | Problem:
    value = signed.value
    malformed = Problem(ProblemCode.MALFORMED, "record: not exactly record, version, at and document")
    if set(value) != {"record", "version", "at", "document"} or not isinstance(value["document"], dict):
        return malformed
    version, sealed_at = value["version"], read_timestamp(value["at"]) if isinstance(value["at"], str) else None
    try:
        record_id = bytes.fromhex(value["record"]) if isinstance(value["record"], str) else b""
    except ValueError:
        return malformed
    if not isinstance(version, int) or isinstance(version, bool) or not 0 < version <= LARGEST_VERSION:
        return malformed
    if len(record_id) != RECORD_ID_BYTES or sealed_at is None:
        return malformed
    if sealed_at != signed.signed_at:
        return Problem(ProblemCode.CLOCK, "record: at and the header's iat differ")
    return OpenedRecord(record_id, version, sealed_at, value["document"])
