"""Promise 2: a stolen terminal (disk, keys, memory, no card) yields no record.

Card and PIN yield exactly the own one, and those of the people whom the holder may act for.
"""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from back_office_bench import OFFICE, bench
from card_bench import type_when_asked
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fakes.back_office import FakeBackOffice, Response
from fakes.terminal import Terminal, until
from fakes.verb import ROOT, command

from back_office import feed, records
from back_office.reference_data import ReferenceData
from back_office.repository import people
from back_office.repository import records as records_kept
from devices.card_session import CardSession
from devices.simulators.card import SimulatedCard
from devices.simulators.card_file import card_from_document
from devices.simulators.in_process import InProcessTransport
from devices.simulators.slot import SimulatedSlot
from kiosk.application import cached_record
from kiosk.application.submit import Place
from kiosk.application.terminal import Terminal as VisitTerminal
from kiosk.application.trust import Trust
from kiosk.application.visit_secrets import VisitSecrets
from kiosk.domain.card import Agreed, CardIdentity, Genuine, PinAccepted, Role
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.domain.session.states import Person
from kiosk.link import VisitLink
from kiosk.link import messages as link
from kiosk.schemes import load_scheme
from kiosk.system import SystemClock, SystemIds
from kiosk.terminal_folder import TerminalFolder
from kiosk.wire.access import read_access
from kiosk.wire.envelope import open_sealed
from kiosk.wire.feed import FrameSplitter, Upsert
from kiosk.wire.problem import Problem
from kiosk.wire.sealed_record import lookup, open_record
from kiosk.wire.trust import Revocations
from offline_cache.cache_database import LIVE_FORM
from offline_cache.cache_key import CacheKeyFile
from offline_cache.database import open_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from back_office_bench import Bench

PIN = "123456"
ACTS_FOR = {"karel": ("marie", "ludmila"), "diverted": ("karel",)}
"""One acts for two and is acted for himself: his card opens three records, hers who acts for him none of the two."""



@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("office")) as made:
        with made.it.work() as work:
            for name, others in ACTS_FOR.items():
                for other in others:
                    records_kept.add_mandate(
                        work.db, made.person(other), made.holder(name).number, ground="proxy", valid_from=work.time
                    )
        while records.publish(made.it):
            pass
        yield made


@pytest.fixture(scope="module")
def lent(office: Bench) -> list[Upsert]:
    """What the office's terminals are lent."""
    frames, cursor = [], ""
    while True:
        page = feed.read(office.it.database, OFFICE, cursor, 1000)
        assert isinstance(page, feed.Page)
        frames += FrameSplitter().feed(page.body)
        if not page.new or page.cursor == cursor:
            break
        cursor = page.cursor
    return [frame for frame in frames if isinstance(frame, Upsert)]


@pytest.fixture(scope="module")
def stolen(tmp_path_factory: pytest.TempPathFactory, office: Bench) -> Iterator[Terminal]:
    """A terminal that has filled its cache from that office, its agent a process of its own."""
    folder = tmp_path_factory.mktemp("stolen")
    server = FakeBackOffice(folder)

    def rule(request: object) -> Response | None:
        if request.path != "/v1/feed":  # type: ignore[attr-defined]
            return None
        query = request.query  # type: ignore[attr-defined]
        page = feed.read(office.it.database, OFFICE, query.get("cursor", [""])[0], int(query["limit"][0]))
        assert isinstance(page, feed.Page)
        return Response(200, page.body, {"ETag": f'"{page.cursor}"'})

    server.rule = rule
    server.start()
    terminal = Terminal(folder, server, cache={"gap_seconds": 1.0})
    terminal.start()
    report = terminal.folder.cache_report
    until(lambda: report.exists() and json.loads(report.read_text())["status"] == "ok")
    yield terminal
    terminal.close()
    server.stop()


def holder(office: Bench, name: str, *, pin: bool = True) -> CardSession:
    slot = SimulatedSlot("visitor")
    slot.insert(SimulatedCard(card_from_document(office.holder(name).document)))
    card = CardSession(InProcessTransport(slot), lambda size: bytes(range(size)))
    anchors = office.it.keyring.keys().anchors
    at = SystemClock().now()
    assert isinstance(card.examine(anchors.pem(), Revocations(frozenset(), at), at), Genuine)
    if pin:
        type_when_asked(slot, *PIN, "enter")
        assert card.verify_pin(20) == PinAccepted()
    return card


def secrets_of(office: Bench) -> list[bytes]:
    """What nobody may find: names, numbers, accounts, addresses of everybody whose record is lent."""
    with office.it.database.read() as db:
        rows = db.execute("SELECT number, given_name, family_name FROM person").fetchall()
        found = {str(row[0]) for row in rows} | {f"{row[1]} {row[2]}" for row in rows}
        for row in rows:
            account = people.account_in_force(db, str(row[0]))
            found |= {account.iban} if account else set()
            found |= {line for one in people.contacts_valid_since(db, str(row[0]), "") for line in one.destination.splitlines()}
    return [text.encode() for text in found if len(text) > 5]


def test_disk_and_database_keys_tell_nothing_of_anybody(stolen: Terminal, office: Bench, lent: list[Upsert]) -> None:
    keys = CacheKeyFile(TerminalFolder(stolen.state), os.urandom).load()
    assert keys is not None
    database = open_database(stolen.folder.cache, keys.database, form=LIVE_FORM, read_only=True)
    rows = database.rows("SELECT record_id, document FROM record JOIN sealed USING (id)")
    lookups = [bytes(row[0]) for row in database.rows("SELECT hmac FROM lookup")]
    plain = b"".join(bytes(column) for row in rows for column in row) + b"".join(
        bytes(row[0]) + bytes(row[1]) for row in database.rows("SELECT hmac, record_id FROM lookup JOIN record USING (id)")
    )
    database.close()
    assert len(rows) == len(lent) > 5
    assert len(set(lookups)) == len(lookups) > len(rows), "nothing says that one card opens two records"
    private = [
        load_pem_private_key(path.read_bytes(), None)
        for path in stolen.folder.keys.iterdir()
        if b"PRIVATE KEY" in path.read_bytes()
    ]
    assert len(private) == 2
    anchors = office.it.keyring.keys().anchors
    readable = 0
    for _, document in rows:
        for key in private:
            assert isinstance(key, ec.EllipticCurvePrivateKey)

            def agree(point: bytes, key: ec.EllipticCurvePrivateKey = key) -> bytes:
                return key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))

            readable += not isinstance(open_record(bytes(document), agree, anchors=anchors, at=SystemClock().now()), Problem)
    assert readable == 0
    known = {one for row in lent for one in row.fingerprints}
    found = [secret for secret in [*secrets_of(office), *known] if secret in plain]
    assert found == []
    everything = b"".join(path.read_bytes() for path in stolen.folder.path.rglob("*") if path.is_file())
    assert [secret for secret in [*secrets_of(office), *known] if secret in everything] == []


def memory_of(pid: int) -> Iterator[bytes]:
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)  # what a process has not written, it has not learnt
            if match is None or "[v" in line:
                continue
            start, end = int(match[1], 16), int(match[2], 16)
            try:
                memory.seek(start)
                yield memory.read(end - start)
            except OSError:
                continue


def test_the_agents_memory_tells_nothing_of_anybody(stolen: Terminal, office: Bench) -> None:
    assert stolen.process is not None
    pieces = list(memory_of(stolen.process.pid))
    secrets = secrets_of(office)
    assert sum(map(len, pieces)) > 10_000_000
    assert [secret for secret in secrets if any(secret in piece for piece in pieces)] == []
    # what the scan would find, it finds: the terminal's own name is there
    assert any(b"T0007" in piece for piece in pieces)


@pytest.mark.parametrize("name", ["marie", "ludmila", "karel", "diverted"])
def test_card_and_pin_open_exactly_the_own_one_and_those_acted_for(office: Bench, lent: list[Upsert], name: str) -> None:
    card, anchors, at = holder(office, name), office.it.keyring.keys().anchors, SystemClock().now()

    def agree(point: bytes) -> bytes | None:
        outcome = card.agree(point)
        return outcome.secret if isinstance(outcome, Agreed) else None

    opened = {one.record_id: open_record(one.document, agree, anchors=anchors, at=at) for one in lent}
    readable = {id_: found.document["number"] for id_, found in opened.items() if not isinstance(found, Problem)}
    others = ACTS_FOR.get(name, ())
    assert sorted(readable.values()) == sorted(office.person(one) for one in (name, *others))
    mark = cached_record.card_fingerprint(card)
    assert mark is not None
    for whose in ("", *(office.person(other) for other in others)):  # and each is found by its own lookup, alone
        found = [one.record_id for one in lent if lookup(mark, whose) in one.fingerprints]
        assert [readable[one] for one in found] == [whose or office.person(name)]
    card.finish()


def test_a_card_whose_record_is_not_lent_opens_nothing(office: Bench, lent: list[Upsert]) -> None:
    card, anchors, at = holder(office, "josef"), office.it.keyring.keys().anchors, SystemClock().now()
    mark = cached_record.card_fingerprint(card)
    assert mark is not None
    assert not any(mark in one.fingerprints for one in lent)

    def agree(point: bytes) -> bytes | None:
        outcome = card.agree(point)
        return outcome.secret if isinstance(outcome, Agreed) else None

    assert all(isinstance(open_record(one.document, agree, anchors=anchors, at=at), Problem) for one in lent)
    card.finish()


def test_a_card_without_its_pin_opens_nothing(office: Bench, lent: list[Upsert]) -> None:
    card = holder(office, "marie", pin=False)
    anchors, at = office.it.keyring.keys().anchors, SystemClock().now()
    mark = cached_record.card_fingerprint(card)
    mine = next(one for one in lent if mark in one.fingerprints)

    def agree(point: bytes) -> bytes | None:
        outcome = card.agree(point)
        return outcome.secret if isinstance(outcome, Agreed) else None

    assert isinstance(open_record(mine.document, agree, anchors=anchors, at=at), Problem)
    card.finish()


def test_the_visit_believes_only_what_fits(office: Bench, lent: list[Upsert]) -> None:
    """Signature, addressee, version, date: one changed, and there is no record."""
    card, clock = holder(office, "marie"), SystemClock()
    trust = Trust(office.it.keyring.keys().anchors)
    mark = cached_record.card_fingerprint(card)
    mine = next(one for one in lent if mark in one.fingerprints)
    theirs = next(one for one in lent if mark not in one.fingerprints)
    synced = "2026-03-04T12:00:00Z"
    found = cached_record.read_cached(
        card, mine.document, version=mine.version, synced_at=synced, trust=trust, at=clock.now()
    )
    assert isinstance(found, Person), found
    assert (found.number, found.confirmed_at) == (office.person("marie"), synced)
    assert found.held_by
    assert found.account is not None
    assert found.account.iban == office.account("marie_current")
    spoiled = bytearray(mine.document)
    spoiled[len(spoiled) // 2] ^= 1
    for sealed, version, moment in (
        (theirs.document, theirs.version, clock.now()),
        (mine.document, mine.version + 1, clock.now()),
        (bytes(spoiled), mine.version, clock.now()),
        (mine.document, mine.version, clock.now() - timedelta(days=3)),
    ):
        found = cached_record.read_cached(card, sealed, version=version, synced_at=synced, trust=trust, at=moment)
        assert isinstance(found, Problem)
    card.finish()


def test_the_access_line_is_the_holders_own(office: Bench) -> None:
    card, at = holder(office, "marie"), SystemClock().now()
    trust = Trust(office.it.keyring.keys().anchors)
    assert trust.take(ReferenceData(office.it).current().data, at) is None
    place = Place("T0007", "101", "cz")
    id_ = office.it.ids.new()
    entry = cached_record.write_access(card, office.holder("marie").number, trust, place, id_=id_, at=at)
    assert isinstance(entry, cached_record.AccessEntry), entry
    opened = open_sealed(entry.body, office.it.keyring.keys().sealing)
    assert isinstance(opened, bytes)
    nobody = Revocations(frozenset(), at)
    read = read_access(opened, trust.anchors, nobody, at, expected_id=id_, expected_terminal="T0007")
    assert not isinstance(read, Problem), read
    assert (read.access.card, read.access.purpose, read.access.person) == (office.holder("marie").number, "own_record", "")
    wrong = read_access(opened, trust.anchors, nobody, at, expected_id=office.it.ids.new(), expected_terminal="T0007")
    assert isinstance(wrong, Problem)
    assert entry.lookup == cached_record.card_fingerprint(card)
    card.finish()


class Stage:
    """What a visit works with, as little as it takes: one thread for the card, a queue for what happens, no screen."""

    def __init__(self, office: Bench, stolen: Terminal, name: str, **world: object) -> None:
        self.events: queue.SimpleQueue[ev.Event] = queue.SimpleQueue()
        self.card = holder(office, name)
        self.worker = ThreadPoolExecutor(1)
        self.worker.submit(lambda: None)
        trust = Trust(office.it.keyring.keys().anchors)
        assert trust.take(ReferenceData(office.it).current().data, SystemClock().now()) is None
        assert stolen.supervisor is not None
        stolen.supervisor.open(f"visit-{name}-{len(world)}")
        self.link = VisitLink(stolen.folder.socket, f"visit-{name}-{len(world)}", self.heard)
        identity = CardIdentity(office.holder(name).number, Role.INSURED, 3)
        environment = at.Environment(line=at.Line.OFFLINE, **world)  # type: ignore[arg-type]
        scheme = load_scheme("cz")
        session = at.Session(
            at.AwaitingPin(identity), environment=environment, card_present=True, scheme=scheme, services=scheme.services,
            today=SystemClock().now().astimezone(scheme.payments.zone).date().isoformat(),
        )  # fmt: skip
        self.terminal = VisitTerminal(
            session=session, place=Place("T0007", "101", "cz"), card=self.card, agent=self.link, printer=self, screen=self,
            sounder=self, card_worker=self.worker, print_worker=self.worker, trust=trust, secrets=VisitSecrets(),
            clock=SystemClock(), ids=SystemIds(), post=self.events.put,
        )  # fmt: skip
        self.link.start()

    def heard(self, message: object) -> None:
        match message:
            case link.Appended():
                self.terminal.recorded(at.Recorded(
                    message.id, message.seq, message.epoch, message.reference, message.recorded_at, message.statement,
                ))  # fmt: skip
            case link.Record():
                self.terminal.lent(message.sealed, message.version, message.synced_at)
            case link.NoRecord():
                self.terminal.not_lent(message.reason)

    def render(self, session: at.Session) -> None:
        """Nobody looks."""

    def visitor(self) -> at.Visitor:
        """Show the PIN, and wait for the menu."""
        return self.menu(ev.PinChecked(PinAccepted()))

    def menu(self, *events: ev.Event) -> at.Visitor:
        """Do this, and wait for the menu."""
        for event in events:
            self.terminal.handle(event)
        while not isinstance(self.terminal.session.phase, at.Menu):
            self.terminal.handle(self.events.get(timeout=10))
        return self.terminal.session.phase.visitor

    def close(self) -> None:
        self.link.close()
        self.worker.shutdown()
        self.card.finish()


def test_without_a_line_the_visit_opens_its_own_record_and_its_access_is_on_file(stolen: Terminal, office: Bench) -> None:
    before = [entry["kind"] for entry in journal(stolen)]
    stage = Stage(office, stolen, "marie")
    visitor = stage.visitor()
    stage.close()
    assert visitor.absence is None
    assert visitor.person is not None
    assert visitor.person.number == office.person("marie")
    assert visitor.person.confirmed_at
    assert [entry["kind"] for entry in journal(stolen)] == [*before, "access"]


def test_without_a_line_each_record_of_whom_one_acts_for_opens_when_it_is_chosen_and_leaves_a_line(
    stolen: Terminal, office: Bench
) -> None:
    before = len(journal(stolen))
    stage = Stage(office, stolen, "karel")
    own = stage.visitor()
    assert own.person is not None
    assert own.person.number == office.person("karel")
    for door in range(len(ACTS_FOR["karel"])):
        wanted = own.person.mandates_held[door]
        other = stage.menu(ev.ServiceChosen("mandate.act"), ev.ActionPressed(f"act-{door}"))
        assert other.person is not None, other
        assert (other.person.number, other.mandate, other.own) == (wanted.person, wanted, own.person)
        again = stage.menu(ev.ServiceChosen("mandate.act"), ev.ActionPressed("act-myself"))
        assert (again.person, again.mandate) == (own.person, None)
    stage.close()
    assert {one.person for one in own.person.mandates_held} == {office.person(name) for name in ACTS_FOR["karel"]}
    assert [entry["kind"] for entry in journal(stolen)[before:]] == ["access"] * 5


def test_a_record_that_is_not_lent_is_not_here_and_the_holder_not_unknown(stolen: Terminal, office: Bench) -> None:
    stage = Stage(office, stolen, "josef")
    visitor = stage.visitor()
    stage.close()
    assert (visitor.person, visitor.absence) == (None, at.RecordAbsence.NOT_CACHED)
    assert visitor.name


def test_with_old_revocations_no_record_is_opened_and_nothing_is_asked_for(stolen: Terminal, office: Bench) -> None:
    before = len(journal(stolen))
    stage = Stage(office, stolen, "ludmila", revocation_age_seconds=73 * 3600)
    visitor = stage.visitor()
    stage.close()
    assert (visitor.person, visitor.absence) == (None, at.RecordAbsence.STALE)
    assert len(journal(stolen)) == before


def journal(terminal: Terminal) -> list[dict[str, object]]:
    done = subprocess.run(
        [*command("offline_cache.cli", "journal", "list", "--json"), "--state", str(terminal.state)],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found
