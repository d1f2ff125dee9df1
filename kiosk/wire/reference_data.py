"""Signed reference data: what a terminal must know to judge cards and to seal, carried by the agent, verified by the visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509

from kiosk.wire.problem import Problem
from kiosk.wire.question import AnswerSigner
from kiosk.wire.trust import Anchors, Revocations


@dataclass(frozen=True, slots=True)
class SealingKey:
    kid: str
    certificate: x509.Certificate
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Bundle:
    version: int
    issued_at: datetime
    revocations: Revocations
    sealing: tuple[SealingKey, ...]  # newest first
    issuers: tuple[x509.Certificate, ...]  # card CA, terminal CA
    denied_terminals: frozenset[str]
    scheme_pack: Mapping[str, Any]
    configuration: Mapping[str, Any]

    def sealing_key(self, at: datetime) -> SealingKey | None:
        """The newest key that may still be used at `at`."""
        raise NotImplementedError


def sign_bundle(bundle: Bundle, signer: AnswerSigner) -> bytes:
    raise NotImplementedError


def verify_bundle(data: bytes, anchors: Anchors, at: datetime) -> Bundle | Problem:
    """Whether `version` went back is the caller's to compare."""
    raise NotImplementedError
