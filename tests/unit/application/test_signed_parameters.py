"""A visit estimates with the parameters that the back office signed, or not at all."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from kiosk.application.signed_parameters import with_signed_parameters
from kiosk.schemes import load_scheme, scheme_document

SCHEME = load_scheme("cz")


def bundle(**changes):
    pack = json.loads(json.dumps(scheme_document("cz")))
    pack["pension"] |= changes
    return SimpleNamespace(scheme_pack=pack)


def test_the_installed_ones_serve_where_they_are_what_was_signed():
    assert with_signed_parameters(SCHEME, bundle()) is SCHEME
    assert with_signed_parameters(SCHEME, None) is SCHEME


def test_newer_ones_of_the_bundle_are_taken():
    newer = with_signed_parameters(SCHEME, bundle(version="cz-2027-1"))
    assert newer.pension.version == "cz-2027-1"
    assert newer.banks == SCHEME.banks


@pytest.mark.parametrize("signed", [{"rules": "cz_old_age"}, "cz_old_age", None])
def test_what_cannot_be_used_offers_no_estimate(signed):
    without = SimpleNamespace(scheme_pack={"pension": signed})
    assert with_signed_parameters(SCHEME, without).pension is None
    assert with_signed_parameters(SCHEME, SimpleNamespace(scheme_pack={})).pension is None
