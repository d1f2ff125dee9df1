"""The seam between issuer and simulator: the demonstration's cards, as the back office writes them, in the visit's reader."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from back_office.demo.cards import CardHolder, issue_cards, revoked_serials
from back_office.pki import anchors, answer_signer, create_pki
from devices.card_session import STAFF_ROLES, VISITOR_ROLES, CardSession
from devices.pin_pad import HandedPin
from devices.simulators.card import SimulatedCard
from devices.simulators.in_process import InProcessTransport
from devices.simulators.slot import SimulatedSlot
from kiosk.domain.card import CardIdentity, CardRefusal, Genuine, PinAccepted, RefusedCard, Role, Signed
from kiosk.system import SystemClock, SystemIds
from kiosk.wire.reference_data import Bundle, sign_bundle
from kiosk.wire.trust import Revocations
from tests.card_bench import shared_bench

if TYPE_CHECKING:
    from pathlib import Path

HOLDERS = {
    "marie": CardHolder("1000000017", "Marie Novotná", Role.INSURED),
    "ludmila": CardHolder("1000000033", "Ludmila Černá", Role.INSURED),
    "karel": CardHolder("1000000041", "Karel Dvořák", Role.INSURED),
    "employer": CardHolder("2000000015", "Pekárna s.r.o.", Role.EMPLOYER),
    "staff": CardHolder("3000000013", "Jana Úředníková", Role.STAFF),
    "technician": CardHolder("4000000011", "Petr Technik", Role.TECHNICIAN),
    "revoked": CardHolder("1000000058", "Ota Zrušený", Role.INSURED),
    "stranger": CardHolder("1000000066", "Cizí Člověk", Role.INSURED),
    "broken": CardHolder("1000000074", "Rozbitá Karta", Role.INSURED),
}
CLOCK, IDS = SystemClock(), SystemIds()


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    create_pki(folder, CLOCK, IDS)
    issue_cards(folder, HOLDERS, CLOCK, IDS)
    return folder


def session_of(state: Path, name: str, roles: frozenset[Role] = VISITOR_ROLES) -> CardSession:
    slot = SimulatedSlot("visitor")
    slot.insert(SimulatedCard.load(state / "cards" / f"{name}.json"))
    transport = InProcessTransport(slot)
    return CardSession(transport, IDS.token, roles=roles, pin=HandedPin(transport, "123456"))


def examine(state: Path, session: CardSession) -> object:
    revocations = Revocations(revoked_serials(state), CLOCK.now())
    return session.examine(anchors(state).pem(), revocations, CLOCK.now())


@pytest.mark.parametrize("name", ["marie", "ludmila", "karel", "employer"])
def test_visitors_are_accepted_and_can_sign(state: Path, name: str) -> None:
    session = session_of(state, name)
    holder = HOLDERS[name]

    assert examine(state, session) == Genuine(CardIdentity(holder.number, holder.role, 3))
    assert session.verify_pin(1) == PinAccepted()
    assert isinstance(session.sign("9C", b"act"), Signed)
    assert isinstance(session.sign("9A", b"question"), Signed)
    assert session.read_holder() == holder.name


@pytest.mark.parametrize("name", ["staff", "technician"])
def test_staff_have_their_slot(state: Path, name: str) -> None:
    assert examine(state, session_of(state, name)) == RefusedCard(CardRefusal.WRONG_ROLE)
    assert isinstance(examine(state, session_of(state, name, STAFF_ROLES)), Genuine)


@pytest.mark.parametrize(
    ("name", "verdict"), [("marie", "accepted"), ("revoked", "revoked"), ("stranger", "unknown_issuer")]
)
@pytest.mark.parametrize("reference", [False, True], ids=["without reference data", "with reference data"])
def test_guichet_card_judges_by_the_terminals_own_trust(state: Path, name: str, verdict: str, reference: bool) -> None:
    at = CLOCK.now()
    path = state / "terminal" / "reference.json"
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    if reference:
        revocations = Revocations(revoked_serials(state), at)
        bundle = Bundle(1, at, revocations, (), anchors(state).issuers, frozenset(), {}, {})
        path.write_bytes(sign_bundle(bundle, answer_signer(state)))
    shared_bench().insert(SimulatedCard.load(state / "cards" / f"{name}.json"))
    arguments = [sys.executable, "-m", "kiosk", "card", "show", "--json", "--state", str(state)]

    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=True)

    chain = json.loads(done.stdout)["chain"]
    assert chain["verdict"] == (verdict if reference or verdict != "revoked" else "accepted")
    assert (chain["revocation_age_seconds"] is None) == (not reference)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("revoked", CardRefusal.REVOKED),
        ("stranger", CardRefusal.UNKNOWN_ISSUER),
        ("broken", CardRefusal.MUTE),
    ],
)
def test_the_others_are_refused_each_for_its_reason(state: Path, name: str, reason: CardRefusal) -> None:
    assert examine(state, session_of(state, name)) == RefusedCard(reason)
