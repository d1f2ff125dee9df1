"""The bench: everything about a terminal that is silicon, paper, fingers or cable, in one process.

    two readers with their pads (behind a private pcscd), cards, a receipt printer, a scanner, the line

Rules:
- The kiosk sees nothing but a PC/SC service, device files and a TCP port; nothing of the bench is imported there.
- Every verb answers when its effect is there.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from devices.simulators.card import Moment, SimulatedCard
from devices.simulators.pcscd import SOCKET_VARIABLE, Pcscd, ReaderLine, build_driver
from devices.simulators.printer import PrinterFault, SimulatedPrinter
from devices.simulators.reader import STAFF_READER, VISITOR_READER, SimulatedReader
from devices.simulators.scanner import SimulatedScanner
from devices.simulators.slot import SimulatedSlot
from kiosk.domain.errors import EnvironmentFault
from workbench.line import Line

if TYPE_CHECKING:
    from pathlib import Path

SLOTS = {"visitor": VISITOR_READER, "staff": STAFF_READER}
MOMENTS = {"pull-before-signature": Moment.BEFORE_SIGNATURE, "pull-after-signature": Moment.AFTER_SIGNATURE}
NAMED_KEYS = frozenset({"enter", "cancel", "clear", "back"})


class WrongVerb(Exception):  # noqa: N818 - an answer to a person, carried as an exception inside the bench only
    """A verb that cannot be done; what is wrong, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class Bench:
    """From construction until `close`."""

    def __init__(self, state: Path, forward: tuple[int, int] | None) -> None:
        self.folder = state / "workbench"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._cards = state / "cards"
        build_driver()
        with contextlib.ExitStack() as started:
            self.slots = {name: SimulatedSlot(reader) for name, reader in SLOTS.items()}
            for name, slot in self.slots.items():
                reader = SimulatedReader(self.folder / f"reader-{name}.sock", slot)
                started.callback(reader.close)
            self.printer = SimulatedPrinter(self.folder / "printer", self.folder / "paper")
            started.callback(self.printer.close)
            self.scanner = SimulatedScanner(self.folder / "scanner")
            started.callback(self.scanner.close)
            self.line: Line | None = None
            if forward is not None:
                self.line = Line(*forward)
                started.callback(self.line.close)
            lines = tuple(ReaderLine(SLOTS[name], self.folder / f"reader-{name}.sock") for name in SLOTS)
            self.pcscd = Pcscd(self.folder, lines)
            self.pcscd.start()
            started.callback(self.pcscd.stop)
            self._started = started.pop_all()

    def close(self) -> None:
        """Clear the bench."""
        self._started.close()

    @property
    def environment_line(self) -> str:
        """How an outside client finds the readers."""
        return f"{SOCKET_VARIABLE}={self.pcscd.socket_path}"

    def cards(self) -> list[dict[str, str]]:
        """The cards in the drawer."""
        drawer = []
        for path in sorted(self._cards.glob("*.json")):
            with contextlib.suppress(EnvironmentFault):
                from devices.simulators.card_file import read_card_file  # noqa: PLC0415

                drawer.append({"name": path.stem, "label": read_card_file(path).label})
        return drawer

    def _slot(self, name: str) -> SimulatedSlot:
        if name not in self.slots:
            raise WrongVerb(f"there is no slot {name!r}.", f"Slots are: {', '.join(self.slots)}.")
        return self.slots[name]

    def insert(self, name: str, slot: str = "visitor") -> None:
        """Put a card of the drawer into a slot."""
        path = self._cards / f"{name}.json"
        if "/" in name or not path.is_file():
            known = ", ".join(card["name"] for card in self.cards()) or "none; run guichet back-office seed"
            raise WrongVerb(f"there is no card {name!r} in {self._cards}.", f"Cards are: {known}.")
        self._slot(slot).insert(SimulatedCard.load(path))

    def pull(self, slot: str = "visitor") -> None:
        """Take the card out."""
        if self._slot(slot).remove() is None:
            raise WrongVerb(f"there is no card in the {slot} slot.", "Insert one first: guichet workbench insert NAME.")

    def press(self, keys: list[str], slot: str = "visitor") -> None:
        """Press keys of the pad: digits in any grouping, `enter`, `cancel`, `clear`, `back`."""
        pad = self._slot(slot).pad
        for word in keys:
            for key in [word.lower()] if word.lower() in NAMED_KEYS else list(word):
                if key not in NAMED_KEYS and not ("0" <= key <= "9"):
                    raise WrongVerb(f"the pad has no key {key!r}.", "Keys are digits, enter, cancel, clear and back.")
                pad.press(key)

    def arm(self, moment: str, slot: str = "visitor") -> None:
        """Pull the card by itself around the next signature."""
        if moment not in MOMENTS:
            raise WrongVerb(f"{moment!r} is no moment.", f"Moments are: {', '.join(MOMENTS)}.")
        self._slot(slot).arm_pull(MOMENTS[moment])

    def set_printer(self, fault: str) -> None:
        """Break or mend the printer."""
        try:
            self.printer.set_fault(PrinterFault(fault))
        except ValueError:
            raise WrongVerb(
                f"a printer cannot be {fault!r}.", f"It can be: {', '.join(f.value for f in PrinterFault)}."
            ) from None

    def network(self, *, up: bool) -> None:
        """Restore or cut the line."""
        if self.line is None:
            raise WrongVerb("this workbench has no line.", "Start it with --forward LISTEN:TARGET.")
        self.line.switch(up=up)

    def status(self) -> dict[str, object]:
        """Everything that can be seen on the bench."""
        slots = {}
        for name, slot in self.slots.items():
            display = slot.pad.display
            slots[name] = {
                "card": slot.card.name if slot.card else "",
                "pad": {"entering": display.entering, "digits": display.digits},
            }
        return {
            "slots": slots,
            "printer": self.printer.fault.value,
            "papers": len(self.printer.papers),
            "standing": self.printer.standing,
            "network": "none" if self.line is None else "on" if self.line.up else "off",
            "pcscd": str(self.pcscd.socket_path),
        }

    def wait(self, what: str, seconds: float, slot: str = "visitor", count: int = 0) -> None:
        """Wait until the pad asks, the slot is empty, or there is more paper than `count`."""
        match what:
            case "pad":
                seen = self._slot(slot).pad.wait_entering(seconds)
            case "no-pad":
                seen = self._slot(slot).pad.wait_entering(seconds, entering=False)
            case "paper":
                seen = self.printer.wait_paper(count, seconds)
            case _:
                raise WrongVerb(f"{what!r} cannot be waited for.", "Wait for pad, no-pad or paper.")
        if not seen:
            raise WrongVerb(f"no {what} after {seconds:g} s.", "See guichet workbench status.")
