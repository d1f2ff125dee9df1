"""Entered by officers: what the catalogue lets come by the desk or the telephone, decided as everything else, and nothing more."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from back_office_services import cases, decide, kept, record, told, word
from desk_browser import Browser, hidden

from back_office import audit, enrolment
from back_office.desk import acts, entries, queues
from back_office.desk.entering import Wish, append
from back_office.desk.pages import desk_app
from back_office.repository import desk, inbox, people, terminals
from kiosk.domain import reference
from kiosk.domain.bank_change import Attested, State
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.service import Channel, EvidenceKind
from kiosk.domain.services import contacts

if TYPE_CHECKING:
    from back_office_bench import Bench

DESK, TELEPHONE = Channel.DESK, Channel.TELEPHONE


def officer(office: Bench, name: str = "alena") -> desk.Officer:
    with office.it.database.read() as db:
        found = desk.officer(db, name)
    assert found is not None
    return found


def today(office: Bench) -> date:
    return office.it.clock.now().astimezone(office.it.scheme.bank_change.zone).date()


def typed(office: Bench, channel: Channel, service: str, name: str = "", /, **answers: str) -> entries.Typed:
    seen = {"document": "identity_card", "seen_on": today(office).isoformat()} if channel is DESK else {}
    number = office.person(name) if name else ""
    return entries.Typed(channel, service, office.it.ids.new(), number, answers=answers, **seen)


def enter(office: Bench, sheet: entries.Typed, who: str = "alena") -> entries.Entered:
    found = entries.enter(office.it, officer(office, who), sheet)
    assert isinstance(found, entries.Entered), found
    office.settle()
    return found


def refused(office: Bench, sheet: entries.Typed, who: str = "alena") -> entries.Sheet:
    found = entries.enter(office.it, officer(office, who), sheet)
    assert isinstance(found, entries.Sheet), found
    assert cases(office) == []
    with office.it.database.read() as db:
        assert inbox.by_id(db, sheet.id) is None
    return found


# --- on the telephone --------------------------------------------------------------------------------


def test_a_call_blocks_at_once(office: Bench) -> None:
    entered = enter(office, typed(office, TELEPHONE, "bank_account.block", "marie"))
    assert entered.case is None
    assert "blocked" in entered.said
    assert record(office, "marie").changes_blocked
    assert word(office, entered.id)[0] == "in_force"
    assert told(office, "changes_blocked")
    assert next(line.action for line in office.audit(entered.id)) == "desk.entered"


def test_a_call_stops_a_change_that_is_under_way_and_the_officers_see_how(office: Bench) -> None:
    change = office.submit(office.holder("marie"), "of_someone_else")
    sheet = entries.look(office.it, officer(office), typed(office, TELEPHONE, "bank_account.stop", "marie"))
    assert sheet is not None
    assert [value for value, _ in sheet.fields[0].choices] == [change]
    enter(office, typed(office, TELEPHONE, "bank_account.stop", "marie", change=change))
    assert office.change(change).state is State.CANCELLED
    (case,) = cases(office)
    assert (case.kind, case.reason) == ("stop", "by_word")


def test_a_call_stops_a_card(office: Bench) -> None:
    card = office.holder("marie").number
    entered = enter(office, typed(office, TELEPHONE, "card.stop", "marie", card=card))
    assert word(office, entered.id)[0] == "in_force"
    assert [line.state for line in record(office, "marie").cards if line.number == card] == ["lost"]


def test_a_call_tells_a_death_without_saying_who_calls(office: Bench) -> None:
    number = office.person("josef")
    answers = {"known_by": "number", "number": number, "died_on": today(office).isoformat()}
    entered = enter(office, typed(office, TELEPHONE, "death.report", **answers, reporter="", call_back=""))
    assert word(office, entered.id)[0] == "held"
    (case,) = cases(office)
    assert case.kind == "request"


@pytest.mark.parametrize(
    "service", ["bank_account.change", "address.change", "proof_of_life.give", "bank_account.unblock"]
)
def test_a_call_redirects_nothing(office: Bench, service: str) -> None:
    assert service not in {offer.service for offer in entries.offers(office.it, TELEPHONE)}
    sheet = typed(office, TELEPHONE, service, "marie", account=office.account("marie_second"))
    assert entries.look(office.it, officer(office), sheet) is None
    assert isinstance(entries.enter(office.it, officer(office), sheet), acts.NotDone)


def test_what_the_page_did_not_offer_is_refused_where_it_is_decided_too(office: Bench) -> None:
    """Whoever gets past the page: the decision asks the catalogue again."""
    id_, day = office.it.ids.new(), today(office).isoformat()
    answers = {"address": "Nová 1\n110 00 Praha"}
    with office.it.work() as work:
        marie = people.person(work.db, office.person("marie"))
        wish = Wish(id_, contacts.ADDRESS, TELEPHONE, EvidenceKind.SPOKEN, "telephone_call", day, marie, answers)
        append(work, officer(office), wish)
    office.settle()
    assert word(office, id_) == ("refused", "service.refused.evidence")


def test_what_only_one_officer_stands_for_is_refused_where_it_is_decided(office: Bench) -> None:
    entered = enter(office, typed(office, DESK, "address.change", "marie", address="Nová 1\n110 00 Praha"))
    with office.it.work() as work:
        inbox.set_status(work.db, entered.id, "received")
    office.settle()
    assert word(office, entered.id) == ("refused", "service.refused.evidence")


# --- at the desk -------------------------------------------------------------------------------------


def test_an_officer_changes_an_address_and_another_one_approves(office: Bench) -> None:
    entered = enter(office, typed(office, DESK, "address.change", "marie", address="Nová 1\n110 00 Praha"))
    assert entered.case is not None
    (case,) = cases(office)
    assert (case.kind, case.reason, case.first_officer) == ("entered", "second_officer", "alena")
    assert word(office, entered.id) == ("held", "decision.request.held")
    assert told(office, "request_held"), "the person is told that somebody asks in their name"
    with office.it.work() as work:
        file = queues.open_file(work, str(case.n), officer(office, "bohdan"))
    assert isinstance(file, queues.CaseFile)
    assert file.item is not None
    shown = dict(file.item.asked)
    assert shown["Entered by"] == "alena, at the desk"
    assert shown["Seen"].startswith("Identity card, ")
    assert any("Nová 1" in value for value in shown.values())
    assert isinstance(decide(office, case, acts.Act.ACCEPT), acts.NotDone)
    assert isinstance(decide(office, case, acts.Act.ACCEPT, who="bohdan"), acts.Done)
    assert word(office, entered.id)[0] == "in_force"
    assert any("Nová 1" in contact.destination for contact in record(office, "marie").contacts)
    row = kept(office, entered.id)
    assert (row.card, row.person) == ("", office.person("marie"))
    with office.it.database.read() as db:
        assert inbox.by_reference(db, entered.reference) is not None
        assert isinstance(audit.verify(db), audit.Intact)


def test_another_officer_can_refuse_and_the_person_is_told(office: Bench) -> None:
    entered = enter(office, typed(office, DESK, "address.change", "marie", address="Nová 1\n110 00 Praha"))
    (case,) = cases(office)
    decide(office, case, acts.Act.REFUSE, "It is not her signature.", who="bohdan")
    assert word(office, entered.id) == ("refused", "decision.request.refused")
    assert not any("Nová 1" in contact.destination for contact in record(office, "marie").contacts)
    assert told(office, "request_refused")


def test_a_new_account_at_the_desk_goes_through_the_firewall_with_both_officers(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    entered = enter(office, typed(office, DESK, "bank_account.change", "marie", account=office.account("marie_second")))
    (case,) = cases(office)
    decide(office, case, acts.Act.ACCEPT, who="bohdan")
    change = office.change(entered.id)
    assert isinstance(change.evidence, Attested)
    assert (change.evidence.entered_by, change.evidence.approved_by) == ("alena", "bohdan")
    assert change.evidence.document.startswith("identity_card ")
    assert change.state in {State.HELD, State.WAITING}, "never at once"


def test_a_new_name_needs_no_third_officer(office: Bench) -> None:
    answers = {"given_name": "Marie", "family_name": "Dvořáková", "reason": "marriage", "since": "2026-01-05"}
    sheet = typed(office, DESK, "name.change", "marie", **answers)
    entered = enter(office, sheet)
    (case,) = cases(office)
    decide(office, case, acts.Act.ACCEPT, who="bohdan")
    assert word(office, entered.id)[0] == "in_force"
    assert record(office, "marie").name == "Marie Dvořáková"


@pytest.mark.parametrize(("document", "stage"), [("court_decision", "in_force"), ("identity_card", "held")])
def test_a_guardian_needs_the_court_s_decision(office: Bench, document: str, stage: str) -> None:
    from dataclasses import replace

    josef = office.holder("josef")
    answers = {
        "name": str(office.demo["persons"]["josef"]["name"]), "card": josef.number, "ground": "guardian",
        "scope": "everything", "since": today(office).isoformat(), "until": "",
    }  # fmt: skip
    entered = enter(office, replace(typed(office, DESK, "mandate.grant", "marie", **answers), document=document))
    (case,) = cases(office)
    decide(office, case, acts.Act.ACCEPT, who="bohdan")
    assert word(office, entered.id)[0] == stage


def test_the_block_is_lifted_by_two_officers(office: Bench) -> None:
    enter(office, typed(office, TELEPHONE, "bank_account.block", "marie"))
    enter(office, typed(office, DESK, "bank_account.unblock", "marie", seen="passport"))
    (case,) = cases(office)
    assert record(office, "marie").changes_blocked
    decide(office, case, acts.Act.ACCEPT, who="bohdan")
    assert not record(office, "marie").changes_blocked


# --- what the page says ------------------------------------------------------------------------------


def test_a_page_asks_what_the_answers_call_for(office: Bench) -> None:
    def asked(**answers: str) -> list[str]:
        sheet = entries.look(office.it, officer(office), typed(office, DESK, "contacts.change", "marie", **answers))
        assert sheet is not None
        assert not sheet.ready or answers["channel"]
        return [one.id for one in sheet.fields]

    assert asked() == ["channel", "wish"]
    assert asked(channel="email", wish="new") == ["channel", "wish", "email"]
    assert asked(channel="sms", wish="remove") == ["channel", "wish"]


def test_nothing_is_said_of_a_person_before_one_is_named(office: Bench) -> None:
    empty = entries.look(office.it, officer(office), entries.Typed(DESK, "address.change"))
    assert empty is not None
    assert empty.typed.id
    assert (empty.fields, empty.person, empty.person_problem) == ((), "", "")
    opened = [line for line in office.audit() if line.action == "desk.file.opened"]
    assert opened == []
    refused(office, entries.Typed(DESK, "address.change", office.it.ids.new(), "123"))
    assert [line for line in office.audit() if line.action == "desk.file.opened"] == []


def test_what_does_not_fit_is_not_entered(office: Bench) -> None:
    from dataclasses import replace

    good = typed(office, DESK, "address.change", "marie", address="Nová 1\n110 00 Praha")
    late = (today(office) + timedelta(days=1)).isoformat()
    assert refused(office, replace(good, document="")).seen_problem
    assert refused(office, replace(good, seen_on=late)).seen_problem
    assert refused(office, replace(good, answers={"address": "x"})).fields[0].problem
    assert refused(office, replace(good, answers={})).ready is False
    assert refused(office, good, "cyril").person_problem, "of another office"
    assert refused(office, replace(good, id="not an id")).ready is False
    assert refused(office, typed(office, DESK, "proof_of_life.give", "josef")).closed
    assert isinstance(entries.enter(office.it, officer(office), replace(good, service="record.show")), acts.NotDone)
    assert isinstance(entries.enter(office.it, officer(office), replace(good, service="nothing")), acts.NotDone)


def test_a_form_sent_twice_is_entered_once(office: Bench) -> None:
    sheet = typed(office, DESK, "address.change", "marie", address="Nová 1\n110 00 Praha")
    enter(office, sheet)
    assert isinstance(entries.enter(office.it, officer(office), sheet), acts.NotDone)
    assert len(cases(office)) == 1


def test_a_colleague_s_page_names_the_acts_for_an_entry_and_for_no_case_after_it(office: Bench) -> None:
    enter(office, typed(office, DESK, "address.change", "marie", address="Nová 1\n110 00 Praha"))
    old = office.change_entry(office.holder("karel"), "karel_second")
    office.later(days=61)
    office.receive(old)
    office.settle()
    with office.it.database.read() as db:
        of_entry, set_aside = sorted(desk.open_cases(db), key=lambda case: case.kind != "entered")
    browser = Browser(desk_app(office.it))
    browser.sign_in("bohdan")
    page = browser.get(f"/cases/{of_entry.n}").text
    assert "Approve the entry" in page
    fields = {name: hidden(page, name) for name in ("csrf", "revision")}
    assert browser.post(f"/cases/{of_entry.n}", {**fields, "act": "accept", "reason": "Seen too."}).status == 303
    assert browser.get(f"/cases/{of_entry.n}").status == 200  # approved, it is shown as what it was
    page = browser.get(f"/cases/{set_aside.n}").text
    assert "Accept as it is" in page
    assert "Approve the entry" not in page


# --- its place ---------------------------------------------------------------------------------------


def test_each_office_s_desk_has_a_journal_and_is_no_terminal(office: Bench) -> None:
    def numbers(*found: entries.Entered) -> list[Any]:
        return [reference.parts(one.reference) for one in found]

    first = enter(office, typed(office, TELEPHONE, "bank_account.block", "marie"))
    second = enter(office, typed(office, TELEPHONE, "bank_account.block", "ludmila"))
    elsewhere = enter(office, typed(office, TELEPHONE, "bank_account.block", "josef"), "cyril")
    assert [(one.terminal, one.sequence) for one in numbers(first, second, elsewhere)] == [
        (9000, 1),
        (9000, 2),
        (9001, 1),
    ]
    with office.it.work() as work:
        assert {one.id for one in terminals.terminals(work.db)} == {"T0007"}
        with pytest.raises(EnvironmentFault, match="number of desks"):
            enrolment.new_code(work, terminal_id="T9000", office="101", technician="tom", lifetime=timedelta(minutes=5))
    rows = office.rows("SELECT previous_hash, hash FROM inbox WHERE terminal = 'T9000' ORDER BY seq")
    assert rows[1]["previous_hash"] == rows[0]["hash"]
