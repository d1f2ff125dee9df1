"""Entries of a journal as they travel: what an item is, how many go together, and what a push that failed says."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from kiosk.agent.log import logger
from kiosk.back_office_client import Item, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.back_office_client import Failure
    from offline_cache.entries import Entry

BATCH_ENTRIES = 200
BATCH_BYTES = 1 << 20
ITEM_AT_FAULT = frozenset({400, 413, 415, 422})
"""Statuses that speak about what was sent, not about the terminal, the path or the server."""


def item_of(entry: Entry, epoch: int) -> Item:
    """Return the entry as it travels."""
    return Item(
        id=entry.id,
        kind=entry.kind,
        epoch=epoch,
        seq=entry.seq,
        schema=entry.schema,
        sealing_key_id=entry.sealing_key_id,
        previous_hash=entry.previous_hash.hex(),
        hash=entry.hash.hex(),
        recorded_at=entry.recorded_at,
        body=entry.body.decode("ascii", "replace"),
    )


def cut(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Cut what waits into pushes: at most `BATCH_ENTRIES` and `BATCH_BYTES` each, but at least one entry."""
    batches: list[list[Entry]] = []
    room = 0
    for entry in entries:
        room -= len(entry.body)
        if not batches or room < 0 or len(batches[-1]) == BATCH_ENTRIES:
            batches.append([])
            room = BATCH_BYTES - len(entry.body)
        batches[-1].append(entry)
    return batches


def blames_item(outcome: object) -> TypeGuard[Refused]:
    """Whether the back office speaks of what was sent."""
    return isinstance(outcome, Refused) and outcome.status in ITEM_AT_FAULT


def tell(outcome: Failure) -> None:
    """Note in the log why a push came to nothing."""
    if isinstance(outcome, Refused):
        logger().warning("push_refused", status=outcome.status, code=outcome.code, remedy=outcome.remedy)
    else:
        logger().info("push_failed", reason=type(outcome).__name__)
