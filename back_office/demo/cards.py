"""Issues the demonstration's cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.domain.card import Role
from kiosk.system import Clock, Ids


@dataclass(frozen=True, slots=True)
class CardHolder:
    number: str  # card number, 10 digits
    name: str
    role: Role
    label: str = ""


def issue_cards(state: Path, persons: Mapping[str, CardHolder], clock: Clock, ids: Ids) -> None:
    """STATE/cards/NAME.json for each; `revoked` also goes into STATE/pki/revoked.json. Existing cards stay."""
    raise NotImplementedError


def revoked_serials(state: Path) -> frozenset[int]:
    raise NotImplementedError
