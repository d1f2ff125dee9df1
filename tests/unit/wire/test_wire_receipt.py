from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_world import AT, ID, card, world

from back_office.certificates import new_key
from kiosk.domain.errors import Bug
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.receipt import (
    PREFIX,
    TEXT_LIMIT,
    ShortCertificate,
    Statement,
    issue_short_certificate,
    read_short_certificate,
    sign_statement,
    verify_statement,
)

RECEIPT_KEY = new_key()
NOT_BEFORE, NOT_AFTER = AT - timedelta(hours=1), AT + timedelta(days=90)
CA = world().terminal_ca
CERTIFICATE = issue_short_certificate("T0007", "BRNO1", RECEIPT_KEY.public_key(), NOT_BEFORE, NOT_AFTER, CA.key)
STATEMENT = Statement(
    reference="00073000001K",
    terminal="T0007",
    office="BRNO1",
    service="bank_account.change",
    recorded_at=AT,
    transaction_id=ID,
    body_hash="ab" * 32,
)
TEXT = sign_statement(STATEMENT, RECEIPT_KEY, CERTIFICATE)


def check(text: str, denied: tuple[str, ...] = ()) -> Statement | Problem:
    return verify_statement(text, CA.certificate, denied)


def code(found: object) -> ProblemCode | None:
    return found.code if isinstance(found, Problem) else None


def bytes_of(text: str) -> bytes:
    body = text.removeprefix(PREFIX)
    return base64.b32decode(body + "=" * (-len(body) % 8))


def test_what_the_terminal_stated_is_what_is_read() -> None:
    assert check(TEXT) == STATEMENT


def test_a_statement_fits_a_small_code() -> None:
    assert len(bytes_of(TEXT)) <= 260
    assert len(TEXT) <= 419  # QR version 12 with error correction M, alphanumeric
    long = replace(STATEMENT, office="O" * 16, service="s" * 32)
    certificate = issue_short_certificate("T0007", long.office, RECEIPT_KEY.public_key(), NOT_BEFORE, NOT_AFTER, CA.key)
    text = sign_statement(long, RECEIPT_KEY, certificate)
    assert len(bytes_of(text)) <= 300
    assert len(text) <= TEXT_LIMIT
    assert check(text) == long


def test_the_text_stays_in_the_alphanumeric_mode_of_a_qr_code() -> None:
    assert set(TEXT) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ:")


def test_scanners_and_people_may_change_case_and_add_space() -> None:
    assert check(f"  {TEXT[:50].lower()} {TEXT[50:]}\r\n") == STATEMENT


def test_a_grouped_reference_is_the_same_reference() -> None:
    assert check(sign_statement(replace(STATEMENT, reference="0007-3000-001K"), RECEIPT_KEY, CERTIFICATE)) == STATEMENT


def test_a_denied_terminal_states_nothing() -> None:
    assert code(check(TEXT, ("T0001", "T0007"))) is ProblemCode.DENIED


def test_another_ca_is_not_believed() -> None:
    for other in (
        world("Other").terminal_ca.certificate,
        world().card_ca.certificate,
        card("RSA-2048").certificates["9A"],
    ):
        assert code(verify_statement(TEXT, other, ())) is ProblemCode.UNTRUSTED


@pytest.mark.parametrize("moment", [NOT_BEFORE - timedelta(seconds=1), NOT_AFTER + timedelta(seconds=1)])
def test_a_statement_outside_its_certificates_time_is_refused(moment: Any) -> None:
    text = sign_statement(replace(STATEMENT, recorded_at=moment), RECEIPT_KEY, CERTIFICATE)
    assert code(check(text)) is ProblemCode.EXPIRED


def test_every_bit_of_the_code_is_signed() -> None:
    data = bytes_of(TEXT)
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1
        text = PREFIX + base64.b32encode(bytes(changed)).rstrip(b"=").decode()
        assert isinstance(check(text), Problem), position


@pytest.mark.parametrize(
    "changes",
    [
        {"terminal": "T0008"},
        {"reference": "0008-3000-001K"},
        {"reference": "0007"},
        {"office": "PRAHA"},
        {"service": "Bank Change"},
    ],
)
def test_a_statement_that_its_certificate_does_not_cover_is_a_bug(changes: dict[str, Any]) -> None:
    with pytest.raises(Bug):
        sign_statement(replace(STATEMENT, **changes), RECEIPT_KEY, CERTIFICATE)
    with pytest.raises(Bug):
        sign_statement(STATEMENT, new_key(), CERTIFICATE)


@pytest.mark.parametrize(
    ("terminal", "office"),
    [("7", "BRNO1"), ("T00070", "BRNO1"), ("T0007", ""), ("T0007", "Brno hlavní"), ("T0007", "O" * 17)],
)
def test_no_certificate_is_made_for_names_out_of_shape(terminal: str, office: str) -> None:
    with pytest.raises(Bug):
        issue_short_certificate(terminal, office, RECEIPT_KEY.public_key(), NOT_BEFORE, NOT_AFTER, CA.key)


def test_a_short_certificate_is_read_as_it_was_issued() -> None:
    assert read_short_certificate(CERTIFICATE, CA.certificate) == ShortCertificate(
        "T0007", "BRNO1", NOT_BEFORE, NOT_AFTER, RECEIPT_KEY.public_key()
    )


def test_a_signature_for_one_format_is_none_for_another() -> None:
    # The receipt key signs a body that reads as a certificate of its own: the prefix keeps them apart.
    forged = CERTIFICATE[:-64] + bytes_of(TEXT)[-64:]
    assert code(read_short_certificate(forged, CA.certificate)) is ProblemCode.UNTRUSTED


@pytest.mark.parametrize(
    "text",
    ["", "GR1:", "GR1:A", "GR1:====", "GR1:1890", "GR2:" + TEXT[4:], TEXT[4:], "0007-3000-001K", "GR1:" + "A" * 700],
)
def test_what_is_no_receipt_code_is_a_problem(text: str) -> None:
    assert isinstance(check(text), Problem)


@given(
    st.text(max_size=100)
    | st.binary(max_size=400).map(lambda data: PREFIX + base64.b32encode(data).rstrip(b"=").decode())
)
def test_arbitrary_text_never_raises(text: str) -> None:
    assert isinstance(check(text), Problem)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_no_short_certificate(data: bytes) -> None:
    assert isinstance(read_short_certificate(data, CA.certificate), Problem)


@settings(max_examples=200)
@given(st.data())
def test_a_changed_code_never_raises_and_is_never_believed(data: st.DataObject) -> None:
    changed = list(TEXT)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(TEXT) - 1))] = data.draw(st.sampled_from("A7Z2 :é0"))
    if (text := "".join(changed)) != TEXT:
        assert isinstance(check(text), Problem)
