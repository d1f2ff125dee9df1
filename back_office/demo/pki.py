"""The demonstration's own certification authorities."""

from __future__ import annotations

from pathlib import Path

from kiosk.system import Clock, Ids
from kiosk.wire.problem import Problem
from kiosk.wire.question import AnswerSigner
from kiosk.wire.trust import Anchors
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography import x509


def create_pki(state: Path, clock: Clock, ids: Ids) -> None:
    """Idempotent; writes STATE/pki."""
    raise NotImplementedError


def anchors(state: Path) -> Anchors:
    """root.pem + card-ca.pem + terminal-ca.pem"""
    raise NotImplementedError


def answer_signer(state: Path) -> AnswerSigner:
    raise NotImplementedError


def sealing_keys(state: Path) -> dict[str, ec.EllipticCurvePrivateKey]:
    """Private keys by kid, for envelope.open_sealed."""
    raise NotImplementedError


def sealing_certificates(state: Path) -> list[x509.Certificate]:
    """Newest first."""
    raise NotImplementedError


def rotate_sealing_key(state: Path, clock: Clock, ids: Ids) -> str:
    """New sealing key; answers its kid. Old keys stay, so old envelopes open."""
    raise NotImplementedError


def issue_terminal_certificate(state: Path, csr_pem: bytes, terminal: str, clock: Clock) -> bytes | Problem:
    """PEM, CN = terminal id, 90 days."""
    raise NotImplementedError


def issue_receipt_certificate(state: Path, csr_pem: bytes, terminal: str, office: str, clock: Clock) -> bytes | Problem:
    """Short certificate (kiosk.wire.receipt), 90 days."""
    raise NotImplementedError
