"""HTTP message signatures (RFC 9421) in one fixed profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.wire.problem import Problem


@dataclass(frozen=True, slots=True)
class SignedRequest:
    key_id: str
    nonce: str
    created: datetime


def sign(
    method: str,
    path: str,
    query: str,
    body: bytes,
    key_id: str,
    key: ec.EllipticCurvePrivateKey | Callable[[bytes], bytes],
    created: datetime,
    nonce: str,
) -> dict[str, str]:
    """Headers Content-Digest, Signature-Input, Signature. `query` without "?". A callable key signs (DER) elsewhere (TPM)."""
    raise NotImplementedError


def verify(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    resolve_key: Callable[[str], ec.EllipticCurvePublicKey | None],
    now: datetime,
    tolerance: timedelta = timedelta(seconds=60),
) -> SignedRequest | Problem:
    """Whether the nonce was used before is the caller's to know. CLOCK when `created` is too far from `now` (signature good)."""
    raise NotImplementedError
