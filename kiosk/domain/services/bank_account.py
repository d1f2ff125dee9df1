"""The account that benefits are paid to: changing it, stopping a change, confirming a close match, blocking every change.

- One question: the new account, as IBAN or in the country's own form; both what was typed and what it means are kept.
- A change of the account is never made by the terminal: the firewall (`kiosk.domain.bank_change`) decides.
- Money: of two changes that did not know of each other an officer decides. Stopping and confirming name one change and
  edit nothing else, so that the last signed word holds.
- A block is put at once and covers every channel; number and PIN without a card are enough for it. It is lifted with an officer's eyes on the person: at once where staff
  have joined, otherwise by the desk. A stolen card and its PIN are not enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.edit_conflict import ConflictRule
from kiosk.domain.problem import Problem
from kiosk.domain.service import (
    BY_CARD,
    Agency,
    Assurance,
    Channel,
    Conflict,
    EvidenceKind,
    LifeEvent,
    Offline,
    Question,
    QuestionType,
    Service,
    Standing,
    nothing_more,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_new_account(answers: Mapping[str, str], standing: Standing) -> Problem | None:
    """Refuse the account that is paid to already."""
    if standing.account and answers.get("account") == standing.account:
        return Problem("account.same_as_now")
    return None


def not_blocked_yet(standing: Standing) -> Problem | None:
    """Refuse a second block."""
    return Problem("bank_account.blocked_already") if standing.changes_blocked else None


def is_blocked(standing: Standing) -> Problem | None:
    """Refuse to lift a block that is known not to be there."""
    return Problem("bank_account.not_blocked") if standing.on_file and not standing.changes_blocked else None


CHANGE = Service(
    id="bank_account.change",
    agency=Agency.PENSION,
    life_events=(LifeEvent.ACCOUNT_CHANGED,),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels={
        Channel.TERMINAL: frozenset({EvidenceKind.SIGNED, EvidenceKind.REPRESENTED}),
        Channel.DESK: frozenset({EvidenceKind.ATTESTED}),
        Channel.API: frozenset({EvidenceKind.SIGNED}),
    },
    questions=(Question("account", QuestionType.ACCOUNT),),
    check=check_new_account,
    offline=Offline.RECEIVED_PENDING,
    conflict=Conflict.ONE_PENDING,
    edits=ConflictRule.OFFICER_DECIDES,
    desk_queue="bank_changes",
    receipt_lines=("receipt.new_account",),
    needs_account=True,
    covered_by_block=True,
    moves_money=True,
    icon="landmark",
)

STOP = Service(
    id="bank_account.stop",
    agency=Agency.PENSION,
    life_events=(LifeEvent.ACCOUNT_CHANGED,),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_AND_PIN,
    channels=BY_CARD
    | {Channel.TELEPHONE: frozenset({EvidenceKind.SPOKEN}), Channel.DESK: frozenset({EvidenceKind.ATTESTED})},
    questions=(Question("change", QuestionType.REQUEST),),
    check=nothing_more,
    offline=Offline.RECEIVED_PENDING,
    conflict=Conflict.INDEPENDENT,
    edits=ConflictRule.LAST_SIGNED_WINS,
    desk_queue="stops",
    in_menu=False,
)

CONFIRM_HOLDER = Service(
    id="bank_account.confirm_holder",
    agency=Agency.PENSION,
    life_events=(LifeEvent.ACCOUNT_CHANGED,),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels=BY_CARD,
    questions=(Question("change", QuestionType.REQUEST),),
    check=nothing_more,
    offline=Offline.NEEDS_LINE,
    conflict=Conflict.INDEPENDENT,
    edits=ConflictRule.LAST_SIGNED_WINS,
    desk_queue="bank_changes",
    in_menu=False,
    only_noted=True,
)

BLOCK = Service(
    id="bank_account.block",
    agency=Agency.PENSION,
    life_events=(LifeEvent.ACCOUNT_CHANGED, LifeEvent.MY_DATA),
    roles=frozenset({Role.INSURED, Role.NUMBER}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels={
        Channel.TERMINAL: frozenset({EvidenceKind.SIGNED, EvidenceKind.REPRESENTED, EvidenceKind.NUMBER_AND_PIN}),
        Channel.TELEPHONE: frozenset({EvidenceKind.SPOKEN}),
        Channel.DESK: frozenset({EvidenceKind.ATTESTED}),
        Channel.API: frozenset({EvidenceKind.SIGNED, EvidenceKind.REPRESENTED, EvidenceKind.NUMBER_AND_PIN}),
    },
    rules=(not_blocked_yet,),
    desk_queue="bank_changes",
    icon="lock",
)

UNBLOCK = Service(
    id="bank_account.unblock",
    agency=Agency.PENSION,
    life_events=(LifeEvent.ACCOUNT_CHANGED,),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_PIN_AND_SIGNATURE,
    channels={
        Channel.TERMINAL: frozenset({EvidenceKind.SIGNED}),
        Channel.DESK: frozenset({EvidenceKind.ATTESTED}),
    },
    questions=(
        Question(
            "seen",
            QuestionType.CHOICE,
            choices=("identity_card", "passport", "residence_card"),
            staff_only=True,
            asked=lambda _answers, standing: bool(standing.staff),
        ),
    ),
    conflict=Conflict.ONE_PENDING,
    rules=(is_blocked,),
    desk_queue="bank_changes",
    icon="lock",
)
