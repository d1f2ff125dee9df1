"""What stands in an X.509 certificate, read so that a hostile one is a value and never a crash.

Rules:
- `load_certificate` is the only way in: it parses at once what `cryptography` would parse later.
- `UNREADABLE` names every exception that reading a part of a certificate can raise.
"""

from __future__ import annotations

from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.utils import CryptographyDeprecationWarning

from kiosk.wire.problem import Problem, ProblemCode

CERTIFICATE_LIMIT = 8 * 1024
"""Bytes of one certificate; real ones have 500 to 2,000."""

RSA_BITS = range(2048, 4097)
RSA_EXPONENT = 65537

UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    x509.AttributeNotFound,
    CryptographyDeprecationWarning,  # an exception wherever warnings are errors: an odd serial number, odd parameters
)

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def load_certificate(data: bytes) -> x509.Certificate | Problem:
    """Read one certificate in DER or PEM, with a key and extensions that can be read."""
    if len(data) > CERTIFICATE_LIMIT:
        return Problem(ProblemCode.TOO_LARGE, f"a certificate of {len(data)} bytes")
    pem = data.lstrip()[:11] == b"-----BEGIN "
    try:
        certificate = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
    except UNREADABLE as error:
        return Problem(ProblemCode.MALFORMED, f"a certificate: {type(error).__name__}")
    return parsed(certificate)


def parsed(certificate: x509.Certificate) -> x509.Certificate | Problem:
    """Parse now what `cryptography` would parse later, so that a broken part is found at the door."""
    try:
        _ = certificate.extensions, certificate.subject, certificate.issuer, certificate.signature_hash_algorithm
        _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        certificate.public_key()
        serial = certificate.serial_number
    except UNREADABLE as error:
        return Problem(ProblemCode.MALFORMED, f"a certificate: {type(error).__name__}")
    if serial <= 0:
        return Problem(ProblemCode.MALFORMED, "a certificate whose serial number is not positive (RFC 5280 4.1.2.2)")
    return certificate


def allowed_key(certificate: x509.Certificate) -> PublicKey | None:
    """Return the certificate's key when it is P-256, or RSA of 2048 to 4096 bits with the usual exponent."""
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key if isinstance(key.curve, ec.SECP256R1) else None
    if isinstance(key, rsa.RSAPublicKey):
        return key if key.key_size in RSA_BITS and key.public_numbers().e == RSA_EXPONENT else None
    return None


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    """Find an extension; by its number, for it is looked for some ten times a signature."""
    for extension in certificate.extensions:
        if extension.oid == kind.oid:
            return extension.value if isinstance(extension.value, kind) else None
    return None


def policies(certificate: x509.Certificate) -> frozenset[str]:
    """Read the policies a certificate carries (RFC 5280 4.2.1.4), as dotted numbers."""
    stated = _extension(certificate, x509.CertificatePolicies)
    if stated is None:
        return frozenset()
    return frozenset([policy.policy_identifier.dotted_string for policy in stated])


def is_issuer(certificate: x509.Certificate) -> bool:
    """Whether it may sign other certificates (RFC 5280 4.2.1.9)."""
    stated = _extension(certificate, x509.BasicConstraints)
    return stated is not None and stated.ca


def key_usage(certificate: x509.Certificate, name: str) -> bool:
    """Whether the key usage bit `name`, as `cryptography` spells it, is set (RFC 5280 4.2.1.3)."""
    stated = _extension(certificate, x509.KeyUsage)
    return stated is not None and bool(getattr(stated, name))


def extended_usages(certificate: x509.Certificate) -> frozenset[str]:
    """Read the extended key usages (RFC 5280 4.2.1.12), as dotted numbers."""
    stated = _extension(certificate, x509.ExtendedKeyUsage)
    return frozenset() if stated is None else frozenset([usage.dotted_string for usage in stated])


def common_name(certificate: x509.Certificate) -> str:
    """Read the one CN of the subject, or ""."""
    return attribute(certificate, x509.NameOID.COMMON_NAME)


def attribute(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    """Read the one value of an attribute of the subject, or ""."""
    values = certificate.subject.get_attributes_for_oid(oid)
    return str(values[0].value) if len(values) == 1 else ""
