"""The certificates of the demonstration, as X.509: pure construction, no files.

    root -> card CA     -> 9A, 9C, 9D, 9E of every card        policies .1 to .4 (roles)
         -> terminal CA -> terminals, their receipt keys       policy .11
         -> back office: signing (.12), sealing (.13), TLS

Rules:
- A CA carries the policies it may pass on; `kiosk.wire.trust` refuses a certificate whose issuer does not carry its own.
- 9A is marked clientAuth, 9E id-PIV-cardAuth (FIPS 201-3), 9C contentCommitment: one key cannot stand in for another.
- Subjects of cards are the card number and nothing else, since anyone can read them without a PIN.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk.wire.trust import CLIENT_AUTHENTICATION, PIV_CARD_AUTHENTICATION

if TYPE_CHECKING:
    from collections.abc import Sequence

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

BACKDATED = timedelta(hours=1)
"""A certificate begins an hour before it is made, so that a clock somewhat slow accepts it."""

_KEY_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authority:
    """A certification authority: its certificate, and the key that signs with it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Plan:
    """What a certificate shall say. `subject` is the CN; `number` goes into serialNumber as well."""

    subject: str
    valid: timedelta
    key_usages: frozenset[str]
    policies: tuple[str, ...] = ()
    extended: tuple[str, ...] = ()
    number: str = ""
    issues: int | None = None  # how many CAs may stand below it; None: it is no CA
    names: tuple[x509.GeneralName, ...] = field(default=())
    extended_critical: bool = False


def new_key() -> ec.EllipticCurvePrivateKey:
    """Make a P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def new_rsa_key() -> rsa.RSAPrivateKey:
    """Make an RSA key of 2048 bits, for cards of an older kind."""
    return rsa.generate_private_key(65537, 2048)


def certify(
    plan: Plan, public_key: PublicKey, issuer: Authority | ec.EllipticCurvePrivateKey, at: datetime
) -> x509.Certificate:
    """Make a certificate, valid from an hour before `at`; with a bare key as issuer it is self-signed."""
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, plan.subject)]
    if plan.number:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, plan.number))
    subject = x509.Name(attributes)
    signer = issuer.key if isinstance(issuer, Authority) else issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if isinstance(issuer, Authority) else subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - BACKDATED)
        .not_valid_after(at + plan.valid)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(plan.issues is not None, plan.issues), critical=True)
        .add_extension(x509.KeyUsage(**{name: name in plan.key_usages for name in _KEY_USAGES}), critical=True)
    )
    for extension, critical in _optional(plan):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(signer, SHA256())


def _optional(plan: Plan) -> Sequence[tuple[x509.ExtensionType, bool]]:
    extensions: list[tuple[x509.ExtensionType, bool]] = []
    if plan.policies:
        stated = [x509.PolicyInformation(x509.ObjectIdentifier(policy), None) for policy in plan.policies]
        extensions.append((x509.CertificatePolicies(stated), False))
    if plan.extended:
        usages = [x509.ObjectIdentifier(usage) for usage in plan.extended]
        extensions.append((x509.ExtendedKeyUsage(usages), plan.extended_critical))
    if plan.names:
        extensions.append((x509.SubjectAlternativeName(plan.names), False))
    return extensions


def authority_plan(name: str, valid: timedelta, policies: tuple[str, ...] = (), issues: int = 0) -> Plan:
    """Plan a CA; `policies` are those it may pass on, none for the root."""
    return Plan(name, valid, frozenset({"key_cert_sign", "crl_sign"}), policies, issues=issues)


def card_plan(slot: str, number: str, policy: str, valid: timedelta) -> Plan:
    """Plan the certificate of one slot of a card of the scheme."""
    usages = {
        "9A": frozenset({"digital_signature"}),
        "9C": frozenset({"digital_signature", "content_commitment"}),
        "9D": frozenset({"key_agreement"}),
        "9E": frozenset({"digital_signature"}),
    }[slot]
    extended = {"9A": (CLIENT_AUTHENTICATION,), "9E": (PIV_CARD_AUTHENTICATION,)}.get(slot, ())
    policies = () if slot == "9D" else (policy,)
    return Plan(number, valid, usages, policies, extended, number, extended_critical=slot == "9E")


def tls_plan(valid: timedelta, names: tuple[x509.GeneralName, ...]) -> Plan:
    """Plan the certificate of the TLS server."""
    extended = (ExtendedKeyUsageOID.SERVER_AUTH.dotted_string,)
    return Plan("localhost", valid, frozenset({"digital_signature"}), extended=extended, names=names)
