"""One question, in the form that its answer has; and the check before signing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain import reference as references
from kiosk.domain.card import NO_CARD
from kiosk.domain.carrying import carried_by
from kiosk.domain.catalogue import service_named
from kiosk.domain.service import Entry, EvidenceKind, Question, QuestionType, Service, Standing, pages
from kiosk.domain.services.bank_account import CHANGE, CONFIRM_HOLDER, STOP
from kiosk.domain.session.answering import question_of, text_of
from kiosk.domain.session.choosing import standing_in
from ui.form_model import begins_large, for_reading, text_in
from ui.pages.answers import CHOSEN, account_in_full, answer_lines, choices
from ui.pages.parts import Fields, Page, account_lines, back, button, forward, keyboard_texts, problem_text

if TYPE_CHECKING:
    from kiosk.domain.scheme import Scheme
    from kiosk.domain.session import states as at
    from ui.words import Words

_KEYS = {
    QuestionType.ACCOUNT: "account",
    QuestionType.DATE: "date",
    QuestionType.AMOUNT: "amount",
    QuestionType.WHOLE_NUMBER: "number",
    QuestionType.IDENTIFIER: "number",
    QuestionType.PHONE: "phone",
    QuestionType.EMAIL: "email",
    QuestionType.NAME: "words",
    QuestionType.ADDRESS: "lines",
    QuestionType.FREE_TEXT: "lines",
}
"""The keyboard of each type; the letters are those of the person's language."""


def answering(session: at.Session, phase: at.Answering, say: Words) -> Page:
    """One question, with its keyboard, or with everything that can be chosen."""
    service = service_named(phase.service)
    standing = standing_in(session, phase.visitor)
    asked = pages(service, phase.answers, standing)
    question = question_of(session, phase)
    key = f"question.{service.id}.{question.id}"
    typed = text_of(session, phase) or text_in(question, phase.typed, session.scheme.country if session.scheme else "")
    shown = choices(service, question, phase.answers, standing, say) if question.type in CHOSEN else ()
    return "question", {
        "kind": "choice" if question.type in CHOSEN else "text",
        "of": key,
        "step": phase.question + 1,
        "steps": len(asked) + 2,
        "stepText": say.say("chrome.step", step=str(phase.question + 1), count=str(len(asked) + 2)),
        "title": say.scheme(key),
        "hint": _hint(question, key, say),
        **(_where(key, say) if question.type is QuestionType.ACCOUNT else {}),
        "field": say.scheme(f"{key}.label") if say.scheme_has(f"{key}.label") else say.say("question.field"),
        "text": for_reading(question, typed),
        "keys": "identifier" if _has_slash(question, session.scheme) else _KEYS.get(question.type, "account"),
        "language": say.language,
        "languages": list(session.languages),
        "capital": begins_large(question, typed),
        "choices": [
            {**button(f"choice-{choice.value}", choice.label, "choose", argument=choice.value, icon=_FACES.get(choice.value, "")), "on": choice.value == typed}
            for choice in shown
        ],
        "helper": _helper(session, say) if session.joined else {},
        "empty": say.say("question.nothing_to_choose") if question.type in CHOSEN and not shown else "",
        "problemTitle": say.say("question.error_title"),
        "problem": problem_text(phase.problem, say),
        "keyboard": keyboard_texts(say),
        "back": back(say),
        "next": forward(say),
    }  # fmt: skip


_FACES = {"good": "smile", "middling": "meh", "bad": "frown"}
"""Pictures for who would rather look than read."""


def _helper(session: at.Session, say: Words) -> Fields:
    """Who is typing, where a member of staff helps; pressing it is the other's turn."""
    name = "staff_types" if session.helper_types else "you_type"
    return button("helper-types", say.say(f"joined.{name}"), "helper_types", variant="secondary", icon="users" if session.helper_types else "user")


def _hint(question: Question, key: str, say: Words) -> str:
    """What the entry says of the answer, how a date is typed, and that the answer may be left out."""
    hint = say.scheme(f"{key}.hint") if say.scheme_has(f"{key}.hint") else ""
    dates = say.say("question.date_hint") if question.type is QuestionType.DATE else ""
    return " ".join(text for text in (hint, dates, say.say("question.optional") if question.optional else "") if text)


def _where(key: str, say: Words) -> Fields:
    """A picture of where an account number stands."""
    return {
        "where": say.scheme(f"{key}.where") if say.scheme_has(f"{key}.where") else "",
        "cardCaption": say.say("question.card_caption"),
        "statementCaption": say.say("question.statement_caption"),
        "picture": say.say("question.picture"),
    }


def _has_slash(question: Question, scheme: Scheme | None) -> bool:
    """Czech birth numbers are written with a slash."""
    return question.type is QuestionType.IDENTIFIER and question.identifier == "person" and scheme is not None and scheme.person_number == "cz.rc"


_NAMED_ELSEWHERE = frozenset({STOP.id, CONFIRM_HOLDER.id})
"""What they are about is chosen under "My requests" and named in a row of its own."""


def checking(session: at.Session, phase: at.Checking, say: Words) -> Page:
    """Each answer with what stands now, each with Change, and a button that names the act."""
    service = service_named(phase.service)
    person = phase.visitor.person
    standing = standing_in(session, phase.visitor)
    asked = pages(service, phase.answers, standing)
    named = next((r for r in person.requests if r.transaction_id == phase.answers.get("change")), None) if person else None
    if service.id == CONFIRM_HOLDER.id and named is not None and named.to_confirm:
        return _confirming(phase, named, say, session.scheme)
    rows = [
        _row(service, question, phase, standing, session.scheme, say)
        for question in asked
        if question.id in phase.answers and service.id not in _NAMED_ELSEWHERE
    ]
    if service.id == CHANGE.id:
        rows = [_account_row(phase, standing, session.scheme, say)]
    if named is not None and not rows:
        text = [say.say("check.stop_text", reference=references.format(named.reference))]
        rows.append({"label": say.say("check.change_request"), "icon": "landmark", "nowLabel": "", "now": text, "newLabel": "",
                     "new": [], "change": {}})  # fmt: skip
    notes = [say.scheme(service.consequences_key)]
    if service.id == CHANGE.id:
        notes.append(say.say("check.under_way"))
    carried = carried_by(service, phase.visitor.card.role)
    signed = carried is EvidenceKind.SIGNED
    act = service.act_key + ("_by_number" if carried is EvidenceKind.NUMBER_AND_PIN else "")
    return "check", {
        "step": len(asked) + 1,
        "steps": len(asked) + 2,
        "stepText": say.say("chrome.step", step=str(len(asked) + 1), count=str(len(asked) + 2)),
        "title": say.scheme(service.title_key) if service.entry is Entry.PIN else say.say("check.title" if signed else "check.title_unsigned"),
        "holderLabel": say.say("check.holder"),
        "holder": "" if phase.visitor.card is NO_CARD else phase.visitor.name,
        "rows": rows,
        "notes": notes,
        "problem": problem_text(phase.problem, say),
        "back": back(say),
        "sign": button("sign", say.scheme(act), "sign", variant="ok", icon="check"),
    }


def _row(  # noqa: PLR0917
    service: Service, question: Question, phase: at.Checking, standing: Standing, scheme: Scheme | None, say: Words
) -> Fields:
    """One question: its name, what stands now where that is known, and the answer."""
    key = f"question.{service.id}.{question.id}"
    now = service.now(standing).get(question.id, "") if service.now else ""
    return {
        "label": say.scheme(f"{key}.label") if say.scheme_has(f"{key}.label") else say.scheme(key),
        "icon": "",
        "nowLabel": say.say("check.now") if now else "",
        "now": answer_lines(service, question, now, phase.answers, standing, scheme, say) if now else [],
        "newLabel": say.say("check.new") if now else "",
        "new": answer_lines(service, question, phase.answers[question.id], phase.answers, standing, scheme, say),
        "change": button(f"change-{question.id}", say.say("chrome.change"), "change", argument=question.id,
                         variant="secondary", icon="pencil"),
    }  # fmt: skip


def _account_row(phase: at.Checking, standing: Standing, scheme: Scheme | None, say: Words) -> Fields:
    """The account that payments go to, and the one they are to go to."""
    person = phase.visitor.person
    question = CHANGE.questions[0]
    return {
        "label": say.say("check.account"), "icon": "landmark",
        "nowLabel": say.say("check.now"), "now": account_lines(person.account, say) if person else [say.say("check.unknown")],
        "newLabel": say.say("check.new"), "new": account_in_full(question, phase.answers["account"], scheme, standing),
        "change": button("change-account", say.say("chrome.change"), "change", argument="account", variant="secondary", icon="pencil"),
    }  # fmt: skip


def _confirming(phase: at.Checking, line: at.RequestLine, say: Words, scheme: Scheme | None) -> Page:
    """The holder as the bank has the name, beside the record's; both ways on are as large as each other."""
    service = service_named(phase.service)
    person = phase.visitor.person
    return "confirm", {
        "title": say.say("confirm.title"),
        "text": say.say("confirm.text"),
        "names": [
            {"label": say.say("confirm.bank"), "lines": [line.holder_name], "id": "holder-at-bank", "fresh": True},
            {"label": say.say("confirm.record"), "lines": [person.name if person else ""], "id": "holder-on-record", "fresh": False},
        ],
        "account": {"label": say.say("confirm.account"), "lines": account_in_full(CHANGE.questions[0], line.account, scheme, Standing(phase.visitor.card.role)), "id": "account", "fresh": False},
        "notes": [say.scheme(service.consequences_key), say.say("confirm.undecided")],
        "problem": problem_text(phase.problem, say),
        "back": back(say),
        "no": button("stop", say.say("confirm.no"), "stop", argument=line.transaction_id, variant="danger", icon="x"),
        "yes": button("sign", say.say("confirm.yes", act=say.scheme(service.act_key)), "sign", variant="ok", icon="check"),
    }  # fmt: skip
