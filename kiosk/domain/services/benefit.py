"""Applying for a benefit: which, from when, about whom, and the periods that were spent in institutions of other countries.

- The day of signing is the filing date: it is protected whatever time the decision takes, and is told at once.
- The periods abroad are asked one after another, up to `MOST_PERIODS`; they are the person's words, the other institution
  is asked about them. They may run side by side in two institutions, never in one.
- Nothing is paid by this: an officer looks at the papers. Which to bring is told with the receipt, by benefit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.form import TODAY
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    Agency,
    AskedIf,
    Assurance,
    Choice,
    LifeEvent,
    Question,
    QuestionType,
    Service,
    Standing,
)
from kiosk.domain.services.contacts import OWN_OR_REPRESENTED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OLD_AGE, SURVIVORS, SICKNESS, FAMILY = "old_age", "survivors", "sickness", "family"
BENEFITS = (OLD_AGE, SURVIVORS, SICKNESS, FAMILY)
MOST_PERIODS = 5
YES, NO = "yes", "no"

_COUNTRIES = {
    "SK": "Slovensko", "DE": "Deutschland", "AT": "Österreich", "PL": "Polska", "UA": "Україна",
    "BE": "Belgique / België", "BG": "България", "CH": "Schweiz / Suisse", "CN": "Zhōngguó (China)", "CY": "Κύπρος",
    "DK": "Danmark", "EE": "Eesti", "ES": "España", "FI": "Suomi", "FR": "France", "GB": "United Kingdom",
    "GR": "Ελλάδα", "HR": "Hrvatska", "HU": "Magyarország", "IE": "Ireland", "IS": "Ísland", "IT": "Italia",
    "LI": "Liechtenstein", "LT": "Lietuva", "LU": "Luxembourg", "LV": "Latvija", "MD": "Moldova",
    "MK": "Северна Македонија", "MT": "Malta", "NL": "Nederland", "NO": "Norge", "PT": "Portugal", "RO": "România",
    "RS": "Србија", "SE": "Sverige", "SI": "Slovenija", "TR": "Türkiye", "US": "United States",
}  # fmt: skip
"""ISO 3166-1, each as its own people write it in letters that the screens have; those of most people here first, then
by code. What is not here is `other`."""


@dataclass(frozen=True, slots=True)
class Period:
    """A time in an institution of another country, as the person tells it; ISO days, inclusive."""

    country: str
    institution: str
    number: str
    start: str
    end: str


def periods(answers: Mapping[str, str]) -> tuple[Period, ...]:
    """Return the periods that are told whole."""
    return tuple(
        Period(*(answers.get(f"{name}_{n}", "") for name in ("country", "institution", "number", "from", "to")))
        for n in range(1, MOST_PERIODS + 1)
        if f"to_{n}" in answers
    )


def check_application(answers: Mapping[str, str], standing: Standing) -> Problem | None:
    """Refuse periods that cannot be, and a survivor's benefit from before the death."""
    if answers.get("died_on", "") > answers.get("since", "9999"):
        return Problem("benefit.before_death")
    told = periods(answers)
    born = standing.record.birth_date if standing.record else ""
    if any(period.end < period.start for period in told):
        return Problem("benefit.period_order")
    if any(period.start < born for period in told):
        return Problem("benefit.period_before_birth")
    return Problem("benefit.periods_overlap") if _overlap(told) else None


def _overlap(told: tuple[Period, ...]) -> bool:
    """Tell whether two periods in one institution of one country share a day."""
    ordered = sorted(told, key=lambda period: (period.country, period.institution.casefold(), period.start))
    return any(
        (one.country, one.institution.casefold()) == (other.country, other.institution.casefold())
        and other.start <= one.end
        for one, other in pairwise(ordered)
    )


def _countries(_answers: Mapping[str, str], _standing: Standing) -> tuple[Choice, ...]:
    return tuple(Choice(code, name) for code, name in _COUNTRIES.items())


def _is_told(n: int) -> Callable[[Mapping[str, str], Standing], bool]:
    """Make the condition of the nth period: there is one, and every one before it had another after it."""

    def told(answers: Mapping[str, str], _standing: Standing) -> bool:
        before = all(answers.get(f"more_{earlier}") == YES for earlier in range(1, n))
        return answers.get("abroad") == YES and before

    return told


def _period_pages(n: int) -> tuple[Question, ...]:
    told = _is_told(n)
    more = (Question(f"more_{n}", QuestionType.CHOICE, choices=(NO, YES), asked=told),) if n < MOST_PERIODS else ()
    return (
        Question(f"country_{n}", QuestionType.CHOICE, choices=("other",), choices_from=_countries, asked=told),
        Question(f"institution_{n}", QuestionType.FREE_TEXT, longest=120, asked=told),
        Question(f"number_{n}", QuestionType.FREE_TEXT, longest=40, optional=True, asked=told),
        Question(f"from_{n}", QuestionType.DATE, latest=TODAY, asked=told),
        Question(f"to_{n}", QuestionType.DATE, latest=TODAY, asked=told),
        *more,
    )


_FOR_SURVIVORS, _FOR_FAMILY = AskedIf("benefit", frozenset({SURVIVORS})), AskedIf("benefit", frozenset({FAMILY}))

APPLY = Service(
    id="benefit.apply",
    agency=Agency.PENSION,
    life_events=(LifeEvent.RETIRING, LifeEvent.CANNOT_WORK, LifeEvent.FAMILY_CHANGED),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels=OWN_OR_REPRESENTED,
    questions=(
        Question("benefit", QuestionType.CHOICE, choices=BENEFITS),
        Question("deceased", QuestionType.NAME, asked_if=_FOR_SURVIVORS),
        Question("deceased_number", QuestionType.IDENTIFIER, optional=True, asked_if=_FOR_SURVIVORS),
        Question("died_on", QuestionType.DATE, latest=TODAY, asked_if=_FOR_SURVIVORS),
        Question("child", QuestionType.NAME, asked_if=_FOR_FAMILY),
        Question("child_born", QuestionType.DATE, latest=TODAY, asked_if=_FOR_FAMILY),
        Question("since", QuestionType.DATE),
        Question("abroad", QuestionType.CHOICE, choices=(NO, YES)),
        *(page for n in range(1, MOST_PERIODS + 1) for page in _period_pages(n)),
    ),
    check=check_application,
    desk_queue="benefits",
    only_noted=True,
    icon="hand-coins",
)
