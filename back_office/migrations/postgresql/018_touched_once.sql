-- A change is of the person whose request it is, and its request is written (again) in the same transaction before it: the
-- record is touched by that already, and a second time would be a second update of the same row.
DROP TRIGGER bank_change_touches_added ON bank_change;
