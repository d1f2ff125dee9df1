"""Signing in, sessions, forms and headers of the desk page, without a browser."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import argon2
import pytest
from desk_browser import SECRET, Browser, hidden

from back_office.desk import officers, sessions
from back_office.desk.officers import Door, SignedIn, SignInClosed, WrongPassword, add_officer
from back_office.desk.pages import desk_app
from back_office.desk.sessions import IDLE_SECONDS, LONGEST_SECONDS, Sessions
from back_office.desk.web import COOKIE
from back_office.repository import desk
from back_office.repository.desk import Officer
from kiosk.domain.bank_change import State
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import SystemIds

if TYPE_CHECKING:
    from back_office_bench import Bench

@pytest.fixture
def browser(office: Bench) -> Browser:
    return Browser(desk_app(office.it))


def held(office: Bench) -> str:
    id_ = office.submit(office.holder("marie"), "of_someone_else")
    assert office.change(id_).state is State.HELD
    with office.it.database.read() as db:
        (case,) = desk.open_cases(db)
    return str(case.n)


# --- signing in --------------------------------------------------------------------------------------


def test_without_signing_in_nothing_is_shown(browser: Browser, office: Bench) -> None:
    case = held(office)
    for path in ("/", f"/cases/{case}"):
        answer = browser.get(path)
        assert (answer.status, answer.headers["location"]) == (303, "/sign-in")
        assert "Novotn" not in answer.text
    for path in (f"/cases/{case}", "/calls/1/answer"):
        assert browser.post(path, {"act": "approve", "reason": "x"}).status == 303


def test_signing_in_shows_the_own_office_s_cases(browser: Browser, office: Bench) -> None:
    held(office)
    assert browser.sign_in().status == 303
    page = browser.get("/")
    assert page.status == 200
    assert "Marie Novotná" in page.text
    assert "Alena Říhová" in page.text
    other = Browser(browser.app)
    other.sign_in("cyril")
    assert "Nothing waits for you." in other.get("/").text


def test_the_cookie_is_kept_from_scripts_and_other_sites(browser: Browser) -> None:
    browser.sign_in()
    session = next(cookie for cookie in browser.set_cookies if cookie.startswith(f"{COOKIE}="))
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert part in session
    assert "Domain" not in session
    assert "Max-Age" not in session


def test_every_page_has_the_strict_headers(browser: Browser) -> None:
    browser.sign_in()
    for path in ("/", "/cases/99", "/nowhere", "/static/desk.css", "/sign-in"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_name_and_password_wrong_look_the_same(browser: Browser) -> None:
    one, other = browser.sign_in("alena", "wrong password"), browser.sign_in("nobody", "wrong password")
    assert (one.status, other.status) == (401, 401)
    assert "Name or password is wrong" in one.text
    assert re.sub(r"[0-9a-f]{32}", "", one.text) == re.sub(r"[0-9a-f]{32}", "", other.text)


def test_a_new_session_begins_with_each_sign_in(browser: Browser) -> None:
    browser.sign_in()
    first = browser.cookies[COOKIE]
    browser.sign_in()
    assert browser.cookies[COOKIE] != first
    old = Browser(browser.app, cookies={COOKIE: first})
    assert old.get("/").status == 303


@pytest.mark.parametrize("token", ["", "x", "0" * 32])
def test_a_sign_in_form_from_elsewhere_is_refused(browser: Browser, token: str) -> None:
    browser.get("/sign-in")
    assert browser.post("/sign-in", {"officer": "alena", "password": SECRET, "token": token}).status == 403
    assert COOKIE not in browser.cookies


def test_signing_out_ends_the_session(browser: Browser) -> None:
    browser.sign_in()
    token = browser.cookies[COOKIE]
    csrf = hidden(browser.get("/").text, "csrf")
    assert browser.post("/sign-out", {"csrf": "wrong"}).status == 303
    assert Browser(browser.app, cookies={COOKIE: token}).get("/").status == 200
    browser.cookies[COOKIE] = token
    browser.post("/sign-out", {"csrf": csrf})
    assert COOKIE not in browser.cookies
    assert Browser(browser.app, cookies={COOKIE: token}).get("/").status == 303


# --- forms -------------------------------------------------------------------------------------------


def act(browser: Browser, case: str, **values: str) -> dict[str, str]:
    page = browser.get(f"/cases/{case}").text
    return {"csrf": hidden(page, "csrf"), "revision": hidden(page, "revision"), "reason": "because", **values}


def test_two_officers_decide_on_the_page(browser: Browser, office: Bench) -> None:
    case = held(office)
    browser.sign_in()
    answer = browser.post(f"/cases/{case}", act(browser, case, act="bank-proof", document="statement of 1 March"))
    assert (answer.status, answer.headers["location"]) == (303, f"/cases/{case}")
    page = browser.get(f"/cases/{case}").text
    assert "Another officer must approve" in page
    assert "another officer's" in page
    assert 'value="approve"' not in page
    assert browser.post(f"/cases/{case}", act(browser, case, act="approve")).status == 409

    second = Browser(browser.app)
    second.sign_in("bohdan")
    assert second.post(f"/cases/{case}", act(second, case, act="approve")).status == 303
    assert "Stage: waiting" in second.get("/").text
    assert "Stage: waiting" not in second.get("/").text


@pytest.mark.parametrize(
    ("wrong", "headers"),
    [
        ({"csrf": ""}, {}),
        ({"csrf": "x" * 43}, {}),
        ({}, {"origin": "https://evil.example"}),
        ({}, {"origin": "null"}),
        ({}, {"sec_fetch_site": "cross-site"}),
        ({}, {"sec_fetch_site": "same-site"}),
    ],
)
def test_a_form_from_elsewhere_changes_nothing(
    browser: Browser, office: Bench, wrong: dict[str, str], headers: dict[str, str]
) -> None:
    case = held(office)
    browser.sign_in()
    values = act(browser, case, act="refuse") | wrong
    assert browser.post(f"/cases/{case}", values, **headers).status == 403
    with office.it.database.read() as db:
        assert len(desk.open_cases(db)) == 1


def test_another_session_s_token_does_not_fit(browser: Browser, office: Bench) -> None:
    case = held(office)
    browser.sign_in()
    other = Browser(browser.app)
    other.sign_in("bohdan")
    values = act(browser, case, act="refuse") | {"csrf": act(other, case)["csrf"]}
    assert browser.post(f"/cases/{case}", values).status == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": ""},
        {"act": "in_force"},
        {"revision": "x"},
        {"revision": ""},
        {"reason": ""},
        {"reason": " "},
        {"revision": "1"},
    ],
)
def test_a_form_that_is_wrong_is_told_and_kept(browser: Browser, office: Bench, wrong: dict[str, str]) -> None:
    case = held(office)
    browser.sign_in()
    answer = browser.post(f"/cases/{case}", act(browser, case, act="refuse", document="<i>paper</i>") | wrong)
    assert answer.status == 409
    assert 'role="alert"' in answer.text
    assert "<i>paper</i>" not in answer.text


def test_what_people_wrote_is_never_markup(browser: Browser, office: Bench) -> None:
    case = held(office)
    browser.sign_in()
    browser.post(
        f"/cases/{case}", act(browser, case, act="bank-proof", document="<b>x</b>", reason="<script>1</script>")
    )
    page = browser.get(f"/cases/{case}").text
    assert "<b>x</b>" not in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "path", ["/cases/x", "/cases/-1", "/cases/99999999999999999999", "/nowhere", "/static/../pages.py"]
)
def test_pages_that_are_not(browser: Browser, path: str) -> None:
    browser.sign_in()
    answer = browser.get(path)
    assert answer.status == 404
    assert "Traceback" not in answer.text


def test_a_fault_of_ours_is_a_page_without_the_fault(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from back_office.desk import queues
    from back_office.desk.serve import _Quiet

    browser = Browser(_Quiet(desk_app(office.it)))
    browser.sign_in()

    def fail(*_: object) -> None:
        raise ValueError("secret of Marie Novotná")

    monkeypatch.setattr(queues, "queue", fail)
    answer = browser.get("/")
    assert answer.status == 500
    assert "secret" not in answer.text
    assert "Something went wrong" in answer.text


def test_mounted_under_a_path_it_stays_there(office: Bench) -> None:
    browser = Browser(desk_app(office.it), root="/desk")
    assert browser.get("/").headers["location"] == "/desk/sign-in"
    assert browser.sign_in().headers["location"] == "/desk/"
    assert 'href="/desk/static/desk.css"' in browser.get("/").text
    assert browser.get("/static/desk.css").status == 200


def test_a_page_that_renews_itself_does_not_keep_the_session_alive(browser: Browser) -> None:
    browser.sign_in()
    page = browser.get("/").text
    assert 'content="30;url=/?by=clock"' in page
    assert 'http-equiv="refresh"' not in browser.get("/?renew=0").text


# --- sessions ----------------------------------------------------------------------------------------


class Clock:
    """A clock that stands where it was put."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.at = datetime(2027, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds


OFFICER = Officer("alena", "Alena", "101", "")


def test_a_session_ends_when_idle_and_at_the_end_of_the_day() -> None:
    clock = Clock()
    kept = Sessions(clock, SystemIds())
    idle, busy = kept.begin(OFFICER), kept.begin(OFFICER)
    while clock.seconds < LONGEST_SECONDS - IDLE_SECONDS:
        clock.seconds += IDLE_SECONDS - 1
        assert kept.find(busy, acts=True) is not None
        assert (kept.find(idle, acts=False) is not None) is (clock.seconds < IDLE_SECONDS)
    clock.seconds = LONGEST_SECONDS
    assert kept.find(busy, acts=True) is None


def test_tokens_are_not_kept_and_sessions_are_bounded() -> None:
    kept = Sessions(Clock(), SystemIds())
    tokens = [kept.begin(OFFICER) for _ in range(sessions.MOST_SESSIONS + 5)]
    assert len(kept._open) == sessions.MOST_SESSIONS
    assert not set(tokens) & set(kept._open)
    assert kept.find(tokens[-1], acts=True) is not None
    assert kept.find("", acts=True) is None


# --- throttling --------------------------------------------------------------------------------------


def test_guessing_closes_name_at_address_then_the_address(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(officers, "_NOBODY", cheap.hash("nobody"))
    door = Door(office.it)
    for _ in range(5):
        assert isinstance(door.sign_in("alena", "wrong", "a"), WrongPassword)
    assert isinstance(door.sign_in("alena", SECRET, "a"), SignInClosed)
    assert isinstance(door.sign_in("ALENA ", SECRET, "b"), SignedIn)
    for number in range(15):
        door.sign_in(f"nobody{number}", "wrong", "a")
    assert isinstance(door.sign_in("bohdan", SECRET, "a"), SignInClosed)
    assert isinstance(door.sign_in("bohdan", SECRET, "b"), SignedIn)
    office.later(minutes=16)
    assert isinstance(door.sign_in("alena", SECRET, "a"), SignedIn)


def test_a_name_guessed_from_everywhere_closes_too(office: Bench) -> None:
    door = Door(office.it)
    for number in range(50):
        door.sign_in("alena", "wrong", f"address {number}")
    closed = door.sign_in("alena", SECRET, "the office")
    assert isinstance(closed, SignInClosed)
    assert closed.until - office.it.clock.now() <= timedelta(hours=1)
    assert isinstance(door.sign_in("bohdan", SECRET, "the office"), SignedIn)


def test_the_page_says_when_signing_in_is_possible_again(browser: Browser) -> None:
    for _ in range(5):
        browser.sign_in("alena", "wrong")
    answer = browser.sign_in()
    assert answer.status == 429
    assert re.search(r"possible again at \d\d:\d\d", answer.text)


def test_sign_ins_are_logged_but_not_what_was_typed_as_a_name(office: Bench) -> None:
    door = Door(office.it)
    door.sign_in("my password typed here", "x", "a")
    door.sign_in("alena", "wrong", "a")
    door.sign_in("alena", SECRET, "a")
    lines = [(line.actor, line.action) for line in office.audit() if line.action.startswith("desk.sign")]
    assert lines == [("unknown", "desk.sign_in.failed"), ("alena", "desk.sign_in.failed"), ("alena", "desk.signed_in")]


@pytest.mark.parametrize(
    ("officer_id", "name", "number", "password"),
    [
        ("A", "Alena", "101", "long enough"),
        ("alena b", "Alena", "101", "long enough"),
        ("dana", " ", "101", "long enough"),
        ("dana", "Dana", "999", "long enough"),
        ("dana", "Dana", "101", "short"),
        ("dana", "Dana", "101", "x" * 201),
        ("dana.novakova", "Dana", "101", "dana.novakova"),
    ],
)
def test_an_officer_that_cannot_be_is_refused(
    office: Bench, officer_id: str, name: str, number: str, password: str
) -> None:
    with office.it.work() as work, pytest.raises(EnvironmentFault) as fault:
        add_officer(work, officer_id=officer_id, name=name, office=number, password=password)
    assert fault.value.remedy


def test_a_new_officer_signs_in_and_a_new_password_replaces_the_old(office: Bench) -> None:
    for password in ("first password", "second password"):
        with office.it.work() as work:
            kept = add_officer(work, officer_id="dana", name="Dana", office="102", password=password)
        assert password not in kept.password
        assert kept.password.startswith("$argon2id$")
    door = Door(office.it)
    assert isinstance(door.sign_in("dana", "first password", "a"), WrongPassword)
    assert isinstance(door.sign_in("dana", "second password", "a"), SignedIn)
