"""Every effect there is, by service; a new service adds its line here.

The bank account has the firewall (`back_office.firewall`) instead: its changes are a state machine of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from back_office.services.effect import Effect

EFFECTS: Mapping[str, Effect] = {}
