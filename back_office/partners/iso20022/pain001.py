"""pain.001.001.09, CustomerCreditTransferInitiation: a payment file for the agency's bank.

Rules:
- Amounts are decimal numbers in the currency's own scale; number of transfers and control sum stand at the file and at the
  instruction, and a file whose sums do not agree with its transfers is not read.
- Every transfer has its own end-to-end id; the same one twice is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from back_office.partners.iso20022.assignment import LONGEST_NAME
from back_office.partners.iso20022.documents import (
    FILE_LIMIT_BYTES,
    BadDocument,
    begin,
    clean_text,
    date_time,
    finish,
    read,
)

if TYPE_CHECKING:
    from datetime import datetime

MESSAGE = "pain.001.001.09"
PENSION = "PENS"
"""ISO 20022 external purpose code: the payment of a pension."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays, from which account, at which bank (BIC)."""

    name: str
    iban: str
    bic: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment to one person."""

    end_to_end_id: str
    name: str
    iban: str
    amount: Decimal
    currency: str
    remark: str


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A whole file; `pay_on` is the requested execution date."""

    message_id: str
    created_at: datetime
    pay_on: date
    payer: Payer
    transfers: tuple[Transfer, ...]

    @property
    def total(self) -> Decimal:
        """The control sum."""
        return sum((transfer.amount for transfer in self.transfers), Decimal(0))


def write(file: PaymentFile) -> bytes:
    """Write a file with at least one transfer."""
    count, total = str(len(file.transfers)), f"{file.total:f}"
    message = begin(MESSAGE, "CstmrCdtTrfInitn")
    header = message.add("GrpHdr")
    header.put("MsgId", file.message_id)
    header.put("CreDtTm", date_time(file.created_at))
    header.put("NbOfTxs", count)
    header.put("CtrlSum", total)
    header.put("InitgPty/Nm", clean_text(file.payer.name, LONGEST_NAME))
    instruction = message.add("PmtInf")
    instruction.put("PmtInfId", f"{file.message_id}-1")
    instruction.put("PmtMtd", "TRF")
    instruction.put("BtchBookg", "true")
    instruction.put("NbOfTxs", count)
    instruction.put("CtrlSum", total)
    instruction.put("PmtTpInf/CtgyPurp/Cd", PENSION)
    instruction.put("ReqdExctnDt/Dt", file.pay_on.isoformat())
    instruction.put("Dbtr/Nm", clean_text(file.payer.name, LONGEST_NAME))
    instruction.put("DbtrAcct/Id/IBAN", file.payer.iban)
    instruction.put("DbtrAgt/FinInstnId/BICFI", file.payer.bic)
    instruction.put("ChrgBr", "SLEV")
    for transfer in file.transfers:
        item = instruction.add("CdtTrfTxInf")
        item.put("PmtId/EndToEndId", transfer.end_to_end_id)
        item.put("Amt/InstdAmt", f"{transfer.amount:f}", Ccy=transfer.currency)
        item.put("Cdtr/Nm", clean_text(transfer.name, LONGEST_NAME))
        item.put("CdtrAcct/Id/IBAN", transfer.iban)
        item.put("Purp/Cd", PENSION)
        item.put("RmtInf/Ustrd", clean_text(transfer.remark, LONGEST_NAME))
    return finish(message, MESSAGE)


@dataclass(frozen=True, slots=True)
class ReadTransfer:
    """What a file pays, as it was read."""

    end_to_end_id: str
    iban: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as it was read: its sums agree."""

    message_id: str
    pay_on: date
    transfers: tuple[ReadTransfer, ...]
    total: Decimal


def parse(data: bytes) -> ReadFile | BadDocument:
    """Read a file and check that count, control sum and ids agree with the transfers."""
    message = read(data, MESSAGE, limit_bytes=FILE_LIMIT_BYTES)
    if isinstance(message, BadDocument):
        return message
    transfers: list[ReadTransfer] = []
    for instruction in message.all("PmtInf"):
        items = [
            ReadTransfer(
                item.text("PmtId/EndToEndId"),
                item.text("CdtrAcct/Id/IBAN"),
                Decimal(item.text("Amt/InstdAmt")),
                item.attribute("Amt/InstdAmt", "Ccy"),
            )
            for item in instruction.all("CdtTrfTxInf")
        ]
        if not _agrees(instruction.text("NbOfTxs"), instruction.text("CtrlSum"), items):
            return BadDocument(1, "the instruction's number of transfers or control sum is wrong")
        transfers += items
    if not _agrees(message.text("GrpHdr/NbOfTxs"), message.text("GrpHdr/CtrlSum"), transfers):
        return BadDocument(1, "the file's number of transfers or control sum is wrong")
    if len({transfer.end_to_end_id for transfer in transfers}) != len(transfers):
        return BadDocument(1, "an end-to-end id stands there twice")
    try:
        day = date.fromisoformat(message.text("PmtInf/ReqdExctnDt/Dt"))
    except ValueError:
        return BadDocument(1, "there is no execution date")
    total = sum((transfer.amount for transfer in transfers), Decimal(0))
    return ReadFile(message.text("GrpHdr/MsgId"), day, tuple(transfers), total)


def _agrees(count: str, total: str, transfers: list[ReadTransfer]) -> bool:
    """Compare what is said with what is there; what an instruction leaves out is not said."""
    said = Decimal(total) if total else None
    there = sum((transfer.amount for transfer in transfers), Decimal(0))
    return (not count or int(count) == len(transfers)) and (said is None or said == there)
