"""The code of a certificate: whoever holds the paper types it on the office's public page and sees what the paper shows.

- 16 characters of Crockford's alphabet in groups of four: 80 bits, so that guessing finds nothing.
- It is derived from the certificate's id under a key of the back office; what is kept beside the certificate is a keyed
  hash, so that a copy of the database verifies no paper and makes none.
"""

from __future__ import annotations

import hashlib
import hmac

from kiosk.domain import reference

LENGTH = 16
GROUP = 4
START = 4
"""Characters that the person's own list shows."""


def derive(certificate_id: str, key: bytes) -> str:
    """Return the code of a certificate; the same each time, and nobody without the key can find it."""
    value = hmac.new(key, f"certificate {certificate_id}".encode(), hashlib.sha256).digest()
    return "".join(reference.ALPHABET[byte % len(reference.ALPHABET)] for byte in value[:LENGTH])


def compact(typed: str) -> str:
    """Return a typed code without what separates its groups, letters as the alphabet has them."""
    return reference.compact(typed)


def is_code(typed: str) -> bool:
    """Tell whether `typed` has the form of a code."""
    code = compact(typed)
    return len(code) == LENGTH and all(character in reference.ALPHABET for character in code)


def grouped(code: str) -> str:
    """Write a code in groups of four."""
    found = compact(code)
    return "-".join(found[at : at + GROUP] for at in range(0, len(found), GROUP))


def kept(typed: str, key: bytes) -> str:
    """Return what is kept of a code: HMAC-SHA-256 (RFC 2104), in hexadecimal."""
    return hmac.new(key, f"kept {compact(typed)}".encode(), hashlib.sha256).hexdigest()
