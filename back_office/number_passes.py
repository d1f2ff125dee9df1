"""Who has shown a number and its PIN in a visit: the word that the visit carries on, and what it is worth later.

Rules:
- The word is given with the record that number and PIN open, and with nothing else; it is sealed to the visit's key.
- Only a service whose entry takes number and PIN looks at it. There it stands for the person; a word of another visit, of
  another terminal or too old stands for nobody. So does one whose PIN another had replaced before the act was told: who gets
  a new letter because the old one was read by others is rid of them at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office.repository import moment, number_pins, people, reports
from kiosk.domain.carrying import takes_number
from kiosk.domain.catalogue import find
from kiosk.wire.keys import thumbprint
from kiosk.wire.problem import Problem
from kiosk.wire.timestamps import timestamp as wire_time
from kiosk.wire.visit_pass import NumberPass, read_pass, write_pass

if TYPE_CHECKING:
    from back_office.installation import Work
    from back_office.repository.people import PersonRow
    from back_office.repository.terminals import Terminal
    from kiosk.wire.question import Question
    from kiosk.wire.report import Report


def give(work: Work, terminal: Terminal, question: Question, person: str) -> str:
    """Sign that the number and its PIN were shown, in the visit that asked."""
    shown = NumberPass(
        terminal=terminal.id, visit=thumbprint(question.answer_key), person=person, at=wire_time(work.at)
    )
    return write_pass(shown, work.it.keyring.keys().signer, work.at)


def whose(work: Work, report: Report) -> PersonRow | None:
    """Find the person who had shown number and PIN when this was told; None: nobody had, or it counts for nothing here."""
    service = find(report.service)
    if not isinstance(report.by_number, str) or service is None or not takes_number(service):
        return None
    shown = read_pass(NumberPass, report.by_number, report, work.it.keyring.keys().anchors, work.at)
    if isinstance(shown, Problem) or _is_replaced(work, shown, report) or reports.died_on(work.db, shown.person):
        return None
    return people.person(work.db, shown.person)


def _is_replaced(work: Work, shown: NumberPass, report: Report) -> bool:
    """Tell whether the PIN that was shown was over when the act was told; one spelling of times, so they compare as text."""
    pin = number_pins.of(work.db, shown.person)
    return pin is None or shown.at < wire_time(moment(pin.set_at)) <= report.signed_at
