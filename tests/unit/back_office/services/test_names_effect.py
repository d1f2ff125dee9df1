"""A change of name: nothing before an officer has seen the paper; then letters and the bank know the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office_services import cases, decide, record, submit, told, word

from back_office.desk import acts
from back_office.repository import people

if TYPE_CHECKING:
    from back_office_bench import Bench

MARRIED = {"given_name": "Marie", "family_name": "Dvořáková", "reason": "marriage", "since": "2026-10-01"}


def ask(office: Bench, **other: object) -> str:
    return submit(office, office.holder("marie"), "name.change", MARRIED, **other)


def test_nothing_changes_before_an_officer_has_seen_the_paper(office: Bench) -> None:
    request = ask(office)
    assert word(office, request) == ("held", "decision.name.change.held")
    assert record(office, "marie").name == "Marie Novotná"
    (case,) = cases(office)
    assert (case.kind, case.reason) == ("request", "names:evidence")


def test_an_officer_s_yes_gives_the_new_name_and_keeps_the_former(office: Bench) -> None:
    request = ask(office)
    before = record(office, "marie")
    (case,) = cases(office)
    assert isinstance(decide(office, case, acts.Act.ACCEPT, "marriage certificate 12/2026 seen"), acts.Done)
    assert word(office, request) == ("in_force", "decision.name.change.in_force")
    after = record(office, "marie")
    assert after.name == "Marie Dvořáková"
    assert after.version > before.version
    with office.it.database.read() as db:
        assert people.former_names(db, office.person("marie")) == ("Marie Novotná",)
    assert told(office, "name_changed") == sorted((one.channel, one.destination) for one in before.contacts)


def test_the_bank_and_the_next_letter_know_the_new_name(office: Bench) -> None:
    ask(office)
    decide(office, cases(office)[0], acts.Act.ACCEPT)
    office.messages.sent.clear()
    office.bank_knows("marie_second", "match")
    office.submit(office.holder("marie"), "marie_second")
    assert (office.bank.asked[-1].name, office.bank.asked[-1].former_names) == ("Marie Dvořáková", ("Marie Novotná",))
    assert any(sent.destination.startswith("Marie Dvořáková\n") for sent in office.messages.sent)


def test_an_officer_s_no_changes_nothing_and_says_why(office: Bench) -> None:
    request = ask(office)
    decide(office, cases(office)[0], acts.Act.REFUSE, "no paper was shown")
    assert word(office, request) == ("refused", "decision.request.refused")
    assert record(office, "marie").name == "Marie Novotná"


def test_a_second_one_while_the_first_waits_is_refused(office: Bench) -> None:
    ask(office)
    assert word(office, ask(office)) == ("refused", "service.name.change.pending")


def test_a_name_that_came_back_is_kept_once(office: Bench) -> None:
    back = MARRIED | {"family_name": "Novotná", "reason": "divorce"}
    for answers in (MARRIED, back, MARRIED):
        office.later(minutes=1)
        submit(office, office.holder("marie"), "name.change", answers)
        decide(office, cases(office)[0], acts.Act.ACCEPT)
    assert record(office, "marie").name == "Marie Dvořáková"
    with office.it.database.read() as db:
        assert set(people.former_names(db, office.person("marie"))) == {"Marie Novotná", "Marie Dvořáková"}


def test_a_yes_that_comes_too_late_is_no(office: Bench) -> None:
    request = ask(office)
    with office.it.work() as work:
        people.rename(work.db, office.person("marie"), given_name="Marie", family_name="Dvořáková", at=work.time)
    decide(office, cases(office)[0], acts.Act.ACCEPT)
    assert word(office, request) == ("refused", "decision.name.change.refused.same")


def test_who_has_no_right_is_refused(office: Bench) -> None:
    for name, key in (("staff", "service.refused.role"), ("revoked", "service.refused.card_revoked")):
        assert word(office, submit(office, office.holder(name), "name.change", MARRIED)) == ("refused", key)
    assert cases(office) == []
