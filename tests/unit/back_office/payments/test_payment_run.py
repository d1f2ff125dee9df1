"""The payment run: old account before, new after, never both, never neither, and a file that adds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from back_office import firewall, payment_run
from back_office.partners.iso20022 import pain001
from back_office.payment_run import NotAPaymentDay, OutOfOrder, Paid, TooEarly, load_payer, pay
from back_office.repository import people
from kiosk.domain.audit import Actor
from kiosk.domain.bank_change import State, events
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.payments import cut_off, first_payment_on, next_payment_on

if TYPE_CHECKING:
    from pathlib import Path

    from back_office_bench import Bench


def next_day(office: Bench, after: date | None = None) -> date:
    """The first payment day whose cut-off lies ahead (or after a day)."""
    schedule = office.it.scheme.payments
    return first_payment_on(office.it.clock.now(), schedule) if after is None else next_payment_on(after, schedule)


def reach(office: Bench, moment: datetime) -> None:
    """Move the clock to a moment."""
    office.later(seconds=(moment - office.it.clock.now()).total_seconds() + 1)


def run(office: Bench, day: date) -> Paid:
    limit = cut_off(day, office.it.scheme.payments)
    if office.it.clock.now() < limit:
        reach(office, limit)
    paid = pay(office.it, day)
    assert isinstance(paid, Paid), paid
    return paid


def accounts_in(paid: Paid) -> list[str]:
    if paid.file is None:
        return []
    found = pain001.parse(paid.file.read_bytes())
    assert isinstance(found, pain001.ReadFile), found
    assert found.total == paid.total
    return [one.iban for one in found.transfers]


def change(office: Bench, name: str = "marie") -> str:
    office.bank_knows(f"{name}_second", "match")
    id_ = office.submit(office.holder(name), f"{name}_second")
    assert office.change(id_).state is State.IN_FORCE
    return id_


def stop(office: Bench, id_: str) -> None:
    with office.it.work() as work:
        event = events.StoppedByHolder(work.at, office.change(id_).person)
        firewall.happen(work, id_, event, actor=Actor("holder", "1"), purpose="test")


def settle_dispute(office: Bench, id_: str, *, upheld: bool) -> None:
    with office.it.work() as work:
        if upheld:
            firewall.happen(
                work,
                id_,
                events.DisputeUpheld(work.at, "alena", "forged"),
                actor=Actor("officer", "alena"),
                purpose="test",
            )
            return
        for who in ("alena", "bohdan"):
            event = events.DisputeDismissed(work.at, who, "it was the person")
            firewall.happen(work, id_, event, actor=Actor("officer", who), purpose="test")


# --- which account -----------------------------------------------------------------------------------


def test_everybody_due_is_paid_once_and_the_sums_agree(office: Bench) -> None:
    day = next_day(office)
    paid = run(office, day)
    with office.it.database.read() as db:
        due = people.pensions(db)
    assert len(paid.lines) == len(due)
    assert paid.held == ()
    assert sum(line.amount for line in paid.lines) == sum(one.amount for one in due)
    assert paid.total == Decimal(sum(one.amount for one in due)).scaleb(-office.it.scheme.currency_digits)
    assert len(accounts_in(paid)) == len(due)


def test_old_account_before_new_after_and_the_date_told_is_the_date_paid(office: Bench) -> None:
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    id_ = office.submit(marie, "marie_second")
    told = date.fromisoformat(office.verdict(marie, id_).first_payment_date)
    new, old = office.account("marie_second"), office.account("marie_current")
    paid = accounts_in(run(office, told))
    assert new in paid
    assert old not in paid


def test_a_change_after_the_cut_off_waits_for_the_next_payment(office: Bench) -> None:
    day = next_day(office)
    reach(office, cut_off(day, office.it.scheme.payments) + timedelta(minutes=1))
    marie = office.holder("marie")
    office.bank_knows("marie_second", "match")
    id_ = office.submit(marie, "marie_second")
    new, old = office.account("marie_second"), office.account("marie_current")
    assert date.fromisoformat(office.verdict(marie, id_).first_payment_date) == next_day(office, day)
    first, second = accounts_in(run(office, day)), accounts_in(run(office, next_day(office, day)))
    assert (old in first, new in first) == (True, False)
    assert (old in second, new in second) == (False, True)


# --- disputes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("upheld", [True, False])
def test_a_disputed_payment_is_held_and_paid_after_the_finding(office: Bench, upheld: bool) -> None:
    id_ = change(office)
    day = next_day(office)
    stop(office, id_)
    paid = run(office, day)
    new, old = office.account("marie_second"), office.account("marie_current")
    assert [line.iban for line in paid.held] == [new]
    assert not {new, old} & set(accounts_in(paid))
    assert f"ending in {new[-4:]}" in "\n".join(payment_run.describe(paid))

    settle_dispute(office, id_, upheld=upheld)
    later = run(office, next_day(office, day))
    right, wrong = (old, new) if upheld else (new, old)
    assert wrong not in accounts_in(later)
    (line,) = [line for line in later.lines if line.iban == right]
    assert line.amount == 2 * paid.held[0].amount

    last = run(office, next_day(office, later.day))
    (line,) = [line for line in last.lines if line.iban == right]
    assert line.amount == paid.held[0].amount


def test_a_dispute_that_lasts_keeps_every_payment(office: Bench) -> None:
    id_ = change(office)
    stop(office, id_)
    first = run(office, next_day(office))
    second = run(office, next_day(office, first.day))
    assert len(first.held) == len(second.held) == 1
    settle_dispute(office, id_, upheld=True)
    third = run(office, next_day(office, second.day))
    (line,) = [line for line in third.lines if line.iban == office.account("marie_current")]
    assert line.amount == 3 * first.held[0].amount


def test_who_has_no_account_is_listed_and_not_lost(office: Bench) -> None:
    with office.it.work() as work:
        work.db.execute("DELETE FROM account WHERE person = ?", (office.person("marie"),))
    paid = run(office, next_day(office))
    assert [line.iban for line in paid.held] == [""]
    assert "no account" in "\n".join(payment_run.describe(paid))


# --- once a day --------------------------------------------------------------------------------------


def test_a_second_run_checks_the_file_and_changes_nothing(office: Bench) -> None:
    day = next_day(office)
    first = run(office, day)
    assert first.file is not None
    data, audit = first.file.read_bytes(), len(office.audit())
    again = pay(office.it, day)
    assert isinstance(again, Paid)
    assert again == replace(first, again=True)
    assert first.file.read_bytes() == data
    assert len(office.audit()) == audit
    assert "made before" in payment_run.describe(again)[0]


def test_a_change_between_two_runs_of_a_day_does_not_move_it(office: Bench) -> None:
    day = next_day(office)
    first = run(office, day)
    assert first.file is not None
    data = first.file.read_bytes()
    change(office)
    first.file.unlink()
    run(office, day)
    assert first.file.read_bytes() == data


def test_a_lost_file_is_written_again_the_same(office: Bench) -> None:
    """Killed between the record and the file."""
    first = run(office, next_day(office))
    assert first.file is not None
    data = first.file.read_bytes()
    first.file.unlink()
    assert run(office, first.day).file == first.file
    assert first.file.read_bytes() == data


@pytest.mark.parametrize("how", ["count", "cut", "account", "emptied"])
def test_a_file_that_somebody_changed_is_told_and_left(office: Bench, how: str) -> None:
    first = run(office, next_day(office))
    assert first.file is not None
    data, account = first.file.read_bytes(), office.account("marie_current").encode()
    spoilt = {
        "count": data.replace(b"<NbOfTxs>", b"<NbOfTxs>1", 1),
        "cut": data[: len(data) // 2],
        "account": data.replace(account, b"CZ7307100000000001000002"),
        "emptied": b"",
    }[how]
    assert spoilt != data
    first.file.write_bytes(spoilt)
    with pytest.raises(EnvironmentFault) as fault:
        pay(office.it, first.day)
    assert first.file.name in fault.value.what
    assert first.file.read_bytes() == spoilt


def test_a_disk_that_takes_no_file_leaves_the_run_to_be_finished(office: Bench) -> None:
    folder = office.it.state / payment_run.FOLDER
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file, not a folder")
    day = next_day(office)
    with pytest.raises(EnvironmentFault):
        run(office, day)
    folder.unlink()
    paid = run(office, day)
    assert paid.again
    assert len(accounts_in(paid)) == len(paid.lines)


def test_before_the_cut_off_nothing_is_paid(office: Bench) -> None:
    day = next_day(office)
    found = pay(office.it, day)
    assert found == TooEarly(cut_off(day, office.it.scheme.payments))
    assert "clock --add" in str(payment_run.explain(TooEarly(cut_off(day, office.it.scheme.payments)), day))
    assert not (office.it.state / payment_run.FOLDER).exists()


def test_other_days_are_refused_with_the_next_one(office: Bench) -> None:
    day = next_day(office)
    assert pay(office.it, day - timedelta(days=1)) == NotAPaymentDay(day)
    assert pay(office.it, day + timedelta(days=1)) == NotAPaymentDay(next_day(office, day))


def test_days_are_paid_in_order(office: Bench) -> None:
    first = next_day(office)
    second = next_day(office, first)
    run(office, second)
    assert pay(office.it, first) == OutOfOrder(second)


def test_a_run_is_in_the_audit_log_without_names(office: Bench) -> None:
    paid = run(office, next_day(office))
    assert paid.file is not None
    (line,) = [line for line in office.audit() if line.action == "payments.made"]
    assert paid.file.name in line.details
    assert "Novotn" not in line.details
    assert "CZ" not in line.details


# --- who pays ----------------------------------------------------------------------------------------


def payer(folder: Path, text: str) -> Path:
    path = folder / payment_run.PAYER_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_the_payer_is_read_from_its_file(tmp_path: Path) -> None:
    assert load_payer(tmp_path) == payment_run.DEMONSTRATION_PAYER
    text = 'name = "Správa"\niban = "CZ73 0710 0000 0000 0100 0002"\nbic = "CNBACZPP"\n'
    assert load_payer(payer(tmp_path, text)) == pain001.Payer("Správa", "CZ7307100000000001000002", "CNBACZPP")


@pytest.mark.parametrize(
    "text",
    [
        "name =",
        'name = "x"',
        'name = "x"\niban = "CZ74 0710 0000 0000 0100 0002"\nbic = "CNBACZPP"',
        'name = "x"\niban = "CZ73 0710 0000 0000 0100 0002"\nbic = "nonsense"',
        'name = "x"\niban = 5\nbic = "CNBACZPP"',
        'name = "x"\niban = "CZ73 0710 0000 0000 0100 0002"\nbic = "CNBACZPP"\nmore = "y"',
    ],
)
def test_a_payer_that_cannot_be_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(EnvironmentFault, match=r"payer\.toml"):
        load_payer(payer(tmp_path, text))
