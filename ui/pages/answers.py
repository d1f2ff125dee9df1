"""What was answered, as people read it: choices in words, dates in full, money with its currency, an address in its lines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from kiosk.domain import reference as references
from kiosk.domain.catalogue import find
from kiosk.domain.form import Accepted, check_answer
from kiosk.domain.service import Choice, QuestionType
from ui.form_model import in_thousands, phone_for_reading
from ui.pages.parts import ltr, own_direction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.scheme import Scheme
    from kiosk.domain.service import Question, Service, Standing
    from ui.words import Words

CHOSEN = frozenset({QuestionType.CHOICE, QuestionType.REQUEST})


def answer_lines(  # noqa: PLR0911, PLR0917 - one case a type
    service: Service, question: Question, value: str, answers: Mapping[str, str], standing: Standing, scheme: Scheme | None, say: Words
) -> list[str]:  # fmt: skip
    """One answer, line by line."""
    if not value:
        return [say.say("check.left_empty")]
    match question.type:
        case QuestionType.CHOICE | QuestionType.REQUEST:
            words = {choice.value: choice.label for choice in choices(service, question, answers, standing, say)}
            return [words.get(value, own_direction(value))]
        case QuestionType.DATE:
            return [_day(value, say)]
        case QuestionType.AMOUNT:
            return [_money(value, say)]
        case QuestionType.WHOLE_NUMBER:
            return [ltr(in_thousands(value))]
        case QuestionType.ACCOUNT:
            return account_in_full(question, value, scheme, standing)
        case QuestionType.IDENTIFIER:
            checked = check_answer(question, value, scheme, answers, standing) if scheme else None
            return [ltr(checked.display if isinstance(checked, Accepted) else value)]
        case QuestionType.PHONE:
            return [ltr(phone_for_reading(value))]
        case QuestionType.EMAIL:
            return [ltr(value)]
        case _:
            return [own_direction(line) if say.right_to_left else line for line in value.splitlines()]


def choices(
    service: Service, question: Question, answers: Mapping[str, str], standing: Standing, say: Words
) -> tuple[Choice, ...]:
    """What can be chosen, in words: the entry's own values, then what the record offers."""
    key = f"question.{service.id}.{question.id}.choice"
    fixed = tuple(Choice(value, say.scheme(f"{key}.{value}")) for value in question.choices)
    if question.type is QuestionType.REQUEST and question.choices_from is None and standing.record is not None:
        return fixed + tuple(
            Choice(line.transaction_id, _request(line.service, line.reference, say)) for line in standing.record.requests
        )
    return fixed + (question.choices_from(answers, standing) if question.choices_from else ())


def _request(service_id: str, reference: str, say: Words) -> str:
    service = find(service_id)
    number = ltr(references.format(reference))
    return f"{say.scheme(service.title_key)} · {number}" if service else number


def account_in_full(question: Question, account: str, scheme: Scheme | None, standing: Standing) -> list[str]:
    """An account as people compare it: grouped, in the country's own form, with its bank's name."""
    checked = check_answer(question, account, scheme, {}, standing) if scheme else None
    if not isinstance(checked, Accepted):
        return [ltr(account)]
    return [ltr(checked.display), *([ltr(checked.domestic)] if checked.domestic else []), *([checked.bank_name] if checked.bank_name else [])]


def _day(value: str, say: Words) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:  # what stands now may be a year, or nothing that is a day
        return value
    return say.say("receipt_date", day=value)


def _money(value: str, say: Words) -> str:
    try:
        Decimal(value)
    except InvalidOperation:
        return value
    return say.say("amount_of_money", amount=value)
