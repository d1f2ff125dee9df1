-- What officers enter: each office's desk has a place of its own, numbered as a terminal is, with a journal of its own, so
-- that what is entered there has a reference and lies in the inbox like everything else. No key belongs to it: nobody can
-- push in its name.

CREATE TABLE desk_place (
    office          TEXT PRIMARY KEY REFERENCES office (id),
    terminal        TEXT NOT NULL UNIQUE REFERENCES terminal (id)
);

-- How somebody was seen alive is any document that the catalogue names; the program keeps the list.
ALTER TABLE proof_of_life_given DROP CONSTRAINT proof_of_life_given_how_check;
