"""The desk page in a real browser, over real TLS, with JavaScript off: two officers settle a held change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from back_office_bench import bench
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from back_office.desk.serve import running
from back_office.repository import desk
from kiosk.domain.bank_change import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from back_office_bench import Bench

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECRET = "demonstration"
ON_ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""Tests of what the browser does with the page."""


@pytest.fixture
def office(tmp_path: Path, database: str) -> Iterator[Bench]:
    with bench(tmp_path, database) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail("Chromium is missing: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def person(browser: Browser, **more: object) -> BrowserContext:
    """A browser of its own, as one officer has."""
    context = browser.new_context(ignore_https_errors=True, java_script_enabled=False, **more)  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    return context


def sign_in(context: BrowserContext, url: str, name: str, password: str = SECRET) -> Page:
    page = context.new_page()
    page.goto(f"{url}/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    return page


def decide(page: Page, what: str, why: str) -> None:
    page.get_by_role("radio", name=what).check()
    page.get_by_label("Why (").fill(why)
    page.get_by_role("button", name="Decide").click()


def test_two_officers_settle_a_held_change(browser: Browser, office: Bench) -> None:
    change = office.submit(office.holder("marie"), "of_someone_else")
    with office.it.work() as work:
        desk.add_call(work.db, terminal="T0007", office="101", step="enter_account", at=work.time)
    with running(office.it) as url, person(browser) as alena, person(browser) as bohdan:
        page = sign_in(alena, url, "alena", "wrong password")
        expect(page.get_by_role("alert")).to_contain_text("wrong")
        page = sign_in(alena, url, "alena")
        expect(page.get_by_role("heading", level=1)).to_have_text("Praha 2")
        expect(page.get_by_role("row", name="T0007")).to_contain_text("enter account")
        page.get_by_role("button", name="I go to terminal T0007").click()
        expect(page.get_by_role("status")).to_contain_text("T0007")
        expect(page.get_by_text("Nobody is calling.")).to_be_visible()

        page.get_by_role("row", name="Marie Novotná").get_by_role("link").click()
        expect(page.get_by_text("The bank says: the holder is somebody else.")).to_be_visible()
        decide(page, "Approve", "Looks right.")
        expect(page.get_by_role("alert")).to_contain_text("no paper of the bank")
        page.get_by_label("Which paper").fill("Statement of 1 March")
        decide(page, "Enter the bank's paper", "Seen in the original.")
        expect(page.get_by_role("status")).to_contain_text("Another officer must approve")
        expect(page.get_by_role("radio", name="Approve")).to_have_count(0)
        assert office.change(change).state is State.HELD

        page = sign_in(bohdan, url, "bohdan")
        page.get_by_role("row", name="Marie Novotná").get_by_role("link").click()
        decide(page, "Approve", "Paper and person agree.")
        expect(page.get_by_role("status")).to_contain_text("waiting")
        assert office.change(change).state is State.WAITING
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.goto(f"{url}/")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@ON_ONE_DATABASE
def test_the_page_loads_nothing_from_elsewhere_and_breaks_no_rule_of_its_own(browser: Browser, office: Bench) -> None:
    office.submit(office.holder("marie"), "of_someone_else")
    with running(office.it) as url, person(browser) as alena:
        requests: list[str] = []
        said: list[str] = []
        alena.on("request", lambda request: requests.append(request.url))
        alena.on("console", lambda message: said.append(message.text))
        page = sign_in(alena, url, "alena")
        page.get_by_role("row", name="Marie Novotná").get_by_role("link").click()
        expect(page.get_by_role("heading", name="Decide")).to_be_visible()
        assert requests
        assert all(request.startswith(url) for request in requests)
        assert said == []
        (cookie,) = [cookie for cookie in alena.cookies() if cookie["name"] == "__Host-guichet-desk"]
        assert cookie["secure"]
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Strict"


@pytest.mark.parametrize("size", [(1280, 900), (390, 800)])
@ON_ONE_DATABASE
def test_nothing_is_cut_off_and_everything_can_be_hit(browser: Browser, office: Bench, size: tuple[int, int]) -> None:
    office.submit(office.holder("marie"), "of_someone_else")
    with running(office.it) as url, person(browser, viewport={"width": size[0], "height": size[1]}) as alena:
        page = sign_in(alena, url, "alena")
        for _ in range(2):
            page.wait_for_load_state("load")  # the style sheet decides every size
            body = page.locator("main").bounding_box()
            assert body is not None
            assert body["x"] >= 0
            assert body["x"] + body["width"] <= size[0]
            for button in page.get_by_role("button").all():
                box = button.bounding_box()
                assert box is not None
                assert box["height"] >= 44
                assert box["x"] + box["width"] <= size[0]
            link = page.get_by_role("row", name="Marie Novotná").get_by_role("link")
            if link.count():
                link.click()


def test_a_form_from_another_origin_changes_nothing(browser: Browser, office: Bench) -> None:
    change = office.submit(office.holder("marie"), "of_someone_else")
    with running(office.it) as url, person(browser) as alena:
        page = sign_in(alena, url, "alena")
        page.get_by_role("row", name="Marie Novotná").get_by_role("link").click()
        csrf = page.locator("input[name=csrf]").last.get_attribute("value")
        target = page.url
        evil = alena.new_page()
        evil.set_content(
            f'<form method="post" action="{target}"><input name="csrf" value="{csrf}"><input name="act" value="refuse">'
            f'<input name="reason" value="x"><input name="revision" value="1"><button>Win</button></form>'
        )
        evil.get_by_role("button", name="Win").click()
        expect(evil.get_by_role("heading", level=1)).to_have_text("Sign in")  # the cookie did not travel
        assert office.change(change).state is State.HELD


def test_an_officer_decides_between_two_edits_and_the_one_who_comes_late_is_told(browser: Browser, office: Bench) -> None:
    marie = office.holder("marie")
    for account in ("marie_second", "marie_third"):
        office.bank_knows(account, "match")
    office.submit(marie, "marie_second", base_version=1)
    office.later(days=91)
    change = office.submit(marie, "marie_third", base_version=1)
    assert office.verdict(marie, change).decision == "held"
    with running(office.it) as url, person(browser) as alena, person(browser) as bohdan:
        late = sign_in(bohdan, url, "bohdan")
        late.get_by_role("row", name="Marie Novotná").get_by_role("link").click()
        page = sign_in(alena, url, "alena")
        expect(page.get_by_role("row", name="Marie Novotná")).to_contain_text("changed elsewhere")
        page.get_by_role("row", name="Marie Novotná").get_by_role("link").click()
        expect(page.get_by_text("version 1", exact=True)).to_be_visible()
        expect(page.get_by_text("version 2", exact=True)).to_be_visible()
        decide(page, "Refuse", "The person wants the account of the first request.")
        expect(page.get_by_role("status")).to_contain_text("refused")
        decide(late, "Accept as it is", "Looks right.")
        expect(late.get_by_text("closed by alena")).to_be_visible()
        expect(late.get_by_role("heading", name="Decide")).to_have_count(0)
    office.settle()
    assert office.verdict(marie, change).text_key == "decision.request.refused"
    assert any("The person wants" in message.text for message in office.messages.sent)


def test_what_was_signed_too_long_ago_takes_two_officers_on_the_page(browser: Browser, office: Bench) -> None:
    entry = office.change_entry(office.holder("marie"), "marie_second")
    office.bank_knows("marie_second", "match")
    office.later(days=61)
    office.receive(entry)
    office.settle()
    with running(office.it) as url, person(browser) as alena, person(browser) as bohdan:
        page = sign_in(alena, url, "alena")
        page.get_by_role("row", name="Set aside").get_by_role("link").click()
        expect(page.get_by_text("Marie Novotná, born")).to_be_visible()
        decide(page, "Accept as it is", "The terminal was stored away.")
        expect(page.get_by_role("status")).to_contain_text("Another officer")
        expect(page.get_by_role("radio", name="Accept")).to_have_count(0)
        page = sign_in(bohdan, url, "bohdan")
        page.get_by_role("row", name="Set aside").get_by_role("link").click()
        expect(page.get_by_text("alena; another officer must accept it too")).to_be_visible()
        decide(page, "Accept as it is", "Seen its seal.")
        expect(page.get_by_role("status")).to_contain_text("Accepted")
    office.settle()
    assert office.change(entry["id"]).state is State.IN_FORCE
