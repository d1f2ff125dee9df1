-- Who looked at a record, told to the person: found by person, and whatever is added touches the record.

CREATE INDEX audit_accesses ON audit (subject, n) WHERE action IN ('record.opened', 'desk.file.opened');

CREATE FUNCTION access_touches() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.subject; RETURN NULL; END $$;

CREATE TRIGGER access_touches AFTER INSERT ON audit FOR EACH ROW
    WHEN (NEW.action IN ('record.opened', 'desk.file.opened')) EXECUTE FUNCTION access_touches();
