"""Scheme packs: the installed one is whole, a wrong one is refused with its place."""

from __future__ import annotations

import copy
import json
from datetime import timedelta

import pytest

from kiosk.domain.bank_change import Flag
from kiosk.domain.errors import EnvironmentFault
from kiosk.schemes import available, load_scheme, parse_scheme, scheme_document
from kiosk.schemes.pack import pack_folder, read_toml


def broken(path, value):
    """The Czech pack with one value replaced; None takes it out."""
    document = copy.deepcopy(scheme_document("cz"))
    *folders, name = path.split("/")
    place = document
    for folder in folders:
        place = place[folder]
    if value is None:
        del place[name]
    else:
        place[name] = value
    return document


def test_the_czech_pack():
    scheme = load_scheme("cz")
    assert (scheme.code, scheme.country, scheme.currency, scheme.currency_digits) == ("cz", "CZ", "CZK", 2)
    assert scheme.languages == ("en", "cs", "ar")
    assert scheme.bank_change.waiting_days == 14
    assert scheme.bank_change.flag_windows[Flag.ADDRESS_CHANGED] == timedelta(days=30)
    assert scheme.banks["0800"].bic == "GIBACZPX"
    assert scheme.banks["6800"].closed
    assert [scheme.record.lowest_in(year) for year in (1991, 1994, 2012, 2026)] == [None, 2200, 8000, 22400]
    assert load_scheme("cz") is scheme


def test_every_flag_that_looks_back_has_a_window():
    windows = load_scheme("cz").bank_change.flag_windows
    assert {flag for flag in Flag if flag.value.endswith("_changed")} | {Flag.SEVERAL_CHANGES} == set(windows)


def test_a_pack_travels_as_json():
    document = scheme_document("cz")
    assert parse_scheme(json.loads(json.dumps(document, default=str))) == load_scheme("cz")


def test_an_unknown_pack_names_those_that_are_there():
    assert available() == ("cz",)
    with pytest.raises(EnvironmentFault, match=r"'xx'.*cz"):
        load_scheme("xx")
    with pytest.raises(EnvironmentFault, match="no scheme pack"):
        load_scheme("../cz")


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("currency", None, "currency"),
        ("nonsense", 1, "nonsense"),
        ("country", "Czechia", r"\$\.country"),
        ("bank_change/waiting_days", 0, r"\$\.bank_change\.waiting_days"),
        ("bank_change/waiting_days", "14", r"\$\.bank_change\.waiting_days"),
        ("bank_change/source", "", r"\$\.bank_change\.source"),
        ("payments/as_of", None, "as_of"),
        ("payments/day_of_month", 32, "day_of_month"),
        ("payments/cut_off_time", "25:00", "cut_off_time"),
        ("banks/codes/08", {"name": "x"}, "codes"),
        ("banks/codes/0800", {"name": "x", "bic": "?"}, "bic"),
        ("time_zone", "Europe/Nowhere", "Europe/Nowhere"),
        ("time_zone", "../etc", "time_zone"),
        ("bank_change/flag_windows_days/mood", 3, "mood"),
        ("services", ["bank_account.change", "nothing"], "nothing"),
        ("numbers/person", "cz.nothing", "cz.nothing"),
        ("official_language", "de", "de"),
    ],
)
def test_a_wrong_pack_is_refused_with_its_place(path, value, place):
    with pytest.raises(EnvironmentFault, match=place) as caught:
        parse_scheme(broken(path, value), "pack.toml")
    assert caught.value.what.startswith("pack.toml cannot be used")
    assert caught.value.remedy


def test_broken_toml_names_the_line(tmp_path):
    file = tmp_path / "scheme.toml"
    file.write_text('code = "cz"\ncountry = ]', encoding="utf-8")
    with pytest.raises(EnvironmentFault, match="line 2"):
        read_toml(file, "scheme.toml")
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(EnvironmentFault, match="utf-8"):
        read_toml(file, "scheme.toml")


def test_each_group_has_a_source_and_a_date():
    document = scheme_document("cz")
    groups = [group for group in document.values() if isinstance(group, dict)]
    assert groups
    assert all(group["source"] and group["as_of"] for group in groups)
    assert pack_folder("cz").joinpath("scheme.toml").is_file()
