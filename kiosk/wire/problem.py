"""What can be wrong with bytes that came from somebody else, as a value.

Rules:
- Whatever a peer can cause is a `Problem`; nothing in `kiosk.wire` raises because of its input.
- `code` is for programs and stays; `detail` is one line for a technician and holds no personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ProblemCode(StrEnum):
    """The closed set of what is found wrong."""

    TOO_LARGE = "too_large"  # beyond the limit of its kind; not even looked at
    MALFORMED = "malformed"  # not the format it should be
    NOT_CANONICAL = "not_canonical"  # readable, but not the one spelling that is signed
    ALGORITHM = "algorithm"  # not on the allow-list, or not that of the certificate's key
    WRONG_TYPE = "wrong_type"  # another kind of message than was expected (typ, kind)
    SIGNATURE = "signature"  # does not verify
    UNTRUSTED = "untrusted"  # the chain ends elsewhere, or the certificate is not for this use
    EXPIRED = "expired"  # outside the certificate's validity
    REVOKED = "revoked"
    UNKNOWN_KEY = "unknown_key"  # sealed to, or signed by, a key that is not ours to know
    CANNOT_OPEN = "cannot_open"  # sealed to us, but damaged
    MISMATCH = "mismatch"  # inner and outer id, terminal, card, addressee or request differ
    CLOCK = "clock"  # its time is too far from ours
    DENIED = "denied"  # the terminal is on the deny list
    DIGEST = "digest"  # the body is not the body that was signed


@dataclass(frozen=True, slots=True)
class Problem:
    """Why bytes of a peer were not accepted."""

    code: ProblemCode
    detail: str

    def __str__(self) -> str:
        """One line for a log or a technician."""
        return f"{self.code.value}: {self.detail}"
