-- Delivery: what each terminal signed when it handed entries over, journals that were put back, conflicts and who decides them.

-- One push as it was signed (RFC 9421), so that it can be verified again years later: body = frame with the entries' bodies put back.
CREATE TABLE batch (
    id              TEXT PRIMARY KEY,
    terminal        TEXT NOT NULL,
    received_at     TEXT NOT NULL,
    entries         INTEGER NOT NULL,                -- how many of its entries were new
    content_digest  TEXT NOT NULL,                  -- the three headers, as they came
    signature_input TEXT NOT NULL,
    signature       TEXT NOT NULL,
    public_key      BLOB NOT NULL,                 -- that verified them: SubjectPublicKeyInfo, DER
    frame           BLOB NOT NULL,                 -- the body without the entries' bodies: back_office/evidence.py
    logged          INTEGER NOT NULL DEFAULT 0       -- 1 once it stands in the audit log
) STRICT;

CREATE INDEX batch_by_terminal ON batch (terminal, received_at);
CREATE INDEX batch_unlogged ON batch (id) WHERE logged = 0;

ALTER TABLE inbox ADD COLUMN batch TEXT NOT NULL DEFAULT '';    -- empty: received before batches were kept
ALTER TABLE inbox ADD COLUMN held TEXT NOT NULL DEFAULT '';     -- why it is not decided yet: terminal_suspended
DROP INDEX inbox_by_reference;                                  -- a reference tells terminal, epoch and place
DROP INDEX inbox_undecided;
CREATE INDEX inbox_undecided ON inbox (n) WHERE status = 'received' AND held = '';
CREATE INDEX inbox_held ON inbox (terminal, n) WHERE held <> '';

-- The newest sequence number that was received, holes or not: beyond seq there is something only when newest is greater.
ALTER TABLE journal_head ADD COLUMN newest INTEGER NOT NULL DEFAULT 0;
UPDATE journal_head SET newest = coalesce(
    (SELECT max(i.seq) FROM inbox i WHERE i.terminal = journal_head.terminal AND i.epoch = journal_head.epoch), 0);

-- The rest of an entry that could not enter, so that an officer can let it in whole.
ALTER TABLE conflict ADD COLUMN office TEXT NOT NULL DEFAULT '';
ALTER TABLE conflict ADD COLUMN schema INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conflict ADD COLUMN sealing_key_id TEXT NOT NULL DEFAULT '';
ALTER TABLE conflict ADD COLUMN previous_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE conflict ADD COLUMN reference TEXT NOT NULL DEFAULT '';
ALTER TABLE conflict ADD COLUMN recorded_at TEXT NOT NULL DEFAULT '';
ALTER TABLE conflict ADD COLUMN batch TEXT NOT NULL DEFAULT '';
ALTER TABLE conflict ADD COLUMN outcome TEXT NOT NULL DEFAULT '';   -- accepted, refused; empty: nobody has decided

-- What a terminal sent as an entry and is none: refused, and kept all the same.
CREATE TABLE refused_item (
    n           INTEGER PRIMARY KEY AUTOINCREMENT,
    terminal    TEXT NOT NULL,
    claimed_id  TEXT NOT NULL,                      -- as far as it could be read
    digest      TEXT NOT NULL,                      -- SHA-256 of raw
    raw         BLOB NOT NULL,
    reason      TEXT NOT NULL,
    received_at TEXT NOT NULL,
    UNIQUE (terminal, digest)
) STRICT;

-- What is decided by two officers: who was first. What an officer let pass, for the next decision.
ALTER TABLE desk_case ADD COLUMN first_officer TEXT;
CREATE TABLE waiver (
    id          TEXT NOT NULL,                      -- transaction id
    what        TEXT NOT NULL,                      -- edit_conflict, too_old
    officers    TEXT NOT NULL,                      -- sign-in names, with spaces between
    at          TEXT NOT NULL,
    PRIMARY KEY (id, what)
) STRICT;
