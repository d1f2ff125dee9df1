"""Any channel: each act of the catalogue is asked for through the API alone, from its published schema and the record's answer.

A new act enters with a sample here, or the first test fails. What the rules of the entry say of the sample is what comes back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from back_office_bench import Bench, application, asgi, ask, bench
from back_office_numbers import OWN, asked, chosen

from kiosk.domain import form
from kiosk.domain.card import Role
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.record import Person
from kiosk.domain.service import Assurance, Entry, Kind, Standing, refusal, standing_of
from kiosk.schemes import load_scheme
from kiosk.wire.answer import AnswerKey
from kiosk.wire.person_record import person_of
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kiosk.domain.problem import Problem

CZ = load_scheme("cz")
ACTS = [name for name in CZ.services if SERVICES[name].kind is Kind.ACT and SERVICES[name].entry is Entry.REQUEST]
ELSEWHERE = [name for name in CZ.services if SERVICES[name].kind is Kind.ACT and SERVICES[name].entry is not Entry.REQUEST]
TODAY = "2026-11-01"


@dataclass
class Caller:
    """Somebody who has a terminal's key, cards, and nothing but the API."""

    office: Bench
    app: Any
    catalogue: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        published = asgi(self.app, "GET", "/v1/catalogue").json["services"]
        self.catalogue = {entry["id"]: entry for entry in published}

    def record(self, name: str) -> Person:
        """Ask for the own record, and read the answer."""
        id_, sealed, key = self.office.question(self.office.holder(name), "person_record", {})
        reply = ask(self.office, self.app, "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
        assert reply.status == 200, reply.body
        found = person_of(self.office.open(reply.json["sealed"], id_, "person_record", key))
        assert isinstance(found, Person), found
        return found

    def push(self, entry: dict[str, Any]) -> str:
        """Push an entry and let it be decided; its id."""
        reply = ask(self.office, self.app, "POST", "/v1/transactions", body={"items": [entry]})
        assert reply.status == 200, reply.body
        self.office.settle()
        return str(entry["id"])

    def request(self, name: str, service: str, answers: dict[str, str], **other: Any) -> tuple[str, str]:
        """Sign with somebody's card, or tell without one ("")."""
        made = self.office.report_entry if not name else self.office.entry
        entry = made(service, answers, **other) if not name else made(self.office.holder(name), service, answers, **other)
        return self.verdict(self.push(entry))

    def attended(self, name: str, service: str, answers: dict[str, str]) -> tuple[str, str]:
        """Ask with an officer at the side, who has put in the own card."""
        if name:
            return self.verdict(self.push(self.office.attended(self.office.holder(name), service, answers)))
        id_ = self.office.it.ids.new()
        word = self.office.word(id_, service, answers)
        return self.verdict(self.push(self.office.report_entry(service, answers, id=id_, attendance=word)))

    def verdict(self, id_: str) -> tuple[str, str]:
        """The word on it and its sentence; `quarantined` and why, where nobody can say whose it is."""
        row = self.office.request_row(id_)
        (kept,) = self.office.rows("SELECT status, reason FROM inbox WHERE id = ?", id_)
        return (kept["status"], kept["reason"]) if row is None else (row.decision, row.text_key)


@dataclass(frozen=True)
class Sample:
    """How an act is asked for. `first`: what must be so before; `again`: the word on the same thing a second time."""

    who: str
    answers: Callable[[Caller], dict[str, str]]
    decision: str
    again: str = ""
    first: Callable[[Caller], Any] = lambda _: None
    attended: bool = False
    earlier: Callable[[Caller], dict[str, str]] | None = None
    """Answers signed before these and coming after them: refused, for the last signature stands. None: no such rule."""


def plain(**answers: str) -> Callable[[Caller], dict[str, str]]:
    return lambda _: dict(answers)


def to_second(call: Caller) -> dict[str, str]:
    iban = call.office.account("marie_second")
    return {"account": iban, "account_as_typed": iban}


def under_way(call: Caller) -> None:
    call.office.bank_knows("marie_second", "close_match", "Marie A. Novotná")
    assert call.request("marie", "bank_account.change", to_second(call))[0] == "waiting"


def own_change(call: Caller) -> dict[str, str]:
    return {"change": next(line.transaction_id for line in call.record("marie").requests if line.stoppable)}


def mandate(call: Caller) -> dict[str, str]:
    return {
        "name": "Karel Dvořák", "card": call.office.holder("karel").number, "ground": "proxy", "scope": "contacts",
        "since": call.office.it.clock.now().astimezone(CZ.bank_change.zone).date().isoformat(), "until": "",
    }  # fmt: skip


def lost(call: Caller) -> dict[str, str]:
    return {"number": call.office.person("josef"), "birth_date": call.record("josef").birth_date, "call_back": ""}


def death(call: Caller) -> dict[str, str]:
    died = call.office.it.clock.now().date().isoformat()
    return {
        "known_by": "number", "number": call.office.person("marie"), "died_on": died, "reporter": "", "call_back": "",
    }  # fmt: skip


REGISTER = plain(
    identity="passport", ground="employment", given_name="Olena", family_name="Ševčenko", former_name="",
    birth_date="1994-07-30", number="",
)  # fmt: skip
SAMPLES = {
    "bank_account.change": Sample(
        "marie", to_second, "in_force", "decision.bank_change.refused.same_account",
        first=lambda call: call.office.bank_knows("marie_second", "match"),
    ),
    "bank_account.stop": Sample("marie", own_change, "cancelled", first=under_way),
    "bank_account.confirm_holder": Sample("marie", own_change, "in_force", first=under_way),
    "bank_account.block": Sample("marie", plain(), "in_force", "bank_account.blocked_already"),
    "bank_account.unblock": Sample(
        "marie", plain(seen="identity_card"), "in_force", "bank_account.not_blocked", attended=True,
        first=lambda call: call.request("marie", "bank_account.block", {}),
    ),
    "record.query": Sample(
        "josef",
        plain(what="missing_employer", employer_name="Pekárna Dvořák", employer="", **{"from": "2001-01-01", "to": "2001-12-31"},
              remarks=""),
        "held",
    ),
    "address.change": Sample("marie", plain(address="Nová 2\n301 00 Plzeň"), "in_force",
                             earlier=plain(address="Jiná 5\n110 00 Praha 1")),
    "contacts.change": Sample("marie", plain(channel="sms", wish="new", sms="+420601999888"), "in_force",
                              earlier=plain(channel="sms", wish="new", sms="+420601777666")),
    "health_card.order": Sample("josef", plain(reason="lost"), "in_force", "health_card.on_its_way"),
    "name.change": Sample(
        "marie", plain(given_name="Marie", family_name="Dvořáková", reason="marriage", since="2026-10-01"), "held",
        "service.name.change.pending",
    ),
    "card.stop": Sample("marie", lambda call: {"card": call.office.holder("marie").number}, "in_force",
                        "service.refused.card_revoked"),
    "card.lost": Sample("", lost, "held"),
    "mandate.grant": Sample("marie", mandate, "in_force", "mandate.stands"),
    "mandate.revoke": Sample(
        "marie", lambda call: {"mandate": call.record("marie").mandates_given[0].id}, "in_force",
        first=lambda call: call.request("marie", "mandate.grant", mandate(call)),
    ),
    "benefit.apply": Sample("josef", plain(benefit="sickness", since=TODAY, abroad="no"), "held",
                            "decision.benefit.apply.refused.applied_already"),
    "death.report": Sample("", death, "held"),
    "proof_of_life.give": Sample("marie", plain(), "in_force", attended=True),
    "certificate.issue": Sample("marie", plain(kind="insurance_status"), "in_force"),
    "certificate.print": Sample(
        "marie", lambda call: {"request": call.record("marie").certificates[0].request}, "in_force",
        first=lambda call: call.request("marie", "certificate.issue", {"kind": "payments"}),
    ),
    "person.register": Sample("", REGISTER, "held", attended=True),
}  # fmt: skip


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Caller]:
    with bench(tmp_path) as office:
        yield Caller(office, application(office))


def made(call: Caller, sample: Sample, service: str, answers: dict[str, str], **other: Any) -> tuple[str, str]:
    if sample.attended:
        return call.attended(sample.who, service, answers)
    return call.request(sample.who, service, answers, **other)


def by_the_rules(call: Caller, sample: Sample, service: str, answers: dict[str, str]) -> Problem | None:
    """What the entry itself says, from the record as the API gave it."""
    today = call.office.it.clock.now().astimezone(CZ.bank_change.zone).date().isoformat()
    staff = call.office.holder("staff").number if sample.attended else ""
    standing = Standing(Role.NONE, today=today, staff=staff, scheme=CZ)
    if sample.who:
        standing = standing_of(Role.INSURED, call.record(sample.who), today=today, staff=staff, scheme=CZ)
    return refusal(SERVICES[service], standing) or form.recheck(SERVICES[service], answers, CZ, standing)


def test_every_act_of_the_catalogue_has_a_sample_and_no_sample_is_of_none() -> None:
    assert set(ACTS) == set(SAMPLES), "add how your service is asked for"
    assert all(SERVICES[name].entry is not Entry.REQUEST for name in ELSEWHERE)


@pytest.mark.parametrize("service", ACTS)
def test_it_is_asked_for_by_schema_and_record_and_decided_as_the_rules_say(call: Caller, service: str) -> None:
    sample = SAMPLES[service]
    sample.first(call)
    answers = sample.answers(call)
    jsonschema.Draft202012Validator(call.catalogue[service]["answers"]).validate(answers)
    assert by_the_rules(call, sample, service, answers) is None
    decision, key = made(call, sample, service, answers)
    assert decision == sample.decision, key
    if sample.again:
        assert made(call, sample, service, answers) == ("refused", sample.again)


@pytest.mark.parametrize("service", ACTS)
def test_a_card_without_the_right_or_none_at_all_gets_nothing(call: Caller, service: str) -> None:
    sample, entry = SAMPLES[service], SERVICES[service]
    sample.first(call)
    answers = sample.answers(call)
    before = call.record(sample.who).version if sample.who else 0
    words = [call.request("employer", service, answers)]
    if entry.assurance is not Assurance.NONE:
        words += [call.request("", service, answers), call.request("revoked", service, answers)]
    assert words[0][0] == "refused", words
    assert {decision for decision, _ in words} <= {"refused", "quarantined"}, words
    assert not sample.who or call.record(sample.who).version == before


@pytest.mark.parametrize("service", ACTS)
def test_what_the_schema_refuses_the_rules_refuse_too(call: Caller, service: str) -> None:
    sample = SAMPLES[service]
    sample.first(call)
    answers = sample.answers(call) | {"unheard_of": "x"}
    validator = jsonschema.Draft202012Validator(call.catalogue[service]["answers"])
    assert not validator.is_valid(answers)
    entry_decides = SERVICES[service].entry is Entry.REQUEST and not service.startswith("bank_account.c")
    if entry_decides and service != "bank_account.stop":
        assert made(call, sample, service, answers)[0] == "refused"


@pytest.mark.parametrize("service", [name for name in ACTS if SAMPLES[name].earlier])
def test_an_edit_that_was_signed_before_another_one_and_comes_after_it_is_refused(call: Caller, service: str) -> None:
    sample, office = SAMPLES[service], call.office
    assert sample.earlier is not None
    holder = office.holder(sample.who)
    early = office.transaction(holder, service, sample.earlier(call), base_version=call.record(sample.who).version)
    sealed = office.sealed(holder, early)
    office.later(minutes=10)
    assert made(call, sample, service, sample.answers(call))[0] == sample.decision
    late = call.push(office.terminal.entry(early.id, sealed, wire_time(office.it.clock.now())))
    assert call.verdict(late) == ("refused", "service.refused.record_changed")


@pytest.mark.parametrize("service", ELSEWHERE)
def test_what_is_no_request_is_none_through_the_api_either(call: Caller, service: str) -> None:
    assert "api" not in call.catalogue[service]["channels"]
    for entry in (call.office.entry(call.office.holder("marie"), service, {}), call.office.report_entry(service, {})):
        id_ = call.push(entry)
        assert call.office.rows("SELECT status, reason FROM inbox WHERE id = ?", id_) == [
            {"status": "quarantined", "reason": "service_unknown"}
        ]


@pytest.mark.parametrize("service", ACTS)
def test_number_and_pin_ask_for_what_the_catalogue_publishes_and_for_nothing_else(call: Caller, service: str) -> None:
    """Through the API alone: number and PIN are shown, and what comes back is carried by what is told in that visit."""
    sample, key = SAMPLES[service], AnswerKey.generate()
    sample.first(call)
    answers = sample.answers(call)
    before = call.record("marie")
    word = asked(call.office, call.app, chosen(call.office, call.app), OWN, key=key)["pass"]
    decision, text = call.request("", service, answers, by_number=word, answer_key=key.jwk)
    published = call.catalogue[service]["channels"].get("api", [])
    if "number_and_pin" in published:
        assert (decision, service) == ("in_force", "bank_account.block")
        assert call.record("marie").changes_blocked
    else:
        expected = "refused" if SERVICES[service].assurance is not Assurance.NONE else sample.decision
        if not service.startswith("bank_account.") and not sample.attended:
            assert decision == expected, text
        assert decision != "in_force"
        after = call.record("marie")
        assert (after.version, after.account, after.changes_blocked) == (before.version, before.account, before.changes_blocked)
