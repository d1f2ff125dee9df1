"""The schema of the journal, in numbered steps that are never edited once released.

Rules:
- `PRAGMA user_version` says how many steps a file has had; each step and its number are one transaction.
- A file of a newer release is refused: an older program does not guess what it means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from offline_cache.database import Database

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE journal (
            epoch       INTEGER NOT NULL,       -- random, bound to this file at enrolment
            terminal    TEXT NOT NULL,
            created_at  TEXT NOT NULL,
            verdicts    INTEGER NOT NULL DEFAULT 0  -- how far GET /v1/verdicts has been read
        ) STRICT""",
        # AUTOINCREMENT: without it a sequence number comes back after a purge.
        """CREATE TABLE entry (
            seq             INTEGER PRIMARY KEY AUTOINCREMENT,
            id              TEXT NOT NULL,
            kind            TEXT NOT NULL,
            schema          INTEGER NOT NULL,
            sealing_key_id  TEXT NOT NULL,
            recorded_at     TEXT NOT NULL,
            body            BLOB NOT NULL,      -- sealed to the back office; the terminal cannot read it
            previous_hash   BLOB NOT NULL,
            hash            BLOB NOT NULL
        ) STRICT""",
        "CREATE UNIQUE INDEX entry_by_id ON entry (id)",
        """CREATE TRIGGER entry_is_append_only_update BEFORE UPDATE ON entry
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
        """CREATE TRIGGER entry_is_append_only_delete BEFORE DELETE ON entry
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
        # What the back office replied; an entry without a row here waits to be sent. Beside the entry and not in
        # it, so that entries never change and an append touches one index less.
        """CREATE TABLE delivery (
            seq         INTEGER PRIMARY KEY REFERENCES entry (seq),
            state       TEXT NOT NULL CHECK (state IN ('received', 'conflict', 'quarantined', 'refused')),
            decision    TEXT NOT NULL,
            detail      TEXT NOT NULL,
            changed_at  TEXT NOT NULL
        ) STRICT""",
        """CREATE TABLE print_report (
            n           INTEGER PRIMARY KEY,
            id          TEXT NOT NULL,
            stage       TEXT NOT NULL,
            outcome     TEXT NOT NULL CHECK (outcome IN ('printed', 'failed', 'unknown')),
            reported_at TEXT NOT NULL,
            state       TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'received', 'refused')),
            UNIQUE (id, stage, outcome)
        ) STRICT""",
    ),
    (
        # What earlier journals hold is offered once to each history of the back office (`redelivery` of the agent).
        "ALTER TABLE journal ADD COLUMN history TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE offered (
            epoch       INTEGER PRIMARY KEY,
            seq         INTEGER NOT NULL        -- how far the back office knew that journal then
        ) STRICT""",
    ),
)


def migrate(database: Database) -> None:
    """Bring the file to the newest schema. Raises `EnvironmentFault` for a newer file, `DatabaseFault` as the disk does."""
    row = database.row("PRAGMA user_version")
    version = int(row[0]) if row else 0
    if version > len(STEPS):
        raise EnvironmentFault(
            f"The journal {database.path} has schema {version}; this release knows {len(STEPS)}.",
            "Install the release that wrote it, or a newer one.",
        )
    for number in range(version, len(STEPS)):
        with database.transaction():
            for statement in STEPS[number]:
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {number + 1}")
