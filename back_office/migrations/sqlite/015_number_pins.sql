-- A PIN that goes with a person's number, for visits without a card. Only its verifier is kept; wrong ones are counted by number,
-- under a keyed hash (whether anybody has the number or not), and by terminal.

CREATE TABLE number_pin (
    person          TEXT PRIMARY KEY REFERENCES person (number),
    verifier        TEXT NOT NULL,                  -- argon2id of what the keyring's key makes of number and PIN
    chosen          INTEGER NOT NULL DEFAULT 0,     -- 0: a letter's, to be replaced
    until           TEXT NOT NULL,                  -- ISO day, of a letter's
    way             TEXT NOT NULL CHECK (way IN ('post', 'counter')),
    printed_by      TEXT NOT NULL,
    handed_by       TEXT,
    set_at          TEXT NOT NULL
) STRICT;

CREATE TABLE number_pin_failure (
    n               INTEGER PRIMARY KEY AUTOINCREMENT,
    place           TEXT NOT NULL,                  -- 'T' and the terminal, or 'N' and the keyed hash of the number
    at              TEXT NOT NULL
) STRICT;

CREATE INDEX number_pin_failure_by_place ON number_pin_failure (place, n);
