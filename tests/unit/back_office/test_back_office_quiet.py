"""Who is acknowledged goes before who is decided later; and the buffer that all TLS connections of a loop read into."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from typing import TYPE_CHECKING

from back_office import wakeups
from back_office.tls_buffer import READ_BYTES, OneBuffer
from back_office.wakeups import Bell

if TYPE_CHECKING:
    import pytest

LONG = 30.0


def test_nobody_waits_when_nothing_is_received() -> None:
    bell = Bell()
    began = time.monotonic()
    bell.wait_for_quiet(LONG)
    assert time.monotonic() - began < LONG / 3


def test_the_wait_ends_though_pushes_never_do() -> None:
    bell = Bell()
    with bell.receiving():
        began = time.monotonic()
        bell.wait_for_quiet(0.05)
        assert 0.05 <= time.monotonic() - began < LONG / 3


def test_a_moment_between_two_pushes_is_no_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeups, "LULL_SECONDS", LONG)
    bell = Bell()
    with bell.receiving():
        pass
    waiter = threading.Thread(target=bell.wait_for_quiet, args=(0.2,))
    began = time.monotonic()
    waiter.start()
    waiter.join(LONG)
    assert time.monotonic() - began >= 0.2


def test_after_the_moment_it_is_quiet() -> None:
    bell = Bell()
    with bell.receiving():
        pass
    began = time.monotonic()
    bell.wait_for_quiet(LONG)
    assert wakeups.LULL_SECONDS / 2 < time.monotonic() - began < LONG / 3


def test_connections_of_a_loop_read_into_one_buffer() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    loops = [asyncio.new_event_loop() for _ in range(2)]
    made = [
        OneBuffer(loop, asyncio.Protocol(), context, None, server_side=True) for loop in (loops[0], loops[0], loops[1])
    ]
    one, same, other = (protocol.get_buffer(-1) for protocol in made)
    assert one is same
    assert one is not other
    assert len(one) == READ_BYTES
    for protocol in made:
        protocol._get_app_transport().close()  # type: ignore[attr-defined]  # it warns when it is left open
    for loop in loops:
        loop.close()
