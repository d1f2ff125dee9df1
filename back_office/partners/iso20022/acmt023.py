"""acmt.023.001.03, IdentificationVerificationRequest: asks whether an account is held by a party.

Rules:
- One message may ask about one account under several names (the present one first, former ones after): one `Vrfctn` each.
- Names are cut to 140 characters (Max140Text); nothing else of a person is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office.partners.iso20022.assignment import (
    LONGEST_NAME,
    Head,
    read_message_id,
    read_sender,
    write_head,
)
from back_office.partners.iso20022.documents import BadDocument, begin, clean_text, finish, read

if TYPE_CHECKING:
    from collections.abc import Sequence

MESSAGE = "acmt.023.001.03"


@dataclass(frozen=True, slots=True)
class Question:
    """One name and one account; `id` comes back in the answer."""

    id: str
    name: str
    iban: str


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was read."""

    message_id: str
    sender: str
    questions: tuple[Question, ...]


def write(head: Head, questions: Sequence[Question]) -> bytes:
    """Write a request."""
    message = begin(MESSAGE, "IdVrfctnReq")
    write_head(message, head)
    for question in questions:
        verification = message.add("Vrfctn")
        verification.put("Id", question.id)
        subject = verification.add("PtyAndAcctId")
        subject.put("Pty/Nm", clean_text(question.name, LONGEST_NAME))
        subject.put("Acct/Id/IBAN", question.iban)
    return finish(message, MESSAGE)


def parse(data: bytes) -> Request | BadDocument:
    """Read a request; one that names no party or no IBAN is refused, for there is nothing to compare."""
    message = read(data, MESSAGE)
    if isinstance(message, BadDocument):
        return message
    questions = tuple(
        Question(item.text("Id"), item.text("PtyAndAcctId/Pty/Nm"), item.text("PtyAndAcctId/Acct/Id/IBAN"))
        for item in message.all("Vrfctn")
    )
    if not all(question.name and question.iban for question in questions):
        return BadDocument(1, "a question needs a name and an IBAN")
    return Request(read_message_id(message), read_sender(message), questions)
