"""By what an act at the terminal is carried: the card's signature, number and PIN, or nobody's word.

- Number and PIN carry an act only where its entry says so: what stops or blocks. Nothing that moves money or lifts a
  block is ever among it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.service import Assurance, EvidenceKind

if TYPE_CHECKING:
    from kiosk.domain.service import Service


def carried_by(service: Service, role: Role) -> EvidenceKind:
    """Tell by what the act is carried, for who stands at the terminal in this role."""
    if service.assurance is Assurance.NONE:
        return EvidenceKind.NONE
    return EvidenceKind.NUMBER_AND_PIN if role is Role.NUMBER else EvidenceKind.SIGNED


def takes_number(service: Service) -> bool:
    """Tell whether number and PIN are evidence for the service, on any channel."""
    return EvidenceKind.NUMBER_AND_PIN in service.evidence
