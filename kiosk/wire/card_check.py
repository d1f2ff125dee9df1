"""What the certificates of a card say together: a card of this scheme, valid now, or why not.

Rules:
- Pure, as `trust` is: what the card showed comes as bytes, the time as a parameter.
- A card shows up to four certificates, and all must state one number and one role; the gravest fault is the verdict.
- Whether the card holds the keys is asked with a challenge, elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography import x509

from kiosk.domain.card import ROLE_POLICIES, CardRefusal
from kiosk.wire.certificates import UNREADABLE, attribute, common_name, load_certificate, policies
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.trust import Distrusted, DistrustReason, Trusted, Usage, verify_chain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from kiosk.domain.card import Role
    from kiosk.wire.trust import Anchors, Revocations

CARD_NUMBER_DIGITS = 10


@dataclass(frozen=True, slots=True)
class CardCertificate:
    """What the certificate of a card says about it; the slot does not matter."""

    number: str
    role: Role
    serial: int
    not_after: datetime


def card_certificate(leaf: x509.Certificate) -> CardCertificate | Problem:
    """Read the number and the role that the certificate of a card of the scheme states; trust is asked apart.

    The number is CN and serialNumber of the subject, the role one policy of `kiosk.domain.card.ROLE_POLICIES`.
    """
    try:
        number = common_name(leaf)
        if not (number.isascii() and number.isdigit() and len(number) == CARD_NUMBER_DIGITS):
            return Problem(ProblemCode.MALFORMED, "the subject is no card number of ten digits")
        if attribute(leaf, x509.NameOID.SERIAL_NUMBER) != number:
            return Problem(ProblemCode.MISMATCH, "CN and serialNumber of the subject differ")
        roles = [ROLE_POLICIES[policy] for policy in policies(leaf) if policy in ROLE_POLICIES]
        if len(roles) != 1:
            return Problem(ProblemCode.MALFORMED, f"the certificate names {len(roles)} roles, not one")
        return CardCertificate(number, roles[0], leaf.serial_number, leaf.not_valid_after_utc)
    except UNREADABLE as error:
        return Problem(ProblemCode.MALFORMED, f"the card's certificate: {type(error).__name__}")


@dataclass(frozen=True, slots=True)
class CardVerdict:
    """What the certificates of a card say; whether the card holds their keys is asked with a challenge.

    `refusal` is None for a card of this scheme whose certificates are valid now and not revoked. `slots` holds the
    finding for each slot that was shown, `revocation_age` how old the revocation data were (None: there were none).
    """

    refusal: CardRefusal | None
    detail: str
    number: str
    role: Role | None
    revocation_age: timedelta | None
    slots: Mapping[str, Trusted | Distrusted] = field(default_factory=dict)


def check_card(
    certificates: Mapping[str, bytes], anchors: Anchors, revocations: Revocations | None, at: datetime
) -> CardVerdict:
    """Judge the certificates of a PIV card, ours or foreign: DER by slot ("9A", "9C", "9D", "9E"), as many as there are.

    A card of the scheme shows 9E and states one number and one role in all slots; a chain that ends elsewhere is
    `UNKNOWN_ISSUER` and its number is never told. Without revocation data nothing counts as revoked: the caller
    decides by `revocation_age` what that closes.
    """
    found = {
        usage.value: _slot(certificates[usage.value], usage, anchors, at)
        for usage in _SLOTS
        if usage.value in certificates
    }
    age = None if revocations is None else revocations.age(at)
    distrusted = {slot: one for slot, one in found.items() if isinstance(one, Distrusted)}
    if not found:
        return CardVerdict(CardRefusal.UNSUPPORTED, "the card shows no certificate", "", None, age)
    for reason, refusal in _REFUSALS.items():
        for slot, one in distrusted.items():
            if one.reason is reason:
                return CardVerdict(refusal, f"{slot}: {one.detail}", "", None, age, found)
    trusted = {slot: one for slot, one in found.items() if isinstance(one, Trusted)}
    inconsistency, detail, stated = _consistent(trusted)
    number, role = ("", None) if stated is None else (stated.number, stated.role)
    if inconsistency is None and revocations is not None:
        revoked = sorted(slot for slot, one in trusted.items() if one.serial in revocations.serials)
        if revoked:
            inconsistency, detail = CardRefusal.REVOKED, f"revoked: {', '.join(revoked)}"
    return CardVerdict(inconsistency, detail, number, role, age, found)


_SLOTS = (Usage.CARD_PRESENCE, Usage.CARD_AUTHENTICATION, Usage.CARD_SIGNATURE, Usage.CARD_AGREEMENT)

_REFUSALS: dict[DistrustReason, CardRefusal] = {
    DistrustReason.MALFORMED: CardRefusal.MUTE,
    DistrustReason.UNKNOWN_ISSUER: CardRefusal.UNKNOWN_ISSUER,
    DistrustReason.ALGORITHM: CardRefusal.UNSUPPORTED,
    DistrustReason.WRONG_USE: CardRefusal.INCONSISTENT,
    DistrustReason.EXPIRED: CardRefusal.EXPIRED,
    DistrustReason.NOT_YET_VALID: CardRefusal.EXPIRED,
}
"""What a distrusted certificate makes of the card, the gravest first."""


def _slot(der: bytes, usage: Usage, anchors: Anchors, at: datetime) -> Trusted | Distrusted:
    certificate = load_certificate(der)
    if isinstance(certificate, Problem):
        return Distrusted(DistrustReason.MALFORMED, certificate.detail)
    return verify_chain(certificate, (), anchors, at, usage=usage)


def _consistent(trusted: Mapping[str, Trusted]) -> tuple[CardRefusal | None, str, CardCertificate | None]:
    """One number and one role in every slot, and 9E among them; 9D states the number alone."""
    stated: CardCertificate | None = None
    for slot, one in trusted.items():
        if slot == Usage.CARD_AGREEMENT.value:
            continue
        card = card_certificate(one.certificate)
        if isinstance(card, Problem):
            return CardRefusal.INCONSISTENT, f"{slot}: {card.detail}", None
        if stated is not None and (card.number, card.role) != (stated.number, stated.role):
            return CardRefusal.INCONSISTENT, f"{slot} states another number or role", None
        stated = card
    if Usage.CARD_PRESENCE.value not in trusted or stated is None:
        return CardRefusal.INCONSISTENT, "the card shows no 9E, so it cannot be proved genuine before the PIN", stated
    agreement = trusted.get(Usage.CARD_AGREEMENT.value)
    if agreement is not None and agreement.common_name != stated.number:
        return CardRefusal.INCONSISTENT, "9D states another number", None
    return None, "of this scheme and valid", stated
