"""Public keys and raw ECDSA signatures as JOSE writes them (RFC 7517, 7518), and nothing of private keys.

Rules:
- Elliptic curve keys are P-256 or they are a `Problem`; the point must be on the curve.
- A signature on the wire is r || s, 32 bytes each (RFC 7518 3.4); DER stays at the card and inside X.509.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from kiosk.wire.canonical import canonical
from kiosk.wire.problem import Problem, ProblemCode

if TYPE_CHECKING:
    from collections.abc import Mapping

COORDINATE_BYTES = 32
RAW_SIGNATURE_BYTES = 2 * COORDINATE_BYTES
_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
"""What base64url writes otherwise, and nothing (!) for what it does not write."""
_LAST = (b"", None, b"AQgw", b"AEIMQUYcgkosw048")
"""By length modulo 4: which last characters leave no bit over (RFC 4648 3.5); nothing has the length 1."""


def base64url(data: bytes) -> str:
    """Write `data` in base64url without padding (RFC 7515 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str | bytes) -> bytes | None:
    """Read base64url without padding, or answer None; only the one canonical spelling is read."""
    data = text.encode("ascii", "replace") if isinstance(text, str) else text
    last = _LAST[len(data) % 4]
    if last is None or (last and data[-1] not in last):
        return None
    try:
        return binascii.a2b_base64(data.translate(_STANDARD) + b"=" * (-len(data) % 4), strict_mode=True)
    except binascii.Error:
        return None


def jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Write a P-256 public key as a JWK (RFC 7518 6.2.1): kty, crv, x, y."""
    numbers = key.public_numbers()
    x, y = (base64url(n.to_bytes(COORDINATE_BYTES, "big")) for n in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def key_from_jwk(value: Mapping[str, object]) -> ec.EllipticCurvePublicKey | Problem:
    """Read the P-256 public key of a JWK that holds exactly kty, crv, x and y."""
    point = _point(value)
    if isinstance(point, Problem):
        return point
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return _NOT_ON_CURVE


def check_jwk(value: Mapping[str, object]) -> Problem | None:
    """Say what is wrong with a JWK that `key_from_jwk` would not read; a tenth of its work, where no key is needed yet."""
    point = _point(value)
    if isinstance(point, Problem):
        return point
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    on_curve = x < _P and y < _P and (y * y - (x * x - 3) * x - _B) % _P == 0
    return None if on_curve else _NOT_ON_CURVE


_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
"""P-256 is y2 = x3 - 3x + b over the field of p (SEC 2, 2.4.2)."""
_NOT_ON_CURVE = Problem(ProblemCode.MALFORMED, "the JWK's point is not on P-256")


def _point(value: Mapping[str, object]) -> bytes | Problem:
    """Read the uncompressed point (SEC 1, 2.3.3) of a JWK; whether it is on the curve is not asked."""
    if set(value) != {"kty", "crv", "x", "y"} or value["kty"] != "EC" or value["crv"] != "P-256":
        return Problem(ProblemCode.ALGORITHM, "the JWK is no plain P-256 public key")
    x, y = (from_base64url(part) if isinstance(part, str) else None for part in (value["x"], value["y"]))
    if x is None or y is None or len(x) != COORDINATE_BYTES or len(y) != COORDINATE_BYTES:
        return Problem(ProblemCode.MALFORMED, "a coordinate of the JWK is not 32 bytes of base64url")
    return b"\x04" + x + y


def thumbprint(value: Mapping[str, str]) -> str:
    """Compute the RFC 7638 SHA-256 thumbprint of a JWK as `jwk` writes it, in base64url."""
    members = {name: value[name] for name in ("crv", "kty", "x", "y")}
    return base64url(hashlib.sha256(canonical(members)).digest())


def raw_signature(signature: bytes) -> bytes | None:
    """Turn an ECDSA P-256 signature, r || s or the DER of cards and X.509, into r || s; None if it is neither.

    Sixty-four bytes are r || s: a DER of that length has an r or s shorter by six bytes, which no one meets by chance.
    """
    if len(signature) == RAW_SIGNATURE_BYTES:
        return signature
    try:
        r, s = decode_dss_signature(signature)
        return r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")
    except (ValueError, OverflowError):
        return None


def der_signature(raw: bytes) -> bytes | None:
    """Write r || s in DER, or answer None when it is not 64 bytes."""
    if len(raw) != RAW_SIGNATURE_BYTES:
        return None
    r, s = (int.from_bytes(half, "big") for half in (raw[:COORDINATE_BYTES], raw[COORDINATE_BYTES:]))
    return encode_dss_signature(r, s)
