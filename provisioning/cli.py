"""`guichet provision`: give a terminal its identity, and say what it has."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from kiosk.system import Clock
    from kiosk.terminal_folder import TerminalFolder

NOT_ENROLLED = 1


def add_parser(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register `provision`."""
    verb = subparsers.add_parser(
        "provision", help="enrol this terminal, say what it is", description="Identity and keys of this terminal."
    )
    acts = verb.add_subparsers(dest="act", metavar="ACT", required=True)
    enroll = acts.add_parser(
        "enroll",
        help="exchange a one-time code for an identity",
        description="Make this terminal's keys, send certificate requests with a one-time code, keep what comes back. "
        "The code is made by `guichet back-office enrolment-code`. With `--code -`, `--code` alone or without it, it is "
        "read from standard input, or asked for; do that: a command line can be read by everybody on this machine.",
    )
    enroll.add_argument(
        "--code", nargs="?", const="-", help="the one-time code (10 characters); '-', no value or left out: standard input"
    )
    enroll.add_argument("--back-office", required=True, metavar="URL", help="https://HOST:PORT of the back office")
    enroll.add_argument(
        "--root",
        type=Path,
        metavar="FILE",
        help="the scheme's root certificate (default: this terminal's, or STATE/pki)",
    )
    enroll.add_argument(
        "--recovery-key", type=Path, metavar="FILE", help="the public recovery.pem of the agency (see recovery-key)"
    )
    enroll.set_defaults(run=run_enroll)
    recovery = acts.add_parser(
        "recovery-key",
        help="make the key that opens the journals of dead terminals, for the offline safe",
        description="Writes FOLDER/recovery.key (private: for the offline safe, in two copies) and FOLDER/recovery.pem "
        "(public: for every terminal). The passphrase is asked, or read from standard input; empty means none.",
    )
    recovery.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="a new folder")
    recovery.set_defaults(run=run_recovery_key)
    seal = acts.add_parser(
        "seal-journal-key",
        help="give a terminal that is enrolled already a (new) recovery key",
        description="Keeps the public half and seals the journal's key to it, beside the journal.",
    )
    seal.add_argument("--recovery-key", required=True, type=Path, metavar="FILE", help="the public recovery.pem")
    seal.set_defaults(run=run_seal)
    status = acts.add_parser(
        "status",
        help="say what this terminal is and how its keys are kept",
        description="Enrolment, certificate, keys and configuration. Exit code 1 when the terminal is not enrolled.",
    )
    status.add_argument("--json", action="store_true", help="for programs")
    status.set_defaults(run=run_status)
    for parser in (enroll, status, seal):
        parser.add_argument(
            "--state", type=Path, metavar="DIR", help="state folder (default: $GUICHET_STATE or .guichet)"
        )


def run_enroll(args: argparse.Namespace) -> int:
    """Enrol."""
    from kiosk.system import SystemClock, SystemIds
    from kiosk.terminal_folder import TerminalFolder
    from provisioning.enrolment import enrol
    from provisioning.key_store import FileKeyStore
    from provisioning.recovery import keep_recovery_key, seal_for_recovery

    folder = TerminalFolder(args.state)
    if args.recovery_key is not None:
        folder.create()
        keep_recovery_key(folder, args.recovery_key)
    root = args.root or (folder.root if folder.root.exists() else args.state / "pki" / "root.pem")
    enrolment = enrol(folder, args.back_office, _code(args.code), root, clock=SystemClock(), ids=SystemIds())
    print(f"Terminal {enrolment.terminal} of office {enrolment.office} is enrolled at {enrolment.back_office}.")
    print(f"Certificate until {enrolment.certificate_until}. Journal epoch {enrolment.journal_epoch}.")
    print(f"Keys: {FileKeyStore.protection_in_words}.")
    recoverable = seal_for_recovery(folder, enrolment.terminal)
    print(f"Journal key sealed to the recovery key: {'yes' if recoverable else 'no, give --recovery-key FILE'}.")
    print(f"Key fingerprint: {enrolment.key_fingerprint}")
    print("Compare it with the back office's. A running agent takes the identity over when it is started again.")
    return 0


def run_recovery_key(args: argparse.Namespace) -> int:
    """Make a recovery key."""
    from provisioning.recovery import make_recovery_key

    if sys.stdin.isatty():
        passphrase = getpass.getpass("Passphrase of the new recovery key (empty: none): ")
        if passphrase != getpass.getpass("The same again: "):
            print("The two are not the same; nothing was made.", file=sys.stderr)
            return NOT_ENROLLED
    else:
        passphrase = sys.stdin.readline().rstrip("\n")
    make_recovery_key(args.to, passphrase.encode())
    print(f"{args.to / 'recovery.key'}: put it into the offline safe, in two copies, and delete it here.")
    print(f"{args.to / 'recovery.pem'}: give it to each terminal: guichet provision enroll --recovery-key FILE")
    return 0


def run_seal(args: argparse.Namespace) -> int:
    """Seal the journal's key to a recovery key."""
    from kiosk.domain.errors import EnvironmentFault
    from kiosk.terminal_folder import TerminalFolder
    from provisioning.enrolment import load_enrolment
    from provisioning.recovery import keep_recovery_key, seal_for_recovery

    folder = TerminalFolder(args.state)
    enrolment = load_enrolment(folder)
    if enrolment is None:
        raise EnvironmentFault("This terminal is not enrolled.", "guichet provision enroll --recovery-key FILE ...")
    keep_recovery_key(folder, args.recovery_key)
    seal_for_recovery(folder, enrolment.terminal)
    print(f"The journal's key is sealed in {folder.journal_recovery}.")
    return 0


def run_status(args: argparse.Namespace) -> int:
    """Say what this terminal is."""
    from kiosk.system import SystemClock
    from kiosk.terminal_folder import TerminalFolder

    report = describe(TerminalFolder(args.state), SystemClock())
    if args.json:
        print(json.dumps(report, indent=2))
    else:
        for key, value in report.items():
            print(f"{key.replace('_', ' '):20} {value}")
    return 0 if report["enrolled"] else NOT_ENROLLED


def describe(folder: TerminalFolder, clock: Clock) -> dict[str, Any]:
    """Return what `status` says; every part that is wrong says so in its place."""
    from kiosk.domain.errors import EnvironmentFault
    from kiosk.terminal_folder import ENROL
    from provisioning.configuration import load_configuration
    from provisioning.enrolment import certificate_days, load_enrolment
    from provisioning.key_store import FileKeyStore, fingerprint

    enrolment = load_enrolment(folder)
    if enrolment is None:
        return {"enrolled": False, "state_folder": str(folder.state), "remedy": ENROL}
    report: dict[str, Any] = {
        "enrolled": True,
        "terminal": enrolment.terminal,
        "office": enrolment.office,
        "back_office": enrolment.back_office,
        "journal_epoch": enrolment.journal_epoch,
        "enrolled_at": enrolment.enrolled_at,
        "certificate_until": enrolment.certificate_until,
        "certificate_days": certificate_days(enrolment, clock.now()),
        "key_protection": FileKeyStore.protection_in_words,
    }
    store = FileKeyStore(folder)
    try:
        report["key_fingerprint"] = fingerprint(store.terminal_key().public_key())
        store.receipt_key()
        store.journal_key()
        report["keys"] = "readable"
    except EnvironmentFault as fault:
        report["keys"] = f"{fault.what} {fault.remedy}"
    report["journal_recovery"] = (
        "sealed to the recovery key" if folder.journal_recovery.exists() else "none: a dead terminal's journal is lost"
    )
    try:
        load_configuration(folder.configuration)
        report["configuration"] = str(folder.configuration)
    except EnvironmentFault as fault:
        report["configuration"] = f"{fault.what} {fault.remedy}"
    return report


def _code(given: str | None) -> str:
    if given is not None and given != "-":
        return given
    if sys.stdin.isatty():
        return getpass.getpass("Enrolment code: ")
    return sys.stdin.readline()
