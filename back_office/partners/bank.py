"""Client of the bank partner: asks who holds an account (acmt.023 / acmt.024) and advises of new ones (acmt.022).

Rules:
- One message id a key: what is sent twice is the same message, and the bank acts once.
- The present name and the former names are asked in one message; a match of any is a match, else the best answer counts.
- Only a complete, valid report that answers this very request is an answer; anything else is `Unavailable`.
- A `detail` carries codes and line numbers, never a name or an account.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from back_office.partners.iso20022 import acmt022, acmt023, acmt024
from back_office.partners.iso20022.acmt024 import Result
from back_office.partners.iso20022.assignment import Head
from back_office.partners.iso20022.documents import BadDocument
from back_office.partners.spool import message_id
from back_office.ports import Delivered, Rejected, Unavailable, Verification

if TYPE_CHECKING:
    from back_office.partners.iso20022.acmt024 import Report
    from back_office.partners.transport import HttpTransport
    from back_office.ports import AccountMatch, AccountNotice, AccountQuestion
    from kiosk.system import Clock

XML = "application/xml; charset=utf-8"
AGENCY = "Social security administration"
BANK = "Clearing bank"
MOST_FORMER_NAMES = 10
OK = 200
_REFUSED = frozenset({400, 409, 413, 422})
"""The bank will never take this message; any other status is a fault that may pass or be mended.

A question that it will never answer is not possible to verify: nobody vouches for the account, and the desk decides.
"""

_OUTCOMES: dict[Result, AccountMatch] = {
    Result.MATCH: "match",
    Result.CLOSE_MATCH: "close_match",
    Result.NO_MATCH: "no_match",
    Result.NOT_POSSIBLE: "not_possible",
}
_BEST_FIRST = (Result.MATCH, Result.CLOSE_MATCH, Result.NO_MATCH, Result.NOT_POSSIBLE)


class BankClient:
    """Implements `back_office.ports.BankPort`; `sender` is the agency's name in the messages."""

    def __init__(self, transport: HttpTransport, clock: Clock, *, sender: str = AGENCY) -> None:
        self._transport = transport
        self._clock = clock
        self._sender = sender

    def verify_account(self, question: AccountQuestion, *, timeout_seconds: float) -> Verification | Unavailable:
        """Ask whether the account is the person's, under any name the person has or had."""
        names = (question.name, *question.former_names[:MOST_FORMER_NAMES])
        questions = [acmt023.Question(str(n), name, question.iban) for n, name in enumerate(names, 1)]
        head = self._head(question.key)
        body = acmt023.write(head, questions)
        reply = self._transport.post("/acmt023", body, XML, timeout_seconds=timeout_seconds)
        if isinstance(reply, Unavailable):
            return reply
        if reply.status in _REFUSED:
            return Verification("not_possible")
        if reply.status != OK:
            return Unavailable(f"the bank answered {reply.status}")
        report = acmt024.parse(reply.body)
        if isinstance(report, BadDocument):
            return Unavailable(f"the bank's report cannot be used: {report}")
        return _conclude(report, head.message_id, questions)

    def announce_account(self, notice: AccountNotice, *, timeout_seconds: float) -> Delivered | Unavailable | Rejected:
        """Advise the bank that payments to this person go to the new account from a day on."""
        modification = acmt022.Modification(
            notice.name, notice.iban, notice.old_iban, date.fromisoformat(notice.valid_from)
        )
        head = self._head(notice.key)
        body = acmt022.write(head, modification)
        reply = self._transport.post("/account-notices", body, XML, timeout_seconds=timeout_seconds)
        if isinstance(reply, Unavailable):
            return reply
        if OK <= reply.status < 300:  # noqa: PLR2004 - RFC 9110 15.3: 2xx is success
            return Delivered(head.message_id)
        detail = f"the bank answered {reply.status}"
        return Rejected(detail) if reply.status in _REFUSED else Unavailable(detail)

    def _head(self, key: str) -> Head:
        return Head(message_id(key), self._clock.now(), self._sender, BANK)


def _conclude(report: Report, asked: str, questions: list[acmt023.Question]) -> Verification | Unavailable:
    if report.original_message_id != asked:
        return Unavailable("the bank's report answers another request")
    found = {finding.id: finding for finding in report.findings}
    if len(found) != len(report.findings) or found.keys() != {question.id for question in questions}:
        return Unavailable("the bank's report does not answer each question once")
    best = min(report.findings, key=lambda finding: _BEST_FIRST.index(finding.result))
    return Verification(_OUTCOMES[best.result], best.holder_name)
