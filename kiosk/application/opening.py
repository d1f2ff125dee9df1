"""How the holder's record comes onto the screen: asked of the back office, or lent by the terminal that keeps it.

Rules:
- Without the line an access entry is durable before the kept record is asked for.
- Nothing is shown that the visit has not verified itself; what is missing is said with the card's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from kiosk.application import cached_record, open_record
from kiosk.application.visit_ports import ANSWER_WAIT_SECONDS, VisitPorts, code_of
from kiosk.domain.offline_limits import record_is_closed
from kiosk.domain.session import events as ev
from kiosk.domain.session.states import Line, Person, RecordAbsence, Session, Visitor
from kiosk.wire.access import KIND as ACCESS

if TYPE_CHECKING:
    from datetime import datetime

log = structlog.get_logger("visit")


def visitor_of(session: Session) -> Visitor | None:
    """Who is here, if the phase knows."""
    phase = session.phase
    holder = getattr(phase, "checked", phase)
    visitor = getattr(holder, "visitor", None)
    return visitor if isinstance(visitor, Visitor) else None


class Opening:
    """Opens the record of the card's holder, or of the person for whom the holder acts."""

    def __init__(self, ports: VisitPorts) -> None:
        self._ports, self._secrets = ports, ports.secrets

    def open(self, session: Session, person: str = "") -> None:
        """Ask for the record; without the line it may be kept here, the own one or that of `person`."""
        number = _number(session)
        online, language = session.environment.line is Line.ONLINE, session.comfort.language
        stale = _is_closed(session)

        def job() -> None:
            if online:
                self._ask(number, person, language)
            else:
                self._read_holder()
                self._open_cached(number, person, stale=stale)

        self._ports.on_card(job)

    def _ask(self, number: str, person: str, language: str) -> None:
        ports, id_ = self._ports, self._ports.ids.new()
        sealed = open_record.ask_for_record(
            ports.card, number, ports.secrets, ports.trust, ports.place, id_=id_, at=ports.clock.now(), person=person,
            language=language,
        )  # fmt: skip
        if isinstance(sealed, bytes):
            ports.agent.ask(id_, sealed, wait_seconds=ANSWER_WAIT_SECONDS)
        self._read_holder()  # while the question is on its way
        if not isinstance(sealed, bytes):
            log.warning("record_not_asked", problem=code_of(sealed))
            self._absent(RecordAbsence.UNTRUSTED)

    def _read_holder(self) -> None:
        self._secrets.holder_name = self._secrets.holder_name or self._ports.card.read_holder() or ""

    def _absent(self, why: RecordAbsence) -> None:
        self._ports.post(ev.RecordAbsent(why, self._secrets.holder_name))

    # --- asked of the back office -----------------------------------------------------------------

    def answered(self, id_: str, sealed: bytes, at: datetime) -> None:
        """Take the back office's answer."""
        ports = self._ports
        found = open_record.read_record(sealed, id_, ports.secrets, ports.trust, at)
        if isinstance(found, Person):
            ports.post(ev.RecordOpened(found))
        else:  # behind the card's name, which is still being read
            ports.on_card(lambda: ports.post(self._event(found)))

    def unanswered(self, session: Session, reason: str) -> None:
        """Take it that no answer came: refused, or the line failed meanwhile and the kept record is opened."""
        number, person, stale = _number(session), _acting_for(session), _is_closed(session)
        if reason == "refused":
            self._ports.on_card(lambda: self._absent(RecordAbsence.REFUSED))
        else:
            self._ports.on_card(lambda: self._open_cached(number, person, stale=stale))

    # --- kept by this terminal --------------------------------------------------------------------

    def _open_cached(self, number: str, person: str, *, stale: bool) -> None:
        """On the card's thread: without the line, make the access line durable, and ask for the record then."""
        if stale:
            self._absent(RecordAbsence.STALE)
            return
        ports, id_ = self._ports, self._ports.ids.new()
        entry = cached_record.write_access(
            ports.card, number, ports.trust, ports.place, id_=id_, at=ports.clock.now(), person=person
        )
        if isinstance(entry, RecordAbsence):
            self._absent(entry)
        elif isinstance(entry, cached_record.AccessEntry):
            self._secrets.accesses[id_] = entry.lookup
            ports.agent.append(
                id_, entry.body, kind=ACCESS, schema=cached_record.SCHEMA, sealing_key_id=entry.sealing_key_id,
                service="record.open",
            )  # fmt: skip
        else:
            log.warning("access_not_written", problem=code_of(entry))
            self._absent(RecordAbsence.OFFLINE)

    def access_refused(self) -> None:
        """Take it that the access entry could not be written; without it no record is shown."""
        self._absent(RecordAbsence.REFUSED)

    def lent(self, session: Session, sealed: bytes, version: int, synced_at: str) -> None:
        """Take the sealed record that the agent keeps; the card opens it, on its own thread."""
        ports, number, person = self._ports, _number(session), _acting_for(session)

        def job() -> None:
            found = cached_record.read_cached(
                ports.card, sealed, version=version, synced_at=synced_at, trust=ports.trust, at=ports.clock.now()
            )
            if isinstance(found, Person) and not cached_record.is_wanted(found, number, person):
                self._absent(RecordAbsence.NOT_CACHED)
                return
            ports.post(self._event(found))

        ports.on_card(job)

    def not_lent(self, reason: str) -> None:
        """Take it that this terminal does not hold the record, and why."""
        self._absent(RecordAbsence(reason))

    def _event(self, found: object) -> ev.Event:
        name = self._secrets.holder_name
        if isinstance(found, Person):
            return ev.RecordOpened(found)
        if isinstance(found, str):
            known = {"not_on_file": RecordAbsence.NOT_ON_FILE}
            return ev.RecordAbsent(known.get(found, RecordAbsence.REFUSED), name)
        log.warning("record_not_believed", problem=code_of(found))
        return ev.RecordAbsent(RecordAbsence.UNTRUSTED, name)


def _number(session: Session) -> str:
    visitor = visitor_of(session)
    return visitor.card.number if visitor else ""


def _acting_for(session: Session) -> str:
    """The number of the person whose record is wanted instead of the holder's own."""
    visitor = visitor_of(session)
    return visitor.mandate.person if visitor and visitor.mandate else ""


def _is_closed(session: Session) -> bool:
    return record_is_closed(session.offline_limits, session.environment.revocation_age_seconds)
