-- What is told aside of a visit: tickets for the desk, and counts of how it went.

CREATE TABLE ticket (
    id              TEXT PRIMARY KEY,               -- of the journal's entry; its envelope holds the draft
    number          TEXT NOT NULL,                  -- as on the slip; comes round
    office          TEXT NOT NULL,
    terminal        TEXT NOT NULL,
    about           TEXT NOT NULL,
    drawn_at        TEXT NOT NULL,
    has_draft       BIGINT NOT NULL,
    closed_at       TEXT,
    closed_by       TEXT
);

CREATE INDEX ticket_waiting ON ticket (office, drawn_at) WHERE closed_at IS NULL;
CREATE INDEX ticket_by_number ON ticket (number, drawn_at);
CREATE INDEX inbox_told_aside ON inbox (recorded_at) WHERE kind IN ('ticket', 'feedback') AND length(body) > 0;

-- Nobody and no visit stands here, and no time finer than a month.
CREATE TABLE feedback_count (
    month           TEXT NOT NULL,
    office          TEXT NOT NULL,
    service         TEXT NOT NULL,                  -- empty: about none
    what            TEXT NOT NULL,                  -- face, missing
    value           TEXT NOT NULL,
    n               BIGINT NOT NULL,
    PRIMARY KEY (month, office, service, what, value)
);
