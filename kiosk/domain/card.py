"""What a chip card can tell the terminal, as values.

Rules:
- A card is shown to be genuine before anything of its holder is shown.
- A PIN result is one of a closed set; none of them carries a digit.
- Roles are read from the certificate (certificatePolicies, RFC 5280 4.2.1.4), never from configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

POLICY_ARC = "2.25.311793284793840917163784113214237165410"
"""UUID-derived arc (ITU-T X.667) under which the scheme names the roles of its cards."""


class Role(Enum):
    """Whose hands the card belongs in."""

    INSURED = "insured"
    EMPLOYER = "employer"
    STAFF = "staff"
    TECHNICIAN = "technician"
    NONE = "none"
    """Nobody has shown a card; no certificate says this."""
    NUMBER = "number"
    """No card, but a number and its PIN: good for what risks little; no certificate says this."""


ROLE_POLICIES: dict[str, Role] = {
    f"{POLICY_ARC}.1": Role.INSURED,
    f"{POLICY_ARC}.2": Role.EMPLOYER,
    f"{POLICY_ARC}.3": Role.STAFF,
    f"{POLICY_ARC}.4": Role.TECHNICIAN,
}


@dataclass(frozen=True, slots=True)
class CardIdentity:
    """A card proved genuine: its number (10 digits), role, and what it can do.

    `agrees`: it has a P-256 key in 9D, to which records can be sealed; another card is served online only.
    """

    number: str
    role: Role
    pin_tries_left: int | None
    signs: bool = True
    agrees: bool = True

    @property
    def shown(self) -> bool:
        """Whether there is a card at all."""
        return bool(self.number)


NO_CARD = CardIdentity("", Role.NONE, None, signs=False, agrees=False)
"""Who does what needs no card."""
BY_NUMBER = CardIdentity("", Role.NUMBER, None, signs=False, agrees=False)
"""Who has shown a number and its PIN."""


class CardRefusal(Enum):
    """Why a card in the slot does not start a visit; each has its own screen."""

    MUTE = "mute"  # does not answer, or answers nonsense: dirty, upside down, broken
    UNSUPPORTED = "unsupported"  # answers, but is no card of this scheme (a bank card, say)
    UNKNOWN_ISSUER = "unknown_issuer"  # a PIV card whose chain ends elsewhere
    NOT_GENUINE = "not_genuine"  # certificate fits, the private key does not answer for it
    INCONSISTENT = "inconsistent"  # the numbers in its certificates differ
    EXPIRED = "expired"
    REVOKED = "revoked"
    WRONG_ROLE = "wrong_role"  # staff or technician card in the visitor's slot


@dataclass(frozen=True, slots=True)
class Genuine:
    """Outcome of an examination: the card answered for a certificate of the scheme."""

    identity: CardIdentity


@dataclass(frozen=True, slots=True)
class RefusedCard:
    """Outcome of an examination: the visit cannot begin with this card."""

    reason: CardRefusal


@dataclass(frozen=True, slots=True)
class Pulled:
    """Outcome of any card work: the card left the slot before it answered."""


CardExamined = Genuine | RefusedCard | Pulled


@dataclass(frozen=True, slots=True)
class PinAccepted:
    """The card accepted the PIN."""


@dataclass(frozen=True, slots=True)
class PinWrong:
    """The card refused the PIN; `tries_left` more before it blocks."""

    tries_left: int


@dataclass(frozen=True, slots=True)
class PinBlocked:
    """No tries are left; only staff can unblock."""


@dataclass(frozen=True, slots=True)
class PinCancelled:
    """The person pressed Cancel on the pad (SW 6401)."""


@dataclass(frozen=True, slots=True)
class PinTimedOut:
    """Nobody finished typing in time (SW 6400)."""


@dataclass(frozen=True, slots=True)
class PinWrongLength:
    """Fewer digits than the card's PIN can have (SW 6403); no try was used."""


@dataclass(frozen=True, slots=True)
class PadFailed:
    """The pad did not do its work; the terminal needs a technician."""

    detail: str


@dataclass(frozen=True, slots=True)
class NewPinsDiffer:
    """The new PIN was typed differently the second time (SW 6402 of the pad); nothing was changed, no try was used."""


@dataclass(frozen=True, slots=True)
class NewPinRefused:
    """The card does not take this new PIN (SW 6A80): too simple by its issuer's rule. Only the card can know it."""


PinOutcome = PinAccepted | PinWrong | PinBlocked | PinCancelled | PinTimedOut | PinWrongLength | PadFailed | Pulled
PinSetOutcome = PinOutcome | NewPinsDiffer | NewPinRefused


@dataclass(frozen=True, slots=True)
class Signed:
    """The card's raw signature in the form of RFC 7518 (r||s for ES256, PKCS#1 v1.5 for RS256)."""

    signature: bytes


@dataclass(frozen=True, slots=True)
class Agreed:
    """The x coordinate of the shared point (ECDH), 32 bytes."""

    secret: bytes


@dataclass(frozen=True, slots=True)
class PinNeeded:
    """The card asks for a fresh PIN before it signs (SW 6982)."""


@dataclass(frozen=True, slots=True)
class CardFault:
    """The card answered something that the profile does not allow; `detail` is for the technician."""

    detail: str


AgreeOutcome = Agreed | PinNeeded | CardFault | Pulled
SignOutcome = Signed | PinNeeded | CardFault | Pulled
