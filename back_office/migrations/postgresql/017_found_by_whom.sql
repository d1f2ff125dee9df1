-- A record that somebody else's card opens is found by that card and the person's number now, no longer by the card alone:
-- whoever is represented is sealed and sent again.

UPDATE person_record SET touched = touched + 1 WHERE person IN (SELECT person FROM mandate);
