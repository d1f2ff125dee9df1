"""The bench: everything about a terminal that is silicon, paper, fingers or cable, in one process.

    two readers with their pads (behind a private pcscd), cards, a receipt printer, a scanner, a speaker, the line

Rules:
- The kiosk sees nothing but a PC/SC service, device files and a TCP port; nothing of the bench is imported there.
- A verb answers when its effect is there. What cannot be done is a returned `Refused` that names the remedy.
- One bench a state folder. What it puts into the folder goes when it closes, except papers, traces and the lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devices.simulators.card import Moment, SimulatedCard
from devices.simulators.encrypting_pad import SimulatedEncryptingPad
from devices.simulators.pcscd import DRIVER, SOCKET_VARIABLE, Pcscd, ReaderLine, build_driver
from devices.simulators.pin_pad import BACK, CANCEL, CLEAR, ENTER
from devices.simulators.printer import PrinterFault, SimulatedPrinter
from devices.simulators.reader import STAFF_READER, VISITOR_READER, SimulatedReader
from devices.simulators.scanner import SimulatedScanner
from devices.simulators.slot import SimulatedSlot
from devices.simulators.speaker import SimulatedSpeaker
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import FileClock
from workbench.line import Line
from workbench.verbs import DEFAULT_WAIT_SECONDS, FAULTS, MOMENTS, SLOTS, WAITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import IO

READERS = {"visitor": VISITOR_READER, "staff": STAFF_READER}
_MOMENTS = dict(zip(MOMENTS, (Moment.BEFORE_SIGNATURE, Moment.AFTER_SIGNATURE), strict=True))
_NAMED_KEYS = (ENTER, CANCEL, CLEAR, BACK)


@dataclass(frozen=True, slots=True)
class Refused:
    """A verb that cannot be done: what is wrong, and what to do."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class DrawerCard:
    """A card of the demonstration: where it is now ("" in the drawer), and how often its PIN may still be wrong."""

    name: str
    label: str
    slot: str
    pin_tries: int


@dataclass(frozen=True, slots=True)
class PaperSlip:
    """A printed and cut paper: its number, what it says, and the file with its picture."""

    number: int
    text: str
    picture: Path


class Bench:
    """From `start` to `close`; verbs from any thread."""

    def __init__(self, state: Path, forward: tuple[int, int] | None = None) -> None:
        self.state = state.absolute()
        self.folder = self.state / "workbench"
        self._forward = forward
        self._drawer = self.state / "cards"
        self._started = contextlib.ExitStack()
        self._news = threading.Condition()
        self._listeners: list[Callable[[], None]] = []
        self._waited_for_paper = 0
        self._trace: IO[str] | None = None
        self.slots = {name: SimulatedSlot(reader) for name, reader in READERS.items()}
        self.line: Line | None = None
        self.pcscd: Pcscd | None = None

    # --- beginning and end -----------------------------------------------------------------------

    def start(self, *, reader_service: bool = True) -> None:
        """Set everything up, from the main thread (pcscd ends with the thread that started it).

        Without `reader_service` the slots are served, but no pcscd runs. Raises `EnvironmentFault`.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise EnvironmentFault(
                f"{self.folder} cannot be made ({error.strerror}).", "Choose another --state."
            ) from error
        with contextlib.ExitStack() as started:
            started.enter_context(_only_one(self.folder))
            for name, slot in self.slots.items():
                reader = SimulatedReader(self.folder / f"reader-{name}.sock", slot)
                started.callback(reader.close)
                slot.listen(self._changed)
                slot.pad.listen(lambda _display: self._changed())
            pad = self.slots["visitor"].pad  # one set of keys: it enciphers for the host, or gives the PIN to the card
            encrypting = SimulatedEncryptingPad(
                self.folder / "encrypting-pad.sock", pad, self.state / "pki" / "root.pem", FileClock(self.state / "clock")
            )
            started.callback(encrypting.close)
            self.printer = SimulatedPrinter(self.folder / "printer", self.folder / "paper", self._changed)
            started.callback(self.printer.close)
            self._waited_for_paper = self.printer.count
            self.scanner = SimulatedScanner(self.folder / "scanner")
            started.callback(self.scanner.close)
            self.speaker = SimulatedSpeaker(self.folder / "speaker.sock", self._changed)
            started.callback(self.speaker.close)
            if self._forward is not None:
                self.line = Line(*self._forward, self._changed)
                started.callback(self.line.close)
            if reader_service:
                self._start_reader_service(started)
            started.callback(self._stop_trace)
            started.enter_context(self._environment_file())
            self._started = started.pop_all()

    def _start_reader_service(self, started: contextlib.ExitStack) -> None:
        lines = tuple(ReaderLine(READERS[name], self.folder / f"reader-{name}.sock") for name in SLOTS)
        self.pcscd = Pcscd(self.folder, lines, driver=DRIVER if DRIVER.is_file() else build_driver())
        self.pcscd.start()
        started.callback(self.pcscd.stop)

    @contextlib.contextmanager
    def _environment_file(self) -> Iterator[None]:
        path = self.folder / "env"
        path.write_text("".join(f"{line}\n" for line in self.environment), encoding="utf-8")
        yield
        path.unlink(missing_ok=True)

    def close(self) -> None:
        """Clear the bench."""
        self._started.close()

    @property
    def environment(self) -> tuple[str, ...]:
        """How programs find the devices; first the variable with which outside PC/SC clients find the readers."""
        return (
            f"{SOCKET_VARIABLE}={self.folder / 'pcscd.comm'}",
            f"GUICHET_PRINTER={self.folder / 'printer'}",
            f"GUICHET_SCANNER={self.folder / 'scanner'}",
            *([f"GUICHET_LINE=127.0.0.1:{self.line.port}"] if self.line else []),
        )

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each change, on the thread that caused it; the result ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _changed(self) -> None:
        with self._news:
            self._news.notify_all()
        for listener in tuple(self._listeners):
            listener()

    # --- cards and pads --------------------------------------------------------------------------

    def cards(self) -> list[DrawerCard]:
        """List the cards, those in slots too; a file that is none is left out."""
        where = {slot.card.name: name for name, slot in self.slots.items() if slot.card}
        found = []
        for path in sorted(self._drawer.glob("[!.]*.json")):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                document = json.loads(path.read_text(encoding="utf-8"))
                label, tries = str(document.get("label", path.stem)), int(document["pin_tries"])
                found.append(DrawerCard(path.stem, label, where.get(path.stem, ""), tries))
        return found

    def insert(self, name: str, slot: str = "visitor") -> Refused | None:
        """Put a card of the drawer into a slot, taking out the one that is there."""
        into = self._slot(slot)
        if isinstance(into, Refused):
            return into
        names = [card.name for card in self.cards()]
        if name not in names:
            known = f"The cards are {', '.join(names)}." if names else "Make them with: guichet back-office seed."
            return Refused(f"There is no card {name!r} in {self._drawer}.", known)
        for other, taken in self.slots.items():
            if other != slot and taken.card and taken.card.name == name:
                return Refused(f"The card {name} is in the {other} reader.", f"Take it out: pull --slot {other}.")
        into.remove()  # before its file is read: a card that is put back remembers its tries
        try:
            card = SimulatedCard.load(self._drawer / f"{name}.json")
        except EnvironmentFault as fault:
            return Refused(fault.what, fault.remedy)
        card.trace = lambda command, response: self._note(slot, card, command, response)
        into.insert(card)
        return None

    def pull(self, slot: str = "visitor") -> Refused | None:
        """Take the card out."""
        out_of = self._slot(slot)
        if isinstance(out_of, Refused):
            return out_of
        if out_of.remove() is None:
            return Refused(f"There is no card in the {slot} reader.", "Put one in with: insert CARD.")
        return None

    def press(self, words: list[str], slot: str = "") -> Refused | None:
        """Press keys of the pad that asks (or of that slot): digits in any grouping, enter, cancel, clear, back."""
        keys = _keys(words)
        if isinstance(keys, Refused):
            return keys
        asking = [name for name, one in self.slots.items() if one.pad.display.entering]
        chosen = self._slot(slot or (asking[0] if asking else SLOTS[0]))
        if isinstance(chosen, Refused):
            return chosen
        if not chosen.pad.display.entering:
            return Refused("The PIN pad does not ask for anything: the keys are lost.", "Wait until it does: wait pad.")
        chosen.pad.press(*keys)
        return None

    def arm(self, moment: str, slot: str = "visitor") -> Refused | None:
        """Let the card leave by itself around its next signature."""
        chosen = self._slot(slot)
        if isinstance(chosen, Refused):
            return chosen
        if moment not in _MOMENTS:
            return Refused(f"{moment!r} is no moment.", f"The moments are {', '.join(MOMENTS)}.")
        chosen.arm_pull(_MOMENTS[moment])
        return None

    def _slot(self, name: str) -> SimulatedSlot | Refused:
        slot = self.slots.get(name)
        return slot or Refused(f"There is no reader {name!r}.", f"The readers are {' and '.join(SLOTS)}.")

    # --- paper, scanner, line --------------------------------------------------------------------

    def set_printer(self, fault: str, after_lines: int = 0) -> Refused | None:
        """Break the printer (now, or after so many more lines) or mend it."""
        if fault not in FAULTS:
            return Refused(f"A printer cannot be {fault!r}.", f"It can be {', '.join(FAULTS)}.")
        self.printer.set_fault(PrinterFault(fault), after_lines=after_lines)
        return None

    def papers(self, *, last: bool = False) -> list[PaperSlip]:
        """Give what was printed and cut, oldest first."""
        return [_slip(path) for path in (self.printer.papers[-1:] if last else self.printer.papers)]

    def scan(self, text: str) -> Refused | None:
        """Hold a code under the scanner."""
        if not text.strip():
            return Refused("There is nothing to scan.", "Give the text of the code.")
        if not self.scanner.scan(text):
            return Refused(
                "Nobody reads the scanner, and its line is full.", "Start the kiosk, or end and start the workbench."
            )
        return None

    def network(self, *, up: bool) -> Refused | None:
        """Restore or cut the line."""
        if self.line is None:
            return Refused("This workbench has no line.", "Start it with --forward LISTEN:TARGET.")
        self.line.switch(up=up)
        return None

    # --- looking and waiting ---------------------------------------------------------------------

    def status(self) -> dict[str, object]:
        """Tell everything that can be seen on the bench."""
        slots = {}
        for name, slot in self.slots.items():
            display = slot.pad.display
            prompt = display.prompt.value if display.prompt else ""
            slots[name] = {
                "card": slot.card.name if slot.card else "",
                "pad": {"entering": display.entering, "digits": display.digits, "prompt": prompt},
            }
        running = self.pcscd is not None and self.pcscd.pid is not None
        return {
            "slots": slots,
            "printer": self.printer.fault.value,
            "papers": self.printer.count,
            "standing": self.printer.standing,
            "sounds": self.speaker.count,
            "last_sound": self.speaker.last,
            "network": "none" if self.line is None else "on" if self.line.up else "off",
            "connections": self.line.connections if self.line else 0,
            "pcscd": str(self.folder / "pcscd.comm"),
            "reader_service": "running" if running else "ended",
            "trace": self._trace is not None,
            "environment": list(self.environment),
            "pid": os.getpid(),
        }

    def wait(
        self, what: str, seconds: float = DEFAULT_WAIT_SECONDS, slot: str = "", count: int | None = None
    ) -> PaperSlip | Refused | None:
        """Wait for a pad, a card or a paper, which is given; without `count`, the first that nobody has waited for."""
        chosen = self._slot(slot or SLOTS[0])
        if isinstance(chosen, Refused):
            return chosen
        pads = [chosen.pad] if slot else [one.pad for one in self.slots.values()]
        more_than = self._waited_for_paper if count is None else count
        conditions: dict[str, Callable[[], bool]] = {
            "pad": lambda: any(pad.display.entering for pad in pads),
            "no-pad": lambda: not any(pad.display.entering for pad in pads),
            "card": lambda: chosen.card is not None,
            "no-card": lambda: chosen.card is None,
            "paper": lambda: self.printer.count > more_than,
        }
        if what not in conditions:
            return Refused(f"{what!r} cannot be waited for.", f"Wait for {', '.join(WAITS)}.")
        with self._news:
            seen = self._news.wait_for(conditions[what], seconds)
        if not seen:
            return Refused(f"There was no {what} within {seconds:g} s.".replace("no no-", "still a "), "Look: status.")
        if what != "paper":
            return None
        self._waited_for_paper = max(self._waited_for_paper, more_than + 1)
        return _slip(self.printer.paper(more_than + 1))

    # --- trace -----------------------------------------------------------------------------------

    def trace(self, *, on: bool) -> None:
        """Begin or end to write what cards and readers say to each other."""
        self._stop_trace()
        if on:
            path = self.folder / "trace.log"
            path.touch(mode=0o600)
            self._trace = path.open("a", encoding="utf-8", buffering=1)

    def _stop_trace(self) -> None:
        trace, self._trace = self._trace, None
        if trace is not None:
            trace.close()

    def _note(self, slot: str, card: SimulatedCard, command: bytes, response: bytes) -> None:
        trace = self._trace
        if trace is not None:
            with contextlib.suppress(ValueError):  # closed meanwhile
                head = f"{time.monotonic():.6f} {slot} {card.name}"
                trace.write(f"{head} > {command.hex(' ').upper()}\n{head} < {response.hex(' ').upper()}\n")


def _slip(path: Path) -> PaperSlip:
    return PaperSlip(int(path.stem), path.read_text(encoding="utf-8"), path.with_suffix(".png"))


def _keys(words: list[str]) -> list[str] | Refused:
    keys: list[str] = []
    for word in words:
        named = word.lower() in _NAMED_KEYS
        keys += [word.lower()] if named else list(word)
    wrong = next((key for key in keys if key not in _NAMED_KEYS and not (key.isascii() and key.isdigit())), None)
    if wrong is not None:
        return Refused(f"The pad has no key {wrong!r}.", f"Its keys are the digits, {', '.join(_NAMED_KEYS)}.")
    return keys


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder; a second bench there is refused."""
    path = folder / "lock"
    with path.open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise EnvironmentFault(
                f"A workbench runs already at {folder} (process {lock.read().strip() or 'unknown'}).",
                "Tell it something (guichet workbench status), end it (guichet workbench stop), or use another --state.",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
