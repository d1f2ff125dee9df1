"""The keys and certificates of the back office, as files under STATE/pki.

Rules:
- Private sealing keys are never deleted: an old envelope opens after any number of rotations.
- The folder is looked at again whenever it changed, so that a rotation needs no restart.
- Who only opens envelopes reads only what opens and verifies them (`OpeningKeyring`).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from back_office import pki
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    from kiosk.system import Clock, Ids
    from kiosk.wire.signed import Signer
    from kiosk.wire.trust import Anchors

CODE_KEY = "cancellation-codes.key"
NUMBER_PIN_KEY = "number-pins.key"


@dataclass(frozen=True, slots=True)
class OpeningKeys:
    """What opens an envelope, and what its signer is held against."""

    anchors: Anchors
    sealing: dict[str, ec.EllipticCurvePrivateKey]


@dataclass(frozen=True, slots=True)
class Keys(OpeningKeys):
    """Everything in the folder at one moment."""

    signer: Signer
    sealing_certificates: tuple[x509.Certificate, ...]
    pins: dict[str, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    """What encrypting pads seal PINs to; nothing else is opened with them."""
    pin_certificate: x509.Certificate | None = None


def _all_keys(state: Path) -> Keys:
    return Keys(
        anchors=pki.anchors(state),
        signer=pki.answer_signer(state),
        sealing=pki.sealing_keys(state),
        sealing_certificates=tuple(pki.sealing_certificates(state)),
        pins=pki.pin_keys(state),
        pin_certificate=pki.pin_certificate(state),
    )


def _opening_keys(state: Path) -> OpeningKeys:
    return OpeningKeys(anchors=pki.anchors(state), sealing=pki.sealing_keys(state))


_Read = TypeVar("_Read", bound=OpeningKeys)


class _Watched(Generic[_Read]):
    """What `read` finds in STATE/pki, found again whenever the folder changed."""

    def __init__(self, state: Path, read: Callable[[Path], _Read]) -> None:
        self._state = state
        self._folder = state / "pki"
        self._read = read
        self._lock = threading.Lock()
        self._seen: int | None = None
        self._keys: _Read | None = None

    def keys(self) -> _Read:
        """Return the keys as they are now."""
        with self._lock:
            try:
                seen = self._folder.stat().st_mtime_ns
            except OSError as error:
                raise EnvironmentFault(
                    f"There are no keys in {self._folder}.", f"Run: guichet back-office init --state {self._state}"
                ) from error
            if self._keys is None or seen != self._seen:
                self._keys = self._read(self._state)
                self._seen = seen
            return self._keys


class OpeningKeyring(_Watched[OpeningKeys]):
    """Reads of STATE/pki what opens envelopes, and nothing else. Raises EnvironmentFault as `Keyring` does."""

    def __init__(self, state: Path) -> None:
        super().__init__(state, _opening_keys)


class Keyring(_Watched[Keys]):
    """Reads STATE/pki. Every method raises EnvironmentFault when something there is missing or unreadable."""

    def __init__(self, state: Path) -> None:
        super().__init__(state, _all_keys)

    def code_key(self) -> bytes:
        """Return the key under which cancellation codes are kept; it is not in the database, nor in its backups."""
        return self._secret(CODE_KEY)

    def number_pin_key(self) -> bytes:
        """Return the pepper of the PINs that go with a number: without it, the database alone lets nobody guess."""
        return self._secret(NUMBER_PIN_KEY)

    def _secret(self, name: str) -> bytes:
        path = self._folder / name
        try:
            return path.read_bytes()
        except OSError as error:
            raise EnvironmentFault(
                f"There is no {path}.", f"Run: guichet back-office init --state {self._state}"
            ) from error

    def create(self, clock: Clock, ids: Ids) -> None:
        """Make whatever keys are missing; what is there stays."""
        pki.create_pki(self._state, clock, ids)
        for name in (CODE_KEY, NUMBER_PIN_KEY):
            path = self._folder / name
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
