"""Acting for somebody else: under which mandate a card's holder may do what a request asks.

Rules:
- Whose card it is, the signature says; for whom it is, the request names; whether that is so, the register of mandates alone.
- A mandate must hold when the request was signed and still when it is decided, and must name the service.
- Both are told of every act, each in their own language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office import by_officer, notices
from back_office.repository import mandates, moment, people, timestamp
from kiosk.domain.catalogue import find
from kiosk.domain.service import EvidenceKind
from kiosk.schemes import load_texts
from kiosk.wire.officer_entry import OfficerEntry

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.inbox import InboxRow
    from back_office.repository.mandates import MandateRow
    from back_office.repository.people import PersonRow
    from kiosk.wire.envelope import Transaction


@dataclass(frozen=True, slots=True)
class Acting:
    """A representative, the person acted for, and the mandate."""

    representative: PersonRow
    person: PersonRow
    mandate: MandateRow


def is_represented(transaction: Transaction) -> bool:
    """Tell whether a request says that somebody acts for somebody else."""
    return transaction.evidence.get("kind") == EvidenceKind.REPRESENTED.value


def acting(work: Work, transaction: Transaction) -> Acting | None:
    """Find the mandate under which the request was signed; None when there is none."""
    if not is_represented(transaction):
        return None
    signed = timestamp(moment(transaction.signed_at))
    for mandate in mandates.between(work.db, transaction.card, transaction.person):
        fits = mandate.covers(transaction.service) and mandate.holds(signed) and mandate.holds(work.time)
        person = people.person(work.db, mandate.person) if fits else None
        representative = people.person(work.db, mandate.card_person or "") if fits else None
        if person is not None and representative is not None:
            return Acting(representative, person, mandate)
    return None


def whose(work: Work, transaction: Transaction) -> PersonRow | None:
    """Return whose request it is: the person acted for, if there ever was a mandate, otherwise the card's holder."""
    if isinstance(transaction, OfficerEntry):
        return by_officer.whose(work, transaction)
    if is_represented(transaction) and mandates.between(work.db, transaction.card, transaction.person):
        return people.person(work.db, transaction.person)
    card = people.card(work.db, transaction.card)
    return people.person(work.db, card.person) if card is not None and card.person is not None else None


def tell_both(work: Work, row: InboxRow, service_id: str, who: Acting) -> None:
    """Tell the person and the representative what was asked for by whom."""
    texts, service = load_texts(work.it.scheme.code), find(service_id)
    for person, kind in ((who.person, "acted_for_you"), (who.representative, "you_acted")):
        known = person.language if person.language in work.it.scheme.languages else work.it.scheme.official_language
        title = service_id if service is None else texts.text(known, service.title_key)
        values = {"service": title, "person": who.person.name, "representative": who.representative.name}
        reached = notices.contacts_lately(work, person.number)
        notices.tell(work, row, person, kind, values, reached)
