"""A visitor's card: examined, PIN, signed; each refusal its own; and hostile cards that change nothing."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.card_session import STAFF_ROLES, CardSession, public_key
from devices.pin_pad import HandedPin
from devices.profiles.piv import PIN_POLICY, Agreed, verifies
from devices.simulators.card import Moment
from devices.simulators.in_process import InProcessTransport
from devices.simulators.slot import SimulatedSlot
from devices.transport import FaultKind, TransportFault
from kiosk.domain import card as outcomes
from kiosk.domain.card import CardRefusal, Genuine, Pulled, RefusedCard, Role, Signed
from kiosk.wire.trust import Revocations
from tests.card_bench import (
    AT,
    CERTIFICATE_OF,
    EMPLOYER,
    PIN,
    STAFF,
    TECHNICIAN,
    CardPlan,
    authority,
    card_in,
    issue,
    type_when_asked,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from devices.transport import Connected, Silence

NOBODY_REVOKED = Revocations(frozenset(), AT)
ANCHORS = authority().pem
RSA = {"9A": "RSA-2048", "9C": "RSA-2048", "9D": "P-256", "9E": "P-256"}


def token(size: int) -> bytes:
    return bytes(range(size))


def session_of(plan: CardPlan | None = None, **options: object) -> tuple[CardSession, SimulatedSlot]:
    slot = SimulatedSlot("visitor")
    slot.insert(issue(plan or CardPlan()))
    return CardSession(InProcessTransport(slot), token, **options), slot  # type: ignore[arg-type]


def examine(session: CardSession, revocations: Revocations | None = NOBODY_REVOKED) -> outcomes.CardExamined:
    return session.examine(ANCHORS, revocations, AT)


def with_pin(session: CardSession, slot: SimulatedSlot) -> CardSession:
    type_when_asked(slot, *PIN, "enter")
    assert session.verify_pin(20) == outcomes.PinAccepted()
    return session


def ready(plan: CardPlan | None = None) -> tuple[CardSession, SimulatedSlot]:
    session, slot = session_of(plan)
    assert isinstance(examine(session), Genuine)
    return session, slot


# --- examination ----------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithms", [CardPlan().algorithms, RSA], ids=["P-256", "RSA"])
def test_a_card_of_the_scheme(algorithms: dict[str, str]) -> None:
    session, _ = session_of(CardPlan(algorithms=algorithms))

    assert examine(session) == Genuine(outcomes.CardIdentity("1000000017", Role.INSURED, 3))


def test_what_a_card_cannot_do_is_known_at_once() -> None:
    session, _ = session_of(CardPlan(missing=("9C", "9D")))

    assert examine(session) == Genuine(outcomes.CardIdentity("1000000017", Role.INSURED, 3, signs=False, agrees=False))


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        (CardPlan(changes={"fault": "mute"}), CardRefusal.MUTE),
        (CardPlan(changes={"fault": "garbage"}), CardRefusal.MUTE),
        (CardPlan(changes={"application_id": "A000000151000000"}), CardRefusal.UNSUPPORTED),
        (CardPlan(missing=("9A", "9C", "9D", "9E")), CardRefusal.UNSUPPORTED),
        (CardPlan(name="stranger", authority=authority("Another")), CardRefusal.UNKNOWN_ISSUER),
        (CardPlan(missing=("9E",)), CardRefusal.INCONSISTENT),
        (CardPlan(numbers={"9C": "1000000025"}), CardRefusal.INCONSISTENT),
        (CardPlan(numbers={"9D": "1000000025"}), CardRefusal.INCONSISTENT),
        (CardPlan(numbers={"9E": "1000000025"}), CardRefusal.INCONSISTENT),
        (CardPlan(policy=None), CardRefusal.INCONSISTENT),
        (CardPlan(valid=(AT - timedelta(days=9), AT - timedelta(days=1))), CardRefusal.EXPIRED),
        (CardPlan(valid=(AT + timedelta(days=1), AT + timedelta(days=9))), CardRefusal.EXPIRED),
        (CardPlan(policy=STAFF), CardRefusal.WRONG_ROLE),
        (CardPlan(policy=TECHNICIAN), CardRefusal.WRONG_ROLE),
    ],
    ids=lambda value: value.value if isinstance(value, CardRefusal) else "",
)
def test_each_refusal_is_its_own(plan: CardPlan, reason: CardRefusal) -> None:
    session, _ = session_of(plan)

    assert examine(session) == RefusedCard(reason)
    assert session.detail


def test_employers_are_visitors_and_staff_have_their_own_slot() -> None:
    employer, _ = session_of(CardPlan(policy=EMPLOYER))
    staff, _ = session_of(CardPlan(policy=STAFF), roles=STAFF_ROLES)
    visitor_in_staff_slot, _ = session_of(CardPlan(), roles=STAFF_ROLES)

    assert isinstance(examine(employer), Genuine)
    assert isinstance(examine(staff), Genuine)
    assert examine(visitor_in_staff_slot) == RefusedCard(CardRefusal.WRONG_ROLE)


def test_a_copied_certificate_without_its_key_is_not_genuine() -> None:
    session, slot = session_of(CardPlan(name="copy"))
    original = issue(CardPlan())
    card_in(slot).file = replace(card_in(slot).file, objects=original.file.objects)

    assert examine(session) == RefusedCard(CardRefusal.NOT_GENUINE)
    assert "does not fit" in session.detail


def test_a_card_whose_9e_wants_a_pin_is_not_genuine() -> None:
    transport = Meddling(lambda command, answer: b"\x69\x82" if command[1] == 0x87 else answer)

    assert examine(CardSession(transport, token)) == RefusedCard(CardRefusal.NOT_GENUINE)


@pytest.mark.parametrize("slot_name", ["9A", "9C", "9D", "9E"])
def test_any_revoked_certificate_revokes_the_card(slot_name: str) -> None:
    session, slot = session_of()
    stored = card_in(slot).file.objects[CERTIFICATE_OF[slot_name]]
    certificate = x509.load_der_x509_certificate(stored[stored.index(b"\x30\x82") :][:-5])

    revoked = Revocations(frozenset({certificate.serial_number}), AT)

    assert examine(session, revoked) == RefusedCard(CardRefusal.REVOKED)


def test_without_revocation_data_the_card_is_judged_by_the_rest() -> None:
    session, _ = session_of()

    assert isinstance(examine(session, None), Genuine)


def test_broken_trust_anchors_trust_nobody() -> None:
    session, _ = session_of()

    assert session.examine(b"nonsense", NOBODY_REVOKED, AT) == RefusedCard(CardRefusal.UNKNOWN_ISSUER)


def test_each_challenge_is_the_tokens() -> None:
    asked: list[int] = []
    slot = SimulatedSlot("visitor")
    slot.insert(issue(CardPlan()))

    def counting(size: int) -> bytes:
        asked.append(size)
        return token(size)

    examine(CardSession(InProcessTransport(slot), counting))

    assert asked == [32]


def test_tries_left_are_told_and_a_pin_left_shown_is_forgotten() -> None:
    session, _ = session_of(CardPlan(changes={"pin_tries": 1}))
    identity = examine(session)
    assert isinstance(identity, Genuine)
    assert identity.identity.pin_tries_left == 1

    slot = SimulatedSlot("visitor")
    slot.insert(issue(CardPlan()))
    leaving = InProcessTransport(slot)
    session = CardSession(leaving, token)
    leaving.connect()
    connect = leaving.connect
    held: list[Connected | Silence] = [connect()]
    leaving.transmit(bytes.fromhex("00A4040005A00000030800"))
    HandedPin(leaving, PIN).verify(PIN_POLICY, 1, lambda _: None)
    leaving.connect = lambda: held.pop() if held else connect()  # type: ignore[method-assign]
    identity = examine(session)

    assert isinstance(identity, Genuine)
    assert identity.identity.pin_tries_left == 3


# --- PIN and keys ---------------------------------------------------------------------------------


def test_the_name_is_read_after_the_pin_only() -> None:
    session, slot = ready()

    assert session.read_holder() is None
    assert with_pin(session, slot).read_holder() == "Marie Novotná"


def test_no_name_while_only_the_card_holds_the_pin_for_shown() -> None:
    session, slot = ready()
    transport = session._transport
    HandedPin(transport, PIN).verify(PIN_POLICY, 1, lambda _: None)

    assert session.read_holder() is None
    assert with_pin(session, slot).read_holder() == "Marie Novotná"


@pytest.mark.parametrize("algorithms", [CardPlan().algorithms, RSA], ids=["P-256", "RSA"])
@pytest.mark.parametrize("slot_name", ["9A", "9C"])
def test_signatures_fit_the_certificate_shown(algorithms: dict[str, str], slot_name: str) -> None:
    session, slot = ready(CardPlan(name="karel", algorithms=algorithms))
    with_pin(session, slot)

    signed = session.sign(slot_name, b"message")

    der = session.certificate(slot_name)
    assert isinstance(signed, Signed)
    assert der is not None
    key = public_key(der)
    assert key is not None
    if isinstance(key, ec.EllipticCurvePublicKey):
        halves = (int.from_bytes(signed.signature[at : at + 32], "big") for at in (0, 32))
        assert verifies(key, encode_dss_signature(*halves), b"message")
    else:
        assert verifies(key, signed.signature, b"message")


@pytest.mark.parametrize("fresh_pin_for_9c", [True, False])
@pytest.mark.parametrize(
    "between",
    [
        None,
        lambda session: session.sign("9C", b"the first one"),
        lambda session: session.sign("9A", b"a question"),
        lambda session: session.read_holder(),
        lambda session: session.agree(b"\x04" + bytes(64)),
    ],
    ids=["nothing", "sign 9C", "sign 9A", "read_holder", "agree"],
)
def test_9c_needs_the_pin_right_before_whatever_the_card_thinks(
    fresh_pin_for_9c: bool, between: Callable[[CardSession], object] | None
) -> None:
    session, slot = ready(CardPlan(changes={"fresh_pin_for_9c": fresh_pin_for_9c}))
    assert session.sign("9C", b"message") == outcomes.PinNeeded()
    with_pin(session, slot)
    if between:
        between(session)
    before = card_in(slot).commands

    signed = session.sign("9C", b"message")

    if between:
        assert signed == outcomes.PinNeeded()
        assert card_in(slot).commands == before  # the card was not even asked
    else:
        assert isinstance(signed, Signed)


def test_asking_for_a_certificate_read_before_costs_no_freshness() -> None:
    session, slot = ready()
    with_pin(session, slot)
    assert session.certificate("9C")

    assert isinstance(session.sign("9C", b"message"), Signed)


def test_a_wrong_pin_right_after_takes_the_freshness_away() -> None:
    session, slot = ready(CardPlan(changes={"fresh_pin_for_9c": False}))
    with_pin(session, slot)
    type_when_asked(slot, *"000000", "enter")

    assert session.verify_pin(20) == outcomes.PinWrong(2)
    assert session.sign("9C", b"message") == outcomes.PinNeeded()


def test_9a_before_the_pin_says_so_and_missing_keys_are_faults() -> None:
    session, slot = ready(CardPlan(missing=("9C", "9D")))

    assert session.sign("9A", b"question") == outcomes.PinNeeded()
    with_pin(session, slot)
    assert isinstance(session.sign("9C", b"act"), outcomes.CardFault)
    assert isinstance(session.agree(b"\x04" + bytes(64)), outcomes.CardFault)
    assert session.certificate("9C") is None
    assert session.certificate("77") is None
    assert isinstance(session.sign("77", b"act"), outcomes.CardFault)


def test_agreement_opens_what_was_sealed_to_the_card() -> None:
    session, slot = ready()
    mine = ec.generate_private_key(ec.SECP256R1())
    numbers = mine.public_key().public_numbers()
    point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    der = session.certificate("9D")
    assert der is not None
    theirs = public_key(der)
    assert isinstance(theirs, ec.EllipticCurvePublicKey)

    with_pin(session, slot)

    assert session.agree(point) == Agreed(mine.exchange(ec.ECDH(), theirs))


def test_finish_leaves_no_pin_behind() -> None:
    session, slot = ready()
    with_pin(session, slot)
    session.finish()

    assert session.read_holder() is None
    assert session.certificate("9A") is None
    other = InProcessTransport(slot)
    other._connected = slot.insertion  # another program that never resets
    other.transmit(bytes.fromhex("00A4040005A00000030800"))
    assert other.transmit(bytes.fromhex("00200080")) == b"\x63\xc3"


def test_the_session_takes_the_next_card() -> None:
    session, slot = ready()
    with_pin(session, slot)
    session.finish()
    slot.insert(issue(CardPlan(name="josef", number="1000000025", holder="Josef Dvořák")))

    identity = examine(session)

    assert isinstance(identity, Genuine)
    assert identity.identity.number == "1000000025"
    assert session.sign("9A", b"question") == outcomes.PinNeeded()


# --- pulled -----------------------------------------------------------------------------------------


def test_an_empty_slot_is_pulled_for_everything() -> None:
    session, slot = ready()
    with_pin(session, slot)
    slot.remove()

    assert session.sign("9C", b"message") == Pulled()
    assert session.sign("9A", b"message") == Pulled()
    assert session.agree(b"\x04" + bytes(64)) == Pulled()
    assert session.verify_pin(20) == Pulled()
    assert session.read_holder() is None
    assert examine(session) == Pulled()


def test_a_card_put_back_is_not_the_card_of_the_session() -> None:
    session, slot = ready()
    with_pin(session, slot)
    card = slot.remove()
    assert card
    slot.insert(card)

    assert session.sign("9C", b"message") == Pulled()


@pytest.mark.parametrize("moment", Moment)
def test_pulled_around_the_signature(moment: Moment) -> None:
    session, slot = ready()
    with_pin(session, slot)
    slot.arm_pull(moment)

    signed = session.sign("9C", b"message")

    assert isinstance(signed, Pulled if moment is Moment.BEFORE_SIGNATURE else Signed)
    assert slot.card is None


def test_pulled_at_every_single_command_of_the_examination() -> None:
    _, slot = ready()
    commands = card_in(slot).commands
    for nth in range(commands + 1):
        transport = Meddling()

        def pull(
            command: bytes, answer: bytes | Silence, transport: Meddling = transport, nth: int = nth
        ) -> bytes | Silence:
            return Pulled() if len(transport.sent) > nth else answer

        transport.change = pull
        outcome = examine(CardSession(transport, token))
        assert outcome == Pulled() if nth < commands else isinstance(outcome, Genuine)


def test_cancelling_from_another_thread() -> None:
    session, slot = ready()

    def cancel() -> None:
        if slot.pad.wait_entering(20):
            session.cancel_pin()

    threading.Thread(target=cancel, daemon=True).start()

    assert session.verify_pin(60) == outcomes.PinCancelled()


@pytest.mark.parametrize(
    ("kind", "examined"),
    [
        (FaultKind.SERVICE_GONE, Pulled()),
        (FaultKind.READER_GONE, Pulled()),
        (FaultKind.MUTE, RefusedCard(CardRefusal.MUTE)),
        (FaultKind.FAILED, RefusedCard(CardRefusal.MUTE)),
        (FaultKind.BUSY, RefusedCard(CardRefusal.MUTE)),
    ],
)
def test_reader_faults(kind: FaultKind, examined: outcomes.CardExamined) -> None:
    transport = Meddling(lambda _command, _answer: TransportFault(kind, "told"))
    session = CardSession(transport, token)

    assert examine(session) == examined
    assert session.sign("9A", b"x") == outcomes.CardFault("9A: no certificate with a key that can be used")


# --- hostile cards --------------------------------------------------------------------------------


class Meddling(InProcessTransport):
    """The real card, with somebody in between who changes answers."""

    def __init__(self, change: Callable[[bytes, bytes | Silence], bytes | Silence] | None = None) -> None:
        slot = SimulatedSlot("visitor")
        slot.insert(issue(CardPlan()))
        super().__init__(slot)
        self.slot = slot
        self.change = change or (lambda _, answer: answer)
        self.sent: list[bytes] = []

    def transmit(self, command: bytes) -> bytes | Silence:
        self.sent.append(command)
        return self.change(command, super().transmit(command))

    def control(self, code: int, data: bytes) -> bytes | Silence:
        self.sent.append(data)
        return self.change(data, super().control(code, data))


MUTATIONS = st.one_of(
    st.tuples(st.just("keep"), st.just(b""), st.integers(0, 0)),
    st.tuples(st.just("replace"), st.binary(max_size=400), st.integers(0, 0)),
    st.tuples(st.just("status"), st.binary(min_size=2, max_size=2), st.integers(0, 0)),
    st.tuples(st.just("cut"), st.just(b""), st.integers(0, 300)),
    st.tuples(st.just("flip"), st.just(b""), st.integers(0, 8 * 258)),
    st.tuples(st.just("insert"), st.binary(min_size=1, max_size=20), st.integers(0, 258)),
    st.tuples(st.just("fine"), st.binary(max_size=255), st.integers(0, 0)),
    st.tuples(st.just("pull"), st.just(b""), st.integers(0, 0)),
    st.tuples(st.just("fault"), st.just(b""), st.integers(0, len(FaultKind) - 1)),
)


def mutate(answer: bytes | Silence, mutation: tuple[str, bytes, int]) -> bytes | Silence:  # noqa: PLR0911
    how, data, number = mutation
    if not isinstance(answer, bytes):
        return answer
    match how:
        case "replace":
            return data
        case "status":
            return answer[:-2] + data
        case "cut":
            return answer[: min(number, len(answer) - 1)]
        case "flip" if answer:
            at = number % (8 * len(answer))
            return answer[: at // 8] + bytes([answer[at // 8] ^ 1 << at % 8]) + answer[at // 8 + 1 :]
        case "insert":
            return answer[:number] + data + answer[number:]
        case "fine":
            return data + b"\x90\x00"
        case "pull":
            return Pulled()
        case "fault":
            return TransportFault(list(FaultKind)[number], "hostile")
        case _:
            return answer


ODD_SERIALS_ARE_NOTED = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
"""`cryptography` warns of a serial number below 1 while it reads a certificate; what it reads is judged all the same."""


@ODD_SERIALS_ARE_NOTED
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.integers(0, 24), MUTATIONS, max_size=4), st.booleans())
def test_hostile_answers_always_end_in_a_typed_outcome(mutations: dict[int, tuple[str, bytes, int]], pin: bool) -> None:
    transport = Meddling()
    transport.change = lambda _, answer: mutate(answer, mutations.get(len(transport.sent) - 1, ("keep", b"", 0)))
    session = CardSession(transport, token, pin=HandedPin(transport, PIN))

    examined = examine(session)
    verified = session.verify_pin(1) if pin else None
    signed = session.sign("9C", b"message")
    asked = session.sign("9A", b"message")
    agreed = session.agree(b"\x04" + bytes(64))
    holder = session.read_holder()
    session.finish()

    assert isinstance(examined, outcomes.CardExamined)
    if isinstance(examined, Genuine):
        assert examined.identity.number == "1000000017"
    assert verified is None or isinstance(verified, outcomes.PinOutcome)
    assert isinstance(signed, outcomes.SignOutcome)
    assert isinstance(asked, outcomes.SignOutcome)
    assert isinstance(agreed, Agreed | outcomes.PinNeeded | outcomes.CardFault | Pulled)
    assert holder is None or isinstance(holder, str)
    if not isinstance(verified, outcomes.PinAccepted):
        assert not isinstance(signed, Signed)
        assert holder is None


@ODD_SERIALS_ARE_NOTED
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["9A", "9C", "9D", "9E"]),
    st.lists(st.tuples(st.integers(0, 460), st.integers(0, 255)), min_size=1, max_size=4),
    st.booleans(),
)
def test_hostile_certificates_never_pass(slot_name: str, changes: list[tuple[int, int]], cut: bool) -> None:
    """Any ASN.1: bytes of a real certificate changed; nothing raises, and what is genuine is the untouched card."""
    session, slot = session_of()
    tag = CERTIFICATE_OF[slot_name]
    objects = dict(card_in(slot).file.objects)
    stored = bytearray(objects[tag])
    start = stored.index(b"\x30\x82")
    for at, value in changes:
        stored[start + at % (len(stored) - start - 5)] = value
    if cut:
        del stored[-(changes[0][0] % 40 + 1) :]
    changed = bytes(stored) != objects[tag]
    objects[tag] = bytes(stored)
    card_in(slot).file = replace(card_in(slot).file, objects=objects)

    examined = examine(session)

    assert isinstance(examined, outcomes.CardExamined)
    if changed and isinstance(examined, Genuine):
        assert slot_name != "9E"  # a slot whose envelope is broken counts as missing; 9E must be whole
        assert examined.identity.number == "1000000017"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40), st.binary(max_size=3))
def test_hostile_pads_always_end_in_a_typed_outcome(features: bytes, answer: bytes) -> None:
    transport = Meddling()
    session = CardSession(transport, token)
    examine(session)
    replies = iter([features])
    transport.change = lambda _command, _answer: next(replies, answer)
    session.cancel_pin()

    assert isinstance(session.verify_pin(1), outcomes.PinOutcome)
