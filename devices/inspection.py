"""A technician's look at any chip card: what it is, what it shows, whether its keys answer, and what cannot be done.

Rules:
- Tolerates everything: each thing that is missing is a line in `limits`, with its reason, never an end.
- Asks for no PIN unless told to; a last try is never used by accident.
- The verdict on the chain is the visit's own (`kiosk.wire.card_check.check_card`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography import x509

from devices.card_session import CHALLENGE_BYTES, public_key
from devices.profiles.piv import (
    APPLICATION_NAMES,
    CERTIFICATE_OBJECTS,
    CHUID,
    PIN_POLICY,
    Absent,
    NotPiv,
    PivCard,
    PublicKey,
    Selected,
    algorithm_name,
)
from devices.transport import Connected, FaultKind, TransportFault
from kiosk.domain.card import CardFault, PinAccepted, PinNeeded, Pulled, Signed
from kiosk.wire.card_check import check_card
from kiosk.wire.problem import Problem
from kiosk.wire.trust import Anchors, Distrusted, Revocations, load_certificate

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from devices.pin_pad import PinStrategy
    from devices.transport import Silence, Transport
    from kiosk.domain.card import PinOutcome

_ATTRIBUTE_NAMES = {x509.NameOID.SERIAL_NUMBER: "serialNumber"}
_CONSEQUENCES = {
    "9A": "the holder cannot ask for a record",
    "9C": "the holder cannot sign anything",
    "9D": "cached records cannot be opened with it",
    "9E": "it cannot be proved genuine before the PIN",
}


@dataclass(frozen=True, slots=True)
class CertificateReport:
    """One key's certificate; `trust` is "trusted", or why not, or "not judged" without a root."""

    slot: str
    subject: str
    issuer: str
    serial: str
    valid_from: str
    valid_until: str
    algorithm: str
    trust: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What the visit would say of the certificates; `verdict` "accepted", a refusal, or "not judged"."""

    verdict: str
    detail: str
    number: str = ""
    role: str = ""
    revocation_age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class ChallengeReport:
    """A random challenge signed by a key, and whether the signature fits its certificate."""

    slot: str
    verified: bool
    detail: str


@dataclass(slots=True)
class CardReport:
    """Everything found; grows while the card is looked at."""

    reader: str
    atr: str = ""
    protocol: str = ""
    profile: str | None = None
    application_id: str = ""
    selected_by: str = ""
    chuid: bool = False
    certificates: list[CertificateReport] = field(default_factory=list)
    chain: ChainReport | None = None
    pin_tries_left: int | None = None
    pin: str = ""
    holder: str = ""
    challenges: list[ChallengeReport] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CardUnreadable:
    """The look ended early; `what` and `remedy` for the technician. `card` tells whether it is the card's fault."""

    what: str
    remedy: str
    card: bool


@dataclass(frozen=True, slots=True)
class Trust:
    """Against what certificates are judged; `anchors` None: not at all."""

    anchors: Anchors | None
    revocations: Revocations | None
    at: datetime


class Inspection:
    """One look at one card; `report` is what was found so far."""

    def __init__(self, transport: Transport, token: Callable[[int], bytes], trust: Trust) -> None:
        self.report = CardReport(transport.reader)
        self._transport = transport
        self._token = token
        self._trust = trust
        self._card = PivCard(transport)
        self._keys: dict[str, PublicKey] = {}

    def look(self) -> CardUnreadable | None:
        """Do everything that needs no PIN; None when the card could be looked at."""
        connected = self._transport.connect()
        if not isinstance(connected, Connected):
            return _unreadable(connected)
        self.report.atr, self.report.protocol = connected.atr.hex().upper(), connected.protocol.name
        selected = self._card.select()
        match selected:
            case Selected():
                return self._look_at_piv(selected)
            case NotPiv():
                names = ", ".join(name.hex().upper() for name in APPLICATION_NAMES)
                self.report.limits.append(
                    f"no PIV application ({names}: status word {selected.sw:04X}): unknown profile"
                )
                return None
            case _:
                return _unreadable(selected)

    def _look_at_piv(self, selected: Selected) -> CardUnreadable | None:
        report = self.report
        report.profile = "PIV"
        report.application_id = selected.application_id.hex().upper()
        report.selected_by = selected.asked_by.hex().upper()
        chuid = self._card.read_object(CHUID)
        if isinstance(chuid, Pulled | TransportFault):
            return _unreadable(chuid)
        report.chuid = isinstance(chuid, bytes)
        if isinstance(chuid, Absent):
            report.limits.append(f"no CHUID ({chuid.reason}): the card has no identifier of its own")
        found: dict[str, bytes] = {}
        for slot in CERTIFICATE_OBJECTS:
            certificate = self._card.read_certificate(slot)
            if isinstance(certificate, Pulled | TransportFault):
                return _unreadable(certificate)
            if isinstance(certificate, Absent):
                report.limits.append(f"no {slot} ({certificate.reason}): {_CONSEQUENCES[slot]}")
            else:
                found[slot] = certificate
        if not found and not report.chuid and not selected.application_id:
            return _unreadable(TransportFault(FaultKind.MUTE, "SELECT is answered, nothing else makes sense"))
        self._judge(found)
        return self._count_tries() or (self._challenge("9E") if "9E" in self._keys else None)

    def _judge(self, found: dict[str, bytes]) -> None:
        trust, report = self._trust, self.report
        report.chain = ChainReport("not judged", "no root certificate was given")
        slots: dict[str, str] = {}
        if trust.anchors is not None:
            verdict = check_card(found, trust.anchors, trust.revocations, trust.at)
            slots = {
                slot: f"{one.reason.value}: {one.detail}" if isinstance(one, Distrusted) else "trusted"
                for slot, one in verdict.slots.items()
            }
            age = verdict.revocation_age
            report.chain = ChainReport(
                verdict.refusal.value if verdict.refusal else "accepted",
                verdict.detail,
                verdict.number,
                verdict.role.value if verdict.role else "",
                None if age is None else int(age.total_seconds()),
            )
            if age is None:
                report.limits.append("no revocation data: whether the card is revoked is not known")
        for slot, der in found.items():
            self._describe(slot, der, slots.get(slot, "not judged"))

    def _describe(self, slot: str, der: bytes, trust: str) -> None:
        certificate, key = load_certificate(der), public_key(der)
        if isinstance(certificate, Problem) or key is None:
            self.report.limits.append(f"{slot}: the certificate cannot be read: {_CONSEQUENCES[slot]}")
            return
        self._keys[slot] = key
        self.report.certificates.append(
            CertificateReport(
                slot,
                certificate.subject.rfc4514_string(_ATTRIBUTE_NAMES),
                certificate.issuer.rfc4514_string(_ATTRIBUTE_NAMES),
                f"{certificate.serial_number:X}",
                certificate.not_valid_before_utc.isoformat(),
                certificate.not_valid_after_utc.isoformat(),
                algorithm_name(key),
                trust,
            )
        )

    def _count_tries(self) -> CardUnreadable | None:
        tries = self._card.pin_tries()
        if isinstance(tries, Pulled | TransportFault):
            return _unreadable(tries)
        if isinstance(tries, Absent):
            self.report.limits.append(f"the card does not tell its PIN tries ({tries.reason})")
        elif tries is None:
            self.report.pin = "shown before by another program"
        else:
            self.report.pin_tries_left = tries
        return None

    def _challenge(self, slot: str) -> CardUnreadable | None:
        outcome = self._card.sign(slot, self._keys[slot], self._token(CHALLENGE_BYTES))
        match outcome:
            case Signed():
                self.report.challenges.append(ChallengeReport(slot, verified=True, detail="the signature fits"))
            case PinNeeded():
                self.report.challenges.append(ChallengeReport(slot, verified=False, detail="the card asks for the PIN"))
            case CardFault():
                self.report.challenges.append(ChallengeReport(slot, verified=False, detail=outcome.detail))
            case _:
                return _unreadable(outcome)
        return None

    def authenticate(self, pin: PinStrategy, seconds: int) -> PinOutcome | CardUnreadable:
        """Ask for the PIN, then let 9A sign a challenge and read the holder's name; `look` came before."""
        outcome = pin.verify(PIN_POLICY, seconds, lambda digits: None)  # noqa: ARG005 - nothing shows them here
        self.report.pin = "accepted" if isinstance(outcome, PinAccepted) else "not accepted"
        if not isinstance(outcome, PinAccepted):
            return outcome
        if "9A" not in self._keys:
            self.report.limits.append("no 9A key: the PIN was accepted, but nothing can be signed to show it")
        elif (ended := self._challenge("9A")) is not None:
            return ended
        holder = self._card.read_holder()
        if isinstance(holder, str):
            self.report.holder = holder
        elif isinstance(holder, Absent):
            self.report.limits.append(f"no printed information ({holder.reason}): the holder's name is not known")
        else:
            return _unreadable(holder)
        return outcome

    def probe_signature(self) -> CardUnreadable | None:
        """Find out whether 9C signs without a fresh PIN (another command came since the PIN)."""
        if "9C" not in self._keys:
            return None
        ended = self._challenge("9C")
        if ended is None and self.report.challenges[-1].verified:
            self.report.limits.append("9C signs without a fresh PIN: the terminal asks for it all the same")
        return ended


def _unreadable(silence: Silence) -> CardUnreadable:
    if isinstance(silence, Pulled):
        return CardUnreadable(
            "There is no card in the reader, or it was pulled.", "Insert the card and leave it in.", card=False
        )
    match silence.kind:
        case FaultKind.SERVICE_GONE:
            return CardUnreadable(f"pcscd does not answer ({silence.detail}).", "Start pcscd.", card=False)
        case FaultKind.READER_GONE:
            return CardUnreadable(f"The reader is not there ({silence.detail}).", "Connect it.", card=False)
        case FaultKind.BUSY:
            return CardUnreadable(
                f"Another program holds the card ({silence.detail}).", "End the visit or that program.", card=False
            )
        case _:
            return CardUnreadable(
                f"The card does not answer as a card does ({silence.detail}).",
                "Clean its contacts, turn it over, or replace it.",
                card=True,
            )
