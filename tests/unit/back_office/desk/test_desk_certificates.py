"""A certificate printed at the desk: for whom, against what, the paper that was issued, and what the log and the person see."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from back_office_services import record, submit
from desk_browser import Browser, hidden

from back_office.desk import certificate_papers
from back_office.desk.acts import NotDone
from back_office.desk.certificate_papers import Asked, Listed, Made
from back_office.desk.pages import desk_app
from back_office.repository import desk
from back_office.verification import asking
from kiosk.domain import certificate_code

if TYPE_CHECKING:
    from pathlib import Path

    from back_office_bench import Bench

SEEN = "identity_card"


@pytest.fixture
def issued(office: Bench) -> str:
    """Marie's certificate, which came when she was gone; its id."""
    return submit(office, office.holder("marie"), "certificate.issue", {"kind": "payments"})


def officer(office: Bench, name: str = "alena") -> desk.Officer:
    with office.it.database.read() as db:
        found = desk.officer(db, name)
    assert found is not None
    return found


def marie(office: Bench, document: str = SEEN) -> Asked:
    return Asked(office.person("marie"), document)


def words(pdf: bytes, folder: Path) -> str:
    paper = folder / "paper.pdf"
    paper.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-layout", str(paper), "-"], check=True, capture_output=True, text=True, timeout=20)
    return told.stdout


def test_the_paper_carries_the_code_that_the_public_page_knows(office: Bench, issued: str, tmp_path: Path) -> None:
    listed = certificate_papers.look(office.it, officer(office), marie(office))
    assert isinstance(listed, Listed)
    assert [(one.id, one.title, one.printable) for one in listed.offered] == [(issued, "Certificate of payments", True)]
    made = certificate_papers.make(office.it, officer(office), marie(office), issued)
    assert isinstance(made, Made)
    said = words(made.pdf, tmp_path)
    code = certificate_code.grouped(certificate_code.derive(issued, office.it.keyring.code_key()))
    assert code in said
    assert "Marie Novotná" in said
    assert "vytištěno na přepážce" in said
    assert isinstance(asking.ask(office.it, code, "192.0.2.7"), asking.Shown)


def test_who_printed_what_for_what_is_in_the_log_and_the_person_sees_it(office: Bench, issued: str) -> None:
    certificate_papers.make(office.it, officer(office), marie(office), issued)
    (line,) = [line for line in office.audit() if line.action == "certificate.printed"]
    assert (line.actor, line.office, line.subject, line.purpose) == ("alena", "101", issued, "certificate")
    assert json.loads(line.details) == {"kind": SEEN}
    code = certificate_code.derive(issued, office.it.keyring.code_key())
    assert not [one for one in office.audit() if code in str(one)]
    assert ("officer", "certificate") in [(one.role, one.purpose) for one in record(office, "marie").accesses]


def test_it_is_printed_until_its_last_day_and_not_after(office: Bench, issued: str) -> None:
    office.later(days=office.it.scheme.certificate_days)
    assert isinstance(certificate_papers.make(office.it, officer(office), marie(office), issued), Made)
    office.later(days=1)
    refused = certificate_papers.make(office.it, officer(office), marie(office), issued)
    assert refused == NotDone("This certificate cannot be printed any more.", "Have a new one issued.")
    listed = certificate_papers.look(office.it, officer(office), marie(office))
    assert isinstance(listed, Listed)
    assert [one.printable for one in listed.offered] == [False]


def test_it_is_printed_for_nobody_else_and_by_no_other_office(office: Bench, issued: str) -> None:
    alena, before = officer(office), len(office.audit())
    for asked in (Asked("", SEEN), Asked("1234", SEEN), marie(office, ""), marie(office, "a letter")):
        assert isinstance(certificate_papers.look(office.it, alena, asked), NotDone)
        assert isinstance(certificate_papers.make(office.it, alena, asked, issued), NotDone)
    assert isinstance(certificate_papers.look(office.it, officer(office, "cyril"), marie(office)), NotDone)
    assert isinstance(certificate_papers.make(office.it, officer(office, "cyril"), marie(office), issued), NotDone)
    other = certificate_papers.make(office.it, alena, Asked(office.person("josef"), SEEN), issued)
    assert isinstance(other, NotDone)
    assert isinstance(certificate_papers.make(office.it, alena, marie(office), "none"), NotDone)
    assert len(office.audit()) == before, "nobody has looked at anything"


def test_on_the_page_it_is_listed_and_comes_as_a_file(office: Bench, issued: str) -> None:
    browser = Browser(desk_app(office.it))
    assert browser.get("/certificates").headers["location"] == "/sign-in"
    browser.sign_in()
    csrf = hidden(browser.get("/certificates").text, "csrf")
    form = {"csrf": csrf, "person": office.person("marie"), "document": SEEN}
    assert browser.post("/certificates", form | {"csrf": "another"}).status == 403
    assert browser.post(f"/certificates/{issued}", form | {"csrf": "another"}).status == 403
    page = browser.post("/certificates", form)
    assert page.status == 200
    assert "Certificate of payments" in page.text
    assert hidden(page.text, "person") == form["person"]
    paper = browser.post(f"/certificates/{issued}", form)
    assert (paper.status, paper.headers["content-type"]) == (200, "application/pdf")
    assert paper.headers["content-disposition"].startswith("attachment;")
    assert paper.headers["cache-control"] == "no-store"
    assert paper.body.startswith(b"%PDF-")
    refused = browser.post("/certificates", form | {"document": ""})
    assert (refused.status, "Say which document" in refused.text) == (409, True)
