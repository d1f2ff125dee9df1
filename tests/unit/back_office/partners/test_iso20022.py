"""The ISO 20022 messages: what is written is read back, what is hostile or wrong is refused with its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from back_office.partners.iso20022 import acmt022, acmt023, acmt024, pain001
from back_office.partners.iso20022.assignment import Head
from back_office.partners.iso20022.documents import MESSAGE_LIMIT_BYTES, BadDocument, clean_text, schema
from kiosk.domain.errors import Bug

HEAD = Head("m" * 32, datetime(2027, 3, 1, 9, 30, tzinfo=UTC), "Úřad", "Banka")
IBAN, OTHER = "CZ6508000000192000145399", "CZ0901000000006446876960"
QUESTION = acmt023.write(HEAD, [acmt023.Question("1", "Marie Novotná", IBAN)])
NAMES = st.text(min_size=1, max_size=200).filter(lambda text: clean_text(text, 140) != "")


def bad(found: object) -> BadDocument:
    assert isinstance(found, BadDocument), found
    return found


# --- round trips -------------------------------------------------------------------------------------


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_a_request_is_read_back(names: list[str]) -> None:
    questions = [acmt023.Question(str(number), name, IBAN) for number, name in enumerate(names)]
    request = acmt023.parse(acmt023.write(HEAD, questions))
    assert isinstance(request, acmt023.Request)
    assert (request.message_id, request.sender) == ("m" * 32, "Úřad")
    assert [question.name for question in request.questions] == [clean_text(name, 140) for name in names]


@pytest.mark.parametrize("result", acmt024.Result)
def test_a_report_is_read_back(result: acmt024.Result) -> None:
    name = "Marie Nováková" if result is acmt024.Result.CLOSE_MATCH else ""
    finding = acmt024.Finding("1", result, name)
    report = acmt024.parse(acmt024.write(HEAD, "asked", [finding]))
    assert report == acmt024.Report("m" * 32, "asked", (finding,))


@pytest.mark.parametrize("old", ["", OTHER])
def test_an_advice_is_read_back(old: str) -> None:
    modification = acmt022.Modification("Marie Novotná", IBAN, old, date(2027, 3, 2))
    advice = acmt022.parse(acmt022.write(HEAD, modification))
    assert advice == acmt022.Advice("m" * 32, "Úřad", (modification,))


@pytest.mark.parametrize("message", ["acmt.022.001.03", "acmt.023.001.03", "acmt.024.001.03", "pain.001.001.09"])
def test_the_schemas_are_in_order(message: str) -> None:
    assert schema(message) is schema(message)


def test_what_we_cannot_say_is_our_bug() -> None:
    with pytest.raises(Bug, match="MsgId"):
        acmt023.write(replace(HEAD, message_id="x" * 36), [acmt023.Question("1", "M", IBAN)])
    with pytest.raises(Bug, match="IBAN"):
        acmt023.write(HEAD, [acmt023.Question("1", "M", "not an account")])


# --- hostile and wrong -------------------------------------------------------------------------------

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>"""


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (LAUGHS + QUESTION.split(b"?>", 1)[1].replace(b"Marie", b"&b;"), "document type"),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd">' + QUESTION.split(b"?>", 1)[1], "document type"),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]><d>&x;</d>', "document type"),
        (QUESTION.decode().replace("UTF-8", "UTF-16").encode("utf-16"), "not UTF-8"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"", "not well-formed"),
        (b"<a>", "not well-formed"),
        (b"<a/>" * 2, "not well-formed"),
        (b"<d>" * 2000 + b"</d>" * 2000, "not well-formed"),
        (b"{}", "not well-formed"),
        (b"<d>&x;</d>", "not well-formed"),
        (b" " * (MESSAGE_LIMIT_BYTES + 1), "larger than"),
        (QUESTION.replace(b"acmt.023", b"acmt.024"), "not a valid acmt.023"),
        (QUESTION.replace(b"<MsgId>", b"<MsgId>" + b"x" * 35), "not a valid acmt.023"),
        (QUESTION.replace(b"<Nm>Marie Novotn\xc3\xa1</Nm>", b""), "needs a name"),
        (QUESTION.replace(IBAN.encode(), b"CZ65"), "not a valid acmt.023"),
        (QUESTION.replace(b"</IdVrfctnReq>", b"<x/></IdVrfctnReq>"), "not a valid acmt.023"),
    ],
)
def test_hostile_documents_are_refused_without_expansion(data: bytes, why: str) -> None:
    found = bad(acmt023.parse(data))
    assert why in found.detail
    assert "Marie" not in str(found)


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_quietly(data: bytes) -> None:
    for parse in (acmt022.parse, acmt023.parse, acmt024.parse, pain001.parse):
        assert isinstance(parse(data), BadDocument)


@given(st.integers(0, len(QUESTION) - 1), st.binary(min_size=1, max_size=3))
def test_a_spoilt_request_is_read_or_refused_never_more(at: int, junk: bytes) -> None:
    found = acmt023.parse(QUESTION[:at] + junk + QUESTION[at:])
    assert isinstance(found, (BadDocument, acmt023.Request))


def report(vrfctn: str, reason: str, name: str = "") -> bytes:
    text = acmt024.write(HEAD, "asked", [acmt024.Finding("1", acmt024.Result.NO_MATCH)]).decode()
    text = text.replace("<Vrfctn>false", f"<Vrfctn>{vrfctn}").replace("<Rsn>", "<Rsn>")
    updated = f"<UpdtdPtyAndAcctId><Pty><Nm>{name}</Nm></Pty></UpdtdPtyAndAcctId>" if name else ""
    return text.replace("NMTC", reason).replace("</Rpt>", f"{updated}</Rpt>").encode()


@pytest.mark.parametrize(
    "data",
    [
        report("true", "NMTC"),
        report("false", "MTCH"),
        report("false", "CMTC"),
        report("true", "CMTC", "M"),
        report("false", "WHAT"),
    ],
)
def test_a_report_that_contradicts_itself_is_none(data: bytes) -> None:
    assert "contradicts itself" in bad(acmt024.parse(data)).detail


def test_another_bank_may_say_less_or_use_the_code_element() -> None:
    text = report("true", "MTCH").decode()
    plain = text.replace("<Rsn>\n        <Prtry>MTCH</Prtry>\n      </Rsn>", "")
    assert "Rsn" not in plain
    for data in (plain, text.replace("Prtry>", "Cd>")):
        found = acmt024.parse(data.encode())
        assert isinstance(found, acmt024.Report)
        assert found.findings[0].result is acmt024.Result.MATCH


@pytest.mark.parametrize("text", ["", "VALID FROM 2027-02-30", "VALID FROM 2027-3-1", "FROM 2027-03-01"])
def test_an_advice_needs_its_day(text: str) -> None:
    data = acmt022.write(HEAD, acmt022.Modification("Marie", IBAN, "", date(2027, 3, 2))).decode()
    spoilt = data.replace("<AddtlInf>VALID FROM 2027-03-02</AddtlInf>", f"<AddtlInf>{text}</AddtlInf>" if text else "")
    assert "VALID FROM" in bad(acmt022.parse(spoilt.encode())).detail


# --- payment files -----------------------------------------------------------------------------------

PAYER = pain001.Payer("Office", "CZ7307100000000001000002", "CNBACZPP")


def transfer(number: int, amount: str = "100.00") -> pain001.Transfer:
    return pain001.Transfer(f"20270315-{number:07d}", "Marie", IBAN, Decimal(amount), "CZK", "Pension 2027-03")


FILE = pain001.PaymentFile("f" * 32, HEAD.created_at, date(2027, 3, 15), PAYER, (transfer(1), transfer(2, "0.01")))


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=20))
def test_a_payment_file_is_read_back_with_its_sum(amounts: list[int]) -> None:
    transfers = tuple(transfer(n, str(Decimal(amount).scaleb(-2))) for n, amount in enumerate(amounts))
    found = pain001.parse(pain001.write(replace(FILE, transfers=transfers)))
    assert isinstance(found, pain001.ReadFile)
    assert found.total == Decimal(sum(amounts)).scaleb(-2)
    assert (found.message_id, found.pay_on, len(found.transfers)) == ("f" * 32, date(2027, 3, 15), len(amounts))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<InstdAmt Ccy="CZK">100.00', b'<InstdAmt Ccy="CZK">101.00'),
        (b"<CtrlSum>100.01", b"<CtrlSum>100.02"),
        (b"<NbOfTxs>2", b"<NbOfTxs>3"),
        (b"20270315-0000002", b"20270315-0000001"),
        (b'<InstdAmt Ccy="CZK">100.00', b'<InstdAmt Ccy="CZK">-100.00'),
        (b'<InstdAmt Ccy="CZK">100.00', b'<InstdAmt Ccy="CZK">0'),
        (b"<Dt>2027-03-15</Dt>", b"<DtTm>2027-03-15T00:00:00</DtTm>"),
    ],
)
def test_a_payment_file_that_does_not_add_up_is_refused(old: bytes, new: bytes) -> None:
    data = pain001.write(FILE)
    assert old in data
    bad(pain001.parse(data.replace(old, new)))


def test_a_payment_file_without_payments_cannot_be_written() -> None:
    with pytest.raises(Bug):
        pain001.write(replace(FILE, transfers=()))
