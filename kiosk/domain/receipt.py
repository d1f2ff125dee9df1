"""What a receipt says, as keys of texts and what to fill in; how it looks is the printer's affair.

- Two stages, two wordings: *received* (place, time, reference, signature) and *decided* (the back office's word).
  Without that word nothing on the paper sounds like a yes.
- Last four digits of an account, no address, no name, no number of a person.
- A paper that may already exist says DUPLICATE; a helper is named by role.
- The part that is printed first ends before the decision, so that paper runs while the bank is asked. It carries the
  signed statement: torn off there, it is a complete receipt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from kiosk.domain import reference as references
from kiosk.domain.accounts import last_four
from kiosk.domain.session.effects import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.domain.service import Service
    from kiosk.domain.session.states import Recorded, Verdict


class Style(Enum):
    """How a line stands out."""

    TITLE = "title"
    NORMAL = "normal"
    STRONG = "strong"
    REFERENCE = "reference"
    SMALL = "small"
    RULE = "rule"
    """A line across the paper; its key is empty."""
    CODE = "code"
    """The signed statement as a QR code; `data` is its content, the key its caption."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a text key with parameters (dates and times ISO 8601, the texts format them)."""

    key: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    style: Style = Style.NORMAL
    data: str = ""
    otherwise: str = ""
    """What is printed where this version does not have the text."""


class Stage(Enum):
    """How far the request has come, as this paper knows it."""

    RECEIVED = "received"
    WAITING = "waiting"
    HELD = "held"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    DISPUTED = "disputed"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt, or the part of one that is printed now."""

    stage: Stage
    reference: str
    lines: tuple[Line, ...]
    duplicate: bool = False
    ends: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was received: name of the office, terminal id, and whether all of this is a demonstration."""

    office: str
    terminal: str
    demonstration: bool = False


def compose(
    part: Part,
    service: Service,
    answers: Mapping[str, str],
    *,
    recorded: Recorded,
    verdict: Verdict | None,
    place: Place,
    duplicate: bool = False,
    helper_roles: tuple[str, ...] = (),
    acting: tuple[str, str] | None = None,
) -> Receipt:
    """Return the receipt, or its first or second part; `verdict` None: not decided while the person stood there.

    `acting`: who acted, and for whom.
    """
    lines: tuple[Line, ...] = ()
    if part is not Part.DECIDED:
        by = _by_whom(helper_roles, acting)
        lines += _received(service, answers, recorded, place, duplicate=duplicate, by=by)
    if part is not Part.RECEIVED:
        lines += _decided(service, verdict) + _END
    return Receipt(
        stage=_stage(verdict if part is not Part.RECEIVED else None),
        reference=recorded.reference,
        lines=lines,
        duplicate=duplicate,
        ends=part is not Part.RECEIVED,
    )


def _by_whom(helper_roles: tuple[str, ...], acting: tuple[str, str] | None) -> tuple[Line, ...]:
    """Name who acted for somebody else, and who helped, by role."""
    names = () if acting is None else (Line("receipt.acting", {"representative": acting[0], "person": acting[1]}),)
    return names + tuple(Line(f"receipt.helped.{role}") for role in helper_roles)


def _received(
    service: Service,
    answers: Mapping[str, str],
    recorded: Recorded,
    place: Place,
    *,
    duplicate: bool,
    by: tuple[Line, ...],
) -> tuple[Line, ...]:
    """Say what was received, where and when."""
    lines = [Line("receipt.heading", style=Style.TITLE)]
    if place.demonstration:
        lines.append(Line("receipt.demonstration", style=Style.STRONG))
    if duplicate:
        lines.append(Line("receipt.duplicate", style=Style.STRONG))
    lines += [
        Line("receipt.office", {"office": place.office, "terminal": place.terminal}),
        Line("receipt.recorded_at", {"recorded_at": recorded.recorded_at}),
        Line("", style=Style.RULE),
        Line(service.title_key, style=Style.STRONG),
    ]
    if "account" in answers:
        lines += [Line(key, {"last_four": last_four(answers["account"])}) for key in service.receipt_lines]
    if service.receipt_number is not None:
        number = service.receipt_number(recorded.reference)
        lines.append(Line(f"receipt.number.{service.id}", {"number": number}, Style.STRONG))
    lines += by
    lines += [
        Line("receipt.stage.received", style=Style.STRONG),
        Line("receipt.reference", {"reference": references.format(recorded.reference)}, Style.REFERENCE),
    ]
    if recorded.statement:
        lines.append(Line("receipt.statement", style=Style.CODE, data=recorded.statement))
    return tuple(lines)


def _decided(service: Service, verdict: Verdict | None) -> tuple[Line, ...]:
    """Say what the back office decided, and what comes next and when."""
    if verdict is None or _stage(verdict) is Stage.RECEIVED:
        return (Line("", style=Style.RULE), Line("receipt.pending"), Line("receipt.notice_follows"))
    lines = [
        Line("", style=Style.RULE),
        Line(f"receipt.stage.{service.stage(verdict.decision)}", style=Style.STRONG),
    ]
    if verdict.reason_key:
        lines.append(Line(verdict.reason_key, verdict.reason_parameters))
    if service.only_noted and verdict.effective_on:
        lines.append(Line("receipt.effective_on", {"effective_on": verdict.effective_on}, style=Style.STRONG))
    if verdict.first_payment_on and verdict.decision == Stage.IN_FORCE.value:
        lines.append(Line("receipt.first_payment", {"first_payment_on": verdict.first_payment_on}, style=Style.STRONG))
    if verdict.decision in {Stage.WAITING.value, Stage.HELD.value, Stage.IN_FORCE.value}:
        lines.append(Line("receipt.notice_follows"))
    return tuple(lines)


def slip(number: str, recorded: Recorded, place: Place) -> Receipt:
    """Return the slip of a ticket: where and when it was drawn, and the number; nothing of who drew it or why."""
    lines = (
        Line("ticket.slip.heading", style=Style.TITLE),
        *((Line("receipt.demonstration", style=Style.STRONG),) if place.demonstration else ()),
        Line("receipt.office", {"office": place.office, "terminal": place.terminal}),
        Line("receipt.recorded_at", {"recorded_at": recorded.recorded_at}),
        Line("", style=Style.RULE),
        Line("ticket.slip.number", {"number": number}, Style.REFERENCE),
        Line("", style=Style.RULE),
        Line("ticket.slip.wait"),
    )
    return Receipt(Stage.RECEIVED, recorded.reference, lines)


_END = (Line("", style=Style.RULE), Line("receipt.ask_with_reference", style=Style.SMALL))
"""How every paper closes."""


def _stage(verdict: Verdict | None) -> Stage:
    """Return the stage of a verdict; a word that this terminal does not know yet proves no more than receipt."""
    known = {stage.value: stage for stage in Stage}
    return Stage.RECEIVED if verdict is None else known.get(verdict.decision, Stage.RECEIVED)
