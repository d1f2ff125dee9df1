"""One visitor's card from insertion to the end of the visit: proved genuine, PIN shown, questions and acts signed.

Rules:
- Synchronous; every call runs on the card thread, `cancel_pin` alone on any.
- Whatever the card, the pad or the reader do, each call returns one of its outcomes; nothing raises.
- A card is examined before anything is asked of its holder: certificates to the root, one number and role in all of them,
  then 9E answers a random challenge. Nothing of the holder is read before the PIN was shown in this session.
- "PIN always" for 9C is ours to keep: without a PIN shown right before, `sign` does not even ask the card
  (some cards would sign).
- `finish` resets the card, so that no PIN state outlives the visit.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from devices.pin_pad import Part10Pad
from devices.profiles.piv import CERTIFICATE_OBJECTS, PIN_POLICY, Absent, NotPiv, PivCard, PublicKey, Selected
from devices.transport import Connected, FaultKind, TransportFault
from kiosk.domain.card import (
    AgreeOutcome,
    CardExamined,
    CardFault,
    CardIdentity,
    CardRefusal,
    Genuine,
    PadFailed,
    PinAccepted,
    PinBlocked,
    PinNeeded,
    PinOutcome,
    PinSetOutcome,
    PinWrong,
    Pulled,
    RefusedCard,
    Role,
    Signed,
    SignOutcome,
)
from kiosk.wire.card_check import check_card
from kiosk.wire.problem import Problem
from kiosk.wire.trust import Anchors, Revocations, Trusted, load_certificate

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from devices.pin_pad import PinStrategy
    from devices.transport import Silence, Transport

CHALLENGE_BYTES = 32

VISITOR_ROLES = frozenset({Role.INSURED, Role.EMPLOYER})
STAFF_ROLES = frozenset({Role.STAFF, Role.TECHNICIAN})

_SLOTS_TO_READ = ("9E", "9A", "9C", "9D")
_ENDS_LIKE_PULLED = (FaultKind.READER_GONE, FaultKind.SERVICE_GONE, FaultKind.NOT_CONNECTED)


class CardSession:
    """One card in one slot. `token` gives random bytes, `roles` whose cards this slot takes."""

    def __init__(
        self,
        transport: Transport,
        token: Callable[[int], bytes],
        *,
        roles: frozenset[Role] = VISITOR_ROLES,
        pin: PinStrategy | None = None,
    ) -> None:
        self._transport = transport
        self._token = token
        self._roles = roles
        self._pin = pin or Part10Pad(transport)
        self._card = PivCard(transport)
        self._forget()

    def _forget(self) -> None:
        self._certificates: dict[str, bytes] = {}
        self._keys: dict[str, PublicKey] = {}
        self._pin_shown = False
        self._pin_fresh = False
        self.detail = ""
        """Why the last call came out as it did, one line for the technician."""

    # --- is it one of ours -------------------------------------------------------------------------

    def examine(  # noqa: PLR0911 - each return is one step of the examination that ended it
        self, anchors_pem: bytes, revocations: Revocations | None, at: datetime
    ) -> CardExamined:
        """Connect and prove the card genuine at `at` (aware UTC); `anchors_pem` is the root, then its issuers."""
        self._forget()
        anchors = read_anchors(anchors_pem)
        if isinstance(anchors, Problem):
            return self._refused(CardRefusal.UNKNOWN_ISSUER, f"the terminal's trust anchors: {anchors}")
        stopped = self._begin()
        if stopped:
            return stopped
        verdict = check_card(self._certificates, anchors, revocations, at)
        if verdict.refusal is not None:
            return self._refused(verdict.refusal, verdict.detail)
        trusted = {slot: found for slot, found in verdict.slots.items() if isinstance(found, Trusted)}
        self._keys = {slot: found.public_key for slot, found in trusted.items()}
        unproved = self._prove()
        if unproved:
            return unproved
        if verdict.role is None or verdict.role not in self._roles:
            return self._refused(CardRefusal.WRONG_ROLE, "a card of another role than this slot takes")
        tries = self._tries()
        if isinstance(tries, Pulled | RefusedCard):
            return tries
        return Genuine(CardIdentity(verdict.number, verdict.role, tries, signs="9C" in trusted, agrees=_is_p256(self._keys.get("9D"))))

    def _begin(self) -> RefusedCard | Pulled | None:
        connected = self._transport.connect()
        if not isinstance(connected, Connected):
            return self._unanswered(connected)
        selected = self._card.select()
        match selected:
            case Selected():
                return self._read_certificates(selected)
            case NotPiv():
                return self._refused(CardRefusal.UNSUPPORTED, f"no PIV application (status word {selected.sw:04X})")
            case _:
                return self._unanswered(selected)

    def _read_certificates(self, selected: Selected) -> RefusedCard | Pulled | None:
        for slot in _SLOTS_TO_READ:
            certificate = self._card.read_certificate(slot)
            if isinstance(certificate, bytes):
                self._certificates[slot] = certificate
            elif not isinstance(certificate, Absent):
                return self._unanswered(certificate)
        if not self._certificates and not selected.application_id:
            return self._refused(CardRefusal.MUTE, "the card says yes to SELECT, and nothing else of it makes sense")
        return None

    def _prove(self) -> RefusedCard | Pulled | None:
        """Let 9E answer a challenge that nobody could have foreseen."""
        outcome = self._card.sign("9E", self._keys["9E"], self._token(CHALLENGE_BYTES))
        match outcome:
            case Signed():
                return None
            case PinNeeded():
                return self._refused(CardRefusal.NOT_GENUINE, "9E asks for a PIN")
            case CardFault():
                return self._refused(CardRefusal.NOT_GENUINE, outcome.detail)
            case _:
                return self._unanswered(outcome)

    def _tries(self) -> int | RefusedCard | Pulled | None:
        """Ask for the tries left; a PIN that somebody left shown is forgotten first."""
        tries = self._card.pin_tries()
        if tries is None:
            again = self._transport.reset()
            selected = self._card.select() if isinstance(again, Connected) else again
            if isinstance(selected, Pulled | TransportFault):
                return self._unanswered(selected)
            tries = self._card.pin_tries()
        if isinstance(tries, Absent):
            return None
        return self._unanswered(tries) if isinstance(tries, Pulled | TransportFault) else tries

    # --- the PIN -----------------------------------------------------------------------------------

    def verify_pin(self, seconds: int, on_digits: Callable[[int], None] | None = None) -> PinOutcome:
        """Let the pad ask for the PIN, at most `seconds`; blocks. `on_digits` only when the pad tells (this thread)."""
        self._pin_fresh = False
        self.certificate("9C")  # read now, if it was not: between the PIN and the signature it would cost the freshness
        outcome = self._pin.verify(PIN_POLICY, seconds, on_digits or _ignore)
        if isinstance(outcome, PinAccepted):
            self._pin_shown = self._pin_fresh = True
        elif isinstance(outcome, PadFailed):
            self.detail = outcome.detail
        return outcome

    def set_pin(
        self, seconds: int, on_digits: Callable[[int], None] | None = None, *, puk: bytes = b""
    ) -> PinSetOutcome:
        """Let the pad ask for the old PIN and twice for the new one; with a PUK only for the new one. Blocks."""
        self._pin_fresh = False
        outcome = self._pin.set(PIN_POLICY, seconds, on_digits or _ignore, puk=puk)
        match outcome:
            case PinWrong() | PinBlocked():
                self._pin_shown = False
            case PadFailed(detail):
                self.detail = detail
            case _:
                pass
        return outcome

    def cancel_pin(self) -> None:
        """End the PIN entry that is on, or else the next one; a pad that blocks goes on until its own time-out."""
        self._pin.cancel()

    def read_holder(self) -> str | None:
        """Give the holder's name from the printed information; None before the PIN, or when the card has none."""
        if not self._pin_shown:
            return None
        self._pin_fresh = False
        holder = self._card.read_holder()
        if isinstance(holder, str):
            return holder
        self._note(holder)
        return None

    # --- what the keys do --------------------------------------------------------------------------

    def certificate(self, slot: str) -> bytes | None:
        """Give the certificate of a slot (DER), as it was read at the examination; None when the card has none."""
        if slot not in self._certificates and slot in CERTIFICATE_OBJECTS:
            self._pin_fresh = False
            certificate = self._card.read_certificate(slot)
            if not isinstance(certificate, bytes):
                self._note(certificate)
                return None
            self._certificates[slot] = certificate
        return self._certificates.get(slot)

    def sign(self, slot: str, message: bytes) -> SignOutcome:
        """Sign by 9A (after the PIN) or 9C (right after the PIN), in the form of RFC 7518; the signature is checked."""
        fresh, self._pin_fresh = self._pin_fresh, False
        if slot == "9C" and not fresh:
            return PinNeeded()
        key = self._key(slot)
        if key is None:
            return self._fault(CardFault(f"{slot}: no certificate with a key that can be used"))
        outcome = self._card.sign(slot, key, message)
        if isinstance(outcome, CardFault):
            return self._fault(outcome)
        return self._as_fault(outcome) if isinstance(outcome, TransportFault) else outcome

    def agree(self, public_point: bytes) -> AgreeOutcome:
        """Agree on a secret with the owner of an uncompressed P-256 point by 9D (after the PIN)."""
        self._pin_fresh = False
        key = self._key("9D")
        if key is None:
            return self._fault(CardFault("9D: no certificate with a key that can be used"))
        outcome = self._card.agree(key, public_point)
        if isinstance(outcome, CardFault):
            return self._fault(outcome)
        return self._as_fault(outcome) if isinstance(outcome, TransportFault) else outcome

    def finish(self) -> None:
        """Reset the card and let it go; the session can examine another one afterwards."""
        self._transport.disconnect()
        self._forget()

    def _key(self, slot: str) -> PublicKey | None:
        if slot not in self._keys:
            der = self.certificate(slot)
            key = None if der is None else public_key(der)
            if key is None:
                return None
            self._keys[slot] = key
        return self._keys[slot]

    # --- how failures are told -----------------------------------------------------------------------

    def _refused(self, reason: CardRefusal, detail: str) -> RefusedCard:
        self.detail = detail
        return RefusedCard(reason)

    def _unanswered(self, silence: Silence) -> RefusedCard | Pulled:
        """Say that the card left (a reader or pcscd that went away took it along), or that it does not answer."""
        if isinstance(silence, Pulled):
            return silence
        self.detail = silence.detail
        return Pulled() if silence.kind in _ENDS_LIKE_PULLED else RefusedCard(CardRefusal.MUTE)

    def _as_fault(self, fault: TransportFault) -> CardFault:
        return self._fault(CardFault(fault.detail))

    def _fault(self, fault: CardFault) -> CardFault:
        self.detail = fault.detail
        return fault

    def _note(self, why: Absent | Silence) -> None:
        match why:
            case Absent():
                self.detail = why.reason
            case TransportFault():
                self.detail = why.detail
            case Pulled():
                self.detail = "the card was pulled"


@functools.lru_cache(maxsize=2)
def read_anchors(pem: bytes) -> Anchors | Problem:
    """Read trust anchors; they are the same from card to card, and reading them takes half a millisecond."""
    return Anchors.from_pem(pem)


def public_key(der: bytes) -> PublicKey | None:
    """Give the key in a certificate, if it is of a kind that cards use; None for anything else, never an exception."""
    certificate = load_certificate(der)
    if isinstance(certificate, Problem):
        return None
    try:
        key = certificate.public_key()
    except Exception:  # noqa: BLE001 - a hostile key may fail in any way of the library
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey) else None


def _is_p256(key: PublicKey | None) -> bool:
    """Tell whether records can be sealed to this key."""
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


def _ignore(digits: int) -> None:
    """Do nothing with a digit count."""
    del digits
