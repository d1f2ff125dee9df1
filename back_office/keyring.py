"""The keys and certificates of the back office, as files under STATE/pki.

Rules:
- Private sealing keys are never deleted: an old envelope opens after any number of rotations.
- The folder is looked at again whenever it changed, so that a rotation needs no restart.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office import pki
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    from kiosk.system import Clock, Ids
    from kiosk.wire.signed import Signer
    from kiosk.wire.trust import Anchors

CODE_KEY = "cancellation-codes.key"


@dataclass(frozen=True, slots=True)
class Keys:
    """Everything in the folder at one moment."""

    anchors: Anchors
    signer: Signer
    sealing: dict[str, ec.EllipticCurvePrivateKey]
    sealing_certificates: tuple[x509.Certificate, ...]


class Keyring:
    """Reads STATE/pki. Every method raises EnvironmentFault when something there is missing or unreadable."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._folder = state / "pki"
        self._lock = threading.Lock()
        self._seen: int | None = None
        self._keys: Keys | None = None

    def keys(self) -> Keys:
        """Return the keys as they are now."""
        with self._lock:
            try:
                seen = self._folder.stat().st_mtime_ns
            except OSError as error:
                raise EnvironmentFault(
                    f"There are no keys in {self._folder}.", f"Run: guichet back-office init --state {self._state}"
                ) from error
            if self._keys is None or seen != self._seen:
                self._keys = Keys(
                    anchors=pki.anchors(self._state),
                    signer=pki.answer_signer(self._state),
                    sealing=pki.sealing_keys(self._state),
                    sealing_certificates=tuple(pki.sealing_certificates(self._state)),
                )
                self._seen = seen
            return self._keys

    def code_key(self) -> bytes:
        """Return the key under which cancellation codes are kept; it is not in the database, nor in its backups."""
        path = self._folder / CODE_KEY
        try:
            return path.read_bytes()
        except OSError as error:
            raise EnvironmentFault(
                f"There is no {path}.", f"Run: guichet back-office init --state {self._state}"
            ) from error

    def create(self, clock: Clock, ids: Ids) -> None:
        """Make whatever keys are missing; what is there stays."""
        pki.create_pki(self._state, clock, ids)
        path = self._folder / CODE_KEY
        if not path.exists():
            draft = path.with_suffix(".new")
            draft.touch(mode=0o600)
            draft.write_bytes(ids.token(32))
            draft.replace(path)

    def tls_files(self) -> tuple[Path, Path]:
        """Return certificate and key of the TLS server."""
        certificate, key = self._folder / "tls.pem", self._folder / "tls.key"
        for path in (certificate, key):
            if not path.is_file():
                raise EnvironmentFault(f"There is no {path}.", f"Run: guichet back-office init --state {self._state}")
        return certificate, key
