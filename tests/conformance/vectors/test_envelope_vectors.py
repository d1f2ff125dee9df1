"""What was written once must be read by everybody: by us, by joserfc with its defaults, by an implementation apart."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import outside
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwe as jose_jwe
from joserfc import jws as jose_jws
from joserfc.jwk import ECKey, RSAKey
from joserfc.registry import HeaderParameter

from kiosk.wire.answer import AnswerKey, open_answer
from kiosk.wire.canonical import canonical
from kiosk.wire.envelope import (
    ToBeSigned,
    Transaction,
    VerifiedTransaction,
    open_sealed,
    signing_input,
    verify_transaction,
)
from kiosk.wire.question import Question, VerifiedQuestion, question_signing_input, read_question
from kiosk.wire.receipt import Statement, verify_statement
from kiosk.wire.reference_data import Bundle, verify_bundle
from kiosk.wire.request_signatures import SignedRequest, verify
from kiosk.wire.trust import Anchors, Revocations

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
AT = datetime(2026, 3, 4, 10, 20, 30, tzinfo=UTC)
ROOT, CARD_CA, TERMINAL_CA = (
    x509.load_pem_x509_certificate(VECTORS["anchors"][name].encode()) for name in ("root", "card_ca", "terminal_ca")
)
ANCHORS = Anchors(ROOT, (CARD_CA, TERMINAL_CA))
NOTHING_REVOKED = Revocations(frozenset(), AT)
SEALING = outside.curve_private(VECTORS["sealing"]["private_jwk"])
VISIT = outside.curve_private(VECTORS["visit_private_jwk"])
TRANSACTION = msgspec.convert(VECTORS["transaction"], Transaction)

each_envelope = pytest.mark.parametrize("vector", VECTORS["envelopes"], ids=lambda vector: vector["algorithm"])


# --- the program still writes and reads the same bytes ----------------------------------------------------


def test_the_canonical_bytes_are_the_same() -> None:
    assert canonical(VECTORS["transaction"]).decode() == VECTORS["transaction_canonical"]


@each_envelope
def test_the_bytes_that_a_card_signs_are_the_same(vector: dict[str, Any]) -> None:
    prepared = signing_input(TRANSACTION, base64.b64decode(vector["certificate"]), AT)
    assert isinstance(prepared, ToBeSigned)
    assert prepared.signing_input.decode() == vector["signing_input"]
    if vector["algorithm"] == "RS256":  # deterministic, so the whole document is
        key = RSAKey.import_key(vector["private_jwk"]).private_key
        assert key is not None
        document = prepared.finish(key.sign(prepared.signing_input, padding.PKCS1v15(), SHA256()))
        assert document == vector["jws"].encode()


@each_envelope
def test_we_open_and_verify_the_envelope(vector: dict[str, Any]) -> None:
    opened = open_sealed(vector["jwe"].encode(), {VECTORS["sealing"]["kid"]: SEALING})
    assert isinstance(opened, bytes)
    assert opened.decode() == vector["jws"]
    found = verify_transaction(
        opened, ANCHORS, NOTHING_REVOKED, AT, expected_id=TRANSACTION.id, expected_terminal="T0007"
    )
    assert isinstance(found, VerifiedTransaction), found
    assert found.transaction == TRANSACTION


@each_envelope
def test_we_read_the_question(vector: dict[str, Any]) -> None:
    found = read_question(vector["question_jws"].encode(), ANCHORS, NOTHING_REVOKED, AT)
    assert isinstance(found, VerifiedQuestion), found
    assert found.question == msgspec.convert(VECTORS["question"], Question)


def test_we_open_the_answer() -> None:
    answer = VECTORS["answer"]
    opened = open_answer(answer["jwe"].encode(), AnswerKey(VISIT), answer["request"], answer["kind"], ANCHORS, AT)
    assert opened == answer["body"]


def test_we_verify_the_bundle() -> None:
    found = verify_bundle(VECTORS["bundle"]["jws"].encode(), Anchors(ROOT), AT)
    assert isinstance(found, Bundle), found
    assert found.version == VECTORS["bundle"]["version"]
    assert {f"{serial:x}" for serial in found.revocations.serials} == set(VECTORS["bundle"]["revoked"])
    assert found.issuers == (CARD_CA, TERMINAL_CA)


def test_we_verify_the_receipt() -> None:
    vector = VECTORS["receipt"]
    found = verify_statement(vector["text"], TERMINAL_CA, ())
    assert isinstance(found, Statement), found
    assert {name: getattr(found, name) for name in vector if name not in ("text", "recorded_at")} == {
        name: value for name, value in vector.items() if name not in ("text", "recorded_at")
    }
    assert found.recorded_at == AT


def test_we_verify_the_request() -> None:
    vector = VECTORS["request"]
    key = outside.curve_private(vector["private_jwk"]).public_key()
    found = verify(
        vector["method"], vector["path"], vector["query"], vector["headers"], vector["body"].encode(), lambda _: key, AT
    )
    assert found == SignedRequest("T0007", "q4m1Vd0-_x9Z", AT)


# --- an implementation apart reads them -------------------------------------------------------------------


@each_envelope
def test_another_implementation_opens_and_verifies_the_envelope(vector: dict[str, Any]) -> None:
    header, signed = outside.jwe(vector["jwe"], SEALING)
    assert set(header) == {"alg", "enc", "kid", "epk"}
    assert header["kid"] == VECTORS["sealing"]["kid"]
    value, certificate = outside.jws(signed, "guichet+jws", [CARD_CA, ROOT])
    assert value == VECTORS["transaction"]
    assert certificate.subject.rfc4514_string() == "2.5.4.5=1000000017,CN=1000000017"


@each_envelope
def test_another_implementation_verifies_the_question(vector: dict[str, Any]) -> None:
    value, _ = outside.jws(vector["question_jws"], "guichet-question+jws", [CARD_CA, ROOT])
    assert value == VECTORS["question"]


def test_another_implementation_opens_the_answer() -> None:
    header, signed = outside.jwe(VECTORS["answer"]["jwe"], VISIT)
    value, certificate = outside.jws(signed, "guichet-answer+jws", [ROOT])
    assert certificate.subject.rfc4514_string() == "CN=guichet-signing"
    assert value["addressee"] == header["kid"] == outside.thumbprint(VISIT)
    assert (value["kind"], value["request"], value["body"]) == tuple(
        VECTORS["answer"][n] for n in ("kind", "request", "body")
    )


def test_another_implementation_verifies_the_bundle() -> None:
    value, certificate = outside.jws(VECTORS["bundle"]["jws"], "guichet-reference+jws", [ROOT])
    assert certificate.subject.rfc4514_string() == "CN=guichet-signing"
    assert value["version"] == VECTORS["bundle"]["version"]
    assert value["revocations"]["serials"] == VECTORS["bundle"]["revoked"]
    sealing = x509.load_der_x509_certificate(outside.b64url(value["sealing"][0]["certificate"]))
    assert sealing.public_key() == SEALING.public_key()


def test_another_implementation_verifies_the_receipt() -> None:
    vector = dict(VECTORS["receipt"])
    read = outside.receipt(vector.pop("text"), TERMINAL_CA)
    vector["recorded_at"] = int(AT.timestamp())
    vector["transaction_id"] = vector["transaction_id"].replace("-", "")
    assert read == vector


def test_another_implementation_verifies_the_request() -> None:
    parameters = outside.request(VECTORS["request"])
    assert parameters["keyid"] == '"T0007"'
    assert parameters["created"] == str(int(AT.timestamp()))


@each_envelope
def test_another_implementation_refuses_a_changed_byte(vector: dict[str, Any]) -> None:
    head, payload, signature = vector["jws"].split(".")
    changed = payload.replace("b", "c", 1) if "b" in payload else payload.replace("c", "b", 1)
    with pytest.raises(InvalidSignature):
        outside.jws(f"{head}.{changed}.{signature}", "guichet+jws", [CARD_CA, ROOT])
    parts = vector["jwe"].split(".")
    parts[3] = ("B" if parts[3][0] == "A" else "A") + parts[3][1:]
    with pytest.raises(InvalidTag):
        outside.jwe(".".join(parts), SEALING)


# --- so does joserfc, with nothing of ours around it --------------------------------------------------------


@each_envelope
def test_joserfc_alone_opens_and_verifies_the_envelope(vector: dict[str, Any]) -> None:
    opened = jose_jwe.decrypt_compact(
        vector["jwe"], ECKey.import_key(SEALING), algorithms=["ECDH-ES", "A256GCM"]
    ).plaintext
    assert opened is not None
    public = x509.load_der_x509_certificate(base64.b64decode(vector["certificate"])).public_key()
    key = RSAKey.import_key(public) if isinstance(public, rsa.RSAPublicKey) else ECKey.import_key(public)  # type: ignore[arg-type]
    registry = jose_jws.JWSRegistry({"iat": HeaderParameter("time", "int")}, algorithms=[vector["algorithm"]])
    registry.max_header_length = 4096
    assert (
        jose_jws.deserialize_compact(opened, key, registry=registry).payload.decode()
        == VECTORS["transaction_canonical"]
    )


def test_the_question_is_signed_over_the_same_bytes() -> None:
    vector = VECTORS["envelopes"][0]
    header = json.loads(outside.b64url(vector["question_jws"].split(".")[0]))
    prepared = question_signing_input(
        msgspec.convert(VECTORS["question"], Question), base64.b64decode(header["x5c"][0]), AT
    )
    assert isinstance(prepared, ToBeSigned)
    assert vector["question_jws"].encode().startswith(prepared.signing_input + b".")
