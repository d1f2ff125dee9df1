"""Certificates: what the paper says, of whom, and the code that finds it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain import certificate_code as codes
from kiosk.domain.card import Role
from kiosk.domain.content import Facts, Paragraph, Row, Said, Table
from kiosk.domain.problem import Problem
from kiosk.domain.record import CertificateLine, Contribution, PaymentMade
from kiosk.domain.service import Offline, Standing, refusal, standing_of
from kiosk.domain.services.certificate import (
    ISSUE,
    KINDS,
    PAYMENTS,
    PERIODS,
    PRINT,
    STATUS,
    check_kind,
    check_printable,
    document,
    printable,
)
from tests.unit.domain.session.visits import person

TODAY = "2026-11-22"
BAKERY = Contribution(2026, "2026-01-01", "2026-12-31", "12345679", "Pekárna U Lípy", "worked", "300000.00")
ILLNESS = Contribution(2025, "2025-02-01", "2025-03-31", "", "", "assimilated", "0.00")
PAID = tuple(PaymentMade(f"20{20 + n // 12}-{1 + n % 12:02d}-15", "18947.00", "CZK", "4321") for n in range(20))
MARIE = person(birth_date="1951-04-12", contributions=(BAKERY, ILLNESS), payments=PAID, next_payment_amount="18947.00")


def block(kind: str, of: type, whose=MARIE):
    return next(one for one in document({"kind": kind}, whose, TODAY).blocks if isinstance(one, of))


@pytest.mark.parametrize("kind", KINDS)
def test_every_paper_says_whose_it_is_and_of_when(kind: str) -> None:
    paper = document({"kind": kind}, MARIE, TODAY)
    assert paper.title == Said(f"certificate.{kind}.title")
    assert paper.text == Said("certificate.as_of", {"day": TODAY})
    holder = paper.blocks[0]
    assert isinstance(holder, Facts)
    assert [row.value for row in holder.rows] == [MARIE.name, Said("certificate.day", {"day": "1951-04-12"}), MARIE.number]
    assert len(block(kind, Facts, replace(MARIE, birth_date="")).rows) == 2


def test_no_paper_shows_an_account_or_an_address() -> None:
    account = MARIE.account.iban
    for kind in KINDS:
        said = repr(document({"kind": kind}, MARIE, TODAY))
        assert account not in said
        assert account[4:] not in said


def test_who_is_insured_now_and_who_is_not() -> None:
    assert block(STATUS, Table).rows == (
        Row(("Pekárna U Lípy", Said("certificate.day", {"day": "2026-01-01"}))),
    )  # fmt: skip
    assert block(STATUS, Paragraph).text == Said("certificate.pensioner", {"amount": "18947.00"})
    nobody = replace(MARIE, contributions=(ILLNESS,), next_payment_amount="")
    paper = document({"kind": STATUS}, nobody, TODAY)
    assert paper.blocks[1:] == (Paragraph(Said("certificate.not_insured", {"day": TODAY})),)


def test_the_newest_twelve_payments() -> None:
    rows = block(PAYMENTS, Table).rows
    assert len(rows) == 12
    assert rows[0].cells[0] == Said("certificate.day", {"day": max(one.paid_on for one in PAID)})


def test_periods_in_their_order_those_without_an_employer_by_kind() -> None:
    rows = block(PERIODS, Table).rows
    assert [row.cells[2] for row in rows] == [Said("certificate.kind.assimilated"), "Pekárna U Lípy"]


def test_a_paper_that_would_say_nothing_is_not_issued() -> None:
    empty = standing_of(Role.INSURED, person())
    assert check_kind({"kind": PAYMENTS}, empty) == check_kind({"kind": PERIODS}, empty) == Problem("certificate.nothing_on_record")
    assert check_kind({"kind": STATUS}, empty) is None
    assert check_kind({"kind": PAYMENTS}, Standing(Role.INSURED)) is None
    assert check_kind({"kind": PERIODS}, standing_of(Role.INSURED, MARIE)) is None


def test_it_is_for_insured_persons() -> None:
    assert refusal(ISSUE, Standing(Role.EMPLOYER)) == Problem("service.refused.role")
    assert refusal(ISSUE, Standing(Role.NONE)) == Problem("service.refused.role")


# --- the code ---------------------------------------------------------------------------------------


@given(st.uuids().map(str), st.binary(min_size=32, max_size=32))
def test_a_code_is_the_same_each_time_and_read_however_it_is_typed(id_: str, key: bytes) -> None:
    code = codes.derive(id_, key)
    assert codes.derive(id_, key) == code
    assert codes.is_code(code)
    written = codes.grouped(code)
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", written)
    for typed in (written.lower(), written.replace("-", " "), written.replace("0", "O").replace("1", "l")):
        assert codes.kept(typed, key) == codes.kept(code, key)
    assert codes.kept(code, b"another key" * 3) != codes.kept(code, key)
    assert not codes.is_code(code[:-1])
    assert not codes.is_code(code[:-1] + "U")


def test_a_code_has_eighty_bits() -> None:
    assert len(codes.derive("x", b"k")) * 5 == 80


# --- printed in a later visit ----------------------------------------------------------------------------

PAPER = CertificateLine("payments", "2026-11-01", TODAY, "7KXM", "r-1")
HOLDER = replace(MARIE, certificates=(PAPER, replace(PAPER, request="r-2", valid_until="2026-11-21"), replace(PAPER, request="")))


@pytest.mark.parametrize(
    ("request_id", "problem"),
    [("r-1", None), ("r-2", Problem("certificate.over")), ("r-3", Problem("certificate.not_issued")),
     ("", Problem("certificate.not_issued"))],
)  # fmt: skip
def test_a_certificate_is_printed_later_until_its_last_day(request_id: str, problem: Problem | None) -> None:
    standing = standing_of(Role.INSURED, HOLDER, today=TODAY)
    assert check_printable({"request": request_id}, standing) == problem
    assert printable(HOLDER, request_id, TODAY) is (problem is None)


def test_what_is_not_known_here_refuses_nobody_and_the_entry_needs_the_line() -> None:
    assert check_printable({"request": "r-3"}, Standing(Role.INSURED)) is None
    assert PRINT.offline is Offline.NEEDS_LINE
    assert not PRINT.in_menu
    assert PRINT.document is None, "without a line nothing of it is made here"
