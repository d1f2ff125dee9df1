"""Sealed bytes: JWE compact (RFC 7516), ECDH-ES on P-256 with A256GCM, and nothing else.

Rules:
- Sealing authenticates nobody: what is inside is signed, or is treated as a stranger's words.
- Opened with the bare primitives: the back office opens thousands in a row, and joserfc takes three times as long. What
  joserfc seals is what is opened here, in service and in the tests, and the tests hold both side by side on damage.
- The header names the key (`kid`), never a person; there is no compression, so that lengths tell nothing about secrets
  beyond themselves and nothing can be inflated.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwe
from joserfc.jwk import ECKey

from kiosk.domain.errors import Bug
from kiosk.wire.keys import from_base64url, key_from_jwk
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.strict_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN_LIMIT = 512 * 1024
"""Bytes that can be sealed."""
SEALED_LIMIT = 700 * 1024
"""Bytes of the compact form: base64url of `PLAIN_LIMIT` and a header."""

_HEADER_LIMIT = 1024
_SEGMENTS = 5
_NAMES = {"alg", "enc", "kid", "epk"}
_IV_BYTES, _TAG_BYTES = 12, 16
_COUNTER = (1).to_bytes(4, "big")
_OTHER_INFO = (7).to_bytes(4, "big") + b"A256GCM" + bytes(8) + (256).to_bytes(4, "big")
"""RFC 7518 4.6.2: with direct agreement the enc, no PartyUInfo, no PartyVInfo, and the bits of the key."""


class _Registry(jwe.JWERegistry):
    """joserfc's registry with our limits."""

    max_protected_header_length = _HEADER_LIMIT
    max_encrypted_key_length = 0
    max_ciphertext_length = SEALED_LIMIT


_REGISTRY = _Registry(algorithms=["ECDH-ES", "A256GCM"])


def seal_to(plain: bytes, key: ec.EllipticCurvePublicKey, kid: str) -> bytes:
    """Seal `plain` to a P-256 key; 126 microseconds. More than `PLAIN_LIMIT` bytes is a `Bug`."""
    if len(plain) > PLAIN_LIMIT:
        raise Bug(f"{len(plain)} bytes are more than can be sealed; whoever made them has a lower limit.")
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": kid}
    return jwe.encrypt_compact(header, plain, ECKey.import_key(key), registry=_REGISTRY).encode("ascii")


def key_id(sealed: bytes) -> str | Problem:
    """Read from the header which key opens it."""
    header = _read_header(sealed)
    return header if isinstance(header, Problem) else str(header["kid"])


def open_with(sealed: bytes, keys: Mapping[str, ec.EllipticCurvePrivateKey]) -> bytes | Problem:
    """Open with whichever of `keys` (by kid) it was sealed to."""
    read = _read(sealed)
    if isinstance(read, Problem):
        return read
    header, ephemeral = read
    key = keys.get(header["kid"])
    if key is None:
        return Problem(ProblemCode.UNKNOWN_KEY, "sealed to a key that is not here")
    protected, wrapped, *rest = sealed.split(b".")
    iv, ciphertext, tag = (from_base64url(part) for part in rest)
    if wrapped or iv is None or len(iv) != _IV_BYTES or ciphertext is None or tag is None or len(tag) != _TAG_BYTES:
        return Problem(ProblemCode.CANNOT_OPEN, "the seal is damaged: its parts")
    try:
        return AESGCM(_content_key(key, ephemeral)).decrypt(iv, ciphertext + tag, protected)
    except (InvalidTag, ValueError) as error:
        return Problem(ProblemCode.CANNOT_OPEN, f"the seal is damaged: {type(error).__name__}")


def _content_key(own: ec.EllipticCurvePrivateKey, ephemeral: ec.EllipticCurvePublicKey) -> bytes:
    """Agree on the key (ECDH-ES, RFC 7518 4.6): the Concat KDF (NIST SP 800-56A 5.8.1) of one round of SHA-256."""
    return hashlib.sha256(_COUNTER + own.exchange(ec.ECDH(), ephemeral) + _OTHER_INFO).digest()


def _read_header(sealed: bytes) -> dict[str, Any] | Problem:
    read = _read(sealed)
    return read if isinstance(read, Problem) else read[0]


def _read(sealed: bytes) -> tuple[dict[str, Any], ec.EllipticCurvePublicKey] | Problem:
    if len(sealed) > SEALED_LIMIT:
        return Problem(ProblemCode.TOO_LARGE, f"sealed bytes: {len(sealed)}")
    segments = sealed.split(b".", _SEGMENTS)
    fits = len(segments) == _SEGMENTS and len(segments[0]) <= _HEADER_LIMIT
    decoded = from_base64url(segments[0]) if fits else None
    header = Problem(ProblemCode.MALFORMED, "no compact JWE") if decoded is None else read_object(decoded, "JWE header")
    if isinstance(header, Problem):
        return header
    if set(header) != _NAMES or not isinstance(header["kid"], str) or not isinstance(header["epk"], dict):
        return Problem(ProblemCode.MALFORMED, "JWE header: not exactly alg, enc, kid and epk")
    if (header["alg"], header["enc"]) != ("ECDH-ES", "A256GCM"):
        return Problem(ProblemCode.ALGORITHM, "JWE header: alg or enc is not on the list")
    ephemeral = key_from_jwk(header["epk"])
    return ephemeral if isinstance(ephemeral, Problem) else (header, ephemeral)
