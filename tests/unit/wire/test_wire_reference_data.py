from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_world import AT, YEAR, b64, bundle, card, der, payload_of, reforge, world

from back_office.certificates import Plan, certify, new_key
from kiosk.domain.errors import Bug
from kiosk.wire.canonical import canonical
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.reference_data import BUNDLE_LIMIT, Bundle, SealingKey, sign_bundle, verify_bundle
from kiosk.wire.signed import Signer
from kiosk.wire.trust import SEALING_NAME_PREFIX, SEALING_POLICY, Anchors, Revocations

ROOT = Anchors(world().root.certificate)
KEY = world().signer.key


def code(found: object) -> ProblemCode | None:
    return found.code if isinstance(found, Problem) else None


def sealing_key(kid: str, begins: timedelta, name: str | None = None, policy: str = SEALING_POLICY) -> SealingKey:
    plan = Plan(name or f"{SEALING_NAME_PREFIX}{kid}", YEAR, frozenset({"key_agreement"}), (policy,))
    certificate = certify(plan, new_key().public_key(), world().root, AT + begins)
    return SealingKey(kid, certificate, certificate.not_valid_after_utc)


def test_what_the_back_office_signed_is_what_the_visit_reads() -> None:
    assert verify_bundle(sign_bundle(bundle(), world().signer), ROOT, AT) == bundle()


def test_serial_numbers_of_any_size_survive() -> None:
    revocations = Revocations(frozenset({0, 1, 2**159 - 1, 2**53 + 1}), AT)
    found = verify_bundle(sign_bundle(bundle(revocations=revocations), world().signer), ROOT, AT)
    assert isinstance(found, Bundle)
    assert found.revocations == revocations


def test_its_issuers_make_cards_verifiable() -> None:
    found = verify_bundle(sign_bundle(bundle(), world().signer), ROOT, AT)
    assert isinstance(found, Bundle)
    assert found.anchors(ROOT) == world().anchors


def test_the_newest_usable_sealing_key_is_chosen() -> None:
    old, new, later = (
        sealing_key("old", -timedelta(days=200)),
        sealing_key("new", timedelta(0)),
        sealing_key("later", timedelta(days=30)),
    )
    found = verify_bundle(sign_bundle(bundle(sealing=(old, later, new)), world().signer), ROOT, AT)
    assert isinstance(found, Bundle)
    assert [key.kid for key in found.sealing] == ["new", "old"]
    for at, kid in ((AT, "new"), (AT - timedelta(days=10), "old"), (AT + timedelta(days=364), "new")):
        chosen = found.sealing_key(at)
        assert chosen is not None
        assert chosen.kid == kid
    assert found.sealing_key(AT + 2 * YEAR) is None


def test_a_sealing_key_is_used_no_longer_than_either_says() -> None:
    early = replace(sealing_key("k", timedelta(0)), not_after=AT + timedelta(days=1))
    late = replace(sealing_key("k", timedelta(0)), not_after=AT + 9 * YEAR)
    for key, days in ((early, 2), (late, 366)):
        found = verify_bundle(sign_bundle(bundle(sealing=(key,)), world().signer), ROOT, AT)
        assert isinstance(found, Bundle)
        assert found.sealing_key(AT) is not None
        assert found.sealing_key(AT + timedelta(days=days)) is None


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (sealing_key("a", timedelta(0), name=f"{SEALING_NAME_PREFIX}b"), ProblemCode.MISMATCH),
        (sealing_key("a", timedelta(0), name=f"{SEALING_NAME_PREFIX}x-a"), ProblemCode.MISMATCH),
        (sealing_key("a", timedelta(0), policy="1.2.3"), ProblemCode.UNTRUSTED),
        (SealingKey("k1", card().certificates["9D"], AT + YEAR), ProblemCode.UNTRUSTED),
        (SealingKey("k1", world("Other").sealing_certificate, AT + YEAR), ProblemCode.UNTRUSTED),
    ],
)
def test_a_false_sealing_key_spoils_the_bundle(key: SealingKey, expected: ProblemCode) -> None:
    assert code(verify_bundle(sign_bundle(bundle(sealing=(key,)), world().signer), ROOT, AT)) is expected


def test_only_our_back_office_signs_bundles() -> None:
    for signer in (world("Other").signer, Signer(world().terminal_key, world().terminal_certificate)):
        assert code(verify_bundle(sign_bundle(bundle(), signer), ROOT, AT)) is ProblemCode.UNTRUSTED


def test_after_the_signing_certificate_it_is_not_believed() -> None:
    assert code(verify_bundle(sign_bundle(bundle(), world().signer), ROOT, AT + 2 * YEAR)) is ProblemCode.EXPIRED


def test_its_age_is_never_negative() -> None:
    assert bundle().age(AT + timedelta(minutes=2)) == 120.0
    assert bundle().age(AT - timedelta(minutes=2)) == 0.0


def test_configuration_with_a_float_is_a_bug() -> None:
    with pytest.raises(Bug):
        sign_bundle(bundle(configuration={"idle_seconds": 1.5}), world().signer)


ORIGINAL = sign_bundle(bundle(), world().signer)


@pytest.mark.parametrize(
    "change",
    [{"version": -1}, {"version": "4"}, {"issued_at": "2026-02-30T00:00:00Z"}, {"revocations": {"as_of": "x", "serials": []}},
     {"revocations": {"as_of": "2026-03-04T10:20:30Z", "serials": ["-1"]}}, {"sealing": [{}]}, {"issuers": ["?"]},
     {"issuers": [b64(b"nonsense")]}, {"issuers": [b64(der(card().certificates["9A"]))] * 9}, {"denied_terminals": ["7"]},
     {"scheme_pack": []}, {"more": 1}, {"sealing": [{"kid": "a", "certificate": "AA", "not_after": "2026-03-04T10:20:30Z"}]}],
)  # fmt: skip
def test_a_bundle_out_of_shape_is_a_problem(change: dict[str, Any]) -> None:
    payload = canonical(msgspec.json.decode(payload_of(ORIGINAL)) | change)
    assert code(verify_bundle(reforge(ORIGINAL, KEY, payload=payload), ROOT, AT)) is ProblemCode.MALFORMED


def test_a_huge_bundle_is_not_looked_at() -> None:
    assert code(verify_bundle(b"." * (BUNDLE_LIMIT + 1), ROOT, AT)) is ProblemCode.TOO_LARGE


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_no_bundle(data: bytes) -> None:
    assert isinstance(verify_bundle(data, ROOT, AT), Problem)


@settings(max_examples=200)
@given(st.data())
def test_a_changed_bundle_never_raises_and_is_never_believed(data: st.DataObject) -> None:
    changed = bytearray(ORIGINAL)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(ORIGINAL) - 1))] = data.draw(st.sampled_from(b"ABab01-_.=\x00\xff"))
    if bytes(changed) != ORIGINAL:
        assert isinstance(verify_bundle(bytes(changed), ROOT, AT), Problem)
