"""Number and PIN without a card: the pad seals the PIN for one question, which the back office alone can open.

Rules:
- Which question it is (its id, this terminal, the number, the visit's key) is in the seal; the answer is sealed to the visit.
- The certificate that the pad seals to comes with the reference data; that it is the back office's, the pad checks itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from kiosk.application.visit_ports import ANSWER_WAIT_SECONDS, VisitPorts, code_of
from kiosk.domain.number_pin import NotOpened, Opened, PadEnded, PadEnding, SealedPin, Word
from kiosk.domain.session import events as ev
from kiosk.domain.session.states import Person
from kiosk.wire.encrypted_pin import PIN_KEY, binding
from kiosk.wire.envelope import seal
from kiosk.wire.person_record import person_of
from kiosk.wire.question import Question, open_answer, unsigned_question
from kiosk.wire.timestamps import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.application.ports import EncryptingPadPort
    from kiosk.domain.number_pin import NumberOutcome
    from kiosk.domain.session import effects as do

log = structlog.get_logger("visit")
KIND = "number_record"
_FIRST, _CHOOSING = ("pin",), ("pin", "new", "repeat")


class ByNumber:
    """Works with the encrypting pad, where this terminal has one."""

    def __init__(self, ports: VisitPorts, pad: EncryptingPadPort | None) -> None:
        self._ports, self._pad = ports, pad

    def cancel(self) -> None:
        """End an entry that is on; the pad forgets what was typed."""
        if self._pad is not None:
            self._pad.cancel()

    def open(self, wanted: do.OpenByNumber) -> None:
        """Let the pad ask, then the back office."""
        ports, pad = self._ports, self._pad
        certificate = ports.trust.bundle.configuration.get(PIN_KEY) if ports.trust.bundle else None

        def job() -> None:
            key, id_ = ports.trust.sealing_key(ports.clock.now()), ports.ids.new()
            if pad is None or key is None or not isinstance(certificate, str):
                ports.post(ev.NumberAnswered(PadEnded(PadEnding.FAULT)))
                return
            jwk = ports.secrets.answer_key.jwk
            outcome = pad.read_encrypted(
                certificate, binding(id_, ports.place.terminal, wanted.number, jwk),
                _CHOOSING if wanted.choosing else _FIRST, wanted.seconds,
                lambda digits: ports.post(ev.PinDigitsCounted(digits)),
            )  # fmt: skip
            if not isinstance(outcome, SealedPin):
                ports.post(ev.NumberAnswered(outcome))
                return
            question = Question(
                id=id_, kind=KIND, terminal=ports.place.terminal, office=ports.place.office, at=timestamp(ports.clock.now()),
                answer_key=jwk, parameters={"number": wanted.number, "pin": outcome.sealed},
            )  # fmt: skip
            ports.secrets.questions[id_] = (KIND, "")
            ports.post(ev.NumberPinSealed())
            ports.agent.ask(id_, seal(unsigned_question(question), key.certificate), wait_seconds=ANSWER_WAIT_SECONDS)

        ports.on_card(job)  # the thread that owns the secrets; no card is asked for a PIN meanwhile

    def answered(self, id_: str, sealed: bytes, at: datetime) -> None:
        """Take the back office's answer."""
        body = open_answer(sealed, self._ports.secrets.answer_key, id_, KIND, self._ports.trust.anchors, at)
        outcome = _read(body)
        if isinstance(outcome, Opened) and isinstance(body, dict):
            self._ports.secrets.number_pass = str(body.get("pass", ""))
        self._ports.post(ev.NumberAnswered(outcome))

    def unanswered(self, reason: str) -> None:
        """Take it that no answer came."""
        self._ports.post(ev.NumberAnswered(NotOpened(Word.REFUSED if reason == "refused" else Word.OFFLINE)))


def _read(body: object) -> NumberOutcome:
    if not isinstance(body, dict):
        log.warning("number_not_believed", problem=code_of(body))
        return NotOpened(Word.REFUSED)
    record = body.get("record")
    if isinstance(record, dict):
        person = person_of(record)
        if isinstance(person, Person):
            return Opened(person)
        log.warning("number_not_believed", problem=code_of(person))
        return NotOpened(Word.REFUSED)
    known = {word.value: word for word in Word}
    minutes = str(body.get("minutes", ""))
    return NotOpened(known.get(str(body.get("outcome", "")), Word.REFUSED), int(minutes) if minutes.isdecimal() else 0)
