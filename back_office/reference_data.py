"""The signed bundle that terminals judge cards and seal by: revocations, sealing certificates, scheme pack, configuration.

Rules:
- Content that changed is signed anew with the next version; unchanged content is signed anew when it grows old, because
  terminals measure the age of revocation data.
- Versions only grow, across restarts too: a terminal refuses an older one.
- Suspended and retired terminals are on the deny list that receipts are verified against.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from back_office import pilot
from back_office.repository import ledger, people, terminals
from kiosk.schemes import scheme_document
from kiosk.wire.canonical import canonical, digest
from kiosk.wire.encrypted_pin import PIN_KEY
from kiosk.wire.reference_data import Bundle, SealingKey, sign_bundle
from kiosk.wire.trust import SEALING_NAME_PREFIX, Revocations

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from back_office.installation import Installation

FRESH_FOR = timedelta(minutes=5)
_VERSION = "reference_version"


@dataclass(frozen=True, slots=True)
class SignedBundle:
    """A bundle as it goes out."""

    data: bytes
    etag: str
    version: int


class ReferenceData:
    """Signs the bundle when it must, and hands out the same bytes until then."""

    def __init__(self, it: Installation) -> None:
        self._it = it
        self._lock = threading.Lock()
        self._content = ""
        self._issued_at: datetime | None = None
        self._signed: SignedBundle | None = None

    def current(self) -> SignedBundle:
        """Return the bundle of now."""
        at = self._it.clock.now()
        with self._lock:
            bundle, content = self._collect(at)
            fresh = self._issued_at is not None and timedelta(0) <= at - self._issued_at < FRESH_FOR
            if self._signed is None or content != self._content or not fresh:
                self._signed = self._sign(bundle)
                self._content, self._issued_at = content, at
            return self._signed

    def _collect(self, at: datetime) -> tuple[Bundle, str]:
        keys = self._it.keyring.keys()
        with self._it.database.read() as db:
            serials = people.revoked_serials(db)
            off = pilot.switched_off(db)
            denied = frozenset(one.id for one in terminals.terminals(db) if one.state != "in_service")
        bundle = Bundle(
            version=0,
            issued_at=at,
            revocations=Revocations(serials, at),
            sealing=tuple(_sealing_key(one) for one in keys.sealing_certificates),
            issuers=keys.anchors.issuers,
            denied_terminals=denied,
            scheme_pack=scheme_document(self._it.settings.scheme),
            configuration=dict(self._it.settings.terminal) | {pilot.CONFIGURATION: off} | _pin_key(keys.pin_certificate),
        )
        told = {
            "revoked": sorted(f"{serial:x}" for serial in serials),
            "sealing": [key.kid for key in bundle.sealing],
            "issuers": [digest(one.public_bytes(Encoding.DER)) for one in bundle.issuers],
            "denied": sorted(denied),
            "scheme": bundle.scheme_pack,
            "configuration": bundle.configuration,
        }
        return bundle, digest(canonical(told))

    def _sign(self, bundle: Bundle) -> SignedBundle:
        with self._it.work() as work:
            version = int(ledger.setting(work.db, _VERSION) or "0") + 1
            ledger.put_setting(work.db, _VERSION, str(version))
        parts = {name: getattr(bundle, name) for name in Bundle.__slots__}
        data = sign_bundle(Bundle(**(parts | {"version": version})), self._it.keyring.keys().signer)
        return SignedBundle(data, f'"{version}-{digest(data)[:16]}"', version)


def _pin_key(certificate: x509.Certificate | None) -> dict[str, str]:
    """Give what an encrypting pad seals to; the pad checks the certificate itself."""
    return {} if certificate is None else {PIN_KEY: certificate.public_bytes(Encoding.PEM).decode("ascii")}


def _sealing_key(certificate: x509.Certificate) -> SealingKey:
    name = str(certificate.subject.rfc4514_string()).removeprefix("CN=")
    return SealingKey(name.removeprefix(SEALING_NAME_PREFIX), certificate, certificate.not_valid_after_utc)
