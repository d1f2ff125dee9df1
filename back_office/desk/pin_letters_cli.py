"""`guichet desk pin-letter`: letters with a first PIN that wait to be printed, or to be handed over at the counter.

Rules:
- As all verbs of the desk's command line: an officer's name without a password, and the log says so.
- No digit is ever shown; only the paper has them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it so


def add_verbs(acts: Subparsers) -> None:
    """Register the verbs below `guichet desk`."""
    group = acts.add_parser("pin-letter", help="letters with a first PIN: what waits; print; hand over")
    verbs = group.add_subparsers(dest="pin_letter_act", metavar="ACT", required=True)
    _act(verbs, "list", "which letters wait", run_list)
    parser = _act(verbs, "print", "give a letter to the print shop; its days begin", run_print)
    parser.add_argument("card", metavar="CARD_NUMBER")
    parser.add_argument("--officer", required=True, metavar="NAME", help="sign-in name of the officer")
    parser = _act(verbs, "hand-over", "note that the holder has it; by an officer who did not print it", run_hand_over)
    parser.add_argument("card", metavar="CARD_NUMBER")
    parser.add_argument("--officer", required=True, metavar="NAME", help="sign-in name of the officer")
    parser.add_argument("--document", required=True, metavar="PAPER", help="which identity document was shown")

    group = acts.add_parser("number-pin", help="letters with a PIN for a person's number, for visits without a card")
    verbs = group.add_subparsers(dest="number_pin_act", metavar="ACT", required=True)
    parser = _act(verbs, "print", "make a PIN for a number and give its letter to the print shop", run_print_number)
    parser.add_argument("person", metavar="PERSON_NUMBER")
    parser.add_argument("--officer", required=True, metavar="NAME", help="sign-in name of the officer")
    parser.add_argument("--counter", action="store_true", help="it is handed over at the counter, not posted")
    parser.add_argument("--abroad", action="store_true", help="30 days instead of 21")
    parser = _act(verbs, "hand-over", "note that the holder has it; by an officer who did not print it", run_hand_over_number)
    parser.add_argument("person", metavar="PERSON_NUMBER")
    parser.add_argument("--officer", required=True, metavar="NAME", help="sign-in name of the officer")
    parser.add_argument("--document", required=True, metavar="PAPER", help="which identity document was shown")


def _act(acts: Subparsers, name: str, help_text: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
    parser.add_argument("--state", type=Path, default=None, help="state folder (default $GUICHET_STATE or .guichet)")
    parser.set_defaults(run=run)
    return parser


def run_list(args: argparse.Namespace) -> int:
    """Print what waits."""
    from back_office import pin_letters
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it, it.work() as work:
        waiting = pin_letters.to_do(work)
    for letter in waiting:
        stage = "to print" if letter.sealed else f"to hand over, printed by {letter.printed_by}"
        print(f"card {letter.card}: {stage} ({letter.way})")
    if not waiting:
        print("no letter waits")
    return 0


def run_print(args: argparse.Namespace) -> int:
    """Print one."""
    from back_office import pin_letters
    from back_office.desk import officers
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it:
        officer = officers.named(it, args.officer)
        with it.work() as work:
            result = pin_letters.put_in_print(work, officer, args.card)
    return _tell(result, "with the print shop; its PIN can be replaced until {}")


def run_hand_over(args: argparse.Namespace) -> int:
    """Note that it was handed over."""
    from back_office import pin_letters
    from back_office.desk import officers
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it:
        officer = officers.named(it, args.officer)
        with it.work() as work:
            result = pin_letters.hand_over(work, officer, args.card, args.document)
    return _tell(result, "handed over; its PIN can be replaced until {}")


def run_print_number(args: argparse.Namespace) -> int:
    """Print one for a number."""
    from back_office import number_pins, pin_letters
    from back_office.desk import officers
    from back_office.installation import open_installation, state_folder

    way = pin_letters.COUNTER if args.counter else pin_letters.POST
    with open_installation(state_folder(args.state)) as it:
        officer = officers.named(it, args.officer)
        with it.work() as work:
            result = number_pins.put_in_print(work, officer, args.person, way=way, abroad=args.abroad)
    return _tell(result, "with the print shop; its PIN can be replaced until {}")


def run_hand_over_number(args: argparse.Namespace) -> int:
    """Note that it was handed over."""
    from back_office import number_pins
    from back_office.desk import officers
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it:
        officer = officers.named(it, args.officer)
        with it.work() as work:
            result = number_pins.hand_over(work, officer, args.person, args.document)
    return _tell(result, "handed over; its PIN can be replaced until {}")


def _tell(result: object, words: str) -> int:
    from back_office import pin_letters

    if isinstance(result, pin_letters.NotDone):
        raise EnvironmentFault(result.why, result.remedy)
    print(words.format(result))
    return 0
