"""The bench's control socket: one JSON request a line, one JSON answer a line, for the command line, scripts and tests."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import EnvironmentFault
from workbench.bench import Bench, WrongVerb

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Control:
    """Serves a bench until `close`; `stopped` is called when somebody says stop."""

    def __init__(self, bench: Bench, path: Path, stopped: Callable[[], None]) -> None:
        self._bench = bench
        self._path = path
        self._stopped = stopped
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen(16)
        threading.Thread(target=self._accept, name="control", daemon=True).start()

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as stream, contextlib.suppress(OSError):
            for line in stream:
                stream.write(json.dumps(self.answer(line)).encode() + b"\n")
                stream.flush()

    def answer(self, line: bytes) -> dict[str, Any]:
        """Do one request."""
        try:
            request = json.loads(line)
            verb, arguments = str(request["verb"]), [str(a) for a in request.get("arguments", [])]
            options = {str(k): v for k, v in request.get("options", {}).items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return _refused("this is no request.", 'Send {"verb": "...", "arguments": [...], "options": {...}} on one line.')
        try:
            return {"ok": True, **self._do(verb, arguments, options)}
        except WrongVerb as wrong:
            return _refused(wrong.what, wrong.remedy)
        except EnvironmentFault as fault:
            return _refused(fault.what, fault.remedy)
        except (IndexError, ValueError, TypeError) as error:
            return _refused(f"{verb} cannot be done with {arguments}: {error}.", f"See guichet workbench {verb} --help.")

    def _do(self, verb: str, arguments: list[str], options: dict[str, Any]) -> dict[str, Any]:  # noqa: C901, PLR0912
        bench, slot = self._bench, str(options.get("slot", "visitor"))
        match verb:
            case "insert":
                bench.insert(arguments[0], slot)
            case "pull":
                bench.pull(slot)
            case "press":
                bench.press(arguments, slot)
            case "scan":
                bench.scanner.scan(" ".join(arguments))
            case "printer":
                bench.set_printer(arguments[0])
            case "network":
                bench.network(up=_on_off(arguments[0]))
            case "arm":
                bench.arm(arguments[0], slot)
            case "wait":
                bench.wait(arguments[0], float(options.get("timeout", 10)), slot, int(options.get("count", 0)))
            case "status":
                return {"status": bench.status()}
            case "cards":
                return {"cards": bench.cards()}
            case "paper":
                return {"papers": [
                    {"text": p.read_text("utf-8"), "picture": str(p.with_suffix(".png"))} for p in bench.printer.papers
                ]}  # fmt: skip
            case "stop":
                self._stopped()
            case _:
                raise WrongVerb(f"{verb!r} is no verb of the workbench.", "See guichet workbench --help.")
        return {}


def _on_off(word: str) -> bool:
    if word not in {"on", "off"}:
        raise WrongVerb(f"the network cannot be {word!r}.", "It can be on or off.")
    return word == "on"


def _refused(what: str, remedy: str) -> dict[str, Any]:
    return {"ok": False, "error": what, "remedy": remedy}
