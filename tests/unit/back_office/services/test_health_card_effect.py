"""An order of a health insurance card: it stands in the list of what is to be sent, to the address of the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from back_office_services import record, submit, told, word

from back_office.repository import orders
from kiosk.domain.services.contacts import present
from kiosk.domain.services.health_card import ID

if TYPE_CHECKING:
    from back_office_bench import Bench


def order(office: Bench, name: str = "josef", reason: str = "lost", **other: object) -> str:
    return submit(office, office.holder(name), ID, {"reason": reason}, **other)


def waiting(office: Bench) -> list[orders.Order]:
    with office.it.database.read() as db:
        return orders.waiting(db, ID)


def test_it_is_ordered_to_the_address_and_told_there(office: Bench) -> None:
    request = order(office)
    home = present(record(office, "josef"), "letter")
    assert home is not None
    assert word(office, request) == ("in_force", "decision.health_card.order.in_force")
    assert [(one.request, one.reason, one.destination) for one in waiting(office)] == [(request, "lost", home.destination)]
    assert told(office, "health_card_ordered") == [("letter", home.destination)]


def test_it_goes_to_the_new_address_of_who_has_moved(office: Bench) -> None:
    submit(office, office.holder("josef"), "address.change", {"address": "Nová 2\n301 00 Plzeň"})
    order(office)
    assert [one.destination.splitlines()[1:] for one in waiting(office)] == [["Nová 2", "301 00 Plzeň"]]


def test_it_is_seen_in_my_requests_and_not_ordered_twice(office: Bench) -> None:
    first = order(office)
    assert [(line.transaction_id, line.stage) for line in record(office, "josef").requests] == [(first, "in_force")]
    assert word(office, order(office)) == ("refused", "health_card.on_its_way")
    assert len(waiting(office)) == 1


@pytest.mark.parametrize(
    ("name", "reason", "key"),
    [("employer", "lost", "service.refused.role"), ("revoked", "lost", "service.refused.card_revoked"),
     ("josef", "because", "choice.missing")],
)  # fmt: skip
def test_who_may_not_and_what_is_no_reason_is_refused(office: Bench, name: str, reason: str, key: str) -> None:
    assert word(office, order(office, name, reason)) == ("refused", key)
    assert not waiting(office)


def test_another_person_s_number_is_set_aside(office: Bench) -> None:
    request = order(office, person=office.person("marie"))
    assert office.rows("SELECT reason FROM inbox WHERE id = ?", request) == [{"reason": "other_person"}]
