"""A technician's wish to have refused entries sent again, handed to the agent, which alone writes the journal.

Rules:
- A small file beside the journal, replaced whole; wishes add up until the agent has taken them.
- It names sequence numbers, nothing else; what is not refused (any more) when the agent looks is left alone.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILE = "resend.json"


def ask(folder: Path, seqs: Iterable[int]) -> None:
    """Wish for these entries. Raises `EnvironmentFault` when the folder takes no file."""
    path = folder / FILE
    wanted = sorted({*_read(path), *seqs})
    draft = path.with_suffix(".new")
    try:
        draft.write_bytes(msgspec.json.encode(wanted))
        draft.replace(path)
    except OSError as error:
        raise EnvironmentFault(
            f"{path} cannot be written ({error.strerror}).", "Run this as the user of the terminal's agent."
        ) from error


def take(folder: Path) -> list[int]:
    """Take what was wished for, once; empty when there is nothing (or nothing that can be read)."""
    path = folder / FILE
    wanted = _read(path)
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    return wanted


def _read(path: Path) -> list[int]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[int])
    except (OSError, msgspec.MsgspecError):
        return []
