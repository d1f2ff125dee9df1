"""A visit without screen and reader: speaks the supervisor's four words, ends on SIGUSR1, dies as the test likes."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from kiosk.link import Accepted, VisitLink  # noqa: E402
from kiosk.terminal_folder import TerminalFolder  # noqa: E402


def say(**message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _until_told(ended: threading.Event) -> None:
    """The end of the supervisor's pipe is the end of this process; what it says before is not for a visit that is shown."""
    sys.stdin.read()
    ended.set()


def main(state: Path, *options: str) -> None:
    ended = threading.Event()
    signal.signal(signal.SIGUSR1, lambda *_: ended.set())
    sys.stdout.write("CANARY: not a line of the protocol\n")
    say(state="ready")
    opened = None
    while opened is None and (line := sys.stdin.readline()):
        said = json.loads(line)
        opened = said.get("open")
        if "left_paper" in said:
            with (state / "left_paper.txt").open("a") as record:
                record.write(f"{os.getpid()} {said['left_paper']}\n")
            say(paper="cut")
    if opened is None:
        return
    if "--crash-when-opened" in options:
        sys.exit(7)
    greeted = threading.Event()
    link = VisitLink(TerminalFolder(state).socket, opened, lambda m: greeted.set() if isinstance(m, Accepted) else None)
    link.start()
    if "--wait-for-agent" in options:
        greeted.wait(20)
    if "--print" in options:
        say(paper="open")
    say(state="shown")
    threading.Thread(target=_until_told, args=(ended,), daemon=True).start()
    ended.wait()
    say(state="ended", why="finished")
    link.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
