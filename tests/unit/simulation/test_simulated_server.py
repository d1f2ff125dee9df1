"""What stands in for a network between simulated terminals and the real server."""

from __future__ import annotations

import asyncio

import pytest

from simulation.sync.line import Request
from simulation.sync.server import _body


def test_who_listens_for_a_peer_to_hang_up_hears_nothing() -> None:
    """An answer that is sent in pieces listens meanwhile: it must neither turn in circles nor be cut off."""

    async def listen() -> None:
        receive = _body(Request("POST", "/v1/push", "", {}, b"asked"))
        assert (await receive())["body"] == b"asked"
        async with asyncio.timeout(0):
            await receive()

    with pytest.raises(TimeoutError):
        asyncio.run(listen())
