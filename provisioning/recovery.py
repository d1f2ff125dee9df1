"""The recovery key of an agency, and its part on a terminal: the journal's key sealed to it, beside the journal.

Rules:
- The private half is made on the agency's own machine, for its offline safe; no terminal ever has it.
- A terminal without a recovery key works, and says so (`guichet provision status`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault
from kiosk.terminal_folder import read_journal_key, write_whole
from kiosk.wire.problem import Problem
from kiosk.wire.recovery import JournalKey, make_pair, read_public, seal_journal_key

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric import ec

    from kiosk.terminal_folder import TerminalFolder

PUBLIC_MODE = 0o644
REMEDY = "Give the recovery.pem that `guichet provision recovery-key` wrote."


def make_recovery_key(target: Path, passphrase: bytes) -> None:
    """Write `target`/recovery.key (for the safe) and recovery.pem (for the terminals). Raises `EnvironmentFault`."""
    private, public = target / "recovery.key", target / "recovery.pem"
    if private.exists() or public.exists():
        raise EnvironmentFault(f"{target} holds a recovery key already.", "Name another folder with --to.")
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(f"{target} cannot be made ({error.strerror}).", "Name another with --to.") from error
    locked, open_ = make_pair(passphrase)
    write_whole(private, locked)
    write_whole(public, open_, mode=PUBLIC_MODE)


def read_recovery_public(path: Path) -> ec.EllipticCurvePublicKey:
    """Read the public half. Raises `EnvironmentFault`."""
    try:
        key = read_public(path.read_bytes())
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be read ({error.strerror}).", REMEDY) from error
    if isinstance(key, Problem):
        raise EnvironmentFault(f"{path}: {key.detail}.", REMEDY)
    return key


def keep_recovery_key(folder: TerminalFolder, source: Path) -> None:
    """Keep the public half on this terminal. Raises `EnvironmentFault`."""
    read_recovery_public(source)
    if source != folder.recovery_key:
        write_whole(folder.recovery_key, source.read_bytes(), mode=PUBLIC_MODE)


def seal_for_recovery(folder: TerminalFolder, terminal: str) -> bool:
    """Seal the journal's key beside the journal; False when this terminal was given no recovery key.

    Raises `EnvironmentFault`.
    """
    if not folder.recovery_key.exists():
        return False
    public = read_recovery_public(folder.recovery_key)
    sealed = seal_journal_key(JournalKey(terminal, read_journal_key(folder)), public)
    write_whole(folder.journal_recovery, sealed + b"\n")
    return True
