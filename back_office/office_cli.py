"""`guichet back-office services` and `guichet back-office pin-letter`: what an office offers, and letters with a first PIN."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it so


def add_verbs(acts: Subparsers) -> None:
    """Register both verbs."""
    parser = _act(
        acts,
        "services",
        "switch services of an office off and on",
        "Terminals of the office take it with their next reference data; requests already received are decided. Without "
        "--off and --on it says what is off.",
    )
    parser.add_argument("--office", required=True)
    parser.add_argument("--off", action="append", default=[], metavar="SERVICE")
    parser.add_argument("--on", action="append", default=[], metavar="SERVICE")
    parser.add_argument("--reason", default="", help="why; kept in the log")
    parser.set_defaults(run=run_services)
    parser = _act(
        acts,
        "pin-letter",
        "make a first PIN for a new card, or note a letter that was printed elsewhere",
        "The PIN of the letter opens the record and nothing else until its holder has replaced it, within 21 days. An officer "
        "prints the letter: guichet desk pin-letter print.",
    )
    parser.add_argument("card", metavar="CARD_NUMBER")
    parser.add_argument("--abroad", action="store_true", help="30 days instead of 21")
    parser.add_argument("--counter", action="store_true", help="it is handed over at the counter, not posted")
    parser.add_argument("--sent", default="", metavar="DAY", help="only note a letter that went out elsewhere on this day, ISO 8601")
    parser.set_defaults(run=run_pin_letter)


def _act(acts: Subparsers, name: str, help_text: str, description: str) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=help_text, description=description)
    parser.add_argument("--state", type=Path, default=None, help="state folder (default $GUICHET_STATE or .guichet)")
    parser.add_argument("--by", default=os.environ.get("USER", "operator"), help="who does it; kept in the log")
    return parser


def run_services(args: argparse.Namespace) -> int:
    """Switch, or say what is off."""
    from back_office import pilot
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it, it.work() as work:
        if args.off or args.on:
            off = pilot.switch(work, args.office, off=args.off, on=args.on, by=args.by, reason=args.reason)
        else:
            off = tuple(pilot.switched_off(work.db).get(args.office, ()))
    print(f"office {args.office}: off: {', '.join(off) or 'nothing'}")
    return 0


def run_pin_letter(args: argparse.Namespace) -> int:
    """Have the card maker set the PIN of a letter; or note a letter."""
    from back_office import new_pins, pin_letters
    from back_office.demo.cards import DemonstrationCards
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it, it.work() as work:
        if not args.sent:
            way = pin_letters.COUNTER if args.counter else pin_letters.POST
            pin_letters.issue(work, args.card, DemonstrationCards(it.state), by=args.by, way=way, abroad=args.abroad)
            print(f"card {args.card}: its letter waits to be printed: guichet desk pin-letter print {args.card}")
            return 0
        until = new_pins.letter_sent(work, args.card, by=args.by, abroad=args.abroad, sent=args.sent)
    print(f"card {args.card}: the letter's PIN can be replaced until {until}")
    return 0
