"""Signed reference data: what a terminal must know to judge cards and to seal, one bundle, carried by the agent.

Rules:
- The back office signs the whole; the visit verifies it itself, under the root in its installation. The agent carries.
- Serial numbers and certificates travel as text (hexadecimal, base64url of DER), since JSON integers end at 2**53.
- An older bundle than the one held (`version`) is refused by whoever holds one; here nothing is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec import Meta

from kiosk.wire.certificates import load_certificate
from kiosk.wire.fields import Terminal, Timestamp, Version, read_message, read_times
from kiosk.wire.keys import base64url, from_base64url
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import Judgement, Signer, sign, verify
from kiosk.wire.timestamps import timestamp
from kiosk.wire.trust import SEALING_NAME_PREFIX, Anchors, DistrustReason, Revocations, Trusted, Usage, verify_chain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cryptography import x509

BUNDLE_TYPE = "guichet-reference+jws"
BUNDLE_LIMIT = 900 * 1024
"""Bytes; a frame of the link carries one. About 15,000 revoked cards beside everything else."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A key to which transactions are sealed until `not_after`; `kid` is how the back office finds the other half."""

    kid: str
    certificate: x509.Certificate
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Bundle:
    """Reference data of one version. `sealing` newest first; `issuers` are the card CA and the terminal CA."""

    version: int
    issued_at: datetime
    revocations: Revocations
    sealing: tuple[SealingKey, ...]
    issuers: tuple[x509.Certificate, ...]
    denied_terminals: frozenset[str]
    scheme_pack: Mapping[str, Any]
    configuration: Mapping[str, Any]

    def sealing_key(self, at: datetime) -> SealingKey | None:
        """Choose the newest key that may still be used at `at`; None closes the services that need one."""
        usable = (key for key in self.sealing if key.certificate.not_valid_before_utc <= at <= key.not_after)
        return next(usable, None)

    def anchors(self, root: Anchors) -> Anchors:
        """Add this bundle's issuers to the installation's root."""
        return root.with_issuers(self.issuers)

    def age(self, at: datetime) -> float:
        """Tell how many seconds old the bundle is at `at`; never negative."""
        return max((at - self.issued_at).total_seconds(), 0.0)


_Certificate = Annotated[str, Meta(max_length=12_000)]


class _SealingOnWire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kid: Annotated[str, Meta(min_length=1, max_length=64)]
    certificate: _Certificate
    not_after: Timestamp


class _RevocationsOnWire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    as_of: Timestamp
    serials: list[Annotated[str, Meta(pattern=r"\A[0-9a-f]{1,40}\Z")]]


class _BundleOnWire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Version
    issued_at: Timestamp
    revocations: _RevocationsOnWire
    sealing: Annotated[list[_SealingOnWire], Meta(max_length=16)]
    issuers: Annotated[list[_Certificate], Meta(max_length=8)]
    denied_terminals: list[Terminal]
    scheme_pack: dict[str, Any]
    configuration: dict[str, Any]


def sign_bundle(bundle: Bundle, signer: Signer) -> bytes:
    """Sign a bundle; the bytes are the same for every terminal with the same configuration."""
    written = _BundleOnWire(
        version=bundle.version,
        issued_at=timestamp(bundle.issued_at),
        revocations=_RevocationsOnWire(
            as_of=timestamp(bundle.revocations.as_of),
            serials=[f"{serial:x}" for serial in sorted(bundle.revocations.serials)],
        ),
        sealing=[
            _SealingOnWire(kid=key.kid, certificate=_encoded(key.certificate), not_after=timestamp(key.not_after))
            for key in bundle.sealing
        ],
        issuers=[_encoded(issuer) for issuer in bundle.issuers],
        denied_terminals=sorted(bundle.denied_terminals),
        scheme_pack=dict(bundle.scheme_pack),
        configuration=dict(bundle.configuration),
    )
    return sign(BUNDLE_TYPE, msgspec.to_builtins(written), signer, bundle.issued_at)


def verify_bundle(data: bytes, anchors: Anchors, at: datetime) -> Bundle | Problem:
    """Verify a bundle at `at` (now, aware) under the installation's root; sealing keys that ran out are left out."""
    document = verify(data, Judgement(BUNDLE_TYPE, Usage.BACK_OFFICE_SIGNING, anchors, at, BUNDLE_LIMIT))
    if isinstance(document, Problem):
        return document
    written = read_message(document.value, _BundleOnWire)
    if isinstance(written, Problem):
        return written
    issuers = _certificates(written.issuers)
    if isinstance(issuers, Problem):
        return issuers
    sealing = _sealing(written.sealing, anchors.with_issuers(issuers), at)
    times = read_times(written.issued_at, written.revocations.as_of)
    if isinstance(sealing, Problem):
        return sealing
    if isinstance(times, Problem):
        return times
    return Bundle(
        version=written.version,
        issued_at=times[0],
        revocations=Revocations(frozenset(int(serial, 16) for serial in written.revocations.serials), times[1]),
        sealing=sealing,
        issuers=issuers,
        denied_terminals=frozenset(written.denied_terminals),
        scheme_pack=written.scheme_pack,
        configuration=written.configuration,
    )


def _encoded(certificate: x509.Certificate) -> str:
    return base64url(certificate.public_bytes(Encoding.DER))


def _certificates(encoded: Sequence[str]) -> tuple[x509.Certificate, ...] | Problem:
    certificates = []
    for text in encoded:
        certificate = load_certificate(from_base64url(text) or b"")
        if isinstance(certificate, Problem):
            return certificate
        certificates.append(certificate)
    return tuple(certificates)


def _sealing(written: Sequence[_SealingOnWire], anchors: Anchors, at: datetime) -> tuple[SealingKey, ...] | Problem:
    keys = []
    for one in written:
        certificates = _certificates([one.certificate])
        times = read_times(one.not_after)
        if isinstance(certificates, Problem):
            return certificates
        if isinstance(times, Problem):
            return times
        trusted = verify_chain(certificates[0], (), anchors, at, usage=Usage.SEALING)
        if isinstance(trusted, Trusted) and trusted.common_name == f"{SEALING_NAME_PREFIX}{one.kid}":
            keys.append(SealingKey(one.kid, certificates[0], min(times[0], trusted.not_after)))
        elif isinstance(trusted, Trusted):
            return Problem(ProblemCode.MISMATCH, "a sealing key's certificate names another key")
        elif trusted.reason not in (DistrustReason.EXPIRED, DistrustReason.NOT_YET_VALID):
            return trusted.as_problem("a sealing key")
    return tuple(sorted(keys, key=lambda key: key.certificate.not_valid_before_utc, reverse=True))
