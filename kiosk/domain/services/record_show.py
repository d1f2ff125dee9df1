"""My contribution record: the career at a glance, ten years at a time, and each year with its employers side by side.

- What looks odd is asked about, newest first, each with "ask about this", which opens a query with the line filled in.
- Ten years at a time, so that a working life of 45 years stays readable; the newest ten first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kiosk.domain.card import Role
from kiosk.domain.content import (
    Action,
    Answer,
    Bar,
    Bars,
    Content,
    Doors,
    Fact,
    Facts,
    Lane,
    OpenService,
    Paragraph,
    Row,
    Said,
    Span,
    Table,
    Timeline,
    Tone,
)
from kiosk.domain.service import Agency, Assurance, Kind, LifeEvent, Offline, Service
from kiosk.domain.services import own_record
from kiosk.domain.services.record_query import QUERY
from kiosk.domain.working_life import (
    WORKED,
    Gap,
    LowPay,
    MissingBranch,
    NoEmployer,
    end_of_last_year,
    line_id,
    oddities,
    working_life,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kiosk.domain.content import Block, Words
    from kiosk.domain.record import Contribution, Person
    from kiosk.domain.service import Standing
    from kiosk.domain.working_life import Employment, Oddity, WorkingLife, Year

TITLE = "service.record.show.title"
SIDE_BY_SIDE = 3
"""Employers beside each other; with the names of the rows as many columns as fit in large type."""
AT_FIRST = 4
"""Questions on the first page; the others stand behind "all questions"."""
LANES = 12
_DECADE = 10


def show(answers: Mapping[str, str], standing: Standing) -> Content:
    """Show the record: all of it, or one `year`, or every question (`questions`); `decade` says which ten years."""
    person = standing.record
    if person is None:
        return own_record.not_here(TITLE)
    if not person.contributions:
        empty = Paragraph(Said("record.show.empty"))
        return Content(Said(TITLE), (own_record.as_of(person), empty, Doors((_query(),))))
    life = working_life(person.contributions)
    odd = _odd(life, person, standing)
    year = next((one for one in life.years if str(one.year) == answers.get("year")), None)
    if year is not None:
        return _year_page(year, odd, standing)
    if answers.get("questions"):
        back = Doors((Action("back-to-years", Said("record.show.back"), Answer("questions", ""), "arrow-left"),))
        return Content(Said(TITLE), (_questions(odd), back))
    return _overview(person, life, odd, answers.get("decade", ""))


def _odd(life: WorkingLife, person: Person, standing: Standing) -> tuple[Oddity, ...]:
    """Find what is worth asking about; who is paid a pension is not expected to work on."""
    if standing.scheme is None or not standing.today:
        return ()
    until = None if person.account is not None else end_of_last_year(standing.today)
    return oddities(life, standing.scheme.record, standing.scheme.branches, until)


# --- the whole -----------------------------------------------------------------------------------------


def _overview(person: Person, life: WorkingLife, odd: tuple[Oddity, ...], wanted: str) -> Content:
    decades = sorted({year.year // _DECADE * _DECADE for year in life.years}, reverse=True)
    decade = next((one for one in decades if str(one) == wanted), decades[0])
    blocks: list[Block] = [own_record.as_of(person), _facts(life)]
    if odd and not wanted:
        blocks.append(_questions(odd[:AT_FIRST]))
        if len(odd) > AT_FIRST:
            more = Said("record.show.all_questions", {"count": str(len(odd))})
            blocks.append(Doors((Action("questions", more, Answer("questions", "all"), "circle-help"),)))
    if not wanted:
        blocks.append(_timeline(life))
    blocks += _ten_years(life, decade, {_year_of(one) for one in odd})
    others = tuple(
        Action(f"decade-{one}", _years(one), Answer("decade", str(one)), "calendar-check")
        for one in decades
        if one != decade
    )
    if others:
        blocks.append(Doors(others, Said("record.show.other_years")))
    blocks += [Doors((_query(),)), own_record.PRINT]
    return Content(Said(TITLE), tuple(blocks))


def _facts(life: WorkingLife) -> Facts:
    years, days = divmod(life.insured_days, 365)
    return Facts(
        (
            Fact(Said("record.show.insured"), Said("record.show.length", {"years": str(years), "days": str(days)})),
            Fact(Said("record.show.first_day"), Said("own_record.day", {"day": life.periods[0].start.isoformat()})),
            Fact(Said("record.show.last_day"), Said("own_record.day", {"day": life.periods[-1].end.isoformat()})),
            Fact(Said("record.show.employers"), str(life.employers)),
        )
    )


def _timeline(life: WorkingLife) -> Timeline:
    """Draw a lane an employment; where there are too many, the shortest ones share the last lane."""
    longest = sorted(life.employments, key=lambda one: -one.days)
    shared = longest[LANES - 1 :] if len(longest) > LANES else []
    lanes = [Lane(_named(one.name, one.employer), _spans(one)) for one in life.employments if one not in shared]
    if shared:
        lanes.append(Lane(Said("record.show.others"), tuple(span for one in shared for span in _spans(one))))
    first, last = life.periods[0].start.isoformat(), life.periods[-1].end.isoformat()
    summary = Said("record.show.career", {"since": first, "until": last, "employers": str(life.employers)})
    return Timeline(summary, first, last, tuple(lanes), Said("record.show.timeline"))


def _spans(one: Employment) -> tuple[Span, ...]:
    name = _named(one.name, one.employer)
    return tuple(Span(period.start.isoformat(), period.end.isoformat(), name) for period in one.periods)


def _ten_years(life: WorkingLife, decade: int, odd: set[int]) -> Iterator[Block]:
    """Draw the pay of ten years, and list them; a year without anything stands there too."""
    known = {year.year: year for year in life.years}
    first, last = max(decade, min(known)), min(decade + _DECADE - 1, max(known))
    years = range(last, first - 1, -1)
    summary = Said("record.show.pay_summary", {"since": str(first), "until": str(last)})
    bars = []
    for year in years:
        pay = str(known[year].pay) if year in known else "0"
        bars.append(Bar(str(year), pay, Said("own_record.money", {"amount": pay})))
    yield Bars(summary, tuple(bars), Said("record.show.pay_by_year"))
    columns = tuple(Said(f"record.show.column.{name}") for name in ("year", "employers", "pay", "insured"))
    rows = tuple(_row(year, known.get(year), odd=year in odd) for year in years)
    yield Table(columns, rows, _years(decade))


def _row(number: int, year: Year | None, *, odd: bool) -> Row:
    if year is None:
        nothing = Said("record.show.nothing")
        return Row((str(number), nothing, "–", "–"), tone=Tone.NOTE)
    return Row(
        (
            str(number),
            ", ".join(dict.fromkeys(line.employer_name or line.employer for line in year.lines if _has_name(line)))
            or Said("record.show.no_name"),
            Said("own_record.money", {"amount": str(year.pay)}),
            Said("record.show.days", {"days": str(year.insured_days)}),
        ),
        Said("record.show.worth_asking") if odd else "",
        Tone.WARNING if odd else Tone.PLAIN,
        Action(f"year-{number}", Said("record.show.open_year"), Answer("year", str(number)), "chevron-right"),
    )


def _years(decade: int) -> Said:
    return Said("record.show.years", {"since": str(decade), "until": str(decade + _DECADE - 1)})


def _has_name(line: Contribution) -> bool:
    return bool(line.employer_name or line.employer)


def _ask_about(line: Contribution) -> Said:
    if _has_name(line):
        return Said("record.show.ask_about", {"name": line.employer_name or line.employer})
    return Said("record.show.ask_about_line", _days(line))


def _named(name: str, employer: str) -> Words:
    return name or employer or Said("record.show.no_name")


# --- one year ------------------------------------------------------------------------------------------


def _year_page(year: Year, odd: tuple[Oddity, ...], standing: Standing) -> Content:
    """Show one year: its employers side by side, what they come to together, and what is worth asking about it."""
    mine = tuple(one for one in odd if _covers(one, year.year))
    blocks: list[Block] = [_questions(mine)] if mine else []
    branches = standing.scheme.branches if standing.scheme is not None else ()
    starts = range(0, len(year.lines), SIDE_BY_SIDE)
    blocks += [_side_by_side(year.lines[start : start + SIDE_BY_SIDE], branches) for start in starts]
    blocks.append(
        Facts(
            (
                Fact(Said("record.show.pay_together"), Said("own_record.money", {"amount": str(year.pay)})),
                Fact(Said("record.show.insured"), Said("record.show.days", {"days": str(year.insured_days)})),
            ),
            Said("record.show.together"),
        )
    )
    asks = tuple(
        Action(
            f"line-{n}",
            _ask_about(line),
            OpenService(QUERY.id, {"year": str(line.year), "line": line_id(line)}),
            "circle-help",
        )
        for n, line in enumerate(year.lines)
    )
    back = Action("back-to-years", Said("record.show.back"), Answer("year", ""), "arrow-left")
    blocks += [Doors((*asks, back)), own_record.PRINT]
    return Content(Said("record.show.one_year", {"year": str(year.year)}), tuple(blocks))


def _side_by_side(lines: Sequence[Contribution], branches: Sequence[str]) -> Table:
    """Put some employments beside each other: when, what kind, the pay, and what was paid in for each branch."""
    rows = [
        Row((Said("record.show.period"), *(Said("record.show.from_to", _days(line)) for line in lines))),
        Row((Said("record.show.kind"), *(Said(_kind(line)) for line in lines))),
        Row((Said("record.show.pay"), *(Said("own_record.money", {"amount": line.pay}) for line in lines))),
    ]
    rows += [Row((Said(f"branch.{branch}"), *(_paid_in(line, branch) for line in lines))) for branch in branches]
    return Table(
        (Said("record.show.what"), *(_named(line.employer_name, line.employer) for line in lines)), tuple(rows)
    )


def _days(line: Contribution) -> dict[str, str]:
    return {"since": line.start, "until": line.end}


def _kind(line: Contribution) -> str:
    known = line.kind in {WORKED, "assimilated", "other_scheme"}
    return f"record.show.kind.{line.kind}" if known else "record.show.kind.other"


def _paid_in(line: Contribution, branch: str) -> Words:
    if branch in line.branches:
        return Said("own_record.money", {"amount": line.branches[branch]})
    return Said("record.show.not_insured" if line.kind == WORKED else "record.show.no_contribution")


# --- what is worth asking about --------------------------------------------------------------------------


def _questions(odd: Sequence[Oddity]) -> Table:
    rows = tuple(
        Row(
            (_question(one),),
            tone=Tone.WARNING,
            action=Action(f"ask-{n}", Said("record.show.ask"), OpenService(QUERY.id, _filled_in(one)), "circle-help"),
        )
        for n, one in enumerate(odd)
    )
    return Table((Said("record.show.question"),), rows, Said("record.show.questions"))


def _question(odd: Oddity) -> Said:
    match odd:
        case Gap(period):
            days = {"since": period.start.isoformat(), "until": period.end.isoformat()}
            return Said("record.odd.gap", days)
        case NoEmployer(line):
            return Said("record.odd.no_employer", _days(line))
        case LowPay(year, pay, lowest):
            return Said("record.odd.low_pay", {"year": str(year), "pay": str(pay), "lowest": str(lowest)})
        case MissingBranch(branch, first, last, line):
            years = str(first) if first == last else f"{first}–{last}"
            return Said(f"record.odd.missing_branch.{branch}", {"name": line.employer_name, "years": years})
        case _:
            assert_never(odd)


def _filled_in(odd: Oddity) -> dict[str, str]:
    """Fill in the query as far as the record knows what it would be about."""
    match odd:
        case Gap(period):
            return {"what": "missing_employer", "from": period.start.isoformat(), "to": period.end.isoformat()}
        case NoEmployer(line):
            return {"what": "missing_employer", "from": line.start, "to": line.end}
        case LowPay(line=line):
            return {"what": "wrong_pay", "year": str(line.year), "line": line_id(line)}
        case MissingBranch(branch=branch, line=line):
            return {"what": "missing_branch", "year": str(line.year), "line": line_id(line), "branch": branch}
        case _:
            assert_never(odd)


def _year_of(odd: Oddity) -> int:
    """Return the newest year that it is about."""
    match odd:
        case Gap(period):
            return period.end.year
        case NoEmployer(line):
            return line.year
        case LowPay(year=year):
            return year
        case MissingBranch(last_year=year):
            return year
        case _:
            assert_never(odd)


def _covers(odd: Oddity, year: int) -> bool:
    match odd:
        case Gap(period):
            return period.start.year <= year <= period.end.year
        case MissingBranch(first_year=first, last_year=last):
            return first <= year <= last
        case _:
            return _year_of(odd) == year


def _query() -> Action:
    return Action("query", Said("record.show.query"), OpenService(QUERY.id), "circle-help")


SHOW = Service(
    id="record.show",
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA, LifeEvent.RETIRING),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_AND_PIN,
    channels=own_record.READ,
    offline=Offline.FROM_CACHE,
    kind=Kind.SHOW,
    content=show,
)
