"""`decide_1k`: 1,000 bank changes opened, verified and applied in groups. Alone: `python -m benchmarks.decide`.

Ours: from what lies in the inbox to the decision of each (rule, request, change, outbox row, audit lines, the sealed word
for the visit), in groups as the rounds make them, on PostgreSQL. The peer: the bare primitives for the same 1,000 on the
same cores: ECDH, Concat KDF and AES-GCM of each envelope, and one ES256 verification of each card's signature. Nothing
else of what deciding does is in the peer: no JSON, no certificate, no rule, no database.

Rules:
- A thousand different people, each with a card of their own: no certificate and no row is met twice.
- Turn by turn in one run, medians; each round has 1,000 fresh people.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import random
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.serialization import Encoding

from back_office import decisions, intake, pki
from back_office.api_types import Push
from back_office.certificates import card_plan, certify, new_key
from back_office.openers import Openers
from back_office.repository import inbox, people, terminals, timestamp
from back_office.repository.people import Card, Pension, PersonRow
from back_office.rounds import DECIDED_TOGETHER, UNDECIDED_AT_ONCE
from benchmarks.figures import Figure, spread_of, table
from benchmarks.post_office import OFFICE, post_office
from kiosk.domain.card import ROLE_POLICIES, Role
from kiosk.domain.errors import Bug
from kiosk.wire.answer import AnswerKey
from kiosk.wire.envelope import Transaction, seal, signing_input
from kiosk.wire.keys import der_signature
from kiosk.wire.problem import Problem
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.post_office import PostOffice, Terminal
    from kiosk.back_office_client.api import Item

COUNT = 1000
ROUNDS = 3
GOAL = 2.5
_BANK = "0800"


def figure(office: PostOffice, rounds: int = ROUNDS, count: int = COUNT) -> Figure:
    """Measure."""
    (terminal,) = office.enrol(1)
    ours: list[float] = []
    raw: list[float] = []
    with (
        ThreadPoolExecutor(os.cpu_count() or 2) as threads,
        contextlib.closing(Openers(office.it.state, office.it.keyring)) as openers,
    ):
        for number in range(rounds):
            people_made = _People(office, number, count)
            items = people_made.sign(terminal)
            _receive(office, terminal, items)
            bare = [_Bare(office, item.body, key) for item, key in zip(items, people_made.keys, strict=True)]
            turns: list[tuple[list[float], Callable[[], object]]] = [
                (ours, partial(_decide, office, openers)),
                (raw, partial(_work_through, bare, threads)),
            ]
            for took, work in turns if number % 2 else reversed(turns):
                began = time.perf_counter()
                work()
                took.append((time.perf_counter() - began) * 1000)
    return Figure(
        "decide_1k", statistics.median(ours), "ms", "opening + ES256", statistics.median(raw), rounds, GOAL,
        spread_of(ours),
    )  # fmt: skip


def _work_through(bare: Sequence[_Bare], threads: ThreadPoolExecutor) -> None:
    def some(start: int) -> None:
        for one in bare[start : start + 50]:
            one.work()

    list(threads.map(some, range(0, len(bare), 50)))


def _decide(office: PostOffice, openers: Openers) -> None:
    it = office.it
    while True:
        with it.database.read() as db:
            ids = inbox.undecided(db, UNDECIDED_AT_ONCE)
        if not ids:
            return
        groups = [ids[start : start + DECIDED_TOGETHER] for start in range(0, len(ids), DECIDED_TOGETHER)]
        for group, opened in zip(groups, decisions.read_ahead(it, groups, openers), strict=True):
            decisions.decide_group(it, group, opened)


def _receive(office: PostOffice, terminal: Terminal, items: Sequence[Item]) -> None:
    with office.it.database.read() as db:
        row = terminals.terminal(db, terminal.id)
    if row is None:
        raise Bug("the terminal is gone")
    import msgspec  # noqa: PLC0415 - here only

    for start in range(0, len(items), 200):
        part = msgspec.json.decode(msgspec.json.encode({"items": list(items[start : start + 200])}), type=Push)
        intake.receive(office.it, row, part)


class _People:
    """People with a pension, an account and a card each; what they sign."""

    def __init__(self, office: PostOffice, round_number: int, count: int) -> None:
        self._office = office
        it = office.it
        authority = pki.load_authority(it.state / "pki", "card-ca")
        policy = next(oid for oid, role in ROLE_POLICIES.items() if role is Role.INSURED)
        at = it.clock.now()
        self.keys = [new_key() for _ in range(count)]
        self._cards = [f"{5_500_000_000 + round_number * count + number}" for number in range(count)]
        self._certificates = [
            certify(card_plan("9C", card, policy, timedelta(days=900)), key.public_key(), authority, at)
            for card, key in zip(self._cards, self.keys, strict=True)
        ]
        registered = timestamp(at - timedelta(days=400))
        with it.work() as work:
            for number, card in enumerate(self._cards):
                person = f"9{round_number:02d}{number:07d}"
                people.add_person(
                    work.db,
                    PersonRow(
                        person, "Jana", f"Nová {number}", "1950-01-01", OFFICE, "cs", changes_blocked=False, version=1
                    ),
                )
                people.open_account(work.db, person, _iban(number, round_number * 2), registered)
                people.put_pension(work.db, Pension(person, 1_900_000, "CZK", registered[:10]))
                people.add_contact(
                    work.db, person, channel="letter", destination=f"Ulice {number}\nPraha", valid_from=registered
                )
                row = Card(card, person, "insured", f"Jana Nová {number}", registered, None, None, None)
                people.add_card(work.db, row, [("9C", self._certificates[number].serial_number)])
        self._round = round_number

    def sign(self, terminal: Terminal) -> list[Item]:
        """One change each, signed, sealed, journaled."""
        it = self._office.it
        sealing = it.keyring.keys().sealing_certificates[0]
        items = []
        for number, (key, certificate) in enumerate(zip(self.keys, self._certificates, strict=True)):
            at, iban = it.clock.now(), _iban(number, self._round * 2 + 1)
            answers = {"account": iban, "account_as_typed": iban}
            transaction = Transaction(
                id=it.ids.new(), service="bank_account.change", scheme="cz", office=OFFICE, terminal=terminal.id,
                person="", card=self._cards[number], base_version=1, answers=answers,
                entered_by=dict.fromkeys(answers, "holder"), evidence={"kind": "signed"}, started_at=wire_time(at),
                signed_at=wire_time(at), language="cs", answer_key=AnswerKey.generate().jwk,
            )  # fmt: skip
            prepared = signing_input(transaction, certificate.public_bytes(Encoding.DER), at)
            if isinstance(prepared, Problem):
                raise Bug(prepared.detail)
            signed = prepared.finish(key.sign(prepared.signing_input, ec.ECDSA(SHA256())))
            if isinstance(signed, Problem):
                raise Bug(signed.detail)
            items.append(terminal.entry(it, seal(signed, sealing), id_=transaction.id))
        return items


def _iban(number: int, salt: int) -> str:
    """A valid Czech IBAN (ISO 13616, and the weights of the national number)."""
    chance = random.Random(f"{number}/{salt}")
    while True:
        account = f"{chance.randrange(10**9, 10**10)}"
        weights = (6, 3, 7, 9, 10, 5, 8, 4, 2, 1)
        if sum(int(digit) * weight for digit, weight in zip(account, weights, strict=True)) % 11 == 0:
            break
    bban = f"{_BANK}000000{account}"
    check = 98 - int(f"{bban}123500") % 97
    return f"CZ{check:02d}{bban}"


class _Bare:
    """The primitives of one envelope, with everything around them done beforehand."""

    def __init__(self, office: PostOffice, body: str, key: ec.EllipticCurvePrivateKey) -> None:
        head, _, vector, sealed, tag = body.split(".")
        header = json.loads(_b64(head))
        self._private = office.it.keyring.keys().sealing[header["kid"]]
        point = b"\x04" + _b64(header["epk"]["x"]) + _b64(header["epk"]["y"])
        self._ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        name = header["enc"].encode()
        self._info = len(name).to_bytes(4) + name + bytes(8) + (256).to_bytes(4)
        self._parts = (_b64(vector), _b64(sealed) + _b64(tag), head.encode())
        signed = self._open()
        data, _, signature = signed.rpartition(b".")
        self._data, self._signature = data, der_signature(_b64(signature.decode())) or b""
        self._key = key.public_key()

    def _open(self) -> bytes:
        shared = self._private.exchange(ec.ECDH(), self._ephemeral)
        secret = ConcatKDFHash(SHA256(), 32, self._info).derive(shared)
        return AESGCM(secret).decrypt(*self._parts)

    def work(self) -> None:
        """Open, and verify the card's signature."""
        self._open()
        self._key.verify(self._signature, self._data, ec.ECDSA(SHA256()))


def _b64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def main() -> int:
    """Measure in a folder of its own, and print the row."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    count = int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as name, post_office(Path(name)) as office:
        print(table([figure(office, rounds, count)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
