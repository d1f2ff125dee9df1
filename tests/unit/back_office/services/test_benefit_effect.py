"""An application for a benefit: the filing date, the papers, the case with its scans."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from back_office_services import cases, decide, kept, record, submit, word

from back_office.desk import acts, cli, papers, queues
from back_office.repository import desk
from back_office.repository import papers as rows
from kiosk.schemes import load_texts
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from pathlib import Path

    from back_office_bench import Bench

SICK = {"benefit": "sickness", "since": "2026-11-01", "abroad": "no"}
ABROAD = {
    "benefit": "old_age", "since": "2027-01-01", "abroad": "yes", "country_1": "DE",
    "institution_1": "Deutsche Rentenversicherung", "number_1": "12 150279 M 001", "from_1": "2001-01-01",
    "to_1": "2003-12-31", "more_1": "no",
}  # fmt: skip
SCAN = b"%PDF-1.7\n" + b"x" * 2000


def attach(office: Bench, content: bytes = SCAN, name: str = "narozeni.pdf", who: str = "alena") -> object:
    with office.it.database.read() as db:
        officer = desk.officer(db, who)
    assert officer is not None
    return papers.attach(office.it, officer, str(cases(office)[0].n), name, content)


def test_the_day_of_signing_is_the_filing_date_and_the_papers_are_told(office: Bench) -> None:
    josef = office.holder("josef")
    signed = office.it.clock.now()
    entry = office.entry(josef, "benefit.apply", SICK, signed_at=wire_time(signed))
    office.later(days=20)
    office.receive(entry)
    office.settle()
    row = kept(office, str(entry["id"]))
    assert (row.decision, row.text_key) == ("held", "decision.benefit.apply.held.sickness")
    day = signed.astimezone(office.it.scheme.bank_change.zone).date().isoformat()
    assert json.loads(row.parameters) == {"filed_on": day}
    told = load_texts("cz").text("en", row.text_key, filed_on=day)
    assert "doctor's certificate" in told
    (line,) = record(office, "josef").requests
    assert (line.service, line.stage) == ("benefit.apply", "held")
    assert "potvrzení lékaře" in line.reason, "another service shows it: my requests"


def test_the_desk_sees_the_periods_abroad_in_words(office: Bench) -> None:
    submit(office, office.holder("josef"), "benefit.apply", ABROAD)
    case = cases(office)[0]
    with office.it.work() as work:
        file = queues.open_file(work, str(case.n), None)
    assert isinstance(file, queues.CaseFile)
    assert file.item is not None
    asked = dict(file.item.asked)
    assert asked["Abroad, first: institution"] == "Deutsche Rentenversicherung"
    assert asked["Benefit"] == "Old-age pension"
    assert file.reasons == ("An application for a benefit. Attach the papers that are brought.",)


def test_the_same_again_is_told_and_another_benefit_is_not(office: Bench) -> None:
    josef = office.holder("josef")
    submit(office, josef, "benefit.apply", SICK)
    again = submit(office, josef, "benefit.apply", SICK)
    assert word(office, again) == ("refused", "decision.benefit.apply.refused.applied_already")
    other = submit(office, josef, "benefit.apply", ABROAD)
    assert word(office, other) == ("held", "decision.benefit.apply.held.old_age")


def test_an_officer_s_yes_says_that_it_is_complete(office: Bench) -> None:
    request = submit(office, office.holder("josef"), "benefit.apply", SICK)
    decide(office, cases(office)[0], acts.Act.ACCEPT, "all papers seen")
    assert word(office, request) == ("in_force", "decision.benefit.apply.in_force")
    assert office.rows("SELECT 1 FROM pension WHERE person = ?", office.person("josef")) == [], "it pays nothing"


def test_scans_are_kept_with_the_case(office: Bench, tmp_path: Path) -> None:
    request = submit(office, office.holder("josef"), "benefit.apply", SICK)
    assert isinstance(attach(office), acts.Done)
    assert isinstance(attach(office), acts.NotDone), "the same paper is kept once"
    with office.it.database.read() as db:
        (paper,) = rows.of(db, request)
        assert rows.content(db, paper.n) == SCAN
        assert rows.content(db, paper.n + 1) is None
    assert (paper.name, paper.media_type, paper.size, paper.officer) == ("narozeni.pdf", "application/pdf", 2009, "alena")
    with office.it.work() as work:
        file = queues.open_file(work, request, None)
    assert isinstance(file, queues.CaseFile)
    assert paper.digest in file.papers[0].said
    assert "desk.paper.attached" in [line.action for line in office.audit(request)]


@pytest.mark.parametrize(
    ("content", "who", "said"),
    [
        (b"MZ\x90\x00 a program", "alena", "no scan"),
        (b"%PDF-" + b"x" * papers.LARGEST, "alena", "bytes"),
        (SCAN, "cyril", "no such open case"),
    ],
)
def test_what_is_no_scan_or_not_the_officer_s_is_not_kept(office: Bench, content: bytes, who: str, said: str) -> None:
    submit(office, office.holder("josef"), "benefit.apply", SICK)
    result = attach(office, content, who=who)
    assert isinstance(result, acts.NotDone)
    assert said in result.why
    assert office.rows("SELECT n FROM case_paper") == []


def test_a_case_takes_so_many_papers_and_a_closed_one_none(office: Bench) -> None:
    submit(office, office.holder("josef"), "benefit.apply", SICK)
    for n in range(papers.MOST):
        assert isinstance(attach(office, SCAN + bytes([n]), f"../../etc/{n}<b>.pdf"), acts.Done)
    assert isinstance(attach(office, SCAN), acts.NotDone)
    assert office.rows("SELECT name FROM case_paper WHERE n = 1") == [{"name": "0_b_.pdf"}]


def test_the_command_attaches_and_says_what_it_cannot_read(office: Bench, tmp_path: Path, capsys) -> None:
    import argparse

    from kiosk.domain.errors import EnvironmentFault

    request = submit(office, office.holder("josef"), "benefit.apply", SICK)
    parser = argparse.ArgumentParser()
    cli.add_parser(parser.add_subparsers())
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(SCAN)
    state = ["--officer", "alena", "--state", str(office.it.state)]
    args = parser.parse_args(["desk", "attach", request, str(scan), *state])
    assert args.run(args) == 0
    assert "is kept with case" in capsys.readouterr().out
    args = parser.parse_args(["desk", "attach", request, str(tmp_path / "none.pdf"), *state])
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        args.run(args)


def test_who_has_no_right_is_refused(office: Bench) -> None:
    for name, key in (("employer", "service.refused.role"), ("revoked", "service.refused.card_revoked")):
        assert word(office, submit(office, office.holder(name), "benefit.apply", SICK)) == ("refused", key)
