"""Account numbers as people type them, against python-stdnum and schwifty as second implementations."""

from __future__ import annotations

import itertools
import string
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain import accounts
from kiosk.domain.accounts import Account, domestic_form, grouped, last_four, parse_account
from kiosk.domain.iban_structures import STRUCTURES, iban_length
from kiosk.domain.problem import Problem
from kiosk.schemes import load_scheme

CZ = load_scheme("cz")
IBAN = "CZ6508000000192000145399"
GERMAN = "DE89370400440532013000"


@pytest.mark.parametrize(
    "typed",
    [
        IBAN,
        "CZ65 0800 0000 1920 0014 5399",
        "cz65-0800-0000-1920-0014-5399",
        "6508000000192000145399",
        "19-2000145399/0800",
        " 19 - 2000145399 / 0800 ",
        "000019-2000145399/0800",
        "192000145399/0800",
        "CZ 19-2000145399/0800",
        "19–2000145399⁄0800",
        "١٩-٢٠٠٠١٤٥٣٩٩/٠٨٠٠",
        "１９－２０００１４５３９９／０８００",
        "\u206619-2000145399/0800\u2069",
    ],
)
def test_every_way_of_typing_it_means_the_same_account(typed):
    assert parse_account(typed, CZ) == Account(IBAN, "CZ", "19-2000145399/0800", "0800", "Česká spořitelna, a.s.")


def test_a_number_without_prefix():
    account = parse_account("2000145399/0800", CZ)
    assert isinstance(account, Account)
    assert account.domestic == "2000145399/0800"
    assert (grouped(account.iban), last_four(account.iban)) == ("CZ79 0800 0000 0020 0014 5399", "5399")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "account.empty"),
        (" - ", "account.empty"),
        ("19-2000145399;0800", "account.character"),
        ("novotná", "account.character"),
        ("19-2000145399", "account.bank_code_missing"),
        ("2000145399", "account.bank_code_missing"),
        ("123456789012345678901", "account.too_long"),
        ("19-2000145399/", "account.bank_code_length"),
        ("19-2000145399/080", "account.bank_code_length"),
        ("19-2000145399/O8OO", "account.letters"),
        ("19-20001453A9/0800", "account.letters"),
        ("/0800", "account.number_missing"),
        ("19-/0800", "account.number_missing"),
        ("-/0800", "account.number_missing"),
        ("1920001453991234567/0800", "account.too_long"),
        ("1234567-2000145399/0800", "account.too_long"),
        ("19-12345678901/0800", "account.too_long"),
        ("5/0800", "account.too_short"),
        ("0000000006/0800", "account.too_short"),
        ("18-2000145399/0800", "account.prefix_check"),
        ("19-2000145398/0800", "account.number_check"),
        ("19-2000145399/9999", "account.bank_unknown"),
        ("2000145399/6800", "account.bank_closed"),
        ("CZ", "account.too_short"),
        ("C1", "account.form"),
        ("1Z65", "account.form"),
        ("DE89/37", "account.letters"),
        ("CZ6508000000192000145398", "account.iban_check"),
        ("CZ650800000019200014539", "account.iban_too_short"),
        ("CZ65080000001920001453991", "account.iban_too_long"),
        ("CZ650800000019200014539A", "account.letters"),
        ("XX6508000000192000145399", "account.country_unknown"),
        ("DE8937040044053201300", "account.iban_too_short"),
        ("DE893704004405320130001", "account.iban_too_long"),
        ("DE88370400440532013000", "account.iban_check"),
        ("DEAA370400440532013000", "account.iban_structure"),
        ("DE8937040044053201300A", "account.iban_structure"),
    ],
)
def test_what_is_wrong_is_named(typed, key):
    outcome = parse_account(typed, CZ)
    assert isinstance(outcome, Problem), outcome
    assert outcome.key == key


def test_leading_hyphens_of_the_prefix_do_not_confuse():
    outcome = parse_account("--2000145399/0800", CZ)
    assert isinstance(outcome, Account)


def test_a_right_iban_around_a_wrong_number_is_refused():
    bban = "08000000190000145399"
    iban = "CZ" + accounts._check_digits("CZ", bban) + bban
    assert parse_account(iban, CZ) == Problem("account.number_check", {"number": "0000145399"})


def test_lengths_are_said():
    assert parse_account("DE8937040044053201300", CZ) == Problem(
        "account.iban_too_short", {"country": "DE", "expected": "22", "typed": "21"}
    )


@pytest.mark.parametrize("iban", [GERMAN, "NL91ABNA0417164300", "FR1420041010050500013M02606"])
def test_other_countries_accounts_are_taken(iban):
    account = parse_account(" ".join(iban), CZ)
    assert account == Account(iban, iban[:2])
    assert domestic_form(iban) == ""


def test_a_scheme_elsewhere_does_not_read_czech_numbers():
    belgium = replace(CZ, country="BE")
    assert parse_account("19-2000145399/0800", belgium) == Problem("account.form")
    assert parse_account(IBAN, belgium) == Account(IBAN, "CZ")


@given(
    st.integers(0, 999_999),
    st.integers(10, 9_999_999_999),
    st.sampled_from(sorted(code for code, bank in CZ.banks.items() if not bank.closed)),
)
def test_the_same_numbers_are_complete_as_for_stdnum_and_schwifty(prefix, number, bank_code):
    import schwifty
    from stdnum.cz import bankaccount

    typed = f"{prefix}-{number}/{bank_code}"
    account = parse_account(typed, CZ)
    weighs = bankaccount._calc_checksum(f"{prefix:010d}") == bankaccount._calc_checksum(f"{number:010d}") == 0
    enough = len(str(number).replace("0", "")) >= 2
    assert isinstance(account, Account) == (weighs and enough)
    if isinstance(account, Account):
        assert schwifty.IBAN(account.iban).is_valid
        assert parse_account(account.iban, CZ) == account
        assert parse_account(account.domestic, CZ) == account


@given(st.text(max_size=40))
def test_whatever_is_typed_there_is_an_answer(typed):
    outcome = parse_account(typed, CZ)
    assert isinstance(outcome, Account | Problem)


@given(st.text(alphabet="0123456789CZDE/- ", max_size=30))
def test_an_account_that_was_taken_is_taken_again(typed):
    outcome = parse_account(typed, CZ)
    if isinstance(outcome, Account):
        assert parse_account(outcome.iban, CZ) == outcome
        assert parse_account(grouped(outcome.iban), CZ) == outcome


def test_an_account_is_read_without_a_registry_of_banks():
    script = (
        "import sys, kiosk.domain.form, kiosk.schemes;"
        "from kiosk.domain.accounts import parse_account;"
        f"parse_account('{GERMAN}', kiosk.schemes.load_scheme('cz'));"
        "assert not {'schwifty', 'babel', 'stdnum'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_every_country_is_built_as_schwifty_has_it():
    """Its registry is generated from SWIFT's; a country that is missing here or built otherwise is named."""
    import schwifty
    from schwifty import exceptions, registry

    for first, second in itertools.product(string.ascii_uppercase, repeat=2):
        country = first + second
        try:
            known = registry.get_iban_spec(country).bban_spec
        except exceptions.InvalidCountryCode:
            known = None
        assert STRUCTURES.get(country) == known, country
        if known:
            assert iban_length(country) == registry.get_iban_spec(country).iban_length
            drawn = str(schwifty.IBAN.random(country, use_registry=False))
            assert parse_account(drawn, replace(CZ, country="BE")) == Account(drawn, country)
