"""Which services an office offers: switched off and on by an operator, carried to terminals in the signed reference data.

Rules:
- Off means: not in the menu of that office's terminals from their next reference data on. Requests that were received, or
  come from a terminal that has not heard of it, are decided like any others: the switch is no verdict.
- Each switch has its line in the log, with who and why; what is so already is not switched again.
- Stopping a change of an account is never switched off: who finds a fraud must be able to end it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from back_office import audit
from back_office.repository import ledger, terminals
from kiosk.domain.audit import Actor
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.services.bank_account import STOP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from back_office.database import Connection
    from back_office.installation import Work

_OFF = "services_off"
CONFIGURATION = "services_off"
"""In the bundle's configuration: office -> ids of services."""


def switched_off(db: Connection) -> dict[str, list[str]]:
    """Return what each office has switched off; offices that offer everything are left out."""
    kept: dict[str, list[str]] = json.loads(ledger.setting(db, _OFF) or "{}")
    return {office: ids for office, ids in sorted(kept.items()) if ids}


def switch(
    work: Work, office: str, *, off: Iterable[str] = (), on: Iterable[str] = (), by: str, reason: str
) -> tuple[str, ...]:
    """Switch services of an office; what is off afterwards. Raises `EnvironmentFault` for what cannot be switched."""
    off, on = frozenset(off), frozenset(on)
    if terminals.office_name(work.db, office) is None:
        raise EnvironmentFault(f"There is no office {office!r}.", "See: guichet back-office terminal list")
    offered = work.it.scheme.services
    unknown = sorted((off | on) - set(offered))
    if unknown:
        raise EnvironmentFault(f"The scheme offers no {', '.join(unknown)}.", f"It offers: {', '.join(offered)}.")
    if off & on:
        raise EnvironmentFault(f"{', '.join(sorted(off & on))} is named twice.", "Name a service for --on or for --off.")
    if STOP.id in off:
        raise EnvironmentFault(f"{STOP.id} cannot be switched off.", "A change of an account can always be stopped.")
    if not reason.strip():
        raise EnvironmentFault("The reason is empty.", "Say why: --reason 'pilot in two offices'.")
    known = switched_off(work.db)
    before = frozenset(known.get(office, ()))
    after = (before | off) - on
    ledger.put_setting(work.db, _OFF, json.dumps(known | {office: sorted(after)}, sort_keys=True))
    for service in sorted(before ^ after):
        details = {"service": service, "office": office, "state": "off" if service in after else "on"}
        audit.record(
            work.db, work.at, Actor("operator", by, office), "service.switched", service, purpose=reason, details=details
        )
    return tuple(sorted(after))
