"""What an officer may enter for somebody without a card, as the catalogue allows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain import by_officer
from kiosk.domain.by_officer import CALL, CHANNELS, TOLD
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.problem import Problem
from kiosk.domain.service import Channel, Entry, EvidenceKind, Kind
from kiosk.domain.services import bank_account, cards, death, proof_of_life

ATTESTED, SPOKEN, NONE = EvidenceKind.ATTESTED, EvidenceKind.SPOKEN, EvidenceKind.NONE


def test_nothing_that_moves_money_comes_by_telephone() -> None:
    for service in SERVICES.values():
        moved = replace(service, moves_money=True, channels={Channel.TELEPHONE: frozenset({SPOKEN})})
        assert by_officer.evidence(moved, Channel.TELEPHONE) is None
        assert not service.moves_money or by_officer.evidence(service, Channel.TELEPHONE) is None


def test_stopping_and_blocking_comes_by_telephone() -> None:
    offered = by_officer.offered(SERVICES.values(), Channel.TELEPHONE)
    expected = (bank_account.STOP, bank_account.BLOCK, cards.STOP, cards.LOST, death.REPORT)
    assert {service.id for service in offered} == {service.id for service in expected}


def test_at_the_desk_a_paper_takes_two_officers_and_a_report_one() -> None:
    offered = by_officer.offered(SERVICES.values(), Channel.DESK)
    expected = (bank_account.CHANGE, proof_of_life.GIVE, death.REPORT)
    assert {service.id for service in expected} <= {service.id for service in offered}
    assert by_officer.evidence(bank_account.CHANGE, Channel.DESK) is ATTESTED
    assert by_officer.evidence(death.REPORT, Channel.DESK) is NONE
    assert [by_officer.officers(kind) for kind in (ATTESTED, SPOKEN, NONE)] == [2, 1, 1]


def test_only_acts_that_are_requests_are_entered() -> None:
    for channel in CHANNELS:
        for service in by_officer.offered(SERVICES.values(), channel):
            assert by_officer.evidence(replace(service, kind=Kind.SHOW), channel) is None
            assert by_officer.evidence(replace(service, entry=Entry.TICKET), channel) is None
            assert by_officer.evidence(service, Channel.TERMINAL) is None


@pytest.mark.parametrize(
    ("kind", "document", "seen_on", "expected"),
    [
        (ATTESTED, "doctors_form", "2026-11-22", None),
        (ATTESTED, "home_visit", "2026-10-01", None),
        (ATTESTED, "doctors_form", "2026-11-23", Problem("date.too_late", {"latest": "2026-11-22"})),
        (ATTESTED, "doctors_form", "", Problem("date.empty")),
        (ATTESTED, CALL, "2026-11-22", Problem("by_officer.document_missing")),
        (ATTESTED, "", "2026-11-22", Problem("by_officer.document_missing")),
        (SPOKEN, CALL, "2026-11-22", None),
        (SPOKEN, "passport", "2026-11-22", Problem("by_officer.document_missing")),
        (NONE, TOLD, "2026-11-22", None),
    ],
)
def test_what_was_seen_is_named_with_its_day(
    kind: EvidenceKind, document: str, seen_on: str, expected: Problem | None
) -> None:
    assert by_officer.check_seen(proof_of_life.GIVE, kind, document, seen_on, "2026-11-22") == expected
