"""Number and PIN without a card: opens the low-risk part of the record, where the terminal has a pad that encrypts.

- A number identifies and never authenticates; the PIN that goes with it is not the card's, and opens only what is listed for
  `Role.NUMBER`: to look at requests and payments, to draw a ticket, to say how it went, and to block changes of the account.
  Nothing that moves money, lifts a block or changes how a person is reached.
- A terminal without such a pad does not offer it; without a line there is nobody to ask.
"""

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

OPEN = Service(
    id="number.open",
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA,),
    roles=frozenset({Role.NONE}),
    assurance=Assurance.NONE,
    channels={Channel.TERMINAL: frozenset()},
    questions=(Question("number", QuestionType.IDENTIFIER),),
    offline=Offline.NEEDS_LINE,
    edits=ConflictRule.EDITS_NOTHING,
    icon="lock",
    entry=Entry.NUMBER,
)
