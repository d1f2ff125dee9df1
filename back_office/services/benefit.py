"""What an application for a benefit does: the filing date stands, the desk has a case to which papers are attached.

Rules:
- The filing date is the day, in the scheme's zone, on which the person signed, however long the line was down.
- The same application again, while the first is looked at, is told so: it would only be a second case.
- An officer's yes says that the application is complete and is being assessed. It pays nothing by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office.repository import moment, requests
from back_office.services.contacts import holder
from back_office.services.effect import Effect, InForce, No, Outcome, ToDesk

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.services.effect import Asked


def apply(work: Work, asked: Asked) -> Outcome:
    """Open the case, and say what to bring."""
    benefit = asked.answers["benefit"]
    held = requests.held(work.db, holder(asked).number, asked.service.id)
    if any(answers.get("benefit") == benefit for id_, answers in held.items() if id_ != asked.id):
        return No("applied_already")
    return ToDesk("application", _filed(work, asked), words=benefit)


def complete(work: Work, asked: Asked) -> InForce:
    """Tell that everything is there."""
    return InForce(_filed(work, asked))


def _filed(work: Work, asked: Asked) -> dict[str, str]:
    zone = work.it.scheme.bank_change.zone
    return {"filed_on": moment(asked.transaction.signed_at).astimezone(zone).date().isoformat()}


APPLY = Effect(apply, complete)
