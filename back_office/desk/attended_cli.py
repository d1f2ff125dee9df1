"""`guichet desk proof ...` and `guichet desk registrations`: what officers attended, entered and approve.

Rules:
- As all verbs of the desk's command line: an officer's name without a password, and the log says so.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.services.proof_of_life import GIVE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from back_office.installation import Work
    from back_office.repository.desk import Officer

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it so


def add_verbs(acts: Subparsers) -> None:
    """Register the verbs below `guichet desk`."""
    proof = acts.add_parser("proof", help="proofs of life: what is due; home visits and doctor's forms")
    verbs = proof.add_subparsers(dest="proof_act", metavar="ACT", required=True)
    parser = _act(verbs, "due", "whose proof is due", run_due)
    parser.add_argument("--within", type=int, default=0, metavar="DAYS", help="also what is due in so many days")
    parser = _act(verbs, "enter", "enter a proof for somebody who cannot come; another officer approves it", run_enter)
    parser.add_argument("person", metavar="PERSON", help="number of the person")
    parser.add_argument("--how", required=True, choices=GIVE.attested_by)
    parser.add_argument("--on", required=True, metavar="DAY", help="day of the visit or of the form, ISO 8601")
    parser.add_argument("--officer", required=True, metavar="NAME", help="sign-in name of the officer")
    parser = _act(acts, "registrations", "how many persons each clerk registered provisionally", run_registrations)
    parser.add_argument("--days", type=int, default=30, help="in so many days (default %(default)s)")
    parser = _act(acts, "officer-card", "say which staff card is an officer's own", run_card)
    parser.add_argument("officer", metavar="NAME")
    parser.add_argument("card", metavar="CARD", help="number of the staff card")


def _act(acts: Subparsers, name: str, help_text: str, run: object) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
    parser.add_argument("--state", type=Path, default=None, help="state folder (default $GUICHET_STATE or .guichet)")
    parser.set_defaults(run=run)
    return parser


def run_due(args: argparse.Namespace) -> int:
    """Print whose proof is due."""
    from back_office.installation import open_installation, state_folder
    from back_office.repository import attended

    with open_installation(state_folder(args.state)) as it, it.work() as work:
        today = work.at.astimezone(it.scheme.bank_change.zone).date()
        due = attended.due_until(work.db, (today + timedelta(days=args.within)).isoformat())
    for one in due:
        late = " overdue" if one.due_on < today.isoformat() else ""
        print(f"{one.due_on}{late}  {one.name}, {one.person}, office {one.office}")
    if not due:
        print("nothing is due")
    return 0


def run_enter(args: argparse.Namespace) -> int:
    """Enter a home visit or a doctor's form."""
    from back_office.desk import entries, officers
    from back_office.desk.acts import NotDone
    from back_office.installation import open_installation, state_folder
    from kiosk.domain.service import Channel

    with open_installation(state_folder(args.state)) as it:
        officer, id_ = officers.named(it, args.officer), it.ids.new()
        typed = entries.Typed(Channel.DESK, GIVE.id, id_, args.person, document=args.how, seen_on=args.on)
        entered = entries.enter(it, officer, typed)
    if isinstance(entered, NotDone):
        raise EnvironmentFault(entered.why, entered.remedy)
    if isinstance(entered, entries.Sheet):
        why = entered.person_problem or entered.seen_problem or entered.closed or entered.problem
        raise EnvironmentFault(why, "Look at what is due: guichet desk proof due.")
    print(f"{entered.said} guichet desk decide {entered.case} --accept --officer NAME --reason WHY")
    return 0


def run_registrations(args: argparse.Namespace) -> int:
    """Print how many each clerk registered."""
    from back_office.installation import open_installation, state_folder
    from back_office.repository import attended, timestamp

    with open_installation(state_folder(args.state)) as it, it.work() as work:
        counted = attended.registrations_by_clerk(work.db, timestamp(work.at - timedelta(days=args.days)))
    for clerk, many in counted.items():
        print(f"{clerk}  {many}")
    if not counted:
        print("nobody was registered")
    return 0


def run_card(args: argparse.Namespace) -> int:
    """Tie a card to an officer."""
    from back_office.repository import attended

    with _at_desk(args) as (work, officer):
        attended.tie_card(work.db, officer.id, args.card)
    print(f"card {args.card} is the card of {officer.id}")
    return 0


@contextmanager
def _at_desk(args: argparse.Namespace) -> Iterator[tuple[Work, Officer]]:
    """One unit of work, and the officer who does it."""
    from back_office.desk import officers
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it:
        officer = officers.named(it, args.officer)
        with it.work() as work:
            yield work, officer
