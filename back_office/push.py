"""Reads a push: its entries as rows, each hash computed again, what is no entry set apart. Pure: no database, any thread.

Rules:
- A bad item is answered alone; the rest of its batch goes on.
- What can be seen to be out of order here (an item that is none, a wrong hash) marks the batch `irregular`: it is received
  in a transaction of its own, beside nobody else's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated

import msgspec

from back_office.api_types import ITEMS, PRINTS, Item, ItemResult, Print, Push, Refused, read_body
from back_office.repository import timestamp
from back_office.repository.arrivals import Arrival
from kiosk.domain import reference
from kiosk.wire.canonical import digest
from kiosk.wire.journal_chain import ClearHeader, chain_hash_of_digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from back_office.evidence import Evidence
    from back_office.repository.terminals import Terminal

_SEALED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_ITEM = msgspec.json.Decoder(Item)


class _Entry(Item, frozen=True, forbid_unknown_fields=True):
    """An item whose body is checked apart: a pattern over kilobytes costs more than all the rest."""

    body: Annotated[str, msgspec.Meta(min_length=1, max_length=400_000)]


class _Whole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A push of nothing but entries."""

    items: Annotated[list[_Entry], msgspec.Meta(max_length=ITEMS)] = []
    prints: Annotated[list[Print], msgspec.Meta(max_length=PRINTS)] = []


_WHOLE = msgspec.json.Decoder(_Whole)
_PRINT = msgspec.json.Decoder(Print)


@dataclass(frozen=True, slots=True)
class Odd:
    """What was sent as an item and is none."""

    claimed_id: str
    raw: bytes
    reason: str


@dataclass(slots=True)
class Batch:
    """One push, read. `places` are the answers in the order of the items: an entry's, or one that is known already."""

    id: str
    terminal: Terminal
    at: datetime
    places: list[Arrival | ItemResult] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)
    prints: list[Print] = field(default_factory=list)
    wrong_hashes: set[str] = field(default_factory=set)
    nonce: tuple[str, str, str] | None = None
    evidence: Evidence | None = None
    body: bytes = b""

    @property
    def irregular(self) -> bool:
        """Whether it needs a transaction of its own."""
        return bool(self.odd or self.wrong_hashes)

    @property
    def entries(self) -> list[Arrival]:
        """The items that are entries."""
        return [place for place in self.places if isinstance(place, Arrival)]


def read(body: bytes, batch: Batch) -> Batch | Refused:
    """Read a body into `batch`, or say why it is no push at all."""
    whole = _whole(body)
    if whole is not None:
        _take(batch, whole.items)
        batch.prints = list(whole.prints)
    else:
        parts = read_body(body, Push, "transactions")
        if isinstance(parts, Refused):
            return parts
        fill(batch, parts)
    batch.body = body
    return batch


def _whole(body: bytes) -> _Whole | None:
    """Read a push of which every item is an entry; None when something is wrong with any of them."""
    try:
        whole = _WHOLE.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if all(item.body.isascii() and not item.body.encode().translate(None, _SEALED) for item in whole.items):
        return whole
    return None


def fill(batch: Batch, parts: Push) -> None:
    """Read items and prints one by one."""
    items: list[Item | ItemResult] = []
    for raw in parts.items:
        try:
            items.append(_ITEM.decode(raw))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            known = _id_of(raw)
            reason = f"item {known or 'without a readable id'}: {error}"
            batch.odd.append(Odd(known, bytes(raw), reason))
            items.append(ItemResult(known, "refused", reason=reason))
    _take(batch, items)
    for raw in parts.prints:
        try:
            batch.prints.append(_PRINT.decode(raw))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue  # how a receipt came out is no act of anybody


def _take(batch: Batch, items: Sequence[Item | ItemResult]) -> None:
    terminal = batch.terminal
    number, received_at = int(terminal.id.removeprefix("T")), timestamp(batch.at)
    for item in items:
        if isinstance(item, ItemResult):
            batch.places.append(item)
            continue
        body = item.body.encode("ascii")
        hashed = sha256(body)
        header = ClearHeader(
            item.id, item.kind, terminal.id, item.epoch, item.seq, item.schema, item.sealing_key_id, item.recorded_at
        )
        if chain_hash_of_digest(bytes.fromhex(item.previous_hash), hashed.digest(), header).hex() != item.hash:
            batch.wrong_hashes.add(item.id)
        batch.places.append(
            Arrival(
                item.id,
                terminal.id,
                item.epoch,
                item.seq,
                terminal.office,
                item.kind,
                item.schema,
                item.sealing_key_id,
                item.previous_hash,
                item.hash,
                body,
                hashed.hexdigest(),
                reference.make(number, item.epoch, item.seq),
                item.recorded_at,
                received_at,
                "received",
                "",
                batch.id,
                "",
            )
        )


def odd_subject(odd: Odd) -> str:
    """Give the name under which an officer finds what was no entry."""
    return odd.claimed_id or f"refused-{digest(odd.raw)[:24]}"


def _id_of(raw: msgspec.Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=_Named).id[:64]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


class _Named(msgspec.Struct):
    id: str = ""
