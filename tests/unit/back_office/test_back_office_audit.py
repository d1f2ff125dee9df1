"""The audit log shows a gap, an edit and a cut end; nothing personal gets in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from back_office_bench import open_audit_log

from back_office import audit
from back_office.database import Unfit
from kiosk.domain.audit import Actor
from kiosk.domain.errors import Bug

if TYPE_CHECKING:
    from back_office_bench import Bench


def check(office: Bench) -> audit.Intact | audit.Broken:
    with office.it.database.read() as db:
        return audit.verify(db)


def fill(office: Bench) -> int:
    office.bank_knows("marie_second", "match")
    office.submit(office.holder("marie"), "marie_second")
    found = check(office)
    assert isinstance(found, audit.Intact)
    return found.lines


def tamper(office: Bench, *statements: str) -> audit.Intact | audit.Broken:
    with office.it.work() as work:
        open_audit_log(work.db)
        for statement in statements:
            work.db.execute(statement)
    return check(office)


def test_a_whole_log_is_intact(office: Bench) -> None:
    assert fill(office) > 10


@pytest.mark.parametrize("column", ["at", "role", "actor", "office", "action", "subject", "purpose", "details", "hash"])
def test_an_edit_is_found_where_it_is(office: Bench, column: str) -> None:
    fill(office)
    found = tamper(office, f"UPDATE audit SET {column} = '2020-01-01T00:00:00.000000Z' WHERE n = 4")  # noqa: S608
    assert isinstance(found, audit.Broken)
    assert found.line == 4


def test_a_missing_line_is_found(office: Bench) -> None:
    fill(office)
    found = tamper(office, "DELETE FROM audit WHERE n = 5")
    assert found == audit.Broken(5, "line 5 is missing; the next one is 6")


def test_lines_that_changed_places_are_found(office: Bench) -> None:
    fill(office)
    found = tamper(
        office,
        "UPDATE audit SET n = 9999 WHERE n = 3",
        "UPDATE audit SET n = 3 WHERE n = 4",
        "UPDATE audit SET n = 4 WHERE n = 9999",
    )
    assert isinstance(found, audit.Broken)
    assert found.line == 3


def test_a_cut_end_is_found(office: Bench) -> None:
    lines = fill(office)
    found = tamper(office, f"DELETE FROM audit WHERE n > {lines - 2}")  # noqa: S608
    assert found == audit.Broken(lines - 1, "lines at the end are missing")


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_itself_refuses(office: Bench, statement: str) -> None:
    fill(office)
    with pytest.raises(Unfit, match="append-only"), office.it.work() as work:
        work.db.execute(statement)


def test_a_detail_that_is_not_on_the_list_is_a_bug(office: Bench) -> None:
    with pytest.raises(Bug, match="holder_name"), office.it.work() as work:
        audit.record(
            work.db, work.at, Actor("system", "x"), "a", "b", purpose="c", details={"holder_name": "Marie Novotná"}
        )


def test_no_name_no_contact_and_no_whole_account_is_in_it(office: Bench) -> None:
    fill(office)
    office.submit(office.holder("diverted"), "of_someone_else")
    text = str(office.audit())
    secrets = [
        "Novotn",
        "Marie",
        "Kučerov",
        "@mail.example",
        "+420",
        office.account("marie_second"),
        office.account("of_someone_else"),
    ]
    for secret in secrets:
        assert secret not in text
