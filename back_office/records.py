"""Keeps sealed records and the feed up with the record: what anything touched is composed, sealed and published.

Rules:
- Sealing is the worker's (the rounds), never the writing path's: there it would hold the one ordered writer for 0.3 ms a
  person, need the signing key in every process that writes, and be done again for each of several changes in a row. The
  writing transaction only counts `touched` (triggers), so no change can forget to; the bell makes it a matter of
  milliseconds until the record is sealed anew.
- A record is sealed once per version: when what it says, or whom it is for, differs from what was sealed. Looking at it
  again for another reason sends nothing.
- Composed from one consistent view and sealed outside any transaction; stored only if nobody stored something newer.
- No card with a usable key (P-256 in 9D, not revoked, not run out), or no office that needs it: nothing is sealed, and
  no office holds it.
- One person's fault delays nobody: that record is served online only until something touches it again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric import ec

from back_office import logs
from back_office.record_document import Composed, compose
from back_office.repository import feed, people, records, timestamp
from back_office.repository import scope as scope_rows
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.sealed_record import MOST_RECIPIENTS, seal_record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from back_office.installation import Installation, Work
    from back_office.repository.records import RecordRow, Sealed
    from back_office.scope import Held
    from kiosk.wire.signed import Signer

AT_ONCE = 100
TOMBSTONES_KEPT = timedelta(days=90)
"""A terminal that was away for longer begins again."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """One touched record: as it was, what it says now, and who holds it now; `composed` None: it could not be built."""

    row: RecordRow
    composed: Composed | None
    held: Mapping[str, Held]
    look_at: str | None


def touch(work: Work, person: str) -> None:
    """Have a record composed, sealed and published again, as the tables' triggers do for every change of a person's rows."""
    records.touch(work.db, person)


def visited(work: Work, person: str, office: str) -> None:
    """Note that a person was at an office: its terminals may hold the record for a while."""
    scope_rows.visited(work.db, person, office, work.time)


def publish(it: Installation, limit: int = AT_ONCE) -> bool:
    """Bring up to `limit` touched records up to date; True when there may be more."""
    at = it.clock.now()
    with it.database.read() as db:
        rows = records.stale(db, limit)
        if not rows:
            return False
        store = feed.store_of(db)
        drafts = [_draft(it, db, row, store.held(db, row.record_id), at) for row in rows]
    signer = it.keyring.keys().signer
    made = [(draft, _sealed(draft, at, signer)) for draft in drafts]
    with it.work() as work:
        for draft, sealed in made:
            _store(work, draft, sealed)
    return len(rows) == limit


def sweep(work: Work) -> int:
    """Touch what time alone changed (a reason or a card ran out, an appointment comes near); forget old tombstones."""
    feed.store_of(work.db).forget(work.db, timestamp(work.at - TOMBSTONES_KEPT))
    return records.touch_due(work.db, work.time)


def _draft(it: Installation, db: Any, row: RecordRow, held: Mapping[str, Held], at: datetime) -> _Draft:
    try:
        person = people.person(db, row.person)
        composed = None if person is None else compose(db, it.scheme, person, at, held)
        looks = [one.not_after for one in composed.recipients] if composed else []
        mandate = records.next_mandate_change(db, row.person, timestamp(at))
    except EnvironmentFault:
        raise  # the disk or the connection, not this person
    except Exception as error:  # noqa: BLE001 - whatever it is, this person must not delay the others
        structlog.get_logger().warning("record_not_composed", record=row.record_id.hex(), **logs.describe(error))
        return _Draft(row, None, held, None)
    if composed is not None and composed.scope.look_at is not None:
        looks.append(timestamp(composed.scope.look_at))
    if mandate is not None:
        looks.append(mandate)
    return _Draft(row, composed, held, min(looks, default=None))


def _sealed(draft: _Draft, at: datetime, signer: Signer) -> Sealed | None:
    """Seal a draft; None when what was sealed before still says it, to the same cards."""
    composed, row = draft.composed, draft.row
    recipients = () if composed is None else composed.recipients[:MOST_RECIPIENTS]
    if composed is None or not recipients or not composed.scope.offices:
        nothing = records.Sealed(row.version, None, None, (), timestamp(at))
        return None if row.digest is None else nothing
    said = {name: value for name, value in composed.document.items() if name != "as_of"}
    digest = hashlib.sha256(msgspec.json.encode(said, order="sorted"))
    for one in recipients:
        digest.update(one.lookup)
    if digest.digest() == row.digest:
        return None
    keys = [ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), one.public_key) for one in recipients]
    version = row.version + 1
    try:
        document = seal_record(
            composed.document, record_id=row.record_id, version=version, recipients=keys, at=at, signer=signer
        )
    except Exception as error:  # noqa: BLE001 - as above
        structlog.get_logger().warning("record_not_sealed", record=row.record_id.hex(), **logs.describe(error))
        return records.Sealed(row.version, None, None, (), timestamp(at))
    return records.Sealed(version, digest.digest(), document, recipients, timestamp(at))


def _store(work: Work, draft: _Draft, sealed: Sealed | None) -> None:
    row, db = draft.row, work.db
    if not records.store(db, row, sealed, draft.look_at):
        return
    there = (row if sealed is None else sealed).digest is not None
    wanted = draft.composed.scope.offices if draft.composed is not None and there else {}
    store = feed.store_of(db)
    held = store.held(db, row.record_id)  # as it is now: another worker may have published something older meanwhile
    for office, one in wanted.items():
        if sealed is not None or _differs(one, held.get(office)):
            store.put(db, office, row.record_id, one, work.time)
    for office in held.keys() - wanted.keys():
        store.remove(db, office, row.record_id, work.time)


def _differs(wanted: Held, held: Held | None) -> bool:
    """Compare as the feed keeps it: whole seconds."""
    if held is None or held.reasons != wanted.reasons:
        return True
    return int(held.expires_at.timestamp()) != int(wanted.expires_at.timestamp())
