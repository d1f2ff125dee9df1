"""A sealed record opens with one of its cards, comes from the back office, and says nothing from outside."""

from __future__ import annotations

import itertools
import json
import math
import random
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwe, jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey
from joserfc.registry import HeaderParameter
from wire_world import AT, YEAR, YEARS, b64, unb64, world

from kiosk.domain.errors import Bug
from kiosk.wire import sealed_record
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.sealed_record import (
    BUCKETS,
    MOST_RECIPIENTS,
    RECORD_LIMIT,
    SEALED_LIMIT,
    OpenedRecord,
    fingerprint,
    lookup,
    open_record,
    padded_length,
    point,
    seal_record,
)
from kiosk.wire.signed import sign, sign_beside

if TYPE_CHECKING:
    from collections.abc import Callable

RECORD = bytes(range(16))
DOCUMENT: dict[str, Any] = {"name": "Marie Novotná", "number": "515412345", "version": 7, "contacts": ["a"] * 40}
CARD, OTHER, THIRD = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))


def agree_with(key: ec.EllipticCurvePrivateKey, log: list[bytes] | None = None) -> Callable[[bytes], bytes | None]:
    def agree(uncompressed: bytes) -> bytes:
        if log is not None:
            log.append(uncompressed)
        return key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), uncompressed))

    return agree


def sealed(*keys: ec.EllipticCurvePrivateKey, document: dict[str, Any] | None = None, **changes: Any) -> bytes:
    fields: dict[str, Any] = {"record_id": RECORD, "version": 7, "at": AT, "signer": world().signer}
    recipients = [key.public_key() for key in keys or (CARD,)]
    return seal_record(DOCUMENT if document is None else document, **(fields | {"recipients": recipients} | changes))


def opened(data: bytes, key: ec.EllipticCurvePrivateKey = CARD, **changes: Any) -> OpenedRecord | Problem:
    return open_record(data, agree_with(key), **({"anchors": world().anchors, "at": AT} | changes))


def code(found: object) -> ProblemCode | None:
    return found.code if isinstance(found, Problem) else None


def seal_bytes(plain: bytes, key: ec.EllipticCurvePrivateKey = CARD) -> bytes:
    """Seal anything, as only the back office could, to look behind the seal."""
    return sealed_record._seal(plain, [key.public_key()])


def packed(data: bytes) -> bytes:
    return sealed_record._padded(sealed_record._deflate(data))


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def test_a_record_comes_back_whole() -> None:
    assert opened(sealed()) == OpenedRecord(RECORD, 7, AT, DOCUMENT)


def test_every_valid_card_opens_it_and_no_other() -> None:
    data = sealed(CARD, OTHER)
    assert isinstance(opened(data, CARD), OpenedRecord)
    assert isinstance(opened(data, OTHER), OpenedRecord)
    assert code(opened(data, THIRD)) is ProblemCode.UNKNOWN_KEY


def test_the_card_is_asked_once_a_recipient_until_one_opens() -> None:
    log: list[bytes] = []
    found = open_record(sealed(OTHER, CARD, THIRD), agree_with(CARD, log), anchors=world().anchors, at=AT)
    assert isinstance(found, OpenedRecord)
    assert [len(one) for one in log] == [65, 65]


@pytest.mark.parametrize("answer", [None, b"", bytes(31), bytes(33)])
def test_a_card_that_does_not_agree_ends_it(answer: bytes | None) -> None:
    assert code(open_record(sealed(), lambda _: answer, anchors=world().anchors, at=AT)) is ProblemCode.CANNOT_OPEN


def test_nothing_outside_says_whose_it_is() -> None:
    data = sealed(CARD, OTHER)
    value = json.loads(data)
    assert set(value) == {"protected", "recipients", "iv", "ciphertext", "tag"}
    assert json.loads(unb64(value["protected"])) == {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}
    for key in (CARD, OTHER):
        print_ = fingerprint(key.public_key())
        secret = (print_, point(key.public_key())[1:33], RECORD, b"Marie", b"515412345")
        assert not any(one in data or one.hex().encode() in data or b64(one).encode() in data for one in secret)


def test_two_records_of_one_card_have_nothing_in_common() -> None:
    one, two = json.loads(sealed()), json.loads(sealed())
    for name in ("iv", "ciphertext", "tag", "recipients"):
        assert one[name] != two[name]
    many = json.loads(sealed(CARD, CARD, CARD))["recipients"]
    assert len({recipient["header"]["epk"]["x"] for recipient in many}) == 3


def test_a_fingerprint_is_the_hash_of_the_uncompressed_point() -> None:
    assert len(point(CARD.public_key())) == 65
    assert point(CARD.public_key())[0] == 4
    assert len(fingerprint(CARD.public_key())) == 32
    assert fingerprint(CARD.public_key()) != fingerprint(OTHER.public_key())


# --- another implementation ---------------------------------------------------------------------------


def test_joserfc_opens_and_verifies_what_is_sealed_here() -> None:
    data = json.loads(sealed(OTHER, CARD))
    data["recipients"] = data["recipients"][1:]  # joserfc takes one key for all recipients
    algorithms = ["ECDH-ES+A256KW", "A256GCM"]
    plain = jwe.decrypt_json(data, ECKey.import_key(CARD), algorithms=algorithms).plaintext
    assert plain is not None
    assert len(plain) in BUCKETS
    signed = zlib.decompress(plain[4 : 4 + int.from_bytes(plain[:4], "big")], wbits=-15)
    compact, _, payload = signed.partition(b"\n")
    assert json.loads(payload)["document"] == DOCUMENT
    key = ECKey.import_key(world().signer.key.public_key())
    assert jws.deserialize_compact(compact, key, payload=payload, registry=_Registry()).headers()["b64"] is False
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(compact, key, payload=payload + b" ", registry=_Registry())


class _Registry(jws.JWSRegistry):
    max_header_length = 4096

    def __init__(self) -> None:
        iat = HeaderParameter("Signing time", "int")
        super().__init__(header_registry={"iat": iat}, algorithms=["ES256"])


def test_what_joserfc_seals_opens_here_in_the_same_form() -> None:
    payload = json.dumps({"record": RECORD.hex(), "version": 1, "at": "2026-03-04T10:20:30Z", "document": {}})
    plain = packed(sign_beside("guichet-record+jws", payload.encode(), world().signer, AT))
    message = jwe.GeneralJSONEncryption({"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}, plain)
    message.add_recipient({}, ECKey.import_key(CARD.public_key()))
    data = jwe.encrypt_json(message, None, algorithms=["ECDH-ES+A256KW", "A256GCM"])
    assert opened(json.dumps(data).encode()) == OpenedRecord(RECORD, 1, AT, {})


# --- lengths ------------------------------------------------------------------------------------------


def test_buckets_grow_by_a_third_of_an_octave() -> None:
    assert list(BUCKETS) == sorted(set(BUCKETS))
    assert all(1.24 < b / a < 1.29 for a, b in itertools.pairwise(BUCKETS))
    assert padded_length(RECORD_LIMIT + 1024) * 4 / 3 + 2500 < SEALED_LIMIT


def test_padding_costs_less_than_15_percent_on_average() -> None:
    draw = random.Random(7)
    lengths = [round(math.exp(draw.uniform(math.log(2048), math.log(32768)))) for _ in range(20_000)]
    padded = [padded_length(length) for length in lengths]
    assert sum(padded) / sum(lengths) < 1.15
    assert max(b / a for a, b in zip(lengths, padded, strict=True)) < 1.3
    assert len(set(padded)) <= 14


def test_documents_of_nearly_one_length_are_equally_long_outside() -> None:
    lengths = {len(sealed(document=DOCUMENT | {"name": "x" * n})) for n in range(20)}
    assert len(lengths) == 1


def test_a_document_beyond_the_limit_is_a_bug() -> None:
    with pytest.raises(Bug):
        sealed(document={"x": "y" * RECORD_LIMIT})


@pytest.mark.parametrize(
    "changes",
    [
        {"record_id": b"short"},
        {"version": 0},
        {"version": 2**32},
        {"recipients": []},
        {"recipients": [CARD.public_key()] * (MOST_RECIPIENTS + 1)},
        {"recipients": [ec.generate_private_key(ec.SECP384R1()).public_key()]},
    ],
)
def test_what_cannot_be_sealed_is_a_bug(changes: dict[str, Any]) -> None:
    with pytest.raises(Bug):
        sealed(**changes)


# --- hostile --------------------------------------------------------------------------------------------


def test_a_decompression_bomb_is_stopped_at_the_limit() -> None:
    bomb = packed(bytes(100 * 1024 * 1024))
    assert len(bomb) < 150_000
    assert code(opened(seal_bytes(bomb))) is ProblemCode.TOO_LARGE


def test_a_sealed_record_beyond_the_limit_is_not_even_read() -> None:
    assert code(opened(b" " * (SEALED_LIMIT + 1))) is ProblemCode.TOO_LARGE


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\0\0",
        (9).to_bytes(4, "big") + b"12345678",
        packed(b"x")[:-1] + b"\x01",
        (8).to_bytes(4, "big") + b"nonsense",
        framed(sealed_record._deflate(b"x" * 500)[:-2]),
        framed(sealed_record._deflate(b"x" * 500) + b"more"),
    ],
)
def test_what_is_behind_the_seal_is_bounded_and_whole(plain: bytes) -> None:
    assert code(opened(seal_bytes(plain))) is ProblemCode.MALFORMED


def test_a_seal_without_the_back_office_s_signature_is_not_believed() -> None:
    payload = json.dumps({"record": RECORD.hex(), "version": 1, "at": "2026-03-04T10:20:30Z", "document": {}}).encode()
    stranger = world("Another").signer
    assert code(opened(seal_bytes(packed(payload)))) is ProblemCode.MALFORMED
    assert (
        code(opened(seal_bytes(packed(sign_beside("guichet-record+jws", payload, stranger, AT)))))
        is ProblemCode.UNTRUSTED
    )
    other_kind = sign_beside("guichet-answer+jws", payload, world().signer, AT)
    assert code(opened(seal_bytes(packed(other_kind)))) is ProblemCode.WRONG_TYPE
    encoded = sign("guichet-record+jws", json.loads(payload), world().signer, AT)
    assert code(opened(seal_bytes(packed(encoded)))) is ProblemCode.MALFORMED
    good = sign_beside("guichet-record+jws", payload, world().signer, AT)
    assert isinstance(opened(seal_bytes(packed(good))), OpenedRecord)
    assert code(opened(seal_bytes(packed(good[:-2] + b" }")))) is ProblemCode.SIGNATURE


@pytest.mark.parametrize(
    "changes",
    [
        {"record": "00"},
        {"record": "zz" * 16},
        {"record": 5},
        {"version": 0},
        {"version": True},
        {"version": "1"},
        {"version": 2**32},
        {"at": "yesterday"},
        {"at": 5},
        {"document": []},
        {"more": 1},
    ],
)
def test_claims_have_their_shape(changes: dict[str, Any]) -> None:
    claims = {"record": RECORD.hex(), "version": 1, "at": "2026-03-04T10:20:30Z", "document": {}} | changes
    signed = sign_beside("guichet-record+jws", json.dumps(claims).encode(), world().signer, AT)
    assert code(opened(seal_bytes(packed(signed)))) is ProblemCode.MALFORMED


def test_the_two_times_agree() -> None:
    claims = {"record": RECORD.hex(), "version": 1, "at": "2026-03-04T10:20:31Z", "document": {}}
    signed = sign_beside("guichet-record+jws", json.dumps(claims).encode(), world().signer, AT)
    assert code(opened(seal_bytes(packed(signed)))) is ProblemCode.CLOCK


def test_a_record_outlives_the_certificate_that_signed_it_but_none_comes_from_the_future() -> None:
    assert isinstance(opened(sealed(), at=AT + 2 * YEAR), OpenedRecord)
    assert code(opened(sealed(at=AT + timedelta(hours=1)))) is ProblemCode.CLOCK
    assert code(opened(sealed(at=AT + YEARS / 2), at=AT + YEARS / 2)) is ProblemCode.EXPIRED


@pytest.mark.parametrize("name", ["protected", "recipients", "iv", "ciphertext", "tag"])
def test_every_part_of_the_form_is_there_and_no_other(name: str) -> None:
    value = json.loads(sealed())
    assert code(opened(json.dumps(value | {"unprotected": {}}).encode())) is ProblemCode.ALGORITHM
    assert code(opened(json.dumps(value | {name: 5}).encode())) in {ProblemCode.MALFORMED, ProblemCode.ALGORITHM}
    del value[name]
    assert code(opened(json.dumps(value).encode())) is ProblemCode.ALGORITHM


def test_a_point_off_the_curve_never_reaches_the_card() -> None:
    value = json.loads(sealed())
    value["recipients"][0]["header"]["epk"]["y"] = b64(bytes(32))
    log: list[bytes] = []
    found = open_record(json.dumps(value).encode(), agree_with(CARD, log), anchors=world().anchors, at=AT)
    assert code(found) is ProblemCode.MALFORMED
    assert log == []


@pytest.mark.parametrize(
    "recipients",
    [[], [5], [{}], [{"header": {}, "encrypted_key": ""}], [{"header": {"epk": 1}, "encrypted_key": "AA"}], "x"],
)
def test_recipients_have_their_shape(recipients: object) -> None:
    value = json.loads(sealed()) | {"recipients": recipients}
    assert code(opened(json.dumps(value).encode())) is ProblemCode.MALFORMED


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    assert isinstance(opened(data), Problem)


@settings(max_examples=60)
@given(st.data())
def test_no_flipped_bit_goes_unnoticed(data: st.DataObject) -> None:
    whole = bytearray(sealed())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    found = opened(bytes(whole))
    assert isinstance(found, Problem) or found == OpenedRecord(RECORD, 7, AT, DOCUMENT)


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=30),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
            max_leaves=20,
        ),
        max_size=6,
    )
)
def test_any_document_comes_back(document: dict[str, Any]) -> None:
    found = opened(sealed(document=document))
    assert isinstance(found, OpenedRecord)
    assert found.document == document


def test_what_a_record_is_found_by_tells_cards_and_people_apart() -> None:
    mine, other = fingerprint(CARD.public_key()), fingerprint(OTHER.public_key())
    assert lookup(mine) == mine
    found = {lookup(card, person) for card in (mine, other) for person in ("", "530101/001", "530101/002")}
    assert len(found) == 6
    assert {len(one) for one in found} == {32}
