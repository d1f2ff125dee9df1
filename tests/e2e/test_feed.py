"""The feed over TLS from a server with its rounds: a change is sealed anew and wakes the terminal that waits."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from back_office_bench import bench, signed
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from back_office.repository import people
from back_office.serve import running
from kiosk.wire.feed import Delete, FrameSplitter, Mark, Upsert
from kiosk.wire.sealed_record import OpenedRecord, fingerprint, open_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from back_office_bench import Bench

    from kiosk.wire.feed import Frame


class Terminal:
    """One connection that reads the feed and keeps what it is told."""

    def __init__(self, office: Bench, url: str) -> None:
        self.office = office
        context = ssl.create_default_context(cafile=str(office.it.state / "pki/root.pem"))
        at = urlsplit(url)
        self.connection = http.client.HTTPSConnection(at.hostname or "", at.port, context=context, timeout=60)
        self.cursor = ""
        self.records: dict[bytes, Upsert] = {}

    def read(self, wait: float = 0) -> int:
        query = f"cursor={self.cursor}&wait={wait:g}"
        headers = signed(self.office, "GET", "/v1/feed", query) | {"If-None-Match": f'"{self.cursor}"'}
        self.connection.request("GET", f"/v1/feed?{query}", headers=headers)
        reply = self.connection.getresponse()
        body = reply.read()
        if reply.status == 200:
            frames = FrameSplitter().feed(body)
            assert isinstance(frames, list)
            for frame in frames:
                self.take(frame)
        return reply.status

    def take(self, frame: Frame) -> None:
        match frame:
            case Upsert():
                self.records[frame.record_id] = frame
            case Delete():
                self.records.pop(frame.record_id, None)
            case Mark():
                self.cursor = frame.cursor

    def of(self, key: ec.EllipticCurvePrivateKey) -> Upsert | None:
        wanted = fingerprint(key.public_key())
        return next((one for one in self.records.values() if wanted in one.fingerprints), None)


@pytest.fixture
def terminal(tmp_path: Path, database: str) -> Iterator[Terminal]:
    with bench(tmp_path, database) as office, running(office.it, office.partners) as server:
        reader = Terminal(office, server.url)
        yield reader
        reader.connection.close()


def card_key(office: Bench, name: str) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(office.holder(name).document["keys"]["9D"]["private_key"].encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def test_a_change_reaches_the_terminal_that_waits(terminal: Terminal) -> None:
    office = terminal.office
    marie = card_key(office, "marie")
    deadline = time.monotonic() + 30
    while terminal.of(marie) is None:
        assert time.monotonic() < deadline, "the rounds seal what was seeded"
        terminal.read(5)
    while terminal.read() == 200:
        assert time.monotonic() < deadline
    assert terminal.read() == 304
    before = terminal.of(marie)
    assert before is not None

    def change() -> None:
        with office.it.work() as work:
            people.block_changes(work.db, office.person("marie"), blocked=True)

    threading.Timer(0.3, change).start()
    began = time.monotonic()
    assert terminal.read(40) == 200
    assert time.monotonic() - began < 6
    after = terminal.of(marie)
    assert after is not None
    assert after.version == before.version + 1
    opened = open_record(
        after.document,
        lambda to: marie.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), to)),
        anchors=office.it.keyring.keys().anchors,
        at=office.it.clock.now(),
    )
    assert isinstance(opened, OpenedRecord)
    assert opened.document["blocks"] == [{"kind": "bank_change"}]
