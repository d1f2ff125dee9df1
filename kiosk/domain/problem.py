"""What is wrong with something a person typed: a key of the texts and what to fill into it.

A problem is a returned value; it says what is wrong and how to mend it, and never quotes a secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an answer: a key of the texts, and what to fill into it."""

    key: str
    parameters: Mapping[str, str] = field(default_factory=dict)
