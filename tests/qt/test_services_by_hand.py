"""Pages of any service under real fingers: blocks, choices, keyboards, many services; and how soon long pages are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.domain.card import NO_CARD
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from tests.qt.test_hands import acts, touch
from tests.qt.test_screens import cut
from ui import examples, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.qt.conftest import Screen

MANY = tuple(service.id for service in samples.many())


@pytest.fixture(autouse=True)
def _samples(screen: Screen) -> Iterator[None]:
    screen.evaluate("Door.last = Door.lifted = ''")
    with samples.installed():
        screen.show(examples.session(at.ExaminingCard()))
        screen.events()
        yield
        screen.show(examples.session(at.ExaminingCard()))


def asked(name: str, typed: dict[str, str] | None = None) -> at.Answering:
    place = [question.id for question in samples.QUESTIONS].index(name)
    return at.Answering(examples.VISITOR, samples.ASKED, place, typed=typed or {})


def scroll_to(screen: Screen, id_: str) -> None:
    """By the buttons, as a person does."""
    for _ in range(40):
        item = next(i for i in screen.items() if i["id"] == id_ and i["kind"] == "button")
        if item["y"] + item["h"] <= item["clip"]["y"] + item["clip"]["h"]:
            return
        screen.evaluate("Door.last = ''")
        touch(screen, "scroll-down")
        screen.settle()
    pytest.fail(f"{id_} is not reached")


def text(screen: Screen, id_: str) -> str:
    return next(str(i["text"]) for i in screen.items() if i["id"] == id_)


@pytest.mark.parametrize("id_", ["ask", "ask-0", "age-63", "stop-change", "print", "open"])
@pytest.mark.parametrize("shape", ["portrait", "landscape"])
def test_whatever_can_be_pressed_in_what_is_shown_is_reached_and_pressed(screen: Screen, id_: str, shape: str) -> None:
    screen.show(examples.session(at.Showing(examples.VISITOR, samples.SHOWN)), shape)
    scroll_to(screen, id_)
    touch(screen, id_)
    assert acts(screen) == [ev.ActionPressed(id_)]


def test_rows_can_be_read_by_their_ids(screen: Screen) -> None:
    screen.show(examples.session(at.Showing(examples.VISITOR, samples.SHOWN)))
    items = {i["id"]: i for i in screen.items() if i["id"]}
    assert items["row-2-0"]["name"] == "Name: Marie Novotná"
    assert items["row-3-2"]["name"].endswith("Half a year is missing here.")
    assert items["cell-3-0-2"]["text"] == "182 400,00 Kč"
    assert items["row-4-1"]["name"] == "at 65: 19 350,00 Kč"
    assert items["row-5-1"]["name"] == "Tesla Pardubice, 2003, nothing on record, 2003 to 2005"
    assert items["row-6-2"]["name"] == "Refused: ended here"
    assert items["block-7"]["name"].startswith("Change of account")


def test_a_long_record_is_whole_soon_and_begins_at_its_top_when_another_answer_is_shown(screen: Screen) -> None:
    screen.show(examples.session(at.Showing(examples.VISITOR, samples.LONG)))
    rows = [i for i in screen.items() if i["id"].startswith("row-0-")]
    assert len(rows) == 90
    first = next(i for i in screen.items() if i["id"] == "row-0-0")["y"]
    touch(screen, "scroll-down")
    screen.settle()
    assert next(i for i in screen.items() if i["id"] == "row-0-0")["y"] < first
    screen.show(examples.session(at.Showing(examples.VISITOR, samples.LONG, answers={"year": "2003"})))
    assert next(i for i in screen.items() if i["id"] == "row-0-0")["y"] == first


def test_a_choice_is_one_touch_and_the_chosen_one_is_marked(screen: Screen) -> None:
    screen.show(examples.session(asked("channel")))
    touch(screen, "choice-email")
    assert acts(screen) == [ev.Typed("email")]
    screen.show(examples.session(asked("year")))
    scroll_to(screen, "choice-2024")
    touch(screen, "choice-2024")
    assert acts(screen) == [ev.Typed("2024")]


@pytest.mark.parametrize(
    ("name", "typed", "key", "after"),
    [
        ("born", "12", "3", "12. 3. "),
        ("born", "1", ".", "1. "),
        ("pay", "18", ",", "18,"),
        ("months", "1", "backspace", ""),
        ("number", "535101", "/", "535101/"),
        ("company", "255", "clear", ""),
        ("name", "Jana ", "n", "Jana N"),
        ("name", "Jana N", "o", "Jana No"),
        ("address", "Dlouhá 1", "enter", "Dlouhá 1\n"),
        ("address", "Dlouhá", "space", "Dlouhá "),
        ("email", "jana", "@", "jana@"),
        ("phone", "", "+", "+"),
        ("note", "Yes", ".", "Yes."),
    ],
)
def test_each_keyboard_types_what_its_question_takes(screen: Screen, name: str, typed: str, key: str, after: str) -> None:
    screen.show(examples.session(asked(name, {name: typed})))
    touch(screen, f"key-{key}")
    assert acts(screen) == [ev.Typed(after)]


def test_letters_are_those_of_the_language_and_another_key_turns_to_the_next(screen: Screen) -> None:
    screen.show(examples.session(asked("name", {"name": "Jana"}), language="cs"))
    touch(screen, "key-ř")
    assert acts(screen) == [ev.Typed("Janař")]
    touch(screen, "key-language")
    screen.settle()
    touch(screen, "key-ض")
    assert acts(screen) == [ev.Typed("Janaض")]
    touch(screen, "key-language")
    screen.settle()
    assert "key-1" in {i["id"] for i in screen.items()}
    assert acts(screen) == []


def test_shift_is_for_one_letter_and_signs_have_a_layer(screen: Screen) -> None:
    screen.show(examples.session(asked("note", {"note": "Yes"})))
    touch(screen, "key-shift")
    screen.settle()
    touch(screen, "key-a")
    screen.settle()
    touch(screen, "key-s")
    touch(screen, "key-signs")
    screen.settle()
    touch(screen, "key-(")
    assert acts(screen) == [ev.Typed("YesA"), ev.Typed("Yess"), ev.Typed("Yes(")]
    touch(screen, "key-letters")
    screen.settle()
    assert "key-q" in {i["id"] for i in screen.items()}


def test_a_name_begins_with_a_capital_that_the_keys_show(screen: Screen) -> None:
    screen.show(examples.session(asked("name")))
    assert next(i["name"] for i in screen.items() if i["id"] == "key-a") == "A"
    screen.show(examples.session(asked("name", {"name": "J"})))
    assert next(i["name"] for i in screen.items() if i["id"] == "key-a") == "a"


def test_a_long_text_shows_its_end_and_stays_in_its_field(screen: Screen) -> None:
    long = "We moved three times that year and nobody wrote it down. " * 5
    screen.show(examples.session(asked("note", {"note": long})))
    items = {i["id"]: i for i in screen.items() if i["id"]}
    shown, field, keys = items["field-text"], items["field"], items["keyboard"]
    assert shown["y"] + shown["h"] <= field["y"] + field["h"]
    assert field["y"] + field["h"] < keys["y"]
    assert field["h"] < 500


@pytest.mark.parametrize("line", [at.Line.ONLINE, at.Line.OFFLINE])
def test_who_helps_goes_by_one_touch_and_nobody_sees_the_button_before(screen: Screen, line: at.Line) -> None:
    screen.show(examples.session(asked("name"), line=line))
    assert "staff-leaves" not in {item["id"] for item in screen.items()}
    screen.show(examples.session(asked("name"), joined="4000009001", staff_name="Alena Říhová", line=line))
    touch(screen, "staff-leaves")
    assert acts(screen) == [ev.StaffLeft()]


def test_who_types_is_told_by_one_touch(screen: Screen) -> None:
    screen.show(examples.session(asked("name"), joined="4000009001"))
    touch(screen, "helper-types")
    assert acts(screen) == [ev.HelperTypesToggled()]
    assert "member of staff" in text(screen, "joined")


def test_every_answer_of_the_check_can_be_changed(screen: Screen) -> None:
    answers = {question.id: "" for question in samples.QUESTIONS} | {"note": "From spring to autumn."}
    screen.show(examples.session(at.Checking(examples.VISITOR, samples.ASKED, answers)))
    scroll_to(screen, "change-note")
    touch(screen, "change-note")
    assert acts(screen) == [ev.ChangePressed("note")]


def test_sixty_services_by_what_happened_and_all_of_them(screen: Screen) -> None:
    screen.show(examples.session(at.Menu(examples.VISITOR), services=MANY))
    touch(screen, "event-moved")
    assert acts(screen) == [ev.LifeEventChosen("moved")]
    scroll_to(screen, "service-sample.n59")
    touch(screen, "service-sample.n59")
    assert acts(screen) == [ev.ServiceChosen("sample.n59")]
    screen.show(examples.session(at.Menu(examples.VISITOR, life_event="moved"), services=MANY))
    touch(screen, "back")
    assert acts(screen) == [ev.BackPressed()]


def test_the_way_in_without_a_card(screen: Screen) -> None:
    screen.show(examples.session(at.AwaitingCard(), services=MANY, card=False))
    touch(screen, "without-card")
    assert acts(screen) == [ev.WithoutCardPressed()]
    screen.show(examples.session(at.Menu(at.Visitor(NO_CARD)), services=MANY, card=False))
    touch(screen, "service-sample.n0")
    touch(screen, "end")
    assert acts(screen) == [ev.ServiceChosen("sample.n0"), ev.EndPressed()]


def test_sixty_services_begin_with_as_many_tiles_as_fifteen(screen: Screen) -> None:
    """What does not fit on the screen is made after the first frame, whatever menu was there before."""

    def tiles() -> int:
        return sum(item["kind"] == "button" and item["id"].startswith("service-") for item in screen.items())

    for services in (MANY[:15], MANY, MANY[:15], MANY):
        screen.kiosk.render(examples.session(at.Menu(examples.VISITOR), services=services))
        assert tiles() == 12
        screen.settle()
        assert tiles() == len(services)


@pytest.mark.parametrize("shape", ["portrait", "landscape"])
@pytest.mark.parametrize("language", ["xx", "ar"])
def test_real_services_are_not_cut_in_the_menu(screen: Screen, language: str, shape: str) -> None:
    names = tuple(examples.session(at.Welcome()).scheme.services)  # type: ignore[union-attr]
    screen.show(examples.session(at.Menu(examples.VISITOR), services=names, language=language), shape)
    assert [(i["text"], cut(i)) for i in screen.items() if i["kind"] == "text" and cut(i)] == []


def test_blocks_that_were_on_another_page_stand_in_the_order_of_this_one(screen: Screen) -> None:
    """They are filled anew: nothing of the page before shows, and a screen reader meets them from top to bottom."""
    pages = {}
    for service in (samples.SHOWN, samples.LONG, samples.SHOWN, samples.LONG):
        screen.show(examples.session(at.Showing(examples.VISITOR, service)))
        items = screen.items()
        blocks = [item for item in items if item["id"].startswith("block-")]
        assert [item["id"] for item in blocks] == [f"block-{place}" for place in range(len(blocks))]
        assert [item["y"] for item in blocks] == sorted(item["y"] for item in blocks)
        texts = [item["text"] for item in items if item["kind"] == "text"]
        assert pages.setdefault(service, texts) == texts
    assert len(pages[samples.LONG]) > len(pages[samples.SHOWN])


def test_the_way_back_to_a_page_shows_what_was_there(screen: Screen) -> None:
    """A page whose fields are those it had is not filled again; one whose fields changed meanwhile is."""

    def greeting() -> str:
        return str(next(item["text"] for item in screen.items() if item["id"] == "page-title"))

    other = at.Visitor(examples.CARD, "Karel Novák", examples.PERSON)
    for visitor in (examples.VISITOR, examples.VISITOR, other, examples.VISITOR):
        screen.show(examples.session(at.Menu(visitor)))
        assert visitor.name in greeting()
        screen.show(examples.session(at.Showing(visitor, "requests.show")))
        assert visitor.name not in greeting()
