"""Mandates: who may act for a person with an own card, for what, from when and until when.

- A person gives a mandate to a card whose number and holder they both name; who knows a number alone gives nothing.
- A guardian is appointed by a court, so that giving and ending that mandate is an officer's, who has seen the decision.
- Either of the two ends a mandate: who gave it, and who holds it.
- A representative acts with the own card, within scope and days; both are told of every act.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.content import ActFor, Action, Content, Doors, Paragraph, Said
from kiosk.domain.form import TODAY
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    BY_CARD,
    HOME_VISIT,
    IDENTITY_DOCUMENTS,
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
    Standing,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.record import Mandate

PROXY, GUARDIAN = "proxy", "guardian"
COURT_DECISION = "court_decision"
"""What a guardian's mandate begins and ends by."""
EVERYTHING = "everything"
SCOPES: Mapping[str, tuple[str, ...]] = {
    EVERYTHING: (),
    "contacts": ("address.change", "contacts.change"),
    "benefits": ("benefit.apply",),
    "account": ("bank_account.change", "bank_account.block"),
}
"""What can be given, in the words of the choice; an empty scope is every service that allows it."""


def covers(mandate: Mandate, service: Service) -> bool:
    """Tell whether a representative may use this service under the mandate; to look is part of every mandate."""
    if service.kind is Kind.SHOW:
        return True
    return EvidenceKind.REPRESENTED in service.evidence and (not mandate.services or service.id in mandate.services)


def holds_on(mandate: Mandate, day: str) -> bool:
    """Tell whether a mandate holds on an ISO day."""
    return mandate.since <= day and (not mandate.until or day <= mandate.until)


def check_grant(answers: Mapping[str, str], standing: Standing) -> Problem | None:
    """Refuse a mandate to oneself, one that ends before it begins, and one that stands already."""
    card, until = answers.get("card", ""), answers.get("until", "")
    if until and until < answers.get("since", ""):
        return Problem("mandate.until_before_since")
    if standing.record is None:
        return None
    if any(own.number == card for own in standing.record.cards):
        return Problem("mandate.own_card")
    wanted = SCOPES.get(answers.get("scope", ""))
    given = standing.record.mandates_given
    stands = any(one.card == card and (one.services == wanted or not one.services) for one in given)
    return Problem("mandate.stands") if stands and wanted is not None else None


def mandates_to_end(_answers: Mapping[str, str], standing: Standing) -> tuple[Choice, ...]:
    """Offer the mandates that the person gave, then those that the person holds, by the other one's name."""
    if standing.record is None:
        return ()
    both = (*standing.record.mandates_given, *standing.record.mandates_held)
    return tuple(Choice(one.id, f"{one.name} ({one.since})") for one in both)


def needs_mandates(standing: Standing) -> Problem | None:
    """Refuse who has neither given nor holds a mandate, and a terminal that has no record to list them from."""
    if standing.record is None:
        return Problem("service.refused.no_record")
    return None if mandates_to_end({}, standing) else Problem("mandate.none")


def needs_somebody(standing: Standing) -> Problem | None:
    """Refuse who acts for nobody today; who acts for somebody finds the way back."""
    if standing.mandate is not None:
        return None
    if standing.record is None:
        return Problem("service.refused.no_record")
    today = any(holds_on(one, standing.today) for one in standing.record.mandates_held)
    return None if today else Problem("mandate.for_nobody")


def whom(_answers: Mapping[str, str], standing: Standing) -> Content:
    """Show for whom the person can act today; pressing a name opens that person's record."""
    if standing.mandate is not None:
        myself = Action("act-myself", Said("mandate.myself"), ActFor(""), "user")
        return Content(Said("service.mandate.act.title"), (Paragraph(Said("mandate.both_told")), Doors((myself,))))
    held = () if standing.record is None else standing.record.mandates_held
    doors = tuple(
        Action(f"act-{n}", one.name, ActFor(one.id), "users")
        for n, one in enumerate(held)
        if holds_on(one, standing.today)
    )
    return Content(
        Said("service.mandate.act.title"),
        (Paragraph(Said("mandate.both_told")), Doors(doors, Said("mandate.whom"))),
    )


GRANT = Service(
    id="mandate.grant",
    agency=Agency.PENSION,
    life_events=(LifeEvent.FAMILY_CHANGED, LifeEvent.MY_DATA),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels={
        Channel.TERMINAL: frozenset({EvidenceKind.SIGNED}),
        Channel.DESK: frozenset({EvidenceKind.ATTESTED}),
        Channel.API: frozenset({EvidenceKind.SIGNED}),
    },
    questions=(
        Question("name", QuestionType.NAME),
        Question("card", QuestionType.IDENTIFIER, identifier="card"),
        Question("ground", QuestionType.CHOICE, choices=(PROXY, GUARDIAN)),
        Question("scope", QuestionType.CHOICE, choices=tuple(SCOPES)),
        Question("since", QuestionType.DATE, earliest=TODAY),
        Question("until", QuestionType.DATE, earliest=TODAY, optional=True),
    ),
    check=check_grant,
    desk_queue="mandates",
    icon="users",
    attested_by=(*IDENTITY_DOCUMENTS, HOME_VISIT, COURT_DECISION),
)

REVOKE = Service(
    id="mandate.revoke",
    agency=Agency.PENSION,
    life_events=(LifeEvent.FAMILY_CHANGED, LifeEvent.MY_DATA),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels=BY_CARD | {Channel.DESK: frozenset({EvidenceKind.ATTESTED})},
    questions=(Question("mandate", QuestionType.CHOICE, choices_from=mandates_to_end),),
    rules=(needs_mandates,),
    desk_queue="mandates",
    icon="users",
    attested_by=(*IDENTITY_DOCUMENTS, HOME_VISIT, COURT_DECISION),
)

ACT = Service(
    id="mandate.act",
    agency=Agency.PENSION,
    life_events=(LifeEvent.FAMILY_CHANGED, LifeEvent.MY_DATA),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_AND_PIN,
    channels=BY_CARD,
    kind=Kind.SHOW,
    rules=(needs_somebody,),
    content=whom,
    offline=Offline.FROM_CACHE,
    icon="heart-handshake",
)
