"""HTTP message signatures (RFC 9421) in the one profile that terminals and back office speak.

    Signature-Input: guichet=("@method" "@path" "@query" "content-digest");created=..;keyid="..";alg="..";nonce="..";tag="guichet"

Rules:
- Always all four components, always all five parameters in this order, always P-256 with SHA-256 (RFC 9421 3.3.4):
  what is not exactly this is refused, so there is nothing to negotiate and nothing to weaken.
- Path and query are signed as they stand on the request line, percent-encoding and all; the authority is not, so that
  a proxy may rewrite it (TLS to the pinned root covers it).
- Whether a nonce was used before is for the caller to know; here nothing is kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk.domain.errors import Bug
from kiosk.wire.keys import der_signature, raw_signature
from kiosk.wire.problem import Problem, ProblemCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALGORITHM = "ecdsa-p256-sha256"
TAG = "guichet"
LABEL = "guichet"
COVERED = '("@method" "@path" "@query" "content-digest")'
TOLERANCE = timedelta(seconds=60)
"""How far `created` may be from the verifier's clock, either way."""

_PARAMETERS = re.compile(
    re.escape(COVERED)
    + r";created=(?P<created>[0-9]{1,11})"
    + r';keyid="(?P<keyid>[A-Za-z0-9._-]{1,64})"'
    + rf';alg="{ALGORITHM}"'
    + r';nonce="(?P<nonce>[A-Za-z0-9._~+/=-]{8,88})"'
    + rf';tag="{TAG}"'
)
_INPUT = re.compile(r"(?P<label>[a-z*][a-z0-9_*.-]{0,31})=(?P<parameters>.{1,512})")
_SIGNATURE = re.compile(r"(?P<label>[a-z*][a-z0-9_*.-]{0,31})=:(?P<value>[A-Za-z0-9+/=]{1,128}):")
_REQUEST_LINE = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """Whose key signed a request, with which nonce, and when."""

    key_id: str
    nonce: str
    created: datetime


def content_digest(body: bytes) -> str:
    """Write the Content-Digest of a body (RFC 9530), an empty one too."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}:"


def _signature_base(method: str, path: str, query: str, digest: str, parameters: str) -> bytes:
    return (
        f'"@method": {method.upper()}\n"@path": {path or "/"}\n"@query": ?{query}\n'
        f'"content-digest": {digest}\n"@signature-params": {parameters}'
    ).encode("ascii")


def sign(  # noqa: PLR0917 - the request in its own order, then who signs it
    method: str,
    path: str,
    query: str,
    body: bytes,
    key_id: str,
    key: ec.EllipticCurvePrivateKey | Callable[[bytes], bytes],
    created: datetime,
    nonce: str,
) -> dict[str, str]:
    """Make the headers Content-Digest, Signature-Input and Signature of a request.

    `path` and `query` (without "?") as they will stand on the request line. A callable `key` signs elsewhere (a TPM)
    and answers DER or r || s. A key id, nonce or path that the profile cannot carry is a `Bug`.
    """
    parameters = (
        f'{COVERED};created={int(created.timestamp())};keyid="{key_id}";alg="{ALGORITHM}";nonce="{nonce}";tag="{TAG}"'
    )
    if not (_PARAMETERS.fullmatch(parameters) and _REQUEST_LINE.fullmatch(method + path + query)):
        raise Bug("A request line, key id or nonce does not fit the signature profile.")
    digest = content_digest(body)
    base = _signature_base(method, path, query, digest, parameters)
    signature = key.sign(base, ec.ECDSA(SHA256())) if isinstance(key, ec.EllipticCurvePrivateKey) else key(base)
    raw = raw_signature(signature)
    if raw is None:
        raise Bug("The terminal's key answered something that is no P-256 signature.")
    return {
        "Content-Digest": digest,
        "Signature-Input": f"{LABEL}={parameters}",
        "Signature": f"{LABEL}=:{base64.b64encode(raw).decode('ascii')}:",
    }


@dataclass(frozen=True, slots=True)
class _Claim:
    parameters: str
    digest: str
    signature: bytes
    request: SignedRequest


def verify(  # noqa: PLR0917 - the request in its own order, then what it is held against
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    resolve_key: Callable[[str], ec.EllipticCurvePublicKey | None],
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> SignedRequest | Problem:
    """Verify a request's signature at `now` (aware); header names in any case.

    Problems: MALFORMED (not this profile), UNKNOWN_KEY, SIGNATURE, DIGEST (the body is another), and, with everything
    else good, CLOCK: the answer to that one may tell the terminal what time it is.
    """
    claim = _claim({name.lower(): value for name, value in headers.items()})
    if isinstance(claim, Problem):
        return claim
    key = resolve_key(claim.request.key_id)
    if key is None or not isinstance(key.curve, ec.SECP256R1):
        return Problem(ProblemCode.UNKNOWN_KEY, "no such terminal key")
    try:
        base = _signature_base(method, path, query, claim.digest, claim.parameters)
        key.verify(claim.signature, base, ec.ECDSA(SHA256()))
    except (InvalidSignature, UnicodeEncodeError):
        return Problem(ProblemCode.SIGNATURE, "the request's signature does not verify")
    if not hmac.compare_digest(claim.digest, content_digest(body)):
        return Problem(ProblemCode.DIGEST, "the body is not the one that was signed")
    if abs(claim.request.created - now) > tolerance:
        return Problem(ProblemCode.CLOCK, "the request was signed too long ago, or by a clock too fast")
    return claim.request


def _claim(headers: Mapping[str, str]) -> _Claim | Problem:
    digest = headers.get("content-digest", "")
    given = _INPUT.fullmatch(headers.get("signature-input", ""))
    signature = _SIGNATURE.fullmatch(headers.get("signature", ""))
    parameters = None if given is None else _PARAMETERS.fullmatch(given["parameters"])
    if given is None or signature is None or parameters is None or given["label"] != signature["label"]:
        return Problem(ProblemCode.MALFORMED, "Signature-Input or Signature is not of this profile")
    try:
        der = der_signature(base64.b64decode(signature["value"], validate=True))
        created = datetime.fromtimestamp(int(parameters["created"]), UTC)
    except (binascii.Error, ValueError, OverflowError, OSError):
        der = None
    if der is None or not digest.isascii():
        return Problem(ProblemCode.MALFORMED, "the signature is not 64 bytes, or created is no time")
    request = SignedRequest(parameters["keyid"], parameters["nonce"], created)
    return _Claim(parameters.group(), digest, der, request)
