"""Promise 6: a bank change comes into force only through every guard; no single staff member.

(The search over the transition table is tests/unit/domain/bank_change/test_firewall_search.py.) The attack: one dishonest
officer, in front of the real back office with its database and outbox, tries every order of acts the desk offers, under
the own name written in different ways, lets time pass in between, and looks whether payments ever go to the new account.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from back_office_bench import bench

from back_office.desk import acts
from back_office.desk.acts import Act, Decision
from back_office.repository import desk
from kiosk.domain.bank_change import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from back_office_bench import Bench

    from back_office.repository.desk import Officer

TRIED = (Act.BANK_PROOF, Act.APPROVE, Act.HOLD, Act.RETRY, Act.CLOSE, Act.DISMISS)


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Bench]:
    with bench(tmp_path, database) as made:
        yield made


def _officer(office: Bench, name: str) -> Officer:
    with office.it.database.read() as db:
        found = desk.officer(db, name)
    assert found is not None
    return found


def _act(office: Bench, officer: Officer, id_: str, act: Act) -> None:
    acts.decide(office.it, officer, id_, Decision(act, "I say so", document="a paper" if act is Act.BANK_PROOF else ""))


def _assert_not_paid(office: Bench, id_: str, order: object) -> None:
    assert office.change(id_).state is not State.IN_FORCE, f"in force after {order} by one officer"


def test_no_order_of_acts_of_one_officer_brings_a_held_change_into_force(office: Bench) -> None:
    alena = _officer(office, "alena")
    id_ = office.submit(office.holder("marie"), "of_someone_else")
    assert office.change(id_).state is State.HELD
    for order in itertools.product(TRIED, repeat=3):  # one long temptation: 216 orders of three, on the same change
        for act in order:
            _act(office, alena, id_, act)
        _assert_not_paid(office, id_, order)
    for _ in range(3):
        office.later(days=30)
        office.settle()
        for act in TRIED:
            _act(office, alena, id_, act)
        office.settle()
        _assert_not_paid(office, id_, "months of waiting")


def test_the_same_officer_written_otherwise_is_no_second_officer(office: Bench) -> None:
    id_ = office.submit(office.holder("marie"), "of_someone_else")
    alena = _officer(office, "alena")
    _act(office, alena, id_, Act.BANK_PROOF)
    for name in ("ALENA", "Alena", " alena", "alena ", "alena\u200b", "álena", "аlena", "alena\0"):
        with office.it.database.read() as db:
            other = desk.officer(db, name)
        if other is not None:
            _act(office, other, id_, Act.APPROVE)
    office.later(days=30)
    office.settle()
    assert office.change(id_).state is State.HELD


def test_a_second_honest_officer_is_what_was_missing(office: Bench) -> None:
    """The counter-proof: the same change does come into force when another officer looks at it."""
    id_ = office.submit(office.holder("marie"), "of_someone_else")
    _act(office, _officer(office, "alena"), id_, Act.BANK_PROOF)
    _act(office, _officer(office, "bohdan"), id_, Act.APPROVE)
    office.later(days=30)
    office.settle()
    assert office.change(id_).state is State.IN_FORCE


@pytest.mark.parametrize("first", TRIED)
def test_one_officer_cannot_settle_a_dispute_for_the_new_account(office: Bench, first: Act) -> None:
    office.bank_knows("marie_second", "match")
    marie = office.holder("marie")
    id_ = office.submit(marie, "marie_second")
    office.receive(office.entry(marie, "bank_account.stop", {"change": id_}))
    office.settle()
    assert office.change(id_).state is State.DISPUTED
    alena = _officer(office, "alena")
    for act in (first, Act.DISMISS, Act.APPROVE, Act.DISMISS, Act.CLOSE, Act.DISMISS):
        _act(office, alena, id_, act)
        office.later(days=10)
        office.settle()
    assert office.change(id_).state is State.DISPUTED
