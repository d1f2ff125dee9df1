"""What was opened without a line stands in the person's list of who looked, whenever the line of it arrives."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from back_office_services import record
from cryptography.hazmat.primitives.serialization import Encoding

from back_office.repository import records
from kiosk.domain.record import AccessLine
from kiosk.wire.access import Access, access_signing_input
from kiosk.wire.envelope import seal
from kiosk.wire.problem import Problem
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from datetime import datetime

    from back_office_bench import Bench


def opened(office: Bench, name: str, at: datetime, **other: Any) -> str:
    """Let a card sign that a record is opened, and deliver the line now; its id."""
    holder, id_ = office.holder(name), office.it.ids.new()
    values: dict[str, Any] = {
        "id": id_, "terminal": office.terminal.id, "office": office.terminal.office, "card": holder.number,
        "purpose": "own_record", "at": wire_time(at),
    }  # fmt: skip
    prepared = access_signing_input(Access(**(values | other)), holder.certificate("9A").public_bytes(Encoding.DER), at)
    assert not isinstance(prepared, Problem), prepared
    signed = prepared.finish(holder.sign("9A", prepared.signing_input))
    assert isinstance(signed, bytes), signed
    body = seal(signed, office.it.keyring.keys().sealing_certificates[0])
    office.receive(office.terminal.entry(id_, body, wire_time(at), kind="access"))
    office.settle()
    return id_


def looks(office: Bench, name: str) -> list[tuple[str, str]]:
    return [(line.role, line.purpose) for line in record(office, name).accesses]


def acting(office: Bench) -> dict[str, str]:
    return {"person": office.person("marie"), "purpose": "mandate"}


def test_the_own_record_opened_days_ago_is_told_as_of_then(office: Bench) -> None:
    then = office.it.clock.now()
    office.later(days=3)
    id_ = opened(office, "marie", then)
    day = then.astimezone(office.it.scheme.bank_change.zone).date().isoformat()
    (line,) = record(office, "marie").accesses
    assert isinstance(line, AccessLine)
    assert (line.at, line.role, line.purpose) == (day, "holder", "own_record")
    assert [one.action for one in office.audit(id_)] == ["terminal.access"], "that it came is the terminal's report"
    visits = office.rows("SELECT last_at FROM visit WHERE person = ?", office.person("marie"))
    assert [row["last_at"][:10] for row in visits] == [then.date().isoformat()]


def test_the_record_of_somebody_acted_for_is_in_that_person_s_list_and_not_in_the_own(office: Bench) -> None:
    with office.it.work() as work:
        records.add_mandate(
            work.db, office.person("marie"), office.holder("karel").number, ground="proxy", valid_from=work.time
        )
    opened(office, "karel", office.it.clock.now(), **acting(office))
    assert looks(office, "marie") == [("representative", "mandate")]
    assert looks(office, "karel") == []


def test_a_clock_that_goes_ahead_makes_no_look_to_come(office: Bench) -> None:
    opened(office, "marie", office.it.clock.now() + timedelta(minutes=4))
    (row,) = office.rows("SELECT last_at FROM visit WHERE person = ?", office.person("marie"))
    assert row["last_at"] <= wire_time(office.it.clock.now() + timedelta(seconds=1))


@pytest.mark.parametrize("who", ["karel", "employer"])
def test_what_fits_nobody_names_nobody(office: Bench, who: str) -> None:
    other = acting(office) if who == "karel" else {}
    id_ = opened(office, who, office.it.clock.now(), **other)
    assert [one.action for one in office.audit(id_)] == ["terminal.access"]
    assert looks(office, "marie") == looks(office, "karel") == []
