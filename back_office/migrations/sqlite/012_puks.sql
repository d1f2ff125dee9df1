-- PUKs of cards, each sealed to the back office's own key; and when they were given to an officer.

CREATE TABLE card_puk (
    card            TEXT PRIMARY KEY REFERENCES card (number),
    sealed          TEXT NOT NULL                   -- JWE, compact
) STRICT;

CREATE TABLE puk_release (
    card            TEXT NOT NULL REFERENCES card (number),
    at              TEXT NOT NULL
) STRICT;

CREATE INDEX puk_release_by_card ON puk_release (card, at);
