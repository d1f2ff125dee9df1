"""The signed statement on a receipt (QR text "GR1:...")."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.wire.problem import Problem

PREFIX = "GR1:"


@dataclass(frozen=True, slots=True)
class Statement:
    reference: str  # 12 characters, compact
    terminal: str  # "T0007"
    office: str
    service: str
    recorded_at: datetime
    transaction_id: str
    body_hash: str  # SHA-256 hex of the sealed body


@dataclass(frozen=True, slots=True)
class ShortCertificate:
    terminal: str
    office: str
    not_before: datetime
    not_after: datetime
    public_key: ec.EllipticCurvePublicKey


def issue_short_certificate(
    terminal: str,
    office: str,
    public_key: ec.EllipticCurvePublicKey,
    not_before: datetime,
    not_after: datetime,
    terminal_ca_key: ec.EllipticCurvePrivateKey,
) -> bytes:
    raise NotImplementedError


def read_short_certificate(data: bytes, terminal_ca: x509.Certificate) -> ShortCertificate | Problem:
    raise NotImplementedError


def sign_statement(statement: Statement, receipt_key: ec.EllipticCurvePrivateKey, short_certificate: bytes) -> str:
    """Text of the QR code."""
    raise NotImplementedError


def verify_statement(text: str, terminal_ca: x509.Certificate, denied: Collection[str]) -> Statement | Problem:
    """`denied`: terminal ids."""
    raise NotImplementedError
