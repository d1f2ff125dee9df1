"""People for the sync figures: documents of a wanted size, as long sealed as the product makes them, in a real database.

Rules:
- A document is built as `back_office.record_document` builds it, with as many years of contributions as it takes to be long
  enough; how long it is sealed is measured with the product's own `seal_record` on some of them.
- The database holds random bytes of those lengths: sealing is no part of these figures, and nothing on the way looks in.
- Feed rows are written `AT_ONCE` to a transaction, as the publishing worker writes them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg
from cryptography.hazmat.primitives.asymmetric import ec

from back_office.records import AT_ONCE
from kiosk.wire.sealed_record import FINGERPRINT_BYTES, RECORD_ID_BYTES, seal_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.wire.signed import Signer

AT = datetime(2026, 3, 4, 10, tzinfo=UTC)
NOW = "2026-03-04T10:00:00.000000Z"
EXPIRES = 4_102_444_800
"""2100-01-01: nothing expires while it is measured."""
SMALL = 1_700
"""Bytes of the documents in the peers' table."""
SHORTEST, LONGEST, MEAN = 2 * 1024, 32 * 1024, 4 * 1024
"""Bytes of the mix: most people have few years, some have forty with three employers each."""
_SAMPLES = 48
_EMPLOYERS = ("Vodárny a kanalizace", "Pekárna Horní Brána", "Strojírny Kopecký", "Základní škola Lipová", "Nemocnice Sv. Anny")


@dataclass(frozen=True, slots=True)
class Kind:
    """How long the documents of some people are, before and after sealing, in bytes; drawn from evenly."""

    name: str
    plain: tuple[int, ...]
    sealed: tuple[int, ...]

    @property
    def mean_plain(self) -> float:
        """Mean length of a document."""
        return sum(self.plain) / len(self.plain)

    @property
    def mean_sealed(self) -> float:
        """Mean length of a sealed one."""
        return sum(self.sealed) / len(self.sealed)


def mix_sizes(count: int) -> list[int]:
    """Sizes between `SHORTEST` and `LONGEST` whose mean is `MEAN`: evenly spaced quantiles of a Pareto law.

    A Pareto law cut at both ends, P(X > x) ~ x ** -a; `a` is found by halving until the mean is right.
    """
    low, high = 0.1, 8.0
    sizes: list[int] = []
    for _ in range(60):
        middle = (low + high) / 2
        sizes = _pareto(count, middle)
        if sum(sizes) > MEAN * count:
            low = middle
        else:
            high = middle
    return sizes


def _pareto(count: int, a: float) -> list[int]:
    kept = 1 - (SHORTEST / LONGEST) ** a
    return [round(SHORTEST * (1 - kept * (n + 0.5) / count) ** (-1 / a)) for n in range(count)]


def document(draw: random.Random, size: int) -> dict[str, Any]:
    """A record with so many contributions that its JSON has `size` bytes, or the fewest more."""
    made: dict[str, Any] = {
        "name": draw.choice(("Marie Novotná", "Josef Dvořák", "Ludmila Veselá", "Karel Říha")),
        "number": str(draw.randrange(10**9, 10**10)),
        "version": draw.randrange(1, 9),
        "as_of": "2026-03-04T10:00:00Z",
        "changes_blocked": False,
        "blocks": [],
        "requests": [],
        "contacts": [{"channel": "sms", "destination": f"+420{draw.randrange(10**8, 10**9)}", "since": "2021-05-06"}],
        "contributions": [],
        "payments": [],
        "open_cases": [],
        "cacheable": True,
        "held_by": [{"office": "101", "name": "Praha 1", "reasons": ["home_office"]}],
    }
    length, year = len(msgspec.json.encode(made)), 2025
    while length < size:
        line = _contribution(draw, year)
        made["contributions"].append(line)
        length += len(msgspec.json.encode(line)) + 1
        year -= draw.random() < 0.6
    return made


def _contribution(draw: random.Random, year: int) -> dict[str, Any]:
    pay = draw.randrange(180_000, 900_000)
    return {
        "year": year,
        "from": f"{year}-01-01",
        "to": f"{year}-12-31",
        "employer": str(draw.randrange(10**7, 10**8)),
        "employer_name": draw.choice(_EMPLOYERS),
        "kind": "worked",
        "pay": f"{pay}.00",
        "branches": {"old_age": f"{pay * 28 // 100}.00", "health": f"{pay * 135 // 1000}.00"},
    }


def sealed(draw: random.Random, size: int, signer: Signer) -> tuple[int, int]:
    """Seal one document of a size to one card; its length before and after."""
    made = document(draw, size)
    data = seal_record(
        made, record_id=draw.randbytes(RECORD_ID_BYTES), version=1, recipients=[_card()], at=AT, signer=signer
    )
    return len(msgspec.json.encode(made)), len(data)


@cache
def _card() -> ec.EllipticCurvePublicKey:
    return ec.generate_private_key(ec.SECP256R1()).public_key()


def small(signer: Signer) -> Kind:
    """Documents as in the peers' table."""
    return _kind("1.7 KB", [SMALL] * _SAMPLES, signer)


def mix(signer: Signer) -> Kind:
    """Documents of 2 to 32 KB, 4 KB on average."""
    return _kind("2-32 KB, mean 4 KB", mix_sizes(_SAMPLES * 4), signer)


def _kind(name: str, sizes: Sequence[int], signer: Signer) -> Kind:
    draw = random.Random(name)
    lengths = [sealed(draw, size, signer) for size in sizes]
    return Kind(name, tuple(one for one, _ in lengths), tuple(other for _, other in lengths))


# --- in the database ---------------------------------------------------------------------------------------


def fill(url: str, office: str, kind: Kind, count: int) -> None:
    """Give an office `count` people whose records are sealed and in its feed; the office must be known."""
    draw = random.Random(count)
    prefix = office
    with psycopg.connect(url) as db:
        db.execute(
            "INSERT INTO person (number, given_name, family_name, birth_date, office, language) "
            "SELECT %s || '-' || n, 'A', 'B', '1950-01-01', %s, 'cs' FROM generate_series(1, %s) AS n",
            (prefix, office, count),
        )
        records = [
            bytes(row[0])
            for row in db.execute(
                "UPDATE person_record SET done = touched, version = 1 WHERE person LIKE %s RETURNING record_id",
                (f"{prefix}-%",),
            )
        ]
        with db.cursor().copy(
            "COPY sealed_record (record, version, fingerprints, document, sealed_at) FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.set_types(("bytea", "int8", "bytea", "bytea", "text"))
            for record in records:
                data = draw.randbytes(draw.choice(kind.sealed))
                copy.write_row((record, 1, draw.randbytes(FINGERPRINT_BYTES), data, NOW))
    publish(url, office, records)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("VACUUM ANALYZE person_record, sealed_record, scope_feed")
        db.execute("CHECKPOINT")


def publish(url: str, office: str, records: Sequence[bytes]) -> None:
    """Put records into an office's feed, or tell it that they changed."""
    with psycopg.connect(url, autocommit=True) as db:
        for first in range(0, len(records), AT_ONCE):
            db.execute(
                "INSERT INTO scope_feed (office, record, op, reasons, expires_at, changed_at) "
                "SELECT %s, record, 'U', 1, %s, %s FROM unnest(%s::bytea[]) AS record "
                "ON CONFLICT (office, record) DO UPDATE SET position = pg_current_xact_id()",
                (office, EXPIRES, NOW, list(records[first : first + AT_ONCE])),
            )


def change(url: str, office: str, kind: Kind, count: int, seed: int) -> None:
    """Seal `count` of an office's records anew, chosen evenly, and tell the feed."""
    draw = random.Random(seed)
    with psycopg.connect(url) as db:
        held = db.execute("SELECT record FROM scope_feed WHERE office = %s ORDER BY record", (office,)).fetchall()
        records = [bytes(row[0]) for row in draw.sample(held, count)]
        db.cursor().executemany(
            "UPDATE sealed_record SET version = version + 1, document = %s WHERE record = %s",
            [(draw.randbytes(draw.choice(kind.sealed)), record) for record in records],
        )
    publish(url, office, records)
