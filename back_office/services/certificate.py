"""Certificates: what the paper shows is made from the record as it is now, kept, and told with its code to the visit alone.

Rules:
- The code in full goes into the sealed word and onto a paper that an officer prints, and nowhere else; a copy of the database
  verifies no paper and makes none.
- It is printed later as it was: the same content, code and last day. After that day nobody prints it any more.
- The paper can be verified until its last day; what it shows never changes afterwards.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from back_office.repository import certificates
from back_office.repository.certificates import Certificate
from back_office.services.effect import Effect, InForce, Issued, No, Outcome
from kiosk.domain import certificate_code
from kiosk.domain.services.certificate import document
from kiosk.wire.document import LIMIT, write_document

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.services.effect import Asked


def decide(work: Work, asked: Asked) -> Outcome:
    """Issue it."""
    record, today = asked.standing.record, asked.standing.today
    if record is None:
        return No("nothing_on_record")
    content = write_document(document(asked.answers, record, today))
    if len(content) > LIMIT:
        return No("nothing_on_record")
    key = work.it.keyring.code_key()
    code = certificate_code.derive(asked.id, key)
    until = (date.fromisoformat(today) + timedelta(days=work.it.scheme.certificate_days)).isoformat()
    certificates.add(
        work.db,
        Certificate(
            asked.id, asked.number, asked.answers["kind"], work.time, today, until,
            certificate_code.kept(code, key), code[: certificate_code.START], content,
        ),
    )  # fmt: skip
    return InForce(issued=Issued(code, content, until, work.it.settings.server.verification_address))


def print_later(work: Work, asked: Asked) -> Outcome:
    """Give the paper of an earlier request once more."""
    issued = paper_of(work, asked.number, asked.answers["request"])
    return No("not_printed") if issued is None else InForce(issued=issued)


def paper_of(work: Work, person: str, certificate: str) -> Issued | None:
    """Return what a person's certificate prints, under its code; None where it is not the person's, over, or of another key."""
    found = certificates.one(work.db, certificate)
    today = work.at.astimezone(work.it.scheme.bank_change.zone).date().isoformat()
    if found is None or found.person != person or found.valid_until < today:
        return None
    key = work.it.keyring.code_key()
    code = certificate_code.derive(found.id, key)
    if certificate_code.kept(code, key) != found.digest:  # issued under another key: nobody could verify this code
        return None
    return Issued(code, found.content, found.valid_until, work.it.settings.server.verification_address)


ISSUE = Effect(decide)
PRINT = Effect(print_later)
