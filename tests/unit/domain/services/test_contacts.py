"""Address, e-mail and telephone: what is asked, and what is refused before anything is signed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.card import Role
from kiosk.domain.form import recheck
from kiosk.domain.problem import Problem
from kiosk.domain.record import Contact, Person
from kiosk.domain.service import pages, refusal, standing_of
from kiosk.domain.services.contacts import ADDRESS, CONTACTS, address_now, letter_to, present
from kiosk.schemes import load_scheme

SCHEME = load_scheme("cz")
HOME = "Dlouhá 1\n110 00 Praha 1"
JANA = Person(
    name="Jana Malá", number="7952155431", account=None, version=3, as_of="2026-11-20T08:00:00Z",
    contacts=(
        Contact("letter", "Jana Malá\nKrátká 7\n602 00 Brno", "2010-01-01"),
        Contact("letter", f"Jana Malá\n{HOME}", "2020-01-01"),
        Contact("email", "jana@example.com", "2020-01-01"),
    ),
)  # fmt: skip
STANDING = standing_of(Role.INSURED, JANA, today="2026-11-22")
UNKNOWN = standing_of(Role.INSURED, None, today="2026-11-22")


def asked(answers: dict[str, str]) -> list[str]:
    return [question.id for question in pages(CONTACTS, answers, STANDING)]


def test_the_newest_contact_of_a_channel_is_the_one_that_stands():
    assert present(JANA, "letter") == JANA.contacts[1]
    assert present(JANA, "sms") is None
    assert letter_to(JANA.name, HOME) == JANA.contacts[1].destination
    assert address_now(STANDING) == HOME
    assert not address_now(UNKNOWN)
    assert not address_now(replace(STANDING, record=replace(JANA, contacts=())))


def test_the_address_that_stands_is_refused_and_another_is_not():
    assert recheck(ADDRESS, {"address": HOME}, SCHEME, STANDING) == Problem("contacts.address_same")
    assert recheck(ADDRESS, {"address": "Nová 2\n301 00 Plzeň"}, SCHEME, STANDING) is None
    assert recheck(ADDRESS, {"address": HOME}, SCHEME, UNKNOWN) is None, "what is not known refuses nobody"
    assert ADDRESS.check({}, STANDING) is None, "nothing is answered yet"
    assert recheck(ADDRESS, {"address": "Nová 2"}, SCHEME, STANDING) == Problem("address.lines")


def test_only_what_was_chosen_is_asked():
    assert asked({}) == ["channel", "wish"]
    assert asked({"channel": "email", "wish": "new"}) == ["channel", "wish", "email"]
    assert asked({"channel": "sms", "wish": "new"}) == ["channel", "wish", "sms"]
    assert asked({"channel": "sms", "wish": "remove"}) == ["channel", "wish"]
    assert pages(CONTACTS, {}, UNKNOWN) == pages(CONTACTS, {}, STANDING), "the pages do not depend on the record"


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"channel": "email", "wish": "new", "email": "jana@example.com"}, "contacts.same"),
        ({"channel": "sms", "wish": "remove"}, "contacts.none"),
        ({"channel": "email", "wish": "new", "email": "jana"}, "email.form"),
        ({"channel": "sms", "wish": "new", "sms": "12"}, "phone.form"),
        ({"channel": "sms", "wish": "remove", "sms": "+420601000000"}, "answers.unknown"),
        ({"channel": "email", "wish": "remove"}, ""),
        ({"channel": "email", "wish": "new", "email": "jana.mala@example.com"}, ""),
        ({"channel": "sms", "wish": "new", "sms": "+420601123456"}, ""),
    ],
)
def test_a_contact_is_checked_against_the_record(answers, problem):
    found = recheck(CONTACTS, answers, SCHEME, STANDING)
    assert (found.key if found else "") == problem


def test_without_the_record_the_back_office_is_left_to_find_out():
    assert recheck(CONTACTS, {"channel": "sms", "wish": "remove"}, SCHEME, UNKNOWN) is None


def test_what_stands_now_is_on_the_check_page():
    assert ADDRESS.now is not None
    assert CONTACTS.now is not None
    assert ADDRESS.now(STANDING) == {"address": HOME}
    assert CONTACTS.now(STANDING) == {"email": "jana@example.com"}
    assert CONTACTS.now(UNKNOWN) == {}


@pytest.mark.parametrize("service", [ADDRESS, CONTACTS])
def test_only_insured_persons(service):
    assert refusal(service, STANDING) is None
    assert refusal(service, replace(STANDING, role=Role.EMPLOYER)) == Problem("service.refused.role")
    assert refusal(service, replace(STANDING, on_file=False)) == Problem("service.refused.not_on_file")
