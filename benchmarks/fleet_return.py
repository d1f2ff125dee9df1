"""`fleet_return`: every terminal of a fleet has a full journal, and the line comes back to all of them in one moment.

Each looks for the line as the product does (evenly within its probe interval), opens a connection of its own, pushes its
entries in one batch and counts as done when all of them are acknowledged; whatever fails is tried again with the product's
backoff. Held against the time that the same server needs for as many entries from few terminals whose connections are open.
Afterwards every entry must be in the inbox once, and every journal's head at its end.

A terminal's number has four digits, so a back office has at most 10,000: a larger fleet is several cells, each a back office
of its own on this machine, as docs/scaling.md has it.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import psycopg
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from benchmarks.figures import Figure, quantile
from benchmarks.served_office import Key
from benchmarks.wire_calls import Caller
from kiosk.agent.backoff import Backoff
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.journal_chain import GENESIS, ClearHeader, chain_hash
from kiosk.wire.timestamps import timestamp
from provisioning.configuration import BackOfficeSection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.served_office import ServedOffice

GOAL = 2.0
TERMINALS, ENTRIES = 20_000, 20
CELL = 9_000
"""Terminals of one back office at most; the ids above are for those that measure the limit."""
WARM, WARM_PUSHES = 32, 12
BODY_BYTES = 2_400
"""Of a sealed envelope, as long as a real one; it is received, and set aside when it is opened."""
ATTEMPT_SECONDS = 13.0
"""To connect and to be answered, as the terminal's client waits."""
PATIENCE_SECONDS = 1_800.0
_WORD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" * 4
_EPOCH = 1
_FIRST = 100
_COLUMNS = (
    "id, office, state, public_key, certificate, certificate_serial, receipt_certificate, key_protection, journal_epoch, "
    "technician, enrolled_at"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One back office and the terminals that it has."""

    office: ServedOffice
    fleet: Sequence[Key]
    warm: Sequence[Key]


def shares(terminals: int) -> list[int]:
    """How many terminals each cell has: as few cells as possible, as even as possible."""
    cells = -(-terminals // CELL)
    return [terminals // cells + (n < terminals % cells) for n in range(cells)]


def cell(office: ServedOffice, terminals: int, warm: int = WARM) -> Cell:
    """Enrol so many terminals at an office, at once in its database, as copies of the one that it has."""
    numbers = range(_FIRST, _FIRST + terminals + warm)
    keys = [Key(f"T{number:04d}", ec.generate_private_key(ec.SECP256R1()), _EPOCH) for number in numbers]
    der = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    with psycopg.connect(office.database_url) as db:
        db.cursor().executemany(
            f"INSERT INTO terminal ({_COLUMNS}) SELECT %s, office, state, %s, certificate, certificate_serial, "
            f"receipt_certificate, key_protection, {_EPOCH}, technician, enrolled_at FROM terminal WHERE id = %s",
            [(key.terminal, key.private.public_key().public_bytes(*der), office.terminal.terminal) for key in keys],
        )
        db.execute(
            "INSERT INTO journal_head (terminal, epoch, bound_at) SELECT id, 1, enrolled_at FROM terminal WHERE id <> %s",
            (office.terminal.terminal,),
        )
    return Cell(office, keys[:terminals], keys[terminals:])


def figure(cells: Sequence[Cell], entries: int = ENTRIES, warm_pushes: int = WARM_PUSHES) -> Figure:
    """The row. The limit is measured at the first cell; cells share this machine, so their limits do not add up."""
    rate = asyncio.run(_limit(cells[0], entries, warm_pushes))
    waits, took = asyncio.run(_storm(cells, entries))
    for one in cells:
        _check(one, entries)
    count = sum(len(one.fleet) for one in cells)
    return Figure(
        "fleet_return", took, "s", "receive limit", count * entries / rate, count, GOAL,
        f"p50 {quantile(waits, 0.5):.1f}, p99 {quantile(waits, 0.99):.1f} s; {entries} each, limit {rate:.0f}/s",
    )  # fmt: skip


def batch(office: ServedOffice, key: Key, entries: int, first: int = 1, head: bytes = GENESIS) -> tuple[bytes, bytes]:
    """The next `entries` of a journal as they are pushed, and its new head."""
    draw = random.Random(f"{key.terminal} {first}")
    at = timestamp(office.it.clock.now())
    items = []
    for seq in range(first, first + entries):
        id_ = office.it.ids.new()
        body = draw.randbytes(BODY_BYTES).translate(_WORD)
        previous, head = head, chain_hash(
            head, body, ClearHeader(id_, "transaction", key.terminal, key.epoch, seq, 1, "bench", at)
        )
        items.append({
            "id": id_, "kind": "transaction", "epoch": key.epoch, "seq": seq, "schema": 1, "sealing_key_id": "bench",
            "previous_hash": previous.hex(), "hash": head.hex(), "recorded_at": at, "body": body.decode("ascii"),
        })  # fmt: skip
    return msgspec.json.encode({"items": items, "prints": []}), head


async def _limit(one: Cell, entries: int, pushes: int) -> float:
    """Entries a second that the server takes from few terminals with open connections."""
    office, caller = one.office, _caller(one.office)

    async def push(key: Key) -> None:
        bodies, head = [], GENESIS
        for number in range(pushes):
            body, head = batch(office, key, entries, 1 + number * entries, head)
            bodies.append(body)
        async with caller.connection() as made:
            await made.send(caller.request(key, "GET", "/v1/ping"))
            await made.answer()
            ready.release()
            await go.wait()
            for body in bodies:
                await made.send(caller.request(key, "POST", "/v1/transactions", body=body))
                if not _acknowledged(*await made.answer(), entries):
                    raise EnvironmentFault("An entry was not received.", f"See the log in {office.it.state}.")

    ready, go = asyncio.Semaphore(0), asyncio.Event()
    pushing = [asyncio.ensure_future(push(key)) for key in one.warm]
    for _ in one.warm:
        await ready.acquire()
    began = time.monotonic()
    go.set()
    await asyncio.gather(*pushing)
    return len(one.warm) * pushes * entries / (time.monotonic() - began)


async def _storm(cells: Sequence[Cell], entries: int) -> tuple[list[float], float]:
    """Seconds until each terminal's entries were acknowledged, and until the last one's were."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            waits = await asyncio.gather(
                *(
                    _return(one.office, caller, key, entries, began)
                    for one, caller in [(one, _caller(one.office)) for one in cells]
                    for key in one.fleet
                )
            )
    except TimeoutError:
        raise EnvironmentFault(
            f"Not everybody was served within {PATIENCE_SECONDS:g} s.", "Take fewer terminals: --terminals N."
        ) from None
    return list(waits), max(waits)


async def _return(office: ServedOffice, caller: Caller, key: Key, entries: int, began: float) -> float:
    section = BackOfficeSection(url=office.url)
    backoff = Backoff(
        office.it.ids, first_seconds=section.retry_first_seconds, most_seconds=section.retry_most_seconds
    )
    await asyncio.sleep(section.probe_seconds * int.from_bytes(office.it.ids.token(4), "big") / 2**32)
    body, _ = batch(office, key, entries)
    while True:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS), caller.connection() as made:
                await made.send(caller.request(key, "POST", "/v1/transactions", body=body))
                if _acknowledged(*await made.answer(), entries):
                    return time.monotonic() - began
        except (OSError, EOFError, TimeoutError):
            pass
        await asyncio.sleep(backoff.next_seconds())


def _caller(office: ServedOffice) -> Caller:
    return Caller(office.url, office.root, office.it.clock, office.it.ids)


def _check(one: Cell, entries: int) -> None:
    """Every entry once, every head at its end, or this is no figure."""
    fleet = [key.terminal for key in one.fleet]
    with psycopg.connect(one.office.database_url) as db:
        counted = db.execute(
            "SELECT count(*), count(DISTINCT id), count(DISTINCT (terminal, seq)) FROM inbox WHERE terminal = ANY(%s)",
            (fleet,),
        ).fetchone()
        heads = db.execute(
            "SELECT count(*) FROM journal_head WHERE terminal = ANY(%s) AND seq = %s", (fleet, entries)
        ).fetchone()
    wanted = len(fleet) * entries
    if counted != (wanted, wanted, wanted) or heads != (len(fleet),):
        raise EnvironmentFault(f"Of {wanted} entries {counted} are there, {heads} heads.", "Something was lost.")


def _acknowledged(status: int, answer: bytes, entries: int) -> bool:
    """Whether every entry is there: a push whose answer was lost may find its entries opened, and set aside, by now."""
    if status != 200:
        return False
    statuses = [one["status"] for one in msgspec.json.decode(answer)["results"]]
    return len(statuses) == entries and set(statuses) <= {"received", "quarantined"}
