-- Requests and changes are written many with one statement: what that statement wrote touches the records with one more.
-- (Row by row, each row was an update of its own.) A plan is kept with the connection, so it must not depend on how many
-- rows the first statement wrote: an index look-up for each, however many.

CREATE FUNCTION touches_records() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS
$$ BEGIN
    UPDATE person_record SET touched = touched + 1 WHERE person IN (SELECT person FROM written);
    RETURN NULL;
END $$;

DROP TRIGGER request_touches ON request;
DROP TRIGGER bank_change_touches ON bank_change;

CREATE TRIGGER request_touches_added AFTER INSERT ON request
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION touches_records();
CREATE TRIGGER request_touches_changed AFTER UPDATE ON request
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION touches_records();
CREATE TRIGGER bank_change_touches_added AFTER INSERT ON bank_change
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION touches_records();
CREATE TRIGGER bank_change_touches_changed AFTER UPDATE ON bank_change
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION touches_records();

DROP INDEX request_by_person;  -- request_by_person_service begins with the same column
