"""Enrols the terminals of a world, as their HTTP request would, and makes the sealing keys that envelopes name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from back_office import pki
from back_office.api_types import Enrolled, Enrolment
from back_office.certificates import Plan, certify, new_key
from back_office.enrolment import enrol as enrol_at
from back_office.enrolment import new_code, read_requests
from kiosk.domain.errors import Bug
from kiosk.wire.trust import SEALING_NAME_PREFIX, SEALING_POLICY
from simulation.sync.terminal import Identity

if TYPE_CHECKING:
    from pathlib import Path

    from back_office.installation import Installation
    from kiosk.system import Clock, Ids

_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class SealingCertificates:
    """PEM: the back office's own, and one of a back office that has nothing to do with it."""

    own: bytes
    foreign: bytes


def enrol(it: Installation, terminal: str, office: str, *, had: int = 0) -> Identity:
    """Give a terminal an identity, or a new one; `had` is the epoch of its journal until now."""
    key, receipt = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    with it.work() as work:
        code = new_code(work, terminal_id=terminal, office=office, technician="tom", lifetime=timedelta(minutes=15))
    request = Enrolment(code, _request(key, terminal), _request(receipt, terminal), "file", {terminal: had})
    asked = read_requests(request)
    answer = enrol_at(it, request, asked)  # type: ignore[arg-type]
    if not isinstance(answer, Enrolled):
        raise Bug(f"a terminal of the world was not enrolled: {answer}")
    return Identity(terminal, office, key, answer.journal_epoch)


def foreign_sealing_certificate(state: Path, clock: Clock, ids: Ids) -> SealingCertificates:
    """Make this year's sealing key, and somebody else's."""
    pki.rotate_sealing_key(state, clock, ids)
    own = pki.sealing_certificates(state)[0]
    key = new_key()
    plan = Plan(f"{SEALING_NAME_PREFIX}20200101-zzzzzz", _YEAR, frozenset({"key_agreement"}), (SEALING_POLICY,))
    foreign = certify(plan, key.public_key(), key, clock.now())
    return SealingCertificates(own.public_bytes(Encoding.PEM), foreign.public_bytes(Encoding.PEM))


def _request(key: ec.EllipticCurvePrivateKey, name: str) -> str:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()
