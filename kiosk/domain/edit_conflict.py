"""Two edits of one record, made without knowing of each other: what becomes of the one that arrives later.

Rules:
- A service says in its catalogue entry which rule it has; there is no other place where that is decided.
- An edit names the version of the record that its signer saw. Signed without having seen any, it is in conflict with
  whatever came into the record after it was signed.
- *Last signed wins* goes by when people signed, never by when a line was back; the loser is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from datetime import datetime


class ConflictRule(Enum):
    """Who decides between two edits."""

    LAST_SIGNED_WINS = "last_signed_wins"
    OFFICER_DECIDES = "officer_decides"
    EDITS_NOTHING = "edits_nothing"
    """A question or a report: whatever else was decided meanwhile, it stands."""


class Resolution(Enum):
    """What becomes of the edit that arrived."""

    APPLY = "apply"
    """There is no conflict, or it is the one that was signed last."""
    SUPERSEDED = "superseded"
    """Something that was signed later is in the record already."""
    OFFICER = "officer"
    """An officer decides; until then nothing happens."""


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit as it was signed; `base_version` None: its signer had not seen the record. Times are aware."""

    base_version: int | None
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """The record as it is: its version, when what the edit is about came into it, and when that was signed.

    None where it was never edited (`signed_at` also where nobody signed: an officer entered it).
    """

    version: int
    changed_at: datetime | None
    signed_at: datetime | None


def in_conflict(edit: Edit, standing: Standing) -> bool:
    """Tell whether the record was edited after the signer of `edit` had seen it."""
    if edit.base_version is not None:
        return edit.base_version != standing.version
    changed = standing.changed_at
    return changed is not None and changed.replace(microsecond=0) > edit.signed_at  # signed_at has whole seconds


def resolve(rule: ConflictRule, edit: Edit, standing: Standing) -> Resolution:
    """Decide what becomes of an edit."""
    if not in_conflict(edit, standing):
        return Resolution.APPLY
    match rule:
        case ConflictRule.EDITS_NOTHING:
            return Resolution.APPLY
        case ConflictRule.OFFICER_DECIDES:
            return Resolution.OFFICER
        case ConflictRule.LAST_SIGNED_WINS:
            other = standing.signed_at or standing.changed_at
            return Resolution.APPLY if other is None or edit.signed_at > other else Resolution.SUPERSEDED
        case _:
            assert_never(rule)
