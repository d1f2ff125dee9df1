"""Small services that no office offers, one for each thing that the mechanism can do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.card import Role
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.content import (
    Action,
    Answer,
    Bar,
    Bars,
    Content,
    Doors,
    Fact,
    Facts,
    Lane,
    Notice,
    OpenService,
    Paragraph,
    PrintContent,
    Reached,
    Row,
    Said,
    Span,
    Table,
    Timeline,
    Way,
)
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    BY_CARD,
    Agency,
    AskedIf,
    Assurance,
    Channel,
    Choice,
    EvidenceKind,
    Kind,
    LifeEvent,
    Offline,
    Question,
    QuestionType,
    Service,
)


def everything(answers, standing):
    """A page with a block of each kind; the year that is looked at is an answer."""
    print_ = Action("print", "Print", PrintContent(), "printer")
    ask = Action("ask", "Ask about this", OpenService("test.ask", {"line": "1"}))
    year = Action("year-2024", "2024", Answer("year", "2024"))
    all_years = Action("years", "All years", Answer("year", ""))
    return Content(
        Said("service.test.show.title"),
        (
            Paragraph("Some words"),
            Facts((Fact("Name", standing.record.name if standing.record else "nobody"),), title="Facts"),
            Table(("Year", "Pay"), (Row(("2024", "1.00"), remark="A gap", action=ask), Row(("2023", "2.00")))),
            Bars("More pay", (Bar("2024", "1.00", "1.00 CZK", marked=True, action=year), Bar("2023", "2", "2"))),
            Timeline("One year", "2024-01-01", "2024-12-31", (Lane("A", (Span("2024-01-01", "2024-06-30", "A"),)),)),
            Way("A request", (("Received", Reached.DONE), ("Decided", Reached.AHEAD)), remark="Soon", when="On Monday"),
            Way("Nothing done", (("Asked", Reached.AHEAD),)),
            Notice("Look", action=all_years),
            Doors((print_,)),
        ),
        text=answers.get("year", ""),
    )


def not_for_the_blocked(standing):
    return Problem("service.refused.blocked") if standing.changes_blocked else None


SHOW = Service(
    id="test.show",
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA,),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_AND_PIN,
    channels=BY_CARD,
    kind=Kind.SHOW,
    offline=Offline.FROM_CACHE,
    rules=(not_for_the_blocked,),
    content=everything,
)
SHOW_AFTER_ASKING = replace(
    SHOW,
    id="test.show_asked",
    questions=(Question("year", QuestionType.CHOICE, ("2024", "2023"), prefill=lambda _answers, _standing: "2024"),),
)
ASK = Service(
    id="test.ask",
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA,),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels=BY_CARD,
    questions=(
        Question(
            "line", QuestionType.CHOICE, choices_from=lambda _answers, _standing: (Choice("1", "One"), Choice("2", "Two"))
        ),
        Question("why", QuestionType.FREE_TEXT, asked_if=AskedIf("line", frozenset({"2"}))),
        Question("when", QuestionType.DATE, latest="today", asked=lambda answers, _standing: answers.get("line") == "2"),
    ),
)
AT_ONCE = replace(ASK, id="test.at_once", questions=())
REPORT = Service(
    id="test.report",
    agency=Agency.PENSION,
    life_events=(LifeEvent.FAMILY_CHANGED,),
    roles=frozenset({Role.NONE}),
    assurance=Assurance.NONE,
    channels={Channel.TERMINAL: frozenset({EvidenceKind.NONE})},
    questions=(Question("what", QuestionType.FREE_TEXT),),
)
WITH_STAFF = replace(ASK, id="test.with_staff", needs_staff=True)
ALL = (SHOW, SHOW_AFTER_ASKING, ASK, AT_ONCE, REPORT, WITH_STAFF)


@pytest.fixture
def examples(monkeypatch):
    """Put the examples into the catalogue; their ids, as an office offers them."""
    for service in ALL:
        monkeypatch.setitem(SERVICES, service.id, service)
    return tuple(service.id for service in ALL)
