"""Sealed records, the keys they are sealed to, and the parts of the record that only they and online answers show.

Rules:
- A record is found by its person, the feed knows only `record_id`.
- `touched` is counted by triggers; `store` writes only if nobody stored something newer meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.wire.sealed_record import lookup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from back_office.database import Connection


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One person's record as it was sealed last."""

    person: str
    record_id: bytes
    touched: int
    done: int
    version: int
    digest: bytes | None
    """Of what is sealed and to whom; None: nothing is."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A valid card with a key that a record can be sealed to, and what the record is found by with it."""

    card: str
    public_key: bytes
    lookup: bytes
    not_after: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the worker made of a record; `document` None: nothing can be sealed."""

    version: int
    digest: bytes | None
    document: bytes | None
    recipients: tuple[Recipient, ...]
    sealed_at: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """One employment, or another kind of period, of one year; money in the minor unit, None: not insured for it."""

    person: str
    year: int
    employer: str
    valid_from: str
    valid_to: str
    kind: str
    employer_name: str
    pay: int
    old_age: int | None
    accident: int | None
    health: int | None
    unemployment: int | None


@dataclass(frozen=True, slots=True)
class PaymentMade:
    """One payment to a person."""

    paid_on: str
    iban: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that an officer has not closed; never why."""

    kind: str
    subject: str
    office: str
    opened_at: str


@dataclass(frozen=True, slots=True)
class Access:
    """One look at a person's record, as the audit log tells it."""

    at: str
    office: str
    role: str
    purpose: str


LOOKS = 400
"""How many looks are read for the list that the person sees."""

_ROW = "person, record_id, touched, done, version, digest"
_CONTRIBUTION = ", ".join(Contribution.__slots__)


def record(db: Connection, person: str) -> RecordRow | None:
    """One person's record."""
    row = db.execute(f"SELECT {_ROW} FROM person_record WHERE person = ?", (person,)).fetchone()  # noqa: S608
    return None if row is None else RecordRow(**dict(row))


def stale(db: Connection, limit: int) -> list[RecordRow]:
    """Records that something touched since they were looked at."""
    rows = db.execute(
        f"SELECT {_ROW} FROM person_record WHERE touched > done ORDER BY person LIMIT ?",  # noqa: S608
        (limit,),
    )
    return [RecordRow(**dict(row)) for row in rows]


def touch(db: Connection, person: str) -> None:
    """Have the worker look at a record again."""
    db.execute("UPDATE person_record SET touched = touched + 1 WHERE person = ?", (person,))


def touch_due(db: Connection, now: str) -> int:
    """Have the worker look at every record that time alone changed; how many."""
    done = db.execute(
        "UPDATE person_record SET touched = touched + 1, look_at = NULL WHERE look_at IS NOT NULL AND look_at <= ?",
        (now,),
    )
    return done.rowcount


def recipients(db: Connection, person: str, now: str) -> tuple[Recipient, ...]:
    """Valid cards a record is sealed to: the person's own that are not revoked, and those of who acts for the person."""
    rows = db.execute(
        "SELECT card_key.card AS card, card.person AS holder, public_key, fingerprint, not_after FROM card_key "
        "JOIN card ON card.number = card_key.card WHERE revoked_at IS NULL AND not_after > ? AND NOT EXISTS "
        "(SELECT 1 FROM death WHERE death.person = ? AND withdrawn_at IS NULL) AND ("
        "card.person = ? OR card.number IN (SELECT mandate.card FROM mandate "
        "WHERE mandate.person = ? AND valid_from <= ? AND (valid_to IS NULL OR valid_to > ?))) "
        "ORDER BY CASE WHEN card.person = ? THEN 0 ELSE 1 END, issued_at DESC, card_key.card",
        (now, person, person, person, now, now, person),
    )
    return tuple(
        Recipient(
            row["card"], bytes(row["public_key"]),
            lookup(bytes(row["fingerprint"]), "" if row["holder"] == person else person), row["not_after"],
        )
        for row in rows
    )  # fmt: skip


def next_mandate_change(db: Connection, person: str, now: str) -> str | None:
    """Find when a mandate begins or ends next."""
    row = db.execute(
        "SELECT min(moment) FROM (SELECT valid_from AS moment FROM mandate WHERE person = ? "
        "UNION ALL SELECT valid_to FROM mandate WHERE person = ?) AS moments WHERE moment > ?",
        (person, person, now),
    ).fetchone()
    return None if row[0] is None else str(row[0])


def store(db: Connection, row: RecordRow, sealed: Sealed | None, look_at: str | None) -> bool:
    """Keep what was made of a record as it was when `row` was read; `sealed` None: as before.

    False when somebody stored something as new or newer meanwhile; then nothing was written.
    """
    made = row if sealed is None else sealed
    done = db.execute(
        "UPDATE person_record SET done = ?, look_at = ?, version = ?, digest = ? WHERE person = ? AND done < ?",
        (row.touched, look_at, made.version, made.digest, row.person, row.touched),
    )
    if done.rowcount != 1:
        return False
    if sealed is not None:
        _keep(db, row, sealed)
    return True


def _keep(db: Connection, row: RecordRow, sealed: Sealed) -> None:
    if sealed.document is None:
        db.execute("DELETE FROM sealed_record WHERE record = ?", (row.record_id,))
    else:
        fingerprints = b"".join(one.lookup for one in sealed.recipients)
        db.execute(
            "INSERT INTO sealed_record (record, version, fingerprints, document, sealed_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (record) DO UPDATE SET version = excluded.version, fingerprints = excluded.fingerprints, "
            "document = excluded.document, sealed_at = excluded.sealed_at",
            (row.record_id, sealed.version, fingerprints, sealed.document, sealed.sealed_at),
        )
    db.execute("DELETE FROM record_recipient WHERE person = ?", (row.person,))
    db.executemany(
        "INSERT INTO record_recipient (person, card, fingerprint) VALUES (?, ?, ?)",
        [(row.person, one.card, one.lookup) for one in sealed.recipients],
    )


# --- keys and mandates -------------------------------------------------------------------------------


def put_card_key(db: Connection, card: str, *, public_key: bytes, fingerprint: bytes, not_after: str) -> None:
    """Keep the key agreement key of a card at its issuance (or its certificate's renewal)."""
    db.execute(
        "INSERT INTO card_key (card, public_key, fingerprint, not_after) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (card) DO UPDATE SET public_key = excluded.public_key, fingerprint = excluded.fingerprint, "
        "not_after = excluded.not_after",
        (card, public_key, fingerprint, not_after),
    )


def add_mandate(
    db: Connection, person: str, card: str, *, ground: str, valid_from: str, valid_to: str | None = None
) -> None:
    """Let the holder of a card act for a person in everything, from a time on."""
    db.execute(
        "INSERT INTO mandate (id, person, card, ground, valid_from, valid_to) VALUES (?, ?, ?, ?, ?, ?)",
        (f"{person}-{card}-{valid_from}", person, card, ground, valid_from, valid_to),
    )


def cards(db: Connection, person: str, now: str) -> list[dict[str, str]]:
    """List a person's own cards as the person sees them: number, issued_on, state; newest first."""
    rows = db.execute(
        "SELECT number, issued_at, CASE WHEN revoked_at IS NOT NULL THEN 'lost' WHEN not_after <= ? THEN 'expired' "
        "ELSE 'valid' END AS state FROM card LEFT JOIN card_key ON card_key.card = number "
        "WHERE person = ? ORDER BY issued_at DESC, number",
        (now, person),
    )
    return [{"number": row["number"], "issued_on": row["issued_at"][:10], "state": row["state"]} for row in rows]


# --- contributions, payments, cases --------------------------------------------------------------------


def add_contributions(db: Connection, new: Iterable[Contribution]) -> None:
    """Keep contributions."""
    db.executemany(
        f"INSERT INTO contribution ({_CONTRIBUTION}) VALUES ({', '.join('?' * len(Contribution.__slots__))})",  # noqa: S608
        [tuple(getattr(one, name) for name in Contribution.__slots__) for one in new],
    )


def contributions(db: Connection, person: str) -> list[Contribution]:
    """Everything a person was insured for, newest year first."""
    rows = db.execute(
        f"SELECT {_CONTRIBUTION} FROM contribution WHERE person = ? ORDER BY year DESC, valid_from DESC, employer",  # noqa: S608
        (person,),
    )
    return [Contribution(**dict(row)) for row in rows]


def add_past_payments(db: Connection, person: str, payments: Iterable[PaymentMade]) -> None:
    """Keep payments made before this back office made its own."""
    db.executemany(
        "INSERT INTO past_payment (person, paid_on, iban, amount, currency) VALUES (?, ?, ?, ?, ?)",
        [(person, one.paid_on, one.iban, one.amount, one.currency) for one in payments],
    )


def payments_to(db: Connection, person: str, limit: int) -> list[PaymentMade]:
    """The newest payments to a person, newest first; a held one is none."""
    rows = db.execute(
        "SELECT paid_on, iban, amount, currency FROM payment WHERE person = ? AND held = 0 "
        "UNION ALL SELECT paid_on, iban, amount, currency FROM past_payment WHERE person = ? "
        "ORDER BY paid_on DESC LIMIT ?",
        (person, person, limit),
    )
    return [PaymentMade(**dict(row)) for row in rows]


def open_cases(db: Connection, person: str) -> list[OpenCase]:
    """Cases about requests of a person that are not closed, oldest first."""
    rows = db.execute(
        "SELECT desk_case.kind AS kind, subject, desk_case.office AS office, opened_at FROM desk_case "
        "JOIN request ON request.id = subject WHERE request.person = ? AND closed_at IS NULL ORDER BY n",
        (person,),
    )
    return [OpenCase(**dict(row)) for row in rows]


def accesses(db: Connection, person: str) -> list[Access]:
    """Who looked at a person's record, newest first; the condition on `action` is that of the index."""
    rows = db.execute(
        "SELECT at, office, role, purpose FROM audit WHERE subject = ? "
        "AND action IN ('record.opened', 'desk.file.opened') ORDER BY n DESC LIMIT ?",
        (person, LOOKS),
    )
    return [Access(**dict(row)) for row in rows]
