"""A PIN on its way from an encrypting pad to the back office: the pad seals it, only the back office's PIN key opens it.

    digits --pad: canonical JSON, ECDH-ES + A256GCM--> JWE --visit, agent, line--> back office

Rules:
- The pad seals only to a key whose certificate chains to the root that was installed in it at commissioning.
- Inside stands what the PIN is for (`binding`: question, terminal, number, visit's key): sealed digits that somebody takes down
  open no other question, at no other terminal, for nobody else.
- Every sealed PIN has the same length, whatever the length of the PIN (compare ISO 9564-1 9.3.5, format 4: always one block).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.wire.canonical import canonical, digest
from kiosk.wire.certificates import load_certificate
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.sealed import open_with, seal_to
from kiosk.wire.trust import PIN_NAME_PREFIX, Anchors, Distrusted, Usage, verify_chain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

PIN_KEY = "pin_key"
"""Under this name the configuration of the reference data holds the certificate of the PIN key (PEM)."""
MOST_PINS, LONGEST_PIN = 2, 12
SEALED_LIMIT = 1500
"""Characters of the compact form; an answer of a question holds it."""
_SIZE = 2 * LONGEST_PIN


def binding(question: str, terminal: str, number: str, answer_key: Mapping[str, str]) -> str:
    """Say for what a PIN is typed, in 64 hexadecimal digits; pad and back office compute it alike."""
    parts = {"question": question, "terminal": terminal, "number": number, "answer_key": dict(answer_key)}
    return digest(canonical(parts))


def seal_pins(pins: tuple[str, ...], bound: str, certificate: bytes, anchors: Anchors, at: datetime) -> bytes | Problem:
    """Seal one PIN, or the one of a letter with the one chosen instead; in the pad. A `Problem`: the key is not the back office's."""
    leaf = load_certificate(certificate)
    if isinstance(leaf, Problem):
        return leaf
    trusted = verify_chain(leaf, (), anchors, at, usage=Usage.PIN)
    if isinstance(trusted, Distrusted):
        return Problem(ProblemCode.UNTRUSTED, f"the PIN key: {trusted.reason.value}")
    if not isinstance(trusted.public_key, ec.EllipticCurvePublicKey) or not 1 <= len(pins) <= MOST_PINS:
        return Problem(ProblemCode.MALFORMED, "no P-256 key, or not one or two PINs")
    filler = "0" * (_SIZE - sum(map(len, pins)) + 3 * (MOST_PINS - len(pins)))
    inside = canonical({"bound": bound, "pins": list(pins), "filler": filler})
    return seal_to(inside, trusted.public_key, trusted.common_name.removeprefix(PIN_NAME_PREFIX))


def open_pins(sealed: bytes, bound: str, keys: Mapping[str, ec.EllipticCurvePrivateKey]) -> tuple[str, ...] | Problem:
    """Open it at the back office; a `Problem` when it was typed for anything else."""
    if len(sealed) > SEALED_LIMIT:
        return Problem(ProblemCode.TOO_LARGE, "the sealed PIN")
    opened = open_with(sealed, keys)
    if isinstance(opened, Problem):
        return opened
    try:
        inside = json.loads(opened)
        pins, told = tuple(inside["pins"]), inside["bound"]
    except (ValueError, KeyError, TypeError):
        return Problem(ProblemCode.MALFORMED, "the sealed PIN is none")
    if told != bound:
        return Problem(ProblemCode.MISMATCH, "the PIN was typed for another question")
    if not 1 <= len(pins) <= MOST_PINS or not all(isinstance(one, str) and one.isascii() and one.isdigit() for one in pins):
        return Problem(ProblemCode.MALFORMED, "the sealed PIN has no digits")
    return pins
