"""A lost card: stopped at once with another card, reported without one.

- Who still has a card of one's own, or acts for the person, stops the lost card at once: card and PIN prove who asks.
- Who has none can prove nothing, and a stranger could be standing there. So the report stops no card: it opens an urgent case,
  and until that is closed no change of the account goes on without an officer (it may stop, never redirect). The person is
  told at every contact, and an officer who has made sure stops the cards.
- The report is answered alike whether number and day of birth fit or not: it says of nobody whether they are on file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.form import TODAY
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    Agency,
    Assurance,
    Channel,
    Choice,
    EvidenceKind,
    LifeEvent,
    Question,
    QuestionType,
    Service,
    Standing,
)
from kiosk.domain.services.contacts import OWN_OR_REPRESENTED

if TYPE_CHECKING:
    from collections.abc import Mapping

VALID = "valid"


def cards_to_stop(_answers: Mapping[str, str], standing: Standing) -> tuple[Choice, ...]:
    """Offer every card of the person that is in use, by its number and the day it was issued."""
    cards = () if standing.record is None else standing.record.cards
    return tuple(Choice(card.number, f"{card.number} ({card.issued_on})") for card in cards if card.state == VALID)


def needs_cards(standing: Standing) -> Problem | None:
    """Refuse who has no card in use, and a terminal that has no record to list them from."""
    if standing.record is None:
        return Problem("service.refused.no_record")
    return None if cards_to_stop({}, standing) else Problem("cards.none")


STOP = Service(
    id="card.stop",
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA,),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels={**OWN_OR_REPRESENTED, Channel.TELEPHONE: frozenset({EvidenceKind.SPOKEN})},
    questions=(Question("card", QuestionType.CHOICE, choices_from=cards_to_stop),),
    rules=(needs_cards,),
    desk_queue="cards",
    icon="id-card",
)

LOST = Service(
    id="card.lost",
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA,),
    roles=frozenset({Role.NONE}),
    assurance=Assurance.NONE,
    channels={
        Channel.TERMINAL: frozenset({EvidenceKind.NONE}),
        Channel.TELEPHONE: frozenset({EvidenceKind.SPOKEN}),
        Channel.API: frozenset({EvidenceKind.NONE}),
    },
    questions=(
        Question("number", QuestionType.IDENTIFIER),
        Question("birth_date", QuestionType.DATE, latest=TODAY),
        Question("call_back", QuestionType.PHONE, optional=True),
    ),
    desk_queue="cards",
    icon="id-card",
)
