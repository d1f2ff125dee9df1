-- The back office's record: who is known, what arrived, what was decided, who must be told, and what happened.
-- Times are RFC 3339 UTC with six decimals ("2027-03-01T08:00:00.000000Z"), so that text order is time order.
-- Dates are ISO 8601 ("2027-03-15"). Money is in the currency's minor unit. A NULL end means "still so".

CREATE TABLE office (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL
) STRICT;

-- --- terminals -----------------------------------------------------------------------------------

CREATE TABLE terminal (
    id                  TEXT PRIMARY KEY CHECK (id GLOB 'T[0-9][0-9][0-9][0-9]'),
    office              TEXT NOT NULL REFERENCES office (id),
    state               TEXT NOT NULL CHECK (state IN ('in_service', 'suspended', 'retired')),
    public_key          BLOB NOT NULL,              -- SubjectPublicKeyInfo, DER
    certificate         TEXT NOT NULL,              -- PEM
    certificate_serial  TEXT NOT NULL,              -- decimal
    receipt_certificate BLOB NOT NULL,              -- the short certificate that travels in receipts
    key_protection      TEXT NOT NULL,              -- as the terminal reported it: "file", "tpm"
    journal_epoch       INTEGER NOT NULL,           -- the epoch bound at the last enrolment
    technician          TEXT NOT NULL,
    enrolled_at         TEXT NOT NULL,
    last_seen_at        TEXT,
    heartbeat           TEXT NOT NULL DEFAULT '{}', -- JSON, as it came
    anomaly             TEXT                        -- why the fleet page marks it: journal_put_back, chain_broken, ...
) STRICT;

-- Every journal a terminal was ever given, and how far we know it. An old journal may still deliver after a new enrolment.
CREATE TABLE journal_head (
    terminal    TEXT NOT NULL REFERENCES terminal (id),
    epoch       INTEGER NOT NULL,
    seq         INTEGER NOT NULL DEFAULT 0,
    hash        TEXT NOT NULL DEFAULT '',
    bound_at    TEXT NOT NULL,
    PRIMARY KEY (terminal, epoch)
) STRICT;

CREATE TABLE enrolment_code (
    n           INTEGER PRIMARY KEY,
    terminal    TEXT NOT NULL,
    office      TEXT NOT NULL REFERENCES office (id),
    technician  TEXT NOT NULL,
    salt        BLOB NOT NULL,
    hash        BLOB NOT NULL,
    created_at  TEXT NOT NULL,
    expires_at  TEXT NOT NULL,
    tries       INTEGER NOT NULL DEFAULT 0,
    used_at     TEXT,
    answer      TEXT,                               -- the whole answer, so that a repeated enrolment gets it again
    key_digest  TEXT                                -- SHA-256 of the CSR that used the code
) STRICT;

CREATE TABLE nonce (
    key_id      TEXT NOT NULL,
    nonce       TEXT NOT NULL,
    expires_at  TEXT NOT NULL,
    PRIMARY KEY (key_id, nonce)
) STRICT, WITHOUT ROWID;

CREATE INDEX nonce_by_expiry ON nonce (expires_at);

-- --- persons -------------------------------------------------------------------------------------

CREATE TABLE person (
    number          TEXT PRIMARY KEY,               -- compact, as the scheme's identifier module gives it
    given_name      TEXT NOT NULL,
    family_name     TEXT NOT NULL,
    birth_date      TEXT NOT NULL,
    office          TEXT NOT NULL REFERENCES office (id),
    language        TEXT NOT NULL,
    changes_blocked INTEGER NOT NULL DEFAULT 0,     -- a block on bank changes; covers every channel
    version         INTEGER NOT NULL DEFAULT 1      -- grows with each change of the record
) STRICT;

CREATE TABLE former_name (
    person      TEXT NOT NULL REFERENCES person (number),
    name        TEXT NOT NULL,
    valid_to    TEXT NOT NULL,
    PRIMARY KEY (person, name)
) STRICT;

CREATE TABLE contact (
    id          INTEGER PRIMARY KEY,
    person      TEXT NOT NULL REFERENCES person (number),
    channel     TEXT NOT NULL CHECK (channel IN ('email', 'sms', 'letter')),
    destination TEXT NOT NULL,                      -- address, phone number, or postal address with line breaks
    valid_from  TEXT NOT NULL,
    valid_to    TEXT
) STRICT;

CREATE INDEX contact_by_person ON contact (person);

CREATE TABLE card (
    number      TEXT PRIMARY KEY,
    person      TEXT REFERENCES person (number),    -- NULL: staff, technician, employer
    role        TEXT NOT NULL CHECK (role IN ('insured', 'employer', 'staff', 'technician')),
    holder      TEXT NOT NULL,
    issued_at   TEXT NOT NULL,
    pin_changed_at TEXT,
    revoked_at  TEXT,
    revoked_because TEXT
) STRICT;

CREATE TABLE card_certificate (
    serial      TEXT PRIMARY KEY,                   -- decimal; up to 160 bits
    card        TEXT NOT NULL REFERENCES card (number),
    slot        TEXT NOT NULL
) STRICT;

CREATE TABLE account (
    id          INTEGER PRIMARY KEY,
    person      TEXT NOT NULL REFERENCES person (number),
    iban        TEXT NOT NULL,
    valid_from  TEXT NOT NULL,
    valid_to    TEXT,
    change      TEXT,                               -- the bank change that brought it; NULL: from registration
    reverted    INTEGER NOT NULL DEFAULT 0          -- a dispute about that change was upheld: never in force
) STRICT;

CREATE UNIQUE INDEX one_account_in_force ON account (person) WHERE valid_to IS NULL;
CREATE INDEX account_by_iban ON account (iban);

CREATE TABLE pension (
    person      TEXT PRIMARY KEY REFERENCES person (number),
    amount      INTEGER NOT NULL CHECK (amount > 0),
    currency    TEXT NOT NULL,
    since       TEXT NOT NULL
) STRICT;

-- --- what arrived --------------------------------------------------------------------------------

CREATE TABLE inbox (
    n               INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    terminal        TEXT NOT NULL REFERENCES terminal (id),
    epoch           INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    office          TEXT NOT NULL,
    kind            TEXT NOT NULL,
    schema          INTEGER NOT NULL,
    sealing_key_id  TEXT NOT NULL,
    previous_hash   TEXT NOT NULL,
    hash            TEXT NOT NULL,
    body            BLOB NOT NULL,                  -- the envelope as it came: JWE, compact
    body_hash       TEXT NOT NULL,
    reference       TEXT NOT NULL,                  -- 12 characters, as on the receipt
    recorded_at     TEXT NOT NULL,                  -- by the terminal's clock
    received_at     TEXT NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('received', 'decided', 'refused', 'quarantined')),
    reason          TEXT NOT NULL DEFAULT '',
    UNIQUE (terminal, epoch, seq)
) STRICT;

CREATE INDEX inbox_by_reference ON inbox (reference);
CREATE INDEX inbox_undecided ON inbox (n) WHERE status = 'received';

-- What cannot enter the inbox because its id or its place in a journal is taken: kept whole, for the desk.
CREATE TABLE conflict (
    n           INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL,
    terminal    TEXT NOT NULL,
    epoch       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    hash        TEXT NOT NULL,
    body        BLOB NOT NULL,
    body_hash   TEXT NOT NULL,
    reason      TEXT NOT NULL,                      -- other_body, place_taken, epoch_unknown
    received_at TEXT NOT NULL,
    UNIQUE (id, body_hash)
) STRICT;

CREATE TABLE print_report (
    id          TEXT NOT NULL,                      -- transaction id
    stage       TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    at          TEXT NOT NULL,
    PRIMARY KEY (id, stage)
) STRICT;

-- --- what was decided ----------------------------------------------------------------------------

CREATE TABLE request (
    id              TEXT PRIMARY KEY,               -- the inner id: one decision each
    service         TEXT NOT NULL,
    person          TEXT REFERENCES person (number),
    card            TEXT NOT NULL,
    office          TEXT NOT NULL,
    terminal        TEXT NOT NULL,
    language        TEXT NOT NULL,
    answer_key      TEXT NOT NULL,                  -- JSON Web Key of the visit
    signed_at       TEXT NOT NULL,
    decision        TEXT NOT NULL CHECK (decision IN
                        ('received', 'waiting', 'held', 'in_force', 'refused', 'cancelled', 'disputed', 'blocked')),
    text_key        TEXT NOT NULL DEFAULT '',
    parameters      TEXT NOT NULL DEFAULT '{}',     -- JSON, to fill the text
    decided_at      TEXT NOT NULL
) STRICT;

CREATE INDEX request_by_person ON request (person);

CREATE TABLE bank_change (
    id              TEXT PRIMARY KEY REFERENCES request (id),
    person          TEXT NOT NULL REFERENCES person (number),
    office          TEXT NOT NULL,
    iban            TEXT NOT NULL,
    as_typed        TEXT NOT NULL,
    state           TEXT NOT NULL,                  -- the name of the domain's state
    document        TEXT NOT NULL,                  -- JSON of the domain's whole value
    verification    TEXT NOT NULL DEFAULT 'not_asked',
    holder_name     TEXT NOT NULL DEFAULT '',       -- as the bank knows it; only after CLOSE_MATCH
    due_at          TEXT,                           -- the end of its wait
    received_at     TEXT NOT NULL,
    in_force_at     TEXT,
    revision        INTEGER NOT NULL DEFAULT 1      -- two officers on one case: the second one's revision is stale
) STRICT;

CREATE INDEX bank_change_by_person ON bank_change (person);
CREATE INDEX bank_change_by_iban ON bank_change (iban);
CREATE INDEX bank_change_due ON bank_change (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE bank_change_event (
    change      TEXT NOT NULL REFERENCES bank_change (id),
    n           INTEGER NOT NULL,
    at          TEXT NOT NULL,
    event       TEXT NOT NULL,
    actor       TEXT NOT NULL,
    reason      TEXT NOT NULL DEFAULT '',
    before      TEXT NOT NULL,
    after       TEXT NOT NULL,
    PRIMARY KEY (change, n)
) STRICT;

CREATE TABLE cancellation_code (
    change      TEXT PRIMARY KEY REFERENCES bank_change (id),
    digest      TEXT NOT NULL UNIQUE,               -- keyed hash, never the code
    made_at     TEXT NOT NULL
) STRICT;

-- Wrong codes typed at a terminal; enough of them close its code entry for a while.
CREATE TABLE code_failure (
    n           INTEGER PRIMARY KEY,
    terminal    TEXT NOT NULL,
    at          TEXT NOT NULL
) STRICT;

CREATE INDEX code_failure_by_terminal ON code_failure (terminal, at);

CREATE TABLE payment_hold (
    change      TEXT PRIMARY KEY REFERENCES bank_change (id),
    person      TEXT NOT NULL,
    since       TEXT NOT NULL,
    released_at TEXT
) STRICT;

CREATE TABLE verdict (
    n           INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL,                      -- transaction id; the newest row counts
    terminal    TEXT NOT NULL,
    decision    TEXT NOT NULL,
    sealed      BLOB,                               -- to the visit's answer key; NULL: nothing could be sealed
    at          TEXT NOT NULL
) STRICT;

CREATE INDEX verdict_by_terminal ON verdict (terminal, n);
CREATE INDEX verdict_by_id ON verdict (id, n);

-- --- who must be told ----------------------------------------------------------------------------

CREATE TABLE outbox (
    n           INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT NOT NULL UNIQUE,               -- idempotency key; also the message id at the partner
    kind        TEXT NOT NULL CHECK (kind IN ('verify_account', 'announce_account', 'notice')),
    change      TEXT REFERENCES bank_change (id),
    payload     TEXT NOT NULL,                      -- JSON
    created_at  TEXT NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    next_at     TEXT NOT NULL,
    last_error  TEXT NOT NULL DEFAULT '',
    done_at     TEXT,
    result      TEXT                                -- JSON
) STRICT;

CREATE INDEX outbox_open ON outbox (next_at) WHERE done_at IS NULL;
CREATE INDEX outbox_by_change ON outbox (change);

-- --- the desk ------------------------------------------------------------------------------------

CREATE TABLE officer (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    office      TEXT NOT NULL REFERENCES office (id),
    password    TEXT NOT NULL                       -- argon2 encoded hash
) STRICT;

CREATE TABLE desk_case (
    n           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL CHECK (kind IN ('held_change', 'stop', 'dispute', 'quarantine', 'conflict', 'undelivered')),
    subject     TEXT NOT NULL,                      -- transaction id
    office      TEXT NOT NULL,
    opened_at   TEXT NOT NULL,
    reason      TEXT NOT NULL,                      -- machine code, no personal data
    closed_at   TEXT,
    closed_by   TEXT,
    outcome     TEXT,
    remark      TEXT,
    revision    INTEGER NOT NULL DEFAULT 1,
    UNIQUE (kind, subject)
) STRICT;

CREATE INDEX desk_case_open ON desk_case (office, n) WHERE closed_at IS NULL;

CREATE TABLE staff_call (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    terminal    TEXT NOT NULL,
    office      TEXT NOT NULL,
    step        TEXT NOT NULL,
    called_at   TEXT NOT NULL,
    answered_at TEXT,
    answered_by TEXT
) STRICT;

-- --- paying --------------------------------------------------------------------------------------

CREATE TABLE payment_run (
    paid_on     TEXT PRIMARY KEY,
    cut_off     TEXT NOT NULL,
    made_at     TEXT NOT NULL,
    message_id  TEXT NOT NULL UNIQUE,
    file        TEXT NOT NULL
) STRICT;

CREATE TABLE payment (
    paid_on     TEXT NOT NULL REFERENCES payment_run (paid_on),
    person      TEXT NOT NULL REFERENCES person (number),
    iban        TEXT NOT NULL,
    amount      INTEGER NOT NULL,
    currency    TEXT NOT NULL,
    held        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (paid_on, person)
) STRICT;

-- --- settings and the audit log ------------------------------------------------------------------

CREATE TABLE setting (
    name        TEXT PRIMARY KEY,
    value       TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
    n           INTEGER PRIMARY KEY,
    at          TEXT NOT NULL,
    role        TEXT NOT NULL,                      -- terminal, holder, officer, technician, operator, partner, system
    actor       TEXT NOT NULL,                      -- number or sign-in name, never a name
    office      TEXT NOT NULL,
    action      TEXT NOT NULL,
    subject     TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    details     TEXT NOT NULL,                      -- JSON, keys of an allow-list
    hash        TEXT NOT NULL                       -- over this line and the hash before it
) STRICT;

CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
