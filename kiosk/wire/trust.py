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

from kiosk.domain.card import POLICY_ARC, ROLE_POLICIES
from kiosk.wire.certificates import (
    UNREADABLE,
    PublicKey,
    allowed_key,
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
    from collections.abc import Sequence
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


def terminal_issuers(anchors: Anchors) -> tuple[x509.Certificate, ...]:
    """Find the issuers of terminals and of their receipt keys, as far as the root itself has signed them."""
    return tuple(issuer for issuer in anchors.issuers if _certifies_terminals(issuer, anchors.root))


def _certifies_terminals(issuer: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        issuer.verify_directly_issued_by(root)
        return TERMINAL_POLICY in policies(issuer) and is_issuer(issuer)
    except (InvalidSignature, *UNREADABLE):
        return False
