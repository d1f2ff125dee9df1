"""The PIN of a card, whoever's: asked for, set anew, unblocked with a PUK that an officer's card is given; staff let in.

Rules:
- Digits go from the pad to the card; here is only how many, and what the card said.
- That a PIN was set is told the back office whatever becomes of the visit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import structlog

from kiosk.application import submit, unblock
from kiosk.application.acting import append_sealed
from kiosk.application.opening import visitor_of
from kiosk.application.visit_ports import ANSWER_WAIT_SECONDS, VisitPorts
from kiosk.domain.card import Genuine, PadFailed, PinAccepted, Role
from kiosk.domain.session import events as ev
from kiosk.domain.session.states import AwaitingNewPin, Session

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.application.ports import CardPort
    from kiosk.domain.session import effects as do

log = structlog.get_logger("visit")


class AtThePad:
    """Works with the pads of the visitor's reader and of the staff's."""

    def __init__(self, ports: VisitPorts) -> None:
        self._ports = ports

    def ask_pin(self, seconds: int) -> None:
        """Let the visitor's pad ask and the card check."""
        ports = self._ports

        def job() -> None:
            outcome = ports.card.verify_pin(seconds, lambda digits: ports.post(ev.PinDigitsCounted(digits)))
            ports.post(ev.PinChecked(outcome))

        ports.on_card(job)

    def set_pin(self, session: Session, seconds: int, puk: bytes = b"") -> None:
        """Let the pad ask for the old PIN and twice for the new one; with a PUK only for the new one."""
        ports, visitor = self._ports, visitor_of(session)

        def job() -> None:
            outcome = ports.card.set_pin(seconds, lambda digits: ports.post(ev.PinDigitsCounted(digits)), puk=puk)
            if isinstance(outcome, PinAccepted) and visitor is not None:  # told on whatever becomes of the visit
                self._tell_pin_set(visitor.card.number, "unblocked" if puk else "changed")
            ports.post(ev.PinWasSet(outcome))

        ports.on_card(job)

    def _tell_pin_set(self, card: str, how: Literal["changed", "unblocked"]) -> None:
        ports, id_ = self._ports, self._ports.ids.new()
        sealed = submit.seal_pin_set(card, how, ports.trust, ports.place, id_=id_, at=ports.clock.now())
        if isinstance(sealed, submit.NotSigned):
            log.warning("pin_not_told", problem=sealed.detail.split(":")[0])
            return
        ports.secrets.untold.add(id_)
        append_sealed(ports, id_, sealed)

    # --- with an officer --------------------------------------------------------------------------

    def ask_for_puk(self, wanted: do.UnblockPin) -> None:
        """Let the officer's card ask the back office for the PUK of the visitor's."""
        ports = self._ports

        def job(staff: CardPort) -> None:
            id_ = ports.ids.new()
            sealed = unblock.ask_for_puk(
                staff, wanted.officer, wanted.card, ports.secrets, ports.trust, ports.place, id_=id_,
                at=ports.clock.now(),
            )  # fmt: skip
            if sealed is None:
                ports.post(ev.PinWasSet(PadFailed("the staff card did not ask for the PUK")))
            else:
                ports.agent.ask(id_, sealed, wait_seconds=ANSWER_WAIT_SECONDS)

        ports.with_staff(job)

    def puk_answered(self, session: Session, id_: str, sealed: bytes, at: datetime) -> None:
        """Take the PUK, if the page that waits for it is still there."""
        puk = unblock.read_puk(sealed, id_, self._ports.secrets, self._ports.trust, at)
        if puk and isinstance(session.phase, AwaitingNewPin):
            self.set_pin(session, 2 * int(session.limits.pin_seconds), puk)
        else:
            self._ports.post(ev.PinWasSet(PadFailed("no PUK for this officer")))

    def puk_unanswered(self) -> None:
        """Take it that nobody answered."""
        self._ports.post(ev.PinWasSet(PadFailed("no answer about the PUK")))

    def admit(self, seconds: int) -> None:
        """Let an officer in; the last try of a PIN is never used here, where anybody may type on the pad."""
        ports = self._ports

        def job(card: CardPort) -> None:
            found = card.examine(ports.trust.anchors.pem(), ports.trust.revocations, ports.clock.now())
            tries = found.identity.pin_tries_left if isinstance(found, Genuine) else 0
            if isinstance(found, Genuine) and found.identity.role is Role.STAFF and tries != 1:
                outcome = card.verify_pin(seconds, lambda _digits: None)
                if isinstance(outcome, PinAccepted):
                    ports.post(ev.StaffJoined(found.identity.number))
                    return
            card.finish()
            ports.post(ev.StaffNotJoined())

        ports.with_staff(job)

    def let_staff_go(self) -> None:
        """Reset the staff card: no PIN state survives."""
        if self._ports.staff is not None:
            self._ports.staff.card.cancel_pin()
            self._ports.with_staff(lambda card: card.finish())
