"""`POST /v1/transactions` as a bare ASGI application: what every terminal calls most passes no framework on its way.

Rules:
- The same door as ever: signature, limits, entries and the transaction are the receiver's, nothing is decided here.
- The method and the path are exact; whatever else is asked of this address is answered by the framework's routes.
- Answers have the API's form (`answers`), also when we fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office import answers
from back_office.evidence import METHOD, PATH
from back_office.feed_route import signed_call
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from back_office.receiver import Receiver


def is_push(scope: Scope) -> bool:
    """Whether a request is a push."""
    return bool(scope["type"] == "http" and scope["path"] == PATH and scope["method"] == METHOD)


class PushRoute:
    """The route to a receiver."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response: Response
        try:
            response = answers.answer(await self._receiver.push(await signed_call(scope, receive)))
        except EnvironmentFault as error:
            response = answers.storage_failed(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            response = answers.fault(error)
        await response(scope, receive, send)
