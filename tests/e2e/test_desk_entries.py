"""Entering for somebody without a card, in a real browser with JavaScript off: a doctor's form, a change at the desk, a call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from back_office.desk.serve import running
from back_office.repository import attended, desk, scope
from kiosk.domain.services.proof_of_life import next_due
from tests.e2e.test_desk_page import ON_ONE_DATABASE, browser, decide, office, person, sign_in

if TYPE_CHECKING:
    from datetime import date

    from back_office_bench import Bench

__all__ = ["browser", "office"]  # fixtures


def today(office: Bench) -> date:
    return office.it.clock.now().astimezone(office.it.scheme.bank_change.zone).date()


def open_entry(page: Page, channel: str, title: str) -> None:
    page.get_by_role("link", name="Enter for somebody without a card").click()
    page.get_by_role("region", name=channel).get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def name_person(page: Page, office: Bench, name: str, document: str) -> None:
    page.get_by_label("Number of the person").fill(office.person(name))
    if document:
        page.get_by_role("radio", name=document).check()
        page.get_by_label("On which day").fill(today(office).isoformat())
    page.get_by_role("button", name="Continue").click()


def test_a_doctor_s_form_is_entered_by_one_officer_and_approved_by_another(browser: Browser, office: Bench) -> None:
    with running(office.it) as url, person(browser) as alena, person(browser) as bohdan:
        page = sign_in(alena, url, "alena")
        open_entry(page, "At the desk", "Proof of life")
        name_person(page, office, "marie", "A doctor's form")
        expect(page.get_by_role("heading", name="Check it")).to_be_visible()
        expect(page.get_by_text("Marie Novotná, born").first).to_be_visible()
        page.get_by_role("button", name="Enter it").click()
        expect(page.get_by_role("status")).to_contain_text("Another officer must approve it. Reference 9000-1000-001")
        expect(page.get_by_role("radio", name="Approve the entry")).to_have_count(0)

        page = sign_in(bohdan, url, "bohdan")
        page.get_by_role("row", name="Entered by an officer").get_by_role("link").click()
        expect(page.get_by_text("A doctor's form,")).to_be_visible()
        decide(page, "Approve the entry", "I have seen the form too.")
        expect(page.get_by_role("status")).to_contain_text("Accepted")
    office.settle()
    with office.it.database.read() as db:
        assert scope.proof_of_life_due(db, office.person("marie")) == next_due(today(office), None, 12).isoformat()


@ON_ONE_DATABASE
def test_an_officer_is_told_on_the_field_what_does_not_fit_and_can_go_back(browser: Browser, office: Bench) -> None:
    with running(office.it) as url, person(browser) as alena:
        page = sign_in(alena, url, "alena")
        open_entry(page, "At the desk", "Change my address")
        page.get_by_label("Number of the person").fill("12")
        page.get_by_role("radio", name="Passport").check()
        page.get_by_label("On which day").fill("2999-01-01")
        page.get_by_role("button", name="Continue").click()
        number = page.get_by_label("Number of the person")
        expect(number).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_role("radio", name="Passport")).to_be_checked()
        name_person(page, office, "marie", "Home visit")
        page.get_by_role("textbox").last.fill("only one line")
        page.get_by_role("button", name="Continue").click()
        expect(page.locator(".wrong")).to_have_count(1)
        page.get_by_role("textbox").last.fill("Nová 1\n110 00 Praha")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Change something").click()
        expect(page.get_by_role("textbox").last).to_have_value("Nová 1\n110 00 Praha")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Enter it").click()
        expect(page.get_by_role("status")).to_contain_text("Another officer must approve it")


@ON_ONE_DATABASE
def test_a_call_blocks_and_stops_and_never_moves_money(browser: Browser, office: Bench) -> None:
    change = office.submit(office.holder("marie"), "of_someone_else")
    with running(office.it) as url, person(browser) as alena:
        page = sign_in(alena, url, "alena")
        page.get_by_role("link", name="Enter for somebody without a card").click()
        calls = page.get_by_role("region", name="On the telephone")
        expect(calls.get_by_role("link", name="Change the account", exact=False)).to_have_count(0)
        expect(calls.get_by_role("link", name="address", exact=False)).to_have_count(0)
        page.goto(f"{url}/entries/telephone/bank_account.change")
        expect(page.get_by_role("heading", level=1)).to_have_text("This cannot be entered in this way.")
        page.get_by_role("link", name="To the list").click()
        open_entry(page, "On the telephone", "Block changes of my account")
        name_person(page, office, "marie", "")
        page.get_by_role("button", name="Enter it").click()
        expect(page.get_by_role("status")).to_contain_text("Changes of your account are blocked")
    assert office.change(change).state.value == "blocked"


@pytest.mark.parametrize("size", [(1280, 900), (390, 800)])
@ON_ONE_DATABASE
def test_the_pages_fit_every_screen(browser: Browser, office: Bench, size: tuple[int, int]) -> None:
    with running(office.it) as url, person(browser, viewport={"width": size[0], "height": size[1]}) as alena:
        page = sign_in(alena, url, "alena")
        open_entry(page, "At the desk", "Let somebody act for me")
        name_person(page, office, "marie", "Passport")
        for path in (page.url, f"{url}/entries"):
            page.goto(path)
            page.wait_for_load_state("load")
            for part in (*page.get_by_role("link").all(), *page.get_by_role("button").all(), page.locator("main")):
                box = part.bounding_box()
                assert box is not None
                assert box["x"] + box["width"] <= size[0]


@ON_ONE_DATABASE
def test_an_officer_gets_a_code_to_help_from_the_desk(browser: Browser, office: Bench) -> None:
    with office.it.work() as work:
        number = desk.add_call(work.db, terminal="T0007", office="101", step="Answering", at=work.time)
    with running(office.it) as url, person(browser) as bohdan:
        page = sign_in(bohdan, url, "bohdan")
        page.get_by_role("button", name="Code to help at terminal T0007").click()
        expect(page.get_by_role("status")).to_contain_text("staff card is not known")
        with office.it.work() as work:
            attended.tie_card(work.db, "bohdan", office.holder("staff").number)
        page.get_by_role("button", name="Code to help at terminal T0007").click()
        expect(page.get_by_role("status")).to_contain_text(f"for terminal T0007, call {number}")
        page.reload()
        expect(page.get_by_role("status")).to_have_count(0)


def test_a_paper_that_was_brought_is_scanned_to_its_case_and_looked_at(browser: Browser, office: Bench) -> None:
    office.submit(office.holder("marie"), "of_someone_else")
    with office.it.database.read() as db:
        case = desk.open_cases(db)[0].n
    pdf = b"%PDF-1.4 a birth certificate"
    with running(office.it) as url, person(browser) as alena:
        page = sign_in(alena, url, "alena")
        page.goto(f"{url}/cases/{case}")
        expect(page.get_by_text("No paper is attached yet.")).to_be_visible()
        attach = page.get_by_label("Attach a scan")
        attach.set_input_files({"name": "virus.pdf", "mimeType": "application/pdf", "buffer": b"MZ no scan"})
        page.get_by_role("button", name="Attach", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("This is no scan")
        attach.set_input_files({"name": "birth.pdf", "mimeType": "application/pdf", "buffer": pdf + b"x" * 200_000})
        page.get_by_role("button", name="Attach", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("The paper is kept")
        expect(page.get_by_role("region", name="Papers")).to_contain_text("SHA-256")
        with page.expect_download() as fetched:
            page.get_by_role("link", name="birth.pdf").click()
        assert Path(fetched.value.path()).read_bytes().startswith(pdf)
    with running(office.it) as url, person(browser) as cyril:
        page = sign_in(cyril, url, "cyril")
        page.goto(f"{url}/papers/1")
        expect(page.get_by_role("heading", level=1)).to_have_text("There is no such paper in your office.")
