"""`guichet back-office`: make, fill, run and look after a back office.

Rules:
- Every act that changes something leaves an audit line with the operator's name (`--by`, or the system's user).
- What is wrong is one line naming place and remedy, and exit code 2.
"""

from __future__ import annotations

import argparse
import getpass
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from back_office import office_cli
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from back_office.installation import Installation
    from back_office.settings import Settings

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

_TERMINAL = re.compile(r"T[0-9]{4}")
_DURATION = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<d>\d{1,5})d)?(?:(?P<h>\d{1,6})h)?(?:(?P<m>\d{1,7})m)?(?:(?P<s>\d{1,9})s)?"
)


def add_parser(subparsers: Subparsers) -> None:
    """Register the verbs of this room: back-office, desk, partner."""
    from back_office import estimate_cli, feed_cli, payments
    from back_office.verification import cli as certificates

    parser = subparsers.add_parser(
        "back-office",
        help="the reference back office: serve, set up, look after",
        description="The server that terminals sync with, and everything an operator does with it.",
    )
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    _setting_up(acts)
    _terminals(acts)
    office_cli.add_verbs(acts)
    _keeping(acts)
    payments.add_parser(acts)
    feed_cli.add_parser(acts)
    certificates.add_parser(acts)
    estimate_cli.add_parser(acts)
    _others(subparsers)


def _others(subparsers: Subparsers) -> None:
    """Let the desk and the partners register theirs."""
    from back_office.desk import cli as desk
    from back_office.partners import cli as partners

    desk.add_parser(subparsers)
    partners.add_parser(subparsers)


def _act(acts: Subparsers, name: str, help_text: str, description: str) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=help_text, description=description)
    parser.add_argument("--state", type=Path, default=None, help="state folder (default $GUICHET_STATE or .guichet)")
    if name != "clock":
        kept = "kept in the settings" if name == "init" else "default: as the settings say"
        parser.add_argument(
            "--database", metavar="URL", help=f"postgresql://USER@HOST/NAME instead of the SQLite file ({kept})"
        )
    return parser


def _by(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", default=None, metavar="NAME", help="who does this, for the audit log")


def _setting_up(acts: Subparsers) -> None:
    parser = _act(
        acts,
        "init",
        "make keys, settings and an empty database",
        "Makes what is missing in the state folder: demonstration keys, settings.toml, the database. What is there stays.",
    )
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8443; 0: the system chooses)")
    parser.add_argument("--bank-url", help="where the bank partner is")
    parser.add_argument("--sms-url", help="where the SMS gateway is")
    parser.add_argument("--smtp-port", type=int, help="port of the mail server")
    parser.add_argument(
        "--terminal-setting", action="append", default=[], metavar="KEY=VALUE", help="sent to every terminal, signed"
    )
    parser.set_defaults(run=_init)
    parser = _act(
        acts,
        "seed",
        "fill an empty database with the demonstration's people",
        "Adds synthetic persons, issues the demonstration cards, and writes the bank's customer list and demo.json.",
    )
    parser.add_argument("--persons", type=int, default=500, help="how many (default 500, at least 6)")
    parser.set_defaults(run=_seed)
    parser = _act(
        acts, "serve", "run the server", "Serves HTTPS until SIGTERM or SIGINT, and makes the background rounds."
    )
    parser.set_defaults(run=_serve)


def _terminals(acts: Subparsers) -> None:
    parser = _act(
        acts,
        "enrolment-code",
        "make a one-time code for a technician",
        "Prints a code of 10 characters that enrols one terminal, once, within 15 minutes. Only its hash is kept.",
    )
    parser.add_argument("--terminal", required=True, type=_terminal_id, metavar="T0007")
    parser.add_argument("--office", required=True, metavar="101")
    parser.add_argument("--technician", required=True, metavar="NAME")
    parser.set_defaults(run=_enrolment_code)

    parser = _act(
        acts,
        "take-in",
        "take in the journal of a terminal that is dead",
        "Takes in what `guichet journal recover` wrote. Entries that had arrived before change nothing; the running server "
        "decides the new ones.",
    )
    parser.add_argument("file", type=Path, metavar="entries.jsonl")
    _by(parser)
    parser.set_defaults(run=_take_in)

    group = acts.add_parser("terminal", help="list, suspend, resume or retire terminals")
    verbs = group.add_subparsers(dest="terminal_act", metavar="ACT", required=True)
    parser = _act(
        verbs, "list", "every terminal ever enrolled", "Lists terminals, their state and what is odd about them."
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=_terminal_list)
    for name, state, meaning in (
        ("suspend", "suspended", "refuse it at its next request"),
        ("resume", "in_service", "serve it again"),
        ("retire", "retired", "refuse it for good"),
    ):
        parser = _act(verbs, name, meaning, f"{name.capitalize()} a terminal: {meaning}.")
        parser.add_argument("terminal", type=_terminal_id, metavar="T0007")
        parser.add_argument("--reason", required=True)
        _by(parser)
        parser.set_defaults(run=_terminal_state, to_state=state)


def _keeping(acts: Subparsers) -> None:
    parser = _act(
        acts, "revoke-card", "revoke a card", "From now on the card is refused at every terminal and by every decision."
    )
    parser.add_argument("card", metavar="CARD_NUMBER")
    parser.add_argument("--reason", required=True)
    _by(parser)
    parser.set_defaults(run=_revoke_card)

    parser = _act(
        acts,
        "rotate-sealing-key",
        "make a new sealing key",
        "Terminals seal to the new key from their next reference data on; envelopes sealed to old keys still open.",
    )
    _by(parser)
    parser.set_defaults(run=_rotate)

    parser = _act(
        acts, "clock", "move the clock, to try waits out", "Moves the clock of everything on this state folder."
    )
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument(
        "--add", type=_duration, metavar="14d", help="days, hours, minutes, seconds: 14d, 36h, 1d12h; back: --add=-2h"
    )
    group.add_argument("--show", action="store_true", help="say what time it is here")
    parser.set_defaults(run=_clock)

    group_parser = acts.add_parser("audit", help="check or read the audit log")
    verbs = group_parser.add_subparsers(dest="audit_act", metavar="ACT", required=True)
    parser = _act(
        verbs, "verify", "check every link of the chain", "Exit code 1 and the first wrong line when it was changed."
    )
    parser.set_defaults(run=_audit_verify)
    parser = _act(verbs, "show", "print lines as JSON", "Prints the log, or the lines about one subject.")
    parser.add_argument("--subject", default=None, help="a transaction, terminal or person number")
    parser.set_defaults(run=_audit_show)


# --- types of arguments ------------------------------------------------------------------------------


def _terminal_id(text: str) -> str:
    if not _TERMINAL.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no terminal id; write T and four digits, as in T0007")
    return text


def _duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None or not any(match[unit] for unit in "dhms"):
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; write it as in 14d, 36h, 1d12h or -2h")
    parts = {unit: int(match[unit] or 0) for unit in "dhms"}
    length = timedelta(days=parts["d"], hours=parts["h"], minutes=parts["m"], seconds=parts["s"])
    return -length if match["sign"] == "-" else length


# --- acts --------------------------------------------------------------------------------------------


def _state(args: argparse.Namespace) -> Path:
    from back_office.installation import state_folder

    return state_folder(args.state)


def _operator(args: argparse.Namespace) -> str:
    try:
        return args.by or getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def _wanted_settings(args: argparse.Namespace) -> Settings:
    """Take the settings of the command line into the defaults, checked as a file would be."""
    from dataclasses import replace

    from back_office.settings import Settings, parse_settings, write_settings

    plain = Settings()
    server = {name: value for name in ("host", "port") if (value := getattr(args, name)) is not None}
    partners = {
        name: value for name in ("bank_url", "sms_url", "smtp_port") if (value := getattr(args, name)) is not None
    }
    pairs = [text.partition("=") for text in args.terminal_setting]
    terminal = {key: _typed(value) for key, _, value in pairs}
    wanted = replace(
        plain,
        server=replace(plain.server, **server),
        database=replace(plain.database, url=args.database or ""),
        partners=replace(plain.partners, **partners),
        terminal=terminal,
    )
    return parse_settings(write_settings(wanted), "the command line")


def _typed(text: str) -> str | int | bool:
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if re.fullmatch(r"-?\d{1,15}", text) else text


def _init(args: argparse.Namespace) -> int:
    from back_office.installation import create_installation
    from back_office.settings import FILE, load_settings, write_settings

    state = _state(args)
    wanted = _wanted_settings(args)
    settings = load_settings(state) if (state / FILE).exists() else wanted
    with create_installation(state, settings, write_settings(wanted)) as it:
        it.keyring.create(it.clock, it.ids)
    print(f"{state}: keys, {FILE} and database are there")
    return 0


def _seed(args: argparse.Namespace) -> int:
    from back_office.demo.population import LEAST
    from back_office.demo.seed import seed
    from back_office.installation import open_installation

    if args.persons < LEAST:
        raise EnvironmentFault(f"--persons is {args.persons}.", f"The demonstration needs at least {LEAST}.")
    with open_installation(_state(args), database=args.database) as it:
        seeded = seed(it, count=args.persons)
    print(f"{seeded.people} persons added" if seeded.people else "the demonstration's people were there already")
    return 0


def _serve(args: argparse.Namespace) -> int:
    from back_office.installation import open_installation
    from back_office.serve import serve

    with open_installation(_state(args), database=args.database) as it:
        serve(it)
    return 0


def _enrolment_code(args: argparse.Namespace) -> int:
    from back_office.enrolment import new_code
    from back_office.installation import open_installation

    with open_installation(_state(args), database=args.database) as it:
        lifetime = timedelta(minutes=it.settings.enrolment.code_minutes)
        with it.work() as work:
            code = new_code(
                work, terminal_id=args.terminal, office=args.office, technician=args.technician, lifetime=lifetime
            )
    print(code)
    return 0


def _take_in(args: argparse.Namespace) -> int:
    from back_office.installation import open_installation
    from back_office.take_in import take_in

    with open_installation(_state(args)) as it:
        taken = take_in(it, args.file, by=_operator(args))
    stands = ", ".join(f"{count} {status}" for status, count in sorted(taken.statuses.items())) or "none"
    print(f"Terminal {taken.terminal}: {taken.new} new entries; of all in the file {stands}")
    return 0


def _terminal_list(args: argparse.Namespace) -> int:
    from back_office.installation import open_installation
    from back_office.repository import terminals

    with open_installation(_state(args), database=args.database) as it, it.database.read() as db:
        known = terminals.terminals(db)
        heads = {one.id: terminals.journal_head(db, one.id, one.journal_epoch) for one in known}
    shown = [
        {
            "terminal": one.id,
            "office": one.office,
            "state": one.state,
            "key_protection": one.key_protection,
            "journal_epoch": one.journal_epoch,
            "journal_seq": head.seq if (head := heads[one.id]) else 0,
            "last_seen_at": one.last_seen_at or "",
            "anomaly": one.anomaly or "",
        }
        for one in known
    ]
    if args.json:
        print(json.dumps(shown, indent=1))
        return 0
    for line in shown:
        print(
            "  ".join(
                f"{value!s:<{width}}" for value, width in zip(line.values(), (5, 5, 10, 5, 3, 6, 27, 0), strict=True)
            ).rstrip()
        )
    return 0


def _terminal_state(args: argparse.Namespace) -> int:
    from back_office import fleet
    from back_office.installation import open_installation

    with open_installation(_state(args), database=args.database) as it, it.work() as work:
        fleet.change_state(work, args.terminal, args.to_state, by=_operator(args), reason=args.reason)
    print(f"{args.terminal} is {args.to_state}")
    return 0


def _revoke_card(args: argparse.Namespace) -> int:
    from back_office import fleet
    from back_office.installation import open_installation

    with open_installation(_state(args), database=args.database) as it, it.work() as work:
        fleet.revoke_card(work, args.card, by=_operator(args), reason=args.reason)
    print(f"card {args.card} is revoked")
    return 0


def _rotate(args: argparse.Namespace) -> int:
    from back_office import fleet
    from back_office.installation import open_installation

    with open_installation(_state(args), database=args.database) as it:
        kid = fleet.rotate_sealing_key(it, by=_operator(args))
    print(f"new sealing key {kid}")
    return 0


def _clock(args: argparse.Namespace) -> int:
    from back_office.installation import CLOCK
    from kiosk.system import FileClock

    clock = FileClock(_state(args) / CLOCK)
    if args.add is not None:
        clock.add(args.add)
    print(f"{clock.now():%Y-%m-%dT%H:%M:%SZ} (moved by {clock.offset()})")
    return 0


def _audit_verify(args: argparse.Namespace) -> int:
    from back_office import audit
    from back_office.installation import open_installation

    with open_installation(_state(args), database=args.database) as it, it.database.read() as db:
        found = audit.verify(db)
    if isinstance(found, audit.Broken):
        print(f"the audit log is broken at line {found.line}: {found.how}")
        return 1
    print(f"{found.lines} lines, all linked; head {found.head}")
    return 0


def _audit_show(args: argparse.Namespace) -> int:
    from back_office.installation import open_installation

    with open_installation(_state(args), database=args.database) as it:
        _print_audit(it, args.subject)
    return 0


def _print_audit(it: Installation, subject: str | None) -> None:
    from back_office.repository import ledger

    with it.database.read() as db:
        for line in ledger.audit_lines(db, subject):
            print(json.dumps(line._asdict(), ensure_ascii=False))
