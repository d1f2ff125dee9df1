"""The two keys of the cache, in one file wrapped by the terminal's storage key: one opens the pages, one hides who is in.

Rules:
- Random, made on this terminal, never sent anywhere. A new pair is a new cache: nothing of an old one fits it.
- A file that is damaged, or that others could read, is no key: the cache is filled anew under another.
- Destroying the file destroys the cache, whatever is left of its pages.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault
from kiosk.terminal_folder import destroy_file, read_secret, unwrap_secret, wrap_secret, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kiosk.terminal_folder import TerminalFolder

KEY_BYTES = 32
HMAC_BYTES = 32


@dataclass(frozen=True, slots=True)
class CacheKeys:
    """`database` opens the pages (raw SQLCipher key); `lookup` turns a card's fingerprint into what the disk may hold."""

    database: bytes = field(repr=False)
    lookup: bytes = field(repr=False)

    def lookup_of(self, fingerprint: bytes) -> bytes:
        """HMAC-SHA-256 of a fingerprint: without this key nobody can tell whose it is, nor try the cards he knows."""
        return hmac.digest(self.lookup, fingerprint, "sha256")

    def lookups_of(self, fingerprints: Sequence[bytes]) -> bytes:
        """`lookup_of` each, one after the other."""
        if len(fingerprints) == 1:  # nearly everybody has one card
            return hmac.digest(self.lookup, fingerprints[0], "sha256")
        return b"".join([hmac.digest(self.lookup, one, "sha256") for one in fingerprints])


class CacheKeyFile:
    """Keeps the pair. `token` gives random bytes."""

    def __init__(self, folder: TerminalFolder, token: Callable[[int], bytes]) -> None:
        self._folder = folder
        self._token = token

    def load(self) -> CacheKeys | None:
        """Return the keys; None when there are none that can be used."""
        try:
            wrapped = bytes.fromhex(read_secret(self._folder.cache_key).decode("ascii", "replace").strip())
            pair = unwrap_secret(self._folder, wrapped)
        except (EnvironmentFault, ValueError):
            return None
        if pair is None or len(pair) != 2 * KEY_BYTES:
            return None
        return CacheKeys(pair[:KEY_BYTES], pair[KEY_BYTES:])

    def make(self) -> CacheKeys:
        """Make a new pair in the place of whatever is there. Raises `EnvironmentFault`."""
        pair = self._token(2 * KEY_BYTES)
        destroy_file(self._folder.cache_key)
        write_whole(self._folder.cache_key, wrap_secret(self._folder, pair, self._token).hex().encode() + b"\n")
        return CacheKeys(pair[:KEY_BYTES], pair[KEY_BYTES:])

    def destroy(self) -> None:
        """Overwrite and remove the keys: what the cache holds is noise from now on. Raises `EnvironmentFault`."""
        destroy_file(self._folder.cache_key)
