"""What a service is: one entry of the catalogue says who may use it, what it asks, how it is checked and what becomes of it.

- An entry is data plus small pure functions; the terminal, the desk and the API read the same one.
- Eligibility and the order of pages follow from the entry, the record and the answers, from nothing else.
- Texts are keys: `service.<id>.title`, `.act` (the button), `.consequences`; `question.<service>.<question>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from kiosk.domain.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kiosk.domain.card import Role
    from kiosk.domain.edit_conflict import ConflictRule

    Check = Callable[[Mapping[str, str], "Standing"], Problem | None]


class Agency(Enum):
    """Whose service it is."""

    PENSION = "pension"


class LifeEvent(Enum):
    """What happened to the person, in the person's words."""

    ACCOUNT_CHANGED = "account_changed"


class Assurance(Enum):
    """What the person must show before the service is done, rising."""

    NONE = "none"
    CARD_AND_PIN = "card_and_pin"
    CARD_PIN_AND_SIGNATURE = "card_pin_and_signature"


class EvidenceKind(Enum):
    """By what a transaction of the service can be carried."""

    SIGNED = "signed"
    ATTESTED = "attested"
    REPRESENTED = "represented"


class Offline(Enum):
    """What the service does without a line."""

    RECEIVED_PENDING = "received_pending"
    NEEDS_LINE = "needs_line"


class Availability(Enum):
    """What works now, as the menu says it."""

    NOW = "now"
    RECEIVED_PENDING = "received_pending"
    NEEDS_LINE = "needs_line"
    CLOSED = "closed"


class Conflict(Enum):
    """What becomes of a second request while one is pending."""

    ONE_PENDING = "one_pending"
    INDEPENDENT = "independent"


class QuestionType(Enum):
    """What kind of answer a page takes."""

    CHOICE = "choice"
    DATE = "date"
    AMOUNT = "amount"
    IDENTIFIER = "identifier"
    ACCOUNT = "account"
    ADDRESS = "address"
    NAME = "name"
    FREE_TEXT = "free_text"
    REQUEST = "request"
    """One of the person's own requests, by its transaction id; chosen from a list, never typed."""


@dataclass(frozen=True, slots=True)
class AskedIf:
    """The page comes only when an earlier question was answered with one of these values."""

    question: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Question:
    """One page. Limits that do not fit the type are not used.

    `identifier`: person or employer number; `earliest`, `latest`: ISO dates; `lowest`, `highest`: decimal text.
    """

    id: str
    type: QuestionType
    choices: tuple[str, ...] = ()
    identifier: str = "person"
    earliest: str = ""
    latest: str = ""
    lowest: str = ""
    highest: str = ""
    longest: int = 500
    optional: bool = False
    asked_if: AskedIf | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the person for whom a service is opened; a record that is not here says nothing."""

    role: Role
    on_file: bool | None = None
    beneficiary: bool | None = None
    account: str = ""
    changes_blocked: bool = False
    pending: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of the catalogue. `in_menu` False: it is reached from elsewhere ("My requests").

    `edits`: who decides when the record was edited elsewhere after the person had seen it.

    `needs_account`: only for who is paid to an account. `covered_by_block`: a block on bank changes closes it.
    `only_noted`: a yes puts nothing in force by itself, so that receipts must not say so.
    """

    id: str
    agency: Agency
    life_event: LifeEvent
    roles: frozenset[Role]
    assurance: Assurance
    evidence: frozenset[EvidenceKind]
    questions: tuple[Question, ...]
    check: Check
    offline: Offline
    conflict: Conflict
    edits: ConflictRule
    desk_queue: str
    receipt_lines: tuple[str, ...] = ()
    in_menu: bool = True
    needs_account: bool = False
    covered_by_block: bool = False
    only_noted: bool = False

    @property
    def title_key(self) -> str:
        """Key of the service's name."""
        return f"service.{self.id}.title"

    @property
    def act_key(self) -> str:
        """Key of the button that names the act."""
        return f"service.{self.id}.act"

    @property
    def consequences_key(self) -> str:
        """Key of the sentence that says what follows from the act."""
        return f"service.{self.id}.consequences"

    def stage(self, decision: str) -> str:
        """Return what a decision is called on receipts: what only notes something never says *in force*."""
        return "noted" if self.only_noted and decision == "in_force" else decision

    def question(self, question_id: str) -> Question | None:
        """Return the question with this id, or None."""
        return next((question for question in self.questions if question.id == question_id), None)


def refusal(service: Service, standing: Standing) -> Problem | None:
    """Return why this person cannot use the service, or None; what is not known yet refuses nobody."""
    if standing.role not in service.roles:
        return Problem("service.refused.role")
    if standing.on_file is False:
        return Problem("service.refused.not_on_file")
    if service.needs_account and standing.beneficiary is False:
        return Problem("service.refused.not_beneficiary")
    if service.covered_by_block and standing.changes_blocked:
        return Problem("service.refused.blocked")
    if service.conflict is Conflict.ONE_PENDING and service.id in standing.pending:
        return Problem("service.refused.pending")
    return None


def availability(service: Service, *, online: bool, closed: bool = False) -> Availability:
    """Return what the menu says of the service now; `closed`: a limit of the terminal closes every new request."""
    if closed:
        return Availability.CLOSED
    if online:
        return Availability.NOW
    return Availability.RECEIVED_PENDING if service.offline is Offline.RECEIVED_PENDING else Availability.NEEDS_LINE


def pages(service: Service, answers: Mapping[str, str]) -> tuple[Question, ...]:
    """Return the questions to ask, in order, as the answers so far decide."""
    return tuple(
        question
        for question in service.questions
        if question.asked_if is None or answers.get(question.asked_if.question) in question.asked_if.values
    )


def next_page(service: Service, answers: Mapping[str, str]) -> Question | None:
    """Return the first question that is not answered yet, or None when all are."""
    return next((question for question in pages(service, answers) if question.id not in answers), None)
