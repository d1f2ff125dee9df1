from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwe, jws
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.registry import HeaderParameter
from wire_world import (
    AT,
    CARD_NUMBER,
    ID,
    OTHER_ID,
    TestCard,
    b64,
    bundle,
    card,
    der,
    forge,
    header_of,
    jose_signature,
    payload_of,
    reforge,
    signed_transaction,
    transaction,
    unb64,
    world,
    x5c,
)

from kiosk.domain.card import Role
from kiosk.domain.errors import Bug
from kiosk.wire.canonical import canonical
from kiosk.wire.envelope import (
    TRANSACTION_LIMIT,
    ToBeSigned,
    Transaction,
    VerifiedTransaction,
    open_sealed,
    seal,
    sealing_key_id,
    signing_input,
    verify_transaction,
)
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.reference_data import sign_bundle
from kiosk.wire.sealed import PLAIN_LIMIT, SEALED_LIMIT, seal_to
from kiosk.wire.trust import Revocations


def verified(jws: bytes, **changes: Any) -> VerifiedTransaction | Problem:
    here = world()
    given: dict[str, Any] = {"expected_id": ID, "expected_terminal": "T0007"}
    at = changes.pop("at", AT + timedelta(seconds=5))
    revocations = changes.pop("revocations", here.revocations)
    return verify_transaction(jws, here.anchors, revocations, at, **(given | changes))


def code(found: object) -> ProblemCode | None:
    return found.code if isinstance(found, Problem) else None


@pytest.mark.parametrize("kind", ["P-256", "RSA-2048"])
def test_what_the_card_signed_is_what_is_verified(kind: str) -> None:
    holder = card(kind)
    found = verified(signed_transaction(holder))
    assert isinstance(found, VerifiedTransaction), found
    assert found.transaction == transaction()
    assert (found.card.number, found.card.role, found.signed_at) == (CARD_NUMBER, Role.INSURED, AT)


@pytest.mark.parametrize(("kind", "algorithm"), [("P-256", "ES256"), ("RSA-2048", "RS256")])
def test_the_header_is_exactly_what_the_format_says(kind: str, algorithm: str) -> None:
    holder = card(kind)
    jws = signed_transaction(holder)
    assert header_of(jws) == {
        "alg": algorithm, "iat": int(AT.timestamp()), "typ": "guichet+jws", "x5c": x5c(holder.certificates["9C"]),
    }  # fmt: skip
    assert payload_of(jws) == canonical(json.loads(payload_of(jws)))


def test_raw_and_der_signatures_of_a_card_give_a_document_alike() -> None:
    prepared = signing_input(transaction(), der(card().certificates["9C"]), AT)
    assert isinstance(prepared, ToBeSigned)
    for signature in (
        card().sign("9C", prepared.signing_input),
        jose_signature(card().keys["9C"], prepared.signing_input),
    ):
        jws = prepared.finish(signature)
        assert isinstance(jws, bytes)
        assert isinstance(verified(jws), VerifiedTransaction)


@pytest.mark.parametrize("kind", ["P-256", "RSA-2048"])
@given(signature=st.binary(max_size=300) | st.just(bytes(64)) | st.just(b"\xff" * 64) | st.just(bytes(256)))
def test_a_card_that_answers_nonsense_is_found_at_once(kind: str, signature: bytes) -> None:
    prepared = signing_input(transaction(), der(card(kind).certificates["9C"]), AT)
    assert isinstance(prepared, ToBeSigned)
    assert code(prepared.finish(signature)) is ProblemCode.SIGNATURE


def test_a_signature_by_another_key_of_the_card_is_found_at_once() -> None:
    prepared = signing_input(transaction(), der(card().certificates["9C"]), AT)
    assert isinstance(prepared, ToBeSigned)
    assert code(prepared.finish(card().sign("9A", prepared.signing_input))) is ProblemCode.SIGNATURE


@pytest.mark.parametrize(
    "changes",
    [{"id": "t1"}, {"id": ID.upper()}, {"id": ID + "\n"}, {"id": "0195601a-2b3c-4d4e-8f50-112233445566"}, {"terminal": "7"},
     {"card": "17"}, {"office": ""}, {"office": "Brno hlavní"}, {"service": "Bank"}, {"signed_at": "yesterday"},
     {"language": "czech!"}, {"base_version": -1}, {"base_version": True}, {"answers": {"account": "x" * 2001}},
     {"answers": {"Account!": "x"}}, {"kind": "access"}, {"person": "1" * 33}, {"answer_key": {"x": "y" * 65}}],
)  # fmt: skip
def test_a_transaction_out_of_shape_is_not_given_to_the_card(changes: dict[str, Any]) -> None:
    assert code(signing_input(transaction(**changes), der(card().certificates["9C"]), AT)) is ProblemCode.MALFORMED


def test_the_certificate_must_be_readable_and_of_the_card_named() -> None:
    assert code(signing_input(transaction(), b"nonsense", AT)) is ProblemCode.MALFORMED
    other = card(number="2000000002")
    assert code(signing_input(transaction(), der(other.certificates["9C"]), AT)) is ProblemCode.MISMATCH


# --- what the back office refuses -------------------------------------------------------------------------


@pytest.mark.parametrize("slot", ["9A", "9E", "9D"])
def test_only_the_signature_key_signs_acts(slot: str) -> None:
    assert code(verified(signed_transaction(slot=slot))) is ProblemCode.UNTRUSTED


def test_a_card_of_another_issuer_signs_nothing() -> None:
    assert code(verified(signed_transaction(card(issuer="Other")))) is ProblemCode.UNTRUSTED
    stranger = card(issuer="Other")
    with_chain = reforge(
        signed_transaction(stranger),
        stranger.keys["9C"],
        x5c=x5c(stranger.certificates["9C"], world("Other").card_ca.certificate, world("Other").root.certificate),
    )
    assert code(verified(with_chain)) is ProblemCode.UNTRUSTED


def test_a_revoked_card_signs_nothing() -> None:
    revoked = Revocations(frozenset({card().certificates["9C"].serial_number}), AT)
    assert code(verified(signed_transaction(), revocations=revoked)) is ProblemCode.REVOKED


def test_inner_and_outer_must_agree() -> None:
    jws = signed_transaction()
    assert code(verified(jws, expected_id=OTHER_ID)) is ProblemCode.MISMATCH
    assert code(verified(jws, expected_terminal="T0008")) is ProblemCode.MISMATCH
    assert code(verified(jws, expected_id="")) is ProblemCode.MISMATCH
    assert isinstance(verified(jws, expected_id=None, expected_terminal=None), VerifiedTransaction)


def test_the_number_inside_must_be_the_signers() -> None:
    other = card(number="2000000002")
    payload = payload_of(signed_transaction())
    forged = reforge(signed_transaction(other), other.keys["9C"], payload=payload)
    assert code(verified(forged)) is ProblemCode.MISMATCH


def test_an_act_stays_signed_when_its_certificate_runs_out_on_the_way() -> None:
    short = card(valid=timedelta(days=2))
    jws = signed_transaction(short)
    assert isinstance(verified(jws, at=AT + timedelta(days=30)), VerifiedTransaction)
    late = reforge(jws, short.keys["9C"], iat=int((AT + timedelta(days=3)).timestamp()))
    assert code(verified(late, at=AT + timedelta(days=30))) is ProblemCode.EXPIRED


def test_acts_from_the_future_or_too_long_ago_are_a_matter_of_clocks() -> None:
    jws = signed_transaction()
    assert code(verified(jws, at=AT - timedelta(minutes=11))) is ProblemCode.CLOCK
    assert isinstance(verified(jws, at=AT - timedelta(minutes=9)), VerifiedTransaction)
    assert code(verified(jws, at=AT + timedelta(days=61))) is ProblemCode.CLOCK
    assert isinstance(verified(jws, at=AT + timedelta(days=61), longest_delay=timedelta(days=62)), VerifiedTransaction)


def test_the_two_signing_times_must_agree() -> None:
    assert code(verified(signed_transaction(signed_at="2026-03-04T10:26:30Z"))) is ProblemCode.CLOCK
    assert code(verified(signed_transaction(started_at="2026-02-30T10:26:30Z"))) is ProblemCode.MALFORMED


def test_an_answer_key_that_is_none_is_refused() -> None:
    assert code(verified(signed_transaction(answer_key={"kty": "EC"}))) is ProblemCode.ALGORITHM


P256, RSA = card().keys["9C"], card("RSA-2048").keys["9C"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"alg": "none"}, ProblemCode.ALGORITHM),
        ({"alg": "HS256"}, ProblemCode.ALGORITHM),
        ({"alg": "RS256"}, ProblemCode.ALGORITHM),
        ({"alg": "ES384"}, ProblemCode.ALGORITHM),
        ({"alg": None}, ProblemCode.MALFORMED),
        ({"alg": ["ES256"]}, ProblemCode.ALGORITHM),
        ({"typ": "guichet-question+jws"}, ProblemCode.WRONG_TYPE),
        ({"typ": "JWT"}, ProblemCode.WRONG_TYPE),
        ({"typ": None}, ProblemCode.MALFORMED),
        ({"iat": None}, ProblemCode.MALFORMED),
        ({"iat": "1"}, ProblemCode.MALFORMED),
        ({"iat": True}, ProblemCode.MALFORMED),
        ({"iat": 10**18}, ProblemCode.MALFORMED),
        ({"iat": -(10**18)}, ProblemCode.MALFORMED),
        ({"x5c": None}, ProblemCode.MALFORMED),
        ({"x5c": []}, ProblemCode.MALFORMED),
        ({"x5c": "MII"}, ProblemCode.MALFORMED),
        ({"x5c": [7]}, ProblemCode.MALFORMED),
        ({"x5c": ["?"]}, ProblemCode.MALFORMED),
        ({"x5c": x5c(*(card().certificates[slot] for slot in ("9C", "9A", "9D", "9E")))}, ProblemCode.MALFORMED),
        ({"crit": ["exp"], "exp": 1}, ProblemCode.MALFORMED),
        ({"b64": False}, ProblemCode.MALFORMED),
        ({"jwk": {}}, ProblemCode.MALFORMED),
        ({"kid": "k"}, ProblemCode.MALFORMED),
        ({"x5c": x5c(card().certificates["9A"])}, ProblemCode.UNTRUSTED),
        ({"x5c": x5c(card("RSA-2048").certificates["9C"])}, ProblemCode.ALGORITHM),
    ],
)  # fmt: skip
def test_another_header_is_refused(header: dict[str, Any], expected: ProblemCode) -> None:
    assert code(verified(reforge(signed_transaction(), P256, **header))) is expected


def test_the_public_key_is_no_hmac_secret() -> None:
    jws = signed_transaction()
    message = f"{b64(json.dumps(header_of(jws) | {'alg': 'HS256'}).encode())}.{b64(payload_of(jws))}".encode()
    tag = hmac.new(der(card().certificates["9C"]), message, hashlib.sha256).digest()
    assert code(verified(message + b"." + b64(tag).encode())) is ProblemCode.ALGORITHM


def test_a_key_that_stands_twice_in_the_header_is_refused() -> None:
    jws = signed_transaction()
    doubled = b'{"alg":"none",' + unb64(jws.split(b".")[0])[1:]
    assert code(verified(forge(doubled, payload_of(jws), P256))) is ProblemCode.MALFORMED


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (json.dumps(json.loads(payload_of(signed_transaction())), indent=1).encode(), ProblemCode.NOT_CANONICAL),
        (payload_of(signed_transaction()) + b" ", ProblemCode.NOT_CANONICAL),
        (payload_of(signed_transaction())[:-1] + b',"id":"x"}', ProblemCode.MALFORMED),
        (payload_of(signed_transaction()).replace(b'"base_version":3', b'"base_version":3.0'), ProblemCode.MALFORMED),
        (payload_of(signed_transaction()).replace(b'"base_version":3', b'"base_version":99999999999999999999'), ProblemCode.NOT_CANONICAL),
        (payload_of(signed_transaction())[:-1] + b',"zzz":1}', ProblemCode.MALFORMED),
        (payload_of(signed_transaction()).replace(b'"scheme":"cz",', b""), ProblemCode.MALFORMED),
        (b"[]", ProblemCode.MALFORMED),
        (b"", ProblemCode.MALFORMED),
        (b'"\xff"', ProblemCode.MALFORMED),
    ],
)  # fmt: skip
def test_another_spelling_of_the_payload_is_refused(payload: bytes, expected: ProblemCode) -> None:
    assert code(verified(reforge(signed_transaction(), P256, payload=payload))) is expected


def test_other_documents_are_no_transactions() -> None:
    assert code(verified(sign_bundle(bundle(), world().signer))) is ProblemCode.WRONG_TYPE
    assert code(verified(b"x" * (TRANSACTION_LIMIT + 1))) is ProblemCode.TOO_LARGE
    assert code(verified(b"")) is ProblemCode.MALFORMED


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda data: b".".join([base64.b64encode(data)] * 3)))
def test_arbitrary_bytes_are_no_transaction(data: bytes) -> None:
    assert isinstance(verified(data), Problem)


HOLDERS: list[TestCard] = [card(), card("RSA-2048")]
ORIGINALS = [signed_transaction(holder) for holder in HOLDERS]


@settings(max_examples=300)
@given(st.sampled_from(ORIGINALS), st.data())
def test_a_changed_envelope_never_raises_and_never_verifies_as_something_else(
    original: bytes, data: st.DataObject
) -> None:
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(original) - 1))
        changed[position] = data.draw(st.sampled_from(b"ABCabc019-_.=+/ \x00\xff"))
    found = verified(bytes(changed))
    if bytes(changed) == original:
        assert isinstance(found, VerifiedTransaction)
    else:
        assert isinstance(found, Problem)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(Transaction.__struct_fields__), st.none() | st.integers() | st.text(max_size=8)
                       | st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3) | st.lists(st.integers(), max_size=2),
                       min_size=1))  # fmt: skip
def test_a_payload_of_any_shape_never_raises(changes: dict[str, Any]) -> None:
    payload = json.dumps(json.loads(payload_of(signed_transaction())) | changes, sort_keys=True, separators=(",", ":"))
    found = verified(reforge(signed_transaction(), P256, payload=payload.encode()))
    assert isinstance(found, (Problem, VerifiedTransaction))


# --- the seal ---------------------------------------------------------------------------------------------


def test_what_is_sealed_comes_out_again_with_the_right_key_alone() -> None:
    here = world()
    jws = signed_transaction()
    sealed = seal(jws, here.sealing_certificate)
    assert open_sealed(sealed, here.sealing) == jws
    assert sealing_key_id(sealed) == "k1"
    assert jws[20:60] not in sealed
    assert seal(jws, here.sealing_certificate) != sealed
    other = {"k1": ec.generate_private_key(ec.SECP256R1())}
    assert code(open_sealed(sealed, other)) is ProblemCode.CANNOT_OPEN
    assert code(open_sealed(sealed, {})) is ProblemCode.UNKNOWN_KEY


def test_old_keys_open_old_envelopes() -> None:
    here = world()
    sealed = seal(b"old", here.sealing_certificate)
    assert open_sealed(sealed, {"k2": ec.generate_private_key(ec.SECP256R1()), **here.sealing}) == b"old"


def test_sealing_with_what_is_no_sealing_certificate_is_a_bug() -> None:
    with pytest.raises(Bug):
        seal(b"x", card().certificates["9D"])
    with pytest.raises(Bug):
        seal(b"x" * (PLAIN_LIMIT + 1), world().sealing_certificate)


def test_the_largest_plaintext_comes_out_again() -> None:
    plain = bytes(range(256)) * (PLAIN_LIMIT // 256)
    sealed = seal(plain, world().sealing_certificate)
    assert len(sealed) <= SEALED_LIMIT
    assert open_sealed(sealed, world().sealing) == plain
    assert code(open_sealed(b"x" * (SEALED_LIMIT + 1), world().sealing)) is ProblemCode.TOO_LARGE


def outside(header: dict[str, Any], key: Any = None) -> bytes:
    private = world().sealing["k1"].public_key()
    names = [header["alg"], header["enc"], *([header["zip"]] if "zip" in header else [])]
    return jwe.encrypt_compact(header, b"{}", key or ECKey.import_key(private), algorithms=names).encode()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": "k1"}, ProblemCode.ALGORITHM),
        ({"alg": "ECDH-ES", "enc": "A128GCM", "kid": "k1"}, ProblemCode.ALGORITHM),
        ({"alg": "ECDH-ES", "enc": "A128CBC-HS256", "kid": "k1"}, ProblemCode.ALGORITHM),
        ({"alg": "ECDH-ES", "enc": "A256GCM"}, ProblemCode.MALFORMED),
        ({"alg": "ECDH-ES", "enc": "A256GCM", "kid": "k1", "zip": "DEF"}, ProblemCode.MALFORMED),
        ({"alg": "ECDH-ES", "enc": "A256GCM", "kid": "k1", "apu": "QQ"}, ProblemCode.MALFORMED),
    ],
)
def test_another_way_of_sealing_is_refused(header: dict[str, Any], expected: ProblemCode) -> None:
    assert code(open_sealed(outside(header), world().sealing)) is expected


def test_direct_encryption_is_refused() -> None:
    sealed = outside({"alg": "dir", "enc": "A256GCM", "kid": "k1"}, OctKey.import_key(bytes(32)))
    assert code(open_sealed(sealed, world().sealing)) is ProblemCode.MALFORMED


def test_a_seal_made_by_joserfc_alone_opens() -> None:
    assert open_sealed(outside({"alg": "ECDH-ES", "enc": "A256GCM", "kid": "k1"}), world().sealing) == b"{}"


def with_ephemeral(sealed: bytes, epk: object) -> bytes:
    head, *rest = sealed.split(b".")
    header = json.loads(unb64(head)) | {"epk": epk}
    return b".".join([b64(json.dumps(header).encode()).encode(), *rest])


@pytest.mark.parametrize(
    "epk",
    [None, 7, [], {}, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
     {"kty": "EC", "crv": "P-256", "x": b64(bytes(32)), "y": b64(bytes(32))},
     {"kty": "OKP", "crv": "X25519", "x": b64(bytes(32))},
     ECKey.generate_key("P-521").as_dict(private=False)],
)  # fmt: skip
def test_an_ephemeral_key_off_the_curve_is_refused(epk: object) -> None:
    sealed = with_ephemeral(seal(b"{}", world().sealing_certificate), epk)
    assert isinstance(open_sealed(sealed, world().sealing), Problem)


SEALED = seal_to(b"some plain text", world().sealing["k1"].public_key(), "k1")


@settings(max_examples=300)
@given(st.data())
def test_a_changed_seal_never_raises_and_never_opens(data: st.DataObject) -> None:
    changed = bytearray(SEALED)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(SEALED) - 1))] = data.draw(st.sampled_from(b"ABCabc019-_.=+/ \x00\xff"))
    if bytes(changed) != SEALED:
        assert isinstance(open_sealed(bytes(changed), world().sealing), Problem)


@given(
    st.binary(max_size=200)
    | st.lists(st.binary(max_size=20).map(base64.urlsafe_b64encode), min_size=5, max_size=5).map(b".".join)
)
def test_arbitrary_bytes_do_not_open(data: bytes) -> None:
    assert isinstance(open_sealed(data, world().sealing), Problem)
    assert isinstance(sealing_key_id(data), Problem)


def test_a_problem_tells_no_personal_data() -> None:
    secret = "CZ6508000000192000145399"
    for changes in ({"answers": {"account": secret, "Bad!": secret}}, {"office": secret}, {"person": secret * 2}):
        found = signing_input(transaction(**changes), der(card().certificates["9C"]), AT)
        assert isinstance(found, Problem)
        assert secret not in str(found)


# --- beside joserfc, which the back office does not open with ------------------------------------------


class _Lenient(jwe.JWERegistry):
    max_ciphertext_length = SEALED_LIMIT


class _LongHeaders(jws.JWSRegistry):
    max_header_length = max_payload_length = max_signature_length = 2**20


def by_joserfc(sealed: bytes) -> bytes | None:
    key = ECKey.import_key(world().sealing["k1"])
    try:
        registry = _Lenient(algorithms=["ECDH-ES", "A256GCM"])
        return jwe.decrypt_compact(sealed, key, registry=registry).plaintext
    except (JoseError, ValueError, TypeError, KeyError):
        return None


@given(st.binary(max_size=300))
def test_what_is_opened_here_joserfc_opens_alike(plain: bytes) -> None:
    sealed = seal_to(plain, world().sealing["k1"].public_key(), "k1")
    assert open_sealed(sealed, world().sealing) == plain
    assert by_joserfc(sealed) == plain


@pytest.mark.parametrize("part", range(5))
@pytest.mark.parametrize("change", [b"", b"AA", None])
def test_what_joserfc_refuses_is_refused_here(part: int, change: bytes | None) -> None:
    """A part missing, replaced, or cut by four characters."""
    parts = SEALED.split(b".")
    parts[part] = parts[part][:-4] if change is None else change
    damaged = b".".join(parts)
    if damaged != SEALED:
        assert by_joserfc(damaged) is None
        assert isinstance(open_sealed(damaged, world().sealing), Problem)


@pytest.mark.parametrize("kind", ["P-256", "RSA-2048"])
def test_a_signature_that_verifies_here_verifies_with_joserfc(kind: str) -> None:
    signed = signed_transaction(card(kind))
    public = card(kind).certificates["9C"].public_key()
    key = ECKey.import_key(public) if kind == "P-256" else RSAKey.import_key(public)
    allowed = _LongHeaders(
        header_registry={"iat": HeaderParameter("Signing time", "int")}, algorithms=["ES256", "RS256"]
    )
    assert jws.deserialize_compact(signed, key, registry=allowed).payload
    forged = signed[:-8] + (b"AAAAAAAA" if signed[-8:] != b"AAAAAAAA" else b"BAAAAAAA")
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(forged, key, registry=allowed)
    assert code(verified(forged)) is ProblemCode.SIGNATURE
