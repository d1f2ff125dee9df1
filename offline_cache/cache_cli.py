"""`guichet cache`: how many lent records are here, how old, how far a filling is; nothing about who.

Rules:
- Nothing here opens a record, nor can: they are sealed to their owners' cards.
- `forget` destroys the keys; a running agent notices within a moment and fills a new cache under new ones.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from kiosk.terminal_folder import TerminalFolder
    from offline_cache.cache_key import CacheKeys
    from offline_cache.database import Database

FLAWED = 1


def add_parser(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register `cache`."""
    verb = subparsers.add_parser(
        "cache",
        help="the records that the back office lends: status, verify, sweep, forget",
        description="The cache of sealed records. Nobody reads them here: each opens with its owner's card and PIN.",
    )
    acts = verb.add_subparsers(dest="act", metavar="ACT", required=True)
    known = (
        ("status", run_status, "how many, how old, how far", "Counts, ages, and how far a filling is."),
        ("verify", run_verify, "check every page", "Exit code 1 when something is wrong; the agent fills it anew."),
        ("sweep", run_sweep, "remove what has expired", "The agent does it every hour by itself."),
        ("forget", run_forget, "destroy the keys and remove the files", "Before a terminal is moved, lent or repaired."),
    )
    for name, run, help_, description in known:
        parser = acts.add_parser(name, help=help_, description=description)
        parser.set_defaults(run=run)
        parser.add_argument(
            "--state", type=Path, metavar="DIR", help="state folder (default: $GUICHET_STATE or .guichet)"
        )
        if name == "status":
            parser.add_argument("--json", action="store_true", help="for programs")


def run_status(args: argparse.Namespace) -> int:
    """Say how the cache is."""
    from kiosk.terminal_folder import TerminalFolder

    report = describe(TerminalFolder(args.state))
    if args.json:
        print(json.dumps(report, indent=2))
        return 0
    for key, value in report.items():
        if isinstance(value, dict):
            value = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in value.items())  # noqa: PLW2901
        print(f"{key.replace('_', ' '):22} {'-' if value is None else value}")
    return 0


def describe(folder: TerminalFolder) -> dict[str, Any]:
    """Return what `status` says: from the files, and what the agent last reported."""
    from offline_cache.database import DatabaseFault

    report: dict[str, Any] = {"cache": "empty", "people": 0}
    if folder.cache_lapsed.exists():
        report |= {"cache": "lapsed", "lapsed_since": folder.cache_lapsed.read_text("utf-8", "replace").strip()}
    if folder.cache.exists():
        try:
            report |= _from_file(folder)
        except DatabaseFault as fault:
            report |= {"cache": "unreadable", "detail": str(fault)}
    told = _told(folder)
    if told and folder.cache_draft.exists() and "filling" in told:
        report["filling"] = told["filling"]
        if report["cache"] == "empty":
            report["cache"] = "filling"
    if told:
        report |= {"agent_said_at": told.get("at"), "hits": told.get("hits"), "misses": told.get("misses")}
        if told.get("problem"):
            report["last_problem"] = told["problem"]
    report["disk_free_mebibytes"] = shutil.disk_usage(folder.path).free >> 20 if folder.path.exists() else None
    return report


def _from_file(folder: TerminalFolder) -> dict[str, Any]:
    from offline_cache.records import reached

    database = _open(folder, read_only=True)
    try:
        far = reached(database)
        row = database.row("SELECT count(*) FROM lookup")
        soonest = database.row("SELECT min(expires_at) FROM record")
    finally:
        database.close()
    synced_at = datetime.fromtimestamp(far.synced_at, UTC)
    return {
        "cache": "ok",
        "people": far.people,
        "cards": int(row[0]) if row else 0,
        "bytes": folder.cache.stat().st_size,
        "confirmed_at": synced_at.isoformat(),
        "destroyed_after": (synced_at + timedelta(days=_lease_days(folder))).isoformat(),
        "next_expiry": None if not soonest or soonest[0] is None else _day(int(soonest[0])),
        "cursor": far.cursor,
    }


def _day(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return "never"


def _lease_days(folder: TerminalFolder) -> int:
    """Read the lease from the terminal's configuration as it is; its default when it does not say."""
    import tomllib

    try:
        document = tomllib.loads(folder.configuration.read_text("utf-8"))
        return int(document.get("cache", {}).get("lease_days", LEASE_DAYS))
    except (OSError, ValueError, TypeError):
        return LEASE_DAYS


LEASE_DAYS = 7


def _told(folder: TerminalFolder) -> dict[str, Any]:
    try:
        told = json.loads(folder.cache_report.read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def run_verify(args: argparse.Namespace) -> int:
    """Check every page."""
    from kiosk.terminal_folder import TerminalFolder
    from offline_cache.database import DatabaseFault

    folder = TerminalFolder(args.state)
    if not folder.cache.exists():
        print(f"There is no cache in {folder.path}: nothing to check.")
        return 0
    try:
        database = _open(folder, read_only=True)
        flaws = database.flaws()
        database.close()
    except DatabaseFault as fault:
        flaws = [str(fault)]
    for flaw in flaws:
        print(f"  {flaw}")
    if flaws:
        print(f"{folder.cache} is not what was written. The agent throws it away at its next start and fills it anew.")
        return FLAWED
    print(f"{folder.cache}: every page as written.")
    return 0


def run_sweep(args: argparse.Namespace) -> int:
    """Remove what has expired."""
    from kiosk.domain.errors import EnvironmentFault
    from kiosk.system import FileClock
    from kiosk.terminal_folder import TerminalFolder
    from offline_cache.database import DatabaseFault
    from offline_cache.records import sweep

    folder = TerminalFolder(args.state)
    if not folder.cache.exists():
        print("There is no cache: nothing has expired.")
        return 0
    try:
        database = _open(folder, read_only=False)
        try:
            gone = sweep(database, int(FileClock(folder.state / "clock").now().timestamp()))
        finally:
            database.close()
    except DatabaseFault as fault:
        raise EnvironmentFault(f"{folder.cache} cannot be swept ({fault}).", "guichet cache verify") from fault
    print(f"{gone} expired records removed.")
    return 0


def run_forget(args: argparse.Namespace) -> int:
    """Destroy the keys, remove the files."""
    from kiosk.terminal_folder import TerminalFolder, destroy_file
    from offline_cache.cache_database import throw_away

    folder = TerminalFolder(args.state)
    destroy_file(folder.cache_key)
    if not folder.lock.exists() or _is_idle(folder.lock):
        throw_away(folder.cache)
        throw_away(folder.cache_draft)
        folder.cache_report.unlink(missing_ok=True)
        print("The keys are destroyed and the files removed. The next agent fills a new cache.")
    else:
        print("The keys are destroyed. The running agent removes the files and fills a new cache under new keys;")
        print("stop it first if this terminal is to stay empty.")
    return 0


def _is_idle(lock: Path) -> bool:
    """Tell whether no agent holds its lock."""
    import fcntl

    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        fcntl.flock(file, fcntl.LOCK_UN)
        return True


def _open(folder: TerminalFolder, *, read_only: bool) -> Database:
    """Open the cache. Raises `DatabaseFault`, `EnvironmentFault` when its keys cannot be read."""
    from kiosk.domain.errors import EnvironmentFault
    from offline_cache.cache_database import LIVE_FORM
    from offline_cache.cache_key import CacheKeyFile
    from offline_cache.database import open_database

    keys: CacheKeys | None = CacheKeyFile(folder, bytes).load()
    if keys is None:
        raise EnvironmentFault(
            f"The keys in {folder.cache_key} are gone or damaged: nobody can read the cache any more.",
            "Start the agent: it fills a new one.",
        )
    return open_database(folder.cache, keys.database, form=LIVE_FORM, read_only=read_only)
