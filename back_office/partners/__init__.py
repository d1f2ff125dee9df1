"""The partners' side of the back office: clients for the outbox worker, and the partners themselves as processes.

`connect(settings.partners, state)` gives the outbox worker its `back_office.ports.Partners`; nothing connects before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from back_office.ports import Partners
    from back_office.settings import PartnerSettings


def connect(settings: PartnerSettings, state: Path) -> Partners:
    """Make the clients that speak to the real partners named in the settings."""
    raise NotImplementedError
