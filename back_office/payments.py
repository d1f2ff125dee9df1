"""`guichet back-office pay`: makes the payment file of a day (the work is `payment_run`'s)."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `pay` among the verbs of `guichet back-office`."""
    parser = subparsers.add_parser(
        "pay",
        help="make the payment file of a day",
        description="Writes STATE/back-office/payments/pain.001-DATE.xml by the accounts in force at the day's cut-off. "
        "Asked again for the same day it checks the file that is there.",
    )
    parser.add_argument("--date", type=_day, required=True, metavar="YYYY-MM-DD", help="the payment day")
    parser.add_argument("--state", type=Path, default=None, help="state folder (default $GUICHET_STATE or .guichet)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the run and tell it. Raises EnvironmentFault where there is none."""
    from back_office.installation import open_installation, state_folder  # noqa: PLC0415 - heavy, for this verb only
    from back_office.payment_run import Paid, describe, explain, pay  # noqa: PLC0415

    with open_installation(state_folder(args.state)) as it:
        outcome = pay(it, args.date)
    if not isinstance(outcome, Paid):
        raise explain(outcome, args.date)
    sys.stdout.write("\n".join(describe(outcome)) + "\n")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as YYYY-MM-DD") from None
