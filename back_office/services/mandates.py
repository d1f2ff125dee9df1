"""What giving and ending a mandate does: the other one's card shows it, and both are told.

Rules:
- Number and holder of the card must fit together; which of the two is wrong is not said.
- A guardian's mandate begins and ends with an officer, who has seen the court's decision.
- A mandate lasts whole days in the scheme's zone.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from back_office import notices
from back_office.by_officer import seen_by_two
from back_office.repository import mandates, people, reports, timestamp
from back_office.services.contacts import holder
from back_office.services.effect import Effect, InForce, No, Outcome, ToDesk
from kiosk.domain.card import Role
from kiosk.domain.identifiers import same_name
from kiosk.domain.services.mandates import COURT_DECISION, GUARDIAN, SCOPES

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.mandates import MandateRow
    from back_office.repository.people import Card
    from back_office.services.effect import Asked


def grant(work: Work, asked: Asked) -> Outcome:
    """Give the mandate, or have a guardian's decision looked at."""
    if _card(work, asked) is None:
        return No("no_such_card")
    looked_at = asked.answers["ground"] != GUARDIAN or _court_decision_seen(asked)
    return granted(work, asked) if looked_at else ToDesk("guardian")


def _court_decision_seen(asked: Asked) -> bool:
    return seen_by_two(asked.transaction) == COURT_DECISION


def granted(work: Work, asked: Asked) -> InForce | No:
    """Put the mandate into the register."""
    card, answers, person = _card(work, asked), asked.answers, holder(asked)
    if card is None:
        return No("no_such_card")
    since = _midnight(work, answers["since"])
    until = _midnight(work, answers["until"], days=1) if answers["until"] else None
    services = " ".join(SCOPES[answers["scope"]])
    mandates.add(
        work.db, id_=asked.id, person=person.number, card=card.number, ground=answers["ground"], services=services,
        valid_from=since, valid_to=until,
    )  # fmt: skip
    _tell_both(work, asked, mandates.one(work.db, asked.id), "mandate_given")
    return InForce({"name": card.holder, "since": answers["since"]})


def revoke(work: Work, asked: Asked) -> Outcome:
    """End the mandate, or have an officer look at a guardian's."""
    mandate = mandates.one(work.db, asked.answers["mandate"])
    looked_at = mandate is None or mandate.ground != GUARDIAN or _court_decision_seen(asked)
    return revoked(work, asked) if looked_at else ToDesk("guardian")


def revoked(work: Work, asked: Asked) -> InForce | No:
    """Take the mandate out of force."""
    mandate = mandates.one(work.db, asked.answers["mandate"])
    if not mandates.end(work.db, asked.answers["mandate"], work.time):
        return No("ended")
    _tell_both(work, asked, mandate, "mandate_ended")
    return InForce()


def _card(work: Work, asked: Asked) -> Card | None:
    """Find the card that is meant: an insured person's, in use, held by who was named, and not the giver's own."""
    card = people.card(work.db, asked.answers["card"])
    if card is None or card.role != Role.INSURED.value or card.person in {None, asked.number}:
        return None
    fits = card.revoked_at is None and same_name(card.holder, asked.answers["name"])
    return card if fits and not reports.died_on(work.db, card.person or "") else None


def _midnight(work: Work, day: str, *, days: int = 0) -> str:
    begins = datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), work.it.scheme.bank_change.zone)
    return timestamp(begins)


def _tell_both(work: Work, asked: Asked, mandate: MandateRow | None, kind: str) -> None:
    if mandate is None:
        return
    values = {"person": mandate.person_name, "representative": mandate.holder}
    for number in (mandate.person, mandate.card_person or ""):
        person = people.person(work.db, number)
        if person is not None:
            side = "_by_you" if number == mandate.person else "_to_you"
            reached = notices.contacts_lately(work, number)
            notices.tell(work, asked.row, person, kind + side, values, reached)


GRANT = Effect(grant, granted)
REVOKE = Effect(revoke, revoked)
