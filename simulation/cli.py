"""`guichet simulate`: seeded simulations of what the product's rules do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import EnvironmentFault
from simulation.power import cli as power_cli
from simulation.sync import cli as sync_cli

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

_COLUMNS = (
    ("hit_rate", "hit rate", "{:.1%}"),
    ("hit_rate_at_home", "at home", "{:.1%}"),
    ("hit_rate_elsewhere", "elsewhere", "{:.1%}"),
    ("rows_an_office", "rows/office", "{:,}"),
    ("rows_of_the_largest", "largest", "{:,}"),
    ("megabytes_an_office", "MB/office", "{:,}"),
    ("hits_a_row", "hits/row", "{:.3f}"),
)


def add_parser(subparsers: Subparsers) -> None:
    """Register `simulate`."""
    parser = subparsers.add_parser(
        "simulate", help="seeded simulations of the product's rules", description="The same seed gives the same result."
    )
    acts = parser.add_subparsers(dest="act", metavar="WHAT", required=True)
    scope = acts.add_parser(
        "scope",
        help="a year of visits: which records were there, and how many were held",
        description="Draws a synthetic country and three years of visits, and compares the rules for what offices hold "
        "with the whole office and with everybody everywhere. Prints a table and the same as JSON.",
    )
    scope.add_argument("--seed", type=int, default=1, help="default 1")
    scope.add_argument("--offices", type=int, default=60, help="default 60")
    scope.add_argument("--people", type=int, default=200_000, help="default 200,000")
    scope.add_argument("--json", action="store_true", help="print the JSON alone")
    scope.set_defaults(run=_scope)
    power_cli.add_parser(acts)
    sync_cli.add_parser(acts)


def _scope(args: argparse.Namespace) -> int:
    from simulation.scope_year import run

    if args.offices < 2 or args.people < 1:  # noqa: PLR2004 - a neighbour is needed
        raise EnvironmentFault("There are too few.", "Give at least --offices 2 and --people 1.")
    result = run(args.seed, args.offices, args.people)
    if not args.json:
        print(table(result))
        print()
    print(json.dumps(result, indent=None if not args.json else 1))
    return 0


def table(result: Mapping[str, Any]) -> str:
    """Write the figures as a table of plain text."""
    lines = [
        f"seed {result['seed']}: {result['people']:,} people, {result['offices']} offices, {result['visits']:,} visits"
    ]
    lines.append(f"{'':<34}" + "".join(f"{title:>13}" for _, title, _ in _COLUMNS))
    for name, figures in result["policies"].items():
        values = "".join(f"{form.format(figures[key]):>13}" for key, _, form in _COLUMNS)
        lines.append(f"{name:<34}{values}")
    return "\n".join(lines)
