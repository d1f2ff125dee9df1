-- What was ordered for a person and is sent by somebody else.

CREATE TABLE ordered (
    request         TEXT PRIMARY KEY REFERENCES request (id),
    what            TEXT NOT NULL,                  -- the service's id
    person          TEXT NOT NULL REFERENCES person (number),
    reason          TEXT NOT NULL,
    destination     TEXT NOT NULL,
    ordered_at      TEXT NOT NULL,
    sent_at         TEXT
) STRICT;

CREATE INDEX ordered_waiting ON ordered (what, ordered_at) WHERE sent_at IS NULL;
