"""The card side of a visit as a process of its own: `python pin_client.py TRACE ANCHORS`, one act a line on standard input.

Every buffer that goes to the reader or comes from it is kept in TRACE, as hexadecimal lines. Its memory stays open to
its parent, which looks into it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from devices.card_session import CardSession  # noqa: E402
from devices.pcsc_reader import PcscTransport  # noqa: E402
from kiosk.wire.trust import Revocations  # noqa: E402
from tests.card_bench import AT  # noqa: E402


class Tracing(PcscTransport):
    """The real transport, overheard."""

    def __init__(self, reader: str, trace: Path) -> None:
        super().__init__(reader)
        self._trace = trace.open("a", encoding="ascii", buffering=1)

    def _note(self, kind: str, data: object) -> None:
        if isinstance(data, bytes):
            self._trace.write(f"{kind} {data.hex()}\n")

    def transmit(self, command: bytes):
        self._note("command", command)
        answer = super().transmit(command)
        self._note("answer", answer)
        return answer

    def control(self, code: int, data: bytes):
        self._note(f"control-{code:08x}", data)
        answer = super().control(code, data)
        self._note("control-answer", answer)
        return answer


def main(trace: Path, anchors: Path) -> None:
    counted: list[int] = []
    session = CardSession(Tracing("Guichet Visitor", trace), bytes)
    for line in sys.stdin:
        match line.split():
            case ["examine"]:
                said = type(session.examine(anchors.read_bytes(), Revocations(frozenset(), AT), AT)).__name__
            case ["pin"]:
                said = type(session.verify_pin(20, counted.append)).__name__
            case ["sign"]:
                said = type(session.sign("9C", b"the act")).__name__
            case ["counted"]:
                said = json.dumps(counted)
            case _:
                said = "what?"
        sys.stdout.write(said + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
