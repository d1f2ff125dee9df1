"""Signs and seals what people do, as their cards and the visit would; ahead of the world's time, in processes beside it.

Rules:
- The product's envelope makes it (`kiosk.wire.envelope`); poison is a good envelope spoilt in one place.
- An order is plain values, so that another process can fill it; a body is bytes as the journal takes them.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kiosk.domain.errors import Bug
from kiosk.wire.answer import AnswerKey
from kiosk.wire.envelope import Transaction, seal, sealing_key_id, signing_input
from kiosk.wire.problem import Problem
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from simulation.sync.people import Keys
    from simulation.sync.plan import Act

SERVICES = {
    "change": "bank_account.change", "stop": "bank_account.stop", "confirm": "bank_account.confirm_holder",
}  # fmt: skip
BATCH = 250
AHEAD = 4
"""So many batches are made before they are needed."""


@dataclass(frozen=True, slots=True)
class Minted:
    """What an act became on the terminal: the journal's entry but for its place."""

    id: str
    kind: str
    sealing_key_id: str
    body: bytes

    @property
    def body_hash(self) -> str:
        """As the back office names a body."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every envelope needs: the back office's sealing certificate, one of another back office, offices."""

    sealing: bytes
    foreign: bytes
    offices: tuple[str, ...]  # of each terminal


@dataclass(frozen=True, slots=True)
class Order:
    """One act to be signed."""

    act: Act
    private: bytes
    certificate: bytes


_stamp: list[Stamp] = []
_jwk: list[dict[str, str]] = []


def terminal_name(number: int) -> str:
    """Name a terminal of the world."""
    return f"T{number + 1:04d}"


def begin(stamp: Stamp) -> None:
    """Set up this process for minting."""
    _stamp[:] = [stamp]
    _jwk[:] = [AnswerKey.generate().jwk]


def mint_all(orders: Sequence[Order]) -> list[Minted]:
    """Fill a batch of orders."""
    return [mint(order) for order in orders]


def mint(order: Order) -> Minted:
    """Sign and seal one act, as the visit does; then spoil it if it is poison."""
    act, stamp = order.act, _stamp[0]
    sealing = x509.load_pem_x509_certificate(stamp.foreign if act.poison == "foreign_key" else stamp.sealing)
    inner = json.dumps({"kind": "audit", "n": act.n}).encode() if act.kind == "note" else _signed(order, stamp)
    body = seal(inner, sealing)
    kid = sealing_key_id(body)
    if isinstance(kid, Problem):
        raise Bug(f"an envelope without a key id was made: {kid.detail}")
    if act.poison == "unopenable":
        body = body[: len(body) // 2]
    return Minted(act.id, "audit" if act.kind == "note" else "transaction", kid, body)


def _signed(order: Order, stamp: Stamp) -> bytes:
    act = order.act
    answers = (
        {"account": act.account, "account_as_typed": act.account} if act.kind == "change" else {"change": act.target}
    )
    at = timestamp(act.signed_at)
    terminal = act.terminal + 1 if act.poison == "wrong_terminal" else act.terminal
    values: dict[str, Any] = {
        "id": act.id[:-1] + ("0" if act.id[-1] != "0" else "1") if act.poison == "wrong_id" else act.id,
        "service": "nobody.knows" if act.poison == "unknown_service" else SERVICES[act.kind],
        "scheme": "cz",
        "office": stamp.offices[act.terminal],
        "terminal": terminal_name(terminal),
        "person": "",
        "card": act.person.card,
        "base_version": act.base_version,
        "answers": answers,
        "entered_by": dict.fromkeys(answers, "holder"),
        "evidence": {"kind": "signed"},
        "started_at": timestamp(act.signed_at - timedelta(seconds=90)),
        "signed_at": at,
        "language": "cs",
        "answer_key": _jwk[0],
    }
    prepared = signing_input(Transaction(**values), order.certificate, act.signed_at)
    if isinstance(prepared, Problem):
        raise Bug(f"an act of the plan cannot be signed: {prepared.detail}")
    key = load_pem_private_key(order.private, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Bug("a card of the plan has another key")
    jws = prepared.finish(key.sign(prepared.signing_input, ec.ECDSA(SHA256())))
    if isinstance(jws, Problem):
        raise Bug(f"an act of the plan was not signed: {jws.detail}")
    if act.poison == "tampered":
        return jws[:-6] + (b"AAAAAA" if jws[-6:] != b"AAAAAA" else b"BBBBBB")
    return jws


class Mint:
    """The acts of a plan, minted ahead, in the order of their numbers."""

    def __init__(self, acts: Sequence[Act], keys: Mapping[str, Keys], stamp: Stamp, *, processes: int) -> None:
        self._batches = _batches(acts, keys)
        self._pool = ProcessPoolExecutor(processes, initializer=begin, initargs=(stamp,)) if processes else None
        self._under_way: deque[Future[list[Minted]]] = deque()
        self._ready: dict[int, Minted] = {}
        self._next = 0
        if self._pool is None:
            begin(stamp)

    def take(self, act: Act) -> Minted:
        """Hand out an act's envelope; acts are asked for about in the order of their numbers."""
        while act.n not in self._ready:
            self._fetch()
        return self._ready.pop(act.n)

    def close(self) -> None:
        """Stop minting."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _fetch(self) -> None:
        if self._pool is None:
            made = mint_all(next(self._batches))
        else:
            while len(self._under_way) < AHEAD and (batch := next(self._batches, None)) is not None:
                self._under_way.append(self._pool.submit(mint_all, batch))
            made = self._under_way.popleft().result()
        for minted in made:
            self._ready[self._next] = minted
            self._next += 1


def _batches(acts: Sequence[Act], keys: Mapping[str, Keys]) -> Iterator[list[Order]]:
    for first in range(0, len(acts), BATCH):
        yield [
            Order(act, keys[act.person.card].private, keys[act.person.card].certificate)
            for act in acts[first : first + BATCH]
        ]
