"""Client of the messages partner: `MessagesClient` implements `back_office.ports.MessagesPort`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.ports import Delivered, Message, Rejected, Unavailable


class MessagesClient:
    def send(self, message: Message, *, timeout_seconds: float) -> Delivered | Unavailable | Rejected:
        raise NotImplementedError
