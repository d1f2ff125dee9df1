"""Who holds my data, and who looked at it: which office, in which role, for which purpose, when; never a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.content import Content, Paragraph, Row, Said, Table
from kiosk.domain.service import Agency, Assurance, Kind, LifeEvent, Offline, Service
from kiosk.domain.services import own_record

if TYPE_CHECKING:
    from kiosk.domain.content import Block
    from kiosk.domain.record import AccessLine, HeldBy, Person
    from kiosk.domain.service import Answers, Standing

TITLE = "service.access.show.title"
_REASONS = frozenset({"home_office", "appointment", "open_case", "proof_of_life", "recent_visit"})
_ROLES = frozenset({"holder", "representative", "officer", "operator"})
_BY_NUMBER = "number_and_pin"
_PURPOSES = frozenset({"own_record", "mandate", "desk_case", "pension_estimate", "certificate", _BY_NUMBER})


def show(_answers: Answers, standing: Standing) -> Content:
    """Show which terminals keep the record and why, then who looked at it, newest first."""
    person = standing.record
    if person is None:
        return own_record.not_here(TITLE)
    blocks: list[Block] = [own_record.as_of(person), _held(person.held_by), _looks(person)]
    return Content(Said(TITLE), (*blocks, own_record.PRINT), Said("access.show.copies"))


def _held(offices: tuple[HeldBy, ...]) -> Block:
    if not offices:
        return Paragraph(Said("access.show.held_by_none"))
    columns = (Said("access.show.column.office"), Said("access.show.column.why"))
    rows = tuple(
        Row((office.name, Said(f"access.reason.{reason if reason in _REASONS else 'other'}")))
        for office in offices
        for reason in office.reasons
    )
    return Table(columns, rows, Said("access.show.held_by"))


def _looks(person: Person) -> Block:
    if not person.accesses:
        return Paragraph(Said("access.show.looked_none"))
    columns = tuple(Said(f"access.show.column.{name}") for name in ("when", "office", "who", "why"))
    rows = tuple(_look(line) for line in person.accesses)
    return Table(columns, rows, Said("access.show.looked"))


def _look(line: AccessLine) -> Row:
    role = line.role if line.role in _ROLES else "other"
    if line.purpose == _BY_NUMBER:
        role = "by_number"  # no card was shown: whoever it was knew the PIN
    purpose = line.purpose if line.purpose in _PURPOSES else "other"
    day = Said("own_record.day", {"day": line.at})
    return Row(
        (
            day,
            line.office or Said("access.show.no_office"),
            Said(f"access.role.{role}"),
            Said(f"access.purpose.{purpose}"),
        )
    )


SHOW = Service(
    id="access.show",
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA,),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_AND_PIN,
    channels=own_record.READ,
    offline=Offline.FROM_CACHE,
    kind=Kind.SHOW,
    content=show,
    icon="shield-check",
)
