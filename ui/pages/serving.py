"""The page of the menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.accounts import last_four
from kiosk.domain.availability import Availability
from kiosk.domain.card import NO_CARD
from kiosk.domain.catalogue import menu as offered
from kiosk.domain.service import LifeEvent
from kiosk.domain.services.access import SHOW as ACCESSES
from kiosk.domain.services.mandates import covers
from kiosk.domain.session.choosing import availability_in, services_in
from ui.pages.parts import Fields, Page, button, problem_text

if TYPE_CHECKING:
    from kiosk.domain.service import Service
    from kiosk.domain.session import states as at
    from ui.words import Words

_MANY = 6
"""Up to so many services stand on one screen by themselves; more are also found by what happened."""
EVENT_ICONS = {
    LifeEvent.HIRED: "briefcase", LifeEvent.RETIRING: "umbrella", LifeEvent.FAMILY_CHANGED: "baby", LifeEvent.MOVED: "map-pin",
    LifeEvent.ACCOUNT_CHANGED: "landmark", LifeEvent.CANNOT_WORK: "stethoscope", LifeEvent.MY_DATA: "id-card",
    LifeEvent.STARTING_BUSINESS: "store", LifeEvent.HIRING: "user-plus", LifeEvent.CLOSING_BUSINESS: "lock",
}  # fmt: skip


def menu(session: at.Session, phase: at.Menu, say: Words) -> Page:
    """What can be done here, by what happened or all of it, with what works now and how old the data are."""
    visitor = phase.visitor
    closed = session.closed
    allowed = [
        service
        for service in offered(services_in(session))
        if visitor.card.role in service.roles and (visitor.mandate is None or covers(visitor.mandate, service))
    ]
    read = [service for service in allowed if not phase.life_event or phase.life_event in {e.value for e in service.life_events}]
    several = len({service.agency for service in allowed}) > 1
    tiles = [_tile(session, visitor, service, say, agency=several) for service in read]
    telling = [set(service.life_events) for service in allowed if set(service.life_events) != set(LifeEvent)]
    events = [event for event in LifeEvent if any(event in of for of in telling)]  # what fits all of them tells none apart
    many = len(allowed) > _MANY and len(events) > 1
    return "menu", {
        **_greeting(phase, say, asks=not many),
        "of": f"{visitor.card.number} {phase.life_event}",
        "tiles": tiles,
        "events": [_event(event, say) for event in events] if many and not phase.life_event else [],
        "eventsTitle": say.say("menu.what_happened"),
        "allTitle": say.say("menu.all_services"),
        "empty": "" if tiles else say.say("menu.nothing_here"),
        "facts": _facts(visitor, say) if not phase.life_event else [],
        "closed": say.say(f"menu.closed_why.{closed.value}") if closed and tiles else "",
        "absent": say.say(f"menu.absent.{visitor.absence.value}") if visitor.absence else "",
        "waits": say.say("menu.card_waits") if not visitor.card.shown and session.card_present else "",
        "actions": _ways_out(session, phase, say),
        "problem": problem_text(phase.problem, say),
    }


def _greeting(phase: at.Menu, say: Words, *, asks: bool) -> Fields:
    """Who is greeted, or what happened to them; `asks`: nothing else on the page does."""
    visitor = phase.visitor
    if phase.life_event:
        return {"title": say.say(f"life_event.{phase.life_event}"), "text": say.say("menu.question")}
    if visitor.card is NO_CARD:
        return {"title": say.say("menu.no_card"), "text": say.say("menu.no_card_text")}
    if visitor.mandate is not None:
        return {"title": say.say("menu.acting_for", name=visitor.name), "text": say.say("menu.question") if asks else ""}
    if visitor.name:
        return {"title": say.say("menu.greeting", name=visitor.name), "text": say.say("menu.question") if asks else ""}
    return {"title": say.say("menu.greeting_nameless"), "text": ""}


def _tile(session: at.Session, visitor: at.Visitor, service: Service, say: Words, *, agency: bool) -> Fields:
    """A service: its name, whose it is where several offices share the terminal, and what works now."""
    state = availability_in(session, visitor, service)
    person = visitor.person
    as_of = person.as_of[: len("2026-11-22")] if person else ""
    if person and service.waits and service.waits(person):
        sub = say.say("menu.waits_for_you")
    else:
        dated = state is Availability.FROM_CACHE and as_of
        sub = say.say("menu.from_record", as_of=as_of) if dated else say.say(f"menu.{state.value}")
    return {
        **button(f"service-{service.id}", say.scheme(service.title_key), "choose_service", argument=service.id, icon=service.icon),
        "state": state.value,
        "sub": sub,
        "agency": say.say(f"agency.{service.agency.value}") if agency else "",
    }


def _event(event: LifeEvent, say: Words) -> Fields:
    """What may have happened to the person, to be pressed."""
    return button(f"event-{event.value}", say.say(f"life_event.{event.value}"), "life_event", argument=event.value,
                  variant="secondary", icon=EVENT_ICONS[event])  # fmt: skip


def _ways_out(session: at.Session, phase: at.Menu, say: Words) -> list[Fields]:
    """Back to all services; who holds the data, where there are some; the end, where there is no card to take."""
    if phase.life_event:
        return [button("back", say.say("menu.all_services"), "back", variant="secondary", icon="arrow-left")]
    if not phase.visitor.card.shown:
        return [button("end", say.say("chrome.end"), "end", variant="secondary", icon="log-out")]
    if phase.visitor.person and ACCESSES.id in session.services:
        return [button("who-holds", say.scheme(ACCESSES.title_key), "choose_service", argument=ACCESSES.id,
                       variant="secondary", icon=ACCESSES.icon)]  # fmt: skip
    return []


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

