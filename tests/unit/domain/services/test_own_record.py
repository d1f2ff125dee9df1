"""Pages about one's own record: the working life, payments, requests, who holds and who looked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contribution_records import BAKERY, EVERY_BRANCH, MINE, line, person

from kiosk.domain.card import Role
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.content import (
    Answer,
    Bars,
    Content,
    Doors,
    Facts,
    OpenService,
    PrintContent,
    Reached,
    Said,
    Table,
    Timeline,
    Tone,
    Way,
)
from kiosk.domain.paper import printed
from kiosk.domain.problem import Problem
from kiosk.domain.receipt import Place
from kiosk.domain.record import AccessLine, CertificateLine, HeldBy, PaymentAccount, PaymentMade, RequestLine
from kiosk.domain.service import refusal, standing_of
from kiosk.schemes import load_scheme, load_texts

SCHEME, TEXTS = load_scheme("cz"), load_texts("cz")
SHOWN = ("record.show", "payments.show", "requests.show", "access.show")
MARIE_IS_PAID = PaymentAccount("CZ6508000000192000145399")


def standing(record=None, **other):
    return standing_of(Role.INSURED, record, today="2026-11-22", scheme=SCHEME, **other)


def page(service: str, record, **answers: str) -> Content:
    shown = SERVICES[service].content
    assert shown is not None
    content = shown(answers, standing(record))
    readable(content)
    return content


def readable(content: Content) -> None:
    """Everything can be said and printed in every language."""
    paper = printed(content, Place("Praha 1", "T0007"))
    assert all(
        TEXTS.text(language, one.key, **one.parameters)
        for language in TEXTS.languages
        for one in paper.lines
        if one.key
    )
    for said in everything_said(content):
        for language in TEXTS.languages:
            assert TEXTS.text(language, said.key, **said.parameters)


def everything_said(part):
    if isinstance(part, Said):
        yield part
    elif isinstance(part, tuple | list):
        for one in part:
            yield from everything_said(one)
    elif hasattr(part, "__dataclass_fields__"):
        for name in part.__dataclass_fields__:
            yield from everything_said(getattr(part, name))


def blocks(content: Content, kind: type) -> list:
    return [block for block in content.blocks if isinstance(block, kind)]


def keys(content: Content) -> set[str]:
    return {said.key for said in everything_said(content)}


@pytest.mark.parametrize("service", SHOWN)
def test_each_shows_nothing_without_a_record_and_refuses_other_roles(service):
    assert keys(page(service, None)) >= {"service.refused.no_record"}
    entry = SERVICES[service]
    assert refusal(entry, standing()) is None, "a record that is not here refuses nobody"
    assert refusal(entry, replace(standing(), role=Role.EMPLOYER)) == Problem("service.refused.role")


@pytest.mark.parametrize("service", SHOWN)
def test_each_says_as_of_when_and_can_be_printed(service):
    content = page(service, person(line(2004)))
    assert "own_record.as_of" in keys(content)
    assert any(isinstance(action.target, PrintContent) for action in content.actions().values())
    kept = page(service, person(line(2004), confirmed_at="2026-11-21T08:00:00Z"))
    assert "own_record.kept" in keys(kept)


# --- the working life --------------------------------------------------------------------------------

TWENTY_YEARS = tuple(line(year) for year in range(2025, 2005, -1))
POOR = line(2019, pay="1000.00")
NOBODY = line(2016, ("", ""))
PARTLY = line(2012, MINE, branches={name: "1.00" for name in EVERY_BRANCH if name != "accident"})


def with_questions():
    kept = [one for one in TWENTY_YEARS if one.year not in {2019, 2016, 2012, 2008}]
    return person(*kept, POOR, NOBODY, PARTLY)


def test_the_newest_ten_years_come_first_and_the_others_can_be_chosen():
    content = page("record.show", person(*TWENTY_YEARS))
    (bars,) = blocks(content, Bars)
    assert [bar.label for bar in bars.bars] == ["2025", "2024", "2023", "2022", "2021", "2020"]
    targets = {name: action.target for name, action in content.actions().items()}
    assert targets["decade-2010"] == Answer("decade", "2010")
    assert "decade-2020" not in targets
    assert targets["year-2025"] == Answer("year", "2025")
    older = page("record.show", person(*TWENTY_YEARS), decade="2000")
    assert [bar.label for bar in blocks(older, Bars)[0].bars] == ["2009", "2008", "2007", "2006"]
    assert not blocks(older, Timeline), "the whole life stands on the first page"
    assert blocks(page("record.show", person(*TWENTY_YEARS), decade="1800"), Bars) == [bars]


def test_a_career_of_one_decade_offers_no_other():
    content = page("record.show", person(line(2024), line(2025)))
    assert not [name for name in content.actions() if name.startswith("decade-")]
    assert not [name for name in content.actions() if name.startswith("ask-")]


def test_a_year_without_anything_stands_among_the_others():
    content = page("record.show", person(line(2025), line(2023)))
    (table,) = [block for block in blocks(content, Table) if len(block.columns) == 4]
    empty = table.rows[1]
    assert empty.cells[:2] == ("2024", Said("record.show.nothing"))
    assert empty.action is None
    assert [bar.length for bar in blocks(content, Bars)[0].bars] == ["1000000.00", "0", "1000000.00"]


def test_what_is_worth_asking_about_leads_to_a_query_that_is_filled_in():
    content = page("record.show", with_questions(), questions="all")
    (table,) = blocks(content, Table)
    assert [row.cells[0].key for row in table.rows] == [
        "record.odd.low_pay",
        "record.odd.no_employer",
        "record.odd.missing_branch.accident",
        "record.odd.gap",
    ]
    assert all(row.tone is Tone.WARNING for row in table.rows)
    targets = [row.action.target for row in table.rows if row.action is not None]
    assert targets == [
        OpenService("record.query", {"what": "wrong_pay", "year": "2019", "line": "2019:45270007:2019-01-01"}),
        OpenService("record.query", {"what": "missing_employer", "from": "2016-01-01", "to": "2016-12-31"}),
        OpenService(
            "record.query",
            {"what": "missing_branch", "year": "2012", "line": "2012:45372942:2012-01-01", "branch": "accident"},
        ),
        OpenService("record.query", {"what": "missing_employer", "from": "2008-01-01", "to": "2008-12-31"}),
    ]
    assert content.actions()["back-to-years"].target == Answer("questions", "")


def test_the_first_page_has_the_newest_questions_and_a_door_to_all():
    few = page("record.show", with_questions())
    assert "questions" not in few.actions(), "there are no more than fit"
    assert [name for name in few.actions() if name.startswith("ask-")] == ["ask-0", "ask-1", "ask-2", "ask-3"]
    marked = {row.cells[0]: row.remark for table in blocks(few, Table) for row in table.rows if len(row.cells) == 4}
    assert not any(marked.values()), "this decade has no question"
    earlier = page("record.show", with_questions(), decade="2010")
    marked = {row.cells[0] for table in blocks(earlier, Table) for row in table.rows if row.remark}
    assert marked == {"2019", "2016", "2012"}
    fifth = replace(with_questions(), contributions=(*with_questions().contributions, line(2000)))
    more = page("record.show", fifth)
    assert more.actions()["questions"].target == Answer("questions", "all")
    assert Said("record.show.all_questions", {"count": "5"}) in list(everything_said(more))


def test_several_years_of_a_missing_branch_are_said_in_one():
    lines = [replace(PARTLY, year=year, start=f"{year}-01-01", end=f"{year}-12-31") for year in (2011, 2012)]
    content = page("record.show", person(*lines, account=MARIE_IS_PAID), questions="all")
    assert blocks(content, Table)[0].rows[0].cells[0].parameters["years"] == "2011–2012"
    year = page("record.show", person(*lines, account=MARIE_IS_PAID), year="2011")
    assert "record.odd.missing_branch.accident" in keys(year)


def test_who_is_paid_a_pension_is_not_asked_about_the_years_since():
    assert "record.odd.gap" in keys(page("record.show", person(line(2010))))
    assert "record.odd.gap" not in keys(page("record.show", person(line(2010), account=MARIE_IS_PAID)))


def test_a_year_has_its_employers_side_by_side_with_every_branch():
    second = line(2019, MINE, "5000.00", branches={"old_age": "1.00"})
    care = line(2019, ("", "péče"), "0.00", kind="assimilated", branches={})
    elsewhere = line(2019, ("", ""), "0.00", kind="other_scheme", branches={}, start="2019-05-01")
    odd = line(2019, ("99", ""), "0.00", kind="unheard_of", branches={}, start="2019-06-01")
    content = page("record.show", person(POOR, second, care, elsewhere, odd), year="2019")
    questions, first, rest = blocks(content, Table)
    assert questions.columns == (Said("record.show.question"),)
    assert first.columns[1:] == ("péče", BAKERY[1], MINE[1])
    named = {row.cells[0].key: row.cells[1:] for row in first.rows}
    assert named["record.show.kind"] == tuple(
        Said(f"record.show.kind.{kind}") for kind in ("assimilated", "worked", "worked")
    )
    assert named["branch.accident"] == (
        Said("record.show.no_contribution"),
        Said("own_record.money", {"amount": "1.00"}),
        Said("record.show.not_insured"),
    )
    assert rest.columns[1:] == (Said("record.show.no_name"), "99")
    assert Said("record.show.kind.other") in list(everything_said(rest))
    (together,) = blocks(content, Facts)
    assert together.rows[0].value == Said("own_record.money", {"amount": "6000.00"})
    assert content.actions()["line-2"].target == OpenService(
        "record.query", {"year": "2019", "line": "2019:45372942:2019-01-01"}
    )
    assert content.actions()["back-to-years"].target == Answer("year", "")
    assert content.actions()["line-3"].text == Said(
        "record.show.ask_about_line", {"since": "2019-05-01", "until": "2019-12-31"}
    )
    whole = page("record.show", person(POOR, second, care, elsewhere, odd))
    (years,) = [table for table in blocks(whole, Table) if len(table.columns) == 4]
    assert years.rows[0].cells[1] == "péče, Pekárna, Důl, 99"
    nameless = page("record.show", person(elsewhere))
    assert blocks(nameless, Table)[-1].rows[0].cells[1] == Said("record.show.no_name")


def test_a_year_that_is_not_on_record_shows_the_whole():
    assert page("record.show", person(line(2025)), year="1999") == page("record.show", person(line(2025)))


def test_an_empty_record_can_be_asked_about():
    content = page("record.show", person())
    assert "record.show.empty" in keys(content)
    assert content.actions()["query"].target == OpenService("record.query")


def test_without_the_schemes_numbers_nothing_is_asked():
    shown = SERVICES["record.show"].content
    assert shown is not None
    for known in (replace(standing(with_questions()), scheme=None), replace(standing(with_questions()), today="")):
        assert not [name for name in shown({}, known).actions() if name.startswith("ask-")]
        assert shown({"year": "2019"}, known).title == Said("record.show.one_year", {"year": "2019"})


def test_the_timeline_has_a_lane_an_employer_and_the_shortest_share_one():
    content = page("record.show", person(line(2003), line(2004, MINE)))
    (timeline,) = blocks(content, Timeline)
    assert [lane.label for lane in timeline.lanes] == [BAKERY[1], MINE[1]]
    assert (timeline.start, timeline.end) == ("2003-01-01", "2004-12-31")
    many = [line(2000 + n, (f"{n}", f"E{n}"), end=f"{2000 + n}-12-{31 - n}") for n in range(14)]
    (timeline,) = blocks(page("record.show", person(*many)), Timeline)
    assert len(timeline.lanes) == 12
    assert timeline.lanes[-1].label == Said("record.show.others")
    assert len(timeline.lanes[-1].spans) == 3


# --- payments ----------------------------------------------------------------------------------------

PAYMENTS = (
    PaymentMade("2026-11-15", "18947.00", "CZK", "5399"),
    PaymentMade("2026-10-15", "18947.00", "CZK", "5399"),
    PaymentMade("2025-12-15", "18218.00", "CZK", "6960"),
)


def paid(**other):
    return person(
        **(
            {
                "account": MARIE_IS_PAID,
                "payments": PAYMENTS,
                "next_payment_on": "2026-12-15",
                "next_payment_amount": "18947.00",
            }
            | other
        )
    )


def test_the_next_payment_and_those_made():
    content = page("payments.show", paid())
    (following,) = blocks(content, Facts)
    assert [row.value.parameters for row in following.rows] == [
        {"day": "2026-12-15"}, {"amount": "18947.00"}, {"last_four": "5399"},
    ]  # fmt: skip
    (made,) = blocks(content, Table)
    assert [row.cells[0].parameters["day"] for row in made.rows] == [one.paid_on for one in PAYMENTS]
    (years,) = blocks(content, Bars)
    assert [(bar.label, bar.length) for bar in years.bars] == [("2026", "37894.00"), ("2025", "18218.00")]


def test_only_what_is_known_of_the_next_payment_is_said():
    content = page("payments.show", paid(account=None, next_payment_amount="", payments=()))
    assert len(blocks(content, Facts)[0].rows) == 1
    assert "payments.show.none_yet" in keys(content)
    assert "payments.show.no_next" in keys(page("payments.show", paid(next_payment_on="")))


def test_who_is_paid_nothing_is_told_so():
    entry = SERVICES["payments.show"]
    assert refusal(entry, standing(person())) == Problem("payments.show.nothing_paid")
    for one in (paid(account=None), paid(payments=(), next_payment_on=""), person(next_payment_on="2026-12-15")):
        assert refusal(entry, standing(one)) is None


# --- requests ----------------------------------------------------------------------------------------

CHANGE = "bank_account.change"


def asked(stage: str, service: str = CHANGE, **other) -> RequestLine:
    return RequestLine("0192-1", "7KXM2P9QRTVW", service, stage, "2026-11-01", reason="Why.", **other)


def ways(*lines: RequestLine, **other) -> list[Way]:
    return blocks(page("requests.show", paid(requests=lines, **other)), Way)


def steps(way: Way) -> list[tuple[str, str]]:
    return [(words.key.removeprefix("requests.show.step."), reached.value) for words, reached in way.steps]


def test_why_is_said_in_the_language_of_the_visit_and_as_it_was_written_where_the_text_is_not_known():
    from kiosk.domain.content import Content, Said

    said = replace(asked("refused"), reason_key="decision.request.refused", reason_parameters={"reason": "no"})
    (way,) = ways(said)
    assert way.remark == Said("decision.request.refused", {"reason": "no"}, otherwise="Why.")
    (older,) = ways(asked("refused"))
    assert older.remark == "Why."
    paper = printed(Content(Said("service.requests.show.title"), (way,)), Place("101", "T0007", demonstration=False))
    assert [line.otherwise for line in paper.lines if line.key == "decision.request.refused"] == ["Why."]


def test_what_waits_for_the_person_comes_first_then_refusals_then_what_is_open():
    lines = [asked("in_force"), asked("waiting"), asked("refused"), asked("strange"), asked("held", holder_name="Jana")]
    assert [steps(way)[2][0] for way in ways(*lines)] == ["decided", "refused", "waits", "in_force", "decided"]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("received", ["done", "now", "ahead", "ahead"]),
        ("held", ["done", "now", "ahead", "ahead"]),
        ("waiting", ["done", "done", "now", "ahead"]),
        ("in_force", ["done", "done", "done", "ahead"]),
        ("disputed", ["done", "done", "done", "stopped"]),
        ("refused", ["done", "done", "stopped"]),
        ("cancelled", ["done", "done", "stopped"]),
        ("blocked", ["done", "done", "stopped"]),
    ],
)
def test_how_far_a_change_of_the_account_is(stage, expected):
    (way,) = ways(asked(stage))
    assert [reached.value for _, reached in way.steps] == expected
    assert way.remark == "Why."


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (asked("in_force", in_force_on="2026-11-10"), "recorded_in_force"),
        (asked("disputed", in_force_on="2026-11-10"), "recorded_in_force"),
        (asked("waiting", in_force_on="2026-12-06"), "recorded"),
        (asked("in_force"), "recorded"),
        (asked("in_force", "record.query", in_force_on="2026-11-10"), "recorded"),
        (asked("in_force", "of_the_future", in_force_on="2026-11-10"), "recorded_in_force"),
    ],
)
def test_a_day_that_lies_ahead_is_not_called_in_force(line, key):
    (way,) = ways(line)
    assert way.when.key == f"requests.show.{key}"


def test_the_menu_learns_whether_a_request_waits_for_the_person():
    waits = SERVICES["requests.show"].waits
    assert waits is not None
    assert waits(person(requests=(asked("held", holder_name="Jana"),))) == bool(asked("held", holder_name="Jana").to_confirm)
    assert not waits(person(requests=(asked("in_force"),)))


def test_it_is_paid_when_a_payment_was_made_since():
    assert ways(asked("in_force", in_force_on="2026-11-10"))[0].steps[3][1] is Reached.DONE
    assert ways(asked("in_force", in_force_on="2026-11-16"))[0].steps[3][1] is Reached.NOW


def test_what_is_only_noted_is_not_in_force_and_what_moves_no_money_is_not_paid():
    (way,) = ways(asked("in_force", "record.query"))
    assert steps(way) == [("received", "done"), ("checked", "done"), ("noted", "done")]


def test_a_service_of_another_version_is_shown_by_its_id():
    assert ways(asked("held", "of_the_future"))[0].title == "of_the_future"


def test_a_change_can_be_stopped_and_its_holder_confirmed():
    stop, confirm = (
        OpenService("bank_account.stop", {"change": "0192-1"}),
        OpenService("bank_account.confirm_holder", {"change": "0192-1"}),
    )
    (way,) = ways(asked("waiting", stoppable=True))
    assert [action.target for action in way.actions] == [stop]
    content = page("requests.show", paid(requests=(asked("held", stoppable=True, holder_name="Jana"),)))
    assert content.actions()["confirm-0"].target == confirm
    assert content.actions()["stop-0"].target == stop
    assert not ways(asked("in_force"))[0].actions


def test_a_certificate_is_printed_from_its_request_while_it_can_be_verified():
    line = asked("in_force", "certificate.issue")
    paper = CertificateLine("payments", "2026-11-01", "2026-11-22", "7KXM", line.transaction_id)

    def offered(*papers: CertificateLine) -> list[object]:
        content = page("requests.show", paid(requests=(line,), certificates=papers))
        return [action.target for action in content.actions().values() if isinstance(action.target, OpenService)]

    assert offered(paper) == [OpenService("certificate.print", {"request": line.transaction_id})]
    assert offered() == []
    assert offered(replace(paper, request="another"), replace(paper, valid_until="2026-01-01")) == []


def test_every_request_says_when_and_under_which_reference():
    content = page("requests.show", paid(requests=(asked("refused"),)))
    (way,) = blocks(content, Way)
    assert way.when == Said("requests.show.recorded", {"recorded_on": "2026-11-01", "reference": "7KXM-2P9Q-RTVW"})
    assert blocks(content, Facts), "the next payment stands there too"
    none = page("requests.show", person())
    assert "requests.show.none" in keys(none)
    assert not blocks(none, Facts)


# --- who holds, who looked ------------------------------------------------------------------------------


def test_who_holds_and_who_looked_and_why():
    record = person(
        held_by=(HeldBy("101", "Praha 1", ("home_office", "unheard_of")),),
        accesses=(
            AccessLine("2026-11-20", "Praha 1", "officer", "desk_case"),
            AccessLine("2026-11-19", "Praha 1", "holder", "own_record"),
            AccessLine("2026-11-18", "", "unheard_of", "unheard_of"),
            AccessLine("2026-11-17", "Praha 1", "representative", "mandate"),
            AccessLine("2026-11-16", "Praha 1", "holder", "number_and_pin"),
        ),
    )
    held, looked = blocks(page("access.show", record), Table)
    assert [row.cells for row in held.rows] == [
        ("Praha 1", Said("access.reason.home_office")),
        ("Praha 1", Said("access.reason.other")),
    ]
    assert [row.cells[1:] for row in looked.rows] == [
        ("Praha 1", Said("access.role.officer"), Said("access.purpose.desk_case")),
        ("Praha 1", Said("access.role.holder"), Said("access.purpose.own_record")),
        (Said("access.show.no_office"), Said("access.role.other"), Said("access.purpose.other")),
        ("Praha 1", Said("access.role.representative"), Said("access.purpose.mandate")),
        ("Praha 1", Said("access.role.by_number"), Said("access.purpose.number_and_pin")),
    ]


def test_nobody_holds_and_nobody_looked():
    assert keys(page("access.show", person())) >= {"access.show.held_by_none", "access.show.looked_none"}


def test_a_door_leads_out_of_every_page():
    assert all(blocks(page(service, paid()), Doors) for service in SHOWN)
