from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA224, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_world import AT, CARD_NUMBER, POLICY_OF, YEAR, YEARS, authority, card, der, world

from back_office.certificates import Authority, Plan, card_plan, certify, new_key
from kiosk.domain.card import ROLE_POLICIES, CardRefusal, Role
from kiosk.wire.card_check import CardCertificate, card_certificate, check_card
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.trust import (
    BACK_OFFICE_SIGNING_POLICY,
    TERMINAL_POLICY,
    Anchors,
    Distrusted,
    DistrustReason,
    Revocations,
    Trusted,
    Usage,
    load_certificate,
    terminal_issuers,
    verify_chain,
)

SLOTS = ("9A", "9C", "9D", "9E")


def leaves() -> dict[Usage, x509.Certificate]:
    here = world()
    return {
        **{Usage(slot): card().certificates[slot] for slot in SLOTS},
        Usage.TERMINAL: here.terminal_certificate,
        Usage.BACK_OFFICE_SIGNING: here.signer.certificate,
        Usage.SEALING: here.sealing_certificate,
        Usage.PIN: here.pin_certificate,
    }


@pytest.mark.parametrize("presented", list(Usage))
@pytest.mark.parametrize("made", list(Usage))
def test_a_certificate_is_trusted_for_the_one_use_it_was_made_for(made: Usage, presented: Usage) -> None:
    leaf = leaves()[made]
    verdict = verify_chain(leaf, (), world().anchors, AT, usage=presented)
    if made is presented:
        assert isinstance(verdict, Trusted), verdict
        assert verdict.serial == leaf.serial_number
        assert verdict.public_key == leaf.public_key()
        assert verdict.not_after == leaf.not_valid_after_utc
    else:
        assert isinstance(verdict, Distrusted)
        assert verdict.reason is DistrustReason.WRONG_USE


def test_rsa_signs_but_does_not_prove_presence() -> None:
    holder = card("RSA-2048")
    for slot in ("9A", "9C"):
        assert isinstance(verify_chain(holder.certificates[slot], (), world().anchors, AT, usage=Usage(slot)), Trusted)
    key = rsa.generate_private_key(65537, 2048)
    presence = certify(
        card_plan("9E", CARD_NUMBER, POLICY_OF[Role.INSURED], YEAR), key.public_key(), world().card_ca, AT
    )
    assert isinstance(verify_chain(presence, (), world().anchors, AT, usage=Usage.CARD_PRESENCE), Distrusted)


@pytest.mark.parametrize(
    ("after", "reason"), [(YEAR + timedelta(days=1), DistrustReason.EXPIRED), (-YEAR, DistrustReason.NOT_YET_VALID)]
)
def test_outside_its_validity_it_is_not_trusted(after: timedelta, reason: DistrustReason) -> None:
    verdict = verify_chain(card().certificates["9A"], (), world().anchors, AT + after, usage=Usage.CARD_AUTHENTICATION)
    assert isinstance(verdict, Distrusted)
    assert verdict.reason is reason


@pytest.mark.parametrize("intermediates", [(), (world("Other").card_ca.certificate,), (world().root.certificate,)])
def test_a_card_of_another_root_is_of_an_unknown_issuer(intermediates: tuple[x509.Certificate, ...]) -> None:
    leaf = card(issuer="Other").certificates["9A"]
    verdict = verify_chain(leaf, intermediates, world().anchors, AT, usage=Usage.CARD_AUTHENTICATION)
    assert isinstance(verdict, Distrusted)
    assert verdict.reason is DistrustReason.UNKNOWN_ISSUER


def test_an_issuer_with_our_name_and_another_key_is_unknown() -> None:
    fake_root = authority("Guichet demonstration root", None, issues=1)
    fake_ca = authority("Guichet card CA", fake_root, tuple(sorted(ROLE_POLICIES)))
    key = new_key()
    leaf = certify(card_plan("9A", CARD_NUMBER, POLICY_OF[Role.STAFF], YEAR), key.public_key(), fake_ca, AT)
    for known in ((), (fake_ca.certificate,), (fake_ca.certificate, fake_root.certificate)):
        verdict = verify_chain(leaf, known, world().anchors, AT, usage=Usage.CARD_AUTHENTICATION)
        assert isinstance(verdict, Distrusted)
        assert verdict.reason is DistrustReason.UNKNOWN_ISSUER


def test_intermediates_of_the_peer_are_tried() -> None:
    root_only = Anchors(world().root.certificate)
    leaf = card().certificates["9C"]
    assert isinstance(verify_chain(leaf, (), root_only, AT, usage=Usage.CARD_SIGNATURE), Distrusted)
    intermediates = (world().terminal_ca.certificate, world().card_ca.certificate)
    assert isinstance(verify_chain(leaf, intermediates, root_only, AT, usage=Usage.CARD_SIGNATURE), Trusted)


def test_the_terminal_ca_makes_no_cards_and_the_card_ca_no_terminals() -> None:
    here, key = world(), new_key()
    false_card = certify(
        card_plan("9C", CARD_NUMBER, POLICY_OF[Role.INSURED], YEAR), key.public_key(), here.terminal_ca, AT
    )
    plan = Plan("T0007", YEAR, frozenset({"digital_signature"}), (TERMINAL_POLICY,), ("1.3.6.1.5.5.7.3.2",))
    false_terminal = certify(plan, key.public_key(), here.card_ca, AT)
    agreement = certify(
        card_plan("9D", CARD_NUMBER, POLICY_OF[Role.INSURED], YEAR), key.public_key(), here.terminal_ca, AT
    )
    cases = ((false_card, Usage.CARD_SIGNATURE), (false_terminal, Usage.TERMINAL), (agreement, Usage.CARD_AGREEMENT))
    for leaf, usage in cases:
        verdict = verify_chain(leaf, (), here.anchors, AT, usage=usage)
        assert isinstance(verdict, Distrusted)
        assert "issuer" in verdict.detail


def test_a_card_cannot_issue_a_card() -> None:
    holder = card()
    key = new_key()
    signer = holder.keys["9C"]
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    issuer = Authority(holder.certificates["9C"], signer)
    leaf = certify(card_plan("9C", "2000000002", POLICY_OF[Role.STAFF], YEAR), key.public_key(), issuer, AT)
    verdict = verify_chain(leaf, (holder.certificates["9C"],), world().anchors, AT, usage=Usage.CARD_SIGNATURE)
    assert isinstance(verdict, Distrusted)


def test_a_ca_below_the_card_ca_is_not_accepted() -> None:
    below = authority("Guichet sub CA", world().card_ca, tuple(sorted(ROLE_POLICIES)))
    key = new_key()
    leaf = certify(card_plan("9C", CARD_NUMBER, POLICY_OF[Role.STAFF], YEAR), key.public_key(), below, AT)
    verdict = verify_chain(leaf, (below.certificate,), world().anchors, AT, usage=Usage.CARD_SIGNATURE)
    assert isinstance(verdict, Distrusted)


def test_two_roles_in_one_certificate_are_none() -> None:
    key = new_key()
    plan = replace(card_plan("9A", CARD_NUMBER, "", YEAR), policies=tuple(sorted(ROLE_POLICIES))[:2])
    leaf = certify(plan, key.public_key(), world().card_ca, AT)
    assert isinstance(verify_chain(leaf, (), world().anchors, AT, usage=Usage.CARD_AUTHENTICATION), Distrusted)
    assert isinstance(card_certificate(leaf), Problem)


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 1024),  # noqa: S505 - the point of it
        rsa.generate_private_key(3, 2048),
        ec.generate_private_key(ec.SECP384R1()),
    ],
)
def test_keys_off_the_list_are_refused(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
    leaf = certify(card_plan("9A", CARD_NUMBER, POLICY_OF[Role.INSURED], YEAR), key.public_key(), world().card_ca, AT)
    verdict = verify_chain(leaf, (), world().anchors, AT, usage=Usage.CARD_AUTHENTICATION)
    assert isinstance(verdict, Distrusted)
    assert verdict.reason is DistrustReason.ALGORITHM


def test_a_certificate_signed_with_a_weaker_hash_is_refused() -> None:
    model = card().certificates["9A"]
    builder = (
        x509.CertificateBuilder()
        .subject_name(model.subject)
        .issuer_name(model.issuer)
        .public_key(model.public_key())
        .serial_number(model.serial_number)
        .not_valid_before(model.not_valid_before_utc)
        .not_valid_after(model.not_valid_after_utc)
    )
    for extension in model.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    for algorithm, expected in ((SHA256(), Trusted), (SHA224(), Distrusted)):
        leaf = builder.sign(world().card_ca.key, algorithm)
        assert isinstance(verify_chain(leaf, (), world().anchors, AT, usage=Usage.CARD_AUTHENTICATION), expected)


def test_number_and_role_are_read_from_the_certificate() -> None:
    staff = card(number="2000000002", role=Role.STAFF)
    stated = card_certificate(staff.certificates["9E"])
    assert isinstance(stated, CardCertificate)
    assert (stated.number, stated.role) == ("2000000002", Role.STAFF)


@pytest.mark.parametrize(
    ("subject", "number"), [("12345", "12345"), ("1000000017", ""), ("1000000017", "1000000018"), ("١٢٣٤٥٦٧٨٩٠", "")]
)
def test_a_subject_that_is_no_card_number_is_a_problem(subject: str, number: str) -> None:
    plan = replace(card_plan("9A", CARD_NUMBER, POLICY_OF[Role.INSURED], YEAR), subject=subject, number=number)
    assert isinstance(card_certificate(certify(plan, new_key().public_key(), world().card_ca, AT)), Problem)


# --- the whole card -----------------------------------------------------------------------------------


def test_a_card_of_the_scheme_is_accepted_with_the_age_of_the_revocation_data() -> None:
    verdict = check_card(card().ders(), world().anchors, world().revocations, AT)
    assert verdict.refusal is None
    assert (verdict.number, verdict.role) == (CARD_NUMBER, Role.INSURED)
    assert verdict.revocation_age == timedelta(hours=2)
    assert set(verdict.slots) == set(SLOTS)


def test_without_revocation_data_the_age_is_unknown_and_the_card_stands() -> None:
    verdict = check_card(card().ders("9E", "9A"), world().anchors, None, AT)
    assert (verdict.refusal, verdict.revocation_age) == (None, None)


def test_a_stranger_is_refused_and_its_number_is_not_told() -> None:
    verdict = check_card(card(issuer="Other").ders(), world().anchors, world().revocations, AT)
    assert verdict.refusal is CardRefusal.UNKNOWN_ISSUER
    assert (verdict.number, verdict.role) == ("", None)


@pytest.mark.parametrize("slot", SLOTS)
def test_one_revoked_certificate_revokes_the_card(slot: str) -> None:
    revocations = Revocations(frozenset({card().certificates[slot].serial_number}), AT)
    verdict = check_card(card().ders(), world().anchors, revocations, AT)
    assert verdict.refusal is CardRefusal.REVOKED
    assert slot in verdict.detail


def test_an_expired_card_is_refused_as_expired() -> None:
    old = card(valid=timedelta(days=2))
    assert (
        check_card(old.ders(), world().anchors, world().revocations, AT + timedelta(days=3)).refusal
        is CardRefusal.EXPIRED
    )


def test_slots_with_another_number_or_role_are_inconsistent() -> None:
    other = card(number="2000000002", role=Role.STAFF)
    staff = card(role=Role.STAFF)
    for slot in SLOTS:
        mixed = card().ders() | other.ders(slot)
        assert check_card(mixed, world().anchors, world().revocations, AT).refusal is CardRefusal.INCONSISTENT
    mixed = card().ders() | staff.ders("9A")
    assert check_card(mixed, world().anchors, world().revocations, AT).refusal is CardRefusal.INCONSISTENT


def test_a_key_in_the_wrong_slot_is_inconsistent() -> None:
    swapped = card().ders() | {"9C": card().ders("9E")["9E"]}
    assert check_card(swapped, world().anchors, world().revocations, AT).refusal is CardRefusal.INCONSISTENT


def test_a_card_without_9e_cannot_be_proved_genuine() -> None:
    verdict = check_card(card().ders("9A", "9C"), world().anchors, world().revocations, AT)
    assert verdict.refusal is CardRefusal.INCONSISTENT
    assert "9E" in verdict.detail


def test_a_card_that_shows_nothing_or_nonsense() -> None:
    assert check_card({}, world().anchors, None, AT).refusal is CardRefusal.UNSUPPORTED
    assert check_card({"9F": b"x"}, world().anchors, None, AT).refusal is CardRefusal.UNSUPPORTED
    assert check_card(card().ders() | {"9A": b"nonsense"}, world().anchors, None, AT).refusal is CardRefusal.MUTE


def test_revocation_data_from_the_future_are_not_younger_than_new() -> None:
    assert Revocations(frozenset(), AT + timedelta(days=1)).age(AT) == timedelta(0)


# --- anchors ------------------------------------------------------------------------------------------


def test_anchors_come_back_from_pem() -> None:
    assert Anchors.from_pem(world().anchors.pem()) == world().anchors
    assert world().anchors.with_issuers(world().anchors.issuers) == world().anchors


@pytest.mark.parametrize(
    "pem", [b"", b"nonsense", card().certificates["9A"].public_bytes(Encoding.PEM), b"x" * 100_000]
)
def test_what_is_no_root_is_no_anchor(pem: bytes) -> None:
    assert isinstance(Anchors.from_pem(pem), Problem)


@settings(max_examples=200)
@given(st.data())
def test_changed_anchors_never_raise(data: st.DataObject) -> None:
    ders = [bytearray(der(one)) for one in (world().root.certificate, world().card_ca.certificate)]
    for _ in range(data.draw(st.integers(1, 3))):
        changed = data.draw(st.sampled_from(ders))
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    label = b"CERTIFICATE-----\n"
    pem = b"".join(b"-----BEGIN " + label + base64.encodebytes(one) + b"-----END " + label for one in ders)
    assert isinstance(Anchors.from_pem(pem), (Anchors, Problem))


def test_only_the_terminal_ca_of_our_root_certifies_terminals() -> None:
    here, other = world(), world("Other")
    anchors = here.anchors.with_issuers((other.terminal_ca.certificate, card().certificates["9A"]))
    assert terminal_issuers(anchors) == (here.terminal_ca.certificate,)


# --- hostile certificates -----------------------------------------------------------------------------


def judge(data: bytes) -> None:
    certificate = load_certificate(data)
    if isinstance(certificate, Problem):
        return
    for usage in (Usage.CARD_SIGNATURE, Usage.SEALING):
        assert isinstance(
            verify_chain(certificate, (certificate,), world().anchors, AT, usage=usage), (Trusted, Distrusted)
        )
    assert isinstance(card_certificate(certificate), (CardCertificate, Problem))


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_no_certificate(data: bytes) -> None:
    assert isinstance(load_certificate(data), Problem)
    assert check_card({"9E": data, "9A": data}, world().anchors, None, AT).refusal is CardRefusal.MUTE


@settings(max_examples=400)
@given(st.sampled_from(["9A", "9C", "9D", "9E"]), st.data())
def test_a_changed_certificate_never_raises_and_is_never_trusted(slot: str, data: st.DataObject) -> None:
    original = der(card().certificates[slot])
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(original) - 1))] = data.draw(st.integers(0, 255))
    judge(bytes(changed))
    verdict = check_card({slot: bytes(changed)}, world().anchors, None, AT)
    assert verdict.slots[slot] is not None
    if bytes(changed) != original:
        assert isinstance(verdict.slots[slot], Distrusted)


@given(st.binary(max_size=20), st.integers(0, 400))
def test_a_cut_or_lengthened_certificate_never_raises(tail: bytes, length: int) -> None:
    judge(der(card().certificates["9A"])[:length] + tail)
    judge(der(card().certificates["9A"]) + tail)


def test_a_huge_certificate_is_not_looked_at() -> None:
    problem = load_certificate(b"\x30" * 9000)
    assert isinstance(problem, Problem)
    assert problem.code is ProblemCode.TOO_LARGE


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_a_serial_number_that_is_not_positive_is_refused() -> None:
    model = card().certificates["9A"]
    width = (model.serial_number.bit_length() + 8) // 8
    original = model.serial_number.to_bytes(width, "big")
    for changed in (bytes(width - 1) + b"\x00", b"\xff" + original[1:]):
        data = der(model).replace(b"\x02" + bytes([width]) + original, b"\x02" + bytes([width]) + changed, 1)
        assert data != der(model)
        assert isinstance(load_certificate(data), Problem)


def test_extensions_twice_or_unknown_do_not_raise() -> None:
    key = new_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, CARD_NUMBER)])
    odd = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(world().card_ca.certificate.subject)
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(AT - YEAR)
        .not_valid_after(AT + YEAR)
        .add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x30\x80"), critical=True)
        .add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.32"), b"garbage"), critical=False)
        .sign(world().card_ca.key, SHA256())
    )
    judge(der(odd))


def test_a_certificate_that_can_issue_others_is_presented_for_nothing_else() -> None:
    key = new_key()
    plan = card_plan("9A", CARD_NUMBER, POLICY_OF[Role.INSURED], YEAR)
    both = replace(plan, key_usages=plan.key_usages | {"key_cert_sign"}, issues=0)
    issuer = authority("Guichet lax CA", world().root, tuple(sorted(ROLE_POLICIES)), issues=1)
    for made, expected in ((plan, Trusted), (both, Distrusted)):
        leaf = certify(made, key.public_key(), issuer, AT)
        verdict = verify_chain(leaf, (issuer.certificate,), world().anchors, AT, usage=Usage.CARD_AUTHENTICATION)
        assert isinstance(verdict, expected), verdict


@pytest.mark.parametrize("name", ["guichet-other", "", "T0007"])
def test_the_back_office_signs_under_its_own_name(name: str) -> None:
    plan = Plan(name or "x", YEAR, frozenset({"digital_signature"}), (BACK_OFFICE_SIGNING_POLICY,))
    leaf = certify(plan, new_key().public_key(), world().root, AT)
    verdict = verify_chain(leaf, (), world().anchors, AT, usage=Usage.BACK_OFFICE_SIGNING)
    assert isinstance(verdict, Distrusted)
    assert "name" in verdict.detail


# --- what is remembered --------------------------------------------------------------------------------


def test_a_certificate_seen_before_is_trusted_no_longer_and_for_nothing_else() -> None:
    """The second look is the short one, and it judges time, use and anchors as the first."""
    leaf, anchors = card().certificates["9C"], world().anchors
    for _ in range(2):
        assert isinstance(verify_chain(leaf, (), anchors, AT, usage=Usage.CARD_SIGNATURE), Trusted)
    late = verify_chain(leaf, (), anchors, AT + YEAR + timedelta(days=1), usage=Usage.CARD_SIGNATURE)
    assert isinstance(late, Distrusted)
    assert late.reason is DistrustReason.EXPIRED
    assert isinstance(verify_chain(leaf, (), anchors, AT, usage=Usage.CARD_AUTHENTICATION), Distrusted)
    assert isinstance(verify_chain(leaf, (), world("Other").anchors, AT, usage=Usage.CARD_SIGNATURE), Distrusted)


def test_by_an_attested_issuer_a_leaf_is_trusted_only_while_root_and_issuer_are() -> None:
    """A leaf that outlives its issuers: each of the three ends of validity counts, whatever was seen before."""
    key = new_key()
    long_lived = certify(
        card_plan("9C", CARD_NUMBER, POLICY_OF[Role.INSURED], 3 * YEARS), key.public_key(), world().card_ca, AT
    )
    anchors = world().anchors
    assert isinstance(verify_chain(card().certificates["9C"], (), anchors, AT, usage=Usage.CARD_SIGNATURE), Trusted)
    assert isinstance(verify_chain(long_lived, (), anchors, AT, usage=Usage.CARD_SIGNATURE), Trusted)
    ended = max(anchors.root.not_valid_after_utc, world().card_ca.certificate.not_valid_after_utc)
    assert ended < long_lived.not_valid_after_utc
    assert isinstance(
        verify_chain(long_lived, (), anchors, ended + timedelta(days=1), usage=Usage.CARD_SIGNATURE), Distrusted
    )


def test_an_attested_issuer_vouches_for_nothing_it_has_not_signed() -> None:
    anchors, good = world().anchors, card().certificates["9C"]
    assert isinstance(verify_chain(good, (), anchors, AT, usage=Usage.CARD_SIGNATURE), Trusted)
    fake = authority("Guichet card CA", None, tuple(sorted(ROLE_POLICIES)))
    forged = certify(card_plan("9C", CARD_NUMBER, POLICY_OF[Role.INSURED], YEAR), new_key().public_key(), fake, AT)
    assert isinstance(verify_chain(forged, (), anchors, AT, usage=Usage.CARD_SIGNATURE), Distrusted)
    presence = card().certificates["9E"]
    assert isinstance(verify_chain(presence, (), anchors, AT, usage=Usage.CARD_SIGNATURE), Distrusted)
