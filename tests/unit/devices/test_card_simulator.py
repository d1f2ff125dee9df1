"""The simulated PIV card against the tables of SP 800-73-4 part 2, at the APDU level."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from hypothesis import given, settings
from hypothesis import strategies as st

from devices import tlv
from devices.simulators.card import Moment, SimulatedCard
from kiosk.domain.errors import EnvironmentFault
from tests.card_bench import FULL_ID, PIN, PUK, CardPlan, issue, key

if TYPE_CHECKING:
    from pathlib import Path

SELECT = bytes.fromhex("00A404000B" + FULL_ID + "00")
STATUS = bytes.fromhex("00200080")
RSA_CARD = {"9A": "RSA-2048", "9C": "RSA-2048", "9D": "P-256", "9E": "P-256"}


def block(pin: str) -> bytes:
    return pin.encode().ljust(8, b"\xff")


def verify(pin: str) -> bytes:
    return bytes.fromhex("0020008008") + block(pin)


def get(tag: str) -> bytes:
    name = bytes.fromhex(tag)
    request = tlv.encode(0x5C, name)
    return bytes.fromhex("00CB3FFF") + bytes([len(request)]) + request + b"\x00"


def authenticate(algorithm: int, slot: int, template: bytes) -> bytes:
    return bytes([0x00, 0x87, algorithm, slot, len(template)]) + template + b"\x00"


def signing_template(data: bytes) -> bytes:
    return tlv.encode(0x7C, tlv.encode(0x82) + tlv.encode(0x81, data))


def powered(card: SimulatedCard) -> SimulatedCard:
    card.power_up()
    assert sw(card, SELECT) == "9000"
    return card


def send(card: SimulatedCard, command: bytes) -> bytes:
    response = card.transmit(command)
    assert response is not None
    return response


def sw(card: SimulatedCard, command: bytes) -> str:
    return send(card, command)[-2:].hex()


def whole(card: SimulatedCard, command: bytes) -> bytes:
    response = send(card, command)
    data = response[:-2]
    while response[-2] == 0x61:
        response = send(card, bytes([0, 0xC0, 0, 0, response[-1]]))
        data += response[:-2]
    assert response[-2:] == b"\x90\x00"
    return data


@pytest.fixture
def card() -> SimulatedCard:
    return powered(issue(CardPlan()))


def test_atr_is_well_formed() -> None:
    atr = issue(CardPlan()).power_up()

    assert atr is not None
    check = 0
    for byte in atr[1:]:
        check ^= byte
    assert (atr[0], check, atr[1] & 0x0F) == (0x3B, 0, len(atr) - 7)


@pytest.mark.parametrize(("short", "name"), [(False, FULL_ID), (True, FULL_ID[10:])])
def test_select_names_the_application_in_eleven_or_six_bytes(short: bool, name: str) -> None:
    card = issue(CardPlan(changes={"short_select_answer": short}))
    card.power_up()

    answer = whole(card, SELECT)

    assert tlv.find(answer, 0x61, 0x4F) == bytes.fromhex(name)
    assert tlv.find(answer, 0x61, 0x79, 0x4F) == bytes.fromhex(FULL_ID)[:5]


@pytest.mark.parametrize("name", ["A00000030800001000", "A000000308"])
def test_select_by_a_name_cut_on_the_right(name: str) -> None:
    card = issue(CardPlan())
    card.power_up()

    assert sw(card, bytes.fromhex("00A40400") + bytes([len(name) // 2]) + bytes.fromhex(name)) == "9000"


def test_another_application_is_not_found_and_leaves_the_selection(card: SimulatedCard) -> None:
    assert sw(card, bytes.fromhex("00A4040005A000000151")) == "6a82"
    assert sw(card, get("5FC102")) == "9000"


def test_nothing_works_before_select() -> None:
    card = issue(CardPlan())
    card.power_up()

    assert sw(card, get("5FC105")) == "6985"
    assert sw(card, verify(PIN)) == "6985"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("00", "6700"),
        ("00CB3FFF055C035FC1", "6700"),
        ("00CB3FFF00000501", "6700"),  # extended length, which the card does not announce
        ("80CB3FFF055C035FC105", "6e00"),
        ("00DB3FFF055C035FC105", "6d00"),
        ("00CB3F00055C035FC105", "6a86"),
        ("00CB3FFF055D035FC105", "6a80"),
        ("00CB3FFF055C035FC1AA", "6a82"),
        ("00C00000", "6985"),
        ("0020008100", "6a88"),
        ("00200180", "6a86"),
        ("008711AA00", "6a86"),
        ("0087119E027C00", "6a80"),
        ("0087079E027C00", "6a86"),
    ],
)
def test_refusals(card: SimulatedCard, command: str, status: str) -> None:
    assert sw(card, bytes.fromhex(command)) == status


def test_long_objects_come_in_parts(card: SimulatedCard) -> None:
    first = send(card, get("5FC105"))

    assert first[-2] == 0x61
    assert whole(card, get("5FC105")) == card.file.objects["5FC105"]


@pytest.mark.parametrize("limit", [3, 5, 15])
def test_pin_counts_down_blocks_and_is_unblocked_by_the_puk(limit: int, tmp_path: Path) -> None:
    card = powered(issue(CardPlan(changes={"pin_limit": limit, "pin_tries": limit}), tmp_path))

    seen = [sw(card, verify("000000")) for _ in range(limit)]

    assert seen == [f"63c{left:x}" for left in range(limit - 1, -1, -1)]
    assert (sw(card, verify(PIN)), sw(card, STATUS)) == ("6983", "6983")
    unblock = bytes.fromhex("002C008010") + block(PUK) + block("271828")
    assert sw(card, unblock) == "9000"
    assert (sw(card, STATUS), sw(card, verify("271828")), sw(card, STATUS)) == (f"63c{limit:x}", "9000", "9000")
    assert SimulatedCard.load(tmp_path / "marie.json").file.pin == "271828"


def test_counters_survive_the_card_and_a_right_pin_restores_them(tmp_path: Path) -> None:
    path = tmp_path / "marie.json"
    card = powered(issue(CardPlan(), tmp_path))
    assert sw(card, verify("000000")) == "63c2"

    again = powered(SimulatedCard.load(path))

    assert sw(again, STATUS) == "63c2"
    assert sw(again, verify(PIN)) == "9000"
    assert json.loads(path.read_text())["pin_tries"] == 3
    assert [entry.name for entry in tmp_path.iterdir()] == ["marie.json"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("bad", ["12345", "abcdef", "123456789"])
def test_a_pin_of_wrong_form_costs_no_try(card: SimulatedCard, bad: str) -> None:
    data = block(bad)

    assert sw(card, bytes.fromhex("00200080") + bytes([len(data)]) + data) == "6a80"
    assert sw(card, STATUS) == "63c3"


def test_wrong_puk_blocks_too(card: SimulatedCard) -> None:
    wrong = bytes.fromhex("002C008010") + block("00000000") + block("271828")

    assert [sw(card, wrong) for _ in range(4)] == ["63c2", "63c1", "63c0", "6983"]


def test_pin_and_puk_change(card: SimulatedCard) -> None:
    change_pin = bytes.fromhex("0024008010") + block(PIN) + block("112233")
    change_puk = bytes.fromhex("0024008110") + block(PUK) + block("87654321")

    assert sw(card, bytes.fromhex("0024008010") + block("000000") + block("112233")) == "63c2"
    assert (sw(card, change_pin), sw(card, change_puk)) == ("9000", "9000")
    assert (card.file.pin, card.file.puk) == ("112233", "87654321")
    assert sw(card, STATUS) == "9000"


def test_forget_the_pin(card: SimulatedCard) -> None:
    sw(card, verify(PIN))

    assert sw(card, bytes.fromhex("0020FF80")) == "9000"
    assert sw(card, STATUS) == "63c3"


def test_reset_forgets_the_pin_and_the_selection(card: SimulatedCard) -> None:
    sw(card, verify(PIN))
    card.power_up()

    assert sw(card, STATUS) == "6985"
    powered(card)
    assert sw(card, STATUS) == "63c3"


def test_name_is_read_after_the_pin_only(card: SimulatedCard) -> None:
    assert sw(card, get("5FC109")) == "6982"
    sw(card, verify(PIN))
    assert "Novotná".encode() in whole(card, get("5FC109"))


def test_each_slot_keeps_its_pin_rule(card: SimulatedCard) -> None:
    def ask(slot: int) -> str:
        return sw(card, authenticate(0x11, slot, signing_template(bytes(32))))

    assert (ask(0x9E), ask(0x9A), ask(0x9C)) == ("9000", "6982", "6982")
    sw(card, verify(PIN))
    assert (ask(0x9C), ask(0x9C)) == ("9000", "6982")  # once per PIN
    assert ask(0x9A) == "9000"
    sw(card, verify(PIN))
    sw(card, get("5FC102"))
    assert ask(0x9C) == "6982"  # something else came in between


def test_a_card_may_let_9c_sign_without_a_fresh_pin() -> None:
    card = powered(issue(CardPlan(changes={"fresh_pin_for_9c": False})))
    sw(card, verify(PIN))

    assert [sw(card, authenticate(0x11, 0x9C, signing_template(bytes(32)))) for _ in range(2)] == ["9000", "9000"]


def test_p256_signature_fits_the_key(card: SimulatedCard) -> None:
    digest = bytes(range(32))

    answer = whole(card, authenticate(0x11, 0x9E, signing_template(digest)))

    public = key("marie 9E").public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    signature = tlv.find(answer, 0x7C, 0x82)
    assert signature is not None
    public.verify(signature, digest, ec.ECDSA(Prehashed(hashes.SHA256())))


def test_rsa_signature_and_decipherment_over_a_chained_command() -> None:
    card = powered(issue(CardPlan(name="karel", algorithms=RSA_CARD)))
    public = key("karel 9A", "RSA-2048").public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    sw(card, verify(PIN))
    secret = public.encrypt(b"for the card", padding.PKCS1v15())
    template = signing_template(secret)

    assert sw(card, bytes.fromhex("1087079AFF") + template[:255]) == "9000"
    rest = template[255:]
    answer = whole(card, bytes([0, 0x87, 0x07, 0x9A, len(rest)]) + rest + b"\x00")

    plain = tlv.find(answer, 0x7C, 0x82)
    assert plain is not None
    assert plain.startswith(b"\x00\x02")
    assert plain.endswith(b"\x00for the card")


def test_a_broken_chain_starts_again() -> None:
    card = powered(issue(CardPlan(name="karel", algorithms=RSA_CARD)))
    sw(card, verify(PIN))
    sw(card, bytes.fromhex("1087079AFF") + bytes(255))

    assert sw(card, get("5FC102")) == "9000"
    assert sw(card, authenticate(0x07, 0x9A, signing_template(bytes(32)))) == "6a80"


def test_key_agreement_gives_the_x_coordinate(card: SimulatedCard) -> None:
    mine = ec.generate_private_key(ec.SECP256R1())
    numbers = mine.public_key().public_numbers()
    point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    sw(card, verify(PIN))

    answer = whole(card, authenticate(0x11, 0x9D, tlv.encode(0x7C, tlv.encode(0x82) + tlv.encode(0x85, point))))

    public = key("marie 9D").public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert tlv.find(answer, 0x7C, 0x82) == mine.exchange(ec.ECDH(), public)


def test_a_point_off_the_curve_is_refused(card: SimulatedCard) -> None:
    sw(card, verify(PIN))
    template = tlv.encode(0x7C, tlv.encode(0x82) + tlv.encode(0x85, b"\x04" + bytes(63) + b"\x01"))

    assert sw(card, authenticate(0x11, 0x9D, template)) == "6a80"


def test_management_key_gives_a_challenge_and_takes_no_answer(card: SimulatedCard) -> None:
    first = tlv.find(whole(card, bytes.fromhex("0087039B047C02810000")), 0x7C, 0x81)
    second = tlv.find(whole(card, bytes.fromhex("0087039B047C02810000")), 0x7C, 0x81)

    assert first is not None
    assert len(first) == 8
    assert first != second
    assert sw(card, bytes.fromhex("0087039B0C7C0A8208") + bytes(8) + b"\x00") == "6982"


def test_mute_and_garbage() -> None:
    mute = issue(CardPlan(changes={"fault": "mute"}))
    garbage = issue(CardPlan(changes={"fault": "garbage"}))

    assert mute.power_up() is None
    assert mute.transmit(SELECT) is None
    assert garbage.power_up()
    answers = [send(garbage, get("5FC105")) for _ in range(20)]
    assert len(set(answers)) == 20


@pytest.mark.parametrize("algorithms", [CardPlan().algorithms, RSA_CARD])
def test_armed_before_a_signature_no_signature_comes(algorithms: dict[str, str]) -> None:
    card = powered(issue(CardPlan(name="armed", algorithms=algorithms)))
    card.arm(Moment.BEFORE_SIGNATURE, card.leave)
    algorithm, data = (0x07, b"\x00" + bytes(255)) if "RSA" in algorithms["9C"] else (0x11, bytes(32))
    sw(card, verify(PIN))
    template = signing_template(data)
    last = template
    if len(template) > 255:
        assert card.transmit(bytes([0x10, 0x87, algorithm, 0x9C, 255]) + template[:255]) == b"\x90\x00"
        last = template[255:]

    assert card.transmit(bytes([0x00, 0x87, algorithm, 0x9C, len(last)]) + last + b"\x00") is None


@pytest.mark.parametrize("algorithms", [CardPlan().algorithms, RSA_CARD])
def test_armed_after_a_signature_the_whole_of_it_is_out_first(algorithms: dict[str, str]) -> None:
    card = powered(issue(CardPlan(name="armed", algorithms=algorithms)))
    happened: list[int] = []
    card.arm(Moment.AFTER_SIGNATURE, lambda: happened.append(card.commands))
    algorithm, data = (0x07, b"\x00" + bytes(255)) if "RSA" in algorithms["9C"] else (0x11, bytes(32))
    sw(card, verify(PIN))
    template = signing_template(data)
    if len(template) > 255:
        send(card, bytes([0x10, 0x87, algorithm, 0x9C, 255]) + template[:255])
        template = template[255:]
    response = send(card, bytes([0x00, 0x87, algorithm, 0x9C, len(template)]) + template + b"\x00")
    card.response_delivered()
    while response[-2] == 0x61:
        assert not happened
        response = send(card, bytes([0, 0xC0, 0, 0, response[-1]]))
        card.response_delivered()

    assert happened == [card.commands]
    card.response_delivered()
    assert len(happened) == 1


def test_traces_hold_no_pin(card: SimulatedCard) -> None:
    seen: list[bytes] = []
    card.trace = lambda command, response: seen.append(command + response)

    sw(card, verify(PIN))
    sw(card, bytes.fromhex("0024008010") + block(PIN) + block("112233"))

    assert len(seen) == 2
    assert not [one for one in seen if PIN.encode() in one or b"112233" in one]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": 2}, "format"),
        ({"pin": "12a456"}, "pin"),
        ({"pin_limit": 2}, "pin_limit"),
        ({"pin_tries": 99}, "pin_tries"),
        ({"fault": "sleepy"}, "fault"),
        ({"application_id": "xyz"}, "hexadecimal"),
        ({"keys": {"9X": {"algorithm": "P-256", "private_key": ""}}}, "9X"),
        ({"keys": {"9A": {"algorithm": "P-256", "private_key": "nonsense"}}}, "PEM"),
    ],
)
def test_a_wrong_card_file_is_refused_with_its_name_and_the_place(
    change: dict[str, object], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "marie.json"
    issue(CardPlan(), tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))

    with pytest.raises(EnvironmentFault) as refused:
        SimulatedCard.load(path)

    assert str(path) in refused.value.what
    assert told in refused.value.what


def test_a_missing_or_torn_card_file_is_refused(tmp_path: Path) -> None:
    torn = tmp_path / "torn.json"
    torn.write_text('{"format": 1,')

    for path in (torn, tmp_path / "nobody.json"):
        with pytest.raises(EnvironmentFault, match=path.name):
            SimulatedCard.load(path)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=6))
def test_any_commands_are_answered_with_a_status_word(commands: list[bytes]) -> None:
    card = powered(issue(CardPlan()))

    for command in commands:
        response = send(card, command)
        assert len(response) >= 2
        assert response[-2] >> 4 in (6, 9)
