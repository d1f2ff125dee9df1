"""PINs that everybody tries first are told from others."""

from __future__ import annotations

import pytest

from kiosk.domain.pin_rules import is_a_pin, is_common


@pytest.mark.parametrize("digits", ["123456", "1234567", "12345678", "654321", "90123456", "890123"])
def test_runs(digits):
    assert is_common(digits)


@pytest.mark.parametrize("digits", ["000000", "7777777", "121212", "123123", "12341234", "1212121", "147147", "159753"])
def test_one_digit_groups_and_favourites(digits):
    assert is_common(digits)


@pytest.mark.parametrize("digits", ["240851", "510824", "082451", "24081951", "19510824", "08241951"])
def test_days_of_birth(digits):
    assert is_common(digits)


@pytest.mark.parametrize("digits", ["271828", "480193", "936174", "9361740", "48019377", "99995199", "00001951", "19519936", "904716"])
def test_others(digits):
    assert not is_common(digits)


@pytest.mark.parametrize(("digits", "is_one"), [("271828", True), ("27182818", True), ("27182", False), ("271828181", False), ("27182a", False), ("２７１８２８", False)])
def test_a_pin_has_six_to_eight_digits(digits, is_one):
    assert is_a_pin(digits) is is_one
