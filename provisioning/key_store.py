"""The terminal's secrets, and how well they are kept.

Rules:
- The store says what protects the keys (`protection`), and the terminal reports that as it is: here a file of
  mode 0600, which a thief of the disk can copy. It never falls back from something better without being told.
- Three keys, three uses: the terminal key signs requests, the receipt key signs receipts and nothing else, the
  journal key opens the journal. A new enrolment replaces the first two; the journal key stays with its journal.
- New keys are pending until the back office has certified them, so that a lost reply loses no identity.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.domain.errors import EnvironmentFault
from kiosk.terminal_folder import ENROL, JOURNAL_KEY_BYTES, read_journal_key, read_secret, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.system import Ids
    from kiosk.terminal_folder import TerminalFolder

ENROL_AGAIN = f"Enrol this terminal again: {ENROL}."


class _PendingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    terminal_key: str
    receipt_key: str
    csr: str
    receipt_csr: str


@dataclass(frozen=True, slots=True)
class PendingKeys:
    """New keys and their certificate requests (PEM), not certified yet; the same until they are."""

    terminal_key: ec.EllipticCurvePrivateKey
    receipt_key: ec.EllipticCurvePrivateKey
    csr: str
    receipt_csr: str


class FileKeyStore:
    """Keys in protected files."""

    protection = "file"
    protection_in_words = "protected file (0600); whoever copies the disk has the keys"

    def __init__(self, folder: TerminalFolder) -> None:
        self._folder = folder
        self._pending = folder.keys / "pending.json"

    def terminal_key(self) -> ec.EllipticCurvePrivateKey:
        """Return the key that signs requests. Raises `EnvironmentFault`."""
        return _read_key(self._folder.terminal_key)

    def receipt_key(self) -> ec.EllipticCurvePrivateKey:
        """Return the key that signs receipts. Raises `EnvironmentFault`."""
        return _read_key(self._folder.receipt_key)

    def journal_key(self) -> bytes:
        """Return the raw key of the journal, 32 bytes. Raises `EnvironmentFault`."""
        return read_journal_key(self._folder)

    def pending(self) -> PendingKeys:
        """Return the keys that wait for their certificates; make them when there are none. Raises `EnvironmentFault`."""
        if not self._pending.exists():
            terminal, receipt = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
            file = _PendingFile(
                _pem(terminal), _pem(receipt), _request(terminal, "terminal"), _request(receipt, "receipt")
            )
            write_whole(self._pending, msgspec.json.encode(file))
        try:
            file = msgspec.json.decode(read_secret(self._pending), type=_PendingFile)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise EnvironmentFault(f"{self._pending} is damaged ({error}).", "Delete it and enrol again.") from error
        return PendingKeys(
            _parse_key(file.terminal_key.encode(), self._pending),
            _parse_key(file.receipt_key.encode(), self._pending),
            file.csr,
            file.receipt_csr,
        )

    def promote(self, pending: PendingKeys, ids: Ids) -> None:
        """Make the pending keys this terminal's keys, and a journal key if there is none. Raises `EnvironmentFault`."""
        write_whole(self._folder.terminal_key, _pem(pending.terminal_key).encode())
        write_whole(self._folder.receipt_key, _pem(pending.receipt_key).encode())
        if not self._folder.journal_key.exists():
            write_whole(self._folder.journal_key, ids.token(JOURNAL_KEY_BYTES).hex().encode() + b"\n")

    def forget_pending(self) -> None:
        """Drop the pending keys: the enrolment is complete."""
        with contextlib.suppress(FileNotFoundError):
            self._pending.unlink()


def fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    """Return the SHA-256 of the public key (SubjectPublicKeyInfo), its first 16 bytes in groups, for two people to compare."""
    info = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(info)
    text = digest.finalize().hex()[:32]
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _request(key: ec.EllipticCurvePrivateKey, use: str) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"guichet-{use}")])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return csr.public_bytes(serialization.Encoding.PEM).decode()


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    return _parse_key(read_secret(path), path)


def _parse_key(pem: bytes, path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise EnvironmentFault(f"{path} does not hold a private key in PEM.", ENROL_AGAIN) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise EnvironmentFault(f"{path} holds a key that is not P-256.", ENROL_AGAIN)
    return key
