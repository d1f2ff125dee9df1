"""PostgreSQL dies under a serving back office: what was acknowledged is decided once it is back, the rest is refused and sent again.

The attack: SIGQUIT to the database server (nothing is written down any more) between and during deliveries.
"""

from __future__ import annotations

import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from back_office_bench import PERSONS, Bench, bench_of
from fakes.terminal import until
from postgresql_cluster import a_server

from back_office import audit
from back_office.database import migrate, open_database
from back_office.demo.seed import seed
from back_office.installation import create_installation
from back_office.serve import running
from back_office.settings import DatabaseSettings, PartnerSettings, ServerSettings, Settings, write_settings
from kiosk.back_office_client import BackOfficeClient
from kiosk.back_office_client.api import Item, Pushed, Refused, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from back_office.database.private_cluster import PrivateCluster

DEADLINE_SECONDS = 60.0
FAST = PartnerSettings(retry_base_seconds=0.01, retry_cap_seconds=1.0, timeout_seconds=1.0)


@pytest.fixture
def server() -> Iterator[PrivateCluster]:
    with tempfile.TemporaryDirectory(prefix="guichet-test-") as parent:
        Path(parent).chmod(0o711)
        with a_server(Path(parent) / "postgresql") as started:
            yield started


@pytest.fixture
def office(tmp_path: Path, server: PrivateCluster) -> Iterator[Bench]:
    database = DatabaseSettings(server.url("guichet"))
    settings = Settings(server=ServerSettings(port=0), partners=FAST, database=database)
    with create_installation(tmp_path, settings, write_settings(settings)) as it:
        it.keyring.create(it.clock, it.ids)
        seed(it, count=PERSONS)
        yield bench_of(it)


@contextmanager
def client_of(office: Bench) -> Iterator[BackOfficeClient]:
    it = office.it
    with running(it, office.partners) as server:
        root = it.state / "pki/root.pem"
        client = BackOfficeClient(server.url, root, office.terminal.id, office.terminal.key, clock=it.clock, ids=it.ids)
        yield client
        client.close()


def push(client: BackOfficeClient, entry: dict[str, Any]) -> object:
    return client.push([Item(**entry)], [])


def until_in_force(client: BackOfficeClient, id_: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        standing = client.standing(id_, wait_seconds=2)
        if isinstance(standing, Standing) and standing.decision == "in_force":
            return
    raise AssertionError("not decided in time")


def check_exactly_once(office: Bench, ids: list[str]) -> None:
    assert sorted(row["id"] for row in office.rows("SELECT id FROM inbox")) == sorted(ids)
    for id_ in ids:
        assert len(office.rows("SELECT 1 FROM account WHERE change = ?", id_)) == 1
    assert not office.rows("SELECT 1 FROM conflict")
    with office.it.database.read() as db:
        assert isinstance(audit.verify(db), audit.Intact)


def test_the_database_dies_between_two_deliveries(office: Bench, server: PrivateCluster) -> None:
    for name in ("marie_second", "karel_second"):
        office.bank_knows(name, "match")
    first = office.change_entry(office.holder("marie"), "marie_second")
    second = office.change_entry(office.holder("karel"), "karel_second")
    with client_of(office) as client:
        assert isinstance(push(client, first), Pushed)
        server.kill()
        refused = push(client, second)
        assert isinstance(refused, Refused), refused
        assert (refused.status, refused.code) == (503, "storage")
        server.start()
        until(lambda: isinstance(push(client, second), Pushed))  # the client waits as it was told
        for entry in (first, second):
            until_in_force(client, entry["id"])
    check_exactly_once(office, [first["id"], second["id"]])


def test_the_database_dies_again_and_again_while_entries_arrive(office: Bench, server: PrivateCluster) -> None:
    names = ("marie", "karel", "ludmila")
    for name in names:
        office.bank_knows(f"{name}_second", "match")
    entries = [office.change_entry(office.holder(name), f"{name}_second") for name in names]
    acknowledged: set[str] = set()
    over = threading.Event()

    def deliver(client: BackOfficeClient) -> None:
        while not over.is_set() or len(acknowledged) < len(entries):
            for entry in entries:
                if isinstance(push(client, entry), Pushed):
                    acknowledged.add(entry["id"])

    with client_of(office) as client:
        thread = threading.Thread(target=deliver, args=(client,))
        thread.start()
        for _ in range(4):
            over.wait(0.2)
            server.kill()
            kept = set(acknowledged)
            server.start()
            database = open_database(server.url("guichet"))
            assert migrate(database) == []
            with database.read() as db:
                assert {row["id"] for row in db.execute("SELECT id FROM inbox")} >= kept, "acknowledged means durable"
            database.close()
        over.set()
        thread.join(DEADLINE_SECONDS)
        assert not thread.is_alive()
        for entry in entries:
            until_in_force(client, entry["id"])
    check_exactly_once(office, [entry["id"] for entry in entries])
