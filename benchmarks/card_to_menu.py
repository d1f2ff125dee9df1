"""`card_to_menu_ms`: card in to menu, beside OpenSC's `pkcs11-tool` doing the same card work with the same card.

Ours: from the card in the slot to the menu in the frame buffer. In it: pcscd's event, the examination (four
certificates, a challenge to 9E), the PIN, the name, a signature by 9A, and the record fetched from the back office.
OpenSC's: the tool needs a run for each thing it does: a signature by 9E, one by 9A, and the name; each from the
process's start to its end, the card in the slot and powered all the time, the PIN on the command line.
Both without the time inside the card; ours without the time of the hand on the pad as well.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, spread_of
from devices.simulators.card import SimulatedCard
from kiosk.demo.person import PIN
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.visits import Seen
    from benchmarks.world import World

GOAL = 0.25
CARD = "marie"
POWER_SECONDS = 0.6
"""pcscd powers a card a moment after it came; OpenSC does not have to wait for that."""


def peer(world: World) -> float:
    """OpenSC's seconds for the same work, outside the card."""
    slot = world.hardware.staff
    card = SimulatedCard.load(world.state / "cards" / f"{CARD}.json")
    slot.insert(card)
    time.sleep(POWER_SECONDS)
    challenge, answer = world.state / "bench-challenge", world.state / "bench-answer"
    challenge.write_bytes(bytes(32))
    signing = ["--mechanism", "ECDSA-SHA256", "--input-file", str(challenge), "--output-file", str(answer)]
    busy, seconds = card.busy_seconds, 0.0
    for work in (
        ["--sign", "--id", "04", *signing],
        ["--sign", "--id", "01", *signing],
        ["--read-object", "--type", "data", "--application-label", "Printed Information", "--output-file", str(answer)],
    ):
        seconds += _run(world, ["pkcs11-tool", "--login", "--pin", PIN, *work])
    slot.remove()
    return seconds - (card.busy_seconds - busy)


def _run(world: World, command: list[str]) -> float:
    began = time.monotonic()
    done = subprocess.run(
        command, env=world.processes.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    seconds = time.monotonic() - began
    if done.returncode != 0:
        raise EnvironmentFault(
            f"`{' '.join(command)}` failed: {done.stderr.strip().splitlines()[-1:]}", "Is opensc there?"
        )
    return seconds


def figure(seen: Sequence[Seen], peers: Sequence[float]) -> Figure:
    """The row."""
    values = [one.card_to_menu * 1000 for one in seen]
    other = statistics.median(peers) * 1000
    return Figure(
        "card_to_menu",
        statistics.median(values),
        "ms",
        "OpenSC pkcs11-tool",
        other,
        len(values),
        GOAL,
        spread_of(values),
    )
