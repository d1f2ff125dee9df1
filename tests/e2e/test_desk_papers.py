"""Papers of the desk, in a real browser with JavaScript off: letters with a PIN, and a certificate whose code is checked."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from back_office_services import submit
from playwright.sync_api import Browser, Locator, Page, expect

from back_office import pin_letters
from back_office.demo.cards import DemonstrationCards
from back_office.desk.serve import running
from back_office.verification import asking
from tests.e2e.test_desk_page import ON_ONE_DATABASE, browser, office, person, sign_in

if TYPE_CHECKING:
    from back_office_bench import Bench

__all__ = ["browser", "office"]  # fixtures
CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}\b")


def printed(page: Page, button: str) -> str:
    """Press a button that gives a paper; the words on the paper."""
    with page.expect_download() as coming:
        page.get_by_role("button", name=button).click()
    assert coming.value.suggested_filename.endswith(".pdf")
    command = ("pdftotext", "-layout", str(Path(coming.value.path())), "-")
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout


def letters(page: Page) -> Page:
    """Go to the letters from the list."""
    page.get_by_role("link", name="Letters with a PIN").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Letters with a PIN")
    return page


def of_cards(page: Page) -> Locator:
    return page.get_by_role("region", name="First PIN of a card")


def test_a_letter_is_printed_by_one_officer_and_handed_over_by_another(browser: Browser, office: Bench) -> None:
    number = office.holder("josef").number
    with office.it.work() as work:
        pin_letters.issue(work, number, DemonstrationCards(office.it.state), by="tom", way=pin_letters.COUNTER)
    with running(office.it) as url, person(browser) as alena, person(browser) as bohdan:
        page = letters(sign_in(alena, url, "alena"))
        paper = printed(page, "Print the letter of Josef")
        assert str(office.holder("josef").document["pin"]) in "".join(paper.split())
        page.reload()
        row = of_cards(page).get_by_role("row", name=number)
        expect(row).to_contain_text("another officer hands it over")
        expect(row.get_by_role("button")).to_have_count(0)

        page = letters(sign_in(bohdan, url, "bohdan"))
        page.get_by_role("radio", name="Passport").check()
        page.get_by_role("button", name="Handed over to Josef").click()
        expect(page.get_by_role("status")).to_contain_text("handed over")
        expect(of_cards(page).get_by_role("row", name=number)).to_have_count(0)
    assert [line.actor for line in office.audit(number)][-2:] == ["alena", "bohdan"]


@ON_ONE_DATABASE
def test_a_number_gets_a_pin_and_a_form_that_says_nothing_goes_nowhere(browser: Browser, office: Bench) -> None:
    number = office.person("ludmila")
    with running(office.it) as url, person(browser) as alena, person(browser) as bohdan:
        page = letters(sign_in(alena, url, "alena"))
        page.get_by_label("Number of the person").fill("12")
        page.get_by_role("radio", name="At the counter").check()
        page.get_by_role("button", name="Make the PIN").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("Number of the person").fill(number)
        page.get_by_role("radio", name="At the counter").check()
        assert "Ludmila" in printed(page, "Make the PIN")

        page = letters(sign_in(bohdan, url, "bohdan"))
        page.get_by_role("radio", name="Identity card").check()
        page.get_by_role("button", name="Handed over to Ludmila").click()
        expect(page.get_by_role("status")).to_contain_text("handed over")
        expect(page.get_by_role("region", name="PIN of a number")).to_contain_text("No letter waits.")


def test_a_certificate_is_printed_for_whoever_stands_there_and_its_code_is_known(browser: Browser, office: Bench) -> None:
    submit(office, office.holder("marie"), "certificate.issue", {"kind": "payments"})
    with running(office.it) as url, person(browser) as alena:
        page = sign_in(alena, url, "alena")
        page.get_by_role("link", name="Print a certificate").click()
        page.get_by_label("Number of the person").fill(office.person("marie"))
        page.get_by_role("radio", name="Identity card").check()
        page.get_by_role("button", name="Show the certificates").click()
        expect(page.get_by_text("Marie Novotná")).to_be_visible()
        code = CODE.search(printed(page, "Print: Certificate of payments"))
        page.get_by_role("link", name="Another person").click()
        page.get_by_label("Number of the person").fill("1234")
        page.get_by_role("radio", name="Passport").check()
        page.get_by_role("button", name="Show the certificates").click()
        expect(page.get_by_role("alert")).to_be_visible()
    assert code is not None
    assert isinstance(asking.ask(office.it, code[0], "192.0.2.7"), asking.Shown)


@pytest.mark.parametrize("size", [(1280, 900), (390, 800)])
@ON_ONE_DATABASE
def test_the_pages_fit_every_screen(browser: Browser, office: Bench, size: tuple[int, int]) -> None:
    josef = office.holder("josef").number
    submit(office, office.holder("marie"), "certificate.issue", {"kind": "payments"})
    with office.it.work() as work:
        pin_letters.issue(work, josef, DemonstrationCards(office.it.state), by="tom", way=pin_letters.COUNTER)
    with running(office.it) as url, person(browser, viewport={"width": size[0], "height": size[1]}) as alena:
        page = letters(sign_in(alena, url, "alena"))
        fits(page, size[0])
        page.goto(f"{url}/certificates")
        fits(page, size[0])
        page.get_by_label("Number of the person").fill(office.person("marie"))
        page.get_by_role("radio", name="Passport").check()
        page.get_by_role("button", name="Show the certificates").click()
        expect(page.get_by_role("button", name="Print: Certificate")).to_be_visible()
        fits(page, size[0])


def fits(page: Page, width: int) -> None:
    page.wait_for_load_state("load")
    for part in (*page.get_by_role("link").all(), *page.get_by_role("button").all(), page.locator("main")):
        box = part.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width
