"""Pages of any service: what is asked, what was answered, what is shown, what can be chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kiosk.domain.card import NO_CARD
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.content import Content, Table
from kiosk.domain.record import Mandate
from kiosk.domain.service import LifeEvent, Standing
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from ui import examples, samples
from ui.bridge import event_of
from ui.icons import ICONS
from ui.pages.serving import EVENT_ICONS
from ui.view_state import Surroundings, view_of

if TYPE_CHECKING:
    from collections.abc import Iterator

AROUND = Surroundings(office="Praha 2", terminal="T0007", clock="09:41", now=0.0)
MANY = tuple(service.id for service in samples.many())


@pytest.fixture(autouse=True)
def _samples() -> Iterator[None]:
    with samples.installed():
        yield


def fields(phase: at.Phase, **more: Any) -> dict[str, Any]:
    return view_of(examples.session(phase, **more), AROUND).fields


def block(kind: str, place: int = 0, language: str = "en") -> dict[str, Any]:
    shown = fields(at.Showing(examples.VISITOR, samples.SHOWN), language=language)
    found: list[dict[str, Any]] = [one for one in shown["blocks"] if one["kind"] == kind]
    return found[place]


def test_every_kind_of_block_is_shown() -> None:
    shown = fields(at.Showing(examples.VISITOR, samples.SHOWN))
    assert {one["kind"] for one in shown["blocks"]} == {
        "notice", "paragraph", "facts", "table", "bars", "timeline", "way", "doors",
    }  # fmt: skip


def test_a_column_of_amounts_is_never_broken_and_is_compared_by_its_ends() -> None:
    table = block("table")
    assert table["amounts"] == [False, False, True, True]
    assert table["least"][2] == len("182 400,00 Kč")
    assert table["least"][1] < table["most"][1]


def test_bars_are_measured_by_the_longest() -> None:
    assert [round(bar["share"], 2) for bar in block("bars")["rows"]] == [0.76, 0.86, 1.0, 0.0]
    nothing = samples.shown({}, Standing(examples.CARD.role)).blocks[4]
    assert max(float(bar.length) for bar in nothing.bars) > 0  # type: ignore[union-attr]


def test_a_timeline_has_round_years_and_its_spans_lie_in_it() -> None:
    timeline = block("timeline")
    assert [tick["text"] for tick in timeline["ticks"]] == ["1990", "2000", "2010", "2020"]
    spans = [span for lane in timeline["rows"] for span in lane["spans"]]
    assert all(0 <= span["from"] < span["to"] <= 1.0001 for span in spans)


def test_the_steps_of_a_way_are_said_in_words() -> None:
    assert [(step["text"], step["said"]) for step in block("way", 1)["rows"]] == [
        ("Received", "done"), ("Checked", "done"), ("Decided", "under way"), ("Paid", "still to come"),
    ]  # fmt: skip
    assert block("way")["rows"][-1]["said"] == "ended here"


def test_words_of_the_record_keep_their_direction_in_arabic() -> None:
    assert block("facts", language="ar")["rows"][0]["value"] == "\u2068Marie Novotná\u2069"
    assert block("facts")["rows"][0]["value"] == "Marie Novotná"


@pytest.mark.parametrize(("printing", "bad"), [(at.Printing.PRINTED, False), (at.Printing.FAILED, True), (at.Printing.UNKNOWN, True)])
def test_what_becomes_of_the_paper_is_said(printing: at.Printing, bad: bool) -> None:
    shown = fields(at.Showing(examples.VISITOR, samples.SHOWN, printing=printing))
    assert bool(shown["paper"])
    assert shown["paperBad"] is bad
    assert fields(at.Showing(examples.VISITOR, samples.SHOWN))["paper"] == ""


def test_what_can_be_chosen_is_marked_and_chosen_by_its_value() -> None:
    phase = at.Answering(examples.VISITOR, samples.ASKED, 0, typed={"channel": "email"})
    shown = fields(phase)
    assert shown["kind"] == "choice"
    assert [(c["text"], c["on"]) for c in shown["choices"]] == [("By letter", False), ("By e-mail", True), ("By telephone", False)]
    pressed = shown["choices"][2]
    assert event_of(pressed["act"], pressed["argument"], examples.session(phase)) == ev.Typed("phone")


def test_choices_are_words_of_the_entry_then_of_the_record() -> None:
    shown = fields(at.Answering(examples.VISITOR, samples.ASKED, 2))
    assert [c["text"] for c in shown["choices"]][:2] == ["Another one, which is not here", "Zemědělské družstvo Bohuslavice"]


def test_each_type_has_its_keys() -> None:
    kinds = [fields(at.Answering(examples.VISITOR, samples.ASKED, i))["keys"] for i in range(3, len(samples.QUESTIONS))]
    assert kinds == ["date", "amount", "number", "identifier", "number", "words", "lines", "email", "phone", "lines"]
    assert fields(at.Answering(examples.VISITOR, examples.CHANGE, 0))["keys"] == "account"


def test_what_the_record_knows_stands_in_the_field_and_can_be_typed_on() -> None:
    place = len(samples.QUESTIONS) - 1
    phase = at.Answering(examples.VISITOR, samples.ASKED, place)
    assert fields(phase)["text"] == "I worked there from spring to autumn."
    assert event_of("key", "!", examples.session(phase)) == ev.Typed("I worked there from spring to autumn.!")


def test_answers_that_may_be_left_out_say_so() -> None:
    assert "leave this empty" in fields(at.Answering(examples.VISITOR, samples.ASKED, 5))["hint"]
    assert "leave this empty" not in fields(at.Answering(examples.VISITOR, samples.ASKED, 4))["hint"]


def test_only_an_account_has_a_picture_of_where_it_stands() -> None:
    assert "picture" not in fields(at.Answering(examples.VISITOR, samples.ASKED, 4))
    assert fields(at.Answering(examples.VISITOR, examples.CHANGE, 0))["picture"]


def test_the_check_says_each_answer_as_people_read_it() -> None:
    answers = {"channel": "email", "year": "2003", "employer": "25596641", "born": "1950-03-13", "pay": "91250.50", "months": "",
               "number": "5351010012", "address": "Krátká 7\n602 00 Brno", "phone": "+420601123457"}  # fmt: skip
    rows = {row["label"]: row for row in fields(at.Checking(examples.VISITOR, samples.ASKED, answers))["rows"]}
    assert rows["Channel"]["new"] == ["By e-mail"]
    assert rows["Employer"]["new"] == ["Tesla Pardubice, státní podnik v likvidaci"]
    assert rows["Born"]["new"] == ["13 March 1950"]
    assert rows["Born"]["now"] == ["12 March 1950"]
    assert "91,250.50" in rows["Pay"]["new"][0]
    assert rows["Months"]["new"] == ["left empty"]
    assert "5351010012" in rows["Number"]["new"][0]
    assert rows["Address"]["new"] == ["Krátká 7", "602 00 Brno"]
    assert "+420 601 123 457" in rows["Phone"]["new"][0]
    assert rows["Channel"]["now"] == []
    assert rows["Pay"]["change"]["argument"] == "pay"


def test_many_services_are_also_found_by_what_happened() -> None:
    menu = fields(at.Menu(examples.VISITOR), services=MANY)
    assert [one["id"] for one in menu["events"]] == [f"event-{event.value}" for event in tuple(LifeEvent)[:8]]
    assert len(menu["tiles"]) == 60
    assert {tile["agency"] for tile in menu["tiles"][:5]} == {
        "Pension insurance", "Health insurance", "Labour office", "Family benefits", "Tax office",
    }  # fmt: skip
    read = fields(at.Menu(examples.VISITOR, life_event="retiring"), services=MANY)
    assert read["title"] == "I retire"
    assert len(read["tiles"]) == 8
    assert read["actions"][0]["act"] == "back"
    few = fields(at.Menu(examples.VISITOR))
    assert few["events"] == []
    assert few["tiles"][0]["agency"] == ""


def test_the_menu_says_from_which_record_it_would_show() -> None:
    visitor = replace(examples.VISITOR, person=examples.CACHED)
    tiles = fields(at.Menu(visitor), services=MANY, line=at.Line.OFFLINE)["tiles"]
    assert {tile["state"] for tile in tiles} == {"received_pending", "needs_line", "now", "from_cache"}
    assert next(tile for tile in tiles if tile["state"] == "from_cache")["sub"] == "From your record of 20 November 2026"


def test_without_a_card_there_is_what_needs_none_and_nobody_s_data() -> None:
    menu = fields(at.Menu(at.Visitor(NO_CARD)), services=MANY, card=False)
    assert menu["title"] == "Without a card"
    assert [tile["id"] for tile in menu["tiles"]] == [f"service-sample.n{i}" for i in range(5)]
    assert menu["facts"] == []
    assert menu["waits"] == ""
    assert "End session" in fields(at.Menu(at.Visitor(NO_CARD)), services=MANY, card=True)["waits"]
    assert fields(at.AwaitingCard(), services=MANY)["without"]["act"] == "without_card"
    assert fields(at.AwaitingCard(), services=("bank_account.change",))["without"] == {}


def test_who_has_no_card_signs_nothing_and_is_told_so() -> None:
    told = at.Checking(at.Visitor(NO_CARD), samples.TOLD, {"note": "The door is hard to open."})
    check = fields(told, card=False)
    assert "sign" not in check["title"].lower()
    assert check["holder"] == ""
    following = fields(at.Following(told, examples.RECORDED, at.Step.SENT, 8, at.Printing.PRINTED), card=False)
    assert "card" not in str(following).lower()
    receipt = fields(at.ShowingReceipt(told, examples.RECORDED, None, at.Printing.PRINTED), card=False)
    assert [action["id"] for action in receipt["actions"]] == ["continue", "print-again", "end"]


def test_a_receipt_of_another_service_speaks_of_no_account() -> None:
    other = at.Checking(examples.VISITOR, samples.ASKED, {"channel": "email"})
    granted = at.Verdict("in_force", "no.such.text", first_payment_on="2026-12-15")
    receipt = fields(at.ShowingReceipt(other, examples.RECORDED, granted, at.Printing.PRINTED))
    assert receipt["title"] == "Your request is granted"
    assert receipt["dates"] == []
    assert "account" not in str(receipt)


def test_practice_and_staff_are_said_on_every_screen() -> None:
    for _, phase in examples.phases():
        chrome = view_of(examples.session(phase, practice=True), AROUND).chrome
        assert "Practice" in chrome["demonstration"]
    door = {at.StaffDoor.CLOSED: "", at.StaffDoor.PIN_ASKED: "joining", at.StaffDoor.REFUSED: "cannot"}
    for state, word in door.items():
        said = view_of(examples.session(at.Menu(examples.VISITOR), staff_door=state), AROUND).chrome["joined"]
        assert word in said
        assert bool(said) == bool(word)


def test_who_types_is_one_touch() -> None:
    phase = at.Answering(examples.VISITOR, samples.ASKED, 8)
    alone = fields(phase)
    assert alone["helper"] == {}
    helped = fields(phase, joined="4000009001", helper_types=True)["helper"]
    assert "member of staff is typing" in helped["text"]
    assert event_of(helped["act"], "", examples.session(phase)) == ev.HelperTypesToggled()


def test_every_icon_that_is_named_is_there() -> None:
    named = {service.icon for service in SERVICES.values()} | set(EVENT_ICONS.values())
    assert set(EVENT_ICONS) == set(LifeEvent)
    assert [name for name in sorted(named) if not (ICONS / f"{name}.svg").is_file()] == []


def test_an_empty_table_has_columns_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def empty(_answers: object, _standing: object) -> Content:
        return Content("Nothing", (Table(("Year", "Pay"), ()),))

    service = replace(SERVICES[samples.SHOWN], content=empty)
    monkeypatch.setitem(SERVICES, samples.SHOWN, service)  # type: ignore[arg-type]
    table = fields(at.Showing(examples.VISITOR, samples.SHOWN))["blocks"][0]
    assert (table["least"], table["amounts"], table["pressed"]) == ([4, 3], [False, False], False)


def test_the_a4_paper_that_did_not_come_can_be_asked_for_again() -> None:
    other = at.Checking(examples.VISITOR, samples.ASKED, {"channel": "email"})
    for printing, lost in ((None, False), (at.Printing.PRINTED, False), (at.Printing.FAILED, True), (at.Printing.UNKNOWN, True)):
        phase = at.ShowingReceipt(other, examples.RECORDED, None, at.Printing.PRINTED, document_printing=printing)
        shown = fields(phase)
        assert bool(shown["document"]) is (printing is not None)
        assert bool(shown["documentAgain"]) is lost
    assert event_of("document_again", "", examples.session(phase)) == ev.DocumentAgainPressed()


def test_who_acts_for_somebody_is_told_for_whom_on_every_page() -> None:
    mandate = Mandate("m-1", "Karel", "5351010012", "4000000001", "proxy", "2026-01-01")
    visitor = at.Visitor(examples.CARD, "Karel Novotný", examples.PERSON, mandate=mandate)
    checking = at.Checking(visitor, samples.ASKED, {"channel": "email"})
    receipt = at.ShowingReceipt(checking, examples.RECORDED, None, at.Printing.PRINTED)
    for phase in (at.Menu(visitor), at.Answering(visitor, samples.ASKED, 0), checking, receipt):
        assert "You act for Karel Novotný" in view_of(examples.session(phase), AROUND).chrome["joined"]
    menu = fields(at.Menu(visitor), services=(samples.ASKED, samples.SHOWN))
    assert menu["title"] == "For Karel Novotný"
    assert [tile["id"] for tile in menu["tiles"] if tile["act"] == "choose_service"] == [f"service-{samples.SHOWN}"]
