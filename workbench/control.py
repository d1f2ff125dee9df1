"""The bench's control socket: one JSON request a line, one JSON answer a line, for the command line, scripts and tests.

    {"verb": "insert", "arguments": ["marie"], "options": {"slot": "visitor"}}
    {"ok": true}   or   {"ok": false, "error": "...", "remedy": "..."}

Rules:
- The socket is the owner's alone (0600), and there only while it answers.
- Whatever is sent, the answer is a line; nothing sent can end the bench but `stop`.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import EnvironmentFault
from workbench.bench import Refused
from workbench.verbs import DEFAULT_WAIT_SECONDS, VERBS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from workbench.bench import Bench
    from workbench.verbs import Option, Verb

_LONGEST_REQUEST = 1 << 16
_SOCKET_PATH_LIMIT_BYTES = 107
_HIGHEST_NUMBER = 1_000_000
_NO_LINE = (f"A request is one line of at most {_LONGEST_REQUEST} bytes.", "Send a shorter one, and end it.")
Answer = dict[str, Any]


class Control:
    """Serves a bench until `close`; `stopped` is called when somebody says stop."""

    def __init__(self, bench: Bench, stopped: Callable[[], None]) -> None:
        self._bench = bench
        self._path = bench.folder / "control.sock"
        self._stopped = stopped
        self._listener = _listen(self._path)
        threading.Thread(target=self._accept, name="control", daemon=True).start()

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._path.unlink()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="control client", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as requests, contextlib.suppress(OSError):
            while line := requests.readline(_LONGEST_REQUEST):
                whole = line.endswith(b"\n")
                while line and not line.endswith(b"\n"):  # too long, or the end: the rest is read and forgotten
                    line = requests.readline(_LONGEST_REQUEST)
                stop, answer = self.answer(line) if whole else (False, _refused(*_NO_LINE))
                connection.sendall(json.dumps(answer).encode() + b"\n")
                if stop:
                    self._stopped()

    def answer(self, line: bytes) -> tuple[bool, Answer]:
        """Do one request; gives whether the bench is to end now, and the answer."""
        try:
            request = json.loads(line)
            name, arguments = request["verb"], request.get("arguments", [])
            options = request.get("options", {})
            if not isinstance(name, str) or not isinstance(arguments, list) or not isinstance(options, dict):
                raise TypeError  # noqa: TRY301 - one answer for all that is no request
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False, _refused("This is no request.", 'Send {"verb": "...", "arguments": [...], "options": {...}}.')
        verb = VERBS.get(name)
        if verb is None:
            return False, _refused(f"{name!r} is no verb of the workbench.", f"The verbs are {', '.join(VERBS)}.")
        checked = _checked(verb, arguments, options)
        if isinstance(checked, Refused):
            return False, _refused(checked.what, checked.remedy)
        done = self._do(name, *checked)
        if isinstance(done, Refused):
            return False, _refused(done.what, done.remedy)
        return name == "stop", {"ok": True, **done}

    def _do(self, verb: str, arguments: list[str], options: Mapping[str, Any]) -> Answer | Refused:
        bench, first = self._bench, arguments[0] if arguments else ""
        slot = {"slot": options["slot"]} if "slot" in options else {}
        actions: dict[str, Callable[[], Answer | Refused | None]] = {
            "cards": lambda: {"cards": [_as_json(card) for card in bench.cards()]},
            "insert": lambda: bench.insert(first, **slot),
            "pull": lambda: bench.pull(**slot),
            "press": lambda: bench.press(arguments, **slot),
            "scan": lambda: bench.scan(" ".join(arguments)),
            "printer": lambda: bench.set_printer(first, options.get("after-lines", 0)),
            "paper": lambda: {"papers": [_as_json(paper) for paper in bench.papers(last=options.get("last", False))]},
            "network": lambda: bench.network(up=first == "on"),
            "arm": lambda: bench.arm(first, **slot),
            "wait": lambda: self._wait(first, options),
            "status": lambda: {"status": bench.status()},
            "trace": lambda: bench.trace(on=first == "on"),
            "stop": lambda: None,
        }
        done = actions[verb]()
        return {} if done is None else done

    def _wait(self, what: str, options: Mapping[str, Any]) -> Answer | Refused:
        seconds = float(options.get("timeout", DEFAULT_WAIT_SECONDS))
        seen = self._bench.wait(what, seconds, options.get("slot", ""), options.get("count"))
        if seen is None or isinstance(seen, Refused):
            return seen or {}
        return {"papers": [_as_json(seen)]}


def _checked(
    verb: Verb, arguments: Sequence[object], options: Mapping[str, object]
) -> tuple[list[str], dict[str, Any]] | Refused:
    """Compare what was sent with what the verb takes."""
    usage = f"See guichet workbench {verb.name} --help."
    words = [str(argument) for argument in arguments]
    if not verb.at_least <= len(words) <= verb.at_most:
        takes = (
            f"one {verb.argument}"
            if verb.at_most == 1
            else f"at least one {verb.argument}"
            if verb.at_most
            else "nothing"
        )
        return Refused(f"{verb.name} takes {takes}.", usage)
    if verb.choices and words[0] not in verb.choices:
        return Refused(f"{verb.name} does not know {words[0]!r}.", f"It knows {', '.join(verb.choices)}.")
    known = {option.name: option for option in verb.options}
    given: dict[str, Any] = {}
    for name, value in options.items():
        if value is None or value == "":
            continue
        option = known.get(name.replace("_", "-"))
        if option is None:
            return Refused(f"{verb.name} has no option {name!r}.", usage)
        if not _fits(option, value):
            wanted = ", ".join(option.choices) or {bool: "true or false", str: "a text"}.get(
                option.kind, "a number from 0"
            )
            return Refused(f"{verb.name}: {name} cannot be {value!r}.", f"It can be {wanted}.")
        given[option.name] = value
    return words, given


def _fits(option: Option, value: object) -> bool:
    if option.kind in {int, float}:
        number = isinstance(value, int) or (option.kind is float and isinstance(value, float))
        return number and not isinstance(value, bool) and 0 <= value <= _HIGHEST_NUMBER  # type: ignore[operator]
    return isinstance(value, option.kind) and (not option.choices or value in option.choices)


def _as_json(value: object) -> dict[str, Any]:
    """Give a value of the bench as JSON takes it."""
    names: Sequence[str] = value.__slots__  # type: ignore[attr-defined]
    found = {name: getattr(value, name) for name in names}
    return {name: one if isinstance(one, str | int) else str(one) for name, one in found.items()}


def _listen(path: Path) -> socket.socket:
    """Listen at a path; it appears when it answers."""
    draft = path.with_name(f".{path.name}.new")
    if len(str(draft).encode()) > _SOCKET_PATH_LIMIT_BYTES:
        raise EnvironmentFault(f"The socket name {path} is too long.", "Use a shorter state folder.")
    listener = socket.socket(socket.AF_UNIX)
    try:
        draft.unlink(missing_ok=True)
        listener.bind(str(draft))
        draft.chmod(0o600)
        listener.listen(16)
        draft.rename(path)
    except OSError as error:
        listener.close()
        raise EnvironmentFault(f"Cannot listen at {path} ({error.strerror}).", "Check the state folder.") from error
    return listener


def _refused(what: str, remedy: str) -> Answer:
    return {"ok": False, "error": what, "remedy": remedy}
