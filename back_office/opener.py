"""A process that opens envelopes for the back office that started it: sealed bodies in, signed transactions out.

Rules:
- It reads from the state folder the sealing keys and the certificates that signers are held against, and no other key: it
  can neither answer in the back office's name nor issue a certificate nor open a PIN. Nothing that was opened goes to a disk.
- One message asks, one answers, each with its length before it, over its own standard input and output. When the input
  ends, because whoever started it stopped or died, it ends.
- It decides nothing: what it verified is put to the rules where the transaction is.
"""

from __future__ import annotations

import gc
import signal
import sys
from datetime import datetime  # noqa: TC003 - msgspec reads the types
from functools import partial
from pathlib import Path
from struct import Struct
from typing import IO, TYPE_CHECKING

import msgspec

from back_office import opening
from back_office.keyring import OpeningKeyring
from kiosk.domain.card import Role  # noqa: TC001 - msgspec reads the types
from kiosk.wire.card_check import CardCertificate
from kiosk.wire.envelope import Transaction, VerifiedTransaction, open_sealed

if TYPE_CHECKING:
    from back_office.keyring import OpeningKeys

_LENGTH = Struct("!I")
_LOOKED_OVER_EVERY = 200
"""Messages after which the collector goes through everything: a hundredth of a second, seldom found worth it."""


class Sealed(msgspec.Struct, frozen=True, array_like=True):
    """A transaction as it lies in the inbox."""

    id: str
    terminal: str
    body: bytes
    however_old: bool


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """Envelopes to open, as of a moment."""

    at: datetime
    sealed: list[Sealed]


class Found(msgspec.Struct, frozen=True, array_like=True):
    """What was in one: a transaction and its signer, or why it is set aside."""

    reason: str = ""
    transaction: Transaction | None = None
    role: Role | None = None
    serial: str = ""
    not_after: datetime | None = None
    signed_at: datetime | None = None

    def content(self) -> VerifiedTransaction | str:
        """Give it as it is given in one process."""
        signed, card = self.transaction, self.role
        if signed is None or card is None or self.not_after is None or self.signed_at is None:
            return self.reason
        number = CardCertificate(signed.card, card, int(self.serial, 16), self.not_after)
        return VerifiedTransaction(signed, number, self.signed_at)


encode = msgspec.msgpack.Encoder().encode
read_asked = msgspec.msgpack.Decoder(Asked).decode
read_found = msgspec.msgpack.Decoder(list[Found]).decode


def send(to: IO[bytes], message: bytes) -> None:
    """Write one message."""
    to.write(_LENGTH.pack(len(message)))
    to.write(message)
    to.flush()


def receive(from_: IO[bytes]) -> bytes | None:
    """Read one message; None when there are no more."""
    head = from_.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    message = from_.read(length)
    return message if len(message) == length else None


def _found(content: VerifiedTransaction | str) -> Found:
    if isinstance(content, str):
        return Found(content)
    card = content.card
    return Found("", content.transaction, card.role, f"{card.serial:x}", card.not_after, content.signed_at)


def _open(asked: Asked, keys: OpeningKeys) -> list[VerifiedTransaction | str]:
    """Open all, then verify all: a processor does the same thing many times faster than two things in turn (by a tenth)."""
    opened = [open_sealed(one.body, keys.sealing) for one in asked.sealed]
    return [
        opening.verify_opened(what, keys, asked.at, one.id, one.terminal, however_old=one.however_old)
        for one, what in zip(asked.sealed, opened, strict=True)
    ]


def main() -> int:
    """Open until the input ends. The one argument is the state folder."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the keyboard's: whoever started us decides when to stop
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nobody reads any more: end
    keyring = OpeningKeyring(Path(sys.argv[1]))
    gc.disable()  # what is made for one message is counted away with it; the collector would look at it many times
    gc.freeze()
    for number, message in enumerate(iter(partial(receive, sys.stdin.buffer), None), 1):
        asked, keys = read_asked(message), keyring.keys()
        send(sys.stdout.buffer, encode([_found(content) for content in _open(asked, keys)]))
        gc.collect(0 if number % _LOOKED_OVER_EVERY else 2)  # what is new; certificates that are remembered are many
    return 0


if __name__ == "__main__":
    sys.exit(main())
