"""Sealed bytes: JWE compact (RFC 7516), ECDH-ES on P-256 with A256GCM, and nothing else.

Rules:
- Sealing authenticates nobody: what is inside is signed, or is treated as a stranger's words.
- The header names the key (`kid`), never a person; there is no compression, so that lengths tell nothing about secrets
  beyond themselves and nothing can be inflated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from kiosk.domain.errors import Bug
from kiosk.wire.keys import from_base64url, key_from_jwk
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.strict_json import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric import ec

PLAIN_LIMIT = 512 * 1024
"""Bytes that can be sealed."""
SEALED_LIMIT = 700 * 1024
"""Bytes of the compact form: base64url of `PLAIN_LIMIT` and a header."""

_HEADER_LIMIT = 1024
_SEGMENTS = 5
_NAMES = {"alg", "enc", "kid", "epk"}


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
    header = _read_header(sealed)
    if isinstance(header, Problem):
        return header
    key = keys.get(header["kid"])
    if key is None:
        return Problem(ProblemCode.UNKNOWN_KEY, "sealed to a key that is not here")
    try:
        opened = jwe.decrypt_compact(sealed, ECKey.import_key(key), registry=_REGISTRY).plaintext
    except (JoseError, ValueError, TypeError) as error:
        return Problem(ProblemCode.CANNOT_OPEN, f"the seal is damaged: {type(error).__name__}")
    return b"" if opened is None else opened


def _read_header(sealed: bytes) -> dict[str, Any] | Problem:
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
    return ephemeral if isinstance(ephemeral, Problem) else header
