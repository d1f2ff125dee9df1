"""acmt.022.001.03, IdentificationModificationAdvice: from a day on, this party is paid to that account.

Rules:
- `OrgnlPtyAndAcctId` is the account that is no longer paid, `UpdtdPtyAndAcctId` the one that is.
- The message has no field for a date: `AddtlInf` carries "VALID FROM YYYY-MM-DD", and nothing else is accepted there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from back_office.partners.iso20022.assignment import (
    LONGEST_NAME,
    Head,
    read_message_id,
    read_sender,
    write_head,
)
from back_office.partners.iso20022.documents import BadDocument, begin, clean_text, finish, read

MESSAGE = "acmt.022.001.03"
_VALID_FROM = re.compile(r"VALID FROM ([0-9]{4}-[0-9]{2}-[0-9]{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Modification:
    """One person's new account; `old_iban` is empty when there was none."""

    name: str
    iban: str
    old_iban: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class Advice:
    """An advice as it was read."""

    message_id: str
    sender: str
    modifications: tuple[Modification, ...]


def write(head: Head, modification: Modification) -> bytes:
    """Write an advice about one person."""
    message = begin(MESSAGE, "IdModAdvc")
    write_head(message, head)
    change = message.add("Mod")
    change.put("Id", head.message_id)
    sides = [("UpdtdPtyAndAcctId", modification.iban)]
    if modification.old_iban:
        sides.insert(0, ("OrgnlPtyAndAcctId", modification.old_iban))
    for name, iban in sides:
        side = change.add(name)
        side.put("Pty/Nm", clean_text(modification.name, LONGEST_NAME))
        side.put("Acct/Id/IBAN", iban)
    change.put("AddtlInf", f"VALID FROM {modification.valid_from.isoformat()}")
    return finish(message, MESSAGE)


def parse(data: bytes) -> Advice | BadDocument:
    """Read an advice."""
    message = read(data, MESSAGE)
    if isinstance(message, BadDocument):
        return message
    modifications = []
    for item in message.all("Mod"):
        name, iban = item.text("UpdtdPtyAndAcctId/Pty/Nm"), item.text("UpdtdPtyAndAcctId/Acct/Id/IBAN")
        day = _valid_from(item.text("AddtlInf"))
        if not name or not iban or day is None:
            return BadDocument(1, "a modification needs a name, an IBAN and VALID FROM YYYY-MM-DD")
        modifications.append(Modification(name, iban, item.text("OrgnlPtyAndAcctId/Acct/Id/IBAN"), day))
    return Advice(read_message_id(message), read_sender(message), tuple(modifications))


def _valid_from(text: str) -> date | None:
    found = _VALID_FROM.fullmatch(text)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
