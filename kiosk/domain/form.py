"""One answer at a time: what was typed becomes a value, or a problem that says how to mend it.

- What was typed is kept beside what it means; both are signed (`<question>_as_typed`).
- The same checks run on the terminal, on Continue, and in the back office on what arrives: `recheck`.
- A value that was accepted once is accepted again, unchanged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from kiosk.domain import validation
from kiosk.domain.accounts import Account, grouped, parse_account
from kiosk.domain.identifiers import Identifier, parse_card_number, parse_identifier
from kiosk.domain.problem import Problem
from kiosk.domain.service import Question, QuestionType, Service, Standing, pages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.scheme import Scheme

TODAY = "today"
"""As a limit of a date: the day of the visit, in the scheme's zone."""
AS_TYPED = "_as_typed"
"""Suffix of the answer that keeps what was typed, for questions whose value reads differently."""

KEPT_AS_TYPED = frozenset({QuestionType.ACCOUNT})
"""Types whose value reads differently from what was typed."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Accepted:
    """An answer that stands: the value to sign, how people read it, and (account) its domestic form and bank."""

    value: str
    display: str
    domestic: str = ""
    bank_name: str = ""


def check_answer(  # noqa: C901, PLR0911, PLR0912 - one case a type
    question: Question, typed: str, scheme: Scheme, answers: Mapping[str, str], standing: Standing
) -> Accepted | Problem:
    """Return what `typed` means as an answer to `question` after these `answers`, or what is wrong with it."""
    if question.optional and not typed.strip():
        return Accepted("", "")
    match question.type:
        case QuestionType.ACCOUNT:
            return _account(parse_account(typed, scheme))
        case QuestionType.IDENTIFIER if question.identifier == "card":
            return _identifier(parse_card_number(typed))
        case QuestionType.IDENTIFIER:
            kind = scheme.employer_number if question.identifier == "employer" else scheme.person_number
            return _identifier(parse_identifier(kind, typed))
        case QuestionType.CHOICE:
            return _plain(validation.check_choice(typed, question.offers(answers, standing)))
        case QuestionType.DATE:
            earliest, latest = (standing.today if day == TODAY else day for day in (question.earliest, question.latest))
            return _plain(validation.check_date(typed, earliest, latest))
        case QuestionType.AMOUNT:
            digits = scheme.currency_digits
            return _plain(validation.check_amount(typed, digits, question.lowest, question.highest))
        case QuestionType.NAME:
            return _plain(validation.check_name(typed))
        case QuestionType.ADDRESS:
            return _plain(validation.check_address(typed))
        case QuestionType.FREE_TEXT:
            return _plain(validation.check_text(typed, question.longest))
        case QuestionType.WHOLE_NUMBER:
            return _plain(validation.check_amount(typed, 0, question.lowest, question.highest))
        case QuestionType.EMAIL:
            return _plain(validation.check_email(typed))
        case QuestionType.PHONE:
            return _plain(validation.check_phone(typed, scheme.country))
        case QuestionType.REQUEST:
            return Accepted(typed, typed) if _UUID.fullmatch(typed) else Problem("request.unknown")
        case _:
            assert_never(question.type)


def answers_of(question: Question, typed: str, accepted: Accepted) -> dict[str, str]:
    """Return what the transaction carries for this question: the value and, where it differs, what was typed."""
    answers = {question.id: accepted.value}
    if question.type in KEPT_AS_TYPED:
        answers[question.id + AS_TYPED] = typed.strip()
    return answers


def recheck(service: Service, answers: Mapping[str, str], scheme: Scheme, standing: Standing) -> Problem | None:
    """Return what is wrong with the answers of a whole transaction, or None; whatever channel it came by.

    Each asked question is answered, each answer is in the form that `check_answer` gives it, what was typed
    means the same, and there is nothing else.
    """
    asked = pages(service, answers, standing)
    expected = {question.id for question in asked}
    kept = {question.id + AS_TYPED for question in asked if question.type in KEPT_AS_TYPED}
    if not expected <= answers.keys():
        return Problem("answers.missing", {"question": min(expected - answers.keys())})
    if answers.keys() - expected - kept:
        return Problem("answers.unknown", {"question": min(answers.keys() - expected - kept)})
    for question in asked:
        for name in (question.id, question.id + AS_TYPED):
            if name not in answers:
                continue
            outcome = check_answer(question, answers[name], scheme, answers, standing)
            if isinstance(outcome, Problem):
                return _of_the_record(question, outcome)
            if outcome.value != answers[question.id]:
                return Problem("answers.not_canonical", {"question": question.id})
    return service.check(answers, standing)


def _of_the_record(question: Question, problem: Problem) -> Problem:
    """Say of a choice that the record offered once that it does so no more."""
    gone = question.choices_from is not None and problem.key == "choice.missing"
    return Problem("answers.not_on_record") if gone else problem


def _account(outcome: Account | Problem) -> Accepted | Problem:
    if isinstance(outcome, Problem):
        return outcome
    return Accepted(outcome.iban, grouped(outcome.iban), outcome.domestic, outcome.bank_name)


def _identifier(outcome: Identifier | Problem) -> Accepted | Problem:
    return outcome if isinstance(outcome, Problem) else Accepted(outcome.value, outcome.display)


def _plain(outcome: object) -> Accepted | Problem:
    return outcome if isinstance(outcome, Problem) else Accepted(str(outcome), str(outcome))
