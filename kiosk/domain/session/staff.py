"""A member of staff takes part: a staff card in the second reader, its PIN typed at that reader's pad.

- Only in a visit that has begun: a card that was left in the staff reader lets nobody in, it is put in anew.
- Who helps is on the screen by role. What a helper has typed stays the helper's until the field was emptied, whoever goes on.
- The person alone confirms and signs: while the helper types, nothing is signed. A pulled card ends it at once, and so does the
  button that whoever helps presses on leaving: joined by a code, there is no card to pull.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.domain.catalogue import service_named
from kiosk.domain.form import AS_TYPED
from kiosk.domain.problem import Problem
from kiosk.domain.service import QuestionType
from kiosk.domain.session.effects import AdmitStaff, LetStaffGo
from kiosk.domain.session.events import (
    Event,
    HelperTypesToggled,
    StaffCardInserted,
    StaffJoined,
    StaffLeft,
    StaffNotJoined,
)
from kiosk.domain.session.states import (
    Answering,
    AwaitingSignature,
    Checking,
    Ended,
    Menu,
    OutOfService,
    Session,
    Showing,
    StaffDoor,
    TakingCard,
    Welcome,
)
from kiosk.domain.session.turn import Turn, stay, without_staff
from kiosk.domain.transaction import HOLDER, helper

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.service import Question

ROLE = "staff"
_NOBODY_IS_HERE = (Welcome, OutOfService, TakingCard, Ended)
_REPLACED_WHOLE = frozenset({QuestionType.CHOICE, QuestionType.REQUEST})
"""Questions whose answer is chosen, so that a new choice owes nothing to the one before."""


def staff(session: Session, event: Event) -> Turn:  # noqa: PLR0911 - one line an event
    """Let a member of staff in, or see them off."""
    match event:
        case StaffCardInserted() if isinstance(session.phase, _NOBODY_IS_HERE):
            return stay(session)
        case StaffCardInserted() if session.staff_door in {StaffDoor.CLOSED, StaffDoor.REFUSED}:
            asked = replace(session, staff_door=StaffDoor.PIN_ASKED)
            return asked, (AdmitStaff(int(session.limits.pin_seconds)),)
        case StaffJoined(card) if session.staff_door is StaffDoor.PIN_ASKED:
            return stay(replace(session, staff_door=StaffDoor.OPEN, joined=card))
        case StaffNotJoined() if session.staff_door is StaffDoor.PIN_ASKED:
            return stay(replace(session, staff_door=StaffDoor.REFUSED))
        case StaffLeft() if session.staff_door is not StaffDoor.CLOSED:
            return _left(session)
        case HelperTypesToggled() if session.joined:
            return stay(replace(session, helper_types=not session.helper_types))
        case _:
            return stay(session)


def _left(session: Session) -> Turn:
    """See off whoever took part; what needs them cannot go on, and says so in the menu."""
    alone = without_staff(session)
    phase = session.phase
    inside = phase.checked if isinstance(phase, AwaitingSignature) else phase
    if isinstance(inside, Answering | Checking | Showing) and service_named(inside.service).needs_staff:
        problem = Problem("service.refused.needs_staff")
        if isinstance(phase, AwaitingSignature):  # the pad is asking: its answer meets the same refusal
            return alone, (LetStaffGo(),)
        alone = replace(alone, phase=Menu(inside.visitor, typed=inside.typed, problem=problem))
    return alone, (LetStaffGo(),)


def noted(session: Session, service: str, question: Question, text: str, before: str) -> Session:
    """Keep who typed what now stands in a field."""
    name = f"{service}/{question.id}"
    kept = {field: author for field, author in session.typed_by.items() if field != name}
    author = helper(ROLE, session.joined) if session.helper_types else HOLDER
    earlier = session.typed_by.get(name, HOLDER)
    if author == HOLDER and before and question.type not in _REPLACED_WHOLE:
        author = earlier
    if author != HOLDER and text:
        kept[name] = author
    return replace(session, typed_by=kept)


def authors(session: Session, service: str, answers: Mapping[str, str]) -> dict[str, str]:
    """Return who typed the answers that the person did not type."""
    found = {name: session.typed_by.get(f"{service}/{name.removesuffix(AS_TYPED)}", "") for name in answers}
    return {name: author for name, author in found.items() if author}
