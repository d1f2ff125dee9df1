"""`guichet desk tickets` and `guichet desk feedback`: drawn numbers with their drafts, and how it went.

Rules:
- The list tells numbers and topics, nothing of a person; a draft opens for one officer and one identified person.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    import argparse

    from back_office.installation import Installation
    from back_office.repository.desk import Officer

_WHY = {
    "unknown": ("There is no such number.", "Look at the list: guichet desk tickets."),
    "gone": ("Nothing is there for this number.", "Nothing was typed, or the seven days are over. Ask the person."),
    "other_person": ("This draft is another person's.", "Ask for the slip. The attempt is in the log."),
    "other_office": ("This number was drawn in another office.", "Only that office opens it."),
}


def run_tickets(args: argparse.Namespace) -> int:
    """List, open, or close."""
    from back_office import aside
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it:
        if args.opened is not None:
            return _open(it, args)
        if args.closed is not None:
            if not aside.close_ticket(it, _officer(it, args.officer), args.closed):
                raise EnvironmentFault(*_WHY["unknown"])
            print(f"number {args.closed} is closed, its draft is gone")
            return 0
        rows = aside.tickets(it, args.office)
    if args.json:
        print(json.dumps([dataclasses.asdict(row) for row in rows], ensure_ascii=False, indent=1))
        return 0
    for row in rows:
        draft = ", with a draft" if row.has_draft else ""
        print(f"{row.number:<9} office {row.office}, {row.about}, drawn {row.drawn_at}{draft}")
    if not rows:
        print("no number waits")
    return 0


def _open(it: Installation, args: argparse.Namespace) -> int:
    from back_office import aside

    if not args.person:
        raise EnvironmentFault("Nobody was identified.", "Say who was: --person NUMBER.")
    found = aside.open_draft(it, _officer(it, args.officer), args.opened, args.person)
    if isinstance(found, aside.NotOpened):
        raise EnvironmentFault(*_WHY[found.why])
    if args.json:
        print(json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=1))
        return 0
    print(f"{found.service or 'no service'}, left at {found.step}")
    for name, value in found.answers.items():
        print(f"  {name:<24} {value}")
    return 0


def run_feedback(args: argparse.Namespace) -> int:
    """Print the counts."""
    from back_office import aside
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it:
        rows = aside.voices(it, args.office)
    if args.json:
        print(json.dumps([dataclasses.asdict(row) for row in rows], ensure_ascii=False, indent=1))
        return 0
    for row in rows:
        faces = ", ".join(f"{value} {n}" for value, n in row.faces.items())
        missing = ", ".join(f"{value} {n}" for value, n in row.missing.items())
        print(f"{row.month} office {row.office}, {row.service or 'no service'}: {faces}; not here: {missing}")
    if not rows:
        print("nothing was said")
    return 0


def _officer(it: Installation, officer_id: str | None) -> Officer:
    from back_office.repository import desk

    with it.database.read() as db:
        officer = desk.officer(db, officer_id or "")
    if officer is None:
        raise EnvironmentFault(
            f"There is no officer {(officer_id or '')[:40]!r}.", "Name one: --officer NAME, or add one: guichet desk officer add."
        )
    return officer
