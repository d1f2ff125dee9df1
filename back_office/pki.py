"""The demonstration's own certification authorities and keys, as files under STATE/pki.

Rules:
- Made once, at first start; what is there stays. Private keys are 0600, written before their certificates, each by an
  atomic replace: a crash in between leaves a key without a certificate, which the next start completes.
- In production the CAs are offline and someone else's; here they lie beside the back office, and the screens say
  "demonstration".
- Sealing keys are added, never removed: an envelope sealed long ago still opens.
"""

from __future__ import annotations

import ipaddress
import os
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from back_office.certificates import BACKDATED, Authority, Plan, authority_plan, certify, new_key, tls_plan
from kiosk.domain.card import ROLE_POLICIES
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.certificates import UNREADABLE, load_certificate
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.receipt import issue_short_certificate
from kiosk.wire.signed import Signer
from kiosk.wire.trust import (
    BACK_OFFICE_SIGNING_POLICY,
    CLIENT_AUTHENTICATION,
    PIN_NAME_PREFIX,
    PIN_POLICY,
    SEALING_NAME_PREFIX,
    SEALING_POLICY,
    SIGNING_NAME,
    TERMINAL_POLICY,
    Anchors,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from kiosk.system import Clock, Ids

ROOT_NAME = "Guichet demonstration root"
TERMINAL_VALID = timedelta(days=90)
YEAR = timedelta(days=365)
CSR_LIMIT = 16 * 1024

_REMEDY = "Remove the folder STATE/pki and everything enrolled under it, then start the back office again."
_SIGNING = "back-office-signing"
_SEALING = "sealing-"
_PIN = "pin-"


def create_pki(state: Path, clock: Clock, ids: Ids) -> None:
    """Make whatever is missing of STATE/pki; a second call changes nothing.

    Raises `EnvironmentFault` when what is there cannot be read, or a CA lacks one of its halves.
    """
    folder = state / "pki"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    at = clock.now()
    root_plan = authority_plan(ROOT_NAME, 20 * YEAR, issues=1)
    root = _authority(folder, "root", root_plan, None, at)
    roles = tuple(sorted(ROLE_POLICIES))
    _authority(folder, "card-ca", authority_plan("Guichet demonstration card CA", 15 * YEAR, roles), root, at)
    terminal_plan = authority_plan("Guichet demonstration terminal CA", 15 * YEAR, (TERMINAL_POLICY,))
    _authority(folder, "terminal-ca", terminal_plan, root, at)
    signing = Plan(SIGNING_NAME, 3 * YEAR, frozenset({"digital_signature"}), (BACK_OFFICE_SIGNING_POLICY,))
    _leaf(folder, _SIGNING, signing, root, at)
    local = (
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    )
    _leaf(folder, "tls", tls_plan(2 * YEAR, local), root, at)
    if not sealing_certificates(state):
        rotate_sealing_key(state, clock, ids)
    kid = f"{at:%Y%m%d}"
    if pin_certificate(state) is None:
        plan = Plan(f"{PIN_NAME_PREFIX}{kid}", 3 * YEAR, frozenset({"key_agreement"}), (PIN_POLICY,))
        _leaf(folder, f"{_PIN}{kid}", plan, root, at)


def _authority(folder: Path, name: str, plan: Plan, issuer: Authority | None, at: datetime) -> Authority:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    if certificate.exists() and not key.exists():
        raise EnvironmentFault(f"{certificate} is there, its key {key.name} is not.", _REMEDY)
    _leaf(folder, name, plan, issuer, at)
    return load_authority(folder, name)


def _leaf(folder: Path, name: str, plan: Plan, issuer: Authority | None, at: datetime) -> None:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    if not key.exists():
        _write_key(key, new_key())
    if not certificate.exists():
        private = _read_key(key)
        _write(
            certificate, certify(plan, private.public_key(), issuer or private, at).public_bytes(Encoding.PEM), 0o644
        )


def load_authority(folder: Path, name: str) -> Authority:
    """Read a CA of STATE/pki; raises `EnvironmentFault` when it is not as it must be."""
    certificate, key = _read_certificate(folder / f"{name}.pem"), _read_key(folder / f"{name}.key")
    if certificate.public_key() != key.public_key():
        raise EnvironmentFault(f"{folder / name}.pem and {name}.key do not belong together.", _REMEDY)
    return Authority(certificate, key)


def anchors(state: Path) -> Anchors:
    """Read the root and the issuers; raises `EnvironmentFault` when one is missing."""
    root, card_ca, terminal_ca = (
        _read_certificate(state / "pki" / f"{n}.pem") for n in ("root", "card-ca", "terminal-ca")
    )
    return Anchors(root, (card_ca, terminal_ca))


def answer_signer(state: Path) -> Signer:
    """Read the key that signs answers, verdicts and bundles; raises `EnvironmentFault` when it is missing."""
    signing = load_authority(state / "pki", _SIGNING)
    return Signer(signing.key, signing.certificate)


def sealing_keys(state: Path) -> dict[str, ec.EllipticCurvePrivateKey]:
    """Read every sealing key by its kid, old ones included."""
    return {_kid(path): _read_key(path) for path in sorted((state / "pki").glob(f"{_SEALING}*.key"))}


def pin_keys(state: Path) -> dict[str, ec.EllipticCurvePrivateKey]:
    """Read every key to which encrypting pads seal PINs, by its kid."""
    return {path.stem.removeprefix(_PIN): _read_key(path) for path in sorted((state / "pki").glob(f"{_PIN}*.key"))}


def pin_certificate(state: Path) -> x509.Certificate | None:
    """Read the newest certificate of such a key; None: there is none yet."""
    found = [_read_certificate(path) for path in (state / "pki").glob(f"{_PIN}*.pem")]
    return max(found, key=lambda one: (one.not_valid_before_utc, one.serial_number), default=None)


def sealing_certificates(state: Path) -> list[x509.Certificate]:
    """Read the sealing certificates, newest first."""
    certificates = [_read_certificate(path) for path in (state / "pki").glob(f"{_SEALING}*.pem")]
    return sorted(certificates, key=lambda one: (one.not_valid_before_utc, one.serial_number), reverse=True)


def rotate_sealing_key(state: Path, clock: Clock, ids: Ids) -> str:
    """Add a sealing key, valid for a year and newer than every other; answers its kid."""
    at = clock.now()
    newest = next(iter(sealing_certificates(state)), None)
    if newest is not None:
        at = max(at, newest.not_valid_before_utc + BACKDATED + timedelta(seconds=1))
    kid = f"{at:%Y%m%d}-{ids.crockford(6).lower()}"
    plan = Plan(f"{SEALING_NAME_PREFIX}{kid}", YEAR, frozenset({"key_agreement"}), (SEALING_POLICY,))
    _leaf(state / "pki", f"{_SEALING}{kid}", plan, load_authority(state / "pki", "root"), at)
    return kid


def _kid(path: Path) -> str:
    return path.stem.removeprefix(_SEALING)


def issue_terminal_certificate(state: Path, csr_pem: bytes, terminal: str, clock: Clock) -> bytes | Problem:
    """Certify a terminal's key for 90 days (PEM); of the request (PKCS#10) only the key counts.

    A `Problem` when the request is malformed, not signed by its own key, or not P-256: a terminal sent it.
    """
    key = _requested_key(csr_pem)
    if isinstance(key, Problem):
        return key
    authority = load_authority(state / "pki", "terminal-ca")
    usages = frozenset({"digital_signature"})
    plan = Plan(terminal, TERMINAL_VALID, usages, (TERMINAL_POLICY,), (CLIENT_AUTHENTICATION,))
    return certify(plan, key, authority, clock.now()).public_bytes(Encoding.PEM)


def issue_receipt_certificate(state: Path, csr_pem: bytes, terminal: str, office: str, clock: Clock) -> bytes | Problem:
    """Certify a terminal's receipt key for 90 days, as the short certificate of `kiosk.wire.receipt`."""
    key = _requested_key(csr_pem)
    if isinstance(key, Problem):
        return key
    at = clock.now()
    authority = load_authority(state / "pki", "terminal-ca")
    return issue_short_certificate(terminal, office, key, at - BACKDATED, at + TERMINAL_VALID, authority.key)


def terminal_chain(state: Path) -> list[bytes]:
    """Give the certificates between a terminal's and the root, PEM each."""
    return [_read_certificate(state / "pki" / "terminal-ca.pem").public_bytes(Encoding.PEM)]


def _requested_key(csr_pem: bytes) -> ec.EllipticCurvePublicKey | Problem:
    if len(csr_pem) > CSR_LIMIT:
        return Problem(ProblemCode.TOO_LARGE, "the certificate request")
    try:
        request = x509.load_pem_x509_csr(csr_pem)
        key, own = request.public_key(), request.is_signature_valid
    except UNREADABLE as error:
        return Problem(ProblemCode.MALFORMED, f"the certificate request: {type(error).__name__}")
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return Problem(ProblemCode.ALGORITHM, "the certificate request is not for a P-256 key")
    return key if own else Problem(ProblemCode.SIGNATURE, "the certificate request is not signed by its own key")


def private_pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    """Write a private key as unencrypted PKCS#8 PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    _write(path, private_pem(key), 0o600)


def _write(path: Path, data: bytes, mode: int) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise EnvironmentFault(f"The key {path} cannot be read ({type(error).__name__}).", _REMEDY) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise EnvironmentFault(f"The key {path} is not P-256.", _REMEDY)
    return key


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        certificate = load_certificate(path.read_bytes())
    except OSError as error:
        raise EnvironmentFault(f"The certificate {path} cannot be read ({type(error).__name__}).", _REMEDY) from error
    if isinstance(certificate, Problem):
        raise EnvironmentFault(f"The certificate {path} is wrong ({certificate.detail}).", _REMEDY)
    return certificate
