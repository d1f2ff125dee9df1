"""One private PostgreSQL a test process, started when the first test wants it; a database a test.

Making and dropping a database costs 0.1 s, so one made from a template is used again: its rows are put back as they were,
and it is thrown away when a test changed its schema.
"""

from __future__ import annotations

import atexit
import itertools
import shutil
import subprocess
import tempfile
from collections import defaultdict
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from back_office.database.private_cluster import PrivateCluster

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count(1)
_rested: dict[str, list[str]] = defaultdict(list)

_KEEP_ORIGINAL = """
CREATE SCHEMA original;
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE original.%1$I AS TABLE public.%1$I', t);
  END LOOP;
END $$;
CREATE TABLE original."sequences of public" AS
  SELECT sequencename AS name, coalesce(last_value, 1) AS value, last_value IS NOT NULL AS called
  FROM pg_sequences WHERE schemaname = 'public';
"""
_PUT_BACK = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid();
BEGIN;
SET LOCAL session_replication_role = replica;
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DELETE FROM public.%1$I', t);
    EXECUTE format('INSERT INTO public.%1$I SELECT * FROM original.%1$I', t);
  END LOOP;
END $$;
SELECT setval('public.' || quote_ident(name), value, called) FROM original."sequences of public";
COMMIT
"""
_SCHEMA = """
SELECT md5(concat(
  (SELECT string_agg(concat(oid, relname), ',' ORDER BY oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
  (SELECT string_agg(concat(oid, tgenabled), ',' ORDER BY oid) FROM pg_trigger),
  (SELECT string_agg(concat(oid, conname), ',' ORDER BY oid) FROM pg_constraint),
  (SELECT string_agg(concat(oid, prosrc), ',' ORDER BY oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace),
  (SELECT string_agg(concat(attrelid, attname, atttypid, attnotnull), ',' ORDER BY attrelid, attnum) FROM pg_attribute a
     JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace AND attnum > 0),
  (SELECT count(*) FROM pg_db_role_setting)
))
"""


@cache
def cluster() -> PrivateCluster:
    """The server of this process; it ends with the process, and its data too."""
    parent = Path(tempfile.mkdtemp(prefix="guichet-tests-"))
    parent.chmod(0o711)  # the server's user must get through
    started = PrivateCluster(parent / "postgresql")
    started.start()

    def end() -> None:
        started.remove()
        shutil.rmtree(parent, ignore_errors=True)

    atexit.register(end)
    return started


@cache
def _first_of_its_kind() -> Path:
    """A server's folder as it is when it has just been made, with the database `guichet`; nobody serves it."""
    parent = Path(tempfile.mkdtemp(prefix="guichet-tests-"))
    atexit.register(shutil.rmtree, parent, ignore_errors=True)
    parent.chmod(0o711)
    with PrivateCluster(parent / "postgresql") as started:
        started.create_database("guichet")
    return parent / "postgresql"


def a_server(folder: Path) -> PrivateCluster:
    """A server of one test's own, not started: a copy of one that was made before, which takes a tenth of making one.

    `folder` is new, and the server's user can reach it.
    """
    subprocess.run(["cp", "--archive", _first_of_its_kind(), folder], check=True)
    return PrivateCluster(folder)


def keep_original(url: str) -> None:
    """Make a database one that `cloned` can take as its template."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(_KEEP_ORIGINAL)


@cache
def _schema_of(template: str) -> str:
    return _schema(cluster().url(template))


def _schema(url: str) -> str:
    with psycopg.connect(url, autocommit=True) as db:
        found = db.execute(_SCHEMA).fetchone()
    assert found is not None
    return str(found[0])


@contextmanager
def empty_database() -> Iterator[str]:
    """The URL of a new database, gone afterwards whoever is connected."""
    name = f"t{next(_numbers)}"
    url = cluster().create_database(name)
    try:
        yield url
    finally:
        cluster().drop_database(name)


@contextmanager
def cloned(template: str) -> Iterator[str]:
    """The URL of a database that is as the template was."""
    wanted = _schema_of(template)
    name = _rested[template].pop() if _rested[template] else f"t{next(_numbers)}"
    yield cluster().create_database(name, template)
    url = cluster().url(name)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(_PUT_BACK)
    if _schema(url) == wanted:
        _rested[template].append(name)
    else:
        cluster().drop_database(name)
