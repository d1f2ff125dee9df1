"""One private PostgreSQL a test process, started when the first test wants it; a database a test, cloned from a template."""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from back_office.database.private_cluster import PrivateCluster

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count(1)


@cache
def cluster() -> PrivateCluster:
    """The server of this process; it ends with the process, and its data too."""
    parent = Path(tempfile.mkdtemp(prefix="guichet-tests-"))
    parent.chmod(0o711)  # the server's user must get through
    started = PrivateCluster(parent / "postgresql")
    started.start()

    def end() -> None:
        started.stop()
        shutil.rmtree(parent, ignore_errors=True)

    atexit.register(end)
    return started


@contextmanager
def empty_database(template: str = "template0") -> Iterator[str]:
    """The URL of a new database, gone afterwards whoever is connected."""
    name = f"t{next(_numbers)}"
    url = cluster().create_database(name, template)
    try:
        yield url
    finally:
        cluster().drop_database(name)
