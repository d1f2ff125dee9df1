from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import assume, given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from kiosk.wire.keys import (
    base64url,
    check_jwk,
    der_signature,
    from_base64url,
    jwk,
    key_from_jwk,
    raw_signature,
    thumbprint,
)
from kiosk.wire.problem import Problem

KEY = ec.generate_private_key(ec.SECP256R1())
NUMBERS = st.integers(0, 2**256 - 1)


def test_a_jwk_comes_back_as_the_same_key() -> None:
    assert key_from_jwk(jwk(KEY.public_key())) == KEY.public_key()


def test_jwk_and_thumbprint_agree_with_joserfc() -> None:
    other = ECKey.import_key(KEY.public_key())
    assert jwk(KEY.public_key()) == other.as_dict()
    assert thumbprint(jwk(KEY.public_key())) == other.thumbprint()


@pytest.mark.parametrize(
    "change",
    [{"kty": "RSA"}, {"crv": "P-384"}, {"d": "AAAA"}, {"x": "AAAA"}, {"y": "!" * 43}, {"x": 7}, {"x": base64url(bytes(32))},
     {"kid": "extra"}, {"y": None}],
)  # fmt: skip
def test_what_is_no_plain_p256_key_is_a_problem(change: dict[str, object]) -> None:
    assert isinstance(key_from_jwk(jwk(KEY.public_key()) | change), Problem)


@given(
    st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "d"]), st.text(max_size=50) | st.none() | st.integers())
)
def test_reading_a_jwk_never_raises(value: dict[str, object]) -> None:
    assert isinstance(key_from_jwk(value), Problem)


@given(st.binary(max_size=80))
def test_base64url_comes_back(data: bytes) -> None:
    assert from_base64url(base64url(data)) == data


@pytest.mark.parametrize("text", ["AA==", "A", "AB", "AAB", "A A", "A+", "A/", "é", "AA\n"])
def test_another_spelling_of_base64url_is_refused(text: str) -> None:
    assert from_base64url(text) is None


@given(NUMBERS, NUMBERS)
def test_a_signature_is_the_same_from_der_and_raw(r: int, s: int) -> None:
    assume(len(encode_dss_signature(r, s)) != 64)  # said to be raw
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert raw_signature(encode_dss_signature(r, s)) == raw
    assert raw_signature(raw) == raw
    der = der_signature(raw)
    assert der is not None
    assert raw_signature(der) == raw


@given(st.binary(max_size=100).filter(lambda data: len(data) != 64))
def test_reading_a_signature_never_raises(data: bytes) -> None:
    assert raw_signature(data) is None or len(raw_signature(data) or b"") == 64
    assert der_signature(data) is None


def test_numbers_too_large_for_p256_are_no_signature() -> None:
    assert raw_signature(encode_dss_signature(2**256, 1)) is None
    assert raw_signature(bytes.fromhex("30060201ff020101")) is None  # r = -1


@given(st.sampled_from(["good", "x", "y", "both", "negative"]), st.integers(0, 255), NUMBERS, NUMBERS)
def test_a_jwk_is_checked_as_it_would_be_read(how: str, bit: int, x: int, y: int) -> None:
    own = KEY.public_key().public_numbers()
    field = 2**256 - 2**224 + 2**192 + 2**96 - 1
    points = {
        "good": (own.x, own.y), "x": (own.x ^ 1 << bit, own.y), "y": (own.x, own.y ^ 1 << bit), "both": (x, y),
        "negative": (own.x, field - own.y),
    }  # fmt: skip
    there = [base64url(part.to_bytes(32, "big")) for part in points[how]]
    asked = {"kty": "EC", "crv": "P-256", "x": there[0], "y": there[1]}
    read = key_from_jwk(asked)
    assert check_jwk(asked) == (read if isinstance(read, Problem) else None)
    assert how not in {"good", "negative"} or not isinstance(read, Problem)


@given(st.binary(max_size=64), st.binary(max_size=3), st.sampled_from([b"", b"=", b"\n", b"+", b"/", b"!", b"\xff"]))
def test_only_the_one_spelling_of_base64url_is_read(data: bytes, end: bytes, stray: bytes) -> None:
    spelled = base64url(data).encode()
    assert from_base64url(spelled) == data
    for strange in (spelled + stray, stray + spelled, spelled + end):
        read = from_base64url(strange)
        assert read is None or base64url(read).encode() == strange
