"""Where a terminal keeps what is its own (`STATE/terminal`), and how files there are written and guarded.

Rules:
- A secret is in a file of mode 0600 of the user that runs the agent; one that others can read is refused, not used.
- Every write is whole or not at all: a new file, synced, renamed over the old one, the folder synced.
- The edges never import each other; this folder is where they meet.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
JOURNAL_KEY_BYTES = 32
ENROL = "guichet provision enroll --back-office URL --code - (it reads the one-time code from standard input, or asks)"
"""The command that gives a terminal its identity; the code itself is no word of a command line, where all can read it."""
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class TerminalFolder:
    """The paths of one terminal."""

    state: Path

    @property
    def path(self) -> Path:
        """The folder itself, mode 0700."""
        return self.state / "terminal"

    @property
    def configuration(self) -> Path:
        """The one typed configuration file of this terminal."""
        return self.path / "terminal.toml"

    @property
    def enrolment(self) -> Path:
        """What the back office said this terminal is."""
        return self.path / "enrolment.json"

    @property
    def root(self) -> Path:
        """The pinned root and the issuers known at enrolment, PEM; public."""
        return self.path / "root.pem"

    @property
    def certificate(self) -> Path:
        """The terminal's certificate, PEM; public."""
        return self.path / "terminal.pem"

    @property
    def receipt_certificate(self) -> Path:
        """The short certificate that travels in receipts, raw bytes; public."""
        return self.path / "receipt.certificate"

    @property
    def keys(self) -> Path:
        """The folder of the protected files."""
        return self.path / "keys"

    @property
    def terminal_key(self) -> Path:
        """The key that signs requests, PEM; secret."""
        return self.keys / "terminal.key"

    @property
    def receipt_key(self) -> Path:
        """The key that signs receipts, PEM; secret."""
        return self.keys / "receipt.key"

    @property
    def journal_key(self) -> Path:
        """The raw key of the journal, 64 hexadecimal digits; secret."""
        return self.keys / "journal.key"

    @property
    def journal(self) -> Path:
        """The journal's database."""
        return self.path / "journal.db"

    @property
    def reference(self) -> Path:
        """The newest signed reference data, with their age."""
        return self.path / "reference.json"

    @property
    def socket(self) -> Path:
        """Where the agent listens."""
        return self.path / "agent.sock"

    @property
    def bench_speaker(self) -> Path:
        """Where the workbench hears the sounds of a terminal whose speaker it plays."""
        return self.state / "workbench" / "speaker.sock"

    @property
    def lock(self) -> Path:
        """Held by the running agent."""
        return self.path / "agent.lock"

    def create(self) -> None:
        """Make the folders, closed to others. Raises `EnvironmentFault`."""
        for folder in (self.path, self.keys):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(PRIVATE_FOLDER)
            except OSError as error:
                raise EnvironmentFault(
                    f"The folder {folder} cannot be made ({error.strerror}).", "Give --state a folder you may write to."
                ) from error


def read_secret(path: Path) -> bytes:
    """Return the content of a protected file. Raises `EnvironmentFault` when it is missing, or open to others."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_mode & _OTHERS or status.st_uid != os.geteuid():
                raise EnvironmentFault(
                    f"The secret {path} can be read by others (mode {status.st_mode & 0o777:04o}, user {status.st_uid}).",
                    "It counts as known: find out who read it, then enrol this terminal again.",
                )
            return file.read()
    except FileNotFoundError as error:
        raise EnvironmentFault(
            f"The secret {path} is missing.",
            f"Enrol this terminal: {ENROL}.",
        ) from error
    except OSError as error:
        raise EnvironmentFault(
            f"The secret {path} cannot be read ({error.strerror}).", "Run as the user that enrolled this terminal."
        ) from error


def read_journal_key(folder: TerminalFolder) -> bytes:
    """Return the raw key of the journal, 32 bytes. Raises `EnvironmentFault`."""
    text = read_secret(folder.journal_key).decode("ascii", "replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != JOURNAL_KEY_BYTES:
        raise EnvironmentFault(
            f"{folder.journal_key} does not hold {2 * JOURNAL_KEY_BYTES} hexadecimal digits.",
            "Bring it back from its copy: without it the journal cannot be read.",
        )
    return key


def write_whole(path: Path, data: bytes, *, mode: int = PRIVATE_FILE) -> None:
    """Put `data` in `path`, whole and durable, or leave what was there. Raises `EnvironmentFault`."""
    draft = path.with_name(f".{path.name}.new")
    try:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, mode)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise EnvironmentFault(
            f"{path} cannot be written ({error.strerror}).", "Free space on the disk, or make it writable."
        ) from error
