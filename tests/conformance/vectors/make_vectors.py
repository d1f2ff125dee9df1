"""Writes vectors.json anew: run it only when the format on the wire changes, and say so in the change.

    python tests/conformance/vectors/make_vectors.py

The keys are made here and mean nothing. ECDSA and ECDH-ES are random, so every run writes other signatures; what must
come out alike each time (canonical bytes, signing inputs, RS256 signatures) is asserted by the test.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import ECKey, RSAKey

from back_office.certificates import Authority, Plan, authority_plan, card_plan, certify, new_key, new_rsa_key
from kiosk.domain.card import ROLE_POLICIES
from kiosk.wire.answer import AnswerKey, seal_answer
from kiosk.wire.canonical import canonical
from kiosk.wire.envelope import ToBeSigned, Transaction, seal, signing_input
from kiosk.wire.question import Question, question_signing_input
from kiosk.wire.receipt import Statement, issue_short_certificate, sign_statement
from kiosk.wire.reference_data import Bundle, SealingKey, sign_bundle
from kiosk.wire.request_signatures import sign
from kiosk.wire.signed import Signer
from kiosk.wire.timestamps import timestamp
from kiosk.wire.trust import BACK_OFFICE_SIGNING_POLICY, SEALING_POLICY, TERMINAL_POLICY, Revocations

VECTORS = Path(__file__).with_name("vectors.json")
AT = datetime(2026, 3, 4, 10, 20, 30, tzinfo=UTC)
ID = "0195601a-2b3c-7d4e-8f50-112233445566"
NUMBER = "1000000017"
YEARS = timedelta(days=3650)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def authority(name: str, parent: Authority | None, policies: tuple[str, ...], issues: int = 0) -> Authority:
    key = new_key()
    return Authority(certify(authority_plan(name, YEARS, policies, issues), key.public_key(), parent or key, AT), key)


def by_the_card(key: Key, prepared: object) -> bytes:
    assert isinstance(prepared, ToBeSigned)
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(prepared.signing_input, padding.PKCS1v15(), SHA256())
    else:
        signature = key.sign(prepared.signing_input, ec.ECDSA(SHA256()))
    signed = prepared.finish(signature)
    assert isinstance(signed, bytes)
    return signed


def jwk(key: Key) -> dict[str, Any]:
    """A private key as RFC 7517 vectors carry one."""
    made = RSAKey.import_key(key) if isinstance(key, rsa.RSAPrivateKey) else ECKey.import_key(key)
    return dict(made.as_dict(private=True))


def main() -> None:
    root = authority("Vectors root", None, (), 1)
    card_ca = authority("Vectors card CA", root, tuple(sorted(ROLE_POLICIES)))
    terminal_ca = authority("Vectors terminal CA", root, (TERMINAL_POLICY,))
    signing, sealing, receipt, terminal = new_key(), new_key(), new_key(), new_key()
    agrees, signs = frozenset({"key_agreement"}), frozenset({"digital_signature"})
    signing_plan = Plan("guichet-signing", YEARS, signs, (BACK_OFFICE_SIGNING_POLICY,))
    sealing_plan = Plan("guichet-sealing-v1", YEARS, agrees, (SEALING_POLICY,))
    sealing_certificate = certify(sealing_plan, sealing.public_key(), root, AT)
    signer = Signer(signing, certify(signing_plan, signing.public_key(), root, AT))
    visit = AnswerKey.generate()
    insured = next(oid for oid, role in ROLE_POLICIES.items() if role.value == "insured")

    transaction = Transaction(
        id=ID, service="bank_account.change", scheme="cz", office="BRNO1", terminal="T0007", person="515228/1000",
        card=NUMBER, base_version=3, answers={"account": "CZ6508000000192000145399", "account_as_typed": "19-2000145399/0800"},
        entered_by={"account": "holder"}, evidence={"kind": "signed"}, started_at="2026-03-04T10:18:02Z",
        signed_at=timestamp(AT), language="cs", answer_key=visit.jwk,
    )  # fmt: skip
    question = Question(
        id=ID, kind="person_record", terminal="T0007", office="BRNO1", at=timestamp(AT), answer_key=visit.jwk, parameters={},
        card=NUMBER,
    )  # fmt: skip

    envelopes = []
    for kind, make in (("ES256", new_key), ("RS256", new_rsa_key)):
        keys: dict[str, Key] = {"9A": make(), "9C": make()}
        certificates = {
            slot: certify(card_plan(slot, NUMBER, insured, YEARS), key.public_key(), card_ca, AT).public_bytes(
                Encoding.DER
            )
            for slot, key in keys.items()
        }
        prepared = signing_input(transaction, certificates["9C"], AT)
        asked = question_signing_input(question, certificates["9A"], AT)
        jws = by_the_card(keys["9C"], prepared)
        assert isinstance(prepared, ToBeSigned)
        envelopes.append(
            {
                "algorithm": kind,
                "certificate": base64.b64encode(certificates["9C"]).decode(),
                "private_jwk": jwk(keys["9C"]),
                "signing_input": prepared.signing_input.decode(),
                "jws": jws.decode(),
                "jwe": seal(jws, sealing_certificate).decode(),
                "question_jws": by_the_card(keys["9A"], asked).decode(),
            }
        )

    body: dict[str, Any] = {"name": "Marie Novotná", "number": "515228/1000", "version": 3, "account": None}
    answer = seal_answer("person_record", ID, visit.jwk, body, AT, signer)
    assert isinstance(answer, bytes)
    bundle = Bundle(
        version=7,
        issued_at=AT,
        revocations=Revocations(frozenset({2**159 - 1, 4711}), AT),
        sealing=(SealingKey("v1", sealing_certificate, sealing_certificate.not_valid_after_utc),),
        issuers=(card_ca.certificate, terminal_ca.certificate),
        denied_terminals=frozenset({"T0099"}),
        scheme_pack={"currency": "CZK"},
        configuration={"idle_seconds": 90},
    )
    statement = Statement("00073000001K", "T0007", "BRNO1", "bank_account.change", AT, ID, "ab" * 32)
    short = issue_short_certificate(
        "T0007", "BRNO1", receipt.public_key(), AT - YEARS / 10, AT + YEARS / 10, terminal_ca.key
    )
    request_body = b'{"items":[],"prints":[]}'
    document = {
        "at": timestamp(AT),
        "anchors": {
            name: one.certificate.public_bytes(Encoding.PEM).decode()
            for name, one in (("root", root), ("card_ca", card_ca), ("terminal_ca", terminal_ca))
        },
        "sealing": {
            "kid": "v1", "certificate": sealing_certificate.public_bytes(Encoding.PEM).decode(), "private_jwk": jwk(sealing),
        },
        "visit_private_jwk": jwk(visit.private),
        "transaction": msgspec.to_builtins(transaction),
        "transaction_canonical": canonical(msgspec.to_builtins(transaction)).decode(),
        "question": msgspec.to_builtins(question),
        "envelopes": envelopes,
        "answer": {"kind": "person_record", "request": ID, "jwe": answer.decode(), "body": body},
        "bundle": {"jws": sign_bundle(bundle, signer).decode(), "version": 7, "revoked": ["1267", f"{2**159 - 1:x}"]},
        "receipt": {
            "text": sign_statement(statement, receipt, short),
            "reference": statement.reference,
            "terminal": statement.terminal,
            "office": statement.office,
            "service": statement.service,
            "recorded_at": timestamp(AT),
            "transaction_id": ID,
            "body_hash": statement.body_hash,
        },
        "request": {
            "method": "POST", "path": "/v1/transactions", "query": "wait=8", "body": request_body.decode(),
            "private_jwk": jwk(terminal),
            "headers": sign("POST", "/v1/transactions", "wait=8", request_body, "T0007", terminal, AT, "q4m1Vd0-_x9Z"),
        },
    }  # fmt: skip
    VECTORS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
