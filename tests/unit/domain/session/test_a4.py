"""The A4 paper of an act: issued by the back office, or not yet verifiable; printed once."""

from __future__ import annotations

import pytest

from kiosk.domain import card as cards
from kiosk.domain.content import Content
from kiosk.domain.session import effects as do
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from tests.unit.domain.session.visits import Visit, recorded

PAPER = at.DocumentPaper(Content("Certificate", ()), "12AB34CD56EF78GH", "2027-02-20", "https://certificates.example")
ISSUED = at.Verdict("in_force", paper=PAPER)


def signed(line: at.Line) -> tuple[Visit, list]:
    visit = Visit(line).to_menu()
    from dataclasses import replace

    visit.session = replace(visit.session, services=("certificate.issue",), today="2026-11-22")
    visit.press(ev.ServiceChosen("certificate.issue"))
    visit.press(ev.Typed("insurance_status"))
    visit.press(ev.ContinuePressed())
    visit.press(ev.SignPressed())
    visit.press(ev.PinChecked(cards.PinAccepted()))
    visit.press(ev.TransactionSigned("id-1"))
    return visit, visit.press(ev.TransactionRecorded(recorded("id-1")))


def documents(effects) -> list[at.DocumentPaper]:
    return [effect.document for effect in effects if isinstance(effect, do.PrintDocument)]


def test_with_a_line_the_issued_paper_is_printed_once() -> None:
    visit, effects = signed(at.Line.ONLINE)
    assert documents(effects) == []
    assert documents(visit.press(ev.VerdictArrived("id-1", ISSUED))) == [PAPER]
    assert visit.phase.document_printing is at.Printing.PRINTING
    assert documents(visit.press(ev.VerdictArrived("id-1", ISSUED))) == []


def test_a_late_word_still_brings_the_paper() -> None:
    visit, _ = signed(at.Line.ONLINE)
    assert documents(visit.wait(9)) == []
    assert isinstance(visit.phase, at.ShowingReceipt)
    assert documents(visit.press(ev.VerdictArrived("id-1", ISSUED))) == [PAPER]


def test_without_a_line_it_cannot_be_verified_yet_and_carries_no_code() -> None:
    visit, effects = signed(at.Line.OFFLINE)
    (paper,) = documents(effects)
    assert (paper.code, paper.address, paper.reference) == ("", "", recorded("id-1").reference)
    assert paper.content.blocks
    visit.press(ev.EnvironmentChanged(at.Environment(line=at.Line.ONLINE)))
    assert documents(visit.press(ev.VerdictArrived("id-1", ISSUED))) == []


def test_what_brings_no_paper_prints_none() -> None:
    visit, _ = signed(at.Line.ONLINE)
    assert documents(visit.press(ev.VerdictArrived("id-1", at.Verdict("refused")))) == []
    assert visit.phase.document is None
    assert visit.press(ev.DocumentAgainPressed()) == []
    assert visit.press(ev.DocumentEnded("printed")) == []


@pytest.mark.parametrize(("outcome", "again"), [("failed", True), ("unknown", True), ("printed", False)])
def test_it_is_printed_again_only_when_it_may_not_have_come_out(outcome: str, again: bool) -> None:
    visit, _ = signed(at.Line.ONLINE)
    visit.press(ev.VerdictArrived("id-1", ISSUED))
    assert visit.press(ev.DocumentAgainPressed()) == []
    visit.press(ev.DocumentEnded(outcome))
    assert visit.phase.document_printing is at.Printing(outcome)
    assert documents(visit.press(ev.DocumentAgainPressed())) == ([PAPER] if again else [])


def test_a_receipt_that_failed_does_not_keep_the_paper_back() -> None:
    visit, _ = signed(at.Line.ONLINE)
    visit.press(ev.PrintEnded("failed"))
    assert documents(visit.press(ev.VerdictArrived("id-1", ISSUED))) == [PAPER]
