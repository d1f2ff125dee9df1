"""A workbench that is told to end does, whenever it is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from workbench.stop import Stop

ROOT = Path(__file__).parents[3]
WAITS = """
import signal
from workbench.stop import Stop
stop = Stop()
stop.on_signals(signal.SIGTERM, signal.SIGINT)
print(flush=True)
stop.wait()
"""


def test_it_stays_asked_and_may_be_asked_without_end() -> None:
    with Stop() as stop:
        assert not stop.is_asked
        for _ in range(100_000):  # far more than a socket holds
            stop.ask()
        stop.wait()
        stop.wait()
        assert stop.is_asked


def test_another_thread_may_ask() -> None:
    with Stop() as stop:
        asking = threading.Thread(target=stop.ask)
        asking.start()
        stop.wait()
        asking.join()


def test_a_signal_at_the_very_beginning_of_the_wait_is_heard() -> None:
    """Sent while the process is on its way from saying that it is ready into the wait."""
    for number in [signal.SIGTERM, signal.SIGINT] * 10:
        with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, cwd=ROOT) as waiting:
            assert waiting.stdout is not None
            waiting.stdout.readline()
            os.kill(waiting.pid, number)
            assert waiting.wait(60) == 0
