from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_world import (
    AT,
    CARD_NUMBER,
    ID,
    OTHER_ID,
    STAMP,
    answer_key,
    card,
    der,
    forge,
    question,
    reforge,
    signed_transaction,
    world,
    x5c,
)

from kiosk.domain.errors import Bug
from kiosk.wire.answer import ANSWER_TYPE, Answer, AnswerKey, open_answer, seal_answer
from kiosk.wire.canonical import canonical
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.question import (
    QUESTION_LIMIT,
    Question,
    VerifiedQuestion,
    question_signing_input,
    read_question,
    unsigned_question,
)
from kiosk.wire.sealed import open_with, seal_to
from kiosk.wire.signed import Signer, ToBeSigned, sign
from kiosk.wire.trust import Revocations
from kiosk.wire.verdict import VerdictBody, open_verdict, seal_verdict


def code(found: object) -> ProblemCode | None:
    return found.code if isinstance(found, Problem) else None


def signed_question(kind: str = "P-256", slot: str = "9A", **changes: Any) -> bytes:
    holder = card(kind)
    prepared = question_signing_input(question(**changes), der(holder.certificates[slot]), AT)
    assert isinstance(prepared, ToBeSigned), prepared
    finished = prepared.finish(holder.sign(slot, prepared.signing_input))
    assert isinstance(finished, bytes)
    return finished


def read(opened: bytes, **changes: Any) -> VerifiedQuestion | Problem:
    given: dict[str, Any] = {"expected_id": ID, "expected_terminal": "T0007"}
    at = changes.pop("at", AT + timedelta(seconds=3))
    revocations = changes.pop("revocations", world().revocations)
    return read_question(opened, world().anchors, revocations, at, **(given | changes))


# --- questions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["P-256", "RSA-2048"])
def test_a_question_signed_by_9a_is_read(kind: str) -> None:
    found = read(signed_question(kind))
    assert isinstance(found, VerifiedQuestion), found
    assert found.question == question()
    assert found.card is not None
    assert found.card.number == CARD_NUMBER


@pytest.mark.parametrize("kind", ["request_status", "stop_change"])
def test_a_question_by_code_is_read_and_proves_nobody(kind: str) -> None:
    asked = question(kind=kind, card="", parameters={"code": "ABCD1234"})
    assert read(unsigned_question(asked)) == VerifiedQuestion(asked, None)


@pytest.mark.parametrize("kind", ["person_record", "my_requests", "confirm_holder"])
def test_a_kind_that_needs_a_card_is_not_read_without(kind: str) -> None:
    for number in (CARD_NUMBER, ""):
        opened = canonical(msgspec.to_builtins(question(kind=kind, card=number)))
        assert code(read(opened)) is ProblemCode.WRONG_TYPE


def test_an_unsigned_question_names_no_card() -> None:
    opened = canonical(msgspec.to_builtins(question(kind="stop_change", card=CARD_NUMBER)))
    assert code(read(opened)) is ProblemCode.MISMATCH


def test_an_unsigned_kind_is_not_signed_and_the_other_way_round() -> None:
    with pytest.raises(Bug):
        question_signing_input(question(kind="stop_change"), der(card().certificates["9A"]), AT)
    for asked in (question(), question(kind="stop_change")):
        with pytest.raises(Bug):
            unsigned_question(asked)
    forged = reforge(
        signed_question(), card().keys["9A"], payload=canonical(msgspec.to_builtins(question(kind="stop_change")))
    )
    assert code(read(forged)) is ProblemCode.WRONG_TYPE


@pytest.mark.parametrize("slot", ["9C", "9E", "9D"])
def test_only_the_authentication_key_asks(slot: str) -> None:
    assert code(read(signed_question(slot=slot))) is ProblemCode.UNTRUSTED


def test_a_transaction_is_no_question() -> None:
    assert code(read(signed_transaction())) is ProblemCode.WRONG_TYPE


def test_a_question_is_good_for_ten_minutes() -> None:
    opened, code_question = signed_question(), unsigned_question(question(kind="stop_change", card=""))
    for asked in (opened, code_question):
        assert isinstance(read(asked, at=AT + timedelta(minutes=9)), VerifiedQuestion)
        assert code(read(asked, at=AT + timedelta(minutes=11))) is ProblemCode.CLOCK
        assert code(read(asked, at=AT - timedelta(minutes=11))) is ProblemCode.CLOCK
    later = reforge(opened, card().keys["9A"], iat=int(AT.timestamp()) + 400)
    assert code(read(later, at=AT + timedelta(minutes=7))) is ProblemCode.CLOCK


def test_inner_and_outer_must_agree() -> None:
    for opened in (signed_question(), unsigned_question(question(kind="stop_change", card=""))):
        assert code(read(opened, expected_id=OTHER_ID)) is ProblemCode.MISMATCH
        assert code(read(opened, expected_id="")) is ProblemCode.MISMATCH
        assert code(read(opened, expected_terminal="T0008")) is ProblemCode.MISMATCH
        assert isinstance(read(opened, expected_id=None, expected_terminal=None), VerifiedQuestion)


def test_the_number_inside_must_be_the_askers() -> None:
    other = card(number="2000000002")
    payload = canonical(msgspec.to_builtins(question()))
    forged = reforge(signed_question(), other.keys["9A"], payload=payload, x5c=x5c(other.certificates["9A"]))
    assert code(read(forged)) is ProblemCode.MISMATCH
    assert code(question_signing_input(question(), der(other.certificates["9A"]), AT)) is ProblemCode.MISMATCH


def test_a_revoked_card_asks_nothing() -> None:
    revoked = Revocations(frozenset({card().certificates["9A"].serial_number}), AT)
    assert code(read(signed_question(), revocations=revoked)) is ProblemCode.REVOKED


@pytest.mark.parametrize(
    "changes",
    [
        {"answer_key": {}},
        {"answer_key": {"kty": "oct"}},
        {"at": "2026-02-30T10:20:30Z"},
        {"id": "x"},
        {"terminal": "x"},
    ],
)
def test_a_question_out_of_shape_is_refused(changes: dict[str, Any]) -> None:
    asked = canonical(msgspec.to_builtins(question(kind="stop_change", card="", **changes)))
    assert code(read(asked, expected_id=None)) in (ProblemCode.MALFORMED, ProblemCode.ALGORITHM)


def test_a_huge_question_is_not_looked_at() -> None:
    assert code(read(b"{" * (QUESTION_LIMIT + 1))) is ProblemCode.TOO_LARGE


@settings(max_examples=200)
@given(
    st.binary(max_size=100)
    | st.dictionaries(
        st.sampled_from([*Question.__struct_fields__, "x"]), st.text(max_size=9) | st.integers() | st.none()
    ).map(
        lambda value: json.dumps(
            json.loads(canonical(msgspec.to_builtins(question(kind="stop_change", card="")))) | value
        ).encode()
    )
)
def test_reading_a_question_never_raises(opened: bytes) -> None:
    assert isinstance(read(opened), (VerifiedQuestion, Problem))


# --- answers ----------------------------------------------------------------------------------------------

BODY: dict[str, Any] = {"name": "Marie Novotná", "version": 7, "account": None, "requests": [{"stage": "waiting"}]}


def answer(**changes: Any) -> bytes:
    given: dict[str, Any] = {
        "kind": "person_record",
        "request_id": ID,
        "answer_key": answer_key().jwk,
        "body": BODY,
        "at": AT,
    }
    sealed = seal_answer(signer=changes.pop("signer", world().signer), **(given | changes))
    assert isinstance(sealed, bytes)
    return sealed


def opened_answer(sealed: bytes, key: AnswerKey | None = None, at: Any = AT) -> dict[str, Any] | Problem:
    return open_answer(sealed, key or answer_key(), ID, "person_record", world().anchors, at)


def test_the_asker_and_nobody_else_opens_the_answer() -> None:
    assert opened_answer(answer()) == BODY
    assert b"Novotn" not in answer()
    assert code(opened_answer(answer(), AnswerKey.generate())) is ProblemCode.UNKNOWN_KEY


def test_an_answer_that_does_not_fit_is_not_believed() -> None:
    assert code(opened_answer(answer(kind="my_requests"))) is ProblemCode.MISMATCH
    assert code(opened_answer(answer(request_id=OTHER_ID))) is ProblemCode.MISMATCH
    # An answer to another visit, sealed again to ours by whoever carried it:
    other = AnswerKey.generate()
    inner = open_with(answer(answer_key=other.jwk), {other.thumbprint: other.private})
    assert isinstance(inner, bytes)
    passed_on = seal_to(inner, answer_key().private.public_key(), answer_key().thumbprint)
    assert code(opened_answer(passed_on)) is ProblemCode.MISMATCH


def test_only_the_back_offices_signing_key_answers() -> None:
    other_world = world("Other").signer
    holder = card()
    assert isinstance(holder.keys["9A"], ec.EllipticCurvePrivateKey)
    for signer in (
        other_world,
        Signer(world().terminal_key, world().terminal_certificate),
        Signer(world().sealing["k1"], world().sealing_certificate),
        Signer(holder.keys["9A"], holder.certificates["9A"]),
    ):
        assert code(opened_answer(answer(signer=signer))) is ProblemCode.UNTRUSTED


def test_an_unsigned_answer_is_not_believed() -> None:
    key = answer_key()
    plain = canonical({"kind": "person_record", "request": ID, "addressee": key.thumbprint, "at": STAMP, "body": BODY})
    assert code(opened_answer(seal_to(plain, key.private.public_key(), key.thumbprint))) is ProblemCode.MALFORMED


def sealed_to_us(jws: bytes) -> bytes:
    return seal_to(jws, answer_key().private.public_key(), answer_key().thumbprint)


def test_another_document_of_the_back_office_is_no_answer() -> None:
    value = msgspec.to_builtins(
        Answer(kind="person_record", request=ID, addressee=answer_key().thumbprint, at=STAMP, body=BODY)
    )
    assert opened_answer(sealed_to_us(sign(ANSWER_TYPE, value, world().signer, AT))) == BODY
    assert (
        code(opened_answer(sealed_to_us(sign("guichet-reference+jws", value, world().signer, AT))))
        is ProblemCode.WRONG_TYPE
    )
    assert (
        code(opened_answer(sealed_to_us(sign(ANSWER_TYPE, value | {"x": 1}, world().signer, AT))))
        is ProblemCode.MALFORMED
    )
    assert (
        code(opened_answer(sealed_to_us(sign(ANSWER_TYPE, value, world().signer, AT + timedelta(minutes=11)))))
        is ProblemCode.CLOCK
    )


def test_after_the_signing_certificate_nothing_is_believed() -> None:
    sealed = answer()
    assert opened_answer(sealed, at=AT + timedelta(days=300)) == BODY
    assert code(opened_answer(sealed, at=AT + timedelta(days=366))) is ProblemCode.EXPIRED


@pytest.mark.parametrize("jwk", [{}, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, {"kty": "oct", "k": "AA"}])
def test_answering_to_what_is_no_key_is_a_problem(jwk: dict[str, str]) -> None:
    assert isinstance(seal_answer("person_record", ID, jwk, BODY, AT, world().signer), Problem)


def test_a_body_with_a_float_is_a_bug() -> None:
    with pytest.raises(Bug):
        answer(body={"amount": 1.5})


def test_a_signer_with_anothers_certificate_is_a_bug() -> None:
    with pytest.raises(Bug):
        answer(signer=Signer(world().signer.key, world().sealing_certificate))


ANSWER = answer()


@settings(max_examples=200)
@given(st.data())
def test_a_changed_answer_never_raises_and_never_opens(data: st.DataObject) -> None:
    changed = bytearray(ANSWER)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(ANSWER) - 1))] = data.draw(st.sampled_from(b"ABab01-_.=\x00\xff"))
    if bytes(changed) != ANSWER:
        assert isinstance(opened_answer(bytes(changed)), Problem)


@given(st.binary(max_size=80))
def test_anything_sealed_to_the_visit_never_raises(inner: bytes) -> None:
    assert isinstance(opened_answer(sealed_to_us(inner)), Problem)
    forged = forge(
        {"alg": "ES256", "typ": ANSWER_TYPE, "iat": int(AT.timestamp()), "x5c": x5c(world().signer.certificate)},
        inner,
        world().signer.key,
    )
    assert isinstance(opened_answer(sealed_to_us(forged)), Problem)


def test_the_private_key_of_a_visit_is_not_shown() -> None:
    assert "rivate" not in repr(AnswerKey.generate())


# --- verdicts ---------------------------------------------------------------------------------------------


def test_a_verdict_is_opened_by_the_visit_that_filed_the_act() -> None:
    body = VerdictBody(
        decision="in_force", text_key="bank_change.in_force", parameters={"bank": "Česká spořitelna"},
        first_payment_date="2026-04-15", account_verification="match",
    )  # fmt: skip
    sealed = seal_verdict(body, ID, answer_key().jwk, AT, world().signer)
    assert isinstance(sealed, bytes)
    assert open_verdict(sealed, answer_key(), ID, world().anchors, AT) == body
    assert code(open_verdict(sealed, answer_key(), OTHER_ID, world().anchors, AT)) is ProblemCode.MISMATCH
    assert code(open_answer(sealed, answer_key(), ID, "person_record", world().anchors, AT)) is ProblemCode.MISMATCH


@pytest.mark.parametrize(
    "body", [{}, {"decision": 7}, {"decision": "held", "first_payment_date": "soon"}, {"decision": "held", "more": 1}]
)
def test_a_verdict_out_of_shape_is_a_problem(body: dict[str, Any]) -> None:
    sealed = seal_answer("verdict", ID, answer_key().jwk, body, AT, world().signer)
    assert isinstance(sealed, bytes)
    assert code(open_verdict(sealed, answer_key(), ID, world().anchors, AT)) is ProblemCode.MALFORMED
