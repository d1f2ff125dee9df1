"""One code, one terminal, once."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from back_office_bench import Reply, application, asgi, certificate_request
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from back_office.enrolment import CODE_LENGTH, new_code
from back_office.repository import terminals
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import CROCKFORD
from kiosk.wire import request_signatures
from kiosk.wire.receipt import read_short_certificate
from kiosk.wire.trust import Trusted, Usage, verify_chain

if TYPE_CHECKING:
    from back_office_bench import Bench

LIFETIME = timedelta(minutes=15)


@pytest.fixture
def app(office: Bench) -> Any:
    return application(office)


def code_for(office: Bench, terminal: str = "T0042") -> str:
    with office.it.work() as work:
        return new_code(work, terminal_id=terminal, office="102", technician="tom", lifetime=LIFETIME)


def enrol(
    office: Bench,
    app: Any,
    code: str,
    key: ec.EllipticCurvePrivateKey,
    *,
    signed_by: ec.EllipticCurvePrivateKey | None = None,
    name: str = "T0042",
    **other: Any,
) -> Reply:
    receipt = ec.generate_private_key(ec.SECP256R1())
    body = msgspec.json.encode(
        {
            "code": code,
            "csr_pem": certificate_request(key, name),
            "receipt_csr_pem": certificate_request(receipt, name),
            "key_protection": "file",
        }
        | other
    )
    headers = request_signatures.sign(
        "POST",
        "/v1/enrolments",
        "",
        body,
        "enrolment",
        signed_by or key,
        office.it.clock.now(),
        office.it.ids.token(9).hex(),
    )
    return asgi(app, "POST", "/v1/enrolments", headers=headers, body=body)


@pytest.fixture
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def test_a_code_gives_an_identity_that_chains_to_the_root(
    office: Bench, app: Any, key: ec.EllipticCurvePrivateKey
) -> None:
    code = code_for(office)
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(CROCKFORD)
    reply = enrol(office, app, f"{code[:5]}-{code[5:].lower()}", key)
    assert reply.status == 200, reply.body
    answer = reply.json
    assert (answer["terminal"], answer["office"], answer["journal_epoch"]) == ("T0042", "102", 1)
    certificate = x509.load_pem_x509_certificate(answer["certificate_pem"].encode())
    chain = [x509.load_pem_x509_certificate(pem.encode()) for pem in answer["chain_pem"]]
    anchors = office.it.keyring.keys().anchors
    now = office.it.clock.now()
    assert isinstance(verify_chain(certificate, chain, anchors, now, usage=Usage.TERMINAL), Trusted)
    assert certificate.public_key() == key.public_key()
    short = read_short_certificate(base64.b64decode(answer["receipt_certificate"]), chain[0])
    assert getattr(short, "terminal", None) == "T0042"


def test_only_hashes_are_kept(office: Bench, app: Any, key: ec.EllipticCurvePrivateKey) -> None:
    code = code_for(office)
    assert enrol(office, app, code, key).status == 200
    for table in office.tables():
        assert code not in str(office.rows(f"SELECT * FROM {table}")), table  # noqa: S608
    for path in office.it.state.glob("back-office/back_office.db*"):
        assert code.encode() not in path.read_bytes()


def test_an_answer_lost_on_the_way_is_given_again(office: Bench, app: Any, key: ec.EllipticCurvePrivateKey) -> None:
    code = code_for(office)
    first, again = (enrol(office, app, code, key).json for _ in range(2))
    assert first == again
    other = enrol(office, app, code, ec.generate_private_key(ec.SECP256R1()))
    assert (other.status, other.error) == (403, "code_wrong")
    assert office.rows("SELECT count(*) AS n FROM journal_head WHERE terminal = 'T0042'")[0]["n"] == 1


def test_a_code_ends_after_its_time(office: Bench, app: Any, key: ec.EllipticCurvePrivateKey) -> None:
    code = code_for(office)
    office.later(minutes=15)
    assert enrol(office, app, code, key).error == "code_wrong"


def test_a_code_ends_after_five_wrong_tries(office: Bench, app: Any, key: ec.EllipticCurvePrivateKey) -> None:
    code = code_for(office)
    for _ in range(4):
        assert enrol(office, app, "0" * 10, key).error == "code_wrong"
    assert office.rows("SELECT tries FROM enrolment_code WHERE used_at IS NULL") == [{"tries": 4}]
    enrol(office, app, "WRONG", key)
    assert enrol(office, app, code, key).error == "code_wrong"


def test_wrong_tries_count_for_the_terminal_that_is_named(
    office: Bench, app: Any, key: ec.EllipticCurvePrivateKey
) -> None:
    mine, other = code_for(office), code_for(office, "T0043")
    for _ in range(5):
        enrol(office, app, "0" * 10, key, name="T0043")
    assert enrol(office, app, other, key, name="T0043").error == "code_wrong"
    assert enrol(office, app, mine, key).status == 200


def test_a_new_code_ends_the_one_before(office: Bench, app: Any, key: ec.EllipticCurvePrivateKey) -> None:
    first, second = code_for(office), code_for(office)
    assert enrol(office, app, first, key).error == "code_wrong"
    assert enrol(office, app, second, key).status == 200


def test_nobody_enrols_another_s_key(office: Bench, app: Any, key: ec.EllipticCurvePrivateKey) -> None:
    code = code_for(office)
    reply = enrol(office, app, code, key, signed_by=ec.generate_private_key(ec.SECP256R1()))
    assert (reply.status, reply.error) == (401, "signature_invalid")
    assert enrol(office, app, code, key).status == 200, "and the code is still good"


def test_a_second_enrolment_binds_a_new_epoch(office: Bench, app: Any, key: ec.EllipticCurvePrivateKey) -> None:
    enrol(office, app, code_for(office), key)
    again = enrol(office, app, code_for(office), ec.generate_private_key(ec.SECP256R1()))
    assert again.json["journal_epoch"] == 2


def test_an_epoch_that_was_forgotten_is_not_given_again(
    office: Bench, app: Any, key: ec.EllipticCurvePrivateKey
) -> None:
    """The database was put back to before the terminal's last two enrolments; their journals may still deliver."""
    enrol(office, app, code_for(office), key)
    again = enrol(
        office, app, code_for(office), ec.generate_private_key(ec.SECP256R1()), journals={"T0042": 3}
    )
    assert again.json["journal_epoch"] == 4
    with office.it.database.read() as db:
        heads = [terminals.journal_head(db, "T0042", epoch) for epoch in range(1, 6)]
    assert [head is not None for head in heads] == [True] * 4 + [False]


def test_what_another_terminal_had_says_nothing_of_this_one(
    office: Bench, app: Any, key: ec.EllipticCurvePrivateKey
) -> None:
    reply = enrol(office, app, code_for(office), key, journals={"T0043": 9})
    assert reply.json["journal_epoch"] == 1


def test_an_epoch_far_ahead_is_a_mistake(office: Bench, app: Any, key: ec.EllipticCurvePrivateKey) -> None:
    code = code_for(office)
    reply = enrol(office, app, code, key, journals={"T0042": 102})
    assert (reply.status, reply.json["error"]["code"]) == (422, "epoch")
    assert enrol(office, app, code, key, journals={"T0042": 100}).status == 200


def rsa_request() -> str:
    name = x509.Name([])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    return request.sign(rsa.generate_private_key(65537, 2048), SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(
    "csr", ["", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----", "rsa"]
)
def test_a_wrong_certificate_request_is_named(
    office: Bench, app: Any, key: ec.EllipticCurvePrivateKey, csr: str
) -> None:
    reply = enrol(office, app, code_for(office), key, receipt_csr_pem=rsa_request() if csr == "rsa" else csr)
    assert (reply.status, reply.error) == (422, "csr")


def test_a_code_needs_an_office(office: Bench) -> None:
    with pytest.raises(EnvironmentFault, match="There is no office '999'"), office.it.work() as work:
        new_code(work, terminal_id="T0001", office="999", technician="tom", lifetime=LIFETIME)


def test_enrolment_is_on_record(office: Bench, app: Any, key: ec.EllipticCurvePrivateKey) -> None:
    enrol(office, app, "0" * 10, key)
    enrol(office, app, code_for(office), key)
    lines = [(line.action, line.role, line.actor) for line in office.audit("T0042")]
    assert lines == [("terminal.code_given", "technician", "tom"), ("terminal.enrolled", "technician", "tom")]
    assert [line.action for line in office.audit("enrolment")] == ["terminal.code_wrong"]
