"""Pages of the menu, the person's requests, one question, and the check before signing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain import reference as references
from kiosk.domain.accounts import last_four
from kiosk.domain.card import Role
from kiosk.domain.catalogue import find, service_named
from kiosk.domain.catalogue import menu as offered
from kiosk.domain.form import Accepted, check_answer
from kiosk.domain.service import Availability, QuestionType, Standing, pages
from kiosk.domain.services.bank_account import CONFIRM_HOLDER
from kiosk.domain.session.answering import question_of, text_of
from kiosk.domain.session.choosing import availability_in, standing_in
from ui.form_model import text_in, typed_for_reading
from ui.pages.parts import Fields, Page, account_lines, back, button, forward, ltr, problem_text

if TYPE_CHECKING:
    from kiosk.domain.scheme import Scheme
    from kiosk.domain.session import states as at
    from ui.words import Words

_FIRST = ("refused", "blocked", "disputed", "held", "waiting", "received")
"""Refusals first, then what is still open, then what is done."""
_HAS_BEEN_IN_FORCE = frozenset({"in_force", "disputed"})
"""Elsewhere the day lies ahead, and the line's own sentence names it."""


def menu(session: at.Session, phase: at.Menu, say: Words) -> Page:
    """What can be done here, with what works now and how old the data are."""
    visitor = phase.visitor
    closed = session.closed
    tiles = [
        {
            **button(f"service-{service.id}", say.scheme(service.title_key), "choose_service", argument=service.id,
                     icon=service.icon),
            "state": availability_in(session, visitor, service).value,
            "sub": say.say(f"menu.{availability_in(session, visitor, service).value}"),
        }
        for service in offered(session.services)
        if visitor.card.role in service.roles
    ]  # fmt: skip
    count = len(visitor.person.requests) if visitor.person else 0
    waiting = any(line.to_confirm for line in visitor.person.requests) if visitor.person else False
    counted = say.say("menu.requests_count", count=str(count)) if count else say.say("menu.requests_sub")
    requests = {
        **button("my-requests", say.say("menu.requests"), "requests", icon="ticket"),
        "state": Availability.NOW.value if visitor.person else Availability.NEEDS_LINE.value,
        "sub": say.say("menu.requests_waiting") if waiting else counted,
    }
    holders = button("who-holds", say.say("menu.holders"), "holders", variant="secondary", icon="shield-check")
    greeting = say.say("menu.greeting", name=visitor.name) if visitor.name else say.say("menu.greeting_nameless")
    return "menu", {
        "title": greeting,
        "text": say.say("menu.question") if visitor.name else "",
        "tiles": [*tiles, requests] if tiles else [],
        "empty": "" if tiles else say.say("menu.nothing_here"),
        "facts": _facts(visitor, say),
        "closed": say.say(f"menu.closed_why.{closed.value}") if closed and tiles else "",
        "absent": say.say(f"menu.absent.{visitor.absence.value}") if visitor.absence else "",
        "holders": holders if visitor.person else {},
        "problem": problem_text(phase.problem, say),
    }


def _facts(visitor: at.Visitor, say: Words) -> list[Fields]:
    person = visitor.person
    if person is None:
        return []
    facts = []
    if person.account:
        facts.append({"icon": "landmark", "text": say.say("menu.account_ends", last_four=last_four(person.account.iban))})
    if person.next_payment_on:
        facts.append({"icon": "calendar-check", "text": _next_payment(person, say)})
    facts.append({"icon": "clock", "text": say.say("menu.as_of", as_of=person.as_of)})
    if person.confirmed_at:
        facts.append({"icon": "lock", "text": say.say("menu.held_here", confirmed_at=person.confirmed_at)})
    elif not (person.cacheable and visitor.card.agrees):
        facts.append({"icon": "info", "text": say.say("menu.online_only")})
    return facts


def _next_payment(person: at.Person, say: Words) -> str:
    if person.next_payment_amount:
        return say.say(
            "menu.next_payment_of", amount=person.next_payment_amount, next_payment_on=person.next_payment_on
        )
    return say.say("menu.next_payment", next_payment_on=person.next_payment_on)


def my_requests(phase: at.MyRequests, say: Words) -> Page:
    """Where each request stands: stage two of the receipt; what waits for the person comes first."""
    person = phase.visitor.person
    lines = sorted(
        person.requests if person else (),
        key=lambda line: (not line.to_confirm, _FIRST.index(line.stage) if line.stage in _FIRST else len(_FIRST)),
    )
    rows = [
        {
            "title": say.scheme(service_named(line.service).title_key) if line.service else "",
            "stage": say.say(f"requests.stage.{_stage(line)}"),
            "tone": {"in_force": "ok", "refused": "bad", "blocked": "bad", "disputed": "bad"}.get(line.stage, "info"),
            "reference": ltr(references.format(line.reference)),
            "recorded": say.say("requests.recorded", recorded_on=line.recorded_on),
            "inForce": say.say("requests.in_force_on", in_force_on=line.in_force_on)
                       if line.in_force_on and line.stage in _HAS_BEEN_IN_FORCE else "",
            "reason": line.reason,
            "stop": button(f"stop-{index}", say.say("requests.stop"), "stop", argument=line.transaction_id,
                           variant="danger", icon="x") if line.stoppable else {},
            "confirm": button(f"confirm-{index}", say.say("requests.confirm"), "confirm", argument=line.transaction_id,
                              icon="arrow-right") if line.to_confirm else {},
        }
        for index, line in enumerate(lines)
    ]  # fmt: skip
    empty = "" if rows else say.say("requests.empty" if person else "requests.unknown")
    return "requests", {"title": say.say("requests.title"), "rows": rows, "empty": empty, "back": back(say)}


_REASONS = frozenset({"home_office", "appointment", "open_case", "proof_of_life", "recent_visit"})


def who_holds(visitor: at.Visitor, say: Words) -> Page:
    """Every office whose terminals keep the record, with the reasons, in words."""
    held = visitor.person.held_by if visitor.person else ()
    rows = [
        {
            "office": one.name,
            "reasons": [say.say(f"holders.{reason if reason in _REASONS else 'other'}") for reason in one.reasons],
        }
        for one in held
    ]
    return "holders", {
        "title": say.say("holders.title"),
        "text": say.say("holders.text"),
        "rows": rows,
        "empty": "" if rows else say.say("holders.none"),
        "back": back(say),
    }


def _stage(line: at.RequestLine) -> str:
    """Where a request stands, in the words of its service; one that this version does not know has none."""
    service = find(line.service)
    return service.stage(line.stage) if service else line.stage


def answering(session: at.Session, phase: at.Answering, say: Words) -> Page:
    """One question, with its keyboard and a picture of where the answer stands."""
    service = service_named(phase.service)
    asked = pages(service, phase.answers, standing_in(session, phase.visitor))
    question = question_of(session, phase)
    key = f"question.{service.id}.{question.id}"
    is_account = question.type is QuestionType.ACCOUNT
    typed = text_of(session, phase) or text_in(question, phase.typed, session.scheme.country if session.scheme else "")
    return "question", {
        "step": phase.question + 1,
        "steps": len(asked) + 2,
        "stepText": say.say("chrome.step", step=str(phase.question + 1), count=str(len(asked) + 2)),
        "title": say.scheme(key),
        "hint": say.scheme(f"{key}.hint"),
        "where": say.scheme(f"{key}.where"),
        "whereTitle": say.say("question.where_title"),
        "cardCaption": say.say("question.card_caption"),
        "statementCaption": say.say("question.statement_caption"),
        "picture": say.say("question.picture"),
        "field": say.say("question.field"),
        "text": typed_for_reading(typed) if is_account else typed,
        "problemTitle": say.say("question.error_title"),
        "problem": problem_text(phase.problem, say),
        "keyboard": keyboard_texts(say),
        "back": back(say),
        "next": forward(say),
    }


def keyboard_texts(say: Words) -> Fields:
    """What the keys that bear no letter are called."""
    return {name: say.say(f"keyboard.{name}") for name in ("name", "backspace", "clear", "letters", "digits")}


def checking(session: at.Session, phase: at.Checking, say: Words) -> Page:
    """Old and new side by side, and a button that names the act."""
    service = service_named(phase.service)
    person = phase.visitor.person
    named = next((r for r in person.requests if r.transaction_id == phase.answers.get("change")), None) if person else None
    if service.id == CONFIRM_HOLDER.id and named is not None and named.to_confirm:
        return _confirming(phase, named, say, session.scheme)
    rows: list[Fields] = []
    if "account" in phase.answers:
        now = account_lines(person.account, say) if person else [say.say("check.unknown")]
        rows.append({
            "label": say.say("check.account"), "nowLabel": say.say("check.now"), "now": now,
            "newLabel": say.say("check.new"), "new": _account_in_full(phase.answers["account"], session.scheme),
            "change": button("change-account", say.say("chrome.change"), "change", argument="account",
                             variant="secondary", icon="pencil"),
        })  # fmt: skip
    if named is not None:
        text = [say.say("check.stop_text", reference=references.format(named.reference))]
        rows.append({"label": say.say("check.change_request"), "nowLabel": "", "now": text, "newLabel": "",
                     "new": [], "change": {}})  # fmt: skip
    notes = [say.scheme(service.consequences_key)]
    asked = pages(service, phase.answers, standing_in(session, phase.visitor))
    if "account" in phase.answers:
        notes.append(say.say("check.under_way"))
    return "check", {
        "step": len(asked) + 1,
        "steps": len(asked) + 2,
        "stepText": say.say("chrome.step", step=str(len(asked) + 1), count=str(len(asked) + 2)),
        "title": say.say("check.title"),
        "holderLabel": say.say("check.holder"),
        "holder": phase.visitor.name,
        "rows": rows,
        "notes": notes,
        "problem": problem_text(phase.problem, say),
        "back": back(say),
        "sign": button("sign", say.scheme(service.act_key), "sign", variant="ok", icon="check"),
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
        "account": {"label": say.say("confirm.account"), "lines": _account_in_full(line.account, scheme), "id": "account", "fresh": False},
        "notes": [say.scheme(service.consequences_key), say.say("confirm.undecided")],
        "problem": problem_text(phase.problem, say),
        "back": back(say),
        "no": button("stop", say.say("confirm.no"), "stop", argument=line.transaction_id, variant="danger", icon="x"),
        "yes": button("sign", say.say("confirm.yes", act=say.scheme(service.act_key)), "sign", variant="ok", icon="check"),
    }  # fmt: skip


def _account_in_full(account: str, scheme: Scheme | None) -> list[str]:
    """An account as people compare it: grouped, in the country's own form, with its bank's name."""
    question = service_named("bank_account.change").question("account")
    checked = check_answer(question, account, scheme, {}, Standing(Role.INSURED)) if question and scheme else None
    if not isinstance(checked, Accepted):
        return [ltr(account)]
    return [ltr(checked.display), *([ltr(checked.domestic)] if checked.domestic else []), *([checked.bank_name] if checked.bank_name else [])]
