"""The bank partner: answers who holds an account from its own customer list, and takes the advice of new accounts.

Rules:
- It knows nothing of the back office: its list, its files and its port are its own.
- An account or a house that it cannot check is NOAP (not possible), never a match.
- A message id means one message: asked again the same is answered again, another content under it is refused.
- Every message is kept in messages/in and messages/out before it is answered.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from back_office.partners import spool
from back_office.partners.customers import CustomerFile
from back_office.partners.http_server import Answer, problem
from back_office.partners.iso20022 import acmt022, acmt023, acmt024
from back_office.partners.iso20022.acmt024 import Finding, Result
from back_office.partners.iso20022.assignment import Head
from back_office.partners.iso20022.documents import BadDocument
from back_office.partners.names import Likeness, best
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from back_office.partners.customers import CustomerList
    from kiosk.system import Clock, Ids

FOLDER = "bank"
ACCOUNTS = "bank/accounts.json"
NAME = "Clearing bank"
XML = "application/xml; charset=utf-8"
_RESULTS = {Likeness.SAME: Result.MATCH, Likeness.CLOSE: Result.CLOSE_MATCH, Likeness.DIFFERENT: Result.NO_MATCH}


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """One advice of a new account as the bank keeps it."""

    message_id: str
    received_at: str
    sender: str
    name: str
    iban: str
    old_iban: str
    valid_from: str


class Bank:
    """One bank with its folder STATE/bank."""

    def __init__(self, state: Path, clock: Clock, ids: Ids) -> None:
        self._in = state / FOLDER / "messages" / "in"
        self._out = state / FOLDER / "messages" / "out"
        self._accounts = state / ACCOUNTS
        self._customers = CustomerFile(state)
        self._clock = clock
        self._ids = ids
        self._lock = threading.Lock()
        self._customers.current()

    def handlers(self) -> Mapping[str, Callable[[bytes], Answer]]:
        """Return what it answers, by path."""
        return {"/acmt023": self.verify, "/account-notices": self.take_advice}

    def verify(self, body: bytes) -> Answer:
        """Answer an acmt.023 with an acmt.024."""
        request = acmt023.parse(body)
        if isinstance(request, BadDocument):
            return _bad(request)
        name = f"{spool.file_name(request.message_id)}.{acmt023.MESSAGE}.xml"
        with self._lock:
            try:
                if spool.keep(self._in / name, body, lambda kept: acmt023.parse(kept) == request) is spool.Kept.OTHER:
                    return _other_content()
                report = self._report(request)
            except (OSError, EnvironmentFault) as error:
                return _unable(error)
        return Answer(200, XML, report)

    def _report(self, request: acmt023.Request) -> bytes:
        """Return the report given before, or make and keep one."""
        path = self._out / f"{spool.file_name(request.message_id)}.{acmt024.MESSAGE}.xml"
        if path.exists():
            return path.read_bytes()
        known = self._customers.current()
        findings = [_compare(known, question) for question in request.questions]
        head = Head(self._ids.new().replace("-", ""), self._clock.now(), NAME, request.sender or "agency")
        report = acmt024.write(head, request.message_id, findings)
        spool.keep(path, report)
        return report

    def take_advice(self, body: bytes) -> Answer:
        """Take an acmt.022: from its day on, these persons are paid to these accounts."""
        advice = acmt022.parse(body)
        if isinstance(advice, BadDocument):
            return _bad(advice)
        name = f"{spool.file_name(advice.message_id)}.{acmt022.MESSAGE}.xml"
        with self._lock:
            try:
                if spool.keep(self._in / name, body, lambda kept: acmt022.parse(kept) == advice) is spool.Kept.OTHER:
                    return _other_content()
                self._enter(advice)
            except (OSError, EnvironmentFault) as error:
                return _unable(error)
        return Answer(
            200, "application/json", json.dumps({"message_id": advice.message_id, "status": "taken"}).encode()
        )

    def _enter(self, advice: acmt022.Advice) -> None:
        notices = read_accounts(self._accounts)
        if any(notice["message_id"] == advice.message_id for notice in notices):
            return
        at = self._clock.now().isoformat(timespec="seconds")
        new = [
            KnownAccount(
                advice.message_id, at, advice.sender, one.name, one.iban, one.old_iban, one.valid_from.isoformat()
            )
            for one in advice.modifications
        ]
        document = {"format": 1, "notices": [*notices, *map(asdict, new)]}
        spool.replace(self._accounts, json.dumps(document, ensure_ascii=False, indent=1).encode())


def read_accounts(path: Path) -> list[dict[str, Any]]:
    """Read the advices taken so far, oldest first. Raises EnvironmentFault for a file that is none."""
    try:
        notices = json.loads(path.read_bytes())["notices"]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EnvironmentFault(f"{path} cannot be read ({error}).", "Restore it, or move it away.") from error
    return list(notices)


def _compare(known: CustomerList, question: acmt023.Question) -> Finding:
    iban = question.iban.upper()
    house, account = known.house_of(iban), known.accounts.get(iban)
    if house is None or not house.answers or account is None or account.closed:
        return Finding(question.id, Result.NOT_POSSIBLE)
    result = _RESULTS[best(question.name, (account.name, *account.former_names))]
    return Finding(question.id, result, account.name if result is Result.CLOSE_MATCH else "")


def _bad(document: BadDocument) -> Answer:
    return problem(400, "message_invalid", f"The message cannot be read, {document}.", "Send it as its schema says.")


def _other_content() -> Answer:
    return problem(409, "message_id_used", "This message id came with another content.", "Use a new message id.")


def _unable(error: Exception) -> Answer:
    return problem(503, "not_now", f"The bank cannot work on it now ({type(error).__name__}).", "Send it again later.")
