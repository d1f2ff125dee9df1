"""acmt.024.001.03, IdentificationVerificationReport: the answer to each question of an acmt.023.

Rules:
- `Vrfctn` is true for a match only; the reason says which of the four answers it is, in the codes of the European Payments
  Council's Verification of Payee scheme: MTCH, CMTC (with the holder's name in `UpdtdPtyAndAcctId`), NMTC, NOAP.
- A report that contradicts itself (true without MTCH, a close match without a name) is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from back_office.partners.iso20022.assignment import LONGEST_NAME, Head, read_message_id, write_head
from back_office.partners.iso20022.documents import BadDocument, begin, clean_text, finish, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from back_office.partners.iso20022.documents import Node

MESSAGE = "acmt.024.001.03"


class Result(Enum):
    """The four answers."""

    MATCH = "MTCH"
    CLOSE_MATCH = "CMTC"
    NO_MATCH = "NMTC"
    NOT_POSSIBLE = "NOAP"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question; `holder_name` only for a close match."""

    id: str
    result: Result
    holder_name: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it was read."""

    message_id: str
    original_message_id: str
    findings: tuple[Finding, ...]


def write(head: Head, original_message_id: str, findings: Sequence[Finding]) -> bytes:
    """Write a report."""
    message = begin(MESSAGE, "IdVrfctnRpt")
    write_head(message, head, from_bank=True)
    message.put("OrgnlAssgnmt/MsgId", original_message_id)
    for finding in findings:
        report = message.add("Rpt")
        report.put("OrgnlId", finding.id)
        report.put("Vrfctn", "true" if finding.result is Result.MATCH else "false")
        report.put("Rsn/Prtry", finding.result.value)
        if finding.result is Result.CLOSE_MATCH:
            report.put("UpdtdPtyAndAcctId/Pty/Nm", clean_text(finding.holder_name, LONGEST_NAME))
    return finish(message, MESSAGE)


def parse(data: bytes) -> Report | BadDocument:
    """Read a report."""
    message = read(data, MESSAGE)
    if isinstance(message, BadDocument):
        return message
    findings = []
    for report in message.all("Rpt"):
        finding = _finding(report)
        if finding is None:
            return BadDocument(1, "a report contradicts itself or gives no known reason")
        findings.append(finding)
    return Report(read_message_id(message), message.text("OrgnlAssgnmt/MsgId"), tuple(findings))


def _finding(report: Node) -> Finding | None:
    reason = report.text("Rsn/Prtry") or report.text("Rsn/Cd")
    verified = report.text("Vrfctn") in {"true", "1"}
    try:
        result = Result(reason or ("MTCH" if verified else "NMTC"))
    except ValueError:
        return None
    name = report.text("UpdtdPtyAndAcctId/Pty/Nm") if result is Result.CLOSE_MATCH else ""
    if verified is not (result is Result.MATCH) or (result is Result.CLOSE_MATCH and not name):
        return None
    return Finding(report.text("OrgnlId"), result, name)
