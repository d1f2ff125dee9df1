"""The one door to python-escpos: imported with our own short list of printers, and leaving nothing behind.

Rules:
- The library parses a list of all printers of the world when it is imported (a fifth of a second at every visit), keeps a
  folder of its own in the temporary folder for each process, and configures the root logger. Here it gets
  `escpos_profiles.json`, the folder goes at once, and the logger stays as it was.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

from kiosk.domain.errors import EnvironmentFault

_PROFILES = Path(__file__).with_name("escpos_profiles.json")
_LIST, _CACHE = "ESCPOS_CAPABILITIES_FILE", "ESCPOS_CAPABILITIES_PICKLE_DIR"

_kept = {name: os.environ.pop(name, None) for name in (_LIST, _CACHE)}
_handlers, _level = list(logging.root.handlers), logging.root.level
os.environ[_LIST] = str(_PROFILES)
try:
    import escpos.capabilities

    shutil.rmtree(escpos.capabilities.pickle_dir, ignore_errors=True)
finally:
    del os.environ[_LIST]
    os.environ.update({name: value for name, value in _kept.items() if value is not None})
    logging.root.handlers[:] = _handlers
    logging.root.setLevel(_level)

from escpos.constants import QR_ECLEVEL_M  # noqa: E402
from escpos.printer import Dummy  # noqa: E402

PROFILES: frozenset[str] = frozenset(escpos.capabilities.CAPABILITIES["profiles"])
"""Names of the printers that are known."""


def require_profile(name: str) -> None:
    """Raise `EnvironmentFault` for a printer that is not in the list."""
    if name not in PROFILES:
        raise EnvironmentFault(
            f"The receipt printer {name!r} is not known.", f"Known are {', '.join(sorted(PROFILES))}."
        )


__all__ = ["PROFILES", "QR_ECLEVEL_M", "Dummy", "require_profile"]
