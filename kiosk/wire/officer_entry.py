"""What an officer entered for somebody who showed no card: the envelope of a transaction, signed by the back office.

    OfficerEntry --canonical JSON--> back office's signing key --> JWS --seal--> JWE --> inbox, kind "desk"

Rules:
- It names the officer, the way it came, what was seen and on which day. No card signed it, and it names none.
- The back office's signature says that this officer was signed in at the desk; whether another one must approve it, and
  whether the service allows it at all, is judged where it is decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from kiosk.wire.envelope import TRANSACTION_LIMIT, Transaction
from kiosk.wire.fields import Code, NoCard, read_message, read_times
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import Judgement, Signer, sign, verify
from kiosk.wire.trust import Anchors, Usage

if TYPE_CHECKING:
    from datetime import datetime

KIND = "desk"
"""The kind of the inbox's entry."""
TYPE = "guichet-desk+jws"

Day = Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]


class OfficerEntry(Transaction, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request as an officer entered it. `person` "" where nobody has to show who they are.

    `document`: what was seen (kiosk.domain.by_officer), on the day `seen_on`.
    """

    card: NoCard = ""
    channel: Literal["desk", "telephone"]
    officer: Code
    document: Code
    seen_on: Day


def sign_entry(entry: OfficerEntry, signer: Signer, at: datetime) -> bytes | Problem:
    """Sign an entry with the back office's key; a `Problem` when a field breaks its shape."""
    value = msgspec.to_builtins(entry)
    shape = read_message(value, OfficerEntry)
    return shape if isinstance(shape, Problem) else sign(TYPE, value, signer, at)


def read_entry(
    jws: bytes, anchors: Anchors, at: datetime, *, expected_id: str, expected_terminal: str
) -> OfficerEntry | Problem:
    """Verify an entry against what stood outside its envelope; it stays what it was however late it is decided."""
    judgement = Judgement(TYPE, Usage.BACK_OFFICE_SIGNING, anchors, at, TRANSACTION_LIMIT, when_signed=True)
    document = verify(jws, judgement)
    if isinstance(document, Problem):
        return document
    entry = read_message(document.value, OfficerEntry)
    if isinstance(entry, Problem):
        return entry
    if (entry.id, entry.terminal) != (expected_id, expected_terminal):
        return Problem(ProblemCode.MISMATCH, "inner and outer id or place differ")
    if entry.card:
        return Problem(ProblemCode.MISMATCH, "an officer's entry names a card")
    times = read_times(entry.started_at, entry.signed_at)
    return times if isinstance(times, Problem) else entry
