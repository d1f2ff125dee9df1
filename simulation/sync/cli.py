"""`guichet simulate sync`: a whole world beside its oracle, and what came of it, as a table and as JSON."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault
from simulation import result_file

if TYPE_CHECKING:
    import argparse

    from simulation.sync.world import Result

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in memory: syncs cost nothing there, and kills are simulated


def add_parser(kinds: Subparsers) -> None:
    """Register `simulate sync`."""
    parser = kinds.add_parser(
        "sync",
        help="terminals and one server in a world where everything goes wrong, beside an oracle",
        description="Real journals, real delivery, a real server over a real database; a simulated line and time. Faults "
        "while people act, then everything is mended, and the state must be what the oracle says. Exit code 0: it is.",
    )
    parser.add_argument("--terminals", type=int, default=20, help="default %(default)s")
    parser.add_argument("--transactions", type=int, default=2000, help="default %(default)s")
    parser.add_argument("--seed", default="1", help="decides everything (default: %(default)s)")
    parser.add_argument("--database", default="", metavar="URL", help="an empty PostgreSQL database (default: SQLite)")
    parser.add_argument("--calm", action="store_true", help="no faults at all")
    parser.add_argument(
        "--restore-server", type=float, default=None, metavar="SECONDS",
        help="mean time between copies of the server's database being made or put back; 0: never (SQLite only)",
    )  # fmt: skip
    parser.add_argument("--without-caches", action="store_true", help="delivery alone: faster")
    parser.add_argument("--processes", type=int, default=1, help="that sign ahead (default: %(default)s; 0: none)")
    parser.add_argument("--work", type=Path, help="where to work (default: a folder in memory)")
    parser.add_argument("--json", type=Path, help="write the result there as well")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from simulation.sync.trouble import CALM, Faults
    from simulation.sync.world import Order, simulate

    if args.terminals < 1 or args.transactions < 1 or args.terminals > 9000:  # noqa: PLR2004 - four digits name them
        raise EnvironmentFault("A world has 1 to 9,000 terminals and at least one transaction.", "Give others.")
    if args.restore_server is not None and args.restore_server < 0:
        raise EnvironmentFault("Time does not go backwards.", "Give --restore-server 0 (never) or more.")
    result_file.check(args.json)
    faults = CALM if args.calm else Faults()
    if args.restore_server is not None:
        faults = replace(faults, server_put_back=args.restore_server)
    if args.database:
        faults = replace(faults, server_put_back=0.0)
    order = Order(
        args.terminals, args.transactions, args.seed, faults, args.database, args.processes, not args.without_caches
    )
    if args.work is not None:
        args.work.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="guichet-sync-", dir=args.work or (_MEMORY if _MEMORY.is_dir() else None)))
    try:
        result = simulate(order, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(table(result))
    result_file.write(args.json, result.document())
    return 0 if result.good else 1


def table(result: Result) -> str:
    """Write the result as plain text."""
    document = result.document()
    about = (
        f"seed {document['seed']}: {document['terminals']} terminals, {document['transactions']:,} transactions, "
        f"{document['world_hours']:,} hours of the world in {document['seconds']:,.0f} s "
        f"({document['transactions_a_second']:,.0f} transactions a second), {document['database']}"
    )
    lines = [
        about,
        f"{'records in the caches':<34}{document['records_cached']:>12,}",
        f"{'acknowledged':<34}{document['acknowledged']:>12,}",
        f"{'lost with an old copy put back':<34}{document['destroyed_by_old_copies']:>12,}",
    ]
    lines += [f"  {name:<32}{count:>12,}" for name, count in document["fates"].items()]
    lines.append("what happened")
    lines += [f"  {name:<32}{count:>12,}" for name, count in document["counts"].items() if count]
    lines.append(f"{'not as the oracle says':<34}{document['flaw_count']:>12,}")
    lines += [f"  {flaw}" for flaw in document["flaws"]]
    return "\n".join(lines)
