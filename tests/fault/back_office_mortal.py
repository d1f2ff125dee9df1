"""A back office that kills itself at a named step: `python back_office_mortal.py STATE STEP [COUNT]`.

Its partners answer from STATE/partners.json and write what they are told to STATE/told.jsonl, durably, before they answer.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from back_office import app, decisions, effects, firewall, intake, notices, outbox, rounds, serve, verdicts  # noqa: E402
from back_office.installation import open_installation  # noqa: E402
from back_office.ports import Delivered, Partners, Verification  # noqa: E402
from back_office.repository import arrivals  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at(module: Any, name: str, *, before: bool) -> Callable[[int], None]:
    """Die before or after the named function, at its n-th call."""

    def install(count: int) -> None:
        real, calls = getattr(module, name), itertools.count(1)

        def mortal(*arguments: Any, **named: Any) -> Any:
            mine = next(calls)  # threads call this too
            if before and mine == count:
                die()
            result = real(*arguments, **named)
            if not before and mine == count:
                die()
            return result

        setattr(module, name, mortal)

    return install


STEPS: dict[str, Callable[[int], None]] = {
    "none": lambda _: None,
    "before_receiving": at(intake, "receive_group", before=True),
    "while_receiving": at(arrivals, "move_heads", before=False),
    "received_unanswered": at(intake, "receive_group", before=False),
    "before_deciding": at(decisions, "decide_group", before=True),
    "while_deciding": at(verdicts, "new_request", before=False),
    "decided": at(decisions, "decide_group", before=False),
    "before_sending": at(outbox, "send", before=True),
    "sent_unbooked": at(outbox, "send", before=False),
    "while_booking": at(firewall, "happen", before=True),
    "while_queueing_notices": at(notices, "_put", before=False),
    "account_open_uncommitted": at(effects, "_announce", before=False),
    "booked": at(outbox, "book", before=False),
    "round_over": at(rounds.Rounds, "round", before=False),
}


class Told:
    """Both partners."""

    def __init__(self, state: Path) -> None:
        self._holders = json.loads((state / "partners.json").read_text())
        self._path = state / "told.jsonl"

    def _note(self, kind: str, key: str, **more: str) -> None:
        line = json.dumps({"kind": kind, "key": key} | more) + "\n"
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(handle, line.encode())
        os.fsync(handle)
        os.close(handle)

    def verify_account(self, question: Any, *, timeout_seconds: float) -> Verification:  # noqa: ARG002 - the port's
        self._note("verify", question.key)
        return Verification(self._holders.get(question.iban, "no_match"))

    def announce_account(self, notice: Any, *, timeout_seconds: float) -> Delivered:  # noqa: ARG002 - the port's
        self._note("announce", notice.key, iban=notice.iban)
        return Delivered()

    def send(self, message: Any, *, timeout_seconds: float) -> Delivered:  # noqa: ARG002 - the port's
        self._note("message", message.key)
        return Delivered()


def main(state: Path, step: str, count: int) -> None:
    STEPS[step](count)
    told = Told(state)
    with open_installation(state) as it:
        serve.serve(it, Partners(told, told))


if __name__ == "__main__":
    assert app
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
