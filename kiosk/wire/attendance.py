"""An officer's word that they took part in one act, at one terminal: signed by the staff card's 9A, after its PIN.

    Attendance --canonical JSON--> staff card 9A --> JWS, carried inside the transaction or report

Rules:
- It names the act: its id, its service and the digest of its answers; for another act it says nothing.
- That somebody of the office was there is never taken from what the holder's card or the terminal says.
- The officer's card must be one of the scheme, with the role staff, and not revoked when the back office looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from kiosk.domain.card import Role
from kiosk.wire.canonical import canonical, digest
from kiosk.wire.card_check import card_certificate
from kiosk.wire.fields import Card, Code, Id, Terminal, Timestamp, read_message, read_times
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import Judgement, ToBeSigned, for_card, verify
from kiosk.wire.trust import Anchors, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

ATTENDANCE_TYPE = "guichet-attendance+jws"
ATTENDANCE_LIMIT = 8 * 1024
"""Bytes; one by an RSA card has about 2,900."""


class Attendance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who took part in what. `answers`: SHA-256 over the canonical answers, hexadecimal."""

    kind: Literal["attendance"] = "attendance"
    transaction: Id
    service: Code
    terminal: Terminal
    card: Card
    answers: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    at: Timestamp


def answers_digest(answers: Mapping[str, str]) -> str:
    """Return what stands for the answers of an act."""
    return digest(canonical(dict(answers)))


def prepare(attendance: Attendance, certificate_der: bytes, at: datetime) -> ToBeSigned | Problem:
    """Prepare it for the staff card's 9A, whose certificate this is."""
    value = msgspec.to_builtins(attendance)
    shape = read_message(value, Attendance)
    return shape if isinstance(shape, Problem) else for_card(ATTENDANCE_TYPE, value, certificate_der, at)


def officer_of(  # noqa: PLR0911 - one line a reason
    carried: str, anchors: Anchors, at: datetime, *, transaction: str, service: str, terminal: str,
    answers: Mapping[str, str], longest_delay: timedelta,
) -> str | Problem:  # fmt: skip
    """Return the card number of the officer who took part in this very act; whether it is revoked is asked elsewhere."""
    judgement = Judgement(
        ATTENDANCE_TYPE, Usage.CARD_AUTHENTICATION, anchors, at, ATTENDANCE_LIMIT,
        when_signed=True, longest_delay=longest_delay,
    )  # fmt: skip
    document = verify(carried.encode("ascii"), judgement)
    if isinstance(document, Problem):
        return document
    attendance = read_message(document.value, Attendance)
    if isinstance(attendance, Problem):
        return attendance
    times = read_times(attendance.at)
    if isinstance(times, Problem):
        return times
    card = card_certificate(document.signer.certificate)
    if isinstance(card, Problem):
        return card
    if card.role is not Role.STAFF or card.number != attendance.card:
        return Problem(ProblemCode.UNTRUSTED, "the attendance was not signed by the staff card it names")
    about = (attendance.transaction, attendance.service, attendance.terminal, attendance.answers)
    if about != (transaction, service, terminal, answers_digest(answers)):
        return Problem(ProblemCode.MISMATCH, "the attendance is about another act")
    return card.number
