"""`guichet journal`: what was recorded at this terminal, and how its delivery stands. Reads; `resend` asks the agent.

`guichet cache` is in `cache_cli`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from offline_cache.database import Database
    from offline_cache.entries import Entry
    from offline_cache.head_mark import Head
    from offline_cache.inspection import Inspection

FLAWED = 1
LARGEST_KEY_FILE = 16 * 1024


def add_parser(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register `journal` and `cache`."""
    from offline_cache.cache_cli import add_parser as add_cache

    add_cache(subparsers)
    verb = subparsers.add_parser(
        "journal",
        help="list, show, verify, export, send again what was recorded here",
        description="The terminal's journal. Bodies are sealed to the back office: nobody reads them here.",
    )
    acts = verb.add_subparsers(dest="act", metavar="ACT", required=True)
    listing = acts.add_parser("list", help="every entry and how its delivery stands", description="Every entry.")
    listing.add_argument(
        "--only",
        choices=["waiting", "received", "conflict", "quarantined", "refused"],
        help="only entries whose delivery stands so",
    )
    listing.set_defaults(run=run_list)
    show = acts.add_parser("show", help="one entry", description="One entry, with its print reports.")
    show.add_argument("entry", help="sequence number, id, or reference number as on the receipt")
    show.set_defaults(run=run_show)
    resend = acts.add_parser(
        "resend",
        help="send again what was refused by a mistake",
        description="Lets entries that the back office refused wait again; the agent sends them within a second, or when "
        "it is started. What the back office has already it does not act upon twice.",
    )
    resend.add_argument("entries", nargs="*", metavar="ENTRY", help="sequence number, id, or reference number")
    resend.add_argument("--all", action="store_true", help="every entry that was refused")
    resend.set_defaults(run=run_resend)
    verify = acts.add_parser(
        "verify",
        help="check every page and the hash chain",
        description="Checks pages, chain, order and the remembered head. Exit code 1 when something is wrong.",
    )
    verify.set_defaults(run=run_verify)
    export = acts.add_parser(
        "export",
        help="take out everything that can be read, also from a damaged journal",
        description="Writes FOLDER/entries.jsonl (one entry a line, sealed as it is) and FOLDER/raw/ (the files as they "
        "are). Exit code 1 when something could not be read.",
    )
    export.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="a new folder")
    export.add_argument(
        "--journal", type=Path, metavar="FILE", help="another journal of this terminal: one that was set aside"
    )
    export.set_defaults(run=run_export)
    recover = acts.add_parser(
        "recover",
        help="take the entries out of the journal of a dead terminal, with the recovery key",
        description="Opens a journal of another terminal with the recovery key from the offline safe, on a spare machine. "
        "Writes what `export` writes; the back office takes it in with `guichet back-office take-in`. See docs/recovery.md.",
    )
    recover.add_argument("--journal", required=True, type=Path, metavar="FILE", help="the dead terminal's journal.db")
    recover.add_argument("--recovery-key", required=True, type=Path, metavar="FILE", help="the private key, PEM")
    recover.add_argument(
        "--sealed-key", type=Path, metavar="FILE", help="its journal.recovery (default: beside the journal)"
    )
    recover.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="a new folder")
    recover.set_defaults(run=run_recover)
    for parser in (listing, show, resend, verify, export):
        parser.add_argument(
            "--state", type=Path, metavar="DIR", help="state folder (default: $GUICHET_STATE or .guichet)"
        )
        if parser not in {export, resend}:
            parser.add_argument("--json", action="store_true", help="for programs")


def run_list(args: argparse.Namespace) -> int:
    """List the entries."""
    from kiosk.domain import reference
    from offline_cache.inspection import SELECT_ENTRY, entry_of

    where, parameters = ("WHERE coalesce(state, 'waiting') = ?", (args.only,)) if args.only else ("", ())
    with _journal(args.state) as database:
        owner = _owner(database)
        rows = database.each(f"{SELECT_ENTRY} {where} ORDER BY e.seq", parameters)
        entries = [_summary(entry_of(row), *owner) for row in rows]
    if args.json:
        print(json.dumps(entries, indent=2))
        return 0
    for entry in entries:
        decision = f" {entry['decision']}" if entry["decision"] else ""
        detail = f"  {entry['detail']}" if entry["detail"] else ""
        print(
            f"{entry['seq']:>6}  {reference.format(entry['reference'])}  {entry['recorded_at']}  {entry['kind']:<12}"
            f"{entry['state']}{decision}{detail}"
        )
    waiting = sum(entry["state"] == "waiting" for entry in entries)
    print(f"{len(entries)} entries, {waiting} waiting.", file=sys.stderr)
    return 0


def run_show(args: argparse.Namespace) -> int:
    """Show one entry."""
    from kiosk.domain.errors import EnvironmentFault

    with _journal(args.state) as database:
        epoch, terminal = _owner(database)
        entry = _find(database, args.entry, epoch, terminal)
        if entry is None:
            raise EnvironmentFault(f"The journal has no entry {args.entry!r}.", "See guichet journal list.")
        prints = database.rows(
            "SELECT stage, outcome, reported_at, state FROM print_report WHERE id = ? ORDER BY n", (entry.id,)
        )
    report = _summary(entry, epoch, terminal) | {
        "means": _MEANS[entry.state],
        "schema": entry.schema,
        "sealing_key_id": entry.sealing_key_id,
        "previous_hash": entry.previous_hash.hex(),
        "hash": entry.hash.hex(),
        "body_bytes": len(entry.body),
        "body_sha256": hashlib.sha256(entry.body).hexdigest(),
        "prints": [dict(zip(("stage", "outcome", "reported_at", "delivery"), row, strict=True)) for row in prints],
    }
    if args.json:
        print(json.dumps(report, indent=2))
    else:
        for key, value in report.items():
            print(f"{key.replace('_', ' '):16} {value}")
    return 0


_MEANS = {
    "waiting": "not delivered yet; nothing is lost, it is sent as soon as the line is up",
    "received": "the back office has it",
    "refused": "the back office did not take it; it is kept here, and by the desk as it came. "
    "Once the cause is mended: guichet journal resend",
    "quarantined": "the back office has it; an officer looks at it, and the person is told",
    "conflict": "the back office has it; something stands against it, and an officer decides",
}


def run_resend(args: argparse.Namespace) -> int:
    """Ask the agent to send refused entries again."""
    from kiosk.domain.errors import EnvironmentFault
    from kiosk.terminal_folder import TerminalFolder
    from offline_cache.inspection import SELECT_ENTRY, entry_of
    from offline_cache.resend import ask

    if bool(args.entries) == args.all:
        raise EnvironmentFault(
            "Say what to send again.", "Name entries (guichet journal list --only refused), or --all."
        )
    with _journal(args.state) as database:
        if args.all:
            rows = database.each(f"{SELECT_ENTRY} WHERE state = 'refused' ORDER BY e.seq", ())
            chosen = [entry_of(row) for row in rows]
        else:
            chosen = [_refused(database, wanted) for wanted in args.entries]
    if not chosen:
        print("No entry was refused.")
        return 0
    ask(TerminalFolder(args.state).path, [entry.seq for entry in chosen])
    print(f"{len(chosen)} to be sent again: {', '.join(str(entry.seq) for entry in chosen)}.")
    return 0


def _refused(database: Database, wanted: str) -> Entry:
    from kiosk.domain.errors import EnvironmentFault

    entry = _find(database, wanted, *_owner(database))
    if entry is None:
        raise EnvironmentFault(f"The journal has no entry {wanted!r}.", "See guichet journal list.")
    if entry.state != "refused":
        raise EnvironmentFault(
            f"Entry {entry.seq} was not refused: it is {entry.state} ({_MEANS[entry.state]}).",
            "See guichet journal list --only refused.",
        )
    return entry


def run_verify(args: argparse.Namespace) -> int:
    """Check the journal."""
    from kiosk.terminal_folder import TerminalFolder
    from offline_cache.database import DatabaseFault
    from offline_cache.head_mark import mark_path, read_mark

    path = TerminalFolder(args.state).journal
    mark = read_mark(mark_path(path))
    report: dict[str, Any] = {"journal": str(path)}
    try:
        found = _inspected(args.state, mark)
        report |= {"epoch": found.head.epoch, "entries": found.entries, "head": found.head.hash.hex()}
        report["flaws"] = list(found.flaws)
    except DatabaseFault as fault:
        report["flaws"] = [str(fault)]
    if args.json:
        print(json.dumps(report, indent=2))
    elif report["flaws"]:
        print(f"{path} is not what was written:")
        for flaw in report["flaws"]:
            print(f"  {flaw}")
        print("Remedy: guichet journal export --to FOLDER, give the folder to the desk, enrol this terminal again.")
    else:
        print(f"{path}: {report['entries']} entries, every page and link of the chain as written.")
    return FLAWED if report["flaws"] else 0


def run_export(args: argparse.Namespace) -> int:
    """Take everything out."""
    from kiosk.terminal_folder import TerminalFolder, read_journal_key
    from offline_cache.export import export

    folder = TerminalFolder(args.state)
    done = export(args.journal or folder.journal, read_journal_key(folder), args.to)
    print(f"{done.entries} entries in {args.to / 'entries.jsonl'}, the files as they are in {args.to / 'raw'}.")
    for flaw in done.flaws:
        print(f"  {flaw}", file=sys.stderr)
    if done.unreadable:
        print(f"  not readable: {', '.join(map(str, done.unreadable))}", file=sys.stderr)
    return FLAWED if done.flaws or done.unreadable else 0


def run_recover(args: argparse.Namespace) -> int:
    """Take everything out of a dead terminal's journal."""
    from kiosk.domain.errors import EnvironmentFault
    from kiosk.wire.problem import Problem
    from kiosk.wire.recovery import is_locked, open_journal_key, read_private
    from offline_cache.export import export

    pem = _read(args.recovery_key)
    private = read_private(pem, _passphrase() if is_locked(pem) else b"")
    if isinstance(private, Problem):
        raise EnvironmentFault(f"{args.recovery_key}: {private.detail}.", "Take recovery.key out of the offline safe.")
    sealed_key = args.sealed_key or args.journal.with_name("journal.recovery")
    journal = open_journal_key(_read(sealed_key), private)
    if isinstance(journal, Problem):
        raise EnvironmentFault(
            f"{sealed_key} does not open with this recovery key ({journal}).",
            "Use the recovery key that this terminal was given at its enrolment.",
        )
    done = export(args.journal, journal.key, args.to)
    print(f"Terminal {journal.terminal}: {done.entries} entries in {args.to / 'entries.jsonl'}, {done.waiting} never delivered.")
    print(f"At the back office: guichet back-office take-in {args.to / 'entries.jsonl'}")
    for flaw in done.flaws:
        print(f"  {flaw}", file=sys.stderr)
    if done.unreadable:
        print(f"  not readable: {', '.join(map(str, done.unreadable))}", file=sys.stderr)
    return FLAWED if done.flaws or done.unreadable else 0


def _read(path: Path) -> bytes:
    from kiosk.domain.errors import EnvironmentFault

    try:
        with path.open("rb") as file:
            return file.read(LARGEST_KEY_FILE)
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be read ({error.strerror}).", "Name another file.") from error


def _passphrase() -> bytes:
    import getpass

    said = getpass.getpass("Passphrase of the recovery key: ") if sys.stdin.isatty() else sys.stdin.readline()
    return said.rstrip("\n").encode()


def _open(state: Path) -> Database:
    """Open the journal for reading. Raises `EnvironmentFault` when there is none, `DatabaseFault` as the disk does."""
    from kiosk.domain.errors import EnvironmentFault
    from kiosk.terminal_folder import TerminalFolder, read_journal_key
    from offline_cache.database import open_database

    folder = TerminalFolder(state)
    if not folder.journal.exists():
        raise EnvironmentFault(
            f"There is no journal {folder.journal}.", "Enrol this terminal and start its agent once."
        )
    return open_database(folder.journal, read_journal_key(folder), read_only=True)


def _inspected(state: Path, mark: Head | None) -> Inspection:
    from offline_cache.inspection import inspect

    database = _open(state)
    try:
        return inspect(database, mark)
    finally:
        database.close()


@contextlib.contextmanager
def _journal(state: Path) -> Iterator[Database]:
    """Open the journal for reading, and close it. Raises `EnvironmentFault`, also for what the disk does meanwhile."""
    from kiosk.domain.errors import EnvironmentFault
    from offline_cache.database import DatabaseFault

    try:
        database = _open(state)
        try:
            yield database
        finally:
            database.close()
    except DatabaseFault as fault:
        raise EnvironmentFault(
            f"The journal in {state} cannot be read ({fault}).",
            "Take out what can be read: guichet journal export --to FOLDER.",
        ) from fault


def _owner(database: Database) -> tuple[int, str]:
    row = database.row("SELECT epoch, terminal FROM journal")
    return (int(row[0]), str(row[1])) if row else (0, "T0000")


def _summary(entry: Entry, epoch: int, terminal: str) -> dict[str, Any]:
    from kiosk.domain import reference

    return {
        "seq": entry.seq,
        "epoch": epoch,
        "reference": reference.make(int(terminal.removeprefix("T")), epoch, entry.seq),
        "id": entry.id,
        "kind": entry.kind,
        "recorded_at": entry.recorded_at,
        "state": entry.state,
        "decision": entry.decision,
        "detail": entry.detail,
        "changed_at": entry.changed_at,
    }


def _find(database: Database, wanted: str, epoch: int, terminal: str) -> Entry | None:
    from kiosk.domain import reference
    from offline_cache.inspection import SELECT_ENTRY, entry_of

    row = None
    if wanted.isascii() and wanted.isdigit() and len(wanted) < reference.LENGTH:
        row = database.row(f"{SELECT_ENTRY} WHERE e.seq = ?", (int(wanted),))
    elif reference.is_valid(wanted):
        parts = reference.parts(wanted)
        if (parts.terminal, parts.epoch) == (int(terminal.removeprefix("T")), epoch % 10):
            row = database.row(f"{SELECT_ENTRY} WHERE e.seq = ?", (parts.sequence,))
    else:
        row = database.row(f"{SELECT_ENTRY} WHERE id = ?", (wanted.lower(),))
    return entry_of(row) if row else None
