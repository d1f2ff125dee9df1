"""An officer at the desk takes part by a code: bound to officer, office, terminal and call; once, for minutes, throttled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from back_office_bench import application, ask

from back_office.desk import acts
from back_office.repository import attended, desk, people, scope
from kiosk.domain.bank_change import Flag

if TYPE_CHECKING:
    from back_office_bench import Bench, Holder

PROOF = "proof_of_life.give"


def officer(office: Bench, name: str = "alena", *, card: str = "staff") -> desk.Officer:
    with office.it.work() as work:
        attended.tie_card(work.db, name, office.holder(card).number if card else "")
        found = desk.officer(work.db, name)
    assert found is not None
    return found


def call(office: Bench) -> int:
    with office.it.work() as work:
        return desk.add_call(work.db, terminal="T0007", office="101", step="Answering", at=work.time)


def code_for(office: Bench, number: int, who: desk.Officer) -> str:
    given = acts.help_from_desk(office.it, who, number)
    assert isinstance(given, acts.Done), given
    return "".join(given.said.split()[1:3])


def typed(office: Bench, holder: Holder, number: int | str, code: str) -> dict[str, Any]:
    """Ask as the visit of this holder does."""
    id_, sealed, key = office.question(None, "staff_code", {"call": str(number), "code": code}, holder.answer_key)
    reply = ask(office, application(office), "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
    assert reply.status == 200, reply.body
    return office.open(reply.json["sealed"], id_, "staff_code", key)


def test_the_code_joins_the_visit_and_its_acts_are_attended(office: Bench) -> None:
    marie, number = office.holder("marie"), call(office)
    said = typed(office, marie, number, code_for(office, number, officer(office)))
    assert (said["outcome"], said["name"], said["card"]) == ("joined", "Alena Říhová", office.holder("staff").number)
    entry = office.entry(marie, PROOF, {}, attendance=said["pass"])
    office.receive(entry)
    office.settle()
    row = office.request_row(entry["id"])
    assert row is not None
    assert row.text_key == f"decision.{PROOF}.in_force"
    with office.it.database.read() as db:
        (proof,) = attended.proofs_of(db, office.person("marie"))
        assert desk.open_calls(db, "101") == []
    assert proof.attended_by == office.holder("staff").number
    assert ["alena" in line.actor for line in office.audit(f"call {number}")] == [True, True]


def test_in_another_visit_or_after_the_card_is_revoked_the_pass_proves_nothing(office: Bench) -> None:
    marie, number = office.holder("marie"), call(office)
    said = typed(office, marie, number, code_for(office, number, officer(office)))
    stranger = office.holder("marie")  # the same card, another visit
    with office.it.database.read() as db:
        before = scope.proof_of_life_due(db, office.person("marie"))
    office.receive(other := office.entry(stranger, PROOF, {}, attendance=said["pass"]))
    office.settle()
    with office.it.work() as work:
        people.revoke_card(work.db, office.holder("staff").number, work.time, "lost")
    office.receive(late := office.entry(marie, PROOF, {}, attendance=said["pass"]))
    office.settle()
    for entry in (other, late):
        row = office.request_row(entry["id"])
        assert row is not None
        assert row.text_key == f"decision.{PROOF}.visit_only"
    with office.it.database.read() as db:
        assert scope.proof_of_life_due(db, office.person("marie")) == before


def test_a_code_is_good_once_for_its_call_and_for_minutes(office: Bench) -> None:
    marie, number, alena = office.holder("marie"), call(office), officer(office)
    code = code_for(office, number, alena)
    assert typed(office, marie, number + 1, code) == {"outcome": "wrong"}
    assert typed(office, marie, "x", code) == {"outcome": "wrong"}
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert typed(office, marie, number, wrong) == {"outcome": "wrong"}
    assert typed(office, marie, number, code)["outcome"] == "joined"
    assert typed(office, marie, number, code) == {"outcome": "wrong"}
    number = call(office)
    code = code_for(office, number, alena)
    office.later(minutes=6)
    assert typed(office, marie, number, code) == {"outcome": "wrong"}
    first, second = code_for(office, number, alena), code_for(office, number, alena)
    assert first == second or typed(office, marie, number, first) == {"outcome": "wrong"}
    assert typed(office, marie, number, second)["outcome"] == "joined"


def test_another_terminal_cannot_use_it(office: Bench) -> None:
    with office.it.work() as work:
        number = desk.add_call(work.db, terminal="T0008", office="101", step="Menu", at=work.time)
    code = code_for(office, number, officer(office))
    assert typed(office, office.holder("marie"), number, code) == {"outcome": "wrong"}


def test_who_has_no_right_gets_no_code(office: Bench) -> None:
    number = call(office)
    assert isinstance(acts.help_from_desk(office.it, officer(office, "bohdan", card=""), number), acts.NotDone), "no staff card"
    assert isinstance(acts.help_from_desk(office.it, officer(office, card="marie"), number), acts.NotDone), "no staff card"
    assert isinstance(acts.help_from_desk(office.it, officer(office, "cyril"), number), acts.NotDone), "another office"
    assert isinstance(acts.help_from_desk(office.it, officer(office), number + 1), acts.NotDone), "no such call"
    code = code_for(office, number, officer(office))
    with office.it.work() as work:
        people.revoke_card(work.db, office.holder("staff").number, work.time, "lost")
    assert typed(office, office.holder("marie"), number, code) == {"outcome": "wrong"}, "revoked meanwhile"


def test_guessing_closes_the_terminal_s_code_entry(office: Bench) -> None:
    marie, number = office.holder("marie"), call(office)
    code = code_for(office, number, officer(office))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(office.it.scheme.code_entry.limit):
        assert typed(office, marie, number, wrong) == {"outcome": "wrong"}
    assert typed(office, marie, number, code) == {"outcome": "too_many"}


def test_what_the_helper_typed_flags_a_change_of_account(office: Bench) -> None:
    marie, number = office.holder("marie"), call(office)
    said = typed(office, marie, number, code_for(office, number, officer(office)))
    helper = f"helper:staff:{said['card']}"
    by = {"account": helper, "account_as_typed": helper}
    office.bank_knows("marie_second", "match")
    change = office.submit(marie, "marie_second", attendance=said["pass"], entered_by=by)
    assert Flag.TYPED_BY_HELPER in office.change(change).flags
