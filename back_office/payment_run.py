"""The payment run: one file a payment day, to the accounts in force at its cut-off.

Rules:
- The domain alone says where a payment goes (`kiosk.domain.payments.payee`): the old account before, the new one after.
- A run is made after its cut-off, once a day, and in the order of days; asked again it checks its file, or writes it again
  with the same message id when it got lost.
- Every person who is due has exactly one line: paid, or held (disputed, or without an account) and listed; what was held
  is paid with the next line that is not.
- Lines are durable before the file appears; the file is read back, and its count and control sum must be those of the lines.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, assert_never

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from back_office import audit
from back_office.partners import spool
from back_office.partners.iso20022 import pain001
from back_office.partners.iso20022.documents import BadDocument
from back_office.partners.iso20022.pain001 import Payer, PaymentFile, Transfer
from back_office.repository import ledger, moment, payments, people, reports, timestamp
from back_office.repository.ledger import Payment, PaymentRun
from kiosk.domain.audit import Actor
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.payments import HeldPayment, NoAccount, Payee, PayTo, cut_off, next_payment_on, payee, payment_day

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from back_office.installation import Installation, Work
    from back_office.repository.payments import PaymentLine

FOLDER = "back-office/payments"
PAYER_FILE = "back-office/payer.toml"
DEMONSTRATION_PAYER = Payer("Demonstration pension office", "CZ7307100000000001000002", "CNBACZPP")
"""Who pays where no payer.toml stands: an account that nobody holds."""
OPERATOR = Actor("operator", "pay")


@dataclass(frozen=True, slots=True)
class NotAPaymentDay:
    """Nothing is paid on that day; `next_day` is the first day on which something is."""

    next_day: date


@dataclass(frozen=True, slots=True)
class TooEarly:
    """Changes can still reach that day's payment."""

    cut_off: datetime


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """A later day was paid already."""

    last: date


@dataclass(frozen=True, slots=True)
class Paid:
    """The run stands. `file` is None when every line is held; `again`: it was made before, and its file was checked."""

    day: date
    cut_off: datetime
    file: Path | None
    lines: tuple[PaymentLine, ...]
    total: Decimal
    currency: str
    again: bool

    @property
    def held(self) -> tuple[PaymentLine, ...]:
        """The lines that are not in the file."""
        return tuple(line for line in self.lines if line.held)


Outcome = Paid | NotAPaymentDay | TooEarly | OutOfOrder


def pay(it: Installation, day: date) -> Outcome:
    """Make the run of a payment day, or check the one that was made.

    Raises EnvironmentFault when its file was changed by someone, or cannot be written.
    """
    schedule = it.scheme.payments
    if day != payment_day(day.year, day.month, schedule):
        return NotAPaymentDay(next_payment_on(day, schedule))
    payer = load_payer(it.state)
    with it.work() as work:
        run = ledger.payment_run(work.db, day.isoformat())
        again = run is not None
        if run is None:
            last = ledger.last_run(work.db)
            if last is not None and last.paid_on > day.isoformat():
                return OutOfOrder(date.fromisoformat(last.paid_on))
            limit = cut_off(day, schedule)
            if work.at < limit:
                return TooEarly(limit)
            run = _make(work, day, limit)
        lines = tuple(payments.lines_of(work.db, run.paid_on))
    file = _content(it, day, run, lines, payer)
    path = it.state / FOLDER / run.file if run.file else None
    if path is not None and file is not None:
        _publish(path, file)
    total = Decimal(0) if file is None else file.total
    return Paid(day, moment(run.cut_off).astimezone(schedule.zone), path, lines, total, it.scheme.currency, again)


def _make(work: Work, day: date, limit: datetime) -> PaymentRun:
    """Write the run and its lines."""
    owed = payments.owed(work.db)
    lines = [
        _line(work, pension, day, owed) for pension in people.pensions(work.db) if pension.since <= day.isoformat()
    ]
    paid = [line for line in lines if not line.held]
    run = PaymentRun(
        paid_on=day.isoformat(),
        cut_off=timestamp(limit),
        made_at=work.time,
        message_id=work.it.ids.new().replace("-", ""),
        file=f"pain.001-{day.isoformat()}.xml" if paid else "",
    )
    ledger.add_payment_run(work.db, run, lines)
    details = {"file": run.file, "count": str(len(paid)), "outcome": f"{len(lines) - len(paid)} held"}
    audit.record(work.db, work.at, OPERATOR, "payments.made", run.message_id, purpose="payment run", details=details)
    return run


def _line(work: Work, pension: people.Pension, day: date, owed: dict[str, int]) -> Payment:
    if pension.currency != work.it.scheme.currency:
        raise EnvironmentFault(
            f"A pension is kept in {pension.currency}, the scheme pays {work.it.scheme.currency}.", "Mend the record."
        )
    if day.isoformat()[:7] > (reports.died_on(work.db, pension.person)[:7] or "9999"):
        return Payment(day.isoformat(), pension.person, "", pension.amount, pension.currency, held=True)
    where: Payee = payee(people.account_history(work.db, pension.person), day, work.it.scheme.payments)
    match where:
        case PayTo(account):
            amount = pension.amount + owed.get(pension.person, 0)
            return Payment(day.isoformat(), pension.person, account, amount, pension.currency, held=False)
        case HeldPayment(account, _):
            return Payment(day.isoformat(), pension.person, account, pension.amount, pension.currency, held=True)
        case NoAccount():
            return Payment(day.isoformat(), pension.person, "", pension.amount, pension.currency, held=True)
        case _:
            assert_never(where)


def _content(
    it: Installation, day: date, run: PaymentRun, lines: tuple[PaymentLine, ...], payer: Payer
) -> PaymentFile | None:
    """Build the file from the lines; the same lines give the same ids and sums whenever it is built."""
    transfers = tuple(
        Transfer(
            end_to_end_id=f"{day:%Y%m%d}-{number:07d}",
            name=line.name,
            iban=line.iban,
            amount=Decimal(line.amount).scaleb(-it.scheme.currency_digits),
            currency=line.currency,
            remark=f"Pension {day:%Y-%m}",
        )
        for number, line in enumerate(lines, 1)
        if not line.held
    )
    if not transfers:
        return None
    return PaymentFile(run.message_id, moment(run.made_at), day, payer, transfers)


def _publish(path: Path, file: PaymentFile) -> None:
    """Put the file in its place, unless it stands there; either way what stands there is read and compared."""
    try:
        if not path.exists():
            spool.keep(path, pain001.write(file))
        content = path.read_bytes()
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be written: {error.strerror}.", "Mend that and run it again.") from error
    found = pain001.parse(content)
    if isinstance(found, BadDocument):
        raise EnvironmentFault(
            f"{path} is damaged: {found}.", "Move it away and run it again; the same is written anew."
        )
    wanted = [(one.end_to_end_id, one.iban, one.amount, one.currency) for one in file.transfers]
    there = [(one.end_to_end_id, one.iban, one.amount, one.currency) for one in found.transfers]
    if (found.message_id, found.pay_on, found.total) != (file.message_id, file.pay_on, file.total) or there != wanted:
        raise EnvironmentFault(
            f"{path} does not pay what the record of the run says.",
            "Move it away, find out who changed it, run it again.",
        )


def load_payer(state: Path) -> Payer:
    """Read STATE/back-office/payer.toml (name, iban, bic); without one it is the demonstration's. Raises EnvironmentFault."""
    path = state / PAYER_FILE
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return DEMONSTRATION_PAYER
    except (OSError, ValueError) as error:
        raise EnvironmentFault(f"{path} cannot be read: {error}.", "Write name, iban and bic as text.") from error
    if values.keys() != {"name", "iban", "bic"} or not all(
        isinstance(value, str) and value for value in values.values()
    ):
        raise EnvironmentFault(f"{path} must have name, iban and bic, and nothing else.", "Mend it and run it again.")
    try:
        iban, bic = IBAN(values["iban"], validate_bban=True), BIC(values["bic"])
    except SchwiftyException as error:
        raise EnvironmentFault(f"{path}: {error}.", "Mend the account or the BIC and run it again.") from error
    return Payer(values["name"], iban.compact, bic.compact)


def describe(run: Paid) -> list[str]:
    """Say in lines what became of a run, without names and with the last four characters of an account."""
    made = "was made before; its file was checked" if run.again else "made"
    where = str(run.file) if run.file else "no file, for nothing can be paid"
    limit = run.cut_off.isoformat(timespec="minutes")
    paid = len(run.lines) - len(run.held)
    return [
        f"payment run of {run.day.isoformat()} {made}: {where}",
        f"cut-off {limit}; {paid} transfers, control sum {run.total:f} {run.currency}; {len(run.held)} held",
        *map(_describe_held, run.held),
    ]


def _describe_held(line: PaymentLine) -> str:
    return f"held: account ending in {line.iban[-4:]} (disputed)" if line.iban else "held: no account on file"


def explain(outcome: NotAPaymentDay | TooEarly | OutOfOrder, day: date) -> EnvironmentFault:
    """Say why there is no run, and what to do."""
    match outcome:
        case NotAPaymentDay(next_day):
            what, remedy = f"Nothing is paid on {day.isoformat()}.", f"The next payment day is {next_day.isoformat()}."
        case TooEarly(limit):
            what = f"The cut-off of {day.isoformat()} is {limit.isoformat(timespec='minutes')}: changes still reach it."
            remedy = "Run it after that (in a demonstration: guichet back-office clock --add 14d)."
        case OutOfOrder(last):
            what = f"{last.isoformat()} was paid already, and {day.isoformat()} is before it."
            remedy = "Give a later payment day."
        case _:
            assert_never(outcome)
    return EnvironmentFault(what, remedy)
