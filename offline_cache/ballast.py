"""Space set aside for the day the disk is full: freed, it lets the journal be read, delivered and tidied.

Rules:
- Allocated for real (posix_fallocate), not a hole.
- Freed at the first sign of a full disk; taken again before the journal accepts appends again.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Ballast:
    """One file of `length` bytes that nobody reads."""

    def __init__(self, path: Path, length: int) -> None:
        self._path = path
        self._length = length

    def take(self) -> bool:
        """Set the space aside; False when the disk does not have it (then nothing is taken)."""
        try:
            descriptor = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600)
        except OSError:
            return False
        try:
            os.posix_fallocate(descriptor, 0, self._length)
        except OSError:
            self.free()
            return False
        else:
            return True
        finally:
            os.close(descriptor)

    def free(self) -> None:
        """Give the space back to the disk."""
        with contextlib.suppress(OSError):
            self._path.unlink()
