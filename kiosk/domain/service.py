"""What a service is: one entry of the catalogue says who may use it, what it asks, how it is checked and what becomes of it.

- An entry is data plus small pure functions; the terminal, the desk and the API read the same one.
- Eligibility and the order of pages follow from the entry, the record and the answers, from nothing else.
- Some services ask and submit (an act), some only show; both may ask questions first.
- Texts are keys: `service.<id>.title`, `.act` (the button), `.consequences`; `question.<service>.<question>`, its `.hint`,
  its `.label` (on the check page), and `question.<service>.<question>.choice.<value>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.edit_conflict import ConflictRule
from kiosk.domain.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kiosk.domain.content import Content
    from kiosk.domain.record import Mandate, Person, RecordAbsence
    from kiosk.domain.scheme import Scheme

    Answers = Mapping[str, str]
    Check = Callable[[Answers, "Standing"], Problem | None]
    Rule = Callable[["Standing"], Problem | None]


class Agency(Enum):
    """Whose service it is; one terminal serves them all."""

    PENSION = "pension"
    HEALTH = "health"
    LABOUR = "labour"
    FAMILY = "family"
    TAX = "tax"


class LifeEvent(Enum):
    """What happened to the person, in the person's words; the menu can be read by it."""

    HIRED = "hired"
    RETIRING = "retiring"
    FAMILY_CHANGED = "family_changed"
    MOVED = "moved"
    ACCOUNT_CHANGED = "account_changed"
    CANNOT_WORK = "cannot_work"
    MY_DATA = "my_data"
    """Nothing happened: to see or prove what is on record."""
    STARTING_BUSINESS = "starting_business"
    HIRING = "hiring"
    CLOSING_BUSINESS = "closing_business"


class Assurance(Enum):
    """What the person must show before the service is done, rising."""

    NONE = "none"
    CARD_AND_PIN = "card_and_pin"
    CARD_PIN_AND_SIGNATURE = "card_pin_and_signature"


class EvidenceKind(Enum):
    """By what a transaction of the service can be carried."""

    SIGNED = "signed"
    """By the holder's card."""
    ATTESTED = "attested"
    """Identity document; one officer enters, another approves."""
    REPRESENTED = "represented"
    """By a representative's own card, under a mandate."""
    NUMBER_AND_PIN = "number_and_pin"
    """Without a card: may stop or block, never redirect money, and never lift a block."""
    SPOKEN = "spoken"
    """On the telephone: may ask, stop or block, never redirect money."""
    NONE = "none"
    """Nobody has shown who it is: a report, a question, a ticket."""


class Channel(Enum):
    """By which way a transaction comes."""

    TERMINAL = "terminal"
    DESK = "desk"
    TELEPHONE = "telephone"
    API = "api"


IDENTITY_DOCUMENTS = ("identity_card", "passport", "residence_card")
HOME_VISIT = "home_visit"
"""An officer was at the person's home, and looked at an identity document there."""

BY_CARD: dict[Channel, frozenset[EvidenceKind]] = {
    Channel.TERMINAL: frozenset({EvidenceKind.SIGNED}),
    Channel.API: frozenset({EvidenceKind.SIGNED}),
}
"""Only by the holder's own card, at a terminal or elsewhere."""


class Kind(Enum):
    """What a service comes to: something submitted, or something shown."""

    ACT = "act"
    SHOW = "show"


class Entry(Enum):
    """As what an act enters the journal."""

    REQUEST = "request"
    """It is decided and answered: signed by a card (a transaction), or told without one (a report)."""
    TICKET = "ticket"
    """A number for the desk; what was typed so far goes along, sealed."""
    PIN = "audit"
    """The card does it; the back office is told that it was done."""
    NOTHING = "nothing"
    """It stays on the screen."""
    NUMBER = "question"
    """Nothing is journaled: the back office is asked, with a number and a PIN that the pad seals."""
    FEEDBACK = "feedback"
    """Counted, by nobody; no request comes of it."""


class Offline(Enum):
    """What the service does without a line."""

    RECEIVED_PENDING = "received_pending"
    FROM_CACHE = "from_cache"
    """Shown from the record that is here, with its date."""
    WORKS = "works"
    """Needs neither line nor record."""
    NEEDS_LINE = "needs_line"


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
    WHOLE_NUMBER = "whole_number"
    EMAIL = "email"
    PHONE = "phone"
    REQUEST = "request"
    """One of the person's own requests, by its transaction id; chosen from a list, never typed."""


@dataclass(frozen=True, slots=True)
class AskedIf:
    """The page comes only when an earlier question was answered with one of these values."""

    question: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice that the record offers: its value, and how it is written (an employer's name, a year)."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """One page. Limits that do not fit the type are not used.

    `identifier`: person, employer or card number; `earliest`, `latest`: ISO dates, or `today`; `lowest`, `highest`: decimal text.
    `choices`: fixed values whose words are texts; `choices_from`: what the record offers beside them.
    `prefill`: what stands in the field at first. `asked`: beside `asked_if`, any condition on answers and record.
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
    choices_from: Callable[[Answers, Standing], tuple[Choice, ...]] | None = None
    prefill: Callable[[Answers, Standing], str] | None = None
    asked: Callable[[Answers, Standing], bool] | None = None
    staff_only: bool = False
    """Only staff who have joined may type it."""

    def offers(self, answers: Answers, standing: Standing) -> tuple[str, ...]:
        """Return the values that can be chosen, fixed ones first."""
        found = self.choices_from(answers, standing) if self.choices_from else ()
        return self.choices + tuple(choice.value for choice in found)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the person for whom a service is opened; a record that is not here says nothing.

    `record`: the whole record, where it is here. `today`: ISO day in the scheme's zone. `staff`: the card number of the
    officer who has joined, empty for none. `scheme`: its numbers, where the terminal has a pack.
    """

    role: Role
    on_file: bool | None = None
    beneficiary: bool | None = None
    account: str = ""
    changes_blocked: bool = False
    pending: frozenset[str] = frozenset()
    record: Person | None = None
    today: str = ""
    staff: str = ""
    mandate: Mandate | None = None
    """Under which somebody else acts for the person, at the terminal."""
    scheme: Scheme | None = None


def standing_of(
    role: Role,
    record: Person | None,
    absence: RecordAbsence | None = None,
    *,
    today: str = "",
    staff: str = "",
    scheme: Scheme | None = None,
) -> Standing:
    """Say what is known of a person; the terminal and the back office ask this alike. No record refuses nobody."""
    if record is None:
        on_file = False if absence is not None and absence.value == "not_on_file" else None
        return Standing(role, on_file=on_file, today=today, staff=staff, scheme=scheme)
    return Standing(
        role,
        on_file=True,
        beneficiary=record.account is not None,
        account=record.account.iban if record.account else "",
        changes_blocked=record.changes_blocked,
        pending=frozenset(line.service for line in record.requests if line.stage in UNDER_WAY),
        record=record,
        today=today,
        staff=staff,
        scheme=scheme,
    )


UNDER_WAY = frozenset({"received", "waiting", "held"})
"""Stages in which a request is under way; one that is in force can still be disputed, but no longer waits."""


def nothing_more(_answers: Answers, _standing: Standing) -> Problem | None:
    """Check nothing beyond each answer."""
    return None


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of the catalogue. `in_menu` False: it is reached from elsewhere ("My requests", another service).

    `roles`: whose card; `Role.NONE` among them: also without a card. `channels`: by which ways it may come, and on what
    evidence. `moves_money`: what it does can send money elsewhere; a telephone never may.
    `attested_by`: what an officer can have seen, where it may come attested (texts `by_officer.document.<name>`).
    `rules`: who it is for, beyond the role; each returns why not. `check`: the answers together.
    `edits`: who decides when the record was edited elsewhere after the person had seen it.
    `needs_account`: only for who is paid to an account. `covered_by_block`: a block on bank changes closes it.
    `only_noted`: a yes puts nothing in force by itself, so that receipts must not say so.
    `content`: what a service that shows shows; `now`: what stands at present, by question, for the check page.
    `document`: what the paper shows that comes of it (A4), from the record as of an ISO day.
    `receipt_number`: which number the receipt gives the person, from its reference (text `receipt.number.<id>`).
    `benefit`: it asks for money; not open to whom one officer alone has registered.
    `needs_staff`: only with an officer who has joined.
    `about`: which thing a request is about, so that the record can tell one request from another.
    `entry`: as what it enters the journal.
    `waits`: whether something in it waits for the person's word; the menu says so.
    """

    id: str
    agency: Agency
    life_events: tuple[LifeEvent, ...]
    roles: frozenset[Role]
    assurance: Assurance
    channels: Mapping[Channel, frozenset[EvidenceKind]]
    questions: tuple[Question, ...] = ()
    check: Check = nothing_more
    offline: Offline = Offline.RECEIVED_PENDING
    conflict: Conflict = Conflict.INDEPENDENT
    edits: ConflictRule = ConflictRule.LAST_SIGNED_WINS
    desk_queue: str = ""
    kind: Kind = Kind.ACT
    rules: tuple[Rule, ...] = ()
    content: Callable[[Answers, Standing], Content] | None = None
    document: Callable[[Answers, Person, str], Content] | None = None
    now: Callable[[Standing], Answers] | None = None
    receipt_lines: tuple[str, ...] = ()
    receipt_number: Callable[[str], str] | None = None
    icon: str = "file-text"
    in_menu: bool = True
    needs_account: bool = False
    benefit: bool = False
    needs_staff: bool = False
    covered_by_block: bool = False
    moves_money: bool = False
    only_noted: bool = False
    about: Callable[[Answers], str] | None = None
    entry: Entry = Entry.REQUEST
    attested_by: tuple[str, ...] = (*IDENTITY_DOCUMENTS, HOME_VISIT)
    waits: Callable[[Person], bool] | None = None

    @property
    def evidence(self) -> frozenset[EvidenceKind]:
        """By what a transaction of the service can be carried, over all channels."""
        return frozenset(kind for kinds in self.channels.values() for kind in kinds)

    @property
    def asks_for_signature(self) -> bool:
        """Whether the holder's card signs it."""
        return self.kind is Kind.ACT and self.assurance is Assurance.CARD_PIN_AND_SIGNATURE

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


def refusal(service: Service, standing: Standing) -> Problem | None:  # noqa: PLR0911 - one line a reason
    """Return why this person cannot use the service, or None; what is not known yet refuses nobody."""
    if standing.role not in service.roles:
        return Problem("service.refused.role")
    if standing.on_file is False and Role.NONE not in service.roles:  # what needs no card needs no record either
        return Problem("service.refused.not_on_file")
    by_letter = standing.record is not None and standing.record.pin_letter_until and standing.role is not Role.NUMBER
    if by_letter and service.asks_for_signature:
        return Problem("service.refused.letter_pin")
    if service.needs_account and standing.beneficiary is False:
        return Problem("service.refused.not_beneficiary")
    if service.benefit and standing.record is not None and standing.record.provisional:
        return Problem("service.refused.provisional")
    if service.covered_by_block and standing.changes_blocked:
        return Problem("service.refused.blocked")
    if service.conflict is Conflict.ONE_PENDING and service.id in standing.pending:
        own = f"service.{service.id}.pending"
        return Problem("service.refused.pending" if service.covered_by_block else own)
    if service.needs_staff and not standing.staff:
        return Problem("service.refused.needs_staff")
    return next((problem for rule in service.rules if (problem := rule(standing)) is not None), None)


def pages(service: Service, answers: Answers, standing: Standing) -> tuple[Question, ...]:
    """Return the questions to ask, in order, as the answers so far and the record decide."""
    return tuple(question for question in service.questions if _is_asked(question, answers, standing))


def _is_asked(question: Question, answers: Answers, standing: Standing) -> bool:
    condition = question.asked_if
    if condition is not None and answers.get(condition.question) not in condition.values:
        return False
    return question.asked is None or question.asked(answers, standing)


def next_page(service: Service, answers: Answers, standing: Standing) -> Question | None:
    """Return the first question that is not answered yet, or None when all are."""
    return next((question for question in pages(service, answers, standing) if question.id not in answers), None)
