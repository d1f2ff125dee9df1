"""What my pension may be: from the record or from typed figures, with every age of retirement beside each other.

- It says the amount first, and that it is an estimate; nothing is submitted and nothing kept.
- Without a card, and with one whose record is not here, it takes typed figures; it needs no line.
- `made` is the one calculation: the page, the paper and the back office have the same estimate from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

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
    Notice,
    OpenService,
    Paragraph,
    Row,
    Said,
    Table,
    Tone,
)
from kiosk.domain.pension import NotPossible, RuleSet, Unit, not_possible
from kiosk.domain.pension.career import Kind as PeriodKind
from kiosk.domain.pension.career import periods_of
from kiosk.domain.pension.estimate import (
    MOST_MORE_YEARS,
    Estimate,
    FromRecord,
    Typed,
    WhatIf,
    age_on,
    ages,
    estimate,
)
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    Agency,
    Assurance,
    Channel,
    Choice,
    EvidenceKind,
    Kind,
    LifeEvent,
    Offline,
    Question,
    QuestionType,
    Service,
)
from kiosk.domain.services import own_record, record_show

if TYPE_CHECKING:
    from kiosk.domain.content import Block, Words
    from kiosk.domain.pension import Step
    from kiosk.domain.pension.cz_old_age import Parameters
    from kiosk.domain.pension.dated import Dated
    from kiosk.domain.pension.estimate import Bar as AgeBar
    from kiosk.domain.service import Answers, Standing

TITLE = "service.pension.estimate.title"
RECORD, TYPED = "record", "typed"
MORE = "more"
"""Years beyond the record that the person would like to see; set by what is pressed, never asked."""
_MORE_AT_ONCE = (1, 5)
_TOO_FEW, _PRICES = "cz.too_few_years", "cz.prices"


# --- the calculation -------------------------------------------------------------------------------


@dataclass(slots=True)
class _Latest:
    """The estimate that was made last: a touch makes each twice, to check the answers and to show what comes out."""

    kept: tuple[dict[str, str], Standing, Estimate | NotPossible] | None = None

    def recall(self, answers: Answers, standing: Standing) -> Estimate | NotPossible:
        kept = self.kept  # as one piece, because the back office has several threads
        if kept is None or kept[:2] != (answers, standing):
            kept = self.kept = (dict(answers), standing, _made(answers, standing))
        return kept[2]


_latest = _Latest()


def made(answers: Answers, standing: Standing) -> Estimate | NotPossible:
    """Estimate from these answers; an age that is not answered yet is the usual one."""
    return _latest.recall(answers, standing)


def _made(answers: Answers, standing: Standing) -> Estimate | NotPossible:
    dated = _rules(standing)
    if dated is None:
        return not_possible("no_rules")
    source = _source(answers, standing)
    if isinstance(source, NotPossible):
        return source
    wanted, more = answers.get("age", ""), answers.get(MORE, "")
    what_if = WhatIf(int(wanted) if wanted else None, more_years=int(more) if more else 0)
    return estimate(source, dated, what_if, date.fromisoformat(standing.today))


def _rules(standing: Standing) -> Dated[Parameters] | None:
    """Return the signed parameters of the scheme's rule set, where they are ones that an estimate is made with."""
    dated = standing.scheme.pension if standing.scheme is not None else None
    usable = dated is not None and dated.rules is RuleSet.CZ_OLD_AGE and standing.today
    return dated if usable else None


def _source(answers: Answers, standing: Standing) -> FromRecord | Typed | NotPossible:
    birth = _birth(answers, standing)
    if from_record(answers, standing) and standing.record is not None and birth is not None:
        periods = periods_of(standing.record.contributions)
        return periods if isinstance(periods, NotPossible) else FromRecord(birth, periods)
    match answers:
        case {"pay": pay, "years": years, "goes_on": goes_on} if birth is not None:
            return Typed(birth, Decimal(pay), int(years), goes_on == "yes")
        case _:
            return not_possible("no_pay")


def _birth(answers: Answers, standing: Standing) -> date | None:
    """Return the day of birth: as answered, else as the record has it."""
    told = answers.get("birth") or _birth_on_record(answers, standing)
    return date.fromisoformat(told) if told else None


# --- what is asked ---------------------------------------------------------------------------------


def has_record(_answers: Answers, standing: Standing) -> bool:
    """Tell whether there is a record here that an estimate can be made from."""
    return standing.record is not None and bool(standing.record.contributions)


def from_record(answers: Answers, standing: Standing) -> bool:
    """Tell whether the record is what the estimate is made from."""
    return has_record(answers, standing) and answers.get("source") != TYPED


def typed(answers: Answers, standing: Standing) -> bool:
    """Tell whether the figures are to be typed."""
    return not from_record(answers, standing)


def _birth_needed(answers: Answers, standing: Standing) -> bool:
    return typed(answers, standing) or not _birth_on_record(answers, standing)


def _birth_on_record(_answers: Answers, standing: Standing) -> str:
    return standing.record.birth_date if standing.record is not None else ""


def _source_at_first(_answers: Answers, _standing: Standing) -> str:
    return RECORD


def ages_to_choose(answers: Answers, standing: Standing) -> tuple[Choice, ...]:
    """Offer the ages of retirement, each with its year."""
    birth, known = _birth(answers, standing), _ages(answers, standing)
    if birth is None or not isinstance(known, range):
        return ()
    return tuple(Choice(str(age), f"{age} ({birth.year + age})") for age in known)


def usual_age(answers: Answers, standing: Standing) -> str:
    """Choose the usual age, or today's of who is past it."""
    known, dated = _ages(answers, standing), _rules(standing)
    if dated is None or not isinstance(known, range):
        return ""
    return str(max(dated.parameters.record.usual_age, known.start))


def _ages(answers: Answers, standing: Standing) -> range | NotPossible | None:
    birth, dated = _birth(answers, standing), _rules(standing)
    if birth is None or dated is None:
        return None
    return ages(birth, dated.parameters.record, date.fromisoformat(standing.today))


def check(answers: Answers, standing: Standing) -> Problem | None:
    """Refuse figures that nobody can have, each on its own page; then what the rules cannot be applied to."""
    known, birth = _ages(answers, standing), _birth(answers, standing)
    if isinstance(known, NotPossible):
        return _problem(known)
    years = answers.get("years", "")
    if years and birth is not None and standing.today:
        most = age_on(birth, date.fromisoformat(standing.today))
        if int(years) > most:
            return _problem(not_possible("years_out_of_range", years=years, most=most))
    last = "goes_on" if typed(answers, standing) else "birth" if _birth_needed(answers, standing) else "source"
    if last not in answers:
        return None
    outcome = made(answers, standing)
    return _problem(outcome) if isinstance(outcome, NotPossible) else None


def offered(standing: Standing) -> Problem | None:
    """Refuse where the scheme has no rules to estimate with; a scheme that is not here refuses nobody."""
    if standing.scheme is None or _rules(standing) is not None:
        return None
    return _problem(not_possible("no_rules"))


def _problem(reason: NotPossible) -> Problem:
    return Problem(reason.text_key, reason.parameters)


# --- what is shown ---------------------------------------------------------------------------------


def show(answers: Answers, standing: Standing) -> Content:
    """Show the amount first, then what if, then how it came about."""
    one = made(answers, standing)
    if isinstance(one, NotPossible):
        why = Notice(Said(one.text_key, one.parameters), Tone.WARNING)
        back = _take_back(int(answers.get(MORE) or 0))
        return Content(Said(TITLE), (why, Doors(back)) if back else (why,))
    few = tuple(_said(step) for step in one.trace if step.key == _TOO_FEW)
    blocks: list[Block] = [_amount(one), Notice(Said("pension.estimate.no_decision"), Tone.NOTE)]
    blocks += [Notice(text, Tone.WARNING) for text in few]
    blocks += _rests_on(one, standing)
    if len(one.bars) > 1:
        blocks.append(_bars(one))
    blocks += [_what_if(one), *_how(one)]
    rules = {"version": one.version, "as_of": one.as_of.isoformat()}
    blocks.append(Paragraph(Said("pension.estimate.rules", rules)))
    if standing.record is not None:
        opens = Action("record", Said("pension.estimate.record"), OpenService(record_show.SHOW.id), "file-text")
        blocks.append(Doors((opens,)))
    return Content(Said(TITLE), (*blocks, own_record.PRINT))


def _amount(one: Estimate) -> Facts:
    retiring = {"day": one.retirement_on.isoformat(), "age": str(one.retirement_age)}
    return Facts(
        (
            Fact(Said("pension.estimate.a_month", {"year": str(one.prices_of)}), _money(one.result.monthly_pension)),
            Fact(Said("pension.estimate.retiring"), Said("pension.estimate.from_day", retiring)),
            Fact(Said("pension.estimate.insured"), _years(one.whole_years)),
        )
    )


def _rests_on(one: Estimate, standing: Standing) -> list[Block]:
    """Say what the figures come from, and what of the record is not in them."""
    if isinstance(one.source, Typed) or standing.record is None:
        return [Paragraph(Said("pension.estimate.from_typed"))]
    blocks: list[Block] = [own_record.as_of(standing.record)]
    if standing.record.account is not None:
        blocks.append(Notice(Said("pension.estimate.paid_already"), Tone.NOTE))
    if any(period.kind is PeriodKind.OTHER_SCHEME for period in one.source.periods):
        blocks.append(Notice(Said("pension.estimate.elsewhere"), Tone.NOTE))
    return blocks


def _bars(one: Estimate) -> Bars:
    first, last = one.bars[0], one.bars[-1]
    summary = {
        "first": str(first.age),
        "first_amount": str(first.monthly_pension),
        "last": str(last.age),
        "last_amount": str(last.monthly_pension),
    }
    bars = tuple(_bar(bar, marked=bar.age == one.retirement_age) for bar in one.bars)
    return Bars(Said("pension.estimate.by_age", summary), bars, Said("pension.estimate.later"))


def _bar(bar: AgeBar, *, marked: bool) -> Bar:
    age = str(bar.age)
    choose = Action(f"age-{age}", Said("pension.estimate.retire_at", {"age": age}), Answer("age", age), "chevron-right")
    return Bar(
        Said("pension.estimate.at_age", {"age": age, "year": str(bar.year)}),
        str(bar.monthly_pension),
        _money(bar.monthly_pension),
        marked,
        None if marked else choose,
    )


def _what_if(one: Estimate) -> Doors:
    """Offer some more years of insurance than are known, and to take them back; what they give stands right above."""
    more = one.what_if.more_years
    gives = {"years": str(more), "amount": str(one.result.monthly_pension)}
    title = Said("pension.estimate.with_more", gives) if more else Said("pension.estimate.what_if")
    actions = tuple(
        Action(
            f"more-{n}", Said("pension.estimate.more", {"years": str(n)}), Answer(MORE, str(more + n)), "calendar-check"
        )
        for n in _MORE_AT_ONCE
        if more + n <= MOST_MORE_YEARS
    )
    return Doors((*actions, *_take_back(more)), title)


def _take_back(more: int) -> tuple[Action, ...]:
    if not more:
        return ()
    text = Said("pension.estimate.take_back", {"years": str(more)})
    return (Action("more-0", text, Answer(MORE, ""), "arrow-left"),)


def _how(one: Estimate) -> tuple[Block, ...]:
    """Say every step in plain language, then what is not in it."""
    counted = [step for step in one.trace if step.amount is not None]
    rows = tuple(Row((str(n), _said(step), _outcome(step))) for n, step in enumerate(counted, start=1))
    columns = tuple(Said(f"pension.estimate.column.{name}") for name in ("step", "what", "result"))
    prices = tuple(Paragraph(_said(step)) for step in one.trace if step.key == _PRICES)
    not_in_it = tuple(
        Notice(_said(step), Tone.NOTE)
        for step in one.trace
        if step.amount is None and step.key not in {_PRICES, _TOO_FEW}
    )
    return (Table(columns, rows, Said("pension.estimate.how")), *prices, *not_in_it)


def _said(step: Step) -> Said:
    return Said(step.text_key, step.parameters)


def _outcome(step: Step) -> Words:
    amount = step.amount if step.amount is not None else Decimal(0)
    return _money(amount) if step.unit is Unit.MONEY else _years(int(amount))


def _years(count: int) -> Said:
    return Said("pension.estimate.years", {"years": str(count)})


def _money(amount: Decimal) -> Said:
    return Said("own_record.money", {"amount": str(amount)})


ESTIMATE = Service(
    id="pension.estimate",
    agency=Agency.PENSION,
    life_events=(LifeEvent.RETIRING,),
    roles=frozenset({Role.NONE, Role.INSURED}),
    assurance=Assurance.NONE,
    channels={Channel.TERMINAL: frozenset({EvidenceKind.NONE})},
    questions=(
        Question("source", QuestionType.CHOICE, choices=(RECORD, TYPED), asked=has_record, prefill=_source_at_first),
        Question(
            "birth",
            QuestionType.DATE,
            earliest="1900-01-01",
            latest="today",
            asked=_birth_needed,
            prefill=_birth_on_record,
        ),
        Question("pay", QuestionType.AMOUNT, lowest="1", highest="10000000", asked=typed),
        Question("years", QuestionType.WHOLE_NUMBER, lowest="0", highest="80", asked=typed),
        Question("goes_on", QuestionType.CHOICE, choices=("yes", "no"), asked=typed),
        Question("age", QuestionType.CHOICE, choices_from=ages_to_choose, prefill=usual_age),
    ),
    check=check,
    offline=Offline.WORKS,
    kind=Kind.SHOW,
    rules=(offered,),
    content=show,
    icon="hand-coins",
)
