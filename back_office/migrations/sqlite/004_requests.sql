-- Requests of every service of the catalogue: what was asked, and cases about them.

CREATE TABLE request_content (
    request         TEXT PRIMARY KEY REFERENCES request (id),
    answers         TEXT NOT NULL,                  -- JSON, by question
    entered_by      TEXT NOT NULL                   -- JSON: holder, or helper:<role>[:<card>]
) STRICT;

CREATE INDEX request_by_person_service ON request (person, service, decision, decided_at);

-- The list of kinds grows with the services; the program keeps it.
CREATE TABLE desk_case_new (
    n           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL,                      -- transaction id
    office      TEXT NOT NULL,
    opened_at   TEXT NOT NULL,
    reason      TEXT NOT NULL,                      -- machine code, no personal data
    closed_at   TEXT,
    closed_by   TEXT,
    outcome     TEXT,
    remark      TEXT,
    revision    INTEGER NOT NULL DEFAULT 1,
    first_officer TEXT,
    UNIQUE (kind, subject)
) STRICT;
INSERT INTO desk_case_new (n, kind, subject, office, opened_at, reason, closed_at, closed_by, outcome, remark, revision, first_officer)
    SELECT n, kind, subject, office, opened_at, reason, closed_at, closed_by, outcome, remark, revision, first_officer FROM desk_case;
DROP TABLE desk_case;
ALTER TABLE desk_case_new RENAME TO desk_case;
CREATE INDEX desk_case_open ON desk_case (office, n) WHERE closed_at IS NULL;
CREATE TRIGGER desk_case_touches_insert AFTER INSERT ON desk_case
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = (SELECT person FROM request WHERE id = NEW.subject); END;

CREATE TRIGGER desk_case_touches_update AFTER UPDATE ON desk_case
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = (SELECT person FROM request WHERE id = NEW.subject); END;
