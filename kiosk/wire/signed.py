"""A signed document: JWS compact (RFC 7515) with the signer's certificate in `x5c`, by a card or by the back office.

Rules:
- The header holds exactly alg, typ, x5c and iat. `typ` tells what kind of document it is (RFC 8725 3.11), so that
  no signature over one kind can pass for another.
- A document that is compressed afterwards is signed with its payload beside it, not in base64 (RFC 7797; its header
  holds b64 and crit too): base64 would cost a quarter of what deflate saves.
- The algorithm is ES256 or RS256 as the certificate's key demands; what the header says must agree, and decides nothing.
- The payload is canonical JSON (RFC 8785 subset of `canonical`); another spelling of the same value is refused.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jws
from joserfc.jwk import ECKey
from joserfc.registry import HeaderParameter

from kiosk.domain.errors import Bug
from kiosk.wire.canonical import canonical
from kiosk.wire.certificates import PublicKey, allowed_key, load_certificate
from kiosk.wire.keys import base64url, der_signature, from_base64url, raw_signature
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.strict_json import read_canonical, read_object
from kiosk.wire.trust import Anchors, Trusted, Usage, verify_chain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cryptography import x509

LONGEST_CHAIN = 3
"""Certificates in `x5c`: the signer's, and at most two issuers; the root is the verifier's own."""

FAST_CLOCK = timedelta(minutes=10)
"""How far ahead of ours the clock of a signer may be."""

_HEADER_LIMIT = 16 * 1024
_SIGNATURE_LIMIT = 1024
_SEGMENTS = 3
_NAMES = frozenset({"alg", "typ", "x5c", "iat"})
_ES256 = ec.ECDSA(SHA256())
_UNENCODED: dict[str, Any] = {"b64": False, "crit": ["b64"]}


class _Registry(jws.JWSRegistry):
    """joserfc's registry with our limits and our four header parameters."""

    max_header_length = _HEADER_LIMIT
    max_payload_length = 2**31
    max_signature_length = _SIGNATURE_LIMIT


_REGISTRY = _Registry(
    header_registry={"iat": HeaderParameter("Signing time", "int", required=True)}, algorithms=["ES256", "RS256"]
)


@dataclass(frozen=True, slots=True)
class Signer:
    """A software key and its certificate: the back office's."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class ToBeSigned(NamedTuple):
    """What a card is asked to sign, and how its answer becomes a document.

    `signing_input` is hashed with SHA-256 and signed by the card; `finish` takes the signature (r || s, DER or
    PKCS#1 v1.5) and answers the JWS, or a `Problem` when it does not verify: a card that answers nonsense is found
    here, not at the back office.
    """

    signing_input: bytes
    finish: Callable[[bytes], bytes | Problem]


@dataclass(frozen=True, slots=True)
class Document:
    """A verified document: who signed it, when they say so, and the value."""

    signer: Trusted
    signed_at: datetime
    value: dict[str, Any]
    payload: bytes


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a document is held against.

    `at` is now (aware). With `when_signed` the certificate must have been valid at the signing time, which may lie
    `longest_delay` back (an act stays signed when its certificate runs out on the way); otherwise it must be valid at
    `at`. `limit` is in bytes of the compact form.
    """

    typ: str
    usage: Usage
    anchors: Anchors
    at: datetime
    limit: int
    when_signed: bool = False
    longest_delay: timedelta | None = None


def algorithm(key: PublicKey) -> str:
    """Name the one algorithm (RFC 7518 3.1) that goes with a key."""
    return "ES256" if isinstance(key, ec.EllipticCurvePublicKey) else "RS256"


def for_card(typ: str, value: dict[str, Any], certificate_der: bytes, at: datetime) -> ToBeSigned | Problem:
    """Prepare `value` for the card whose certificate this is; `at` becomes `iat` (whole seconds).

    A `Problem` when the certificate cannot be read or its key is not allowed.
    """
    certificate = load_certificate(certificate_der)
    if isinstance(certificate, Problem):
        return certificate
    key = allowed_key(certificate)
    if key is None:
        return Problem(ProblemCode.ALGORITHM, "the card's key is neither P-256 nor RSA of 2048 to 4096 bits")
    header = _header(typ, certificate, key, at)
    signing_input = f"{base64url(canonical(header))}.{base64url(canonical(value))}".encode("ascii")

    def finish(signature: bytes) -> bytes | Problem:
        raw = raw_signature(signature) if isinstance(key, ec.EllipticCurvePublicKey) else signature
        if raw is None:
            return Problem(ProblemCode.SIGNATURE, f"the card answered {len(signature)} bytes that are no signature")
        document = signing_input + b"." + base64url(raw).encode("ascii")
        return _check_signature(document, key) or document

    return ToBeSigned(signing_input, finish)


def sign(typ: str, value: dict[str, Any], signer: Signer, at: datetime) -> bytes:
    """Sign `value` with a software key; `at` becomes `iat`."""
    certificate_key = allowed_key(signer.certificate)
    if certificate_key != signer.key.public_key() or certificate_key is None:
        raise Bug("The signer's certificate belongs to another key.")
    header = _header(typ, signer.certificate, certificate_key, at)
    return jws.serialize_compact(header, canonical(value), ECKey.import_key(signer.key), registry=_REGISTRY).encode(
        "ascii"
    )


def _header(typ: str, certificate: x509.Certificate, key: PublicKey, at: datetime) -> dict[str, Any]:
    encoded = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii")
    return {"alg": algorithm(key), "iat": int(at.timestamp()), "typ": typ, "x5c": [encoded]}


def sign_beside(typ: str, payload: bytes, signer: Signer, at: datetime) -> bytes:
    """Sign bytes with a software key, detached and unencoded (RFC 7515 appendix F, RFC 7797); `at` becomes `iat`.

    Answers `header..signature`, a line feed and the payload as it is. The payload's spelling is what is signed, so it
    need not be the canonical one.
    """
    certificate_key = signer.certificate.public_key()
    if certificate_key != signer.key.public_key():
        raise Bug("The signer's certificate belongs to another key.")
    header = base64url(canonical(_header(typ, signer.certificate, signer.key.public_key(), at) | _UNENCODED))
    head = header.encode("ascii")
    raw = raw_signature(signer.key.sign(head + b"." + payload, _ES256))
    assert raw is not None  # noqa: S101 - our own signature
    return b"".join((head, b"..", base64url(raw).encode("ascii"), b"\n", payload))


def verify_beside(data: bytes, judgement: Judgement) -> Document | Problem:
    """Verify what `sign_beside` wrote: limits, header, chain, use, signature, JSON object, in this order."""
    if len(data) > judgement.limit:
        return Problem(ProblemCode.TOO_LARGE, f"{judgement.typ} of {len(data)} bytes")
    compact, _, payload = data.partition(b"\n")
    segments = compact.split(b".", _SEGMENTS)
    if len(segments) != _SEGMENTS or segments[1] or len(segments[0]) > _HEADER_LIMIT:
        return Problem(ProblemCode.MALFORMED, f"{judgement.typ}: no detached JWS")
    header = _read_header(segments[0], judgement.typ, _UNENCODED)
    if isinstance(header, Problem):
        return header
    signer = _signer(header, judgement)
    if isinstance(signer, Problem):
        return signer
    problem = _check_es256(signer.public_key, segments[2], segments[0] + b"." + payload)
    if problem is not None:
        return problem
    value = read_object(payload, judgement.typ)
    return value if isinstance(value, Problem) else Document(signer, header.signed_at, value, payload)


def _check_es256(key: PublicKey, signature: bytes, signed: bytes) -> Problem | None:
    raw = from_base64url(signature)
    der = None if raw is None else der_signature(raw)
    if der is None or not isinstance(key, ec.EllipticCurvePublicKey):
        return Problem(ProblemCode.SIGNATURE, "no ES256 signature")
    try:
        key.verify(der, signed, _ES256)
    except InvalidSignature:
        return Problem(ProblemCode.SIGNATURE, "the signature does not verify")
    return None


def verify(data: bytes, judgement: Judgement) -> Document | Problem:
    """Verify a document: limits, header, chain, use, signature, canonical form, in this order."""
    segments = data.split(b".", _SEGMENTS) if len(data) <= judgement.limit else []
    if not segments:
        return Problem(ProblemCode.TOO_LARGE, f"{judgement.typ} of {len(data)} bytes")
    if len(segments) != _SEGMENTS or len(segments[0]) > _HEADER_LIMIT:
        return Problem(ProblemCode.MALFORMED, f"{judgement.typ}: no compact JWS")
    header = _read_header(segments[0], judgement.typ)
    if isinstance(header, Problem):
        return header
    signer = _signer(header, judgement)
    if isinstance(signer, Problem):
        return signer
    return _check_signature(data, signer.public_key) or _value(segments[1], signer, header.signed_at, judgement.typ)


@dataclass(frozen=True, slots=True)
class _Header:
    algorithm: str
    signed_at: datetime
    certificates: tuple[x509.Certificate, ...]


def _read_header(segment: bytes, typ: str, also: Mapping[str, Any] = MappingProxyType({})) -> _Header | Problem:
    """Read a header that holds our four parameters, and `also` exactly as it stands."""
    what = f"{typ} header"
    decoded = from_base64url(segment)
    header = Problem(ProblemCode.MALFORMED, what) if decoded is None else read_object(decoded, what)
    if isinstance(header, Problem):
        return header
    signed_at = _signing_time(header.get("iat"))
    if set(header) != _NAMES | set(also) or signed_at is None:
        return Problem(ProblemCode.MALFORMED, f"{what}: not exactly alg, typ, x5c and iat (a time)")
    if header["typ"] != typ:
        return Problem(ProblemCode.WRONG_TYPE, f"{what}: another typ")
    if any(header[name] != value for name, value in also.items()):
        return Problem(ProblemCode.MALFORMED, f"{what}: another way to write the payload")
    if header["alg"] not in ("ES256", "RS256"):
        return Problem(ProblemCode.ALGORITHM, f"{what}: alg is not on the list")
    certificates = _certificates(header["x5c"], what)
    return certificates if isinstance(certificates, Problem) else _Header(header["alg"], signed_at, certificates)


def _signing_time(value: object) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _certificates(value: object, what: str) -> tuple[x509.Certificate, ...] | Problem:
    if not isinstance(value, list) or not 1 <= len(value) <= LONGEST_CHAIN:
        return Problem(ProblemCode.MALFORMED, f"{what}: x5c is no list of one to {LONGEST_CHAIN}")
    certificates = []
    for encoded in value:
        try:
            der = base64.b64decode(encoded, validate=True) if isinstance(encoded, str) else b""
        except (binascii.Error, ValueError):
            der = b""
        certificate = load_certificate(der)
        if isinstance(certificate, Problem):
            return certificate
        certificates.append(certificate)
    return tuple(certificates)


def _signer(header: _Header, judgement: Judgement) -> Trusted | Problem:
    if header.signed_at > judgement.at + FAST_CLOCK:
        return Problem(ProblemCode.CLOCK, f"{judgement.typ}: signed at a time that has not come")
    if judgement.longest_delay is not None and header.signed_at < judgement.at - judgement.longest_delay:
        return Problem(ProblemCode.CLOCK, f"{judgement.typ}: signed too long ago")
    leaf, *issuers = header.certificates
    moment = header.signed_at if judgement.when_signed else judgement.at
    trusted = verify_chain(leaf, issuers, judgement.anchors, moment, usage=judgement.usage)
    if not isinstance(trusted, Trusted):
        return trusted.as_problem(judgement.typ)
    if algorithm(trusted.public_key) != header.algorithm:
        return Problem(ProblemCode.ALGORITHM, f"{judgement.typ}: {header.algorithm} with another kind of key")
    return trusted


def _check_signature(data: bytes, key: PublicKey) -> Problem | None:
    """Verify the signature of a compact document whose header was read, with the bare primitives as in `sealed`."""
    signed, _, signature = data.rpartition(b".")
    if len(signature) > _SIGNATURE_LIMIT:
        return Problem(ProblemCode.SIGNATURE, f"a signature of {len(signature)} characters")
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _check_es256(key, signature, signed)
    raw = from_base64url(signature)
    if raw is None:
        return Problem(ProblemCode.SIGNATURE, "no RS256 signature")
    try:
        key.verify(raw, signed, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        return Problem(ProblemCode.SIGNATURE, "the signature does not verify")
    return None


def _value(segment: bytes, signer: Trusted, signed_at: datetime, typ: str) -> Document | Problem:
    payload = from_base64url(segment)
    if payload is None:
        return Problem(ProblemCode.MALFORMED, f"{typ}: payload is no base64url")
    plain = read_canonical(payload)
    if plain is not None:
        return Document(signer, signed_at, plain, payload)
    value = read_object(payload, typ)
    if isinstance(value, Problem):
        return value
    try:
        same = canonical(value) == payload
    except Bug:
        same = False
    if not same:
        return Problem(ProblemCode.NOT_CANONICAL, f"{typ}: not the canonical spelling")
    return Document(signer, signed_at, value, payload)
