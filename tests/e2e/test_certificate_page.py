"""The public page of certificates in a real browser, over real TLS, with JavaScript off: in every language of the scheme."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from back_office_bench import bench
from playwright.sync_api import Browser, expect, sync_playwright

from back_office.desk.serve import running
from back_office.verification.serve import PAGES
from kiosk.domain.certificate_code import grouped
from kiosk.schemes import load_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from back_office_bench import Bench

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
TEXTS = load_texts("cz")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail("Chromium is missing: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def issued(office: Bench) -> str:
    marie = office.holder("marie")
    entry = office.entry(marie, "certificate.issue", {"kind": "payments"})
    office.receive(entry)
    office.decide(entry["id"])
    return grouped(office.verdict(marie, entry["id"]).code)


@pytest.mark.parametrize("language", TEXTS.languages)
def test_the_code_shows_what_the_paper_shows(browser: Browser, office: Bench, language: str) -> None:
    code = issued(office)
    with running(office.it, pages=PAGES) as url, browser.new_context(
        ignore_https_errors=True, java_script_enabled=False, locale=language
    ) as context:
        page = context.new_page()
        page.goto(f"{url}/")
        expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
        page.get_by_label(TEXTS.text(language, "certificate.page.code")).fill("0000-0000-0000-0000")
        page.get_by_role("button").click()
        expect(page.get_by_role("alert")).to_have_text(TEXTS.text(language, "certificate.page.unknown"))
        page.get_by_label(TEXTS.text(language, "certificate.page.code")).fill(code.lower())
        page.get_by_role("button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(TEXTS.text(language, "certificate.page.genuine"))
        paper = page.locator("#paper")
        expect(paper).to_contain_text("Marie Novotná")
        assert page.locator("#paper tbody tr").count() == 12
        assert page.url == f"{url}/", "the code stands in no address"
        assert code not in page.content()
        assert office.account("marie_current")[4:] not in page.content()
        assert context.cookies() == []
