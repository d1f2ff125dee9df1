"""Tells partners what the outbox holds: asks the bank, sends notices, announces accounts, and books the answers.

Rules:
- A call to a partner runs outside any transaction; its answer and everything that follows commit in one.
- A partner that is down delays: full-jitter backoff (random between nothing and base * 2^attempts, capped), no end to it.
- The first attempt starts at once, because a person may be waiting at the terminal.
- A row is one message under its own key: crashed between sending and booking, it is sent again under the same key.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

import structlog

from back_office import audit, firewall, notices
from back_office.ports import (
    AccountNotice,
    AccountQuestion,
    Delivered,
    Message,
    Partners,
    Rejected,
    Unavailable,
    Verification,
)
from back_office.repository import changes, desk, outbox, timestamp
from kiosk.domain.audit import Actor
from kiosk.domain.bank_change import Verification as Match
from kiosk.domain.bank_change import events
from kiosk.domain.errors import Bug

if TYPE_CHECKING:
    from back_office.installation import Installation, Work
    from back_office.repository.outbox import OutboxRow
    from back_office.settings import PartnerSettings
    from kiosk.system import Ids

Reply = Verification | Delivered | Unavailable | Rejected

_LARGEST_EXPONENT = 30


def send(row: OutboxRow, partners: Partners, timeout_seconds: float) -> Reply:
    """Hand one message to its partner and wait for the answer; no transaction is open meanwhile."""
    payload = json.loads(row.payload)
    match row.kind:
        case "verify_account":
            question = AccountQuestion(row.key, payload["iban"], payload["name"], tuple(payload["former_names"]))
            return partners.bank.verify_account(question, timeout_seconds=timeout_seconds)
        case "announce_account":
            notice = AccountNotice(
                row.key, payload["iban"], payload["old_iban"], payload["name"], payload["valid_from"]
            )
            return partners.bank.announce_account(notice, timeout_seconds=timeout_seconds)
        case "notice":
            message = Message(
                row.key,
                payload["channel"],
                payload["destination"],
                payload["recipient"],
                payload["language"],
                payload["subject"],
                payload["text"],
            )
            return partners.messages.send(message, timeout_seconds=timeout_seconds)
        case _:
            raise Bug(f"the outbox holds a message of unknown kind {row.kind!r}")


def book(it: Installation, row: OutboxRow, reply: Reply) -> frozenset[str]:
    """Book the answer and everything that follows from it; returns the ids of the requests that moved."""
    with it.work() as work:
        match reply:
            case Unavailable(detail):
                wait = backoff_seconds(row.attempts, it.settings.partners, it.ids)
                next_at = timestamp(work.at + timedelta(seconds=wait))
                outbox.postpone(work.db, row.n, next_at=next_at, error=detail[:200])
                structlog.get_logger().info("partner_unavailable", kind=row.kind, attempts=row.attempts + 1)
                return frozenset()
            case Verification(outcome, holder_name):
                if _done(work, row, {"outcome": outcome}):
                    _verified(work, row, outcome, holder_name)
            case Delivered():
                if _done(work, row, {"outcome": "delivered"}):
                    _notice_settled(work, row)
            case Rejected(detail):
                if _done(work, row, {"outcome": "rejected", "detail": detail[:200]}):
                    _rejected(work, row)
                    _notice_settled(work, row)
            case _:
                assert_never(reply)
        return frozenset() if row.change is None else frozenset({row.change})


def backoff_seconds(attempts: int, settings: PartnerSettings, ids: Ids) -> float:
    """Draw how long to wait after `attempts` earlier failures: full jitter, so that a fleet does not come back at once."""
    ceiling: float = min(
        settings.retry_cap_seconds, settings.retry_base_seconds * 2 ** min(attempts, _LARGEST_EXPONENT)
    )
    return ceiling * int.from_bytes(ids.token(6)) / 2**48


def _done(work: Work, row: OutboxRow, result: dict[str, str]) -> bool:
    payload = json.loads(row.payload)
    keep = {name: payload[name] for name in ("purpose", "contact", "channel") if name in payload}
    if row.kind == "announce_account":
        keep = payload
    done = outbox.done(
        work.db, row.n, at=work.time, result=json.dumps(result, sort_keys=True), keep=json.dumps(keep, sort_keys=True)
    )
    if done:
        actor = Actor("partner", "bank" if row.kind != "notice" else payload["channel"])
        details = {"kind": row.kind, "outcome": result["outcome"]}
        audit.record(
            work.db, work.at, actor, "partner.answered", row.change or row.key, purpose="outbox", details=details
        )
    return done


def _verified(work: Work, row: OutboxRow, outcome: str, holder_name: str) -> None:
    if row.change is None:
        raise Bug("an account verification belongs to no change")
    event = events.VerificationAnswered(work.at, Match(outcome), holder_name)
    firewall.happen(work, row.change, event, actor=Actor("partner", "bank"), purpose="account verification")


def _notice_settled(work: Work, row: OutboxRow) -> None:
    """When the last of the first notices is out, the change goes on."""
    if row.kind != "notice" or row.change is None:
        return
    kept = changes.change(work.db, row.change)
    if kept is None:
        raise Bug(f"the change {row.change} is gone")
    event = notices.receipt_announced(work, firewall.read(kept))
    if event is not None and firewall.read(kept).notified_at is None:
        firewall.happen(work, row.change, event, actor=firewall.OWN, purpose="notice")


def _rejected(work: Work, row: OutboxRow) -> None:
    """Open a case: a partner will never take this message."""
    kept = None if row.change is None else changes.change(work.db, row.change)
    if kept is None:
        return
    reason = f"{row.kind}:{json.loads(row.payload).get('channel', 'bank')}"
    desk.open_case(work.db, kind="undelivered", subject=kept.id, office=kept.office, reason=reason, at=work.time)
