"""What is PostgreSQL's own: a server that goes away and comes back, several of them, and one that cannot be relied on."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from fakes.verb import main
from hypothesis import given
from hypothesis import strategies as st
from postgresql_cluster import a_server, cluster, empty_database

from back_office.database import Database, StorageFault, Taken, migrate, open_database
from back_office.database.placeholders import with_percent
from back_office.database.private_cluster import PrivateCluster
from kiosk.domain.errors import Bug, EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's user can reach, also when the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="guichet-test-") as made:
        Path(made).chmod(0o711)
        yield Path(made) / "postgresql"


@pytest.fixture
def server(folder: Path) -> Iterator[PrivateCluster]:
    """A server that a test may kill."""
    with a_server(folder) as started:
        yield started


@pytest.fixture
def number(server: PrivateCluster) -> Iterator[Database]:
    made = open_database(server.url("guichet"))
    with made.write() as work:
        work.execute("CREATE TABLE a (x INTEGER PRIMARY KEY)")
    yield made
    made.close()


def put(database: Database, x: int) -> None:
    with database.write() as work:
        work.execute("INSERT INTO a VALUES (?)", (x,))


def numbers(database: Database) -> list[int]:
    with database.read() as view:
        return [row["x"] for row in view.execute("SELECT x FROM a ORDER BY x")]


def soon(holds: Callable[[], bool]) -> bool:
    """Wait for what another process does in its own time."""
    for _ in range(1000):
        if holds():
            return True
        select.select([], [], [], 0.01)
    return False


# --- a server that goes away -------------------------------------------------------------------------------


def test_a_server_that_dies_loses_nothing_that_was_acknowledged(server: PrivateCluster, number: Database) -> None:
    def cut_off() -> None:
        with number.write() as work:
            work.execute("INSERT INTO a VALUES (2)")
            server.kill()
            work.execute("INSERT INTO a VALUES (3)")

    put(number, 1)
    with pytest.raises(StorageFault, match="failed"):
        cut_off()
    for use in (lambda: numbers(number), lambda: put(number, 4), number.others_counter):
        with pytest.raises(StorageFault, match="cannot be reached"):
            use()
    server.start()
    put(number, 5)
    assert numbers(number) == [1, 5]


def test_a_server_that_was_restarted_meanwhile_is_not_noticed(server: PrivateCluster, number: Database) -> None:
    """Connections that lie idle are dead then; each way of beginning finds that out by itself."""
    before = number.others_counter()
    for begin in (number.read, number.write, number.write_alongside):
        with number.read(), number.read():
            pass  # two that lie idle
        server.stop()
        server.start()
        with begin() as work:
            assert work.execute("SELECT count(*) FROM a").fetchone()[0] == 0
    server.stop()
    server.start()
    with pytest.raises(StorageFault):
        number.others_counter()
    assert number.others_counter() > before, "what was told meanwhile, nobody heard"


def test_a_connection_lost_while_committing_is_all_or_nothing(server: PrivateCluster, number: Database) -> None:
    def commit() -> None:
        with number.write() as work:
            work.execute("INSERT INTO a VALUES (1)")
            work.execute("INSERT INTO a VALUES (2)")
            server.kill()

    with pytest.raises(StorageFault):
        commit()
    server.start()
    assert numbers(number) in ([], [1, 2])


def test_a_leader_that_became_a_standby_is_left(number: Database, server: PrivateCluster) -> None:
    with psycopg.connect(server.url("guichet"), autocommit=True) as admin:
        put(number, 1)
        admin.execute("ALTER DATABASE guichet SET default_transaction_read_only = on")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'guichet'")
        with pytest.raises(StorageFault, match="promote one"):
            put(number, 2)
        admin.execute("BEGIN READ WRITE; ALTER DATABASE guichet SET default_transaction_read_only = off; COMMIT")
    put(number, 3)
    assert numbers(number) == [1, 3]


def test_a_commit_that_no_standby_confirmed_is_no_acknowledgement(server: PrivateCluster, number: Database) -> None:
    """PostgreSQL answers COMMIT and only warns when the wait for the standbys is broken off."""
    failures: list[StorageFault] = []

    def commit() -> None:
        try:
            put(number, 1)
        except StorageFault as fault:
            failures.append(fault)

    with psycopg.connect(server.url("guichet"), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (nobody)'")
        admin.execute("SELECT pg_reload_conf()")
        thread = threading.Thread(target=commit)
        thread.start()
        waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        assert soon(lambda: admin.execute(f"SELECT 1 {waiting}").fetchone() is not None)
        assert not failures
        admin.execute(f"SELECT pg_cancel_backend(pid) {waiting}")
        thread.join(10)
        admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
        admin.execute("SELECT pg_reload_conf()")
    assert ["may lose it" in str(fault) for fault in failures] == [True]
    assert numbers(number) == [1], "it is there, for as long as this server lives"
    with pytest.raises(Taken):
        put(number, 1)
    put(number, 2)


@pytest.mark.parametrize(
    ("set_to", "used"), [("local", "on"), ("remote_write", "on"), ("remote_apply", "remote_apply")]
)
def test_a_commit_waits_for_the_disk_of_a_standby_whatever_the_default(
    server: PrivateCluster, number: Database, set_to: str, used: str
) -> None:
    with psycopg.connect(server.url("guichet"), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE guichet SET synchronous_commit = {set_to}")
    made = open_database(server.url("guichet"))
    with made.read() as view:
        assert view.execute("SHOW synchronous_commit").fetchone()[0] == used
    made.close()


def test_of_several_processes_one_sends_and_another_takes_over(server: PrivateCluster, number: Database) -> None:
    other = open_database(server.url("guichet"))
    assert number.works_alone()
    assert number.works_alone(), "asked again"
    assert not other.works_alone()
    number.close()
    assert soon(other.works_alone)
    server.stop()
    with pytest.raises(StorageFault):
        other.works_alone()
    server.start()
    third = open_database(server.url("guichet"))
    assert third.works_alone(), "whoever lost the session has lost it"
    assert not other.works_alone()
    third.close()
    assert soon(other.works_alone)
    other.close()


def test_of_several_hosts_the_one_that_may_be_written_to_is_taken(server: PrivateCluster) -> None:
    host = re.search("host=(.*)$", server.url("guichet"))
    assert host is not None
    with tempfile.TemporaryDirectory() as other:
        Path(other).chmod(0o711)
        with PrivateCluster(Path(other) / "standby") as standby:
            standby.create_database("guichet")
            with psycopg.connect(standby.url("postgres"), autocommit=True) as admin:
                admin.execute("ALTER DATABASE guichet SET default_transaction_read_only = on")
            with pytest.raises(EnvironmentFault, match="promote one"):
                open_database(standby.url("guichet"))
            both = standby.url("guichet").replace("?host=", "?host=%2Fnowhere,") + f",{host[1]}"
            made = open_database(both)
            with made.write() as work:
                work.execute("CREATE TABLE here (x INTEGER)")
            made.close()
    with psycopg.connect(server.url("guichet")) as leader:
        assert leader.execute("SELECT to_regclass('here') IS NOT NULL").fetchone() == (True,)


# --- mistakes that must not pass ---------------------------------------------------------------------------


def test_a_failed_statement_is_not_committed_by_silence(number: Database) -> None:
    def silent() -> None:
        with number.write() as work:
            work.execute("INSERT INTO a VALUES (1)")
            with contextlib.suppress(Taken):
                work.execute("INSERT INTO a VALUES (1)")

    with pytest.raises(Bug, match="to be committed all the same"):
        silent()
    assert numbers(number) == []


def test_a_writer_inside_a_writer_is_a_bug_and_no_deadlock(number: Database) -> None:
    with number.write() as work:
        work.execute("INSERT INTO a VALUES (1)")
        with pytest.raises(Bug), number.write():
            pass
    assert numbers(number) == [1]


def test_more_users_than_connections_wait(server: PrivateCluster, number: Database) -> None:
    few = open_database(server.url("guichet"), connections=2)
    threads = [threading.Thread(target=put, args=(few, n)) for n in range(12)]
    threads += [threading.Thread(target=numbers, args=(few,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    few.close()
    assert numbers(number) == list(range(12))


# --- what is wrong is said, with the remedy ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "what", "remedy"),
    [
        ("postgresql://guichet@127.0.0.1:1/x", "refused", "Start the server"),
        ("postgresql://nobody@/postgres?host={host}", 'role "nobody" does not exist', "README"),
        ("postgresql://guichet@/nowhere?host={host}", 'database "nowhere" does not exist', "README"),
        ("postgresql://guichet@/x?hots={host}", "hots", "Write it as"),
        ("postgresql://guichet@/x?host=/nowhere", "No such file", "Start the server"),
        ("postgresql://guichet@127.0.0.1:ninety/x", "ninety", "URL"),
    ],
)
def test_a_wrong_url_is_told(url: str, what: str, remedy: str) -> None:
    host = cluster().url("").rpartition("host=")[2]
    with pytest.raises(EnvironmentFault) as told:
        open_database(url.format(host=host))
    assert what in told.value.what
    assert remedy in told.value.remedy
    assert "\n" not in str(told.value)


def test_a_database_that_sorts_otherwise_is_refused() -> None:
    with psycopg.connect(cluster().url("postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE other TEMPLATE template0 LC_COLLATE 'C.utf8' LC_CTYPE 'C.utf8'")
        admin.execute("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII'")
    try:
        for name in ("other", "ascii"):
            with pytest.raises(
                EnvironmentFault, match=r"does not sort text by its bytes.*createdb --template=template0"
            ):
                open_database(cluster().url(name))
    finally:
        for name in ("other", "ascii"):
            cluster().drop_database(name)


def test_a_server_that_may_lose_what_it_acknowledged_is_refused(server: PrivateCluster) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as admin:
        assert admin.execute("SHOW fsync").fetchone() == ("on",)
        admin.execute("ALTER SYSTEM SET fsync = off")
        admin.execute("ALTER DATABASE guichet SET synchronous_commit = off")
    server.stop()
    server.start()
    with pytest.raises(EnvironmentFault, match="can lose what it has acknowledged"):
        open_database(server.url("guichet"))
    with psycopg.connect(server.url("postgres"), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM RESET fsync")
    server.stop()
    server.start()
    made = open_database(server.url("guichet"))
    with made.read() as view:
        assert view.execute("SHOW synchronous_commit").fetchone()[0] == "on", (
            "whatever the role's or database's default"
        )
    made.close()


def test_a_user_without_rights_is_told_which() -> None:
    with empty_database() as url:
        with psycopg.connect(cluster().url("postgres"), autocommit=True) as admin:
            admin.execute("DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN")
        with pytest.raises(EnvironmentFault, match=r"may make no tables.*OWNER TO"):
            open_database(url.replace("//guichet@", "//clerk@"))
        owner = open_database(url)
        migrate(owner)
        with owner.write() as work:
            work.execute("GRANT CREATE ON SCHEMA public TO clerk")
        owner.close()
        clerk = open_database(url.replace("//guichet@", "//clerk@"))
        with pytest.raises(StorageFault, match=r"permission denied.*own the database"):
            migrate(clerk)
        clerk.close()


def test_a_command_line_says_it_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for url, words in (
        ("postgresql://guichet@127.0.0.1:1/x", "refused"),
        ("mysql://x", "database.url must be text like"),
        ("postgresql://guichet:secret@db/x", "must not hold a password"),
        ("postgresql://guichet@db/x?password=secret", "must not hold a password"),
    ):
        assert main("back_office.cli", ["back-office", "init", "--state", str(tmp_path / "s"), "--database", url]) == 2
        said = capsys.readouterr().err
        assert words in said
        assert "secret" not in said
        assert len(said.strip().splitlines()) == 1


def test_a_back_office_lives_in_a_database_of_postgresql(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: Any) -> str:
        capsys.readouterr()
        assert main("back_office.cli", ["back-office", *map(str, words), "--state", str(tmp_path)]) == 0
        return capsys.readouterr().out

    with empty_database() as url, empty_database() as other:
        run("init", "--database", url)
        assert f'url = "{url}"' in (tmp_path / "back-office/settings.toml").read_text()
        assert "20 persons added" in run("seed", "--persons", 20)
        assert "there already" in run("seed", "--persons", 20)
        assert "all linked" in run("audit", "verify")
        assert "0 lines" in run("audit", "verify", "--database", other)
        assert not (tmp_path / "back-office/back_office.db").exists()


# --- the private server --------------------------------------------------------------------------------------


def test_a_private_server_keeps_its_data_and_listens_to_nobody_else(folder: Path) -> None:
    cluster_here = PrivateCluster(folder)
    for turn in range(2):
        cluster_here.start()
        url = cluster_here.create_database("kept")
        with psycopg.connect(url) as db:
            db.execute("CREATE TABLE IF NOT EXISTS a (x INTEGER)")
            db.execute("INSERT INTO a VALUES (1)")
            assert db.execute("SELECT count(*) FROM a").fetchone() == (turn + 1,)
            assert db.execute("SHOW listen_addresses").fetchone() == ("",)
            assert db.execute("SHOW lc_collate").fetchone() == ("C",)
            for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
                assert db.execute(f"SHOW {name}").fetchone() == ("on",)
        cluster_here.stop()
    assert folder.stat().st_mode & 0o077 == 0


def test_a_private_server_finds_room_where_the_folder_s_name_is_too_long(folder: Path) -> None:
    with PrivateCluster(folder / ("long" * 25)) as started, psycopg.connect(started.url("postgres")) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)


def test_a_private_server_runs_where_its_user_could_not_come(tmp_path: Path) -> None:
    """pytest's folders are closed to others: as root, the data goes where the server's user gets."""
    tmp_path.chmod(0o700)
    for turn in range(2):
        with PrivateCluster(tmp_path / "pg") as started, psycopg.connect(started.create_database("kept")) as db:
            db.execute("CREATE TABLE IF NOT EXISTS a (x INTEGER)")
            db.execute("INSERT INTO a VALUES (1)")
            assert db.execute("SELECT count(*) FROM a").fetchone() == (turn + 1,)
    PrivateCluster(tmp_path / "pg").remove()
    assert not (tmp_path / "pg").exists()
    PrivateCluster(tmp_path / "pg").remove()
    if os.geteuid() == 0:
        assert not list(
            Path(tempfile.gettempdir()).glob(
                f"guichet-postgresql-{hashlib.sha256(bytes(tmp_path / 'pg')).hexdigest()[:12]}"
            )
        )


def test_a_second_server_on_one_folder_is_refused(folder: Path) -> None:
    with (
        PrivateCluster(folder),
        pytest.raises(EnvironmentFault, match=r"ended at once.*lock file \"postmaster.pid\" already exists"),
    ):
        PrivateCluster(folder).start()


def test_a_private_server_ends_with_its_parent(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from back_office.database.private_cluster import PrivateCluster\n"
        "c = PrivateCluster(Path(sys.argv[1])); c.start(); print('up', flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdin is not None
    assert parent.stdout.readline() == "up\n"
    pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    ended = os.pidfd_open(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert select.select([ended], [], [], 20)[0], "the server outlives whoever started it"
    for handle in (parent.stdout, parent.stdin):
        handle.close()
    os.close(ended)


# --- placeholders --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "turned"),
    [
        ("SELECT ? WHERE a = ?", b"SELECT %s WHERE a = %s"),
        ("SELECT '?', \"a?\", 'it''s ?' || ?", b"SELECT '?', \"a?\", 'it''s ?' || %s"),
        ("SELECT 5 % ? -- why?\n, ?", b"SELECT 5 %% %s -- why?\n, %s"),
        ("SELECT a LIKE '%x' /* ? \n ? */ AND ?", b"SELECT a LIKE '%%x' /* ? \n ? */ AND %s"),
    ],
)
def test_placeholders_are_turned_outside_quotes_and_comments(sql: str, turned: bytes) -> None:
    assert with_percent(sql) == turned


@given(st.lists(st.sampled_from(["?", "%", "'", '"', "--", "\n", "/*", "*/", "a", " "]), max_size=12).map("".join))
def test_the_server_sees_the_text_as_it_was_written(sql: str) -> None:
    turned = with_percent(sql)
    assert turned.replace(b"%s", b"?").replace(b"%%", b"%") == sql.encode()
