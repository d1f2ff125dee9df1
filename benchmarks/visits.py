"""People who walk their visits at the running terminal, and what was seen of each visit from outside.

Rules:
- The first visit is a rehearsal that finds by the accessibility tree where the controls are; the others look at pixels
  only, so that nobody asks the visit anything while it is timed.
- A person begins when the successor is ready: nobody reads the welcome page in the second that its start takes.
- PIN keys come one by one, as a hand presses them; the hand's own time is taken out.
- A third change within ninety days is held, and who has one waiting cannot begin another: so those three come last.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.world import Log, memory_mb
from devices.simulators.card import SimulatedCard
from devices.simulators.pin_pad import CANCEL, ENTER
from kiosk.demo.person import PIN
from kiosk.domain.errors import EnvironmentFault
from workbench.hands import Hands

if TYPE_CHECKING:
    from benchmarks.world import World

SAME_KEY_SECONDS = 0.18
"""The on-screen keyboard takes a second strike on a key that the finger has hardly left for a trembling hand's."""
KEY_SECONDS = 0.015
HAND_SECONDS = 0.03
SIGNERS = ("marie", "ludmila", "karel")
ACCOUNTS = ("second", "third", "fourth")
NOT_SIGNED = "of_someone_else"


@dataclass(slots=True)
class Seen:
    """What was seen of one visit; times in seconds."""

    pid: int
    ready: float = 0.0
    taps: dict[str, float] = field(default_factory=dict)
    card_to_menu: float = 0.0
    sign_to_print: float | None = None
    memory_mb: float | None = None
    turnover: float = 0.0


class Visitors:
    """Walks one visit after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.log = Log(world.processes.log("supervisor"))
        self._places: dict[tuple[str, str], tuple[int, int]] = {}
        self._accounts: dict[str, str] = world.facts["accounts"]
        self._pid = 0

    # --- the terminal ------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Wait until a visit is on the screen and its successor is ready."""
        deadline = time.monotonic() + 60
        while True:
            running = self.world.running()
            if running.get("visit_stage") == "shown" and running.get("successor_stage") == "ready":
                self._pid = int(running["visit"])
                return
            if time.monotonic() > deadline:
                raise EnvironmentFault("No visit came to the screen.", f"See {self.world.processes.log('supervisor')}.")
            time.sleep(0.02)

    def _ready_after(self, pid: int) -> float:
        """How long this visit process took from its start to its word that it is ready."""
        self.log.read()
        said = next(e for e in self.log.seen if e["event"] == "visit_ready" and e["pid"] == pid)
        return float(said["at"]) - started_at(pid)

    # --- the rehearsal -----------------------------------------------------------------------------------

    def rehearse(self) -> None:
        """One visit with open eyes: where is what."""
        self.settle()
        eyes = Hands(self.world.processes.environment)
        eyes.pid = self._pid
        try:
            self._rehearse(eyes)
        finally:
            eyes.close()

    def _rehearse(self, eyes: Hands) -> None:
        def note(page: str, *controls: str) -> None:
            for control in controls:
                seen = eyes.see(control)
                self._places[page, control] = (seen["x"] + seen["width"] // 2, seen["y"] + seen["height"] // 2)

        slot = self.world.hardware.visitor
        note("Welcome", "start")
        self._go("Welcome", "start", "ChoosingLanguage")
        note("ChoosingLanguage", "language-en")
        self._go("ChoosingLanguage", "language-en", "AwaitingCard")
        note("AwaitingCard", "have-code")
        self._go("AwaitingCard", "have-code", "EnteringCode")
        note("EnteringCode", "back")
        self._go("EnteringCode", "back", "AwaitingCard")
        slot.insert(self._card(SIGNERS[0]))
        self._type_pin()
        self.log.step("Menu")
        note("Menu", "who-holds", "service-bank_account.change")
        self._go("Menu", "who-holds", "Showing")
        note("Showing", "back")
        self._go("Showing", "back", "Menu")
        self._go("Menu", "service-bank_account.change", "Answering")
        account = self._accounts[f"{SIGNERS[0]}_second"]
        note("Answering", "continue", *(f"key-{key}" for key in "0123456789-/"))
        self._type_account(account)
        self._go("Answering", "continue", "Checking")
        note("Checking", "sign", "end-session")
        self._places["ShowingReceipt", "end-session"] = self._places["Checking", "end-session"]
        self._go("Checking", "end-session", "TakingCard")
        slot.remove()
        self.log.wait(lambda entry: entry["event"] == "visit_shown", "the next visit")

    def _go(self, page: str, control: str, to: str) -> float:
        """Tap; seconds until the page that follows was on the screen."""
        x, y = self._places[page, control]
        seconds = self.world.screen.tap_and_see(x, y)
        self.log.step(to)
        if seconds is None:
            raise EnvironmentFault(f"Nothing changed on the screen after {control}.", "Look at the screen.")
        return seconds

    # --- hands -------------------------------------------------------------------------------------------

    def _card(self, name: str) -> SimulatedCard:
        return SimulatedCard.load(self.world.state / "cards" / f"{name}.json")

    def _type_account(self, account: str) -> None:
        struck: dict[str, float] = {}
        for key in domestic(account):
            soonest = struck.get(key, 0.0) + SAME_KEY_SECONDS
            time.sleep(max(KEY_SECONDS, soonest - time.monotonic()))
            struck[key] = time.monotonic()
            self.world.screen.finger.tap(*self._places["Answering", f"key-{key}"])
        time.sleep(SAME_KEY_SECONDS)

    def _type_pin(self, last: str = ENTER) -> tuple[float, float]:
        """Type the PIN when the pad asks; when it asked, and when the last key was pressed."""
        pad = self.world.hardware.visitor.pad
        if not pad.wait_entering(15):
            raise EnvironmentFault("The pad did not ask for the PIN.", "Look at the screen.")
        asked = time.monotonic()
        for digit in PIN:
            time.sleep(HAND_SECONDS)
            pad.press(digit)
        time.sleep(2 * HAND_SECONDS)
        pressed = time.monotonic()
        pad.press(last)
        return asked, pressed

    # --- one visit ---------------------------------------------------------------------------------------

    def visit(self, card: str, account: str, *, sign: bool) -> Seen:
        """One visit; with `sign` to its receipt, otherwise to the page that asks for the PIN to sign."""
        self.settle()
        seen = Seen(self._pid, ready=self._ready_after(self._pid))
        seen.taps["language"] = self._go("Welcome", "start", "ChoosingLanguage")
        seen.taps["insert card"] = self._go("ChoosingLanguage", "language-en", "AwaitingCard")
        seen.taps["code"] = self._go("AwaitingCard", "have-code", "EnteringCode")
        self._go("EnteringCode", "back", "AwaitingCard")
        seen.card_to_menu = self._identify(card)
        seen.taps["who holds"] = self._go("Menu", "who-holds", "Showing")
        self._go("Showing", "back", "Menu")
        seen.taps["question"] = self._go("Menu", "service-bank_account.change", "Answering")
        self._type_account(self._accounts[account])
        seen.taps["check"] = self._go("Answering", "continue", "Checking")
        seen.taps["sign"] = self._go("Checking", "sign", "AwaitingSignature")
        page = self._sign(seen) if sign else self._refrain()
        seen.taps["take card"] = self._go(page, "end-session", "TakingCard")
        self._leave(seen)
        return seen

    def _identify(self, name: str) -> float:
        """From the card in to the menu, without the time inside the card and of the hand."""
        screen, slot, card = self.world.screen, self.world.hardware.visitor, self._card(name)
        before = screen.look()
        began = time.monotonic()
        slot.insert(card)
        asked, pressed = self._type_pin()
        at_menu: list[bool] = []

        def until() -> bool:
            if not at_menu and any(entry.get("step") == "Menu" for entry in self.log.read()):
                at_menu.append(True)
            return bool(at_menu)

        arrived = screen.arrival(before, began, until=until)
        if arrived is None:
            raise EnvironmentFault("The menu did not come.", "Look at the screen.")
        return arrived - (pressed - asked) - card.busy_seconds

    def _sign(self, seen: Seen) -> str:
        """Type the PIN and wait for the paper."""
        hardware = self.world.hardware
        card = hardware.visitor.card
        papers = len(hardware.printer.papers)
        hardware.printed.clear()
        busy = card.busy_seconds if isinstance(card, SimulatedCard) else 0.0
        _, pressed = self._type_pin()
        if not hardware.printed.wait(15):
            raise EnvironmentFault("Nothing was printed.", "Look at the screen.")
        busy = (card.busy_seconds if isinstance(card, SimulatedCard) else 0.0) - busy
        seen.sign_to_print = hardware.printed_at - pressed - busy
        self.log.step("ShowingReceipt")
        hardware.printer.wait_paper(papers, 15)
        time.sleep(0.2)
        seen.memory_mb = memory_mb(self._pid)
        return "ShowingReceipt"

    def _refrain(self) -> str:
        """Think better of it: cancel on the pad."""
        self._type_pin(CANCEL)
        self.log.step("Checking")
        time.sleep(0.2)
        return "Checking"

    def _leave(self, seen: Seen) -> None:
        """Take the card; the end of this visit, and the next one on the screen."""
        screen = self.world.screen
        before, began = screen.look(), time.monotonic()
        told: dict[str, float] = {}

        def until() -> bool:
            for entry in self.log.read():
                if entry["event"] in {"visit_ended", "visit_shown"}:
                    told[entry["event"]] = entry["at"]
            return len(told) == 2

        self.world.hardware.visitor.remove()
        arrived = screen.arrival(before, began, until=until)
        if arrived is None:
            raise EnvironmentFault("The next visit did not come to the screen.", "Look at the screen.")
        seen.turnover = max(began + arrived, told["visit_shown"]) - told["visit_ended"]


def plan(count: int) -> list[tuple[str, str, bool]]:
    """Who comes, with which account, and whether he signs: card, account, sign."""
    signing = [(name, f"{name}_{account}", True) for account in ACCOUNTS for name in SIGNERS][:count]
    looking = [(SIGNERS[i % len(SIGNERS)], NOT_SIGNED, False) for i in range(count - len(signing))]
    last = len(SIGNERS)
    mixed: list[tuple[str, str, bool]] = []
    early, late = signing[:-last], signing[-last:]
    while early or looking:
        mixed += [one.pop(0) for one in (looking, looking, early) if one]
    return [*mixed, *late]


def domestic(iban: str) -> str:
    """A Czech account as people write it: prefix-number/bank."""
    bank, prefix, number = iban[4:8], int(iban[8:14]), int(iban[14:])
    return f"{prefix}-{number}/{bank}" if prefix else f"{number}/{bank}"


def started_at(pid: int) -> float:
    """When the kernel started a process (CLOCK_MONOTONIC, to a hundredth of a second)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")
