"""What a visit believes: the root of the read-only installation, and the reference data signed under it.

Rules:
- The agent is a carrier: the visit verifies every bundle itself and never takes an older one for a newer one.
- Revocation data that are too old close what reads a record; signing goes on as *received* (domain: offline).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.reference_data import Bundle, SealingKey, verify_bundle

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.wire.trust import Anchors, Revocations


class Trust:
    """The anchors and the newest verified bundle."""

    def __init__(self, anchors: Anchors) -> None:
        self._root = anchors
        self.anchors = anchors
        self.bundle: Bundle | None = None

    def take(self, data: bytes, at: datetime) -> Problem | None:
        """Verify and keep a bundle; a problem when it does not fit, and the old one stays."""
        if not data:
            return Problem(ProblemCode.MALFORMED, "there are no reference data yet")
        bundle = verify_bundle(data, self._root, at)
        if isinstance(bundle, Problem):
            return bundle
        if self.bundle is not None and bundle.version < self.bundle.version:
            return Problem(ProblemCode.MISMATCH, "these reference data are older than the ones at hand")
        self.bundle = bundle
        self.anchors = self._root.with_issuers(bundle.issuers)
        return None

    @property
    def revocations(self) -> Revocations | None:
        """The revoked certificates, or None when nothing is known."""
        return self.bundle.revocations if self.bundle else None

    def offered(self, services: tuple[str, ...], office: str) -> tuple[str, ...]:
        """Leave out what this office has switched off; without reference data nothing is off."""
        off = self.bundle.configuration.get("services_off") if self.bundle else None
        here = off.get(office) if isinstance(off, dict) else None
        return tuple(name for name in services if name not in here) if isinstance(here, list) else services

    def sealing_key(self, at: datetime) -> SealingKey | None:
        """Choose the key of the back office to seal to now."""
        return self.bundle.sealing_key(at) if self.bundle else None
