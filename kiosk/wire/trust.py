"""Whose certificate this is, and what it may be used for.

Rules:
- Pure: certificates come as bytes or objects, times as parameters; nothing is read from a disk.
- The path to the root is validated by `cryptography.x509.verification` (RFC 5280 6.1, its Web PKI profile for CAs).
  On top of it stands what the scheme asks: a certificate's use is written in its policies, key usage and extended
  key usage, and an issuer can only pass on policies that it carries itself. So no terminal CA makes a card, and the
  PIN-free key of a card (9E) cannot pass for the one that signs acts (9C) or asks questions (9A).
- Only P-256 and RSA of 2048 to 4096 bits; the algorithm follows from the key, never from a message.
- Nothing here raises because of a certificate's content.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import (
    ClientVerifier,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from kiosk.domain.card import POLICY_ARC, ROLE_POLICIES, CardRefusal, Role
from kiosk.wire.certificates import (
    UNREADABLE,
    PublicKey,
    allowed_key,
    attribute,
    common_name,
    extended_usages,
    is_issuer,
    key_usage,
    parsed,
    policies,
)
from kiosk.wire.certificates import load_certificate as load_certificate  # noqa: PLC0414 - part of this module's offer
from kiosk.wire.problem import Problem, ProblemCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

PEM_LIMIT = 64 * 1024
"""Bytes of a file of trust anchors."""

TERMINAL_POLICY = f"{POLICY_ARC}.11"
BACK_OFFICE_SIGNING_POLICY = f"{POLICY_ARC}.12"
SEALING_POLICY = f"{POLICY_ARC}.13"
PIN_POLICY = f"{POLICY_ARC}.14"

SIGNING_NAME = "guichet-signing"
SEALING_NAME_PREFIX = "guichet-sealing-"
PIN_NAME_PREFIX = "guichet-pin-"

CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2"
"""id-kp-clientAuth (RFC 5280 4.2.1.12)."""
PIV_CARD_AUTHENTICATION = "2.16.840.1.101.3.6.8"
"""id-PIV-cardAuth (FIPS 201-3): the key that answers without a PIN."""

RSA_BITS = range(2048, 4097)
CARD_NUMBER_DIGITS = 10
_PATH = 3
"""Leaf, issuer, root."""
_ISSUERS_KNOWN, _LEAVES_KNOWN = 64, 2048
_CA_POLICY = ExtensionPolicy.webpki_defaults_ca()
_LEAF_POLICY = ExtensionPolicy.permit_all()


class Usage(Enum):
    """What a certificate is presented for; a card's by its PIV slot."""

    CARD_AUTHENTICATION = "9A"  # questions, after the PIN
    CARD_SIGNATURE = "9C"  # acts, after a fresh PIN
    CARD_AGREEMENT = "9D"  # opens what was sealed to the card
    CARD_PRESENCE = "9E"  # proves the card genuine, without a PIN
    TERMINAL = "terminal"
    BACK_OFFICE_SIGNING = "back_office_signing"
    SEALING = "sealing"
    PIN = "pin"  # opens PINs that left an encrypting pad, and nothing else


class DistrustReason(StrEnum):
    """Why a certificate is not trusted for a use."""

    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    UNKNOWN_ISSUER = "unknown_issuer"
    WRONG_USE = "wrong_use"


@dataclass(frozen=True, slots=True)
class Trusted:
    """A certificate that chains to the root, is valid at that moment and is made for that use."""

    certificate: x509.Certificate
    public_key: PublicKey
    common_name: str
    serial: int
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Distrusted:
    """A certificate that is not trusted for that use; `detail` is one line for a technician."""

    reason: DistrustReason
    detail: str

    def as_problem(self, what: str) -> Problem:
        """Say the same as a problem of the message that was signed with it."""
        code = {
            DistrustReason.MALFORMED: ProblemCode.MALFORMED,
            DistrustReason.ALGORITHM: ProblemCode.ALGORITHM,
            DistrustReason.EXPIRED: ProblemCode.EXPIRED,
            DistrustReason.NOT_YET_VALID: ProblemCode.EXPIRED,
        }.get(self.reason, ProblemCode.UNTRUSTED)
        return Problem(code, f"{what}: {self.detail}")


@dataclass(frozen=True, slots=True)
class Anchors:
    """The root that the installation carries, and issuers known so far, which are trusted only through the root."""

    root: x509.Certificate
    issuers: tuple[x509.Certificate, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Hash once: it is asked for with every certificate that is verified, and goes over every byte of these."""
        object.__setattr__(self, "_hash", hash((self.root, self.issuers)))

    def __hash__(self) -> int:
        """Give the hash of root and issuers."""
        return self._hash

    @classmethod
    def from_pem(cls, pem: bytes) -> Anchors | Problem:
        """Read PEM certificates: the root first, then any issuers."""
        if len(pem) > PEM_LIMIT:
            return Problem(ProblemCode.TOO_LARGE, "the trust anchors")
        try:
            given = [parsed(one) for one in x509.load_pem_x509_certificates(pem)]
        except UNREADABLE as error:
            return Problem(ProblemCode.MALFORMED, f"the trust anchors: {type(error).__name__}")
        readable = [one for one in given if not isinstance(one, Problem)]
        if len(readable) != len(given):
            return Problem(ProblemCode.MALFORMED, "one of the trust anchors cannot be read")
        root, *issuers = readable
        if root.subject != root.issuer:
            return Problem(ProblemCode.MALFORMED, "the first of the trust anchors is no root")
        return cls(root, tuple(issuers))

    def pem(self) -> bytes:
        """Root and issuers as PEM, as `from_pem` reads them."""
        return b"".join(one.public_bytes(Encoding.PEM) for one in (self.root, *self.issuers))

    def with_issuers(self, issuers: Sequence[x509.Certificate]) -> Anchors:
        """Add these issuers to the same root."""
        return replace(self, issuers=tuple(dict.fromkeys((*self.issuers, *issuers))))


@dataclass(frozen=True, slots=True)
class Revocations:
    """Serial numbers of certificates that are no longer valid, as known at a moment."""

    serials: frozenset[int]
    as_of: datetime

    def age(self, at: datetime) -> timedelta:
        """How old this knowledge is at `at`; never negative."""
        return max(at - self.as_of, at - at)


@dataclass(frozen=True, slots=True)
class CardCertificate:
    """What the certificate of a card says about it; the slot does not matter."""

    number: str
    role: Role
    serial: int
    not_after: datetime


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a certificate must carry for one use."""

    key_usage: str
    policies: frozenset[str]
    extended: str | None = None
    name: str = ""
    named_in_leaf: bool = True
    curve_only: bool = False


_ROLES = frozenset(ROLE_POLICIES)
_RULES: dict[Usage, _Rule] = {
    Usage.CARD_AUTHENTICATION: _Rule("digital_signature", _ROLES, CLIENT_AUTHENTICATION),
    Usage.CARD_SIGNATURE: _Rule("content_commitment", _ROLES),
    Usage.CARD_AGREEMENT: _Rule("key_agreement", _ROLES, named_in_leaf=False, curve_only=True),
    Usage.CARD_PRESENCE: _Rule("digital_signature", _ROLES, PIV_CARD_AUTHENTICATION, curve_only=True),
    Usage.TERMINAL: _Rule(
        "digital_signature", frozenset({TERMINAL_POLICY}), CLIENT_AUTHENTICATION, name="T", curve_only=True
    ),
    Usage.BACK_OFFICE_SIGNING: _Rule(
        "digital_signature", frozenset({BACK_OFFICE_SIGNING_POLICY}), name=SIGNING_NAME, curve_only=True
    ),
    Usage.SEALING: _Rule("key_agreement", frozenset({SEALING_POLICY}), name=SEALING_NAME_PREFIX, curve_only=True),
    Usage.PIN: _Rule("key_agreement", frozenset({PIN_POLICY}), name=PIN_NAME_PREFIX, curve_only=True),
}


def verify_chain(
    leaf: x509.Certificate, intermediates: Sequence[x509.Certificate], anchors: Anchors, at: datetime, *, usage: Usage
) -> Trusted | Distrusted:
    """Whether `leaf` chains to the root, is valid at `at` (aware) and is made for `usage` (RFC 5280 6.1).

    `intermediates` come from the peer and are tried beside `anchors.issuers`. Revocation is asked apart.
    """
    asked = _Asked(leaf, tuple(intermediates), anchors, usage)
    seen = _trusted.get(asked)
    if seen is not None and seen.since <= at <= seen.until:
        return seen.trusted
    try:
        found = _verify(asked, at)
    except UNREADABLE as error:
        return Distrusted(DistrustReason.MALFORMED, f"the certificate cannot be read: {type(error).__name__}")
    if isinstance(found, Distrusted):
        return found
    _keep(_trusted, asked, found, _LEAVES_KNOWN)
    return found.trusted


class _Asked(NamedTuple):
    """What was asked, but for the moment."""

    leaf: x509.Certificate
    intermediates: tuple[x509.Certificate, ...]
    anchors: Anchors
    usage: Usage


@dataclass(frozen=True, slots=True)
class _Seen:
    """A certificate that was found good for a use: so it is at every moment at which its whole path is valid."""

    trusted: Trusted
    since: datetime
    until: datetime


_trusted: OrderedDict[_Asked, _Seen] = OrderedDict()
"""The newest ones. Revocation is asked apart, each time."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def _keep(kept: OrderedDict[_Key, _Value], key: _Key, value: _Value, most: int) -> None:
    kept[key] = value
    while len(kept) > most:
        with suppress(KeyError):  # another thread was faster
            kept.popitem(last=False)


def _verify(asked: _Asked, at: datetime) -> _Seen | Distrusted:
    leaf, intermediates, anchors, usage = asked
    key = allowed_key(leaf)
    if key is None:
        return Distrusted(DistrustReason.ALGORITHM, "the key is neither P-256 nor RSA of 2048 to 4096 bits")
    chain = _short_way(leaf, anchors, at)
    if chain is None:
        try:
            issuers = list(dict.fromkeys((*anchors.issuers, *intermediates)))
            chain = _verifier(_store(anchors.root), at).verify(leaf, issuers).chain
        except VerificationError as error:
            return _why(leaf, at, error)
        _remember(chain)
    wrong = _wrong_use(chain, _RULES[usage], usage)
    if wrong is not None:
        return wrong
    trusted = Trusted(leaf, key, common_name(leaf), leaf.serial_number, leaf.not_valid_after_utc)
    since, until = max(one.not_valid_before_utc for one in chain), min(one.not_valid_after_utc for one in chain)
    return _Seen(trusted, since, until)


def _verifier(store: Store, at: datetime) -> ClientVerifier:
    return (
        PolicyBuilder()
        .store(store)
        .time(at)
        .extension_policies(ca_policy=_CA_POLICY, ee_policy=_LEAF_POLICY)
        .build_client_verifier()
    )


@lru_cache(maxsize=_ISSUERS_KNOWN)
def _store(anchor: x509.Certificate) -> Store:
    return Store([anchor])


_attested: OrderedDict[tuple[x509.Certificate, x509.Certificate], None] = OrderedDict()
"""(root, issuer): paths leaf - issuer - root were valid, so that what the root says of the issuer needs no second look."""


def _remember(chain: list[x509.Certificate]) -> None:
    """Note the issuer of a valid path, if what the root says of it is the same for every leaf and every moment of theirs."""
    if len(chain) != _PATH or _has_name_constraints(chain[-1]):
        return
    _keep(_attested, (chain[-1], chain[-2]), None, _ISSUERS_KNOWN)


def _has_name_constraints(certificate: x509.Certificate) -> bool:
    return any(extension.oid == x509.NameConstraints.oid for extension in certificate.extensions)


def _short_way(leaf: x509.Certificate, anchors: Anchors, at: datetime) -> list[x509.Certificate] | None:
    """Validate a path to a direct issuer that the root was seen to attest; None leaves it to the whole way.

    The verifier judges leaf and issuer at `at` as ever (RFC 5280 6.1.3); of the root only its validity in time is left to
    ask, for its signature on the issuer, its constraints and the length of the path are the same for every leaf.
    """
    root = anchors.root
    for issuer in anchors.issuers:
        if issuer.subject == leaf.issuer and (root, issuer) in _attested:
            if not root.not_valid_before_utc <= at <= root.not_valid_after_utc:
                return None
            try:
                return [*_verifier(_store(issuer), at).verify(leaf, []).chain, root]
            except VerificationError:
                continue
    return None


def _why(leaf: x509.Certificate, at: datetime, error: VerificationError) -> Distrusted:
    if at > leaf.not_valid_after_utc:
        return Distrusted(DistrustReason.EXPIRED, f"the certificate ended on {leaf.not_valid_after_utc:%Y-%m-%d}")
    if at < leaf.not_valid_before_utc:
        return Distrusted(
            DistrustReason.NOT_YET_VALID, f"the certificate begins on {leaf.not_valid_before_utc:%Y-%m-%d}"
        )
    return Distrusted(DistrustReason.UNKNOWN_ISSUER, f"no path to the root ({str(error)[:120]})")


def _wrong_use(chain: list[x509.Certificate], rule: _Rule, usage: Usage) -> Distrusted | None:
    leaf, issuers = chain[0], chain[1:-1]
    carried = policies(leaf) & rule.policies
    passed_on = carried if rule.named_in_leaf else rule.policies
    extended = extended_usages(leaf)
    checks = (
        (rule.named_in_leaf and len(carried) != 1, "its policies do not name this one use"),
        (not rule.named_in_leaf and not issuers, "the root itself issues none of these"),
        (any(not passed_on & policies(issuer) for issuer in issuers), "its issuer may not certify that"),
        (is_issuer(leaf) or not key_usage(leaf, rule.key_usage), "its key usage does not allow it"),
        (rule.extended is not None and rule.extended not in extended, "its extended key usage does not allow it"),
        (rule.extended != PIV_CARD_AUTHENTICATION and PIV_CARD_AUTHENTICATION in extended, "its key needs no PIN"),
        (rule.curve_only and not isinstance(leaf.public_key(), ec.EllipticCurvePublicKey), "its key is not P-256"),
        (not common_name(leaf).startswith(rule.name), "its name is another's"),
    )
    for wrong, why in checks:
        if wrong:
            return Distrusted(DistrustReason.WRONG_USE, f"not for {usage.value}: {why}")
    return None


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


def terminal_issuers(anchors: Anchors) -> tuple[x509.Certificate, ...]:
    """Find the issuers of terminals and of their receipt keys, as far as the root itself has signed them."""
    return tuple(issuer for issuer in anchors.issuers if _certifies_terminals(issuer, anchors.root))


def _certifies_terminals(issuer: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        issuer.verify_directly_issued_by(root)
        return TERMINAL_POLICY in policies(issuer) and is_issuer(issuer)
    except (InvalidSignature, *UNREADABLE):
        return False


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
