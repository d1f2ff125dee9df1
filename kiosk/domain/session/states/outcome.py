"""What an act has come to: the steps a person watches, the journal's answer, the back office's word, the paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.content import Content


class Step(Enum):
    """What the person watches after signing, in order."""

    SIGNED = "signed"
    SAVED = "saved"
    SENT = "sent"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The journal's answer: durable, under this sequence number and reference."""

    transaction_id: str
    seq: int
    epoch: int
    reference: str
    recorded_at: str
    statement: str


@dataclass(frozen=True, slots=True)
class DocumentPaper:
    """What is printed on A4. Without a code it says that it cannot be verified yet, and under which reference to ask."""

    content: Content
    code: str = ""
    valid_until: str = ""
    address: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The back office's word on a transaction, opened by the visit's own key."""

    decision: str
    reason_key: str = ""
    reason_parameters: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    account_verification: str = ""
    first_payment_on: str = ""
    holder_name: str = ""
    effective_on: str = ""
    paper: DocumentPaper | None = None


class Printing(Enum):
    """Where the paper stands."""

    WAITING = "waiting"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"
