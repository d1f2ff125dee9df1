from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from workbench_benches import EchoServer

from kiosk.domain.errors import EnvironmentFault
from workbench.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def server() -> Iterator[EchoServer]:
    made = EchoServer()
    yield made
    made.close()


@pytest.fixture
def line(server: EchoServer) -> Iterator[Line]:
    made = Line(0, server.port)
    yield made
    made.close()


def connect(line: Line) -> socket.socket:
    return socket.create_connection(("127.0.0.1", line.port), 10)


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.002)


def receive(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(65536)
        assert piece
        data += piece
    return data


def test_bytes_go_both_ways_unchanged(line: Line) -> None:
    data = bytes(range(256)) * 4096
    with connect(line) as connection:
        sender = threading.Thread(target=connection.sendall, args=(data,))
        sender.start()
        assert receive(connection, len(data)) == data
        sender.join()


def test_many_at_once_and_none_is_left(line: Line) -> None:
    connections = [connect(line) for _ in range(20)]
    for number, connection in enumerate(connections):
        connection.sendall(b"%d" % number)
    for number, connection in enumerate(connections):
        assert connection.recv(10) == b"%d" % number
    assert line.connections == 20
    for connection in connections:
        connection.close()
    until(lambda: line.connections == 0)


def test_one_side_may_end_before_the_other(line: Line) -> None:
    with connect(line) as connection:
        connection.sendall(b"last words")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b"last words"
        assert connection.recv(100) == b""


def test_cut_resets_what_stands_and_refuses_what_comes(line: Line) -> None:
    with connect(line) as connection:
        connection.sendall(b"x")
        assert connection.recv(1) == b"x"
        line.switch(up=False)
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                connect(line)
    assert not line.up
    assert line.connections == 0


def test_cut_ends_a_transfer_that_is_stuck(line: Line) -> None:
    with connect(line) as connection:
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.sendall(bytes(1 << 26))  # the echo is never read
        line.switch(up=False)
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            connection.sendall(bytes(1 << 26))


def test_restored_on_the_same_port_again_and_again(line: Line) -> None:
    port = line.port
    for _ in range(5):
        line.switch(up=False)
        line.switch(up=False)
        line.switch(up=True)
        line.switch(up=True)
        assert line.port == port
        with connect(line) as connection:
            connection.sendall(b"back")
            assert connection.recv(10) == b"back"


def test_while_it_is_cut_nobody_gets_the_port_by_chance(line: Line) -> None:
    line.switch(up=False)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", line.port))


def test_without_a_server_behind_it_a_connection_is_reset(server: EchoServer) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        line = Line(0, nobody.getsockname()[1])
        try:
            with pytest.raises(ConnectionResetError), connect(line) as connection:  # perhaps at once
                connection.recv(1)
        finally:
            line.close()


def test_a_server_that_resets_is_seen_as_such(line: Line) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        rude = Line(0, listener.getsockname()[1])
        with connect(rude) as connection:
            accepted, _ = listener.accept()
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            accepted.close()
            with pytest.raises(ConnectionResetError):
                connection.recv(1)
        rude.close()


def test_a_port_in_use_is_refused_with_the_remedy(server: EchoServer) -> None:
    with pytest.raises(EnvironmentFault, match="--forward"):
        Line(server.port, 1)


def test_changes_are_told(server: EchoServer) -> None:
    told = threading.Semaphore(0)
    line = Line(0, server.port, told.release)
    while told.acquire(blocking=False):
        pass
    line.switch(up=False)
    assert told.acquire(blocking=False)
    line.switch(up=False)
    assert not told.acquire(blocking=False)
    line.close()
