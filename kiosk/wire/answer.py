"""What the back office answers to a visit: signed first, because a seal authenticates nobody, then sealed to the visit.

Rules:
- The signature covers kind, request id, addressee (RFC 7638 thumbprint of the visit's key), time and body; an answer to
  another question, to another visit or of another kind is a `Problem`, whatever it says.
- The visit's private key is made in the visit process and is never written, sent or logged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.wire.fields import Code, Id, Timestamp, read_message, read_times
from kiosk.wire.keys import jwk, key_from_jwk, thumbprint
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.sealed import open_with, seal_to
from kiosk.wire.signed import FAST_CLOCK, Judgement, Signer, sign, verify
from kiosk.wire.timestamps import timestamp
from kiosk.wire.trust import Anchors, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ANSWER_TYPE = "guichet-answer+jws"
ANSWER_LIMIT = 500 * 1024
"""Bytes of an answer's JWS; a record with forty years of contributions has about 60,000."""


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """The P-256 key of one visit, to which everything for it is sealed."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> AnswerKey:
        """Make a new key from the operating system's randomness."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @property
    def jwk(self) -> dict[str, str]:
        """The public half as it stands in a transaction or a question."""
        return jwk(self.private.public_key())

    @property
    def thumbprint(self) -> str:
        """The addressee that an answer must name."""
        return thumbprint(self.jwk)


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the back office signs: `body` is the answer itself, the rest ties it to its question."""

    kind: Code
    request: Id
    addressee: str
    at: Timestamp
    body: dict[str, Any]


def seal_answer(  # noqa: PLR0917 - the order of the words: what, to which question, for whom
    kind: str,
    request_id: str,
    answer_key: Mapping[str, str],
    body: Mapping[str, Any],
    at: datetime,
    signer: Signer,
) -> bytes | Problem:
    """Sign `body` (canonical JSON values: no float) for the asker whose JWK this is, and seal it to that key.

    A `Problem` when the JWK, which came from a peer, is no P-256 key.
    """
    key = key_from_jwk(answer_key)
    if isinstance(key, Problem):
        return key
    addressee = thumbprint(answer_key)
    answer = Answer(kind=kind, request=request_id, addressee=addressee, at=timestamp(at), body=dict(body))
    return seal_to(sign(ANSWER_TYPE, msgspec.to_builtins(answer), signer, at), key, addressee)


def open_answer(  # noqa: PLR0917
    jwe: bytes, answer_key: AnswerKey, expected_id: str, expected_kind: str, anchors: Anchors, at: datetime
) -> dict[str, Any] | Problem:
    """Open an answer and give its body, if the back office signed it for this visit, this request and this kind.

    The signing certificate must be valid at `at` (now, aware).
    """
    addressee = answer_key.thumbprint
    opened = open_with(jwe, {addressee: answer_key.private})
    if isinstance(opened, Problem):
        return opened
    document = verify(opened, Judgement(ANSWER_TYPE, Usage.BACK_OFFICE_SIGNING, anchors, at, ANSWER_LIMIT))
    if isinstance(document, Problem):
        return document
    answer = read_message(document.value, Answer)
    if isinstance(answer, Problem):
        return answer
    fits = (answer.kind, answer.request, answer.addressee) == (expected_kind, expected_id, addressee)
    times = read_times(answer.at)
    if not fits:
        return Problem(ProblemCode.MISMATCH, "an answer to another question, visit or kind")
    if isinstance(times, Problem) or abs(times[0] - document.signed_at) > FAST_CLOCK:
        return Problem(ProblemCode.CLOCK, "the answer's two times differ")
    return answer.body
