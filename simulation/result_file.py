"""The file that a simulation's result goes to: looked at before the work, which may take hours, and written after it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def check(path: Path | None) -> None:
    """Find out whether a result could be written there. Raises EnvironmentFault."""
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        raise EnvironmentFault(f"The result cannot be written to {path}.", "Give --json a file in a folder that is there.")


def write(path: Path | None, document: Mapping[str, Any]) -> None:
    """Write the result, if that is wanted."""
    if path is not None:
        path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
