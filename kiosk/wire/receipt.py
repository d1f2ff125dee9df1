"""The terminal's signed statement on a receipt, small enough for a QR code, verifiable on any terminal without a line.

    "GR1:" + base32( version | recorded_at | reference | transaction id | body hash | service | short certificate | signature )

Rules:
- The receipt key is the terminal's own second key (P-256, in a file); its certificate is no X.509 but the hundred bytes
  below, signed by the terminal CA, and travels inside the code. So a verifier needs the CA and a deny list, no database.
- Both signatures cover a fixed prefix that names the format, so that none can pass for anything else the key signs.
- Base 32 (RFC 4648 6): letters and digits only, in the QR code's alphanumeric mode, safe through any scanner's keyboard.
- The statement says what was received, never what was decided, and holds no personal data.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.domain.errors import Bug
from kiosk.wire.keys import RAW_SIGNATURE_BYTES, der_signature, raw_signature
from kiosk.wire.problem import Problem, ProblemCode

if TYPE_CHECKING:
    from collections.abc import Collection

    from cryptography import x509

PREFIX = "GR1:"
TEXT_LIMIT = 600
"""Characters of the text; a statement has about 418, that is 259 bytes."""

_CERTIFICATE_DOMAIN = b"guichet receipt certificate 1\0"
_STATEMENT_DOMAIN = b"guichet receipt statement 1\0"
_VERSION = 1
_CERTIFICATE_HEAD = struct.Struct(">BHII B")  # version, terminal number, not before, not after, length of office
_STATEMENT_HEAD = struct.Struct(">BI8s16s32sB")  # version, recorded at, reference, id, body hash, length of service
_KEY_BYTES = 33
_TERMINAL = re.compile(r"T[0-9]{4}")
_REFERENCE = re.compile(r"[0-9]{4}[0-9A-Z*]{8}")
_OFFICE = re.compile(r"[A-Za-z0-9._-]{1,16}")
_SERVICE = re.compile(r"[a-z][a-z0-9_.:-]{0,31}")
_BASE32 = re.compile(r"[A-Z2-7]+")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a terminal says of a durable record: under which reference (12 characters, compact), what, where, when.

    `body_hash` is the SHA-256 (hexadecimal) of the sealed envelope in the journal; times are whole seconds UTC.
    """

    reference: str
    terminal: str
    office: str
    service: str
    recorded_at: datetime
    transaction_id: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class ShortCertificate:
    """Which terminal, in which office, signs receipts with which key, and from when to when."""

    terminal: str
    office: str
    not_before: datetime
    not_after: datetime
    public_key: ec.EllipticCurvePublicKey


def issue_short_certificate(  # noqa: PLR0917 - in the order of the format
    terminal: str,
    office: str,
    public_key: ec.EllipticCurvePublicKey,
    not_before: datetime,
    not_after: datetime,
    terminal_ca_key: ec.EllipticCurvePrivateKey,
) -> bytes:
    """Certify a receipt key with the terminal CA's key; about 115 bytes. Names out of shape are a `Bug`."""
    if not (_TERMINAL.fullmatch(terminal) and _OFFICE.fullmatch(office) and isinstance(public_key.curve, ec.SECP256R1)):
        raise Bug(f"No receipt certificate can be made for terminal {terminal!r} in office {office!r}.")
    times = int(not_before.timestamp()), int(not_after.timestamp())
    name = office.encode("ascii")
    head = _CERTIFICATE_HEAD.pack(_VERSION, int(terminal[1:]), *times, len(name))
    body = head + name + public_key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return body + _sign(terminal_ca_key, _CERTIFICATE_DOMAIN + body)


def read_short_certificate(data: bytes, terminal_ca: x509.Certificate) -> ShortCertificate | Problem:
    """Read and verify a short certificate; whether its time fits is for the caller, who knows the moment to ask for."""
    try:
        version, number, not_before, not_after, length = _CERTIFICATE_HEAD.unpack_from(data)
        office = data[_CERTIFICATE_HEAD.size :][:length].decode("ascii")
        body, signature = data[:-RAW_SIGNATURE_BYTES], data[-RAW_SIGNATURE_BYTES:]
        point = body[_CERTIFICATE_HEAD.size + length :]
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (struct.error, ValueError):
        return Problem(ProblemCode.MALFORMED, "the receipt certificate")
    if version != _VERSION or len(point) != _KEY_BYTES or not _OFFICE.fullmatch(office) or number > 9999:  # noqa: PLR2004
        return Problem(ProblemCode.MALFORMED, "the receipt certificate")
    if not _verified(terminal_ca.public_key(), signature, _CERTIFICATE_DOMAIN + body):
        return Problem(ProblemCode.UNTRUSTED, "the receipt certificate is not of this terminal CA")
    return ShortCertificate(f"T{number:04d}", office, _time(not_before), _time(not_after), key)


def sign_statement(statement: Statement, receipt_key: ec.EllipticCurvePrivateKey, short_certificate: bytes) -> str:
    """Sign a statement and write the text of its QR code.

    A statement that the certificate does not cover (another terminal, another key) or that is out of shape is a `Bug`.
    """
    reference = statement.reference.replace("-", "")
    fits = _REFERENCE.fullmatch(reference) and _SERVICE.fullmatch(statement.service)
    if (
        not fits
        or f"T{reference[:4]}" != statement.terminal
        or not _made_for(short_certificate, statement, receipt_key)
    ):
        raise Bug("A receipt statement does not fit its format or its certificate.")
    service = statement.service.encode("ascii")
    head = _STATEMENT_HEAD.pack(
        _VERSION,
        int(statement.recorded_at.timestamp()),
        reference[4:].encode("ascii"),
        uuid.UUID(statement.transaction_id).bytes,
        bytes.fromhex(statement.body_hash),
        len(service),
    )
    body = head + service + short_certificate
    signed = body + _sign(receipt_key, _STATEMENT_DOMAIN + body)
    return PREFIX + base64.b32encode(signed).rstrip(b"=").decode("ascii")


def _made_for(certificate: bytes, statement: Statement, key: ec.EllipticCurvePrivateKey) -> bool:
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    number = int(statement.terminal[1:]).to_bytes(2, "big")
    office = statement.office.encode("ascii", "replace")
    return certificate[1:3] == number and certificate[_CERTIFICATE_HEAD.size : -RAW_SIGNATURE_BYTES] == office + point


def verify_statement(text: str, terminal_ca: x509.Certificate, denied: Collection[str]) -> Statement | Problem:
    """Verify the text of a receipt's QR code against the terminal CA and a deny list of terminal ids.

    The certificate must have been valid when the receipt says it was recorded; later it proves as much as on that day.
    """
    data = _decoded(text)
    if isinstance(data, Problem):
        return data
    try:
        version, recorded_at, reference, identity, body_hash, length = _STATEMENT_HEAD.unpack_from(data)
        rest = data[_STATEMENT_HEAD.size : -RAW_SIGNATURE_BYTES]
        service, short = rest[:length].decode("ascii"), rest[length:]
        tail = reference.decode("ascii")
    except (struct.error, ValueError):
        return Problem(ProblemCode.MALFORMED, "the receipt's code")
    if version != _VERSION:
        return Problem(ProblemCode.MALFORMED, "the receipt's code")
    certificate = read_short_certificate(short, terminal_ca)
    if isinstance(certificate, Problem):
        return certificate
    body, signature = data[:-RAW_SIGNATURE_BYTES], data[-RAW_SIGNATURE_BYTES:]
    if not _verified(certificate.public_key, signature, _STATEMENT_DOMAIN + body):
        return Problem(ProblemCode.SIGNATURE, "the receipt's signature does not verify")
    statement = Statement(
        reference=certificate.terminal[1:] + tail,
        terminal=certificate.terminal,
        office=certificate.office,
        service=service,
        recorded_at=_time(recorded_at),
        transaction_id=str(uuid.UUID(bytes=identity)),
        body_hash=body_hash.hex(),
    )
    return _acceptable(statement, certificate, denied) or statement


def _decoded(text: str) -> bytes | Problem:
    compact = "".join(text[: 2 * TEXT_LIMIT].split()).upper()
    body = compact.removeprefix(PREFIX)
    if len(compact) > TEXT_LIMIT:
        return Problem(ProblemCode.TOO_LARGE, "no receipt's code is that long")
    if body == compact or not _BASE32.fullmatch(body):
        return Problem(ProblemCode.MALFORMED, "no receipt's code")
    try:
        data = base64.b32decode(body + "=" * (-len(body) % 8))
    except binascii.Error:
        return Problem(ProblemCode.MALFORMED, "no receipt's code")
    same = base64.b32encode(data).rstrip(b"=").decode("ascii") == body
    return data if same else Problem(ProblemCode.MALFORMED, "no receipt's code")


def _acceptable(statement: Statement, certificate: ShortCertificate, denied: Collection[str]) -> Problem | None:
    if not (_REFERENCE.fullmatch(statement.reference) and _SERVICE.fullmatch(statement.service)):
        return Problem(ProblemCode.MALFORMED, "the receipt's reference or service")
    if statement.terminal in denied:
        return Problem(ProblemCode.DENIED, f"terminal {statement.terminal} is on the deny list")
    if not certificate.not_before <= statement.recorded_at <= certificate.not_after:
        return Problem(ProblemCode.EXPIRED, "the receipt key was not valid at that time")
    return None


def _sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    raw = raw_signature(key.sign(message, ec.ECDSA(SHA256())))
    if raw is None:
        raise Bug("A receipt is signed with a P-256 key.")
    return raw


def _verified(key: object, signature: bytes, message: bytes) -> bool:
    der = der_signature(signature)
    if der is None or not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(der, message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
