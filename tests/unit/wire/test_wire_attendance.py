"""An officer's word about one act: signed by a staff card, and about no other act."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from wire_world import AT, ID, OTHER_ID, STAMP, TestCard, card, der, reforge, transaction, world

from kiosk.domain.card import Role
from kiosk.wire.attendance import Attendance, answers_digest, officer_of, prepare
from kiosk.wire.envelope import Transaction
from kiosk.wire.fields import read_message
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.signed import ToBeSigned

OFFICER = "3000000001"
ANSWERS = {"how": "in person"}


def word(staff: TestCard, slot: str = "9A", **changes: Any) -> str:
    fields: dict[str, Any] = {
        "transaction": ID, "service": "proof_of_life.give", "terminal": "T0007", "card": staff.number,
        "answers": answers_digest(ANSWERS), "at": STAMP,
    }  # fmt: skip
    prepared = prepare(Attendance(**(fields | changes)), der(staff.certificates[slot]), AT)
    assert isinstance(prepared, ToBeSigned), prepared
    finished = prepared.finish(staff.sign(slot, prepared.signing_input))
    assert isinstance(finished, bytes)
    return finished.decode("ascii")


def who(carried: str, **changes: Any) -> str | Problem:
    asked: dict[str, Any] = {
        "transaction": ID, "service": "proof_of_life.give", "terminal": "T0007", "answers": ANSWERS,
        "longest_delay": timedelta(days=60),
    }  # fmt: skip
    at = changes.pop("at", AT)
    return officer_of(carried, world().anchors, at, **(asked | changes))


@pytest.mark.parametrize("kind", ["P-256", "RSA-2048"])
def test_a_staff_card_says_that_its_officer_took_part(kind: str) -> None:
    assert who(word(card(kind, OFFICER, Role.STAFF))) == OFFICER


@pytest.mark.parametrize(
    "changes",
    [{"transaction": OTHER_ID}, {"service": "person.register"}, {"terminal": "T0008"}, {"answers": {"how": "typed"}}],
)
def test_it_says_nothing_about_another_act(changes: dict[str, Any]) -> None:
    found = who(word(card("P-256", OFFICER, Role.STAFF)), **changes)
    assert isinstance(found, Problem)
    assert found.code is ProblemCode.MISMATCH


def test_a_holder_cannot_say_it_of_an_officer() -> None:
    for carried in (word(card(role=Role.INSURED)), word(card(role=Role.INSURED), card=OFFICER)):
        found = who(carried)
        assert isinstance(found, Problem)
        assert found.code is ProblemCode.UNTRUSTED


def test_another_key_another_issuer_another_time_count_for_nothing() -> None:
    staff = card("P-256", OFFICER, Role.STAFF)
    stranger = card("P-256", OFFICER, Role.STAFF, issuer="Elsewhere")
    for carried, at in (
        (word(staff, slot="9C"), AT),
        (word(stranger), AT),
        (word(staff), AT + timedelta(days=61)),
        (reforge(word(staff).encode(), stranger.keys["9A"]).decode(), AT),
        ("not.a.signature", AT),
    ):
        assert isinstance(who(carried, at=at), Problem)
    assert isinstance(who(word(staff, at="2026-02-30T10:20:30Z")), Problem)


def test_an_act_without_an_officer_looks_as_it_always_did() -> None:
    import msgspec

    plain = msgspec.to_builtins(transaction())
    assert "attendance" not in plain
    carried = plain | {"attendance": word(card("P-256", OFFICER, Role.STAFF))}
    assert isinstance(read_message(carried, Transaction), Transaction)
    assert isinstance(read_message(plain | {"attendance": "no signature!"}, Transaction), Problem)
