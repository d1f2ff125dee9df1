"""`guichet pension`: run a file of cases through one of the pension rule sets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

RULES = ("us_pia", "cz_old_age", "cn_urban_employees", "fr_agirc_arrco")
NOT_ALL = 1
"""Exit code: a case could not be calculated, or (with --check) does not agree."""


def add_parser(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register `pension`."""
    verb = subparsers.add_parser(
        "pension",
        help="run cases through a pension rule set",
        description="Calculates every case of FILE in its order and prints the amounts. docs/pension.md has the format. "
        "Exit code 0: every case was calculated; 1: one or more were not (each says why, in its place), or with "
        "--check one does not agree with its expected results; 2: the file itself cannot be used.",
    )
    verb.add_argument("--rules", required=True, choices=RULES, help="the rule set")
    verb.add_argument("--cases", required=True, metavar="FILE", help="a JSON file with `cases`; - reads standard input")
    verb.add_argument("--json", action="store_true", help="for programs")
    verb.add_argument("--trace", action="store_true", help="the steps of each result in words too")
    verb.add_argument("--language", default="en", metavar="LANGUAGE", help="of steps and reasons (default: en)")
    verb.add_argument("--check", action="store_true", help="exit with 1 where a case does not agree")
    verb.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the cases."""
    from kiosk.domain.errors import EnvironmentFault
    from kiosk.domain.pension import RuleSet
    from kiosk.pension_cases import running, writing
    from kiosk.schemes import load_texts

    texts = load_texts("cz")
    if args.language not in texts.languages:
        raise EnvironmentFault(f"There are no texts in {args.language!r}.", f"Use one of {', '.join(texts.languages)}.")

    def say(what: Any) -> str:
        return texts.text(args.language, what.text_key, **what.parameters)

    outcomes = running.run(RuleSet(args.rules), _data(args.cases), say)
    if args.json:
        print(writing.as_json(outcomes, say if args.trace else None))
    else:
        print("\n".join(writing.as_table(outcomes, say if args.trace else None)))
    missed = any(one.error is not None or (args.check and one.agrees is False) for one in outcomes)
    return NOT_ALL if missed else 0


def _data(name: str) -> bytes:
    from kiosk.domain.errors import EnvironmentFault

    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise EnvironmentFault(f"{name} cannot be read: {error.strerror}.", "Name a file with cases.") from error
