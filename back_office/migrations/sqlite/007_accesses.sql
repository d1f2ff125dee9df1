-- Who looked at a record, told to the person: found by person, and whatever is added touches the record.

CREATE INDEX audit_accesses ON audit (subject, n) WHERE action IN ('record.opened', 'desk.file.opened');

CREATE TRIGGER access_touches AFTER INSERT ON audit WHEN NEW.action IN ('record.opened', 'desk.file.opened')
BEGIN UPDATE person_record SET touched = touched + 1 WHERE person = NEW.subject; END;
