"""Every effect there is, by service; a new service adds its line here.

The bank account has the firewall (`back_office.firewall`) instead: its changes are a state machine of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office.services import proof_of_life

if TYPE_CHECKING:
    from collections.abc import Mapping

    from back_office.services.effect import Effect

EFFECTS: Mapping[str, Effect] = {
    "proof_of_life.give": proof_of_life.GIVE,
}
