"""Ask about the record: an employer is missing, the pay is wrong, a period is wrong, a branch is missing.

- A query names the lines of the record that it is about, so that the officer sees what the person saw.
- It edits nothing: an officer looks into it, and a yes notes what is right.
- The same query is not asked again while it lies at the desk; another one is its own.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.edit_conflict import ConflictRule
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    BY_CARD,
    UNDER_WAY,
    Agency,
    AskedIf,
    Assurance,
    Channel,
    Choice,
    Conflict,
    EvidenceKind,
    LifeEvent,
    Offline,
    Question,
    QuestionType,
    Service,
    Standing,
)
from kiosk.domain.working_life import line_id

if TYPE_CHECKING:
    from kiosk.domain.record import Contribution
    from kiosk.domain.service import Answers

ID = "record.query"
MISSING_EMPLOYER, WRONG_PAY, WRONG_PERIOD, MISSING_BRANCH = (
    "missing_employer",
    "wrong_pay",
    "wrong_period",
    "missing_branch",
)
WHOLE_YEAR = "whole_year"
BRANCHES = ("old_age", "accident", "health", "unemployment")
_ABOUT_A_LINE = frozenset({WRONG_PAY, WRONG_PERIOD, MISSING_BRANCH})
_WITH_PERIOD = frozenset({MISSING_EMPLOYER, WRONG_PERIOD})


def lines_of(answers: Answers, contributions: tuple[Contribution, ...]) -> tuple[Contribution, ...]:
    """Return the lines of the record that the answers are about; none for what the record does not have."""
    year, line = answers.get("year", ""), answers.get("line", "")
    of_year = tuple(one for one in contributions if str(one.year) == year)
    return of_year if line == WHOLE_YEAR else tuple(one for one in of_year if line_id(one) == line)


def about(answers: Answers) -> str:
    """Name what a query is about; empty as long as the answers do not say it."""
    match answers:
        case {"what": "missing_employer", "from": start, "to": end, "employer_name": name}:
            return f"{MISSING_EMPLOYER}|{start}|{end}|{answers.get('employer') or ' '.join(name.casefold().split())}"
        case {"what": "missing_branch", "year": year, "line": line, "branch": branch}:
            return f"{MISSING_BRANCH}|{year}|{line}|{branch}"
        case {"what": "wrong_pay" | "wrong_period" as what, "year": year, "line": line}:
            return f"{what}|{year}|{line}"
        case _:
            return ""


def check(answers: Answers, standing: Standing) -> Problem | None:
    """Refuse what contradicts itself, what the record says already, and what is asked already; parts may be missing."""
    return (
        _check_period(answers, standing)
        or _check_against_record(answers, standing)
        or _asked_already(answers, standing)
    )


def _check_period(answers: Answers, standing: Standing) -> Problem | None:
    start, end = answers.get("from", ""), answers.get("to", "")
    born = standing.record.birth_date if standing.record is not None else ""
    if start and born and start < born:
        return Problem("record.query.before_birth")
    if start and end and end < start:
        return Problem("record.query.order")
    return None


def _check_against_record(answers: Answers, standing: Standing) -> Problem | None:
    record = () if standing.record is None else standing.record.contributions
    what, start, end = answers.get("what"), answers.get("from", ""), answers.get("to", "")
    if what == MISSING_EMPLOYER:
        employer = answers.get("employer", "")
        there = (
            employer
            and end
            and any(one.employer == employer and one.start <= end and start <= one.end for one in record)
        )
        return Problem("record.query.employer_there") if there else None
    lines = lines_of(answers, record)
    if not lines:
        return None
    if what == WRONG_PAY and answers.get("amount"):
        same = Decimal(answers["amount"]) == sum(Decimal(one.pay) for one in lines)
        return Problem("record.query.same_pay") if same else None
    if what == WRONG_PERIOD and end:
        same = (start, end) == (min(one.start for one in lines), max(one.end for one in lines))
        return Problem("record.query.same_period") if same else None
    if what == MISSING_BRANCH and answers.get("branch"):
        return Problem("record.query.branch_there") if all(answers["branch"] in one.branches for one in lines) else None
    return None


def _asked_already(answers: Answers, standing: Standing) -> Problem | None:
    subject = about(answers)
    requests = () if standing.record is None or not subject else standing.record.requests
    asked = any(one.service == ID and one.stage in UNDER_WAY and one.about == subject for one in requests)
    return Problem("record.query.asked_already") if asked else None


# --- what the record offers --------------------------------------------------------------------------


def years_on_record(_answers: Answers, standing: Standing) -> tuple[Choice, ...]:
    """Offer the years of the record, newest first."""
    record = () if standing.record is None else standing.record.contributions
    return tuple(Choice(str(year), str(year)) for year in sorted({one.year for one in record}, reverse=True))


def lines_on_record(answers: Answers, standing: Standing) -> tuple[Choice, ...]:
    """Offer the lines of the year that was chosen: the employer, and from which month to which."""
    record = () if standing.record is None else standing.record.contributions
    return tuple(
        Choice(line_id(one), f"{one.employer_name} ({one.start[5:7]}/{one.start[:4]} – {one.end[5:7]}/{one.end[:4]})")
        for one in record
        if str(one.year) == answers.get("year")
    )


def only_line(answers: Answers, standing: Standing) -> str:
    """Choose the line of a year that has only one."""
    offered = lines_on_record(answers, standing)
    return offered[0].value if len(offered) == 1 else ""


_OF_A_LINE = AskedIf("what", _ABOUT_A_LINE)
_OF_A_MISSING_ONE = AskedIf("what", frozenset({MISSING_EMPLOYER}))
_PERIOD = AskedIf("what", _WITH_PERIOD)

QUERY = Service(
    id=ID,
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA, LifeEvent.RETIRING),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels=BY_CARD | {Channel.DESK: frozenset({EvidenceKind.ATTESTED})},
    questions=(
        Question("what", QuestionType.CHOICE, choices=(MISSING_EMPLOYER, WRONG_PAY, WRONG_PERIOD, MISSING_BRANCH)),
        Question("year", QuestionType.CHOICE, choices_from=years_on_record, asked_if=_OF_A_LINE),
        Question(
            "line",
            QuestionType.CHOICE,
            choices=(WHOLE_YEAR,),
            choices_from=lines_on_record,
            prefill=only_line,
            asked_if=_OF_A_LINE,
        ),
        Question(
            "branch", QuestionType.CHOICE, choices=BRANCHES, asked_if=AskedIf("what", frozenset({MISSING_BRANCH}))
        ),
        Question("employer_name", QuestionType.FREE_TEXT, longest=120, asked_if=_OF_A_MISSING_ONE),
        Question("employer", QuestionType.IDENTIFIER, identifier="employer", optional=True, asked_if=_OF_A_MISSING_ONE),
        Question("from", QuestionType.DATE, earliest="1900-01-01", latest="today", asked_if=_PERIOD),
        Question("to", QuestionType.DATE, earliest="1900-01-01", latest="today", asked_if=_PERIOD),
        Question("amount", QuestionType.AMOUNT, lowest="0", asked_if=AskedIf("what", frozenset({WRONG_PAY}))),
        Question("remarks", QuestionType.FREE_TEXT, longest=500, optional=True),
    ),
    check=check,
    offline=Offline.RECEIVED_PENDING,
    conflict=Conflict.INDEPENDENT,
    edits=ConflictRule.EDITS_NOTHING,
    desk_queue="record_queries",
    icon="circle-help",
    only_noted=True,
    about=about,
)
