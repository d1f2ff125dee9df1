"""`guichet simulate power-cuts`: what is left of a real journal when the power is cut."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault
from simulation import result_file

if TYPE_CHECKING:
    import argparse

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it


def add_parser(kinds: Subparsers) -> None:
    """Register `simulate power-cuts`."""
    parser = kinds.add_parser(
        "power-cuts",
        help="cut the power of a real journal at any moment and look what is left",
        description="Records the file calls of the real journal, cuts the power between any two of them, builds a disk "
        "that such a cut may leave, and starts the journal on it. Exit code 0: nothing acknowledged was lost.",
    )
    parser.add_argument("--cuts", type=int, default=300, help="how often (default: %(default)s)")
    parser.add_argument("--seed", default="1", help="decides everything (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="share the work (default: %(default)s)")
    parser.add_argument(
        "--synchronous",
        choices=["NORMAL", "OFF"],
        default="",
        help="weaken the journal's engine, to see that the cuts find it: then the exit code is 1",
    )
    parser.add_argument("--work", type=Path, help="where to work (default: a folder in memory)")
    parser.add_argument("--json", type=Path, help="write the outcome there as well")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from simulation.power.run import Plan, cut_power

    if args.cuts < 1 or args.processes < 1:
        raise EnvironmentFault("Nothing would be cut.", "Give at least --cuts 1 and --processes 1.")
    result_file.check(args.json)
    plan = Plan(args.cuts, args.seed, synchronous=args.synchronous, processes=args.processes)
    outcome = cut_power(plan, args.work)
    print(f"power cuts           {outcome.cuts:>12,}   seed {args.seed}, in {outcome.seconds:.0f} s")
    print(f"file calls recorded  {outcome.calls:>12,}   {outcome.syncs:,} of them syncs")
    print(
        f"appends recorded     {outcome.appends:>12,}   {outcome.acknowledged:,} acknowledged before a cut, all cuts together"
    )
    print(f"cuts that lost       {outcome.losing:>12,}   {outcome.lost:,} acknowledged entries")
    print(f"cuts otherwise wrong {outcome.flawed:>12,}")
    for example in outcome.examples:
        print(f"  {example}")
    document = {"simulation": "power-cuts", "seed": args.seed, "synchronous": args.synchronous or "FULL"}
    result_file.write(args.json, document | outcome.document())
    return 0 if outcome.good else 1
