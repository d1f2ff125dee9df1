"""The journal's key for the day its terminal is dead: sealed to a recovery key whose private half is in an offline safe.

    guichet provision recovery-key     makes the pair; the public half is given to every terminal
    journal.recovery                   beside the journal: {"kind", "key", "terminal"}, JWE (ECDH-ES, A256GCM)
    guichet journal recover            on a spare machine: the entries, sealed as they are, for the back office

Rules:
- The terminal itself cannot open what it wrote here; who has the disk alone has nothing.
- What comes out are entries sealed to the back office: the recovery key opens the journal, not what people wrote in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from kiosk.wire.canonical import canonical
from kiosk.wire.keys import jwk, thumbprint
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.sealed import open_with, seal_to
from kiosk.wire.strict_json import read_object

KIND = "guichet-journal-key"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class JournalKey:
    """The raw key of one terminal's journal."""

    terminal: str
    key: bytes = field(repr=False)


def make_pair(passphrase: bytes) -> tuple[bytes, bytes]:
    """Make a recovery key: private PEM (encrypted when there is a passphrase), public PEM."""
    private = ec.generate_private_key(ec.SECP256R1())
    locked: KeySerializationEncryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return (
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked),
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )


def read_public(pem: bytes) -> ec.EllipticCurvePublicKey | Problem:
    """Read the public half."""
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        return Problem(ProblemCode.MALFORMED, "no public key in PEM")
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return Problem(ProblemCode.ALGORITHM, "not a P-256 key")
    return key


def is_locked(pem: bytes) -> bool:
    """Tell whether a private half needs a passphrase."""
    return b"ENCRYPTED" in pem


def read_private(pem: bytes, passphrase: bytes) -> ec.EllipticCurvePrivateKey | Problem:
    """Read the private half."""
    try:
        key = load_pem_private_key(pem, passphrase or None)
    except (ValueError, TypeError):
        return Problem(ProblemCode.MALFORMED, "no private key in PEM, or the passphrase is wrong")
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        return Problem(ProblemCode.ALGORITHM, "not a P-256 key")
    return key


def seal_journal_key(journal: JournalKey, public: ec.EllipticCurvePublicKey) -> bytes:
    """Seal to the recovery key; the header names that key by its thumbprint (RFC 7638), the terminal is inside."""
    value = {"kind": KIND, "key": journal.key.hex(), "terminal": journal.terminal}
    return seal_to(canonical(value), public, thumbprint(jwk(public)))


def open_journal_key(sealed: bytes, private: ec.EllipticCurvePrivateKey) -> JournalKey | Problem:
    """Open the sealed key. UNKNOWN_KEY: it was sealed to another recovery key."""
    opened = open_with(sealed.strip(), {thumbprint(jwk(private.public_key())): private})
    if isinstance(opened, Problem):
        return opened
    value = read_object(opened, "journal key")
    if isinstance(value, Problem):
        return value
    malformed = Problem(ProblemCode.MALFORMED, "not the key of a journal")
    if set(value) != {"kind", "key", "terminal"} or value["kind"] != KIND:
        return malformed
    try:
        key = bytes.fromhex(str(value["key"]))
    except ValueError:
        return malformed
    return JournalKey(str(value["terminal"]), key) if len(key) == KEY_BYTES else malformed
