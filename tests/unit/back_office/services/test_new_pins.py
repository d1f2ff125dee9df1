"""A card got a new PIN: the flag of the firewall, the notices, and letters that carry a first PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from back_office_services import cases, record, submit, told, word

from back_office import new_pins
from back_office.repository import people
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.aside import PinSet, write
from kiosk.wire.envelope import seal
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from back_office_bench import Bench


def tell(office: Bench, card: str, **other: Any) -> str:
    values: dict[str, Any] = {
        "id": office.it.ids.new(), "terminal": office.terminal.id, "office": office.terminal.office, "card": card,
        "how": "changed", "at": wire_time(office.it.clock.now()),
    }  # fmt: skip
    set_ = PinSet(**values | other)
    written = write(set_)
    assert isinstance(written, bytes), written
    sealed = seal(written, office.it.keyring.keys().sealing_certificates[0])
    office.receive(office.terminal.entry(set_.id, sealed, wire_time(office.it.clock.now()), kind="audit"))
    office.settle()
    return set_.id


def changed_at(office: Bench, card: str) -> str | None:
    with office.it.database.read() as db:
        found = people.card(db, card)
    assert found is not None
    return found.pin_changed_at


def letter(office: Bench, card: str, **other: Any) -> str:
    with office.it.work() as work:
        return new_pins.letter_sent(work, card, by="tom", **other)


def test_it_is_known_and_everybody_who_could_be_reached_is_told(office: Bench) -> None:
    card = office.holder("marie").number
    id_ = tell(office, card)
    assert changed_at(office, card)
    assert told(office, "pin_changed")
    assert [line.action for line in office.audit(id_)] == ["card.pin_set"]
    assert office.request_row(id_) is None


def test_a_change_of_the_account_waits_after_it(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    tell(office, office.holder("marie").number)
    change = office.change(office.submit(office.holder("marie"), "marie_second"))
    assert "pin_changed" in {flag.value for flag in change.flags}
    assert change.state.value == "held"


def test_the_newest_day_stands_and_none_lies_ahead(office: Bench) -> None:
    card = office.holder("marie").number
    tell(office, card)
    first = changed_at(office, card)
    tell(office, card, at="2020-01-01T00:00:00Z")
    assert changed_at(office, card) == first
    tell(office, card, at="2099-01-01T00:00:00Z")
    assert str(changed_at(office, card)) < "2099"


def test_a_card_nobody_issued_and_another_terminal_are_set_aside(office: Bench) -> None:
    tell(office, "9999999999")
    tell(office, office.holder("marie").number, terminal="T9999")
    assert [case.reason for case in cases(office)] == ["card_unknown", "cannot_be_attributed:mismatch"]
    assert changed_at(office, office.holder("marie").number) is None


def test_with_a_letter_s_pin_nothing_is_signed_until_it_is_replaced(office: Bench) -> None:
    card = office.holder("josef").number
    until = letter(office, card)
    assert record(office, "josef").pin_letter_until == until
    order = {"reason": "lost"}
    refused = submit(office, office.holder("josef"), "health_card.order", order)
    assert word(office, refused) == ("refused", "service.refused.letter_pin")
    tell(office, card)
    assert record(office, "josef").pin_letter_until == ""
    assert word(office, submit(office, office.holder("josef"), "health_card.order", order))[0] == "in_force"


def test_a_letter_is_good_for_21_days_and_for_30_abroad_and_another_ends_it(office: Bench) -> None:
    card = office.holder("josef").number
    near, far = letter(office, card), letter(office, card, abroad=True)
    assert (far > near, record(office, "josef").pin_letter_until) == (True, far)
    with pytest.raises(EnvironmentFault):
        letter(office, "123")
