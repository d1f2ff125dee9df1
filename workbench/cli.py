"""`guichet workbench`: the bench itself, and every verb of it for a running one."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import EnvironmentFault
from workbench.verbs import VERBS

if TYPE_CHECKING:
    from workbench.verbs import Option, Verb

_DESCRIPTION = """\
Plays everything about a terminal that is not software: cards, readers with PIN pads (behind the real pcscd), receipt
printer and paper, barcode scanner, and the line to the back office. Without a VERB it starts; with one it tells a
running workbench."""
_EPILOG = """\
examples:
  guichet workbench                             a window to play with (--headless: none)
  guichet workbench insert marie                from another shell, while it runs
  guichet workbench wait pad
  guichet workbench press 123456 enter
  guichet workbench printer jam
  guichet workbench network off
  guichet workbench VERB --help                 what a verb takes

Outside PC/SC clients reach the readers with the variable that --print-env prints:
  guichet workbench --headless --print-env      PCSCLITE_CSOCK_NAME=..., then it runs until SIGTERM, Ctrl+C or `stop`
"""
_STATE_HELP = "state folder (default: $GUICHET_STATE or .guichet)"
_HIGHEST_PORT = 65_535


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `workbench` and its verbs."""
    parser = subparsers.add_parser(
        "workbench",
        help="play hands, cards, paper and line",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help=_STATE_HELP)
    parser.add_argument("--headless", action="store_true", help="start without a window")
    parser.add_argument(
        "--print-env",
        action="store_true",
        help="print where the devices are, as VARIABLE=VALUE lines, when it has started",
    )
    parser.add_argument(
        "--forward",
        metavar="LISTEN:TARGET",
        type=_ports,
        help="the line: forward loopback port LISTEN (0: any free one) to loopback port TARGET",
    )
    parser.set_defaults(run=_start)
    verbs = parser.add_subparsers(dest="bench_verb", metavar="VERB", title="verbs for a running workbench")
    for verb in VERBS.values():
        _add_verb(verbs, verb)


def _add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser], verb: Verb) -> None:
    sentence = verb.help[0].upper() + verb.help[1:] + "."
    parser = verbs.add_parser(verb.name, help=verb.help, description=f"{sentence} {verb.more}".strip())
    if verb.at_most:
        many = "+" if verb.at_most > 1 else 1
        choices = list(verb.choices) or None
        shown = "{" + ",".join(verb.choices) + "}" if verb.choices else verb.argument
        parser.add_argument("arguments", nargs=many, metavar=shown, choices=choices)
    for option in verb.options:
        _add_option(parser, option)
    parser.add_argument("--state", type=Path, metavar="DIR", default=argparse.SUPPRESS, help=_STATE_HELP)
    parser.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    parser.set_defaults(run=_tell)


def _add_option(parser: argparse.ArgumentParser, option: Option) -> None:
    name = f"--{option.name}"
    if option.kind is bool:
        parser.add_argument(name, action="store_true", default=None, dest=f"option {option.name}", help=option.help)
    else:
        parser.add_argument(
            name,
            type=option.kind,
            choices=option.choices or None,
            metavar=option.metavar or None,
            dest=f"option {option.name}",
            help=option.help,
        )


def _ports(text: str) -> tuple[int, int]:
    listen, colon, target = text.partition(":")
    if not (colon and listen.isascii() and listen.isdigit() and target.isascii() and target.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not two ports; write it like 8444:8443")
    ports = int(listen), int(target)
    if max(ports) > _HIGHEST_PORT or ports[1] == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: ports go from 1 to {_HIGHEST_PORT}")
    return ports


# --- a verb for a running workbench --------------------------------------------------------------


def _tell(args: argparse.Namespace) -> int:
    """Send one verb to the running workbench and print its answer."""
    from workbench.client import Workbench

    options = {
        name.removeprefix("option "): value
        for name, value in vars(args).items()
        if name.startswith("option ") and value is not None
    }
    with Workbench(args.state) as bench:
        answer = bench.do(args.bench_verb, *getattr(args, "arguments", []), **options)
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        _print(args.bench_verb, answer)
    return 0


def _print(verb: str, answer: dict[str, Any]) -> None:
    cards = answer.get("cards", [])
    for card in cards:
        tries = "PIN blocked" if card["pin_tries"] == 0 else f"{card['pin_tries']} tries"
        place = f"in the {card['slot']} reader" if card["slot"] else ""
        print(f"{card['name']:12} {card['label']:48} {tries:12} {place}".rstrip())
    if verb == "cards" and not cards:
        print("The drawer is empty: guichet back-office seed makes the cards.", file=sys.stderr)
    for paper in answer.get("papers", []):
        print(f"--- {paper['number']}: {paper['picture']}\n{paper['text']}", end="")
    if "status" in answer:
        _print_status(answer["status"])


def _print_status(status: dict[str, Any]) -> None:
    for name, slot in status["slots"].items():
        pad = slot["pad"]
        shows = f"asks for {pad['prompt'].upper()}, {pad['digits']} digits typed" if pad["entering"] else "idle"
        print(f"{name:9} card {slot['card'] or 'none':12} pad {shows}")
    standing = ", something printed and not cut yet" if status["standing"] else ""
    print(f"printer   {status['printer']}, papers: {status['papers']}{standing}")
    last = f", the last one: {status['last_sound']}" if status["last_sound"] else ""
    print(f"speaker   sounds heard: {status['sounds']}{last}")
    carried = f", connections: {status['connections']}" if status["network"] == "on" else ""
    print(f"network   {status['network']}{carried}")
    print(f"trace     {'on' if status['trace'] else 'off'}")
    print(f"readers   pcscd {status['reader_service']}, process {status['pid']}")
    for line in status["environment"]:
        print(f"          {line}")


# --- the workbench itself ------------------------------------------------------------------------


def _start(args: argparse.Namespace) -> int:
    """Run the bench until SIGTERM, Ctrl+C, the verb stop, or until its window is closed."""
    import signal

    if not args.headless:
        _require_display()
    from workbench.bench import Bench
    from workbench.control import Control
    from workbench.stop import Stop

    bench = Bench(args.state, args.forward)
    with Stop() as stop:
        stop.on_signals(signal.SIGTERM, signal.SIGINT)
        bench.start()
        control = Control(bench, stop.ask)
        try:
            if args.print_env:
                print("\n".join(bench.environment), flush=True)
            if args.headless:
                stop.wait()
                return 0
            from workbench.window import show

            return show(bench, stop)
        finally:
            control.close()
            bench.close()


def _require_display() -> None:
    import os

    if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        raise EnvironmentFault("There is no display for the window of the workbench.", "Start it with --headless.")
