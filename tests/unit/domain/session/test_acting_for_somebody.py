"""Acting for somebody else: for whom is chosen after the PIN, the other's record opens, and the way back is never closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.problem import Problem
from kiosk.domain.record import Mandate
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.domain.session.answering import actions_of
from kiosk.domain.session.choosing import standing_in
from kiosk.domain.session.signing import with_holder_to_confirm
from tests.unit.domain.session.visits import PENDING, TO_CONFIRM, Visit, person, recorded

OLGA = Mandate("m1", "Olga Stará", "5554241234", "1234567890", "proxy", "2026-01-01", "", ("address.change",))
OWN = person(mandates_held=(OLGA,))
HERS = person(name="Olga Stará", number="5554241234", version=9, requests=(PENDING, TO_CONFIRM))
OFFERED = ("mandate.act", "address.change", "contacts.change")


@pytest.fixture
def visit():
    made = Visit()
    made.session = replace(made.session, services=OFFERED, today="2026-11-22")
    made.to_menu()
    made.session = replace(made.session, phase=at.Menu(replace(made.phase.visitor, name=OWN.name, person=OWN)))
    return made


def cut(visit):
    visit.press(ev.EnvironmentChanged(replace(visit.session.environment, line=at.Line.OFFLINE)))


def acting(visit):
    visit.press(ev.ServiceChosen("mandate.act"))
    assert visit.press(ev.ActionPressed("act-0")) == [do.OpenRecord(OLGA.person)]
    assert isinstance(visit.phase, at.OpeningRecord)
    visit.press(ev.RecordOpened(HERS))
    return visit


def test_the_record_of_the_other_opens_and_the_own_one_is_kept_aside(visit):
    visitor = acting(visit).phase.visitor
    assert isinstance(visit.phase, at.Menu)
    assert (visitor.name, visitor.person, visitor.own, visitor.mandate) == ("Olga Stará", HERS, OWN, OLGA)
    assert standing_in(visit.session, visitor).mandate == OLGA


def test_what_the_mandate_does_not_cover_is_said_before_anything_is_typed(visit):
    acting(visit).press(ev.ServiceChosen("contacts.change"))
    assert visit.phase.problem == Problem("service.refused.not_in_mandate")
    visit.press(ev.ServiceChosen("address.change"))
    assert isinstance(visit.phase, at.Answering)


def test_after_an_act_the_other_s_record_is_asked_for_again(visit):
    acting(visit)
    checked = at.Checking(visit.phase.visitor, "address.change", {"address": "x"})
    visit.session = replace(
        visit.session, phase=at.ShowingReceipt(checked, recorded("t-9"), None, at.Printing.PRINTED), card_present=True
    )
    assert visit.press(ev.ContinuePressed()) == [do.OpenRecord(OLGA.person)]


@pytest.mark.parametrize("answer", [ev.RecordAbsent(at.RecordAbsence.REFUSED, ""), ev.RecordOpened(person(number="other"))])
def test_a_record_that_does_not_open_or_is_another_s_leaves_the_person_at_the_own_menu(visit, answer):
    visit.press(ev.ServiceChosen("mandate.act"))
    visit.press(ev.ActionPressed("act-0"))
    visit.press(answer)
    assert isinstance(visit.phase, at.Menu)
    assert (visit.phase.visitor.person, visit.phase.visitor.mandate) == (OWN, None)
    assert visit.phase.problem == Problem("mandate.not_opened")


@pytest.mark.parametrize("why", ["offline", "not_cached", "no_cache", "lapsed", "stale", "no_key"])
def test_without_a_line_a_record_that_is_not_here_refuses_nobody_and_the_way_back_is_open(visit, why):
    visit.press(ev.ServiceChosen("mandate.act"))
    visit.press(ev.ActionPressed("act-0"))
    cut(visit)
    visit.press(ev.RecordAbsent(at.RecordAbsence(why), "Jana"))
    assert visit.phase.problem == Problem("mandate.not_here", {"name": "Olga Stará"})
    assert (visit.phase.visitor.name, visit.phase.visitor.person, visit.phase.visitor.own) == ("Olga Stará", None, OWN)
    menu = visit.session
    visit.press(ev.ServiceChosen("address.change"))
    assert isinstance(visit.phase, at.Answering)
    visit.session = menu
    visit.press(ev.ServiceChosen("mandate.act"))
    assert visit.press(ev.ActionPressed("act-myself")) == [do.OpenRecord()]


def test_without_a_line_the_person_is_chosen_and_the_record_asked_for_as_with_one(visit):
    cut(visit)
    assert isinstance(acting(visit).phase, at.Menu)
    assert visit.phase.visitor.person == HERS


def test_without_a_line_and_the_own_record_nobody_knows_for_whom(visit):
    cut(visit)
    visit.session = replace(visit.session, phase=at.Menu(replace(visit.phase.visitor, person=None)))
    visit.press(ev.ServiceChosen("mandate.act"))
    assert visit.phase.problem == Problem("service.refused.no_record")


def test_the_way_back_to_oneself(visit):
    acting(visit).press(ev.ServiceChosen("mandate.act"))
    assert set(actions_of(visit.session, visit.phase)) == {"act-myself"}
    assert visit.press(ev.ActionPressed("act-myself")) == [do.OpenRecord()]
    visit.press(ev.RecordOpened(OWN))
    assert (visit.phase.visitor.name, visit.phase.visitor.mandate) == (OWN.name, None)


def test_a_mandate_that_is_gone_leads_nowhere(visit, monkeypatch):
    visit.press(ev.ServiceChosen("mandate.act"))
    shown = visit.phase
    monkeypatch.setattr(
        "kiosk.domain.session.answering.actions_of",
        lambda _session, _phase: actions_of(visit.session, shown),
    )
    visit.session = replace(visit.session, phase=replace(shown, visitor=replace(shown.visitor, person=person())))
    assert visit.press(ev.ActionPressed("act-0")) == []
    visit.session = replace(visit.session, phase=replace(shown, visitor=replace(shown.visitor, person=None)))
    assert visit.press(ev.ActionPressed("act-0")) == []


def test_only_the_holder_s_own_card_stops_or_confirms(visit):
    visitor = acting(visit).phase.visitor
    requests = at.Showing(visitor, "requests.show")
    visit.session = replace(visit.session, phase=requests)
    for action in actions_of(visit.session, requests):
        visit.press(ev.ActionPressed(action))
        assert not isinstance(visit.phase, at.Checking), action
    checked = at.Checking(visitor, "bank_account.change", {"account": "CZ6508000000192000145399"})
    verdict = at.Verdict("waiting", "decision.bank_change.confirm", holder_name="Olga S.")
    receipt = at.ShowingReceipt(checked, recorded("t-9"), verdict, at.Printing.PRINTED)
    assert with_holder_to_confirm(receipt) is None


def test_who_has_no_own_record_at_hand_is_somebody_all_the_same():
    from kiosk.domain.session.identification import for_oneself
    from tests.unit.domain.session.visits import CARD

    assert for_oneself(at.Visitor(CARD, "Jana")) == at.Visitor(CARD, "Jana")


def test_the_paper_names_both(visit):
    acting(visit)
    checked = at.Checking(visit.phase.visitor, "address.change", {"address": "x"})
    visit.session = replace(visit.session, phase=at.Recording(checked, "t-9", 50.0), card_present=True)
    (paper,) = [one for one in visit.press(ev.TransactionRecorded(recorded("t-9"))) if isinstance(one, do.PrintReceipt)]
    assert paper.acting == (OWN.name, "Olga Stará")
