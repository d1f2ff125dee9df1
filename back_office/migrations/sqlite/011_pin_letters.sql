-- Letters with a first PIN; the PIN itself is never here.

CREATE TABLE pin_letter (
    n               INTEGER PRIMARY KEY AUTOINCREMENT,
    card            TEXT NOT NULL REFERENCES card (number),
    person          TEXT REFERENCES person (number),
    sent_at         TEXT NOT NULL,
    until           TEXT NOT NULL,                  -- ISO day
    ended_at        TEXT
) STRICT;

CREATE UNIQUE INDEX pin_letter_open ON pin_letter (card) WHERE ended_at IS NULL;
CREATE INDEX pin_letter_by_person ON pin_letter (person) WHERE ended_at IS NULL;

CREATE TRIGGER pin_letter_touches_insert AFTER INSERT ON pin_letter
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER pin_letter_touches_update AFTER UPDATE ON pin_letter
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;
