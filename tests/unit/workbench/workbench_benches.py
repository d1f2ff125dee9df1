"""Benches for the tests of the workbench: cards of the test issuer, a short folder, no window."""

from __future__ import annotations

import socket
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.card_bench import CardPlan, issue
from workbench.bench import Bench
from workbench.control import Control

if TYPE_CHECKING:
    from collections.abc import Iterator

CARDS = {"marie": "Marie Novotná", "josef": "Josef Svoboda"}


@contextmanager
def short_state() -> Iterator[Path]:
    """A state folder with two cards; names of UNIX sockets are short, so not under pytest's folder."""
    with tempfile.TemporaryDirectory(prefix="gt") as folder:
        cards = Path(folder) / "cards"
        cards.mkdir()
        for number, (name, holder) in enumerate(CARDS.items()):
            issue(CardPlan(name=name, holder=holder, number=f"100000000{number}"), cards)
        yield Path(folder)


@contextmanager
def running_bench(state: Path, forward: tuple[int, int] | None = None) -> Iterator[Bench]:
    bench = Bench(state, forward)
    bench.start(reader_service=False)
    try:
        yield bench
    finally:
        bench.close()


@contextmanager
def controlled(bench: Bench) -> Iterator[threading.Event]:
    stopped = threading.Event()
    control = Control(bench, stopped.set)
    try:
        yield stopped
    finally:
        control.close()


class EchoServer:
    """A server that sends back what it gets, for the line."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(65536):
                    connection.sendall(data)
            except OSError:
                return

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for thread in self._threads:
            thread.join(5)
