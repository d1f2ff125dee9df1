"""The little of a visit that is not in its `Session`: a key, sealed envelopes, open questions.

Rules:
- It lives in the visit process only, and `forget` drops all of it; a forgotten visit answers nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk.wire.question import AnswerKey

if TYPE_CHECKING:
    from kiosk.domain.session.effects import AskByCode


@dataclass(frozen=True, slots=True)
class SealedTransaction:
    """A signed, sealed transaction, waiting to be recorded; or a sealed report, which nobody signs."""

    body: bytes
    sealing_key_id: str
    service: str
    kind: str = "transaction"


@dataclass(slots=True)
class VisitSecrets:
    """What is forgotten when the visit ends."""

    answer_key: AnswerKey = field(default_factory=AnswerKey.generate)
    envelopes: dict[str, SealedTransaction] = field(default_factory=dict)
    questions: dict[str, tuple[str, str]] = field(default_factory=dict)
    holder_name: str = ""
    codes: dict[str, AskByCode] = field(default_factory=dict)
    accesses: dict[str, bytes] = field(default_factory=dict)
    """Access entries on their way into the journal -> the fingerprint of the card that is to open its record then."""

    untold: set[str] = field(default_factory=set)
    """Entries that no page waits for: that a PIN was set."""

    staff_pass: str = ""
    """The back office's word that an officer at the desk takes part in this visit; its acts carry it."""

    number_pass: str = ""
    """The back office's word that number and PIN were shown in this visit; an act that they carry has it inside."""

    def forget(self) -> None:
        """Drop everything; a new key answers nothing that was asked before."""
        self.envelopes.clear()
        self.questions.clear()
        self.codes.clear()
        self.accesses.clear()
        self.holder_name = ""
        self.staff_pass = ""
        self.number_pass = ""
        self.answer_key = AnswerKey.generate()
