"""Requests of any service: the same rules as on the screen, one effect, one word, one case at the desk."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from back_office_bench import Bench, bench

from back_office.desk import acts, queues
from back_office.repository import desk, requests
from back_office.services import registry
from back_office.services.effect import Effect, InForce, No, ToDesk
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.service import Conflict
from tests.unit.domain import example_services as examples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASK, REPORT = "test.ask", "test.report"


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Bench]:
    with bench(tmp_path, database) as made:
        yield made


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two services, whose effects say what the answers want."""

    def decide(_work, asked):
        match asked.answers.get("why", "") or asked.answers.get("what", ""):
            case "desk":
                return ToDesk("look")
            case "no":
                return No("by_rule")
            case _:
                return InForce()

    def accepted(_work, _asked):
        return InForce()

    monkeypatch.setitem(SERVICES, ASK, replace(examples.ASK, questions=(replace(examples.ASK.questions[1], asked_if=None),)))
    monkeypatch.setitem(SERVICES, REPORT, examples.REPORT)
    effect = Effect(decide, accepted)
    monkeypatch.setattr(registry, "EFFECTS", {ASK: effect, REPORT: effect})
    monkeypatch.setattr("back_office.services.deciding.EFFECTS", registry.EFFECTS)


def submit(office: Bench, why: str, service: str = ASK, name: str = "marie", **other) -> str:
    entry = office.entry(office.holder(name), service, {"why": why}, **other)
    office.receive(entry)
    office.decide(entry["id"])
    return str(entry["id"])


def word(office: Bench, id_: str) -> tuple[str, str]:
    row = office.request_row(id_)
    assert row is not None
    return row.decision, row.text_key


def officer(office: Bench) -> desk.Officer:
    with office.it.database.read() as db:
        found = desk.officer(db, "alena")
    assert found is not None
    return found


def test_a_request_that_passes_has_its_effect_and_its_answers_are_kept(office: Bench) -> None:
    id_ = submit(office, "because")
    assert word(office, id_) == ("in_force", f"decision.{ASK}.in_force")
    with office.it.database.read() as db:
        kept = requests.content(db, id_)
    assert kept == requests.Content({"why": "because"}, {"why": "holder"})
    assert [line.action for line in office.audit(id_)] == ["request.decided"]


def test_an_effect_that_says_no_is_a_refusal_with_its_reason(office: Bench) -> None:
    assert word(office, submit(office, "no")) == ("refused", f"decision.{ASK}.refused.by_rule")


@pytest.mark.parametrize(("accept", "decision"), [(True, "in_force"), (False, "refused")])
def test_what_goes_to_the_desk_is_decided_there_once(office: Bench, accept: bool, decision: str) -> None:
    id_ = submit(office, "desk")
    assert word(office, id_)[0] == "held"
    with office.it.database.read() as db:
        (case,) = [one for one in desk.open_cases(db) if one.subject == id_]
    assert (case.kind, case.reason) == ("request", ":look")
    assert any(line.subject == id_ and line.name for line in queues.queue(office.it, case.office).cases)
    act = acts.Act.ACCEPT if accept else acts.Act.REFUSE
    who = officer(office)
    done = acts.decide(office.it, who, str(case.n), acts.Decision(act, "looked at it"))
    assert isinstance(done, acts.Done), done
    assert word(office, id_)[0] == decision
    again = acts.decide(office.it, who, str(case.n), acts.Decision(act, "again"))
    assert isinstance(again, acts.NotDone)


def test_an_officer_s_yes_meets_the_rules_of_the_effect(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = submit(office, "desk")
    monkeypatch.setitem(registry.EFFECTS, ASK, Effect(registry.EFFECTS[ASK].decide, lambda _work, _asked: No("by_rule")))
    with office.it.database.read() as db:
        (case,) = [one for one in desk.open_cases(db) if one.subject == id_]
    done = acts.decide(office.it, officer(office), str(case.n), acts.Decision(acts.Act.ACCEPT, "yes"))
    assert isinstance(done, acts.Done)
    assert word(office, id_) == ("refused", f"decision.{ASK}.refused.by_rule")


@pytest.mark.parametrize("name", ["employer", "staff"])
def test_another_role_is_refused_in_words(office: Bench, name: str) -> None:
    assert word(office, submit(office, "because", name=name)) == ("refused", "service.refused.role")


def test_answers_are_checked_again(office: Bench) -> None:
    decision, key = word(office, submit(office, "x" * 501))
    assert (decision, key) == ("refused", "text.too_long")


def test_a_second_one_while_one_waits_is_refused(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SERVICES, ASK, replace(SERVICES[ASK], conflict=Conflict.ONE_PENDING))
    submit(office, "desk")
    assert word(office, submit(office, "because")) == ("refused", f"service.{ASK}.pending")


def test_a_revoked_card_is_refused(office: Bench) -> None:
    assert word(office, submit(office, "because", name="revoked")) == ("refused", "service.refused.card_revoked")


def test_evidence_that_the_service_does_not_take_is_refused(office: Bench) -> None:
    id_ = submit(office, "because", evidence={"kind": "spoken"})
    assert word(office, id_) == ("refused", "service.refused.evidence")


def test_another_person_s_number_is_set_aside(office: Bench) -> None:
    entry = office.entry(office.holder("marie"), ASK, {"why": "because"}, person=office.person("josef"))
    office.receive(entry)
    office.decide(entry["id"])
    assert [row["reason"] for row in office.rows("SELECT reason FROM inbox WHERE id = ?", entry["id"])] == ["other_person"]


def test_what_is_told_without_a_card_is_decided_and_touches_nobody(office: Bench) -> None:
    entry = office.report_entry(REPORT, {"what": "a word"})
    office.receive(entry)
    office.decide(entry["id"])
    row = office.request_row(entry["id"])
    assert row is not None
    assert (row.decision, row.person, row.card) == ("in_force", None, "")


def test_without_a_card_nothing_is_done_that_needs_one(office: Bench) -> None:
    entry = office.report_entry(ASK, {"why": "because"})
    office.receive(entry)
    office.decide(entry["id"])
    assert word(office, entry["id"]) == ("refused", "service.refused.needs_card")


def test_a_report_at_the_desk_is_decided_there(office: Bench) -> None:
    entry = office.report_entry(REPORT, {"what": "desk"})
    office.receive(entry)
    office.decide(entry["id"])
    with office.it.database.read() as db:
        (case,) = [one for one in desk.open_cases(db) if one.subject == entry["id"]]
    done = acts.decide(office.it, officer(office), str(case.n), acts.Decision(acts.Act.ACCEPT, "seen"))
    assert isinstance(done, acts.Done)
    assert word(office, entry["id"])[0] == "in_force"
