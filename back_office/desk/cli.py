"""`guichet desk`: what waits for officers, and what they decide, on the command line of the server; and the page's own server.

Rules:
- The command line is the operator's: it takes an officer's name without a password, and the log says it came this way.
  Officers use the page.
- A password is read from standard input or asked for, never taken as an argument.
- What cannot be done is one line with the remedy, and exit code 2.
"""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from back_office.desk import attended_cli, pin_letters_cli, tickets_cli
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from back_office.desk.queues import CaseFile, Queue

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it so

_TICKETS = "Lists drawn numbers. A draft opens for an officer who has identified the person; that is in the log."
PORT = 8444
_HIGHEST_PORT = 65_535


def add_parser(subparsers: Subparsers) -> None:
    """Register the verb `desk`."""
    parser = subparsers.add_parser(
        "desk",
        help="list, show and decide what waits for officers; serve their page",
        description="What waits for the officers of an office: held changes, stops, disputes, what was set aside, calls.",
    )
    acts = parser.add_subparsers(dest="desk_act", metavar="ACT", required=True)
    _reading(acts)
    _deciding(acts)
    _attaching(acts)
    _keeping(acts)
    attended_cli.add_verbs(acts)
    pin_letters_cli.add_verbs(acts)


def _act(acts: Subparsers, name: str, help_text: str, description: str) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=help_text, description=description)
    parser.add_argument("--state", type=Path, default=None, help="state folder (default $GUICHET_STATE or .guichet)")
    return parser


def _reading(acts: Subparsers) -> None:
    parser = _act(acts, "list", "what waits", "Lists open cases and calls, what cannot wait first.")
    parser.add_argument("--office", default=None, help="one office only (default: every office)")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run_list)
    parser = _act(acts, "tickets", "drawn numbers; open a draft, or close a ticket", _TICKETS)
    parser.add_argument("--office", default=None, help="one office only (default: every office)")
    parser.add_argument("--open", dest="opened", metavar="NUMBER", help="show what was typed before this number was drawn")
    parser.add_argument("--close", dest="closed", metavar="NUMBER", help="take this number off the list, its draft with it")
    parser.add_argument("--officer", metavar="NAME", help="sign-in name of the officer who opens or closes")
    parser.add_argument("--person", metavar="PERSON_NUMBER", help="who was identified; needed to open")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=tickets_cli.run_tickets)
    parser = _act(acts, "feedback", "how it went, counted", "Counts by month, office and service; fewer than 5 are not told.")
    parser.add_argument("--office", default=None, help="one office only (default: every office)")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=tickets_cli.run_feedback)
    parser = _act(acts, "show", "one case whole", "Shows a case with the change, its history and its messages.")
    parser.add_argument(
        "id", metavar="ID", help="number of the case, reference of the receipt, or id of the transaction"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run_show)


def _deciding(acts: Subparsers) -> None:
    parser = _act(
        acts,
        "decide",
        "let an officer decide",
        "One act of one officer, with a reason. The rules of the firewall apply: what takes two officers takes two.",
    )
    parser.add_argument(
        "id", metavar="ID", help="number of the case, reference of the receipt, or id of the transaction"
    )
    parser.add_argument("--officer", required=True, metavar="NAME", help="sign-in name of the officer")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; kept in the log")
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--approve", dest="act", action="store_const", const="approve", help="let the change go on")
    group.add_argument(
        "--refuse", dest="act", action="store_const", const="refuse", help="end it; the person is told why"
    )
    group.add_argument(
        "--bank-proof", dest="document", metavar="PAPER", help="a paper of the bank was shown: which one"
    )
    group.add_argument("--hold", dest="act", action="store_const", const="hold", help="hold it for an officer")
    group.add_argument("--uphold", dest="act", action="store_const", const="uphold", help="the dispute is right")
    group.add_argument(
        "--dismiss", dest="act", action="store_const", const="dismiss", help="it is not; takes two officers"
    )
    group.add_argument(
        "--accept",
        dest="act",
        action="store_const",
        const="accept",
        help="decide what is set aside or in conflict as it is",
    )
    group.add_argument("--retry", dest="act", action="store_const", const="retry", help="decide a set-aside item again")
    group.add_argument("--close", dest="act", action="store_const", const="close", help="nothing more is to be done")
    parser.set_defaults(run=run_decide)
    parser = _act(acts, "answer", "answer a call for staff", "Notes that an officer goes to the terminal that called.")
    parser.add_argument("number", type=int, metavar="NUMBER")
    parser.add_argument("--officer", required=True, metavar="NAME", help="sign-in name of the officer")
    parser.set_defaults(run=run_answer)
    parser = _act(acts, "help", "take part from the desk in the visit that called", "Gives an officer a code that is typed at the terminal, once.")
    parser.add_argument("number", type=int, metavar="NUMBER")
    parser.add_argument("--officer", required=True, metavar="NAME", help="sign-in name of the officer")
    parser.set_defaults(run=run_help)


def _attaching(acts: Subparsers) -> None:
    parser = _act(
        acts,
        "attach",
        "keep a scanned paper with a case",
        "Keeps a PDF, PNG, JPEG or TIFF of at most 10 MB with an open case of the officer's office.",
    )
    parser.add_argument("id", metavar="ID", help="number of the case, or reference of the receipt")
    parser.add_argument("file", type=Path, metavar="FILE", help="the scan")
    parser.add_argument("--officer", required=True, metavar="NAME", help="sign-in name of the officer")
    parser.set_defaults(run=run_attach)


def _keeping(acts: Subparsers) -> None:
    group = acts.add_parser("officer", help="add an officer, or give one a new password")
    verbs = group.add_subparsers(dest="officer_act", metavar="ACT", required=True)
    parser = _act(
        verbs, "add", "add an officer", "Adds an officer; a known one gets the new name, office and password."
    )
    parser.add_argument("id", metavar="NAME", help="sign-in name: small letters, digits, dots, hyphens")
    parser.add_argument("--name", required=True, metavar="FULL_NAME")
    parser.add_argument("--office", required=True)
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    parser.set_defaults(run=run_add_officer)
    parser = _act(acts, "serve", "serve the page", "Serves the desk page over HTTPS until SIGTERM or SIGINT.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=_port, default=PORT, help="where to listen (default %(default)s; 0: any)")
    parser.set_defaults(run=run_serve)


# --- acts --------------------------------------------------------------------------------------------


def run_list(args: argparse.Namespace) -> int:
    """Print what waits."""
    from back_office.desk import queues
    from back_office.installation import open_installation, state_folder
    from back_office.repository import desk_views

    with open_installation(state_folder(args.state)) as it:
        with it.database.read() as db:
            offices = desk_views.offices(db)
        if args.office is not None and args.office not in offices:
            raise EnvironmentFault(f"There is no office {args.office!r}.", f"Known: {', '.join(offices)}.")
        waiting = [queues.queue(it, office) for office in offices if args.office in {None, office}]
    if args.json:
        print(json.dumps([dataclasses.asdict(queue) for queue in waiting], ensure_ascii=False, indent=1))
        return 0
    for queue in waiting:
        _print_queue(queue)
    if not any(queue.cases or queue.calls for queue in waiting):
        print("nothing waits")
    return 0


def _print_queue(queue: Queue) -> None:
    if queue.cases or queue.calls:
        print(f"{queue.office_name} ({queue.office})")
    for call in queue.calls:
        print(f"  call {call.number}: {call.terminal}, {call.step}, waiting {call.waited}")
    for case in queue.cases:
        whose = f" of {case.name}" if case.name else ""
        print(f"  case {case.number}: {case.title}{whose}, {case.reference or case.subject}, waiting {case.waited}")
        for reason in case.reasons:
            print(f"      {reason}")


def run_show(args: argparse.Namespace) -> int:
    """Print one case."""
    from back_office.desk import acts, queues
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it, it.work() as work:
        file = queues.open_file(work, args.id, None)
    if isinstance(file, queues.NoSuchCase):
        raise EnvironmentFault(f"Nothing is known as {args.id[:40]!r}.", "Look at the list: guichet desk list.")
    possible = [act.value for act in acts.possible(file)]
    if args.json:
        shown = dataclasses.asdict(file) | {"state": file.state.value if file.state else "", "possible": possible}
        print(json.dumps(shown, ensure_ascii=False, indent=1))
        return 0
    _print_file(file)
    print(f"possible: {', '.join(possible) or 'nothing'}")
    return 0


def _print_about(file: CaseFile) -> None:
    number = "" if file.number is None else f"case {file.number}: "
    print(f"{number}{file.title}, reference {file.reference or 'none'}, office {file.office}, {file.subject}")
    for line in (*file.reasons, *((file.closed,) if file.closed else ())):
        print(f"  {line}")
    for paper in file.papers:
        print(f"  paper: {paper.name} ({paper.said})")
    item = file.item
    if item is not None:
        facts = (("service", item.service), ("person", item.name), ("signed", item.signed_at), *item.asked, *item.now)
        for name, value in (*facts, ("accepted by", item.first_officer)):
            if value:
                print(f"  {name:<28} {value}")


def _print_file(file: CaseFile) -> None:
    _print_about(file)
    change = file.change
    if change is None:
        return
    rows = {
        "person": f"{change.name}, born {change.birth_date}, number {change.number}",
        "stage": change.stage + (f" until {change.wait_until}" if change.wait_until else ""),
        "account now": change.old_account,
        "new account": change.new_account,
        "bank": f"{change.verification} {change.holder_at_bank}".rstrip(),
        "bank's paper": change.bank_proof,
        "flags": " ".join(change.flags),
        "missing": " ".join(change.missing),
        "cannot approve": ", ".join(change.barred),
    }
    for name, value in rows.items():
        if value:
            print(f"  {name:<14} {value}")
    for line in change.history:
        reason = f" ({line.reason})" if line.reason else ""
        print(f"  {line.at}  {line.what}, by {line.who}{reason}: {line.stage}")
    for message in change.messages:
        print(f"  {message.what}: {message.state}")


def run_decide(args: argparse.Namespace) -> int:
    """Take one act."""
    from back_office.desk import acts, officers
    from back_office.installation import open_installation, state_folder

    act = acts.Act.BANK_PROOF if args.act is None else acts.Act(args.act)
    decision = acts.Decision(act, args.reason, args.document or "")
    with open_installation(state_folder(args.state)) as it:
        result = acts.decide(it, officers.named(it, args.officer), args.id, decision)
    return _tell(result)


def run_attach(args: argparse.Namespace) -> int:
    """Keep a scan with a case."""
    from back_office.desk import officers, papers
    from back_office.installation import open_installation, state_folder

    try:
        with args.file.open("rb") as file:
            content = file.read(papers.LARGEST + 1)
    except OSError as error:
        raise EnvironmentFault(f"{args.file} cannot be read: {error.strerror}.", "Name the file of the scan.") from error
    with open_installation(state_folder(args.state)) as it:
        result = papers.attach(it, officers.named(it, args.officer), args.id, args.file.name, content)
    return _tell(result)


def run_answer(args: argparse.Namespace) -> int:
    """Answer a call."""
    from back_office.desk import acts, officers
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it:
        result = acts.answer_call(it, officers.named(it, args.officer), args.number)
    return _tell(result)


def run_help(args: argparse.Namespace) -> int:
    """Give a code for a call."""
    from back_office.desk import acts, officers
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it:
        result = acts.help_from_desk(it, officers.named(it, args.officer), args.number)
    return _tell(result)


def _tell(result: object) -> int:
    from back_office.desk import acts

    if isinstance(result, acts.NotDone):
        raise EnvironmentFault(result.why, result.remedy)
    if isinstance(result, acts.Done):
        print(f"{result.said} Stage: {result.stage}." if result.stage else result.said)
    return 0


def run_add_officer(args: argparse.Namespace) -> int:
    """Add an officer."""
    from back_office.desk import officers
    from back_office.installation import open_installation, state_folder

    password = _password(from_stdin=args.password_stdin)
    with open_installation(state_folder(args.state)) as it, it.work() as work:
        officer = officers.add_officer(work, officer_id=args.id, name=args.name, office=args.office, password=password)
    print(f"officer {officer.id} ({officer.name}) may sign in at office {officer.office}")
    return 0


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise EnvironmentFault("There is no terminal to ask for the password.", "Add --password-stdin and pipe it in.")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise EnvironmentFault("The two passwords differ.", "Try again.")
    return password


def run_serve(args: argparse.Namespace) -> int:
    """Serve the page until a signal comes."""
    from back_office.desk.serve import serve
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it:
        serve(it, args.host, args.port)
    return 0


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 to {_HIGHEST_PORT}")
    return int(text)
