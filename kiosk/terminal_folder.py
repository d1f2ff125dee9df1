"""Where a terminal keeps what is its own (`STATE/terminal`), and how files there are written and guarded.

Rules:
- A secret is in a file of mode 0600 of the user that runs the agent; one that others can read is refused, not used.
- Every write is whole or not at all: a new file, synced, renamed over the old one, the folder synced.
- The edges never import each other; this folder is where they meet.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
JOURNAL_KEY_BYTES = 32
STORAGE_KEY_BYTES = 32
ENROL = "guichet provision enroll --back-office URL --code - (it reads the one-time code from standard input, or asks)"
"""The command that gives a terminal its identity; the code itself is no word of a command line, where all can read it."""
_OTHERS = 0o077
_SET_ASIDE = re.compile(r"journal-(?P<terminal>.+?)-(?P<epoch>[0-9]{1,15})(-again)*")


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

    def journals_set_aside(self) -> dict[str, int]:
        """Return the newest epoch of which a journal was set aside here, by the terminal that this box was then."""
        newest: dict[str, int] = {}
        for path in self.path.glob("journal-*.db"):
            name = _SET_ASIDE.fullmatch(path.stem)
            if name is not None:
                newest[name["terminal"]] = max(int(name["epoch"]), newest.get(name["terminal"], 0))
        return newest

    @property
    def cache(self) -> Path:
        """The database of lent records: disposable."""
        return self.path / "cache.db"

    @property
    def cache_draft(self) -> Path:
        """The cache that is being filled; becomes `cache` when it is whole."""
        return self.path / "cache.new.db"

    @property
    def cache_key(self) -> Path:
        """The two keys of the cache, wrapped by `storage_key`; destroying this file destroys the cache."""
        return self.keys / "cache.key"

    @property
    def cache_lapsed(self) -> Path:
        """Says since when the cache is lapsed; gone when one is whole again."""
        return self.path / "cache.lapsed"

    @property
    def cache_report(self) -> Path:
        """What the agent last said of the cache: counts and progress, nothing about who."""
        return self.path / "cache.json"

    @property
    def storage_key(self) -> Path:
        """The key that wraps other keys, 64 hexadecimal digits; secret. Where there is a TPM it stays in there."""
        return self.keys / "storage.key"

    @property
    def recovery_key(self) -> Path:
        """The public half of the recovery key, PEM; its private half is in an offline safe."""
        return self.path / "recovery.pem"

    @property
    def journal_recovery(self) -> Path:
        """The journal's key, sealed to the recovery key (JWE): lies beside the journal, opens nothing without the safe."""
        return self.path / "journal.recovery"

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
    def bench_encrypting_pad(self) -> Path:
        """Where the workbench's encrypting PIN pad listens."""
        return self.state / "workbench" / "encrypting-pad.sock"

    @property
    def bench_documents(self) -> Path:
        """Where the workbench finds what was printed on A4."""
        return self.state / "workbench" / "documents"

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


def wrap_secret(folder: TerminalFolder, secret: bytes, token: Callable[[int], bytes]) -> bytes:
    """Wrap a secret (16 bytes at least, a multiple of 8) with the storage key (RFC 3394), which is made when there is none.

    `token` gives random bytes. Raises `EnvironmentFault`.
    """
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap  # noqa: PLC0415 - memory is closed before it is loaded

    if not folder.storage_key.exists():
        write_whole(folder.storage_key, token(STORAGE_KEY_BYTES).hex().encode() + b"\n")
    return aes_key_wrap(_storage_key(folder), secret)


def unwrap_secret(folder: TerminalFolder, wrapped: bytes) -> bytes | None:
    """Unwrap; None when this is not what the storage key wrapped. Raises `EnvironmentFault` when there is no such key."""
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap  # noqa: PLC0415 - memory is closed before it is loaded

    try:
        return aes_key_unwrap(_storage_key(folder), wrapped)
    except (InvalidUnwrap, ValueError):
        return None


def _storage_key(folder: TerminalFolder) -> bytes:
    text = read_secret(folder.storage_key).decode("ascii", "replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != STORAGE_KEY_BYTES:
        raise EnvironmentFault(
            f"{folder.storage_key} does not hold {2 * STORAGE_KEY_BYTES} hexadecimal digits.",
            "Delete it: the cache is filled anew, nothing else hangs on it.",
        )
    return key


def destroy_file(path: Path) -> None:
    """Overwrite a small file with zeroes, then remove it, durably. Raises `EnvironmentFault`.

    A disk that writes elsewhere than it says may keep the old bytes; what was in the file must be worthless without
    another key (it is wrapped), which a TPM would forget for certain.
    """
    try:
        length = path.stat().st_size
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
        try:
            os.pwrite(descriptor, bytes(length), 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        path.unlink()
        sync_folder(path.parent)
    except FileNotFoundError:
        return
    except OSError as error:
        raise EnvironmentFault(
            f"{path} cannot be destroyed ({error.strerror}).", "Make it writable, or destroy the disk."
        ) from error


def sync_folder(folder: Path) -> None:
    """Make renames and removals in `folder` durable. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise EnvironmentFault(
            f"{path} cannot be written ({error.strerror}).", "Free space on the disk, or make it writable."
        ) from error
