"""What was set aside and what is in conflict: decided at the desk, once, and the person is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from back_office_bench import TerminalKeys

from back_office import fleet
from back_office.desk import acts, queues
from back_office.desk.acts import Act, Decision, Done, NotDone
from back_office.repository import desk
from kiosk.domain.bank_change import State

if TYPE_CHECKING:
    from back_office_bench import Bench, Holder

    from back_office.desk.examined import Item
    from back_office.repository.desk import Officer


def officer(office: Bench, name: str) -> Officer:
    with office.it.database.read() as db:
        found = desk.officer(db, name)
    assert found is not None
    return found


def cases(office: Bench) -> list[tuple[str, str, str]]:
    with office.it.database.read() as db:
        return [(case.kind, case.subject, case.reason) for case in desk.open_cases(db)]


def case_of(office: Bench, subject: str) -> str:
    with office.it.database.read() as db:
        (case,) = [case for case in desk.open_cases(db) if case.subject == subject]
    return str(case.n)


def decide(office: Bench, who: str, case: str, act: Act, reason: str = "seen", **more: Any) -> Done | NotDone:
    return acts.decide(office.it, officer(office, who), case, Decision(act, reason, **more))


def look(office: Bench, case: str, who: str = "alena") -> tuple[queues.CaseFile, Item]:
    with office.it.work() as work:
        file = queues.open_file(work, case, officer(office, who))
    assert isinstance(file, queues.CaseFile)
    assert file.item is not None
    return file, file.item


def statuses(office: Bench, id_: str) -> str:
    return str(office.rows("SELECT status FROM inbox WHERE id = ?", id_)[0]["status"])


def in_edit_conflict(office: Bench, marie: Holder | None = None) -> str:
    marie = marie or office.holder("marie")
    for account in ("marie_second", "marie_third"):
        office.bank_knows(account, "match")
    office.submit(marie, "marie_second", base_version=1)
    office.later(days=91)  # outside every window of flags
    return office.submit(marie, "marie_third", base_version=1)


# --- edits that did not know of each other -------------------------------------------------------------


def test_an_officer_sees_both_edits_and_lets_the_later_one_go_on(office: Bench) -> None:
    id_ = in_edit_conflict(office)
    case = case_of(office, id_)
    file, item = look(office, case)
    assert acts.possible(file) == (Act.ACCEPT, Act.REFUSE)
    assert item.name == "Marie Novotná"
    assert dict(item.asked)["Record that the person saw"] == "version 1"
    assert dict(item.now)["Record now"] == "version 2"
    assert isinstance(decide(office, "alena", case, Act.ACCEPT, "The person confirmed it."), Done)
    office.settle()
    assert office.change(id_).state is State.IN_FORCE
    assert office.bank.told[-1].iban == office.account("marie_third")
    assert cases(office) == []
    assert office.rows("SELECT what, officers FROM waiver") == [{"what": "edit_conflict", "officers": "alena"}]


def test_accepted_it_still_meets_the_firewall(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    office.submit(marie, "marie_second", base_version=1)
    id_ = office.submit(marie, "of_someone_else", base_version=1)
    decide(office, "alena", case_of(office, id_), Act.ACCEPT)
    office.settle()
    assert office.change(id_).state is State.HELD, "the bank says no match: paper, and another officer"
    assert [kind for kind, subject, _ in cases(office) if subject == id_] == ["held_change"], "one queue"


def test_refused_the_person_reads_why_and_gets_a_notice(office: Bench) -> None:
    marie = office.holder("marie")
    id_ = in_edit_conflict(office, marie)
    told = len(office.messages.sent)
    assert isinstance(
        decide(office, "alena", case_of(office, id_), Act.REFUSE, "Asked by telephone: not wanted."), Done
    )
    office.settle()
    word = office.verdict(marie, id_)
    assert (word.decision, word.text_key) == ("refused", "decision.request.refused")
    assert dict(word.parameters) == {"reason": "Asked by telephone: not wanted."}
    new = office.messages.sent[told:]
    assert [message.key.split(":")[1] for message in new] == ["request_refused"] * 3
    assert any("Asked by telephone" in message.text for message in new)
    row = office.request_row(id_)
    assert row is not None
    assert row.decision == "refused"
    assert statuses(office, id_) == "refused"
    (again,) = office.receive(entry_again(office, id_)).answer.results
    assert (again.status, again.decision) == ("refused", "refused"), "the same again gets the same answer"


def entry_again(office: Bench, id_: str) -> dict[str, Any]:
    (row,) = office.rows("SELECT * FROM inbox WHERE id = ?", id_)
    names = ("id", "kind", "epoch", "seq", "schema", "sealing_key_id", "previous_hash", "hash", "recorded_at")
    return {name: row[name] for name in names} | {"body": bytes(row["body"]).decode()}


def test_the_second_officer_on_a_case_is_told(office: Bench) -> None:
    id_ = in_edit_conflict(office)
    case = case_of(office, id_)
    seen = look(office, case)[0].revision
    assert isinstance(decide(office, "alena", case, Act.REFUSE, revision=seen), Done)
    late = decide(office, "bohdan", case, Act.ACCEPT, revision=seen)
    assert isinstance(late, NotDone)
    office.settle()
    assert office.rows("SELECT id FROM bank_change WHERE id = ?", id_) == []


def test_a_conflict_is_decided_not_closed(office: Bench) -> None:
    case = case_of(office, in_edit_conflict(office))
    for act in (Act.CLOSE, Act.RETRY):
        assert isinstance(decide(office, "alena", case, act), NotDone)


def test_another_office_cannot_decide(office: Bench) -> None:
    case = case_of(office, in_edit_conflict(office))
    assert isinstance(decide(office, "cyril", case, Act.ACCEPT), NotDone)


# --- deliveries in conflict ----------------------------------------------------------------------------


def test_what_stood_at_a_taken_place_can_be_let_in(office: Bench) -> None:
    office.bank_knows("karel_second", "match")
    first = office.change_entry(office.holder("marie"), "marie_second")
    clone = TerminalKeys(office.terminal.id, office.terminal.office, office.terminal.key, office.terminal.epoch)
    office.terminal, own = clone, office.terminal
    second = office.change_entry(office.holder("karel"), "karel_second")
    office.terminal = own
    office.receive(first)
    (result,) = office.receive(second).answer.results
    assert (result.status, result.reason) == ("conflict", "place_taken")
    office.settle()
    case = case_of(office, second["id"])
    _, item = look(office, case)
    assert (item.name, item.officers) == ("Karel Dvořák", 1)
    assert isinstance(decide(office, "alena", case, Act.ACCEPT), Done)
    office.settle()
    assert office.change(second["id"]).state is State.IN_FORCE
    assert office.receive(second).answer.results[0].decision == "in_force", "sent again it gets its decision"


def test_another_body_under_a_decided_id_can_only_be_refused(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    entry = office.change_entry(marie, "marie_second")
    office.receive(entry)
    office.settle()
    for text in ("x.x.x.x.x", "y.y.y.y.y"):
        office.receive(entry | {"body": text})
    case = case_of(office, entry["id"])
    file, item = look(office, case)
    assert (acts.possible(file), item.officers) == ((Act.REFUSE,), 0)
    assert isinstance(decide(office, "alena", case, Act.ACCEPT), NotDone)
    assert isinstance(decide(office, "alena", case, Act.REFUSE), Done)
    assert cases(office) == [("conflict", entry["id"], "other_body")], "the second one is still to be decided"
    assert isinstance(decide(office, "alena", case_of(office, entry["id"]), Act.REFUSE), Done)
    assert cases(office) == []
    assert office.verdict(marie, entry["id"]).decision == "in_force", "the word on what was decided stands"


# --- what was set aside ----------------------------------------------------------------------------------


def too_old(office: Bench) -> str:
    entry = office.change_entry(office.holder("marie"), "marie_second")
    office.bank_knows("marie_second", "match")
    office.later(days=61)
    office.receive(entry)
    office.settle()
    assert cases(office) == [("quarantine", entry["id"], "cannot_be_attributed:clock")]
    return str(entry["id"])


def test_what_was_signed_too_long_ago_takes_two_officers(office: Bench) -> None:
    id_ = too_old(office)
    case = case_of(office, id_)
    file, item = look(office, case)
    assert (acts.possible(file)[0], item.officers) == (Act.ACCEPT, 2)
    first = decide(office, "alena", case, Act.ACCEPT, "The terminal was stored away.", revision=file.revision)
    assert isinstance(first, Done)
    assert "Another officer" in first.said
    stale = decide(office, "bohdan", case, Act.REFUSE, revision=file.revision)
    assert isinstance(stale, NotDone), "who has the page from before is told"
    again = decide(office, "alena", case, Act.ACCEPT)
    assert isinstance(again, NotDone)
    assert "hand in this already" in again.why
    office.settle()
    assert office.rows("SELECT id FROM bank_change") == []
    assert queues.is_barred(look(office, case)[0], "alena")

    assert isinstance(decide(office, "bohdan", case, Act.ACCEPT, "Seen its seal."), Done)
    office.settle()
    assert office.change(id_).state is State.IN_FORCE
    assert office.rows("SELECT what, officers FROM waiver") == [{"what": "too_old", "officers": "alena bohdan"}]


def test_what_nothing_proves_is_accepted_by_nobody(office: Bench) -> None:
    entry = office.change_entry(office.holder("stranger"), "marie_second")
    office.receive(entry)
    office.settle()
    case = case_of(office, entry["id"])
    file, item = look(office, case)
    assert (item.officers, item.name) == (0, "")
    assert Act.ACCEPT not in acts.possible(file)
    for who in ("alena", "bohdan"):
        assert isinstance(decide(office, who, case, Act.ACCEPT), NotDone)
    sent = len(office.messages.sent)
    assert isinstance(decide(office, "alena", case, Act.REFUSE), Done)
    office.settle()
    assert len(office.messages.sent) == sent
    assert statuses(office, entry["id"]) == "refused"


def test_what_was_set_aside_is_told_where_it_is_known_whose_it_is(office: Bench) -> None:
    marie = office.holder("marie")
    entry = office.change_entry(marie, "marie_second", scheme="xx")
    office.receive(entry)
    office.settle()
    assert office.verdict(marie, entry["id"]).text_key == "decision.request.held"
    assert isinstance(decide(office, "alena", case_of(office, entry["id"]), Act.REFUSE, "Of another country."), Done)
    office.settle()
    assert office.verdict(marie, entry["id"]).decision == "refused"
    kinds = [message.key.split(":")[1] for message in office.messages.sent]
    assert kinds == ["request_held"] * 3 + ["request_refused"] * 3


def test_what_a_retired_terminal_left_is_let_in_by_an_officer(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    for step in ("suspended", "retired"):
        if step == "suspended":
            with office.it.work() as work:
                fleet.change_state(work, office.terminal.id, step, by="olga", reason="found open")
            entry = office.change_entry(office.holder("marie"), "marie_second")
            office.receive(entry)
        else:
            with office.it.work() as work:
                fleet.change_state(work, office.terminal.id, step, by="olga", reason="scrapped")
    assert isinstance(decide(office, "alena", case_of(office, entry["id"]), Act.ACCEPT), Done)
    office.settle()
    assert office.change(entry["id"]).state is State.IN_FORCE


def test_what_is_no_entry_can_be_closed_only(office: Bench) -> None:
    office.receive({"id": office.it.ids.new(), "seq": 0})
    (subject,) = [subject for _, subject, _ in cases(office)]
    case = case_of(office, subject)
    file, _ = look(office, case)
    assert acts.possible(file) == (Act.CLOSE,)
    assert isinstance(decide(office, "alena", case, Act.REFUSE), NotDone)
    assert isinstance(decide(office, "alena", case, Act.CLOSE, "The terminal was mended."), Done)


@pytest.mark.parametrize("act", [Act.ACCEPT, Act.REFUSE])
def test_a_decided_case_is_decided(office: Bench, act: Act) -> None:
    case = case_of(office, in_edit_conflict(office))
    assert isinstance(decide(office, "alena", case, Act.REFUSE), Done)
    assert isinstance(decide(office, "bohdan", case, act), NotDone)
