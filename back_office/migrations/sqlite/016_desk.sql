-- What officers enter: each office's desk has a place of its own, numbered as a terminal is, with a journal of its own, so
-- that what is entered there has a reference and lies in the inbox like everything else. No key belongs to it: nobody can
-- push in its name.

CREATE TABLE desk_place (
    office          TEXT PRIMARY KEY REFERENCES office (id),
    terminal        TEXT NOT NULL UNIQUE REFERENCES terminal (id)
) STRICT;

-- How somebody was seen alive is any document that the catalogue names; the program keeps the list.
CREATE TABLE proof_of_life_given_new (
    id              TEXT PRIMARY KEY,               -- the request
    person          TEXT NOT NULL REFERENCES person (number),
    how             TEXT NOT NULL,                  -- card, home_visit, doctors_form, identity_card, ...
    given_on        TEXT NOT NULL,
    office          TEXT NOT NULL,
    attended_by     TEXT NOT NULL,                  -- staff card, or the officer who entered it
    approved_by     TEXT,                           -- the second officer, for what the desk enters
    at              TEXT NOT NULL
) STRICT;
INSERT INTO proof_of_life_given_new SELECT id, person, how, given_on, office, attended_by, approved_by, at FROM proof_of_life_given;
DROP TABLE proof_of_life_given;
ALTER TABLE proof_of_life_given_new RENAME TO proof_of_life_given;
CREATE INDEX proof_of_life_given_by_person ON proof_of_life_given (person, given_on);
