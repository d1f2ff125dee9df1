"""What the public page may say to a code, and how often it answers.

Rules:
- Only the full code finds a certificate, until its last day; whether another code ever existed is not said.
- An address that finds nothing again and again, and a code that is asked for again and again, are answered no more for a
  while. Both are counted by keyed hashes, and forgotten when the while is over.
- Nothing of who asked enters the audit log; that a certificate was looked at does.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from back_office import audit
from back_office.repository import certificates, timestamp
from kiosk.domain import certificate_code
from kiosk.domain.audit import Actor
from kiosk.wire.document import read_document
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from back_office.installation import Installation
    from kiosk.domain.content import Content

WINDOW = timedelta(hours=1)
MISSES = 20
"""Codes that find nothing, from one address in the window."""
LOOKS = 60
"""Questions about one code in the window, from anywhere."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the paper shows, when it was issued and until when it can be verified."""

    content: Content
    issued_on: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class NotShown:
    """Why nothing is shown: `form`, `unknown` or `too_many`; a key of the texts below `certificate.page`."""

    why: str


def ask(it: Installation, typed: str, address: str) -> Shown | NotShown:
    """Look a code up, for whoever asks from `address`."""
    if not certificate_code.is_code(typed):
        return NotShown("form")
    key = it.keyring.code_key()
    digest, asker = certificate_code.kept(typed, key), _hashed(address, key)
    with it.work() as work:
        since = timestamp(work.at - WINDOW)
        certificates.forget_looks(work.db, since)
        misses = certificates.misses_from(work.db, asker, since)
        if misses >= MISSES or certificates.looks_at(work.db, digest, since) >= LOOKS:
            return NotShown("too_many")
        found = certificates.by_digest(work.db, digest)
        today = work.at.astimezone(it.scheme.bank_change.zone).date().isoformat()
        content = read_document(found.content) if found is not None and today <= found.valid_until else None
        shown = found is not None and content is not None and not isinstance(content, Problem)
        certificates.looked(work.db, at=work.time, address=asker, code=digest, found=shown)
        if found is None or content is None or isinstance(content, Problem):
            return NotShown("unknown")
        audit.record(
            work.db, work.at, Actor("system", "public page"), "certificate.verified", found.id, purpose="certificate.issue",
            details={"kind": found.kind},
        )  # fmt: skip
    return Shown(content, found.issued_on, found.valid_until)


def _hashed(address: str, key: bytes) -> str:
    return hmac.new(key, f"address {address}".encode(), hashlib.sha256).hexdigest()
