"""An officer at the desk takes part in a visit that called for staff: a short code, typed at the terminal, good once.

Rules:
- A code belongs to officer, office, terminal and call; the call's number is on the visit's screen. It holds for minutes.
- Only an officer whose own staff card is known can take part: acts name that card, and the card's being revoked ends it.
- Wrong codes are counted by terminal, with all others typed there; enough of them close code entry at that terminal.
- What the visit gets is signed, and bound to its key (`kiosk.wire.visit_pass`): acts carry it, and nobody else can use it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from back_office import audit
from back_office.repository import attended, changes, desk, moment, people, staff_codes, timestamp
from back_office.repository.staff_codes import StaffCode
from kiosk.domain.audit import Actor
from kiosk.domain.card import Role
from kiosk.domain.lockout import closed_until
from kiosk.wire.keys import thumbprint
from kiosk.wire.timestamps import timestamp as wire_time
from kiosk.wire.visit_pass import StaffPass, write_pass

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.desk import Officer
    from back_office.repository.terminals import Terminal
    from kiosk.wire.question import Question

KIND = "staff_code"
"""The kind of the visit's question."""
DIGITS = 6
LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NotGiven:
    """Why there is no code, and what to do."""

    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Given:
    """A code, to be told to whoever is at the terminal."""

    code: str
    terminal: str


def give(work: Work, officer: Officer, call: int) -> Given | NotGiven:
    """Give an officer a code for an open call of the own office."""
    found = next((one for one in desk.open_calls(work.db, officer.office) if one.number == call), None)
    if found is None:
        return NotGiven(f"There is no open call {call} in your office.", "Look at the list again.")
    if not _right(work, officer):
        return NotGiven(
            "Your staff card is not known here, or it is revoked.", "Have it entered: guichet desk officer-card."
        )
    code = work.it.ids.digits(DIGITS)
    ends = timestamp(work.at + LIFETIME)
    digest = _digest(work, found.terminal, call, code)
    staff_codes.put(work.db, StaffCode(call, found.terminal, officer.id, digest, ends, None))
    _note(work, officer, "staff.code_given", found.terminal, call)
    return Given(code, found.terminal)


def check(work: Work, terminal: Terminal, question: Question) -> dict[str, str]:
    """Answer a visit that was told a code: who takes part, and the pass; or that the code is none."""
    throttle = work.it.scheme.code_entry
    since = timestamp(work.at - throttle.window - throttle.closed_for)
    failures = [moment(time) for time in changes.code_failures(work.db, terminal.id, since)]
    if closed_until(failures, work.at, throttle) is not None:
        return {"outcome": "too_many"}
    typed = question.parameters.get("call", "")
    call = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0  # noqa: PLR2004
    digest = _digest(work, terminal.id, call, question.parameters.get("code", ""))
    name = staff_codes.use(work.db, call=call, terminal=terminal.id, digest=digest, at=work.time)
    officer = desk.officer(work.db, name) if name else None
    if officer is None or officer.office != terminal.office or not (card := _right(work, officer)):
        changes.add_code_failure(work.db, terminal.id, work.time)
        actor = Actor("terminal", terminal.id, terminal.office)
        audit.record(work.db, work.at, actor, "code.wrong", terminal.id, purpose=KIND)
        return {"outcome": "wrong"}
    desk.answer_call(work.db, call, by=officer.id, at=work.time)
    _note(work, officer, "staff.joined_by_code", terminal.id, call)
    staff = StaffPass(
        terminal=terminal.id, visit=thumbprint(question.answer_key), card=card, at=wire_time(work.at)
    )
    signed = write_pass(staff, work.it.keyring.keys().signer, work.at)
    return {"outcome": "joined", "name": officer.name, "card": card, "pass": signed}


def _right(work: Work, officer: Officer) -> str:
    """Return the officer's own staff card while it is good; "" means that the officer cannot take part."""
    number = attended.officer_card(work.db, officer.id)
    card = people.card(work.db, number) if number else None
    good = card is not None and card.role == Role.STAFF.value and card.revoked_at is None
    return number if good else ""


def _digest(work: Work, terminal: str, call: int, code: str) -> str:
    typed = "".join(code.split())
    message = f"staff code {terminal} {call} {typed}".encode()
    return hmac.new(work.it.keyring.code_key(), message, hashlib.sha256).hexdigest()


def _note(work: Work, officer: Officer, action: str, terminal: str, call: int) -> None:
    actor = Actor("officer", officer.id, officer.office)
    details = {"terminal": terminal}
    audit.record(work.db, work.at, actor, action, f"call {call}", purpose="staff", details=details)
