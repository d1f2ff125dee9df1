from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)
from hypothesis import given
from hypothesis import strategies as st
from wire_world import AT, jose_signature, world

from kiosk.domain.errors import Bug
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.request_signatures import SignedRequest, content_digest, sign, verify

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = world().terminal_key
NONCE = "q4m1Vd0-_x9Z"
COVERED = ("@method", "@path", "@query", "content-digest")


def resolve(key_id: str) -> ec.EllipticCurvePublicKey | None:
    return KEY.public_key() if key_id == "T0007" else None


def signed(body: bytes = b"{}", path: str = "/v1/transactions", query: str = "", **changes: Any) -> dict[str, str]:
    given: dict[str, Any] = {"key_id": "T0007", "key": KEY, "created": AT, "nonce": NONCE}
    return sign("POST", path, query, body, **(given | changes))


def check(headers: Mapping[str, str], body: bytes = b"{}", **changes: Any) -> SignedRequest | Problem:
    given: dict[str, Any] = {
        "method": "POST",
        "path": "/v1/transactions",
        "query": "",
        "now": AT,
        "resolve_key": resolve,
    }
    return verify(headers=headers, body=body, **(given | changes))


def code(found: object) -> ProblemCode | None:
    return found.code if isinstance(found, Problem) else None


def test_a_signed_request_is_known_by_key_nonce_and_time() -> None:
    assert check(signed()) == SignedRequest("T0007", NONCE, AT)


def test_header_names_in_any_case_and_other_headers_do_not_matter() -> None:
    headers = {name.upper(): value for name, value in signed().items()} | {"Host": "proxy.example", "X-Other": "1"}
    assert check(headers) == SignedRequest("T0007", NONCE, AT)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"method": "PUT"}, ProblemCode.SIGNATURE),
        ({"path": "/v1/questions"}, ProblemCode.SIGNATURE),
        ({"path": "/v1/transactions/"}, ProblemCode.SIGNATURE),
        ({"path": "/v1/transactiön"}, ProblemCode.SIGNATURE),
        ({"query": "wait=8"}, ProblemCode.SIGNATURE),
        ({"body": b"{ }"}, ProblemCode.DIGEST),
        ({"resolve_key": lambda _: None}, ProblemCode.UNKNOWN_KEY),
        ({"resolve_key": lambda _: ec.generate_private_key(ec.SECP384R1()).public_key()}, ProblemCode.UNKNOWN_KEY),
        ({"resolve_key": lambda _: ec.generate_private_key(ec.SECP256R1()).public_key()}, ProblemCode.SIGNATURE),
        ({"now": AT + dt.timedelta(seconds=61)}, ProblemCode.CLOCK),
        ({"now": AT - dt.timedelta(seconds=61)}, ProblemCode.CLOCK),
    ],
)
def test_another_request_is_refused(changes: dict[str, Any], expected: ProblemCode) -> None:
    assert code(check(signed(), **changes)) is expected


def test_within_a_minute_it_is_good() -> None:
    for seconds in (-60, 60):
        assert isinstance(check(signed(), now=AT + dt.timedelta(seconds=seconds)), SignedRequest)


def test_a_clock_refusal_comes_only_after_a_good_signature() -> None:
    late = AT + dt.timedelta(days=1)
    assert code(check(signed(), now=late, body=b"other")) is ProblemCode.DIGEST
    assert code(check(signed(key=ec.generate_private_key(ec.SECP256R1())), now=late)) is ProblemCode.SIGNATURE


def test_a_digest_exchanged_with_the_body_is_found() -> None:
    assert code(check(signed() | {"Content-Digest": content_digest(b"other")}, body=b"other")) is ProblemCode.SIGNATURE


@pytest.mark.parametrize("missing", ["Content-Digest", "Signature-Input", "Signature"])
def test_a_request_without_a_part_is_refused(missing: str) -> None:
    headers = {name: value for name, value in signed().items() if name != missing}
    assert isinstance(check(headers), Problem)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"@query" ', ""),
        ('"content-digest"', '"content-digest" "date"'),
        ("ecdsa-p256-sha256", "rsa-v1_5-sha256"),
        (';tag="guichet"', ""),
        (';tag="guichet"', ';tag="other"'),
        (f';nonce="{NONCE}"', ""),
        ("created=", "created=-"),
        ("created=17726196", "created=99999999999"),
        ("guichet=", "other="),
        (';tag="guichet"', ';tag="guichet";expires=9'),
        ('";alg', '\\"x";alg'),
    ],
)
def test_another_profile_is_refused(old: str, new: str) -> None:
    headers = signed()
    assert old in headers["Signature-Input"]
    headers["Signature-Input"] = headers["Signature-Input"].replace(old, new, 1)
    assert code(check(headers)) is ProblemCode.MALFORMED


@pytest.mark.parametrize("value", ["guichet=:AAAA:", "guichet=AAAA", "guichet=:?:", "other=:AAAA:", "", "guichet=:A:"])
def test_a_signature_out_of_shape_is_refused(value: str) -> None:
    assert code(check(signed() | {"Signature": value})) is ProblemCode.MALFORMED


@given(st.dictionaries(st.sampled_from(["Content-Digest", "Signature-Input", "Signature"]), st.text(max_size=80)))
def test_arbitrary_headers_never_raise(headers: dict[str, str]) -> None:
    assert isinstance(check(headers), Problem)
    assert isinstance(check(signed() | headers), (Problem, SignedRequest))


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=10))
def test_an_arbitrary_request_line_never_raises(path: str, query: str, method: str) -> None:
    assert isinstance(check(signed(), path=path, query=query, method=method), (Problem, SignedRequest))


def test_a_key_elsewhere_signs_in_der_or_raw() -> None:
    for elsewhere in (lambda data: KEY.sign(data, ec.ECDSA(SHA256())), lambda data: jose_signature(KEY, data)):
        assert check(signed(key=elsewhere)) == SignedRequest("T0007", NONCE, AT)
    with pytest.raises(Bug):
        signed(key=lambda _: b"nonsense")


@pytest.mark.parametrize(
    "changes", [{"nonce": "short"}, {"nonce": 'quo"te12'}, {"key_id": 'T"'}, {"path": "/a b"}, {"query": "a\nb"}]
)
def test_what_the_profile_cannot_carry_is_a_bug(changes: dict[str, Any]) -> None:
    with pytest.raises(Bug):
        signed(**changes)


# --- against the http-message-signatures library ------------------------------------------------------------


class Keys(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> Any:  # noqa: ARG002
        return KEY.public_key()

    def resolve_private_key(self, key_id: str) -> Any:  # noqa: ARG002
        return KEY


class Message:
    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.method, self.url, self.headers = "POST", url, headers


REQUESTS = [
    ("/v1/transactions", "", b'{"items":[]}'),
    ("/v1/transactions/0195", "wait=8", b""),
    ("/v1/verdicts", "after=3&x=%20y", b""),
    ("/", "", b"x"),
    ("/v1/a%2Fb", "a=b?c", bytes(5000)),
]


def url_of(path: str, query: str) -> str:
    return f"https://back.office.example{path}" + (f"?{query}" if query else "")


@pytest.mark.parametrize(("path", "query", "body"), REQUESTS)
def test_the_library_verifies_what_we_sign(path: str, query: str, body: bytes) -> None:
    message = Message(url_of(path, query), {})
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 - the library asks the machine as well
    message.headers |= sign("POST", path, query, body, "T0007", KEY, now, NONCE)
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=Keys())
    (result,) = verifier.verify(message, body=body, expect_tag="guichet", require_components=COVERED)
    assert result.parameters["nonce"] == NONCE
    assert result.parameters["keyid"] == "T0007"


@pytest.mark.parametrize(("path", "query", "body"), REQUESTS)
def test_we_verify_what_the_library_signs(path: str, query: str, body: bytes) -> None:
    message = Message(url_of(path, query), {})
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=Keys())
    signer.sign(
        message, key_id="T0007", created=AT, nonce=NONCE, tag="guichet", covered_component_ids=COVERED, body=body
    )
    found = verify("POST", path, query, message.headers, body, resolve, AT)
    assert found == SignedRequest("T0007", NONCE, AT)
