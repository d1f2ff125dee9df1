"""Letters with a PIN on the desk page: printed once, handed over by another officer, of the own office only."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from desk_browser import Browser, hidden

from back_office import pin_letters
from back_office.demo.cards import DemonstrationCards
from back_office.desk import pin_papers
from back_office.desk.acts import NotDone
from back_office.desk.pages import desk_app
from back_office.pin_letters import COUNTER, POST
from back_office.repository import desk, number_pins

if TYPE_CHECKING:
    from pathlib import Path

    from back_office_bench import Bench

SEEN = "passport"


def officer(office: Bench, name: str) -> desk.Officer:
    with office.it.database.read() as db:
        found = desk.officer(db, name)
    assert found is not None
    return found


def letter(office: Bench, way: str = COUNTER) -> str:
    """A letter for Josef's card; the card's number."""
    card = office.holder("josef").number
    with office.it.work() as work:
        pin_letters.issue(work, card, DemonstrationCards(office.it.state), by="tom", way=way)
    return card


def at_the_desk(office: Bench, name: str) -> tuple[Browser, str]:
    browser = Browser(desk_app(office.it))
    browser.sign_in(name)
    return browser, hidden(browser.get("/letters").text, "csrf")


def words(pdf: bytes, folder: Path) -> str:
    paper = folder / "paper.pdf"
    paper.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-layout", str(paper), "-"], check=True, capture_output=True, text=True, timeout=20)
    return told.stdout


def shop(office: Bench) -> list[Path]:
    return sorted((office.it.state / pin_letters.PRINT_SHOP).glob("*.pdf"))


def test_a_letter_of_the_counter_comes_once_and_another_officer_hands_it_over(office: Bench, tmp_path: Path) -> None:
    card = letter(office)
    alena, csrf = at_the_desk(office, "alena")
    printed = alena.post(f"/letters/card/{card}/print", {"csrf": csrf})
    assert (printed.status, printed.headers["content-type"]) == (200, "application/pdf")
    assert printed.headers["content-disposition"].startswith("attachment;")
    digits = str(office.holder("josef").document["pin"])
    assert digits in "".join(words(printed.body, tmp_path).split())
    assert shop(office) == [], "it is nowhere but in the officer's hands"
    again = alena.post(f"/letters/card/{card}/print", {"csrf": csrf})
    assert (again.status, again.headers["content-type"].partition(";")[0]) == (409, "text/html")
    assert "another officer hands it over" in alena.get("/letters").text
    own = alena.post(f"/letters/card/{card}/hand-over", {"csrf": csrf, "document": SEEN})
    assert (own.status, "Who printed a letter does not hand it over" in own.text) == (409, True)
    bohdan, other = at_the_desk(office, "bohdan")
    unseen = bohdan.post(f"/letters/card/{card}/hand-over", {"csrf": other, "document": "a smile"})
    assert (unseen.status, "identity document" in unseen.text) == (409, True)
    assert bohdan.post(f"/letters/card/{card}/hand-over", {"csrf": other, "document": SEEN}).status == 303
    page = bohdan.get("/letters").text
    assert "The letter is handed over" in page
    assert card not in page
    said = [(line.action, line.actor) for line in office.audit(card)]
    assert said[-2:] == [("card.pin_letter_printed", "alena"), ("card.pin_letter_handed_over", "bohdan")]
    assert not [line for line in office.audit() if digits in line.details]


def test_a_letter_for_the_post_goes_to_the_print_shop_and_no_officer_sees_it(office: Bench) -> None:
    card = letter(office, POST)
    with office.it.work() as work:
        assert isinstance(pin_letters.give_out(work, officer(office, "alena"), card), pin_letters.NotDone)
    alena, csrf = at_the_desk(office, "alena")
    assert "To the print shop" in alena.get("/letters").text
    printed = alena.post(f"/letters/card/{card}/print", {"csrf": csrf})
    assert (printed.status, printed.headers["location"]) == (303, "/letters")
    assert len(shop(office)) == 1
    assert "with the print shop" in alena.get("/letters").text


def test_a_pin_for_a_number_opens_nothing_before_another_officer_handed_it_over(office: Bench, tmp_path: Path) -> None:
    number = office.person("ludmila")
    alena, csrf = at_the_desk(office, "alena")
    printed = alena.post("/letters/number/print", {"csrf": csrf, "person": number, "way": COUNTER})
    assert printed.headers["content-type"] == "application/pdf"
    assert "Ludmila" in words(printed.body, tmp_path)
    assert shop(office) == []
    form = {"csrf": csrf, "person": number, "document": SEEN}
    assert alena.post("/letters/number/hand-over", form).status == 409
    bohdan, other = at_the_desk(office, "bohdan")
    assert number in bohdan.get("/letters").text
    assert bohdan.post("/letters/number/hand-over", form | {"csrf": other}).status == 303
    with office.it.database.read() as db:
        row = number_pins.of(db, number)
        assert number_pins.at_the_counter(db, "101") == []
    assert row is not None
    assert (row.printed_by, row.handed_by, row.way) == ("alena", "bohdan", COUNTER)


@pytest.mark.parametrize(("way", "days"), [(POST, 21), (pin_papers.ABROAD, 30)])
def test_a_pin_for_a_number_can_go_by_post(office: Bench, way: str, days: int) -> None:
    number = office.person("ludmila")
    alena, csrf = at_the_desk(office, "alena")
    assert alena.post("/letters/number/print", {"csrf": csrf, "person": number, "way": way}).status == 303
    with office.it.work() as work:
        row = number_pins.of(work.db, number)
        assert row is not None
        assert (row.until, row.way) == (pin_letters.last_day(work, days), POST)
    assert len(shop(office)) == 1


def test_another_office_and_a_form_of_another_session_get_nowhere(office: Bench) -> None:
    card, number = letter(office), office.person("ludmila")
    cyril, csrf = at_the_desk(office, "cyril")
    assert card not in cyril.get("/letters").text
    for path in (f"card/{card}/print", f"card/{card}/hand-over", "number/print", "number/hand-over"):
        form = {"person": number, "way": COUNTER, "document": SEEN}
        assert cyril.post(f"/letters/{path}", form | {"csrf": csrf}).status == 409, path
        assert cyril.post(f"/letters/{path}", form | {"csrf": "another"}).status == 403, path
        assert Browser(cyril.app).post(f"/letters/{path}", form).headers["location"] == "/sign-in", path
    assert shop(office) == []
    with office.it.database.read() as db:
        assert number_pins.of(db, number) is None


def test_what_is_not_said_or_nobody_s_is_refused(office: Bench) -> None:
    alena = officer(office, "alena")
    assert isinstance(pin_papers.print_for_number(office.it, alena, office.person("ludmila"), "pigeon"), NotDone)
    assert isinstance(pin_papers.print_for_number(office.it, alena, "12", COUNTER), NotDone)
    assert isinstance(pin_papers.hand_over_for_number(office.it, alena, office.person("ludmila"), SEEN), NotDone)
    assert isinstance(pin_papers.print_for_card(office.it, alena, "0000000000"), NotDone)
    assert isinstance(pin_papers.hand_over_for_card(office.it, alena, "0000000000", SEEN), NotDone)
