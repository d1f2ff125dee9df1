"""The head that the account messages have in common: who sends what to whom, and when (IdentificationAssignment3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office.partners.iso20022.documents import clean_text, date_time

if TYPE_CHECKING:
    from datetime import datetime

    from back_office.partners.iso20022.documents import Draft, Node

LONGEST_NAME = 140


@dataclass(frozen=True, slots=True)
class Head:
    """A message's id (Max35Text), time and the names of both ends; the sender is the same whenever it is sent again."""

    message_id: str
    created_at: datetime
    sender: str
    receiver: str


def write_head(message: Draft, head: Head, *, from_bank: bool = False) -> None:
    """Write `Assgnmt`: the agency is a party, the bank an agent."""
    assignment = message.add("Assgnmt")
    assignment.put("MsgId", head.message_id)
    assignment.put("CreDtTm", date_time(head.created_at))
    party, agent = "Pty/Nm", "Agt/FinInstnId/Nm"
    assignment.put(f"Assgnr/{agent if from_bank else party}", clean_text(head.sender, LONGEST_NAME))
    assignment.put(f"Assgne/{party if from_bank else agent}", clean_text(head.receiver, LONGEST_NAME))


def read_message_id(message: Node) -> str:
    """Return the message id of a valid message."""
    return message.text("Assgnmt/MsgId")


def read_sender(message: Node) -> str:
    """Return the sender's name, empty where it names itself otherwise."""
    return message.text("Assgnmt/Assgnr/Pty/Nm") or message.text("Assgnmt/Assgnr/Agt/FinInstnId/Nm")
