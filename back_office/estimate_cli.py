"""`guichet back-office estimate`: prints the estimate from a record as the canonical bytes that terminals make too."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `estimate` among the verbs of `guichet back-office`."""
    parser = subparsers.add_parser(
        "estimate",
        help="estimate a pension from a record, as terminals do",
        description="Prints the estimate as canonical JSON: the same bytes as at a terminal that has the same record and "
        "the same signed parameters on the same day. It is no decision.",
    )
    parser.add_argument("--person", required=True, metavar="NUMBER", help="the person's number")
    parser.add_argument("--age", type=int, help="retire at this age (default: the usual one)")
    parser.add_argument("--more-years", type=int, default=0, help="years that are not in the record")
    parser.add_argument("--digest", action="store_true", help="print only the SHA-256 of the bytes")
    parser.add_argument("--by", default=None, metavar="NAME", help="who does this, for the audit log")
    parser.add_argument("--state", type=Path, default=None, help="state folder (default $GUICHET_STATE or .guichet)")
    parser.add_argument(
        "--database", metavar="URL", help="postgresql://USER@HOST/NAME instead of the SQLite file of the settings"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print it; what cannot be estimated is an EnvironmentFault that says why."""
    from back_office.estimates import estimate_of
    from back_office.installation import open_installation, state_folder
    from kiosk.domain.pension import NotPossible
    from kiosk.domain.services.pension_estimate import ESTIMATE, MORE, RECORD
    from kiosk.schemes import load_texts
    from kiosk.wire.canonical import digest

    answers = {"source": RECORD}
    if args.age is not None:
        answers["age"] = str(args.age)
    if args.more_years:
        answers[MORE] = str(args.more_years)
    with open_installation(state_folder(args.state), database=args.database) as it:
        with it.work() as work:
            made = estimate_of(work, args.person, answers, args.by or getpass.getuser())
        texts = load_texts(it.settings.scheme)
    if made is None:
        raise EnvironmentFault(f"Nobody has the number {args.person}.", "Look it up, digits only.")
    if isinstance(made, NotPossible):
        what = texts.text("en", ESTIMATE.title_key)
        raise EnvironmentFault(f"{what}: not possible.", texts.text("en", made.text_key, **made.parameters))
    sys.stdout.write((digest(made) if args.digest else made.decode()) + "\n")
    return 0
