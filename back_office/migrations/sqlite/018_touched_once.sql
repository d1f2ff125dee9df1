-- A change is of the person whose request it is, and its request is written (again) in the same transaction before it: the
-- record is touched by that already.
DROP TRIGGER bank_change_touches_insert;
