"""The estimate of somebody's pension from the record, byte for byte as terminals make it.

- The same function as on the screen (`kiosk.domain.services.pension_estimate`), from the document that terminals are sent
  and the parameters that are signed for them: where the bytes differ, one of the two is not what was signed.
- Whoever looks is in the audit log, and so in what the person sees of who looked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office import audit
from back_office.record_document import compose
from back_office.repository import people
from kiosk.domain.audit import Actor
from kiosk.domain.card import Role
from kiosk.domain.errors import Bug
from kiosk.domain.service import standing_of
from kiosk.schemes import scheme_document
from kiosk.wire.pension import written_estimate
from kiosk.wire.person_record import person_of
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from back_office.installation import Work
    from kiosk.domain.pension import NotPossible

PURPOSE = "pension estimate"


def estimate_of(work: Work, number: str, answers: Mapping[str, str], by: str) -> bytes | NotPossible | None:
    """Estimate from the record of the person with this number, as of today; None: there is no such person."""
    person = people.person(work.db, number)
    if person is None:
        return None
    audit.record(work.db, work.at, Actor("operator", by), "record.opened", person.number, purpose=PURPOSE)
    scheme = work.it.scheme
    record = person_of(compose(work.db, scheme, person, work.at, {}).document)
    if isinstance(record, Problem):
        raise Bug(f"the record that we composed cannot be read: {record.detail}")
    today = work.at.astimezone(scheme.bank_change.zone).date().isoformat()
    standing = standing_of(Role.INSURED, record, today=today, scheme=scheme)
    return written_estimate(answers, standing, scheme_document(work.it.settings.scheme))
