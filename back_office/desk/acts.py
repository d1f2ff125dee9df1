"""What an officer decides about a case: one act, one reason, one transaction.

Rules:
- The domain's firewall judges every act on a bank change; the desk adds no way around it, and two officers are two officers.
- An officer acts in the own office only, on what they saw: a stale page changes nothing.
- Every act has a reason, and leaves an audit line whether it was taken or not.
- Refusing, holding and upholding a dispute go in the safe direction and take one officer.
- What was set aside or is in conflict is accepted or refused (`examined`); accepted it still meets the firewall.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, assert_never

from back_office import audit, firewall, staff_codes
from back_office.desk import examined, queues, wording
from back_office.repository import changes, desk, inbox
from kiosk.domain.audit import Actor
from kiosk.domain.bank_change import PENDING, Change, Refusal, RefusalCode, State, events

if TYPE_CHECKING:
    from datetime import datetime

    from back_office.desk.examined import Item
    from back_office.installation import Installation, Work
    from back_office.repository.changes import ChangeRow
    from back_office.repository.desk import DeskCase, Officer

LONGEST_REASON = 500
LONGEST_DOCUMENT = 200


class Act(Enum):
    """What an officer can do; the values are the words of the command line."""

    APPROVE = "approve"
    REFUSE = "refuse"
    BANK_PROOF = "bank-proof"
    HOLD = "hold"
    UPHOLD = "uphold"
    DISMISS = "dismiss"
    ACCEPT = "accept"
    RETRY = "retry"
    CLOSE = "close"


OF_A_CASE = frozenset({Act.ACCEPT, Act.RETRY, Act.CLOSE})
"""Acts that settle a case without touching a bank change."""
FOR_ANOTHER = frozenset({Act.APPROVE, Act.DISMISS, Act.ACCEPT})
"""Acts that an officer cannot take who had a hand in it before."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One act; `document` describes the bank's paper (bank proof only), `revision` is what the officer saw (None: whatever is)."""

    act: Act
    reason: str
    document: str = ""
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """It happened; `stage` is where the change stands now, in words, empty where there is none."""

    said: str
    stage: str = ""


@dataclass(frozen=True, slots=True)
class NotDone:
    """Nothing happened: why, and what to do."""

    why: str
    remedy: str


def possible(file: queues.CaseFile) -> tuple[Act, ...]:
    """Say which acts make sense for a case, the likely one first."""
    if file.item is not None:
        return _possible(file.kind, file.item)
    if file.state is State.HELD:
        approve = (Act.BANK_PROOF, Act.APPROVE) if file.proof_needed else (Act.APPROVE,)
        return (*approve, Act.REFUSE)
    if file.state is State.DISPUTED:
        return (Act.UPHOLD, Act.DISMISS)
    settle: tuple[Act, ...] = ()
    if file.number is not None and not file.closed:
        settle = (Act.CLOSE,)
    return (*settle, Act.HOLD, Act.REFUSE) if file.state in PENDING else settle


def _possible(kind: str, item: Item) -> tuple[Act, ...]:
    accept = (Act.ACCEPT,) if item.officers else ()
    retry = (Act.RETRY,) if item.can_retry else ()
    refuse = (Act.REFUSE,) if item.is_entry else ()
    return (*accept, *retry, *refuse, *((Act.CLOSE,) if kind == "quarantine" else ()))


def decide(it: Installation, officer: Officer, identifier: str, decision: Decision) -> Done | NotDone:
    """Let an officer act on a case (by number) or a change (by id or reference)."""
    wrong = _unfit(decision)
    if wrong is not None:
        return wrong
    with it.work() as work:
        case, subject = queues.find(work.db, identifier)
        change = changes.change(work.db, subject) if subject else None
        owner = case or change
        if owner is None or owner.office != officer.office:
            return NotDone("There is no such case in your office.", "Look at the list: guichet desk list.")
        if case is not None and case.kind in examined.KINDS and decision.act in {Act.ACCEPT, Act.REFUSE}:
            return _examined(work, officer, case, decision)
        if decision.act in OF_A_CASE:
            return _settle(work, officer, case, decision)
        if change is None:
            return NotDone("This case is not about a bank change.", "Close it, or try it again.")
        return _move(work, officer, change, decision)


def answer_call(it: Installation, officer: Officer, number: int) -> Done | NotDone:
    """Note that an officer goes to the terminal that called."""
    with it.work() as work:
        calls = {call.number: call for call in desk.open_calls(work.db, officer.office)}
        call = calls.get(number)
        if call is None or not desk.answer_call(work.db, number, by=officer.id, at=work.time):
            return NotDone(f"There is no open call {number} in your office.", "Look at the list again.")
        _note(work, officer, "desk.call.answered", f"call {number}", {"terminal": call.terminal, "step": call.step})
    return Done(f"You go to terminal {call.terminal}.")


def help_from_desk(it: Installation, officer: Officer, number: int) -> Done | NotDone:
    """Give the officer a code, with which they take part in the visit that called, without going there."""
    with it.work() as work:
        given = staff_codes.give(work, officer, number)
    if isinstance(given, staff_codes.NotGiven):
        return NotDone(given.why, given.remedy)
    minutes = int(staff_codes.LIFETIME.total_seconds()) // 60
    return Done(
        f"Code {given.code[:3]} {given.code[3:]} for terminal {given.terminal}, call {number}. It is good once, for "
        f"{minutes} minutes. Tell it to the person whose screen shows that number."
    )


def _unfit(decision: Decision) -> NotDone | None:
    if not decision.reason.strip():
        return NotDone("A reason is missing.", "Write why; it is kept in the log.")
    if len(decision.reason) > LONGEST_REASON or len(decision.document) > LONGEST_DOCUMENT:
        return NotDone(
            "That is too long.", f"Use at most {LONGEST_REASON} characters ({LONGEST_DOCUMENT} for the paper)."
        )
    if decision.act is Act.BANK_PROOF and not decision.document.strip():
        return NotDone("The bank's paper is not described.", "Write which paper of which bank you saw, and its date.")
    return None


def _examined(work: Work, officer: Officer, case: DeskCase, decision: Decision) -> Done | NotDone:
    """Accept or refuse what was set aside or is in conflict."""
    if case.closed_at is not None:
        return NotDone("There is no open case.", "Look at the list again.")
    if decision.revision is not None and decision.revision != case.revision:
        return _stale()
    reason = decision.reason.strip()
    if decision.act is Act.REFUSE:
        said, outcome = "It is refused; where it is known whose it is, the person is told.", "refused"
        done = examined.refuse(work, officer.id, case, reason)
    else:
        accepted = examined.accept(work, officer.id, case)
        said, outcome, done = accepted or "", "accepted", accepted is not None
    if not done:
        _note(work, officer, f"desk.case.{decision.act.value}.refused", case.subject, {"kind": case.kind})
        return _cannot(officer, case)
    _note(work, officer, f"desk.case.{decision.act.value}", case.subject, {"kind": case.kind, "outcome": outcome})
    now = desk.case(work.db, case.n)
    if now is not None and now.first_officer == officer.id:
        return Done(said)
    desk.close_case(
        work.db, case.n, revision=case.revision, by=officer.id, outcome=outcome, remark=reason, at=work.time
    )
    examined.reopen_for_the_rest(work, case)
    return Done(said)


def _cannot(officer: Officer, case: DeskCase) -> NotDone:
    if case.first_officer == officer.id:
        return NotDone(*wording.REFUSALS[RefusalCode.SAME_OFFICER])
    return NotDone(
        "This cannot be accepted: nothing proves it, or its number is taken by what was decided.",
        "Refuse it, or have it decided again once the cause is mended.",
    )


def _settle(work: Work, officer: Officer, case: DeskCase | None, decision: Decision) -> Done | NotDone:
    """Close a case that needs no step of a change, or have a set-aside item decided again."""
    if case is None or case.closed_at is not None:
        return NotDone("There is no open case.", "Look at the list again.")
    change = changes.change(work.db, case.subject)
    if case.kind == "conflict":
        return NotDone("A conflict is decided, not closed.", "Accept it as it is, or refuse it.")
    if change is not None and case.kind in {"held_change", "dispute"}:
        return NotDone("This case is settled by deciding on the change.", "Approve, refuse, uphold or dismiss.")
    if decision.act is Act.RETRY and case.kind != "quarantine":
        return NotDone("Only what was set aside can be tried again.", "Close the case.")
    seen = case.revision if decision.revision is None or change is not None else decision.revision
    outcome = "tried again" if decision.act is Act.RETRY else "closed"
    if not desk.close_case(
        work.db, case.n, revision=seen, by=officer.id, outcome=outcome, remark=decision.reason.strip(), at=work.time
    ):
        return _stale()
    if decision.act is Act.RETRY:
        inbox.set_status(work.db, case.subject, "received")
    _note(work, officer, f"desk.case.{decision.act.value}", case.subject, {"kind": case.kind, "outcome": outcome})
    return Done("It is being decided again." if decision.act is Act.RETRY else "The case is closed.")


def _move(work: Work, officer: Officer, change: ChangeRow, decision: Decision) -> Done | NotDone:
    """Let the firewall judge an act on a change."""
    outcome = firewall.happen(
        work,
        change.id,
        _event(decision, officer, work.at),
        actor=Actor("officer", officer.id, officer.office),
        purpose=f"desk: {decision.act.value}",
        reason=decision.reason.strip(),
        revision=decision.revision,
    )
    match outcome:
        case Change():
            return Done(_said(decision, outcome), wording.STATES[outcome.state])
        case Refusal(code):
            why, remedy = wording.REFUSALS.get(
                code, (f"The rules refuse it ({code.value}).", "Look at the case again.")
            )
            return NotDone(why, remedy)
        case firewall.Stale():
            return _stale()
        case firewall.Unknown():
            return NotDone("There is no such change.", "Look at the list again.")
        case _:
            assert_never(outcome)


def _event(decision: Decision, officer: Officer, at: datetime) -> events.Event:
    reason = decision.reason.strip()
    match decision.act:
        case Act.APPROVE:
            return events.OfficerApproved(at, officer.id, reason)
        case Act.REFUSE:
            return events.OfficerRefused(at, officer.id, reason)
        case Act.BANK_PROOF:
            return events.BankProofShown(at, officer.id, decision.document.strip())
        case Act.HOLD:
            return events.HoldPlaced(at, officer.id, reason)
        case Act.UPHOLD:
            return events.DisputeUpheld(at, officer.id, reason)
        case Act.DISMISS:
            return events.DisputeDismissed(at, officer.id, reason)
        case Act.ACCEPT | Act.RETRY | Act.CLOSE:
            raise AssertionError(f"{decision.act} is settled without the firewall")
        case _:
            assert_never(decision.act)


_SAID = {
    Act.BANK_PROOF: "The bank's paper is noted. Another officer must approve.",
    Act.APPROVE: "Approved.",
    Act.REFUSE: "The change is refused, and the person is told.",
    Act.HOLD: "The change is held.",
    Act.UPHOLD: "The dispute is upheld; payments go back to the account before.",
    Act.DISMISS: "The dispute is dismissed; payments go on to the new account.",
}
_NOT_YET = {
    Act.APPROVE: "Your approval is noted. Something else is still missing.",
    Act.DISMISS: "Your finding is noted. Another officer must find the same before payments go on.",
}


def _said(decision: Decision, change: Change) -> str:
    """Say what the act did, and what must follow."""
    waits_for_more = change.state in {State.HELD, State.DISPUTED} and decision.act in _NOT_YET
    return (_NOT_YET if waits_for_more else _SAID)[decision.act]


def _stale() -> NotDone:
    return NotDone("Somebody else moved this case meanwhile.", "Look at it as it is now, and decide again.")


def _note(work: Work, officer: Officer, action: str, subject: str, details: dict[str, str]) -> None:
    actor = Actor("officer", officer.id, officer.office)
    audit.record(work.db, work.at, actor, action, subject, purpose="desk", details=details)
