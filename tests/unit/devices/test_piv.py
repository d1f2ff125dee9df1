"""The PIV profile against the simulated card: what it reads, signs and agrees, and what it says of cards that differ."""

from __future__ import annotations

import gzip
import zlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from devices import tlv
from devices.pin_pad import HandedPin
from devices.profiles.piv import (
    PIN_POLICY,
    Absent,
    Agreed,
    NotPiv,
    PivCard,
    PublicKey,
    Selected,
    algorithm_name,
    verifies,
)
from devices.simulators.in_process import InProcessTransport
from devices.simulators.slot import SimulatedSlot
from kiosk.domain.card import CardFault, PinNeeded, Signed
from tests.card_bench import FULL_ID, PIN, CardPlan, certificate_object, issue, key

MESSAGE = b"what the holder signs"


def transport_of(plan: CardPlan) -> InProcessTransport:
    slot = SimulatedSlot("visitor")
    slot.insert(issue(plan))
    transport = InProcessTransport(slot)
    transport.connect()
    return transport


def piv(plan: CardPlan | None = None, *, pin: bool = False) -> PivCard:
    transport = transport_of(plan or CardPlan())
    card = PivCard(transport)
    assert isinstance(card.select(), Selected)
    if pin:
        HandedPin(transport, PIN).verify(PIN_POLICY, 1, lambda _: None)
    return card


def public(name: str, algorithm: str = "P-256") -> PublicKey:
    return key(name, algorithm).public_key()


@pytest.mark.parametrize(("short", "told"), [(False, FULL_ID), (True, FULL_ID[10:])])
def test_select_tells_the_id_as_the_card_does(short: bool, told: str) -> None:
    card = PivCard(transport_of(CardPlan(changes={"short_select_answer": short})))

    assert card.select() == Selected(bytes.fromhex(told), bytes.fromhex(FULL_ID))


@pytest.mark.parametrize("known_as", ["A00000030800001000", "A000000308"])
def test_select_falls_back_to_shorter_names(known_as: str) -> None:
    card = PivCard(transport_of(CardPlan(changes={"application_id": known_as})))
    selected = card.select()

    assert isinstance(selected, Selected)
    assert selected.asked_by == bytes.fromhex(known_as)


def test_another_card_is_not_piv() -> None:
    assert PivCard(transport_of(CardPlan(changes={"application_id": "A000000151000000"}))).select() == NotPiv(0x6A82)


@pytest.mark.parametrize("compressed", [(), ("9A",)])
def test_certificates_packed_or_not(compressed: tuple[str, ...]) -> None:
    der = piv(CardPlan(compressed=compressed)).read_certificate("9A")

    assert isinstance(der, bytes)
    assert x509.load_der_x509_certificate(der).public_key() == public("marie 9A")


def test_a_packed_certificate_that_is_not_marked_so_is_unpacked_too() -> None:
    plain = piv().read_certificate("9A")
    assert isinstance(plain, bytes)
    unmarked = tlv.encode(0x53, tlv.encode(0x70, gzip.compress(plain, mtime=0)) + tlv.encode(0x71, b"\x00"))
    raw_zlib = tlv.encode(0x53, tlv.encode(0x70, zlib.compress(plain)) + tlv.encode(0x71, b"\x01"))

    for stored in (unmarked, raw_zlib):
        card = piv()
        slot_card = card._transport._slot.card  # type: ignore[attr-defined]
        slot_card.file.objects["5FC105"] = stored
        assert card.read_certificate("9A") == plain


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        tlv.encode(0x53),
        tlv.encode(0x53, tlv.encode(0x71, b"\x00")),
        tlv.encode(0x53, tlv.encode(0x70) + tlv.encode(0x71)),
        tlv.encode(0x53, tlv.encode(0x70, b"\x1f\x8bnonsense") + tlv.encode(0x71, b"\x01")),
        certificate_object(bytes(60_000), compressed=True),  # unpacks to more than a certificate can be
        certificate_object(bytes(600), compressed=True)[:-9] + tlv.encode(0x71, b"\x01"),
    ],
    ids=["nothing", "empty", "no certificate", "empty certificate", "no gzip", "too much", "cut short"],
)
def test_a_certificate_that_is_none_is_absent_with_a_reason(stored: bytes) -> None:
    card = piv()
    slot_card = card._transport._slot.card  # type: ignore[attr-defined]
    slot_card.file.objects["5FC105"] = stored

    absent = card.read_certificate("9A")

    assert isinstance(absent, Absent)
    assert absent.reason


def test_tries_are_read_without_costing_one() -> None:
    card = piv(CardPlan(changes={"pin_limit": 15, "pin_tries": 11}))

    assert [card.pin_tries(), card.pin_tries()] == [11, 11]
    assert piv(CardPlan(changes={"pin_tries": 0})).pin_tries() == 0
    assert piv(pin=True).pin_tries() is None


def test_es256_in_the_form_of_jose() -> None:
    signed = piv().sign("9E", public("marie 9E"), MESSAGE)

    assert isinstance(signed, Signed)
    assert len(signed.signature) == 64
    r, s = (int.from_bytes(signed.signature[at : at + 32], "big") for at in (0, 32))
    public_key = public("marie 9E")
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    public_key.verify(encode_dss_signature(r, s), MESSAGE, ec.ECDSA(hashes.SHA256()))


def test_rs256_in_the_form_of_jose() -> None:
    plan = CardPlan(name="karel", algorithms={"9A": "RSA-2048", "9C": "RSA-2048", "9D": "P-256", "9E": "P-256"})
    signed = piv(plan, pin=True).sign("9A", public("karel 9A", "RSA-2048"), MESSAGE)

    assert isinstance(signed, Signed)
    public_key = public("karel 9A", "RSA-2048")
    assert isinstance(public_key, rsa.RSAPublicKey)
    public_key.verify(signed.signature, MESSAGE, padding.PKCS1v15(), hashes.SHA256())


def test_sign_without_the_pin_says_so() -> None:
    assert piv().sign("9A", public("marie 9A"), MESSAGE) == PinNeeded()


def test_a_signature_by_another_key_is_a_fault() -> None:
    fault = piv().sign("9E", public("somebody else"), MESSAGE)

    assert isinstance(fault, CardFault)
    assert "does not fit" in fault.detail


def test_an_algorithm_that_the_key_does_not_have_is_a_fault() -> None:
    fault = piv(pin=True).sign("9A", public("karel 9A", "RSA-2048"), MESSAGE)

    assert fault == CardFault("9A: status word 6A86 to GENERAL AUTHENTICATE")


def test_keys_off_the_list_do_not_sign() -> None:
    brainpool = ec.generate_private_key(ec.BrainpoolP256R1()).public_key()

    assert isinstance(piv().sign("9E", brainpool, MESSAGE), CardFault)
    assert not verifies(brainpool, b"x", MESSAGE)


def test_agreement() -> None:
    mine = ec.generate_private_key(ec.SECP256R1())
    numbers = mine.public_key().public_numbers()
    point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    theirs = public("marie 9D")
    assert isinstance(theirs, ec.EllipticCurvePublicKey)

    assert piv(pin=True).agree(theirs, point) == Agreed(mine.exchange(ec.ECDH(), theirs))
    assert piv().agree(theirs, point) == PinNeeded()
    assert isinstance(piv(pin=True).agree(theirs, point[:-1]), CardFault)
    assert isinstance(piv(pin=True).agree(theirs, b"\x04" + bytes(64)), CardFault)
    assert isinstance(piv(pin=True).agree(public("karel 9A", "RSA-2048"), point), CardFault)


def test_the_name_behind_the_pin() -> None:
    assert piv().read_holder() == Absent("status word 6982")
    assert piv(pin=True).read_holder() == "Marie Novotná"
    assert isinstance(piv(CardPlan(missing=("5FC109",)), pin=True).read_holder(), Absent)
    assert isinstance(piv(CardPlan(holder="Marie\x1b[2J"), pin=True).read_holder(), Absent)
    assert isinstance(piv(CardPlan(holder="x" * 300), pin=True).read_holder(), Absent)


def test_kinds_of_keys_have_names() -> None:
    assert algorithm_name(public("marie 9A")) == "P-256"
    assert algorithm_name(public("karel 9A", "RSA-2048")) == "RSA-2048"
    assert algorithm_name(ec.generate_private_key(ec.SECP521R1()).public_key()) == "secp521r1"
