"""One journey a service: a person does it at the terminal, and its effect is looked for elsewhere.

A module a family of services; its `JOURNEYS` name them, in the order in which they are played.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.demo.stage import Expected, Stage


def journeys() -> dict[str, Callable[[Stage], Expected]]:
    """Return every journey by name, modules in order of name."""
    found: dict[str, Callable[[Stage], Expected]] = {}
    for module in sorted(iter_modules(__path__), key=lambda module: module.name):
        found |= import_module(f"{__name__}.{module.name}").JOURNEYS
    return found
