"""Receives journal entries: durable in the inbox, then acknowledged; deciding comes after and elsewhere.

Rules:
- Same id, same body: the same answer again. Same id, other body: conflict. Both are kept, nothing is dropped.
- A place (terminal, epoch, seq) is taken once; another entry there means a journal was put back or cloned.
- Each hash is computed again from the entry; the chain head is remembered, holes and breaks are marked on the terminal.
- A bad item is answered alone; the rest of its batch is received.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from back_office import audit
from back_office.api_types import ChainHead, Item, ItemResult, Print, Push, Pushed
from back_office.repository import desk, inbox, terminals
from back_office.repository.inbox import InboxRow
from back_office.repository.terminals import JournalHead
from kiosk.domain import reference
from kiosk.domain.audit import Actor
from kiosk.wire.canonical import digest
from kiosk.wire.journal_chain import GENESIS, ClearHeader, chain_hash

if TYPE_CHECKING:
    from back_office.database import Connection
    from back_office.installation import Installation, Work
    from back_office.repository.terminals import Terminal

UNDECIDED = "received"
"""The decision code that says that nobody has decided yet; it never goes out as a decision."""


@dataclass(frozen=True, slots=True)
class Received:
    """The answer, and whether there is something new to decide."""

    answer: Pushed
    new: frozenset[str]


def receive(it: Installation, terminal: Terminal, push: Push) -> Received:
    """Take a batch in one transaction; durable when this returns."""
    results: list[ItemResult] = []
    new: set[str] = set()
    with it.work() as work:
        for raw in push.items:
            item = _read(raw)
            if isinstance(item, ItemResult):
                results.append(item)
                continue
            result, is_new = _take(work, terminal, item)
            results.append(result)
            if is_new:
                new.add(item.id)
        for raw in push.prints:
            _report_print(work, terminal, raw)
        head = terminals.journal_head(work.db, terminal.id, terminal.journal_epoch)
        terminals.seen(work.db, terminal.id, work.time)
    known = ChainHead(terminal.journal_epoch, 0, GENESIS.hex()) if head is None else _head(head)
    return Received(Pushed(results, known), frozenset(new))


def result_of(db: Connection, row: InboxRow) -> ItemResult:
    """Say how an entry stands; the decision once there is one."""
    status = "quarantined" if row.status == "quarantined" else "received"
    verdict = inbox.newest_verdict(db, row.id)
    if verdict is None or verdict.decision == UNDECIDED:
        return ItemResult(row.id, status, reason=row.reason)
    sealed = None if verdict.sealed is None else verdict.sealed.decode("ascii")
    return ItemResult(row.id, status, verdict.decision, sealed, row.reason)


def _take(work: Work, terminal: Terminal, item: Item) -> tuple[ItemResult, bool]:
    row = _row(work, terminal, item)
    known = inbox.by_id(work.db, item.id)
    if known is not None:
        if (known.terminal, known.body_hash, known.hash) == (terminal.id, row.body_hash, row.hash):
            return result_of(work.db, known), False
        return _conflict(work, terminal, row, "other_body", "conflict"), False
    if terminals.journal_head(work.db, terminal.id, item.epoch) is None:
        return _conflict(work, terminal, row, "epoch_unknown", "quarantined"), False
    if inbox.by_place(work.db, terminal.id, item.epoch, item.seq) is not None:
        _mark(work, terminal, "journal_put_back", row.epoch, row.seq)
        return _conflict(work, terminal, row, "place_taken", "conflict"), False
    inbox.add(work.db, row)
    actor = Actor("terminal", terminal.id, terminal.office)
    details = {"kind": row.kind, "epoch": str(row.epoch), "seq": str(row.seq), "reference": row.reference}
    audit.record(work.db, work.at, actor, "request.received", row.id, purpose="intake", details=details)
    _check_chain(work, terminal, row)
    _move_head(work, row)
    return ItemResult(row.id, "received"), True


def _row(work: Work, terminal: Terminal, item: Item) -> InboxRow:
    body = item.body.encode("ascii")
    return InboxRow(
        n=0,
        id=item.id,
        terminal=terminal.id,
        epoch=item.epoch,
        seq=item.seq,
        office=terminal.office,
        kind=item.kind,
        schema=item.schema,
        sealing_key_id=item.sealing_key_id,
        previous_hash=item.previous_hash,
        hash=item.hash,
        body=body,
        body_hash=digest(body),
        reference=reference.make(int(terminal.id.removeprefix("T")), item.epoch, item.seq),
        recorded_at=item.recorded_at,
        received_at=work.time,
        status="received",
        reason="",
    )


def _conflict(work: Work, terminal: Terminal, row: InboxRow, reason: str, status: str) -> ItemResult:
    """Keep what cannot enter, once, and let the desk look at it."""
    if inbox.keep_conflict(work.db, row, reason):
        desk.open_case(work.db, kind="conflict", subject=row.id, office=terminal.office, reason=reason, at=work.time)
        actor = Actor("terminal", terminal.id, terminal.office)
        details = {"because": reason, "epoch": str(row.epoch), "seq": str(row.seq)}
        audit.record(work.db, work.at, actor, "request.conflict", row.id, purpose="intake", details=details)
    return ItemResult(row.id, status, reason=reason)


def _check_chain(work: Work, terminal: Terminal, row: InboxRow) -> None:
    """Compute the hash again and compare both neighbours; the entry is taken whatever comes out: the card signed it."""
    header = ClearHeader(
        row.id, row.kind, row.terminal, row.epoch, row.seq, row.schema, row.sealing_key_id, row.recorded_at
    )
    if chain_hash(bytes.fromhex(row.previous_hash), row.body, header).hex() != row.hash:
        _mark(work, terminal, "hash_wrong", row.epoch, row.seq)
    before = inbox.by_place(work.db, row.terminal, row.epoch, row.seq - 1)
    expected = GENESIS.hex() if row.seq == 1 else (row.previous_hash if before is None else before.hash)
    after = inbox.by_place(work.db, row.terminal, row.epoch, row.seq + 1)
    if row.previous_hash != expected or (after is not None and after.previous_hash != row.hash):
        _mark(work, terminal, "chain_broken", row.epoch, row.seq)


def _mark(work: Work, terminal: Terminal, anomaly: str, epoch: int, seq: int) -> None:
    terminals.mark_anomaly(work.db, terminal.id, anomaly)
    actor = Actor("system", "back office", terminal.office)
    details = {"because": anomaly, "epoch": str(epoch), "seq": str(seq)}
    audit.record(work.db, work.at, actor, "terminal.anomaly", terminal.id, purpose="intake", details=details)


def _move_head(work: Work, row: InboxRow) -> None:
    """Follow the entries that are there without a hole; one that arrives late closes it."""
    head = terminals.journal_head(work.db, row.terminal, row.epoch)
    moved = head
    while moved is not None and (following := inbox.by_place(work.db, row.terminal, row.epoch, moved.seq + 1)):
        moved = JournalHead(row.terminal, row.epoch, following.seq, following.hash)
    if moved is not None and moved != head:
        terminals.move_head(work.db, moved)


def _head(head: JournalHead) -> ChainHead:
    return ChainHead(head.epoch, head.seq, head.hash or GENESIS.hex())


def _report_print(work: Work, terminal: Terminal, raw: msgspec.Raw) -> None:
    """Keep how a receipt came out, for the terminal's own entries; what cannot be read is left out."""
    try:
        report = msgspec.json.decode(raw, type=Print)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    row = inbox.by_id(work.db, report.id)
    if row is not None and row.terminal == terminal.id:
        inbox.report_print(work.db, report.id, stage=report.stage, outcome=report.outcome, at=work.time)


def keep_heartbeat(work: Work, terminal: Terminal, report: dict[str, Any]) -> None:
    """Keep how the terminal is; a journal shorter than what it delivered before was put back."""
    terminals.seen(work.db, terminal.id, work.time, json.dumps(report, sort_keys=True))
    epoch, seq = report.get("journal_epoch"), report.get("journal_seq")
    if not isinstance(epoch, int) or not isinstance(seq, int) or not 0 <= epoch < 2**31:
        return
    head = terminals.journal_head(work.db, terminal.id, epoch)
    if head is not None and seq < head.seq and terminal.anomaly != "journal_put_back":
        _mark(work, terminal, "journal_put_back", epoch, seq)


def _read(raw: msgspec.Raw) -> Item | ItemResult:
    try:
        return msgspec.json.decode(raw, type=Item)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        known = _id_of(raw)
        return ItemResult(known, "refused", reason=f"item {known or 'without a readable id'}: {error}")


def _id_of(raw: msgspec.Raw) -> str:
    class _Named(msgspec.Struct):
        id: str = ""

    try:
        return msgspec.json.decode(raw, type=_Named).id[:64]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
