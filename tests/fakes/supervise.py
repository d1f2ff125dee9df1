"""The real supervisor over the real agent and visits of the test: `python supervise.py STATE LOG VISIT...`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fakes.verb import command  # noqa: E402

from kiosk.supervisor.cli import supervise  # noqa: E402

if __name__ == "__main__":
    state, log, *visit = sys.argv[1:]
    agent = command("kiosk.agent.cli", "agent", "--state", state, "--log", log)
    sys.exit(supervise(Path(state), agent=agent, visit=visit, log=Path(log)))
