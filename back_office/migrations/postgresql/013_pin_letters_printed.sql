-- A letter from its digits to the hand of the card's holder. The digits are kept sealed, and only until they are printed.

ALTER TABLE pin_letter ADD COLUMN sealed TEXT;
ALTER TABLE pin_letter ADD COLUMN way TEXT NOT NULL DEFAULT 'post' CHECK (way IN ('post', 'counter'));
ALTER TABLE pin_letter ADD COLUMN days bigint NOT NULL DEFAULT 21;
ALTER TABLE pin_letter ADD COLUMN printed_at TEXT;
ALTER TABLE pin_letter ADD COLUMN printed_by TEXT;
ALTER TABLE pin_letter ADD COLUMN handed_at TEXT;
ALTER TABLE pin_letter ADD COLUMN handed_by TEXT;
