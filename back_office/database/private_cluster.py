"""A PostgreSQL server of our own in a folder, for the demonstration and the tests: no system service, no network.

Rules:
- It listens on a UNIX socket only, in a folder that nobody else may enter; whoever gets there is trusted.
- Text is compared by its bytes (locale C, UTF8); fsync, full_page_writes and synchronous_commit stay on.
- PostgreSQL refuses to run as root: then it runs as `postgres` (or `nobody`), and where that user cannot reach the folder,
  the cluster lies in the system's folder for temporary files, under a name made from the folder's.
- It ends with the process that started it.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

OLDEST = 15
START_SECONDS = 60.0
STOP_SECONDS = 30.0
USER = "guichet"
_LONGEST_SOCKET = 107 - len("/.s.PGSQL.5432")
"""sun_path holds 108 bytes with the end (unix(7))."""
_SETTINGS = {"listen_addresses": "", "unix_socket_permissions": "0700", "log_line_prefix": "%m ", "lc_messages": "C"}


def binaries() -> Path:
    """Find the folder of the newest PostgreSQL that will do. Raises EnvironmentFault."""
    found = [path for path in Path("/usr/lib/postgresql").glob("[0-9]*/bin") if (path / "postgres").is_file()]
    good = sorted((int(path.parent.name), path) for path in found if int(path.parent.name) >= OLDEST)
    if good:
        return good[-1][1]
    named = shutil.which("postgres")
    if named is not None:
        said = subprocess.run([named, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - found above
        version = re.search(r"\b(\d+)\.", said)
        if version is not None and int(version[1]) >= OLDEST:
            return Path(named).resolve().parent
    raise EnvironmentFault(
        "No PostgreSQL 15 or newer is installed here.", "Run ./setup.sh, or: apt-get install postgresql-15"
    )


class PrivateCluster:
    """One server and its data in `folder`; `with` starts and stops it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._server: subprocess.Popen[bytes] | None = None
        self._user = _server_user()
        self._home = self._folder
        self._socket = self._folder
        self._elsewhere = Path(tempfile.gettempdir()) / f"guichet-postgresql-{_digest(self._folder)}"

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def url(self, database: str) -> str:
        """Give the URL of one of its databases."""
        return f"postgresql://{USER}@/{quote(database)}?host={quote(str(self._socket), safe='')}"

    def start(self) -> None:
        """Make the cluster when there is none, and start its server. Raises EnvironmentFault."""
        programs = binaries()
        self._home = self._choose_home()
        self._socket = self._choose_socket()
        data = self._home / "data"
        if not (data / "PG_VERSION").exists():
            shutil.rmtree(data, ignore_errors=True)  # a first start that was cut off
            self._run(
                programs / "initdb", "--pgdata", str(data), "--encoding=UTF8", "--locale=C", "--auth=trust",
                f"--username={USER}", "--data-checksums",
            )  # fmt: skip
        settings = {**_SETTINGS, "unix_socket_directories": str(self._socket)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = self._as_user(str(programs / "postgres"), "-D", str(data), *options)
        with (self._home / "log").open("ab") as log:
            self._server = subprocess.Popen(  # noqa: S603 - our own command
                command, cwd=self._home, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        self._wait(data / "postmaster.pid", self._server)

    def stop(self) -> None:
        """Disconnect everybody, write everything down, end; nothing when it does not run."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a power cut of the server program would: nothing is written down any more."""
        self._end(signal.SIGQUIT)

    def _end(self, number: signal.Signals) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.send_signal(number)
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait()
        if self._socket != self._home:
            shutil.rmtree(self._socket, ignore_errors=True)

    def remove(self) -> None:
        """Stop it and remove its data for good."""
        self.stop()
        for folder in (self._folder, self._elsewhere):
            if folder.exists():
                self._check_owner(folder)
                shutil.rmtree(folder)

    def create_database(self, name: str, template: str = "template0") -> str:
        """Make a database, a copy of the template (which nobody may be connected to); gives its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as db:
            known = db.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
            if known is None:
                db.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
                )
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is connected."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as db:
            db.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    # --- where it lies, and as whom it runs -----------------------------------------------------------------

    def _choose_home(self) -> Path:
        try:
            new = not self._folder.exists()
            self._folder.mkdir(parents=True, exist_ok=True)
            if self._user is None:
                self._folder.chmod(0o700)
                return self._folder
            if self._reaches(self._folder):
                return self._owned(self._folder)
            home = self._elsewhere
            if new and home.exists():
                self._check_owner(home)
                shutil.rmtree(home)  # of a state folder that was thrown away
            home.mkdir(exist_ok=True)
            return self._owned(home)
        except OSError as error:
            raise EnvironmentFault(
                f"{self._folder} cannot hold a PostgreSQL cluster ({error}).", "Give --state a folder you may write to."
            ) from error

    def _choose_socket(self) -> Path:
        if len(os.fsencode(self._home)) <= _LONGEST_SOCKET:
            return self._home
        short = Path(tempfile.gettempdir()) / f"guichet-pg-{_digest(self._home)}"
        short.mkdir(mode=0o700, exist_ok=True)
        return self._owned(short)

    def _owned(self, folder: Path) -> Path:
        """Let the server's user alone enter the folder."""
        if self._user is not None and folder.stat().st_uid == 0:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        self._check_owner(folder)
        folder.chmod(0o700)
        return folder

    def _check_owner(self, folder: Path) -> None:
        uid = os.geteuid() if self._user is None else self._user.pw_uid
        if folder.is_symlink() or folder.stat().st_uid not in {uid, os.geteuid()}:
            raise EnvironmentFault(f"{folder} is somebody else's.", "Remove it, or use another --state.")

    def _reaches(self, folder: Path) -> bool:
        """Tell whether the server's user may enter every folder above this one."""
        done = subprocess.run(self._as_user("test", "-x", str(folder.parent)), check=False)  # noqa: S603 - our own command
        return done.returncode == 0

    def _as_user(self, *command: str) -> list[str]:
        """The command as the server's user; it gets SIGINT (a fast stop) when our process ends."""
        who: Sequence[str] = ()
        if self._user is not None:
            who = (f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups")
        return ["setpriv", *who, "--pdeathsig", "INT", *command]

    def _run(self, program: Path, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 - our own command
            self._as_user(str(program), *arguments), cwd=self._home, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise EnvironmentFault(
                f"{program.name} failed: {said[-1] if said else done.returncode}.",
                f"Look at {self._home}; remove it to begin anew.",
            )

    def _wait(self, note: Path, server: subprocess.Popen[bytes]) -> None:
        """Wait until the server's own note says that it is ready (its eighth line, as pg_ctl reads it)."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            lines = note.read_text("ascii", "replace").splitlines() if note.exists() else []
            if len(lines) > 7 and lines[0].strip() == str(server.pid) and lines[7].startswith("ready"):  # noqa: PLR2004 - above
                return
            ended = server.poll() is not None
            if ended or time.monotonic() > deadline:
                self.kill()
                raise EnvironmentFault(
                    f"The private PostgreSQL {'ended at once' if ended else 'did not become ready'}: {self._last_words()}.",
                    f"See {self._home / 'log'}.",
                )
            select.select([], [], [], 0.01)

    def _last_words(self) -> str:
        """Find the newest word of the server's log that says why it ended."""
        lines = (self._home / "log").read_text("utf-8", "replace").strip().splitlines()
        fatal = [line for line in lines if "FATAL" in line] or lines
        return fatal[-1] if fatal else "it said nothing"


def _server_user() -> pwd.struct_passwd | None:
    """Find whom to run as; None: as we are."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EnvironmentFault("PostgreSQL cannot run as root.", "Make a user postgres, or run this as another user.")


def _digest(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
