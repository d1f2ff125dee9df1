"""The verbs of the workbench: one table for the command line, the control socket and the window."""

from __future__ import annotations

from dataclasses import dataclass

SLOTS = ("visitor", "staff")
FAULTS = ("ok", "jam", "paper-out", "cover-open", "offline")
MOMENTS = ("pull-before-signature", "pull-after-signature")
WAITS = ("pad", "no-pad", "card", "no-card", "paper")
DEFAULT_WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a verb: `--name`, with a value of this type (bool: without one)."""

    name: str
    kind: type
    help: str
    choices: tuple[str, ...] = ()
    metavar: str = ""


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb: what it does, and what it takes."""

    name: str
    help: str
    argument: str = ""
    at_least: int = 0
    at_most: int = 0
    choices: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    more: str = ""


_SLOT = Option("slot", str, "which reader (default: visitor)", SLOTS)
_ANY = 1_000

VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("cards", "list the cards in the drawer, and where they are"),
        Verb("insert", "put a card into a reader", "CARD", 1, 1, options=(_SLOT,)),
        Verb("pull", "take the card out of a reader", options=(_SLOT,)),
        Verb(
            "press", "press keys of the PIN pad: digits, enter, cancel, clear, back", "KEY", 1, _ANY,
            options=(Option("slot", str, "which pad (default: the one that asks)", SLOTS),),
            more="Digits may stand together: press 123456 enter. A pad that does not ask loses its keys, so this is "
            "refused then; wait for it with: wait pad.",
        ),
        Verb("scan", "hold a code under the barcode scanner", "TEXT", 1, _ANY),
        Verb(
            "printer", "break the printer, or mend it (ok)", "STATE", 1, 1, FAULTS,
            (Option("after-lines", int, "break it in the middle, after N more printed lines", metavar="N"),),
        ),
        Verb(
            "paper", "show what was printed, oldest first",
            options=(Option("last", bool, "only the last one"),),
            more="Pictures, texts and the raw bytes lie in STATE/workbench/paper.",
        ),
        Verb("network", "cut the line to the back office (off), or restore it (on)", "STATE", 1, 1, ("on", "off")),
        Verb(
            "arm", "let the card leave by itself around its next signature", "MOMENT", 1, 1, MOMENTS, (_SLOT,),
            more="It counts for the card in the slot, or for the next one that is put in.",
        ),
        Verb(
            "wait", "wait until a pad asks, a card is in or out, or paper comes", "WHAT", 1, 1, WAITS,
            (
                Option("slot", str, "which reader (default: pad: either; card: visitor)", SLOTS),
                Option("timeout", float, f"give up after S seconds (default {DEFAULT_WAIT_SECONDS:g})", metavar="S"),
                Option("count", int, "paper: until there are more than N (default: than were waited for)", metavar="N"),
            ),
        ),
        Verb("status", "show what is on the bench"),
        Verb(
            "trace", "write every command to a card, and its answer, to STATE/workbench/trace.log", "STATE", 1, 1,
            ("on", "off"), more="PINs are masked.",
        ),
        Verb("stop", "end the workbench"),
    )
}  # fmt: skip
