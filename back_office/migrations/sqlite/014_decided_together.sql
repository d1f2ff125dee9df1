-- The same as in PostgreSQL, where triggers are rewritten besides: SQLite knows row triggers only, and they cost it little.

DROP INDEX request_by_person;  -- request_by_person_service begins with the same column
