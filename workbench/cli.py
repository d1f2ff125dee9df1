"""`guichet workbench`: the bench itself, and every verb of it."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path
from typing import Any

VERBS: dict[str, tuple[str, str]] = {
    "insert": ("CARD", "put a card of the drawer into a reader"),
    "pull": ("", "take the card out"),
    "press": ("KEY...", "press keys of the PIN pad: digits, enter, cancel, clear"),
    "scan": ("TEXT", "hold a code under the scanner"),
    "printer": ("STATE", "ok, jam, paper-out, cover-open or offline"),
    "network": ("on|off", "restore or cut the line to the back office"),
    "arm": ("MOMENT", "pull-before-signature or pull-after-signature: the next card pulls itself there"),
    "wait": ("WHAT", "wait for pad, no-pad or paper"),
    "status": ("", "what is on the bench"),
    "cards": ("", "the cards in the drawer"),
    "paper": ("", "what has been printed"),
    "stop": ("", "end the workbench"),
}
EPILOG = """\
The bench plays hands, cards, paper and line. Without a verb it starts; with a verb it tells a running one:

  guichet workbench --headless --print-env        start without a window; print how outside PC/SC clients find it
  guichet workbench insert marie                  then, from another shell
  guichet workbench press 123456 enter
  guichet workbench network off
"""


def add_parser(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register `guichet workbench` and its verbs."""
    parser = subparsers.add_parser(
        "workbench", help="play hands, cards, paper and line", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--state", type=Path, default=None, help="state folder (default: $GUICHET_STATE or .guichet)")
    parser.add_argument("--headless", action="store_true", help="start without a window")
    parser.add_argument("--print-env", action="store_true", help="print PCSCLITE_CSOCK_NAME=... first")
    parser.add_argument("--forward", metavar="LISTEN:TARGET", help="loopback ports of the line to the back office")
    parser.set_defaults(run=start)
    verbs = parser.add_subparsers(dest="bench_verb", metavar="VERB")
    for verb, (argument, text) in VERBS.items():
        one = verbs.add_parser(verb, help=text, description=text)
        one.add_argument("--state", type=Path, default=argparse.SUPPRESS, help="state folder")
        if argument:
            one.add_argument("arguments", nargs="+", metavar=argument)
        one.add_argument("--slot", choices=("visitor", "staff"), default="visitor", help="which reader")
        if verb == "wait":
            one.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS")
            one.add_argument("--count", type=int, default=0, help="paper: more papers than this")
        one.set_defaults(run=tell)


def tell(args: argparse.Namespace) -> int:
    """Send one verb to the running bench and print its answer."""
    from workbench.client import Workbench

    options: dict[str, object] = {"slot": args.slot}
    if args.bench_verb == "wait":
        options |= {"timeout": args.timeout, "count": args.count}
    bench = Workbench(args.state)
    answer = bench.do(args.bench_verb, *getattr(args, "arguments", []), **options)
    bench.close()
    for card in answer.get("cards", []):
        print(f"{card['name']:12} {card['label']}")
    for paper in answer.get("papers", []):
        print(f"--- {paper['picture']}\n{paper['text']}")
    if "status" in answer:
        _print_status(answer["status"])
    return 0


def _print_status(status: dict[str, Any]) -> None:
    for name, slot in status["slots"].items():
        pad = slot["pad"]
        print(f"{name:9} card: {slot['card'] or '-':10} pad: {'asks, ' + str(pad['digits']) + ' digits' if pad['entering'] else 'idle'}")
    print(f"printer   {status['printer']}, {status['papers']} papers")
    print(f"network   {status['network']}")
    print(f"readers   PCSCLITE_CSOCK_NAME={status['pcscd']}")


def start(args: argparse.Namespace) -> int:
    """Run the bench until SIGTERM, Ctrl+C or the verb stop."""
    from workbench.bench import Bench
    from workbench.control import Control

    bench = Bench(args.state, _ports(args.forward))
    stopped = threading.Event()
    control = Control(bench, bench.folder / "control.sock", stopped.set)
    (bench.folder / "env").write_text(bench.environment_line + "\n", "utf-8")
    if args.print_env:
        print(bench.environment_line, flush=True)
    try:
        if args.headless:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stopped.set())
            stopped.wait()
            return 0
        from workbench.window import show

        return show(bench, stopped)
    finally:
        control.close()
        bench.close()


def _ports(forward: str | None) -> tuple[int, int] | None:
    from kiosk.domain.errors import EnvironmentFault

    if forward is None:
        return None
    listen, _, target = forward.partition(":")
    try:
        return int(listen), int(target)
    except ValueError:
        raise EnvironmentFault(f"--forward {forward!r} is not two ports.", "Write it like 8444:8443.") from None
