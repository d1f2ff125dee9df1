"""A member of staff takes part by a card in the second reader: who is let in, who typed what, and that the person alone signs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain import card as cards
from kiosk.domain.problem import Problem
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.domain.session.advance import advance
from kiosk.domain.session.staff import authors
from tests.unit.domain.session.visits import ACCOUNT, Visit

OFFICER = "3000000001"
HELPER = f"helper:staff:{OFFICER}"


def joined(visit: Visit) -> Visit:
    assert visit.press(ev.StaffCardInserted()) == [do.AdmitStaff(60)]
    assert visit.session.staff_door is at.StaffDoor.PIN_ASKED
    assert visit.session.joined == ""
    visit.press(ev.StaffJoined(OFFICER))
    assert (visit.session.staff_door, visit.session.joined) == (at.StaffDoor.OPEN, OFFICER)
    return visit


def test_nobody_takes_part_before_the_pin_was_shown():
    visit = Visit().to_menu()
    visit.press(ev.StaffJoined(OFFICER))
    assert visit.session.joined == ""
    visit.press(ev.StaffCardInserted())
    visit.press(ev.StaffNotJoined())
    assert (visit.session.staff_door, visit.session.joined) == (at.StaffDoor.REFUSED, "")
    visit.press(ev.StaffJoined(OFFICER))
    assert visit.session.joined == ""
    assert visit.press(ev.StaffCardInserted()) == [do.AdmitStaff(60)]


def test_a_card_pulled_before_its_answer_lets_nobody_in():
    visit = Visit().to_menu()
    visit.press(ev.StaffCardInserted())
    assert visit.press(ev.StaffLeft()) == [do.LetStaffGo()]
    visit.press(ev.StaffJoined(OFFICER))
    assert (visit.session.staff_door, visit.session.joined) == (at.StaffDoor.CLOSED, "")
    assert visit.press(ev.StaffLeft()) == []


@pytest.mark.parametrize(
    "phase", [at.Welcome(), at.TakingCard(at.EndReason.FINISHED, 50.0), at.Ended(at.EndReason.FINISHED)]
)
def test_a_card_left_in_the_staff_reader_lets_nobody_in(phase):
    before = at.Session(phase)
    after, effects = advance(before, ev.StaffCardInserted(), 1.0)
    assert (after.staff_door, effects) == (at.StaffDoor.CLOSED, ())


def test_a_second_card_is_not_asked_while_somebody_is_in():
    visit = joined(Visit().to_menu())
    assert visit.press(ev.StaffCardInserted()) == []
    assert visit.session.joined == OFFICER


def test_without_a_helper_the_person_types():
    visit = Visit().to_question()
    visit.press(ev.HelperTypesToggled())
    assert not visit.session.helper_types
    visit.press(ev.Typed(ACCOUNT))
    assert visit.session.typed_by == {}


def test_what_the_helper_typed_is_signed_as_the_helpers_and_by_the_person_alone():
    visit = joined(Visit().to_question())
    visit.press(ev.HelperTypesToggled())
    visit.press(ev.Typed(ACCOUNT))
    visit.press(ev.ContinuePressed())
    assert isinstance(visit.phase, at.Checking)
    assert visit.press(ev.SignPressed()) == []
    assert visit.phase.problem == Problem("sign.helper_types")

    visit.press(ev.HelperTypesToggled())
    assert visit.press(ev.SignPressed()) == [do.AskPin(60)]
    (sign,) = visit.press(ev.PinChecked(cards.PinAccepted()))
    assert sign.entered_by == {"account": HELPER, "account_as_typed": HELPER}
    assert sign.staff == OFFICER

    visit.press(ev.TransactionSigned("id-1"))
    from tests.unit.domain.session.visits import recorded

    paper = next(e for e in visit.press(ev.TransactionRecorded(recorded("id-1"))) if isinstance(e, do.PrintReceipt))
    assert paper.helper_roles == ("staff",)


def test_who_only_takes_part_is_on_the_paper_too_and_who_left_is_not():
    for leaves, staff, roles in ((False, OFFICER, ("attending",)), (True, "", ())):
        visit = joined(Visit().to_checking())
        visit.press(ev.SignPressed())
        if leaves:
            visit.press(ev.StaffLeft())
        (sign,) = visit.press(ev.PinChecked(cards.PinAccepted()))
        assert (sign.staff, sign.entered_by) == (staff, {})
        assert visit.phase.checked.staff == staff
        visit.press(ev.TransactionSigned("id-1"))
        from tests.unit.domain.session.visits import recorded

        paper = next(e for e in visit.press(ev.TransactionRecorded(recorded("id-1"))) if isinstance(e, do.PrintReceipt))
        assert paper.helper_roles == roles


def test_one_more_digit_does_not_make_it_the_persons():
    visit = joined(Visit().to_question())
    visit.press(ev.HelperTypesToggled())
    visit.press(ev.Typed("CZ65080000001920001453"))
    visit.press(ev.HelperTypesToggled())
    visit.press(ev.Typed(ACCOUNT))
    assert authors(visit.session, "bank_account.change", {"account": "", "account_as_typed": ""}) == {
        "account": HELPER, "account_as_typed": HELPER,
    }  # fmt: skip
    visit.press(ev.Typed(""))
    visit.press(ev.Typed(ACCOUNT))
    assert visit.session.typed_by == {}


def test_the_end_of_the_visit_is_the_end_of_joining():
    visit = joined(Visit().to_menu())
    visit.press(ev.HelperTypesToggled())
    visit.press(ev.EndPressed())
    assert isinstance(visit.phase, at.TakingCard)
    assert (visit.session.joined, visit.session.helper_types) == ("", False)
    assert visit.session.staff_door is at.StaffDoor.CLOSED
    visit = joined(Visit().to_menu())
    visit.press(ev.CardRemoved())
    assert isinstance(visit.phase, at.Ended)
    assert visit.session.joined == ""


def test_nothing_of_a_helper_is_left_in_a_new_session():
    assert replace(at.Session(at.Welcome())).typed_by == {}


# --- what only goes with a member of staff -------------------------------------------------------------


def registering(to: str = "question") -> Visit:
    visit = Visit()
    visit.session = replace(visit.session, services=("person.register",), today="2026-11-22")
    visit.press(ev.ScreenTouched())
    visit.press(ev.LanguageChosen("en"))
    visit.press(ev.WithoutCardPressed())
    visit.press(ev.ServiceChosen("person.register"))
    assert visit.phase.problem == Problem("service.refused.needs_staff")
    joined(visit).press(ev.ServiceChosen("person.register"))
    assert isinstance(visit.phase, at.Answering)
    if to == "check":
        visit.press(ev.HelperTypesToggled())
        for text in ("passport", "employment", "Olena", "Ševčenko", "", "30.07.1994", ""):
            visit.press(ev.Typed(text))
            visit.press(ev.ContinuePressed())
        assert isinstance(visit.phase, at.Checking), visit.phase
    return visit


def test_the_officer_answers_for_a_registration():
    visit = registering("check")
    (seal,) = visit.press(ev.SignPressed())
    assert isinstance(seal, do.SealReport)
    assert seal.staff == OFFICER
    assert seal.entered_by["given_name"] == HELPER
    assert "former_name" not in seal.entered_by


def test_the_papers_are_ticked_by_staff_alone_and_who_leaves_ends_it():
    visit = registering()
    assert visit.press(ev.StaffLeft()) == [do.LetStaffGo()]
    assert isinstance(visit.phase, at.Menu)
    assert visit.phase.problem == Problem("service.refused.needs_staff")
    visit = registering("check")
    visit.session = replace(visit.session, joined="")
    assert visit.press(ev.SignPressed()) == []
    assert visit.phase.problem == Problem("service.refused.needs_staff")
    asking = registering()
    asking.session = replace(asking.session, joined="")
    asking.press(ev.Typed("passport"))
    assert asking.phase.problem == Problem("service.refused.needs_staff")


def test_a_choice_owes_nothing_to_the_one_before():
    visit = registering()
    visit.press(ev.HelperTypesToggled())
    visit.press(ev.Typed("passport"))
    visit.press(ev.HelperTypesToggled())
    visit.press(ev.Typed("identity_card"))
    assert visit.session.typed_by == {}


def test_staff_who_leave_while_the_pad_asks_meet_the_pad_s_answer(monkeypatch):
    from kiosk.domain.catalogue import SERVICES

    monkeypatch.setitem(SERVICES, "bank_account.change", replace(SERVICES["bank_account.change"], needs_staff=True))
    visit = Visit().to_menu()
    joined(visit).press(ev.ServiceChosen("bank_account.change"))
    visit.press(ev.Typed(ACCOUNT))
    visit.press(ev.ContinuePressed())
    assert visit.press(ev.SignPressed()) == [do.AskPin(60)]
    assert visit.press(ev.StaffLeft()) == [do.LetStaffGo()]
    assert isinstance(visit.phase, at.AwaitingSignature)
    assert visit.press(ev.PinChecked(cards.PinAccepted())) == []
    assert visit.phase.problem == Problem("service.refused.needs_staff")
