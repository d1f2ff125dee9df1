"""My requests: each as a way from received to decided (and paid), what was refused first, in words why.

- A change of the account can be stopped from here, and the holder that the bank names confirmed.
- A certificate that was issued is printed from here, so long as it can be verified.
- What only notes something is never called in force.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain import reference
from kiosk.domain.card import Role
from kiosk.domain.content import Action, Content, Facts, OpenService, Paragraph, Reached, Said, Way
from kiosk.domain.service import Agency, Assurance, Kind, LifeEvent, Offline, Service
from kiosk.domain.services import own_record
from kiosk.domain.services.bank_account import CONFIRM_HOLDER, STOP
from kiosk.domain.services.certificate import PRINT, printable
from kiosk.domain.services.payments import next_payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.domain.content import Block, Words
    from kiosk.domain.record import Person, RequestLine
    from kiosk.domain.service import Answers, Standing

TITLE = "service.requests.show.title"
_FIRST = ("refused", "blocked", "cancelled", "disputed", "held", "waiting", "received")
"""Refusals first, then what is still open, then what is done."""
_HAS_BEEN_IN_FORCE = frozenset({"in_force", "disputed"})
"""Elsewhere the day lies ahead."""
_ENDED = frozenset({"refused", "blocked", "cancelled"})
_DONE, _NOW, _AHEAD, _STOPPED = Reached.DONE, Reached.NOW, Reached.AHEAD, Reached.STOPPED
_REACHED = {
    "received": (_DONE, _NOW, _AHEAD),
    "held": (_DONE, _NOW, _AHEAD),
    "waiting": (_DONE, _DONE, _NOW),
    "in_force": (_DONE, _DONE, _DONE),
    "disputed": (_DONE, _DONE, _DONE),
}
"""How far received, checked and decided are."""


def service(find: Callable[[str], Service | None]) -> Service:
    """Return the entry; `find` names the services that the requests are of (the catalogue lists this module)."""

    def show(_answers: Answers, standing: Standing) -> Content:
        return content(find, standing)

    return Service(
        id="requests.show",
        agency=Agency.PENSION,
        life_events=(LifeEvent.MY_DATA,),
        roles=frozenset({Role.INSURED, Role.NUMBER}),
        assurance=Assurance.CARD_AND_PIN,
        channels=own_record.READ,
        offline=Offline.FROM_CACHE,
        kind=Kind.SHOW,
        content=show,
        icon="ticket",
        waits=lambda person: any(line.to_confirm for line in person.requests),
    )


def content(find: Callable[[str], Service | None], standing: Standing) -> Content:
    """Show every request of the last months, and the next payment."""
    person = standing.record
    if person is None:
        return own_record.not_here(TITLE)
    blocks: list[Block] = [own_record.as_of(person)]
    lines = sorted(person.requests, key=_order)
    for n, line in enumerate(lines):
        blocks.append(_request(n, line, find(line.service), person, standing.today))
    if not lines:
        blocks.append(Paragraph(Said("requests.show.none")))
    payment = next_payment(person)
    if isinstance(payment, Facts):
        blocks.append(payment)
    return Content(Said(TITLE), (*blocks, own_record.PRINT))


def _order(line: RequestLine) -> tuple[bool, int]:
    """Put what waits for the person first of all; equals keep the record's order, newest first."""
    return (not line.to_confirm, _FIRST.index(line.stage) if line.stage in _FIRST else len(_FIRST))


def _request(n: int, line: RequestLine, service: Service | None, person: Person, today: str) -> Way:
    title: Words = line.service if service is None else Said(service.title_key)  # of another version: its id
    steps = _steps(line, line.stage if service is None else service.stage(line.stage))
    if service is not None and service.moves_money and line.stage not in _ENDED:
        steps += ((Said("requests.show.step.paid"), _paid(line, person)),)
    actions = []
    if line.to_confirm:
        actions.append(
            Action(f"confirm-{n}", Said("requests.show.confirm"), _about(CONFIRM_HOLDER.id, line), "arrow-right")
        )
    if line.stoppable:
        actions.append(Action(f"stop-{n}", Said("requests.show.stop"), _about(STOP.id, line), "x"))
    if printable(person, line.transaction_id, today):
        target = OpenService(PRINT.id, {"request": line.transaction_id})
        actions.append(Action(f"print-{n}", Said("requests.show.print"), target, "printer"))
    return Way(title, steps, why(line), tuple(actions), _when(line, service))


def _when(line: RequestLine, service: Service | None) -> Said:
    made = {"recorded_on": line.recorded_on, "reference": reference.format(line.reference)}
    if line.in_force_on and line.stage in _HAS_BEEN_IN_FORCE and not (service and service.only_noted):
        return Said("requests.show.recorded_in_force", {**made, "in_force_on": line.in_force_on})
    return Said("requests.show.recorded", made)


def why(line: RequestLine) -> Words:
    """Say why it stands where it does, in whichever language the screen is then; an older back office wrote it in one."""
    if not line.reason_key:
        return line.reason
    return Said(line.reason_key, line.reason_parameters, otherwise=line.reason)


def _about(service: str, line: RequestLine) -> OpenService:
    return OpenService(service, {"change": line.transaction_id})


def _steps(line: RequestLine, stage: str) -> tuple[tuple[Words, Reached], ...]:
    """Say how far it is; the last step has the decision's own word, once there is one."""
    received, checked, decided = _REACHED.get(line.stage, (_DONE, _DONE, _STOPPED))
    known = {"in_force", "noted", "refused", "cancelled", "blocked", "disputed"}
    word = stage if stage in known and decided is not _AHEAD else "waits" if decided is _NOW else "decided"
    return (
        (Said("requests.show.step.received"), received),
        (Said("requests.show.step.checking" if checked is _NOW else "requests.show.step.checked"), checked),
        (Said(f"requests.show.step.{word}"), decided),
    )


def _paid(line: RequestLine, person: Person) -> Reached:
    """Tell whether a payment was made since the day it came into force."""
    if line.stage == "disputed":
        return _STOPPED
    if line.stage != "in_force" or not line.in_force_on:
        return _AHEAD
    return _DONE if any(one.paid_on >= line.in_force_on for one in person.payments) else _NOW
