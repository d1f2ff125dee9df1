"""The European health insurance card, a service of the health insurance: who is insured for health orders one by post.

- Source of the entitlement: Regulation (EC) No 883/2004 Article 19, with Decision S1; the card goes to who is insured now.
- It is sent to the address of the record, never to one that is typed here: whoever moved changes the address first.
- A card that was ordered is on its way; a second one is not ordered within `AGAIN_DAYS`.
"""

from __future__ import annotations

from datetime import date, timedelta

from kiosk.domain.card import Role
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    BY_CARD,
    Agency,
    Assurance,
    LifeEvent,
    Question,
    QuestionType,
    Service,
    Standing,
)
from kiosk.domain.services.contacts import address_now

ID = "health_card.order"
BRANCH = "health"
AGAIN_DAYS = 30


def only_for_the_insured(standing: Standing) -> Problem | None:
    """Let it be ordered by who is paid a pension, or was insured for health this year or the year before."""
    record = standing.record
    if record is None or standing.beneficiary or not standing.today:
        return None
    this_year = date.fromisoformat(standing.today).year
    insured = any(line.year >= this_year - 1 and BRANCH in line.branches for line in record.contributions)
    return None if insured else Problem("health_card.not_insured")


def not_while_one_is_on_its_way(standing: Standing) -> Problem | None:
    """Refuse a second order within `AGAIN_DAYS` of the first."""
    if standing.record is None or not standing.today:
        return None
    since = (date.fromisoformat(standing.today) - timedelta(days=AGAIN_DAYS)).isoformat()
    lately = (
        line.service == ID and line.stage == "in_force" and line.recorded_on > since
        for line in standing.record.requests
    )
    return Problem("health_card.on_its_way") if any(lately) else None


def only_to_an_address(standing: Standing) -> Problem | None:
    """Say that there is no address yet, where the record has none."""
    return Problem("health_card.no_address") if standing.record is not None and not address_now(standing) else None


ORDER = Service(
    id=ID,
    agency=Agency.HEALTH,
    life_events=(LifeEvent.MOVED, LifeEvent.MY_DATA),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels=BY_CARD,
    questions=(Question("reason", QuestionType.CHOICE, choices=("first", "expired", "lost", "name_changed")),),
    rules=(only_for_the_insured, only_to_an_address, not_while_one_is_on_its_way),
    desk_queue="health_cards",
    icon="heart-handshake",
)
