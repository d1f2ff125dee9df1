-- What terminals may hold of a person: the sealed record, whom it is sealed to, why an office holds it, and the feed that
-- tells terminals. Tables of the record that only sealed documents and online answers show stand here as well.

-- --- the person's record, as far as it was not there ---------------------------------------------------

-- One employment (or another kind of period) of one year; NULL: not insured for that branch then.
CREATE TABLE contribution (
    person          TEXT NOT NULL REFERENCES person (number),
    year            BIGINT NOT NULL,
    employer        TEXT NOT NULL,                  -- its number; '' for periods without one
    valid_from      TEXT NOT NULL,
    valid_to        TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('worked', 'assimilated', 'other_scheme')),
    employer_name   TEXT NOT NULL,
    pay             BIGINT NOT NULL,
    old_age         BIGINT,
    accident        BIGINT,
    health          BIGINT,
    unemployment    BIGINT,
    PRIMARY KEY (person, year, employer, valid_from)
);

-- Payments made before this back office made its own (payment_run, payment).
CREATE TABLE past_payment (
    person          TEXT NOT NULL REFERENCES person (number),
    paid_on         TEXT NOT NULL,
    iban            TEXT NOT NULL,
    amount          BIGINT NOT NULL,
    currency        TEXT NOT NULL,
    PRIMARY KEY (person, paid_on)
);

CREATE INDEX payment_by_person ON payment (person, paid_on);

-- --- cards -----------------------------------------------------------------------------------------

-- The key agreement key (PIV 9D) of a card, as far as a record can be sealed to it: P-256.
CREATE TABLE card_key (
    card            TEXT PRIMARY KEY REFERENCES card (number),
    public_key      BYTEA NOT NULL,                  -- uncompressed point, 65 bytes
    fingerprint     BYTEA NOT NULL UNIQUE,           -- SHA-256 of the point
    not_after       TEXT NOT NULL                   -- end of the certificate
);

-- Who may act for a person with an own card.
CREATE TABLE mandate (
    person          TEXT NOT NULL REFERENCES person (number),
    card            TEXT NOT NULL REFERENCES card (number),
    ground          TEXT NOT NULL,                  -- guardian, proxy
    valid_from      TEXT NOT NULL,
    valid_to        TEXT,
    PRIMARY KEY (person, card, valid_from)
);

CREATE INDEX mandate_by_card ON mandate (card);
CREATE INDEX card_by_person ON card (person);

-- --- why an office may hold a record ------------------------------------------------------------------

CREATE TABLE appointment (
    id              TEXT PRIMARY KEY,
    person          TEXT NOT NULL REFERENCES person (number),
    office          TEXT NOT NULL REFERENCES office (id),
    at              TEXT NOT NULL
);

CREATE INDEX appointment_by_person ON appointment (person);

CREATE TABLE proof_of_life (
    person          TEXT PRIMARY KEY REFERENCES person (number),
    due_on          TEXT NOT NULL                   -- a date
);

-- The last visit of a person at an office.
CREATE TABLE visit (
    person          TEXT NOT NULL REFERENCES person (number),
    office          TEXT NOT NULL REFERENCES office (id),
    last_at         TEXT NOT NULL,
    PRIMARY KEY (person, office)
);

-- --- the sealed record ---------------------------------------------------------------------------------

-- `touched` counts whatever changed about a person (the triggers below); the worker seals and publishes until `done`
-- has caught up. `version` counts sealings; a transaction's base version is person.version.
CREATE TABLE person_record (
    person          TEXT PRIMARY KEY REFERENCES person (number),
    record_id       BYTEA NOT NULL UNIQUE,           -- 16 random bytes: all that terminals and feed know of who it is
    touched         BIGINT NOT NULL DEFAULT 1,
    done            BIGINT NOT NULL DEFAULT 0,
    version         BIGINT NOT NULL DEFAULT 0,
    digest          BYTEA,                           -- SHA-256 of what is sealed, and to whom; NULL: nothing is
    look_at         TEXT                            -- when time alone will change something
);

CREATE INDEX person_record_stale ON person_record (person) WHERE touched > done;
CREATE INDEX person_record_look ON person_record (look_at) WHERE look_at IS NOT NULL;

-- The sealed documents, apart: what is counted above changes often, and must not rewrite kilobytes.
CREATE TABLE sealed_record (
    record          BYTEA PRIMARY KEY REFERENCES person_record (record_id),
    version         BIGINT NOT NULL,
    fingerprints    BYTEA NOT NULL,                  -- 32 bytes a recipient, as the feed sends them
    document        BYTEA NOT NULL,
    sealed_at       TEXT NOT NULL
);

-- To which cards a record is sealed now.
CREATE TABLE record_recipient (
    person          TEXT NOT NULL REFERENCES person (number),
    card            TEXT NOT NULL REFERENCES card (number),
    fingerprint     BYTEA NOT NULL,
    PRIMARY KEY (person, card)
);

-- --- the feed ------------------------------------------------------------------------------------------

-- One row an (office, record): U holds it, D held it. `position` is the transaction that wrote it: a reader who takes only
-- what is older than every transaction under way misses nothing (see repository/feed.py).
CREATE TABLE scope_feed (
    office          TEXT NOT NULL REFERENCES office (id),
    record          BYTEA NOT NULL,
    position        XID8 NOT NULL DEFAULT pg_current_xact_id(),
    op              TEXT NOT NULL CHECK (op IN ('U', 'D')),
    reasons         BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,                -- Unix seconds
    changed_at      TEXT NOT NULL,
    PRIMARY KEY (office, record)
) WITH (fillfactor = 80);

CREATE INDEX scope_feed_by_position ON scope_feed (office, position, record);
CREATE INDEX scope_feed_by_record ON scope_feed (record);
CREATE INDEX scope_feed_gone ON scope_feed (changed_at) WHERE op = 'D';

-- The newest tombstone that was thrown away: a terminal that has not seen it must begin again.
CREATE TABLE feed_floor (
    office          TEXT PRIMARY KEY REFERENCES office (id),
    position        XID8 NOT NULL,
    record          BYTEA NOT NULL
);

-- What is sealed does not compress, and up to a page it stays in its row: a first sync reads 50,000 of them.
ALTER TABLE sealed_record ALTER COLUMN document SET STORAGE EXTERNAL;
ALTER TABLE sealed_record SET (toast_tuple_target = 8160);

INSERT INTO setting (name, value) VALUES ('feed_epoch', substr(replace(gen_random_uuid()::text, '-', ''), 1, 16));

-- --- whatever changes about a person touches the record -------------------------------------------------

INSERT INTO person_record (person, record_id) SELECT number, uuid_send(gen_random_uuid()) FROM person;

CREATE FUNCTION person_gets_record() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO person_record (person, record_id) VALUES (NEW.number, uuid_send(gen_random_uuid())); RETURN NULL; END $$;

CREATE FUNCTION person_touches() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.number; RETURN NULL; END $$;

CREATE FUNCTION touches_record() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE person_record SET touched = touched + 1 WHERE person = OLD.person;
    ELSE
        UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION card_key_touches() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    UPDATE person_record SET touched = touched + 1 WHERE person IN
        (SELECT person FROM card WHERE number = NEW.card UNION SELECT person FROM mandate WHERE card = NEW.card);
    RETURN NULL;
END $$;

CREATE FUNCTION card_touches_represented() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    UPDATE person_record SET touched = touched + 1 WHERE person IN (SELECT person FROM mandate WHERE card = NEW.number);
    RETURN NULL;
END $$;

CREATE FUNCTION desk_case_touches() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    UPDATE person_record SET touched = touched + 1 WHERE person = (SELECT person FROM request WHERE id = NEW.subject);
    RETURN NULL;
END $$;

CREATE FUNCTION office_touches() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    UPDATE person_record SET touched = touched + 1 WHERE record_id IN (SELECT record FROM scope_feed WHERE office = NEW.id);
    RETURN NULL;
END $$;

CREATE TRIGGER person_gets_record AFTER INSERT ON person FOR EACH ROW EXECUTE FUNCTION person_gets_record();
CREATE TRIGGER person_touches_update AFTER UPDATE ON person FOR EACH ROW EXECUTE FUNCTION person_touches();

CREATE TRIGGER contact_touches AFTER INSERT OR UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER account_touches AFTER INSERT OR UPDATE ON account FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER pension_touches AFTER INSERT OR UPDATE OR DELETE ON pension FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER request_touches AFTER INSERT OR UPDATE ON request FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER bank_change_touches AFTER INSERT OR UPDATE ON bank_change FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER payment_touches AFTER INSERT OR UPDATE ON payment FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER former_name_touches AFTER INSERT ON former_name FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER contribution_touches AFTER INSERT OR UPDATE OR DELETE ON contribution FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER past_payment_touches AFTER INSERT OR UPDATE OR DELETE ON past_payment FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER card_touches AFTER INSERT OR UPDATE ON card FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER mandate_touches AFTER INSERT OR UPDATE OR DELETE ON mandate FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER appointment_touches AFTER INSERT OR UPDATE OR DELETE ON appointment FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER proof_of_life_touches AFTER INSERT OR UPDATE OR DELETE ON proof_of_life FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER visit_touches AFTER INSERT OR UPDATE ON visit FOR EACH ROW EXECUTE FUNCTION touches_record();
CREATE TRIGGER card_key_touches AFTER INSERT OR UPDATE ON card_key FOR EACH ROW EXECUTE FUNCTION card_key_touches();
CREATE TRIGGER card_touches_represented AFTER UPDATE ON card FOR EACH ROW EXECUTE FUNCTION card_touches_represented();
CREATE TRIGGER desk_case_touches AFTER INSERT OR UPDATE ON desk_case FOR EACH ROW EXECUTE FUNCTION desk_case_touches();
CREATE TRIGGER office_touches AFTER UPDATE ON office FOR EACH ROW EXECUTE FUNCTION office_touches();
