-- What terminals may hold of a person: the sealed record, whom it is sealed to, why an office holds it, and the feed that
-- tells terminals. Tables of the record that only sealed documents and online answers show stand here as well.

-- --- the person's record, as far as it was not there ---------------------------------------------------

-- One employment (or another kind of period) of one year; NULL: not insured for that branch then.
CREATE TABLE contribution (
    person          TEXT NOT NULL REFERENCES person (number),
    year            INTEGER NOT NULL,
    employer        TEXT NOT NULL,                  -- its number; '' for periods without one
    valid_from      TEXT NOT NULL,
    valid_to        TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('worked', 'assimilated', 'other_scheme')),
    employer_name   TEXT NOT NULL,
    pay             INTEGER NOT NULL,
    old_age         INTEGER,
    accident        INTEGER,
    health          INTEGER,
    unemployment    INTEGER,
    PRIMARY KEY (person, year, employer, valid_from)
) STRICT;

-- Payments made before this back office made its own (payment_run, payment).
CREATE TABLE past_payment (
    person          TEXT NOT NULL REFERENCES person (number),
    paid_on         TEXT NOT NULL,
    iban            TEXT NOT NULL,
    amount          INTEGER NOT NULL,
    currency        TEXT NOT NULL,
    PRIMARY KEY (person, paid_on)
) STRICT;

CREATE INDEX payment_by_person ON payment (person, paid_on);

-- --- cards -----------------------------------------------------------------------------------------

-- The key agreement key (PIV 9D) of a card, as far as a record can be sealed to it: P-256.
CREATE TABLE card_key (
    card            TEXT PRIMARY KEY REFERENCES card (number),
    public_key      BLOB NOT NULL,                  -- uncompressed point, 65 bytes
    fingerprint     BLOB NOT NULL UNIQUE,           -- SHA-256 of the point
    not_after       TEXT NOT NULL                   -- end of the certificate
) STRICT;

-- Who may act for a person with an own card.
CREATE TABLE mandate (
    person          TEXT NOT NULL REFERENCES person (number),
    card            TEXT NOT NULL REFERENCES card (number),
    ground          TEXT NOT NULL,                  -- guardian, proxy
    valid_from      TEXT NOT NULL,
    valid_to        TEXT,
    PRIMARY KEY (person, card, valid_from)
) STRICT;

CREATE INDEX mandate_by_card ON mandate (card);
CREATE INDEX card_by_person ON card (person);

-- --- why an office may hold a record ------------------------------------------------------------------

CREATE TABLE appointment (
    id              TEXT PRIMARY KEY,
    person          TEXT NOT NULL REFERENCES person (number),
    office          TEXT NOT NULL REFERENCES office (id),
    at              TEXT NOT NULL
) STRICT;

CREATE INDEX appointment_by_person ON appointment (person);

CREATE TABLE proof_of_life (
    person          TEXT PRIMARY KEY REFERENCES person (number),
    due_on          TEXT NOT NULL                   -- a date
) STRICT;

-- The last visit of a person at an office.
CREATE TABLE visit (
    person          TEXT NOT NULL REFERENCES person (number),
    office          TEXT NOT NULL REFERENCES office (id),
    last_at         TEXT NOT NULL,
    PRIMARY KEY (person, office)
) STRICT;

-- --- the sealed record ---------------------------------------------------------------------------------

-- `touched` counts whatever changed about a person (the triggers below); the worker seals and publishes until `done`
-- has caught up. `version` counts sealings; a transaction's base version is person.version.
CREATE TABLE person_record (
    person          TEXT PRIMARY KEY REFERENCES person (number),
    record_id       BLOB NOT NULL UNIQUE,           -- 16 random bytes: all that terminals and feed know of who it is
    touched         INTEGER NOT NULL DEFAULT 1,
    done            INTEGER NOT NULL DEFAULT 0,
    version         INTEGER NOT NULL DEFAULT 0,
    digest          BLOB,                           -- SHA-256 of what is sealed, and to whom; NULL: nothing is
    look_at         TEXT                            -- when time alone will change something
) STRICT;

CREATE INDEX person_record_stale ON person_record (person) WHERE touched > done;
CREATE INDEX person_record_look ON person_record (look_at) WHERE look_at IS NOT NULL;

-- The sealed documents, apart: what is counted above changes often, and must not rewrite kilobytes.
CREATE TABLE sealed_record (
    record          BLOB PRIMARY KEY REFERENCES person_record (record_id),
    version         INTEGER NOT NULL,
    fingerprints    BLOB NOT NULL,                  -- 32 bytes a recipient, as the feed sends them
    document        BLOB NOT NULL,
    sealed_at       TEXT NOT NULL
) STRICT;

-- To which cards a record is sealed now.
CREATE TABLE record_recipient (
    person          TEXT NOT NULL REFERENCES person (number),
    card            TEXT NOT NULL REFERENCES card (number),
    fingerprint     BLOB NOT NULL,
    PRIMARY KEY (person, card)
) STRICT;

-- --- the feed ------------------------------------------------------------------------------------------

-- One row an (office, record): U holds it, D held it. `position` grows with every change (the counter in `setting`).
CREATE TABLE scope_feed (
    office          TEXT NOT NULL REFERENCES office (id),
    record          BLOB NOT NULL,
    position        INTEGER NOT NULL,
    op              TEXT NOT NULL CHECK (op IN ('U', 'D')),
    reasons         INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,               -- Unix seconds
    changed_at      TEXT NOT NULL,
    PRIMARY KEY (office, record)
) STRICT, WITHOUT ROWID;

CREATE INDEX scope_feed_by_position ON scope_feed (office, position, record);
CREATE INDEX scope_feed_by_record ON scope_feed (record);
CREATE INDEX scope_feed_gone ON scope_feed (changed_at) WHERE op = 'D';

-- The newest tombstone that was thrown away: a terminal that has not seen it must begin again.
CREATE TABLE feed_floor (
    office          TEXT PRIMARY KEY REFERENCES office (id),
    position        INTEGER NOT NULL,
    record          BLOB NOT NULL
) STRICT;

INSERT INTO setting (name, value) VALUES ('feed_epoch', lower(hex(randomblob(8)))), ('feed_position', '0');

-- --- whatever changes about a person touches the record -------------------------------------------------

INSERT INTO person_record (person, record_id) SELECT number, randomblob(16) FROM person;

CREATE TRIGGER person_gets_record AFTER INSERT ON person
BEGIN INSERT INTO person_record (person, record_id) VALUES (NEW.number, randomblob(16)); END;

CREATE TRIGGER person_touches_update AFTER UPDATE ON person
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.number; END;

CREATE TRIGGER contact_touches_insert AFTER INSERT ON contact
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER contact_touches_update AFTER UPDATE ON contact
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER account_touches_insert AFTER INSERT ON account
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER account_touches_update AFTER UPDATE ON account
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER pension_touches_insert AFTER INSERT ON pension
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER pension_touches_update AFTER UPDATE ON pension
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER pension_touches_delete AFTER DELETE ON pension
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = OLD.person; END;

CREATE TRIGGER request_touches_insert AFTER INSERT ON request
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER request_touches_update AFTER UPDATE ON request
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER bank_change_touches_insert AFTER INSERT ON bank_change
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER bank_change_touches_update AFTER UPDATE ON bank_change
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER payment_touches_insert AFTER INSERT ON payment
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER payment_touches_update AFTER UPDATE ON payment
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER former_name_touches_insert AFTER INSERT ON former_name
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER contribution_touches_insert AFTER INSERT ON contribution
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER contribution_touches_update AFTER UPDATE ON contribution
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER contribution_touches_delete AFTER DELETE ON contribution
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = OLD.person; END;

CREATE TRIGGER past_payment_touches_insert AFTER INSERT ON past_payment
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER past_payment_touches_update AFTER UPDATE ON past_payment
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER past_payment_touches_delete AFTER DELETE ON past_payment
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = OLD.person; END;

CREATE TRIGGER card_touches_insert AFTER INSERT ON card
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER card_touches_update AFTER UPDATE ON card
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER mandate_touches_insert AFTER INSERT ON mandate
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER mandate_touches_update AFTER UPDATE ON mandate
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER mandate_touches_delete AFTER DELETE ON mandate
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = OLD.person; END;

CREATE TRIGGER appointment_touches_insert AFTER INSERT ON appointment
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER appointment_touches_update AFTER UPDATE ON appointment
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER appointment_touches_delete AFTER DELETE ON appointment
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = OLD.person; END;

CREATE TRIGGER proof_of_life_touches_insert AFTER INSERT ON proof_of_life
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER proof_of_life_touches_update AFTER UPDATE ON proof_of_life
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER proof_of_life_touches_delete AFTER DELETE ON proof_of_life
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = OLD.person; END;

CREATE TRIGGER visit_touches_insert AFTER INSERT ON visit
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER visit_touches_update AFTER UPDATE ON visit
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER card_key_touches_insert AFTER INSERT ON card_key
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person IN (SELECT person FROM card WHERE number = NEW.card UNION SELECT person FROM mandate WHERE card = NEW.card); END;

CREATE TRIGGER card_key_touches_update AFTER UPDATE ON card_key
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person IN (SELECT person FROM card WHERE number = NEW.card UNION SELECT person FROM mandate WHERE card = NEW.card); END;

CREATE TRIGGER desk_case_touches_insert AFTER INSERT ON desk_case
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = (SELECT person FROM request WHERE id = NEW.subject); END;

CREATE TRIGGER desk_case_touches_update AFTER UPDATE ON desk_case
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = (SELECT person FROM request WHERE id = NEW.subject); END;

CREATE TRIGGER card_touches_represented AFTER UPDATE ON card
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person IN (SELECT person FROM mandate WHERE card = NEW.number); END;

CREATE TRIGGER office_touches_update AFTER UPDATE ON office
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person IN (SELECT person FROM person_record JOIN scope_feed ON record = record_id WHERE office = NEW.id); END;
