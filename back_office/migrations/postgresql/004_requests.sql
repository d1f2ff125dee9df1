-- Requests of every service of the catalogue: what was asked, and cases about them.

CREATE TABLE request_content (
    request         TEXT PRIMARY KEY REFERENCES request (id),
    answers         TEXT NOT NULL,                  -- JSON, by question
    entered_by      TEXT NOT NULL                   -- JSON: holder, or helper:<role>[:<card>]
);

CREATE INDEX request_by_person_service ON request (person, service, decision, decided_at);

-- The list of kinds grows with the services; the program keeps it.
ALTER TABLE desk_case DROP CONSTRAINT desk_case_kind_check;
