"""Finds or fetches what the three nodes need, all of it below one folder: etcd 3.4, Patroni in a venv of its own, a user.

Rules:
- Nothing is installed on the machine: the Debian package of etcd is fetched by apt (which checks its signature) and unpacked
  into the folder, so that no service ever starts; an etcd 3.4 that is installed already is taken as it is.
- Patroni and all it needs are pinned with their hashes in requirements.lock.
- PostgreSQL refuses to run as root: then everything but the load runs as the user `postgres`.
"""

from __future__ import annotations

import filecmp
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from back_office.database.private_cluster import binaries
from kiosk.domain.errors import EnvironmentFault

LOCK = Path(__file__).with_name("requirements.lock")
ETCD_SERIES = "3.4."


@dataclass(frozen=True, slots=True)
class User:
    """Whom the servers run as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Tools:
    """Programs, and the user they run as (None: as we are)."""

    etcd: Path
    patroni: Path
    postgresql: Path
    user: User | None

    def as_user(self, *command: str) -> list[str]:
        """Write the command so that it runs as the servers' user, and is told to end when our process ends."""
        who: tuple[str, ...] = ()
        if self.user is not None:
            who = (f"--reuid={self.user.uid}", f"--regid={self.user.gid}", "--clear-groups")
        return ["setpriv", *who, "--pdeathsig", "TERM", *command]


def prepare(folder: Path) -> Tools:
    """Bring everything into `folder` that is not there yet. Raises EnvironmentFault."""
    user = _user()
    own_folder(folder, None)
    return Tools(_etcd(folder), _patroni(folder), binaries(), user)


def own_folder(folder: Path, user: User | None) -> None:
    """Make a folder that others may pass through, or, with a user, that only this one may enter. Raises EnvironmentFault."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), user.uid if user else os.geteuid()}:
            raise EnvironmentFault(f"{folder} is somebody else's.", "Give --folder another one.")
        if user is not None:
            os.chown(folder, user.uid, user.gid)
        folder.chmod(0o711 if user is None and os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise EnvironmentFault(f"{folder} cannot be used ({error}).", "Give --folder one you may write to.") from error


def _user() -> User | None:
    if os.geteuid() != 0:
        return None
    try:
        found = pwd.getpwnam("postgres")
    except KeyError:
        raise EnvironmentFault(
            "PostgreSQL does not run as root, and there is no user postgres.", "Run this as another user."
        ) from None
    return User(found.pw_uid, found.pw_gid)


def _etcd(folder: Path) -> Path:
    unpacked = folder / "etcd" / "usr" / "bin" / "etcd"
    installed = shutil.which("etcd")
    for program in (unpacked, *([Path(installed)] if installed else [])):
        if program.is_file() and _version(program).startswith(ETCD_SERIES):
            return program
    shutil.rmtree(folder / "etcd", ignore_errors=True)
    (folder / "etcd").mkdir()
    _run("Run apt-get update, or install an etcd 3.4.", "apt-get", "download", "etcd-server", cwd=folder / "etcd")
    package = next((folder / "etcd").glob("etcd-server_*.deb"))
    _run("Install dpkg.", "dpkg-deb", "--extract", str(package), str(folder / "etcd"), cwd=folder)
    package.unlink()
    if not _version(unpacked).startswith(ETCD_SERIES):
        raise EnvironmentFault(f"apt gave etcd {_version(unpacked)}.", f"etcd {ETCD_SERIES}x is what was measured.")
    return unpacked


def _version(program: Path) -> str:
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - ours
    found = re.search(r"etcd Version: (\S+)", said)
    return found[1] if found else ""


def _patroni(folder: Path) -> Path:
    """Make the venv with an interpreter that the servers' user may run; a venv of the same lock is used again."""
    venv, stamp = folder / "patroni", folder / "patroni" / "requirements.lock"
    if not (stamp.is_file() and filecmp.cmp(stamp, LOCK, shallow=False)):
        shutil.rmtree(venv, ignore_errors=True)
        remedy = "Install python3-venv, and see that packages can be fetched."
        _run(remedy, _python(), "-m", "venv", str(venv), cwd=folder)
        pip = (str(venv / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run(remedy, *pip, "--no-deps", "--require-hashes", "-r", str(LOCK), cwd=folder)
        shutil.copy(LOCK, stamp)
    return venv / "bin" / "patroni"


def _python() -> str:
    """Find an interpreter outside anybody's home: Debian's own, or the one we run on."""
    system = Path("/usr/bin/python3")
    return str(system) if system.exists() else sys.executable


def _run(remedy: str, *command: str, cwd: Path) -> None:
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    try:
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    except OSError as error:
        raise EnvironmentFault(f"{command[0]} cannot be run ({error.strerror}).", remedy) from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise EnvironmentFault(f"{' '.join(command[:4])} failed: {said[-1] if said else done.returncode}.", remedy)


def lock_digest() -> str:
    """Tell which lock was used, for the report."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
