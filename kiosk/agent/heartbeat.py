"""Tells the back office once a minute how this terminal is: states and counts, nothing about people."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.agent.log import logger
from kiosk.back_office_client import Refused
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    from kiosk.agent.cache_keeper import CacheKeeper
    from kiosk.agent.line import Line
    from kiosk.agent.reference_keeper import ReferenceKeeper
    from kiosk.agent.replies import Replies
    from kiosk.system import Clock
    from offline_cache.journal import Journal

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def release() -> str:
    """Return the version of this program."""
    try:
        return version("guichet")
    except PackageNotFoundError:
        return "unpacked"


def boot_id() -> str:
    """Return what this boot of the machine is called; empty where that cannot be asked."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


def disk_free(folder: Path) -> int:
    """Return the bytes that are free where the journal is; 0 when the disk cannot be asked."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


@dataclass(slots=True, kw_only=True)
class Heartbeat:
    """Collects and sends the report."""

    journal: Journal
    line: Line
    references: ReferenceKeeper
    cache: CacheKeeper
    replies: Replies
    folder: Path
    protection: str
    certificate_days: int | None
    clock: Clock
    every_seconds: float
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)

    def report(self) -> dict[str, Any]:
        """Return what is reported now."""
        return {
            "at": timestamp(self.clock.now()),
            "version": release(),
            "boot_id": boot_id(),
            "key_protection": self.protection,
            "certificate_days": self.certificate_days,
            "journal": self.journal.status.value,
            "journal_epoch": self.journal.head.epoch,
            "journal_seq": self.journal.head.seq,
            "backlog": self.journal.backlog,
            "oldest_waiting": self.journal.oldest_waiting,
            "disk_free_bytes": disk_free(self.folder),
            "clock_offset_seconds": int(self.line.client.clock_offset.total_seconds()),
            "reference_age_seconds": self.references.age_seconds,
            "cache": self.cache.report(),
            "devices": dict(self.replies.devices),
        }

    async def run(self) -> None:
        """Report for ever, first when the line is up; one that does not arrive is not repeated, the next says more."""
        self.line.on_return(self._wanted.set)
        while True:
            self._wanted.clear()
            if self.line.online:
                report = self.report()
                outcome = await self.line.call(lambda client, report=report: client.heartbeat(report))  # type: ignore[misc]
                if isinstance(outcome, Refused):
                    logger().warning("heartbeat_refused", status=outcome.status, code=outcome.code)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.every_seconds):
                    await self._wanted.wait()
