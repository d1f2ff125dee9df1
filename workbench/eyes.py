"""Eyes and a pointer for scripts and tests: the accessibility tree of the running kiosk, and real clicks.

Runs under the system's own Python (it has the AT-SPI bindings), with nothing but the standard library:

    /usr/bin/python3 workbench/eyes.py        one JSON request a line on standard input, one JSON reply a line

Requests: {"do": "wait", "pid": 7, "id": "page-menu", "seconds": 5}   until that control shows
          {"do": "gone", ...}                                        until it does not
          {"do": "click", "pid": 7, "id": "continue"}                a real pointer, in the middle of the control
          {"do": "read", "pid": 7, "id": "reference"}                name, text, role and extents
          {"do": "list", "pid": 7}                                   every control that shows

Rules:
- Only nodes that are SHOWING count, and only those of the process asked for: two visits share all names.
- A click goes through the X server, as a finger's would; nothing is invoked behind the screen's back.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any, TypeAlias

import gi

warnings.simplefilter("ignore", DeprecationWarning)  # the bindings deprecate their own accessors
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

Node: TypeAlias = Any
"""A foreign object: an `Atspi.Accessible`, which no stub describes."""

PAUSE_SECONDS = 0.02


def application(pid: int) -> Node | None:
    """Find the accessible application of a process, or None."""
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        child = desktop.get_child_at_index(index)
        try:
            if child is not None and child.get_process_id() == pid:
                return child
        except gi.repository.GLib.Error:
            continue
    return None


def showing(node: Node) -> bool:
    """Whether a person could see it."""
    return bool(node.get_state_set().contains(Atspi.StateType.SHOWING))


def walk(node: Node) -> Iterator[Node]:
    """All nodes below `node` that show."""
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is None or not showing(child):
            continue
        yield child
        yield from walk(child)


def find(pid: int, wanted: str) -> Node | None:
    """Find the showing node with this accessible id, or None."""
    root = application(pid)
    if root is None:
        return None
    try:
        for node in walk(root):
            if node.get_accessible_id() == wanted:
                return node
    except gi.repository.GLib.Error:
        return None
    return None


def describe(node: Node) -> dict[str, Any]:
    """Tell what a screen reader would know."""
    node.clear_cache_single() if hasattr(node, "clear_cache_single") else node.clear_cache()
    extents = node.get_component_iface().get_extents(Atspi.CoordType.SCREEN)
    text = node.get_text_iface()
    return {
        "id": node.get_accessible_id(),
        "role": node.get_role_name(),
        "name": node.get_name(),
        "text": Atspi.Text.get_text(text, 0, -1) if text is not None else "",
        "enabled": node.get_state_set().contains(Atspi.StateType.SENSITIVE),
        "x": extents.x, "y": extents.y, "width": extents.width, "height": extents.height,
    }  # fmt: skip


def wait(request: dict[str, Any], *, present: bool) -> dict[str, Any]:
    """Until a control shows, or shows no more."""
    node = _until(request, present=present)
    if (node is not None) != present:
        return _in_vain(request, "show" if present else "go")
    return {"ok": True, **(describe(node) if node is not None else {})}


def _until(request: dict[str, Any], *, present: bool) -> Node | None:
    """Look until a control shows (or shows no more), and no longer than was asked for; what was found last."""
    deadline = time.monotonic() + float(request.get("seconds", 5))
    while True:
        node = find(request["pid"], request["id"])
        if (node is not None) == present or time.monotonic() > deadline:
            return node
        time.sleep(PAUSE_SECONDS)


def _in_vain(request: dict[str, Any], what: str) -> dict[str, Any]:
    """Say what shows instead."""
    root = application(request["pid"])
    seen = [n.get_accessible_id() for n in walk(root)] if root else ["no program"]
    return {"ok": False, "error": f"{request['id']!r} did not {what}; showing: {seen}"}


def click(request: dict[str, Any]) -> dict[str, Any]:
    """Move the pointer to the middle of a control that stands still, and press."""
    while True:
        node = _until(request, present=True)
        if node is None:
            return _in_vain(request, "show")
        try:
            before = describe(node)
            time.sleep(PAUSE_SECONDS)
            found = describe(node)
            still = showing(node) and found == before
        except gi.repository.GLib.Error:  # it went with its page
            continue
        if still:
            break  # else the page is still laying itself out
    x, y = found["x"] + found["width"] // 2, found["y"] + found["height"] // 2
    subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], check=True)  # noqa: S603, S607
    return {"ok": True, **found}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """One request."""
    match request["do"]:
        case "wait" | "read":
            return wait(request, present=True)
        case "gone":
            return wait(request, present=False)
        case "click":
            return click(request)
        case "list":
            root = application(request["pid"])
            return {"ok": root is not None, "nodes": [describe(n) for n in walk(root)] if root else []}
        case other:
            return {"ok": False, "error": f"unknown request {other!r}"}


def main() -> None:
    """Serve requests until standard input ends."""
    Atspi.init()
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # noqa: BLE001 - the script on the other side is told, whatever it was
            reply = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
