"""Certificates: insurance status, payments, periods of contributions; on A4, verified by anybody who holds the paper.

- What the paper shows is made from the record by one pure function; the back office makes it, keeps it and signs it, and
  the terminal makes the same from the record that it has when there is no line.
- A paper from a terminal without a line says that it cannot be verified yet, and carries no code.
- What was issued when nobody stood there any more is printed in a later visit, so long as it can be verified: the same paper,
  under the same code. It is asked for with a line, from "My requests".
- Nothing of an account but its last four characters; no address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.content import Content, Fact, Facts, Paragraph, Row, Said, Table
from kiosk.domain.edit_conflict import ConflictRule
from kiosk.domain.problem import Problem
from kiosk.domain.service import BY_CARD, Agency, Assurance, LifeEvent, Offline, Question, QuestionType, Service

if TYPE_CHECKING:
    from kiosk.domain.content import Block
    from kiosk.domain.record import CertificateLine, Contribution, Person
    from kiosk.domain.service import Answers, Standing

STATUS, PAYMENTS, PERIODS = "insurance_status", "payments", "contribution_periods"
KINDS = (STATUS, PAYMENTS, PERIODS)
YEAR_OF_PAYMENTS = 12


def check_kind(answers: Answers, standing: Standing) -> Problem | None:
    """Refuse a certificate that would say nothing; a record that is not here refuses nobody."""
    person = standing.record
    if person is None:
        return None
    empty = (answers.get("kind") == PAYMENTS and not person.payments) or (
        answers.get("kind") == PERIODS and not person.contributions
    )
    return Problem("certificate.nothing_on_record") if empty else None


def printable(person: Person, request: str, today: str) -> bool:
    """Tell whether what came of a request can still be printed: on its last day of being verified too."""
    line = _issued(person, request)
    return line is not None and today <= line.valid_until


def check_printable(answers: Answers, standing: Standing) -> Problem | None:
    """Refuse what is none of the person's certificates, and one that nobody could verify any more."""
    if standing.record is None:
        return None
    request = answers.get("request", "")
    if _issued(standing.record, request) is None:
        return Problem("certificate.not_issued")
    return None if printable(standing.record, request, standing.today) else Problem("certificate.over")


def _issued(person: Person, request: str) -> CertificateLine | None:
    return next((one for one in person.certificates if request and one.request == request), None)


def document(answers: Answers, person: Person, on: str) -> Content:
    """Return what the paper shows, as of the ISO day `on`."""
    kind = answers["kind"]
    blocks: list[Block] = [_holder(person)]
    match kind:
        case "payments":
            blocks.append(_payments(person))
        case "contribution_periods":
            blocks.append(_periods(person))
        case _:
            blocks += _status(person, on)
    return Content(Said(f"certificate.{kind}.title"), tuple(blocks), Said("certificate.as_of", {"day": on}))


def _holder(person: Person) -> Facts:
    rows = [Fact(Said("certificate.name"), person.name)]
    if person.birth_date:
        rows.append(Fact(Said("certificate.birth_date"), _day(person.birth_date)))
    rows.append(Fact(Said("certificate.number"), person.number))
    return Facts(tuple(rows), Said("certificate.holder"))


def _status(person: Person, on: str) -> list[Block]:
    """Say whether the person is insured now, since when this goes on, and whether a pension is paid."""
    running = [period for period in person.contributions if period.start <= on <= period.end]
    found: list[Block] = []
    if running:
        rows = tuple(Row((_employer(period), _day(period.start))) for period in running)
        columns = (Said("certificate.column.with"), Said("certificate.column.since"))
        found.append(Table(columns, rows, Said("certificate.insured")))
    else:
        found.append(Paragraph(Said("certificate.not_insured", {"day": on})))
    if person.next_payment_amount:
        found.append(Paragraph(Said("certificate.pensioner", {"amount": person.next_payment_amount})))
    return found


def _payments(person: Person) -> Table:
    columns = tuple(Said(f"certificate.column.{name}") for name in ("paid_on", "sum", "account"))
    newest = sorted(person.payments, key=lambda one: one.paid_on, reverse=True)[:YEAR_OF_PAYMENTS]
    rows = tuple(
        Row((_day(one.paid_on), Said("certificate.money", {"amount": one.amount}),
             Said("certificate.ending", {"last_four": one.account_end})))
        for one in newest
    )  # fmt: skip
    return Table(columns, rows, Said("certificate.payments.made"))


def _periods(person: Person) -> Table:
    columns = tuple(Said(f"certificate.column.{name}") for name in ("from", "to", "with", "pay"))
    rows = tuple(
        Row((_day(one.start), _day(one.end), _employer(one), Said("certificate.money", {"amount": one.pay})))
        for one in sorted(person.contributions, key=lambda one: (one.start, one.employer))
    )
    return Table(columns, rows, Said("certificate.contribution_periods.listed"))


def _employer(period: Contribution) -> Said | str:
    return period.employer_name or Said(f"certificate.kind.{period.kind}")


def _day(day: str) -> Said:
    return Said("certificate.day", {"day": day})


ISSUE = Service(
    id="certificate.issue",
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA,),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_AND_PIN,
    channels=BY_CARD,
    questions=(Question("kind", QuestionType.CHOICE, choices=KINDS),),
    check=check_kind,
    edits=ConflictRule.EDITS_NOTHING,
    desk_queue="certificates",
    document=document,
    icon="file-text",
)

PRINT = Service(
    id="certificate.print",
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA,),
    roles=frozenset({Role.INSURED}),
    assurance=Assurance.CARD_AND_PIN,
    channels=BY_CARD,
    questions=(Question("request", QuestionType.REQUEST),),
    check=check_printable,
    offline=Offline.NEEDS_LINE,
    edits=ConflictRule.EDITS_NOTHING,
    desk_queue="certificates",
    in_menu=False,
    icon="printer",
)
