"""Try it out: the whole menu of an invented person; nothing is signed, kept, sent or printed."""

from __future__ import annotations

from kiosk.domain.card import Role
from kiosk.domain.edit_conflict import ConflictRule
from kiosk.domain.service import (
    Agency,
    Assurance,
    Channel,
    Entry,
    LifeEvent,
    Offline,
    Question,
    QuestionType,
    Service,
)

ID = "practice.start"

START = Service(
    id=ID,
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA,),
    roles=frozenset({Role.NONE}),
    assurance=Assurance.NONE,
    channels={Channel.TERMINAL: frozenset()},
    questions=(Question("who", QuestionType.CHOICE, choices=("pensioner", "worker")),),
    offline=Offline.WORKS,
    edits=ConflictRule.EDITS_NOTHING,
    icon="hand",
    entry=Entry.NOTHING,
)
