"""The back office's signed reference data on the disk, as they came, with their age.

Rules:
- Bytes in, bytes out: whoever uses them verifies them; the file proves nothing.
- `checked_at` is when the back office last said that these are the newest.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from kiosk.terminal_folder import write_whole

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_FILE = 16 << 20


@dataclass(frozen=True, slots=True)
class StoredReference:
    """A signed bundle, the ETag it came with, and when it was last confirmed (RFC 3339)."""

    bundle: bytes
    etag: str
    checked_at: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    etag: str
    checked_at: str
    bundle: str  # base64


class ReferenceStore:
    """One file; written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> StoredReference | None:
        """Return what is stored, None when there is nothing that can be read (it is fetched again then)."""
        try:
            if self._path.stat().st_size > LARGEST_FILE:
                return None
            file = msgspec.json.decode(self._path.read_bytes(), type=_File)
            return StoredReference(base64.b64decode(file.bundle, validate=True), file.etag, file.checked_at)
        except (OSError, ValueError, msgspec.DecodeError):
            return None

    def save(self, stored: StoredReference) -> None:
        """Store, durably. Raises `EnvironmentFault` when the disk does not take it."""
        file = _File(stored.etag, stored.checked_at, base64.b64encode(stored.bundle).decode())
        write_whole(self._path, msgspec.json.encode(file))
