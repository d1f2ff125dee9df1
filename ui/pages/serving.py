"""Pages of the menu, of the person's requests, and of who holds the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain import reference as references
from kiosk.domain.accounts import last_four
from kiosk.domain.card import NO_CARD
from kiosk.domain.catalogue import find, service_named
from kiosk.domain.catalogue import menu as offered
from kiosk.domain.service import Availability, LifeEvent
from kiosk.domain.services.mandates import covers
from kiosk.domain.session.choosing import availability_in
from ui.pages.parts import Fields, Page, back, button, ltr, problem_text

if TYPE_CHECKING:
    from kiosk.domain.service import Service
    from kiosk.domain.session import states as at
    from ui.words import Words

_FIRST = ("refused", "blocked", "disputed", "held", "waiting", "received")
"""Refusals first, then what is still open, then what is done."""
_HAS_BEEN_IN_FORCE = frozenset({"in_force", "disputed"})
"""Elsewhere the day lies ahead, and the line's own sentence names it."""


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
        for service in offered(session.services)
        if visitor.card.role in service.roles and (visitor.mandate is None or covers(visitor.mandate, service))
    ]
    read = [service for service in allowed if not phase.life_event or phase.life_event in {e.value for e in service.life_events}]
    several = len({service.agency for service in allowed}) > 1
    tiles = [_tile(session, visitor, service, say, agency=several) for service in read]
    if visitor.card is not NO_CARD and not phase.life_event and tiles:
        tiles.append(_requests_tile(visitor, say))
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
        "actions": _ways_out(phase, say),
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
    as_of = visitor.person.as_of[: len("2026-11-22")] if visitor.person else ""
    dated = state is Availability.FROM_CACHE and as_of
    return {
        **button(f"service-{service.id}", say.scheme(service.title_key), "choose_service", argument=service.id, icon=service.icon),
        "state": state.value,
        "sub": say.say("menu.from_record", as_of=as_of) if dated else say.say(f"menu.{state.value}"),
        "agency": say.say(f"agency.{service.agency.value}") if agency else "",
    }


def _requests_tile(visitor: at.Visitor, say: Words) -> Fields:
    """The person's own requests, and whether one of them waits for a word."""
    count = len(visitor.person.requests) if visitor.person else 0
    waiting = any(line.to_confirm for line in visitor.person.requests) if visitor.person else False
    counted = say.say("menu.requests_count", count=str(count)) if count else say.say("menu.requests_sub")
    return {
        **button("my-requests", say.say("menu.requests"), "requests", icon="ticket"),
        "state": Availability.NOW.value if visitor.person else Availability.NEEDS_LINE.value,
        "sub": say.say("menu.requests_waiting") if waiting else counted,
        "agency": "",
    }


def _event(event: LifeEvent, say: Words) -> Fields:
    """What may have happened to the person, to be pressed."""
    return button(f"event-{event.value}", say.say(f"life_event.{event.value}"), "life_event", argument=event.value,
                  variant="secondary", icon=EVENT_ICONS[event])  # fmt: skip


def _ways_out(phase: at.Menu, say: Words) -> list[Fields]:
    """Back to all services; who holds the data, where there are some; the end, where there is no card to take."""
    if phase.life_event:
        return [button("back", say.say("menu.all_services"), "back", variant="secondary", icon="arrow-left")]
    if not phase.visitor.card.shown:
        return [button("end", say.say("chrome.end"), "end", variant="secondary", icon="log-out")]
    if phase.visitor.person:
        return [button("who-holds", say.say("menu.holders"), "holders", variant="secondary", icon="shield-check")]
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
