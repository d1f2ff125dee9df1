"""A change of address or contact: its effect is seen on the next letter, and the old contacts are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office_services import record, submit, told, word

from back_office.repository import people
from kiosk.domain.bank_change import Flag, State
from kiosk.domain.services.contacts import present

if TYPE_CHECKING:
    from back_office_bench import Bench, Holder

NEW_HOME = "Nová 2\n301 00 Plzeň"


def move(office: Bench, holder: Holder | None = None, **other: object) -> str:
    return submit(office, holder or office.holder("marie"), "address.change", {"address": NEW_HOME}, **other)


def test_the_next_letter_goes_to_the_new_address(office: Bench) -> None:
    marie = office.holder("marie")
    before = record(office, "marie")
    request = move(office, marie)
    assert word(office, request) == ("in_force", "decision.address.change.in_force")
    assert office.verdict(marie, request).decision == "in_force"
    after = record(office, "marie")
    old, new = present(before, "letter"), present(after, "letter")
    assert old is not None
    assert new is not None
    assert new.destination == f"Marie Novotná\n{NEW_HOME}"
    assert after.version == before.version + 1

    office.messages.sent.clear()
    office.later(days=100)
    office.bank_knows("marie_second", "match")
    office.submit(marie, "marie_second")
    letters = {sent.destination for sent in office.messages.sent if sent.channel == "letter"}
    assert letters == {new.destination}, "another service writes to the new address, and to no other"


def test_the_old_contacts_are_told_and_the_new_one_too(office: Bench) -> None:
    before = record(office, "marie")
    move(office)
    expected = {(one.channel, one.destination) for one in before.contacts} | {("letter", f"Marie Novotná\n{NEW_HOME}")}
    assert told(office, "contacts_changed") == sorted(expected)
    assert all(NEW_HOME not in sent.text for sent in office.messages.sent), "no address is told"


def test_a_change_of_the_account_soon_after_is_looked_at_by_an_officer(office: Bench) -> None:
    marie = office.holder("marie")
    move(office)
    submit(office, marie, "contacts.change", {"channel": "sms", "wish": "new", "sms": "+420601999888"})
    office.bank_knows("marie_second", "match")
    change = office.change(office.submit(marie, "marie_second"))
    assert change.state is State.HELD
    assert change.flags == {Flag.ADDRESS_CHANGED, Flag.PHONE_CHANGED}


def test_a_telephone_number_is_replaced_and_an_address_of_mail_removed(office: Bench) -> None:
    marie = office.holder("marie")
    submit(office, marie, "contacts.change", {"channel": "sms", "wish": "new", "sms": "+420601999888"})
    submit(office, marie, "contacts.change", {"channel": "email", "wish": "remove"})
    after = record(office, "marie")
    assert [one.destination for one in after.contacts if one.channel == "sms"] == ["+420601999888"]
    assert present(after, "email") is None
    again = submit(office, marie, "contacts.change", {"channel": "email", "wish": "remove"})
    assert word(office, again) == ("refused", "contacts.none")


def test_the_last_signed_wins_however_late_the_other_arrives(office: Bench) -> None:
    marie = office.holder("marie")
    signed_offline = office.entry(marie, "address.change", {"address": "Stará 1\n110 00 Praha"})
    office.later(hours=1)
    move(office)
    office.receive(signed_offline)
    office.settle()
    assert word(office, str(signed_offline["id"])) == ("refused", "service.refused.record_changed")
    kept = present(record(office, "marie"), "letter")
    assert kept is not None
    assert kept.destination.endswith(NEW_HOME)
    office.later(hours=1)
    third = submit(office, marie, "address.change", {"address": "Třetí 3\n110 00 Praha"}, base_version=1)
    assert word(office, third)[0] == "in_force", (
        "the one who signed last had not seen the change; it holds all the same"
    )


def test_the_same_again_changes_nothing(office: Bench) -> None:
    move(office)
    sent = len(office.messages.sent)
    assert word(office, move(office)) == ("refused", "contacts.address_same")
    assert len(office.messages.sent) == sent


def test_who_has_no_right_is_refused(office: Bench) -> None:
    for name, key in (
        ("employer", "service.refused.role"),
        ("staff", "service.refused.role"),
        ("revoked", "service.refused.card_revoked"),
    ):
        request = submit(office, office.holder(name), "address.change", {"address": NEW_HOME})
        assert word(office, request) == ("refused", key), name
    assert told(office, "contacts_changed") == []


def test_a_card_changes_its_own_holder_s_record_only(office: Bench) -> None:
    karel = office.holder("karel")
    before = record(office, "marie")
    request = submit(office, karel, "address.change", {"address": NEW_HOME}, person=office.person("marie"))
    assert office.rows("SELECT reason FROM desk_case WHERE subject = ?", request) == [{"reason": "other_person"}]
    assert record(office, "marie").contacts == before.contacts


def test_what_is_wrong_with_an_answer_is_refused_whatever_the_channel(office: Bench) -> None:
    marie = office.holder("marie")
    request = submit(office, marie, "address.change", {"address": "just one line"})
    assert word(office, request) == ("refused", "address.lines")
    with office.it.database.read() as db:
        assert len(people.contacts_valid_since(db, office.person("marie"), "0000")) == 3
