-- What officers attend: proofs of life, certificates that anybody can verify, and registrations under a provisional number.

-- Every time somebody was seen, at a terminal or elsewhere; `attended_by` '' is a visit alone, which proves nothing.
CREATE TABLE proof_of_life_given (
    id              TEXT PRIMARY KEY,               -- the request, or an id of its own for what the desk enters
    person          TEXT NOT NULL REFERENCES person (number),
    how             TEXT NOT NULL CHECK (how IN ('card', 'home_visit', 'doctors_form')),
    given_on        TEXT NOT NULL,
    office          TEXT NOT NULL,
    attended_by     TEXT NOT NULL,                  -- staff card, or the officer who entered it
    approved_by     TEXT,                           -- the second officer, for what the desk enters
    at              TEXT NOT NULL
) STRICT;

CREATE INDEX proof_of_life_given_by_person ON proof_of_life_given (person, given_on);

CREATE TABLE certificate (
    id              TEXT PRIMARY KEY REFERENCES request (id),
    person          TEXT NOT NULL REFERENCES person (number),
    kind            TEXT NOT NULL,
    issued_at       TEXT NOT NULL,
    issued_on       TEXT NOT NULL,
    valid_until     TEXT NOT NULL,                  -- the last day on which it can be verified
    digest          TEXT NOT NULL UNIQUE,           -- keyed hash of the code, never the code
    code_start      TEXT NOT NULL,                  -- its first four characters, for the person's own list
    content         TEXT NOT NULL                   -- JSON: what the paper shows, and nothing else is ever shown
) STRICT;

CREATE INDEX certificate_by_person ON certificate (person, issued_at);

-- Who asked the public page about a certificate, as keyed hashes; only so long as it is needed to count them.
CREATE TABLE certificate_look (
    n               INTEGER PRIMARY KEY,
    at              TEXT NOT NULL,
    address         TEXT NOT NULL,
    code            TEXT NOT NULL,
    found           INTEGER NOT NULL
) STRICT;

CREATE INDEX certificate_look_by_address ON certificate_look (address, at);
CREATE INDEX certificate_look_by_code ON certificate_look (code, at);

ALTER TABLE person ADD COLUMN provisional INTEGER NOT NULL DEFAULT 0;   -- registered by one officer, not yet confirmed
CREATE INDEX person_by_birth_date ON person (birth_date);

CREATE TABLE registration (
    request         TEXT PRIMARY KEY REFERENCES request (id),
    person          TEXT NOT NULL UNIQUE,           -- the provisional number; of nobody while a double is looked for
    clerk           TEXT NOT NULL,                  -- the staff card whose officer registered
    terminal        TEXT NOT NULL,
    evidence        TEXT NOT NULL,                  -- JSON: which papers were seen
    found           TEXT NOT NULL CHECK (found IN ('none', 'possible')),
    at              TEXT NOT NULL,
    confirmed_at    TEXT,
    confirmed_by    TEXT
) STRICT;

CREATE INDEX registration_by_clerk ON registration (clerk, at);

ALTER TABLE officer ADD COLUMN card TEXT;           -- the officer's own staff card, so that one person counts once

CREATE TRIGGER certificate_touches_insert AFTER INSERT ON certificate
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;

CREATE TRIGGER certificate_touches_update AFTER UPDATE ON certificate
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.person; END;
