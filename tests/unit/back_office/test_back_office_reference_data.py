"""The signed bundle: verifiable, versioned, fresh, and the same until something changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from back_office_bench import application, ask

from back_office import fleet, pki
from back_office.reference_data import ReferenceData
from back_office.repository import people
from kiosk.schemes import parse_scheme
from kiosk.wire.reference_data import Bundle, verify_bundle

if TYPE_CHECKING:
    from back_office_bench import Bench


@pytest.fixture
def app(office: Bench) -> Any:
    return application(office)


def fetch(office: Bench, app: Any) -> Bundle:
    reply = ask(office, app, "GET", "/v1/reference-data")
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/jose"
    bundle = verify_bundle(reply.body, office.it.keyring.keys().anchors, office.it.clock.now())
    assert isinstance(bundle, Bundle), bundle
    return bundle


def test_a_terminal_can_verify_and_use_it(office: Bench, app: Any) -> None:
    bundle = fetch(office, app)
    newest = office.it.keyring.keys().sealing_certificates[0]
    key = bundle.sealing_key(office.it.clock.now())
    assert key is not None
    assert key.certificate == newest
    assert key.kid in office.it.keyring.keys().sealing
    assert office.holder("revoked").certificate("9C").serial_number in bundle.revocations.serials
    assert office.holder("marie").certificate("9C").serial_number not in bundle.revocations.serials
    assert parse_scheme(bundle.scheme_pack) == office.it.scheme


def test_it_is_not_sent_again_while_it_is_the_same(office: Bench, app: Any) -> None:
    first = ask(office, app, "GET", "/v1/reference-data")
    again = ask(office, app, "GET", "/v1/reference-data", **{"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


def test_a_revocation_makes_a_new_version(office: Bench, app: Any) -> None:
    before = fetch(office, app)
    with office.it.work() as work:
        fleet.revoke_card(work, office.holder("marie").number, by="olga", reason="lost")
    after = fetch(office, app)
    assert after.version == before.version + 1
    assert office.holder("marie").certificate("9A").serial_number in after.revocations.serials


def test_a_rotation_and_a_suspension_are_told(office: Bench, app: Any) -> None:
    before = fetch(office, app)
    kid = pki.rotate_sealing_key(office.it.state, office.it.clock, office.it.ids)
    from back_office_bench import enrolled

    enrolled(office.it, "T0008")
    with office.it.work() as work:
        fleet.change_state(work, "T0008", "suspended", by="olga", reason="tamper")
    after = fetch(office, app)
    assert [key.kid for key in after.sealing] == [kid, *(key.kid for key in before.sealing)]
    assert after.denied_terminals == {"T0008"}


def test_it_is_renewed_before_its_revocations_look_old(office: Bench, app: Any) -> None:
    before = fetch(office, app)
    office.later(minutes=6)
    after = fetch(office, app)
    assert after.version > before.version
    assert after.revocations.as_of > before.revocations.as_of


def test_versions_grow_across_restarts(office: Bench) -> None:
    versions = [ReferenceData(office.it).current().version for _ in range(3)]
    assert versions == sorted(set(versions))


def test_a_card_that_was_never_here_revokes_nothing(office: Bench) -> None:
    with office.it.work() as work:
        assert not people.revoke_card(work.db, "0000000000", work.time, "x")
