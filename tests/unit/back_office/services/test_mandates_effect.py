"""Mandates: seen on the other's card, used with the other's card, told to both, and ended by either."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from back_office_bench import application, ask
from back_office_services import cases, decide, record, submit, told, word

from back_office.desk import acts
from back_office.repository import people, records, timestamp
from kiosk.domain.bank_change import Flag, State

if TYPE_CHECKING:
    from back_office_bench import Bench

NEW_HOME = {"address": "Nová 2\n301 00 Plzeň"}


def wanted(office: Bench, **other: str) -> dict[str, str]:
    today = office.it.clock.now().astimezone(office.it.scheme.bank_change.zone).date().isoformat()
    answers = {"name": "Karel Dvořák", "card": office.holder("karel").number, "ground": "proxy", "scope": "everything"}
    return answers | {"since": today, "until": ""} | other


def grant(office: Bench, **other: str) -> str:
    return submit(office, office.holder("marie"), "mandate.grant", wanted(office, **other))


def act(office: Bench, service: str, answers: dict[str, str], name: str = "karel", whom: str = "marie", **other) -> str:
    """Let somebody act with the own card for somebody else."""
    evidence = {"kind": "represented"}
    return submit(office, office.holder(name), service, answers, person=office.person(whom), evidence=evidence, **other)


def question(office: Bench, name: str, whom: str) -> dict[str, object]:
    """Ask for the record of somebody else as a visit does."""
    id_, sealed, key = office.question(office.holder(name), "person_record", {"person": office.person(whom)})
    reply = ask(office, application(office), "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
    assert reply.status == 200, reply.body
    return office.open(reply.json["sealed"], id_, "person_record", key)


# --- giving and ending -----------------------------------------------------------------------------


def test_the_mandate_is_on_the_other_s_card_and_both_are_told(office: Bench) -> None:
    request = grant(office, scope="contacts")
    assert word(office, request) == ("in_force", "decision.mandate.grant.in_force")
    (given,) = record(office, "marie").mandates_given
    (held,) = record(office, "karel").mandates_held
    assert (given.name, held.name) == ("Karel Dvořák", "Marie Novotná")
    assert given.id == held.id == request
    assert held.services == ("address.change", "contacts.change")
    assert (held.person, held.until) == (office.person("marie"), "")
    assert len(told(office, "mandate_given_by_you")) == len(told(office, "mandate_given_to_you")) == 3
    with office.it.database.read() as db:
        sealed_to = [one.card for one in records.recipients(db, office.person("marie"), timestamp(office.it.clock.now()))]
    assert office.holder("karel").number in sealed_to, "and the record can be opened with it"


def test_the_record_of_both_is_sealed_anew(office: Bench) -> None:
    def touched(name: str) -> int:
        return int(office.rows("SELECT touched FROM person_record WHERE person = ?", office.person(name))[0]["touched"])

    before = touched("ludmila"), touched("marie")
    request = grant(office, name="Ludmila Procházková", card=office.holder("ludmila").number)
    assert touched("ludmila") > before[0]
    with office.it.database.read() as db:
        sealed_to = [one.card for one in records.recipients(db, office.person("marie"), timestamp(office.it.clock.now()))]
    assert office.holder("ludmila").number in sealed_to
    given = touched("ludmila")
    submit(office, office.holder("marie"), "mandate.revoke", {"mandate": request})
    assert touched("ludmila") > given
    ended = touched("ludmila")
    with office.it.work() as work:
        people.rename(work.db, office.person("marie"), given_name="Marie", family_name="Nová", at=work.time)
    assert touched("ludmila") > ended, "the name of whom one acts for stands in one's own record"


@pytest.mark.parametrize(
    "other",
    [{"name": "Karel Novák"}, {"card": "9999999999"}, {"card": "8000000001"}, {"card": "revoked", "name": "Věra Horáková"}],
)
def test_a_card_and_a_name_that_do_not_fit_give_nothing(office: Bench, other: dict[str, str]) -> None:
    if other.get("card") == "revoked":
        other = other | {"card": office.holder("revoked").number}
    request = grant(office, **other)
    assert word(office, request) == ("refused", "decision.mandate.grant.refused.no_such_card")
    assert record(office, "marie").mandates_given == ()


def test_a_guardian_needs_an_officer_who_saw_the_decision(office: Bench) -> None:
    request = grant(office, ground="guardian")
    assert word(office, request) == ("held", "decision.mandate.grant.held")
    assert record(office, "karel").mandates_held == ()
    decide(office, cases(office)[0], acts.Act.ACCEPT, "decision 12 P 7/2026 seen")
    assert record(office, "karel").mandates_held[0].ground == "guardian"
    end = submit(office, office.holder("marie"), "mandate.revoke", {"mandate": request})
    assert word(office, end) == ("held", "decision.mandate.revoke.held")
    decide(office, cases(office)[0], acts.Act.ACCEPT, "decision 12 P 8/2026 seen")
    assert record(office, "karel").mandates_held == ()


def test_a_guardian_s_card_that_stops_meanwhile_gets_nothing(office: Bench) -> None:
    request = grant(office, ground="guardian")
    with office.it.work() as work:
        people.revoke_card(work.db, office.holder("karel").number, work.time, "lost")
    decide(office, cases(office)[0], acts.Act.ACCEPT, "decision seen")
    assert word(office, request) == ("refused", "decision.mandate.grant.refused.no_such_card")


@pytest.mark.parametrize("who", ["marie", "karel"])
def test_either_of_the_two_ends_it(office: Bench, who: str) -> None:
    request = grant(office)
    end = submit(office, office.holder(who), "mandate.revoke", {"mandate": request})
    assert word(office, end) == ("in_force", "decision.mandate.revoke.in_force")
    assert record(office, "marie").mandates_given == record(office, "karel").mandates_held == ()
    assert len(told(office, "mandate_ended_by_you")) == len(told(office, "mandate_ended_to_you")) == 3
    again = submit(office, office.holder(who), "mandate.revoke", {"mandate": request})
    assert word(office, again) == ("refused", "mandate.none")


def test_nobody_else_ends_it_and_twice_is_refused(office: Bench) -> None:
    request = grant(office)
    wrong = submit(office, office.holder("ludmila"), "mandate.revoke", {"mandate": request})
    assert word(office, wrong) == ("refused", "mandate.none")
    assert word(office, grant(office)) == ("refused", "mandate.stands")


# --- acting ----------------------------------------------------------------------------------------


def test_a_representative_acts_with_the_own_card_and_both_are_told(office: Bench) -> None:
    grant(office, scope="contacts")
    karel = record(office, "karel")
    request = act(office, "address.change", NEW_HOME)
    assert word(office, request) == ("in_force", "decision.address.change.in_force")
    row = office.request_row(request)
    assert row is not None
    assert (row.person, row.card) == (office.person("marie"), office.holder("karel").number), "both are named"
    assert any(one.destination.endswith("Plzeň") for one in record(office, "marie").contacts)
    assert record(office, "karel").contacts == karel.contacts
    assert next(line.transaction_id for line in record(office, "marie").requests) == request
    assert all(line.transaction_id != request for line in record(office, "karel").requests)
    assert len(told(office, "acted_for_you")) >= 3
    assert len(told(office, "you_acted")) == 3
    assert any("Karel Dvořák" in sent.text and "Změnit adresu" in sent.text for sent in office.messages.sent)


@pytest.mark.parametrize(
    ("scope", "service", "answers", "key"),
    [
        ("benefits", "address.change", NEW_HOME, "service.refused.no_mandate"),
        ("everything", "name.change", {}, "service.refused.evidence"),
        ("everything", "bank_account.unblock", {}, "service.refused.evidence"),
    ],
)
def test_outside_the_scope_nothing_is_done(office: Bench, scope: str, service: str, answers: dict, key: str) -> None:
    grant(office, scope=scope)
    before = record(office, "marie").version
    assert word(office, act(office, service, answers)) == ("refused", key)
    assert record(office, "marie").version == before


def test_before_and_after_its_days_and_once_it_ended_nothing_is_done(office: Bench) -> None:
    today = office.it.clock.now().astimezone(office.it.scheme.bank_change.zone).date()
    later = today.replace(year=today.year + 1).isoformat()
    future = grant(office, since=later, scope="contacts")
    assert word(office, act(office, "address.change", NEW_HOME)) == ("refused", "service.refused.no_mandate")
    submit(office, office.holder("marie"), "mandate.revoke", {"mandate": future})
    grant(office, until=today.isoformat(), scope="contacts")
    assert word(office, act(office, "address.change", NEW_HOME))[0] == "in_force"
    late = office.entry(
        office.holder("karel"), "address.change", {"address": "Pozdní 1\n110 00 Praha"}, person=office.person("marie"),
        evidence={"kind": "represented"},
    )  # fmt: skip
    office.later(days=2)
    assert record(office, "marie").mandates_given == ()
    office.receive(late)
    office.settle()
    refused = ("refused", "service.refused.no_mandate")
    assert word(office, str(late["id"])) == refused, "signed in time, come when it had ended"


def test_without_a_mandate_nobody_acts_for_anybody(office: Bench) -> None:
    before = record(office, "marie")
    request = act(office, "address.change", NEW_HOME, name="ludmila")
    assert word(office, request) == ("refused", "service.refused.no_mandate")
    assert record(office, "marie").contacts == before.contacts
    change = act(office, "bank_account.change", {"account": office.account("marie_second")}, name="ludmila",
                 entered_by={"account": "holder"})  # fmt: skip
    assert word(office, change) == ("refused", "decision.bank_change.refused.no_mandate")


def test_a_change_of_the_account_by_a_representative_always_waits(office: Bench) -> None:
    grant(office, scope="account")
    office.bank_knows("marie_second", "match")
    iban = office.account("marie_second")
    change = act(office, "bank_account.change", {"account": iban, "account_as_typed": iban})
    assert office.change(change).state is State.WAITING
    assert office.change(change).flags == frozenset()
    assert len(told(office, "acted_for_you")) == 3


def test_payment_to_the_representative_s_own_account_goes_to_the_desk(office: Bench) -> None:
    grant(office, scope="account")
    office.bank_knows("karel_current", "match")
    iban = office.account("karel_current")
    change = act(office, "bank_account.change", {"account": iban, "account_as_typed": iban})
    assert office.change(change).state is State.HELD
    assert Flag.REPRESENTATIVE_ACCOUNT in office.change(change).flags


def test_what_waits_at_the_desk_stays_the_person_s_own(office: Bench) -> None:
    grant(office)
    request = act(office, "benefit.apply", {"benefit": "sickness", "since": "2026-11-01", "abroad": "no"})
    assert word(office, request)[0] == "held"
    decide(office, cases(office)[0], acts.Act.ACCEPT, "all papers seen")
    row = office.request_row(request)
    assert row is not None
    assert (row.decision, row.person) == ("in_force", office.person("marie"))


def test_the_record_of_the_other_opens_under_a_mandate_only_and_it_is_kept_who_looked(office: Bench) -> None:
    assert question(office, "karel", "marie") == {"absent": "refused"}
    request = grant(office, scope="contacts")
    assert question(office, "karel", "marie")["name"] == "Marie Novotná"
    line = [line for line in office.audit(office.person("marie")) if line.action == "record.opened"][-1]
    assert (line.role, line.actor, line.purpose) == ("representative", office.holder("karel").number, "mandate")
    submit(office, office.holder("marie"), "mandate.revoke", {"mandate": request})
    assert question(office, "karel", "marie") == {"absent": "refused"}
