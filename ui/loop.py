"""The screen's event loop as the rest of the program sees it: call from any thread, tick, watch a pipe.

Rules:
- Every result of a worker thread reaches the screen's thread by one queued signal, in the order it was posted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, Qt, QTimer, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Callable


class Loop(QObject):
    """Lives on the thread that made it."""

    _called = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._called.connect(self._run, Qt.ConnectionType.QueuedConnection)
        self._kept: list[QObject] = []

    @Slot(object)
    def _run(self, job: Callable[[], None]) -> None:
        job()

    def call(self, job: Callable[[], None]) -> None:
        """Do `job` on the screen's thread, after what was posted before it; may be called on any thread."""
        self._called.emit(job)

    def every(self, milliseconds: int, job: Callable[[], None]) -> None:
        """Do `job` again and again."""
        timer = QTimer(self)
        timer.setInterval(milliseconds)
        timer.timeout.connect(job)
        timer.start()

    def after(self, milliseconds: int, job: Callable[[], None]) -> None:
        """Do `job` once, later."""
        QTimer.singleShot(milliseconds, job)

    def readable(self, descriptor: int, job: Callable[[], None]) -> None:
        """Do `job` whenever there is something to read from a file descriptor."""
        notifier = QSocketNotifier(descriptor, QSocketNotifier.Type.Read, self)
        notifier.activated.connect(lambda *_: job())
        self._kept.append(notifier)

    def run(self) -> int:
        """Run until `stop`."""
        return QCoreApplication.exec()

    def stop(self, code: int = 0) -> None:
        """End `run`."""
        QCoreApplication.exit(code)
