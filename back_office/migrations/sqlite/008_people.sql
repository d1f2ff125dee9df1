-- Mandates that people give themselves, reports without a card, and papers that an officer attaches to a case.

-- A mandate has an id by which it is ended, and a scope: services, with spaces between; '' is every one that allows it.
ALTER TABLE mandate ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE mandate ADD COLUMN services TEXT NOT NULL DEFAULT '';
UPDATE mandate SET id = lower(hex(randomblob(16)));
CREATE UNIQUE INDEX mandate_by_id ON mandate (id);

-- Somebody without a card has told that a person's card is lost; until the case is closed officers look at every change.
CREATE TABLE loss_report (
    request         TEXT PRIMARY KEY REFERENCES request (id),
    person          TEXT NOT NULL REFERENCES person (number),
    told_at         TEXT NOT NULL
) STRICT;

CREATE INDEX loss_report_by_person ON loss_report (person);

-- A death that an officer has confirmed; one that turned out wrong is withdrawn, never deleted.
CREATE TABLE death (
    person          TEXT PRIMARY KEY REFERENCES person (number),
    died_on         TEXT NOT NULL,
    request         TEXT NOT NULL,                  -- the report
    confirmed_at    TEXT NOT NULL,
    withdrawn_at    TEXT
) STRICT;

-- Papers that somebody brought to the desk, as they were scanned.
CREATE TABLE case_paper (
    n               INTEGER PRIMARY KEY AUTOINCREMENT,
    desk_case       INTEGER NOT NULL,
    subject         TEXT NOT NULL,                  -- transaction id of the case
    name            TEXT NOT NULL,
    media_type      TEXT NOT NULL,
    size            INTEGER NOT NULL,
    digest          TEXT NOT NULL,                  -- SHA-256, hexadecimal
    content         BLOB NOT NULL,
    officer         TEXT NOT NULL,
    attached_at     TEXT NOT NULL,
    UNIQUE (subject, digest)
) STRICT;

-- A mandate stands in the record of whoever holds the card, too, with the name of the person acted for.
CREATE TRIGGER mandate_touches_holder_insert AFTER INSERT ON mandate
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person IN (SELECT person FROM card WHERE number = NEW.card); END;

CREATE TRIGGER mandate_touches_holder_update AFTER UPDATE ON mandate
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person IN (SELECT person FROM card WHERE number = NEW.card); END;

CREATE TRIGGER mandate_touches_holder_delete AFTER DELETE ON mandate
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person IN (SELECT person FROM card WHERE number = OLD.card); END;

CREATE TRIGGER name_touches_representatives AFTER UPDATE OF given_name, family_name ON person
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person IN (SELECT card.person FROM mandate JOIN card ON card.number = mandate.card WHERE mandate.person = NEW.number); END;

CREATE TRIGGER death_touches_insert AFTER INSERT ON death
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER death_touches_update AFTER UPDATE ON death
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;
