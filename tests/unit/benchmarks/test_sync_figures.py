"""The arithmetic behind the sync figures: sizes of documents, shares of a fleet."""

from __future__ import annotations

import random

import msgspec
import pytest

from benchmarks.fleet_return import CELL, batch, shares
from benchmarks.sealed_people import LONGEST, MEAN, SHORTEST, document, mix_sizes
from kiosk.wire.journal_chain import GENESIS, ClearHeader, chain_hash


@pytest.mark.parametrize("count", [50, 192, 5_000])
def test_the_mix_keeps_its_bounds_and_its_mean(count: int) -> None:
    sizes = mix_sizes(count)
    assert len(sizes) == count
    assert min(sizes) >= SHORTEST
    assert max(sizes) <= LONGEST
    assert sum(sizes) / count == pytest.approx(MEAN, rel=0.01)
    assert sum(size < MEAN for size in sizes) > count / 2, "most are short, few are long"


@pytest.mark.parametrize("size", [1_700, 4_096, 32_768])
def test_a_document_is_as_long_as_it_was_asked_to_be(size: int) -> None:
    length = len(msgspec.json.encode(document(random.Random(size), size)))
    assert size <= length < size + 300


@pytest.mark.parametrize(("terminals", "cells"), [(1, 1), (CELL, 1), (CELL + 1, 2), (20_000, 3)])
def test_a_fleet_is_shared_among_as_few_cells_as_hold_it(terminals: int, cells: int) -> None:
    found = shares(terminals)
    assert len(found) == cells
    assert sum(found) == terminals
    assert max(found) - min(found) <= 1
    assert max(found) <= CELL


class _Office:
    """As much of an office as a batch needs."""

    def __init__(self) -> None:
        from kiosk.system import SystemClock, SystemIds

        self.it = self
        self.clock = SystemClock()
        self.ids = SystemIds(self.clock)


def test_batches_of_a_terminal_are_one_chain() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    from benchmarks.served_office import Key

    key = Key("T0100", ec.generate_private_key(ec.SECP256R1()), 1)
    office, items, head = _Office(), [], GENESIS
    for number in range(3):
        body, head = batch(office, key, 2, 1 + 2 * number, head)  # type: ignore[arg-type]
        items += msgspec.json.decode(body)["items"]
    assert [item["seq"] for item in items] == [1, 2, 3, 4, 5, 6]
    previous = GENESIS
    for item in items:
        header = ClearHeader(item["id"], item["kind"], "T0100", 1, item["seq"], 1, "bench", item["recorded_at"])
        assert item["previous_hash"] == previous.hex()
        previous = chain_hash(previous, item["body"].encode(), header)
        assert item["hash"] == previous.hex()
    assert previous == head
