"""Payments made to me: the next one with its date and sum, what was paid, and what a year came to."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from kiosk.domain.card import Role
from kiosk.domain.content import Bar, Bars, Content, Fact, Facts, Paragraph, Row, Said, Table, Tone
from kiosk.domain.problem import Problem
from kiosk.domain.service import Agency, Assurance, Kind, LifeEvent, Offline, Service
from kiosk.domain.services import own_record

if TYPE_CHECKING:
    from kiosk.domain.content import Block
    from kiosk.domain.record import PaymentMade, Person
    from kiosk.domain.service import Answers, Standing

TITLE = "service.payments.show.title"


def paid_at_all(standing: Standing) -> Problem | None:
    """Refuse who is paid nothing and never was; a record that is not here refuses nobody."""
    person = standing.record
    if person is None or person.payments or person.account is not None or person.next_payment_on:
        return None
    return Problem("payments.show.nothing_paid")


def show(_answers: Answers, standing: Standing) -> Content:
    """Show the next payment, then those that were made, newest first."""
    person = standing.record
    if person is None:
        return own_record.not_here(TITLE)
    blocks: list[Block] = [own_record.as_of(person), next_payment(person)]
    if person.payments:
        blocks += [_made(person.payments), _by_year(person.payments)]
    else:
        blocks.append(Paragraph(Said("payments.show.none_yet")))
    return Content(Said(TITLE), (*blocks, own_record.PRINT))


def next_payment(person: Person) -> Facts | Paragraph:
    """Say when the next payment comes, how much, and where to."""
    if not person.next_payment_on:
        return Paragraph(Said("payments.show.no_next"), Tone.NOTE)
    rows = [Fact(Said("payments.show.on"), Said("own_record.day", {"day": person.next_payment_on}))]
    if person.next_payment_amount:
        rows.append(Fact(Said("payments.show.sum"), _money(person.next_payment_amount)))
    if person.account is not None:
        rows.append(Fact(Said("payments.show.account"), _ending(person.account.iban[-4:])))
    return Facts(tuple(rows), Said("payments.show.next"))


def _made(payments: tuple[PaymentMade, ...]) -> Table:
    told = any(one.account_end for one in payments)  # who has shown no card sees no digit of an account
    columns = tuple(Said(f"payments.show.column.{name}") for name in ("on", "sum", *(("account",) if told else ())))
    rows = tuple(
        Row((
            Said("own_record.day", {"day": one.paid_on}), _money(one.amount), *((_ending(one.account_end),) if told else ()),
        ))
        for one in payments
    )  # fmt: skip
    return Table(columns, rows, Said("payments.show.made"))


def _by_year(payments: tuple[PaymentMade, ...]) -> Bars:
    sums: dict[str, Decimal] = {}
    for one in payments:
        sums[one.paid_on[:4]] = sums.get(one.paid_on[:4], Decimal(0)) + Decimal(one.amount)
    bars = tuple(Bar(year, str(amount), _money(str(amount))) for year, amount in sorted(sums.items(), reverse=True))
    first = min(one.paid_on for one in payments)
    return Bars(Said("payments.show.since", {"day": first}), bars, Said("payments.show.by_year"))


def _money(amount: str) -> Said:
    return Said("own_record.money", {"amount": amount})


def _ending(last_four: str) -> Said:
    return Said("payments.show.ending", {"last_four": last_four})


SHOW = Service(
    id="payments.show",
    agency=Agency.PENSION,
    life_events=(LifeEvent.MY_DATA,),
    roles=frozenset({Role.INSURED, Role.NUMBER}),
    assurance=Assurance.CARD_AND_PIN,
    channels=own_record.READ,
    offline=Offline.FROM_CACHE,
    kind=Kind.SHOW,
    rules=(paid_at_all,),
    content=show,
    icon="banknote",
)
