"""Tells the agent which visit is served; keeps trying while there is no agent, and begins again with a new one."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from kiosk.agent.log import logger
from kiosk.link import VERSION, CloseVisit, Done, FrameReader, LinkViolation, OpenVisit, SuperviseHello, encode_frame

if TYPE_CHECKING:
    from pathlib import Path

RECONNECT_SECONDS = 0.05


class AgentChannel:
    """The supervisor's connection to the agent."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: asyncio.StreamWriter | None = None
        self._open: tuple[str, int] | None = None
        self._n = 0

    def open_visit(self, visit_id: str, pid: int) -> None:
        """Announce this visit, now or as soon as there is an agent."""
        self._open = (visit_id, pid)
        self._announce()

    def close_visit(self, visit_id: str) -> None:
        """Close this visit. An agent that is not there needs no telling: a new one knows only what is announced."""
        if self._open is not None and self._open[0] == visit_id:
            self._open = None
        if self._writer is not None:
            self._n += 1
            self._writer.write(encode_frame(CloseVisit(self._n, visit_id)))

    async def run(self) -> None:
        """Stay connected, for ever."""
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(str(self._path))
            except OSError:
                await asyncio.sleep(RECONNECT_SECONDS)
                continue
            try:
                await self._attend(reader, writer)
            except (OSError, LinkViolation) as error:
                logger().warning("agent_channel", error=type(error).__name__)
            finally:
                self._writer = None
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(encode_frame(SuperviseHello(VERSION)))
        frames = FrameReader.at_visit()
        while data := await reader.read(4096):
            for message in frames.feed(data):
                if not isinstance(message, Done):
                    logger().error("agent_refused", reason=type(message).__name__)
                    return
                if self._writer is None:
                    self._writer = writer
                    self._announce()

    def _announce(self) -> None:
        if self._writer is not None and self._open is not None:
            self._n += 1
            self._writer.write(encode_frame(OpenVisit(self._n, *self._open)))
