"""Decides a request of any service of the catalogue: the same rules as on the screen, then the service's effect.

Rules:
- Whatever channel it came by, the request is checked whole against the entry of the catalogue and the record as it is now.
- What is refused says why in the words that the screen would have used; what goes to the desk lies in one case there.
- The answers are kept with the request for the desk and for "My requests", never in the audit log.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from back_office import audit, by_officer, examination, notices, number_passes, representation, verdicts
from back_office.record_document import compose
from back_office.repository import changes, desk, inbox, moment, people, requests, waivers
from back_office.services.effect import Asked, InForce, No, Outcome, ToDesk
from back_office.services.registry import EFFECTS
from kiosk.domain import edit_conflict, form
from kiosk.domain.audit import Actor
from kiosk.domain.card import Role
from kiosk.domain.catalogue import find
from kiosk.domain.edit_conflict import Resolution
from kiosk.domain.errors import Bug
from kiosk.domain.problem import Problem
from kiosk.domain.service import Assurance, Channel, EvidenceKind, Standing, refusal, standing_of
from kiosk.wire import attendance
from kiosk.wire.envelope import LONGEST_DELAY, Transaction
from kiosk.wire.officer_entry import OfficerEntry
from kiosk.wire.person_record import person_of
from kiosk.wire.problem import Problem as Malformed
from kiosk.wire.report import Report
from kiosk.wire.verdict import VerdictBody
from kiosk.wire.visit_pass import StaffPass, read_pass

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.inbox import InboxRow
    from back_office.repository.people import PersonRow
    from back_office.representation import Acting
    from kiosk.domain.service import Service

CASE = "request"
"""The kind of a desk case about a request; its reason is `<desk queue>:<code>`."""


def knows(service: str) -> bool:
    """Tell whether the service is decided here."""
    return service in EFFECTS


def decide(
    work: Work, row: InboxRow, transaction: Transaction | Report, person: PersonRow | None, *,
    revoked: bool = False, acting: Acting | None = None,
) -> frozenset[str]:  # fmt: skip
    """Decide a request that is whole and attributed; the ids of the requests that moved.

    `person` is whose request it is; `acting` says who acts for that person, where somebody else's card signed it.
    """
    asked = _asked(work, row, transaction, person, acting)
    if isinstance(asked, str):
        return examination.quarantine(work, row, asked)
    problem = Problem("service.refused.card_revoked") if revoked else _problem(work, asked)
    if problem is None and _conflict(work, asked) is Resolution.OFFICER and person is not None:
        assert isinstance(transaction, Transaction)  # noqa: S101 - a report has no base version
        examination.conflict(work, row, transaction, person)
        return frozenset({row.id})
    if problem is None and _conflict(work, asked) is Resolution.SUPERSEDED:
        problem = Problem("service.refused.record_changed")
    inbox.set_status(work.db, row.id, "decided")
    if problem is not None:
        _tell(work, asked, _refused(problem.key, problem.parameters))
        return frozenset({row.id})
    changes.put_request(work.db, verdicts.new_request(work, transaction, asked.number or None, _RECEIVED))
    requests.keep_content(
        work.db, transaction.id, answers=dict(transaction.answers), entered_by=dict(transaction.entered_by)
    )
    if acting is not None:
        representation.tell_both(work, row, asked.service.id, acting)
    _conclude(work, asked, EFFECTS[asked.service.id].decide(work, asked))
    return frozenset({row.id})


def settle(work: Work, case: desk.DeskCase, officer: str, *, accept: bool, reason: str) -> bool:
    """Let an officer decide what went to the desk; False when there is nothing to decide any more."""
    row = inbox.by_id(work.db, case.subject)
    request = changes.request(work.db, case.subject)
    if row is None or request is None or request.decision != "held":
        return False
    found = examination.attributed(work, row)
    asked = None if found is None else _asked(work, row, *found)
    if not isinstance(asked, Asked):
        return False
    asked, effect = replace(asked, officer=officer), EFFECTS[asked.service.id]
    if accept and effect.barred is not None and effect.barred(work, asked, officer):
        return False
    _audit(work, asked, Actor("officer", officer, case.office), "accept" if accept else "refuse", "")
    if not accept:
        _tell(work, asked, _refused("decision.request.refused", {"reason": reason}, code="by_officer"))
        if asked.person is not None:
            notices.tell_of_request(work, row, asked.person, "request_refused", reason)
        return True
    accepted = effect.accepted
    if accepted is None:
        raise Bug(f"{asked.service.id} sends requests to the desk and does not say what a yes means")
    _conclude(work, asked, accepted(work, asked))
    return True


_RECEIVED = VerdictBody(decision="received", text_key="decision.request.received")


def _asked(
    work: Work, row: InboxRow, transaction: Transaction | Report, person: PersonRow | None, acting: Acting | None = None
) -> Asked | str:
    """Put together what the rules look at; or why this version cannot decide it."""
    service = find(transaction.service)
    if service is None or service.id not in EFFECTS:
        return "service_unknown"
    today = work.at.astimezone(work.it.scheme.bank_change.zone).date().isoformat()
    if isinstance(transaction, Report):
        person = number_passes.whose(work, transaction)
    if isinstance(transaction, OfficerEntry) and person is None:
        standing = by_officer.standing(work, None, transaction.officer, transaction.id)
        return Asked(row, transaction, service, None, standing)
    if person is None:
        if not isinstance(transaction, Transaction):
            return Asked(
                row, transaction, service, None, Standing(Role.NONE, today=today, staff=_officer(work, transaction))
            )
        card = people.card(work.db, transaction.card)
        role = Role.INSURED if card is None else Role(card.role)
        on_file = False if role is Role.INSURED else None
        return Asked(row, transaction, service, None, Standing(role, on_file=on_file, today=today))
    record = person_of(compose(work.db, work.it.scheme, person, work.at, {}, transaction.language).document)
    if isinstance(record, Malformed):
        raise Bug(f"the record that we composed cannot be read: {record.detail}")
    if isinstance(transaction, OfficerEntry):
        standing = by_officer.standing(work, record, transaction.officer, transaction.id)
        return Asked(row, transaction, service, person, standing)
    staff = _officer(work, transaction)
    role = Role.NUMBER if isinstance(transaction, Report) else Role.INSURED
    standing = standing_of(role, record, today=today, staff=staff, scheme=work.it.scheme)
    return Asked(row, transaction, service, person, standing, acting)


def _officer(work: Work, transaction: Transaction | Report) -> str:
    """Find the officer who took part, by the word of their own card, or by the pass that the visit got for a code; "" else.

    What the holder's card or the terminal says of an officer counts for nothing here.
    """
    if not isinstance(transaction.attendance, str):
        return ""
    anchors = work.it.keyring.keys().anchors
    officer = attendance.officer_of(
        transaction.attendance, anchors, work.at, transaction=transaction.id,
        service=transaction.service, terminal=transaction.terminal, answers=transaction.answers,
        longest_delay=LONGEST_DELAY,
    )  # fmt: skip
    if isinstance(officer, Malformed):
        shown = read_pass(StaffPass, transaction.attendance, transaction, anchors, work.at)
        if isinstance(shown, Malformed):
            return ""
        officer = shown.card
    card = people.card(work.db, officer)
    known = card is not None and card.role == Role.STAFF.value and card.revoked_at is None
    return officer if known else ""


def _problem(work: Work, asked: Asked) -> Problem | None:
    """Find the first rule that refuses the request: what carries it, who it is for, what it says."""
    service, transaction = asked.service, asked.transaction
    if isinstance(transaction, OfficerEntry):
        unproven = by_officer.problem(work, transaction, service)
        if unproven is not None:
            return unproven
    elif not isinstance(transaction, Transaction):
        if service.assurance is not Assurance.NONE and asked.person is None:
            return Problem("service.refused.needs_card")
    elif not _is_carried(service, transaction):
        return Problem("service.refused.evidence")
    elif representation.is_represented(transaction) and asked.acting is None:
        return Problem("service.refused.no_mandate")
    return refusal(service, asked.standing) or form.recheck(
        service, transaction.answers, work.it.scheme, asked.standing
    )


def _is_carried(service: Service, transaction: Transaction) -> bool:
    """Tell whether a card's signature is evidence for the service: at a terminal, or through the API."""
    by_card = (service.channels.get(channel, frozenset()) for channel in (Channel.TERMINAL, Channel.API))
    kind = EvidenceKind(transaction.evidence.get("kind", "none"))
    return kind is not EvidenceKind.NUMBER_AND_PIN and kind in frozenset().union(*by_card)


def _conflict(work: Work, asked: Asked) -> Resolution:
    """Say what becomes of an edit made while the same thing changed elsewhere, unless an officer has let it pass."""
    transaction, person = asked.transaction, asked.person
    if person is None or not isinstance(transaction, Transaction):
        return Resolution.APPLY
    last = requests.last_in_force(work.db, person.number, asked.service.id)
    if last is None:
        return Resolution.APPLY  # nothing of this kind was ever changed: another version is about other things
    edit = edit_conflict.Edit(None, moment(transaction.signed_at))
    standing = edit_conflict.Standing(person.version, moment(last.decided_at), moment(last.signed_at))
    resolution = edit_conflict.resolve(asked.service.edits, edit, standing)
    if resolution is Resolution.OFFICER and (transaction.id, examination.EDIT_CONFLICT) in waivers.given(
        work.db, [transaction.id]
    ):
        return Resolution.APPLY
    return resolution


def _conclude(work: Work, asked: Asked, outcome: Outcome) -> None:
    service = asked.service.id
    match outcome:
        case InForce(parameters, effective_on, text, issued):
            body = VerdictBody(
                decision="in_force",
                text_key=f"decision.{service}.{text}",
                parameters=dict(parameters),
                effective_on=effective_on,
                code="" if issued is None else issued.code,
                document="" if issued is None else issued.document,
                valid_until="" if issued is None else issued.valid_until,
                address="" if issued is None else issued.address,
            )
        case ToDesk(reason, parameters, words):
            queue = asked.service.desk_queue
            desk.open_case(
                work.db, kind=CASE, subject=asked.id, office=asked.row.office, reason=f"{queue}:{reason}", at=work.time
            )
            if asked.person is not None:
                notices.tell_of_request(work, asked.row, asked.person, "request_held")
            body = VerdictBody(
                decision="held",
                reason_code=reason,
                text_key=f"decision.{service}.held" + (f".{words}" if words else ""),
                parameters=dict(parameters),
            )
        case No(reason, parameters):
            body = _refused(f"decision.{service}.refused.{reason}", parameters, code=reason)
        case _:
            assert_never(outcome)
    _tell(work, asked, body)


def _refused(key: str, parameters: object, *, code: str = "") -> VerdictBody:
    return VerdictBody(
        decision="refused",
        reason_code=code or key,
        text_key=key,
        parameters=dict(parameters),  # type: ignore[call-overload]
    )


def _tell(work: Work, asked: Asked, body: VerdictBody) -> None:
    verdicts.give(work, verdicts.new_request(work, asked.transaction, asked.number or None, body), body)
    _audit(work, asked, Actor("system", "back office", asked.row.office), body.decision, body.reason_code)


def _audit(work: Work, asked: Asked, actor: Actor, decision: str, because: str) -> None:
    card = asked.transaction.card if isinstance(asked.transaction, Transaction) else ""
    audit.record(
        work.db,
        work.at,
        actor,
        "request.decided",
        asked.id,
        purpose=asked.service.id,
        details={"decision": decision, "because": because, "card": card},
    )
