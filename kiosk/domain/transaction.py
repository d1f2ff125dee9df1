"""Names that a transaction uses for who typed a field and what evidence it carries.

- Every field says who typed it: `holder`, or `helper:<role>` for somebody of the office who joined.
- A helper never confirms and never signs; that one helped is in the record, on the receipt, and a question for an
  officer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kiosk.domain.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

HOLDER = "holder"
_HELPER = re.compile(r"helper:([a-z][a-z_]{0,31})(?::([0-9]{10}))?")


def helper(role: str, card: str = "") -> str:
    """Return how a field names the helper who typed it; `card`: the helper's staff card, where one joined."""
    return f"helper:{role}:{card}" if card else f"helper:{role}"


def helpers(entered_by: Mapping[str, str]) -> tuple[str, ...]:
    """Return the helpers who typed any field, each once, in order of name: card numbers where they are known."""
    found = {_officer(name) for name in entered_by.values() if name != HOLDER}
    return tuple(sorted(found))


def helper_roles(entered_by: Mapping[str, str], *, attended: bool = False) -> tuple[str, ...]:
    """Return the roles of those helpers, as the receipt names them; `attended`: an officer took part without typing."""
    matches = (_HELPER.fullmatch(name) for name in entered_by.values())
    roles = tuple(sorted({match.group(1) for match in matches if match}))
    return roles or (("attending",) if attended else ())


def check_entered_by(entered_by: Mapping[str, str], answers: Mapping[str, str]) -> Problem | None:
    """Return what is wrong with the account of who typed what, or None: each answer has exactly one author."""
    if entered_by.keys() != answers.keys():
        return Problem("answers.authors")
    if all(name == HOLDER or _HELPER.fullmatch(name) for name in entered_by.values()):
        return None
    return Problem("answers.authors")


def _officer(name: str) -> str:
    match = _HELPER.fullmatch(name)
    return match.group(2) if match and match.group(2) else name
