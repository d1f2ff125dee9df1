"""Services switched off and on by office: signed into the reference data, in the log, and no verdict on a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from back_office_bench import application, ask
from back_office_services import submit, word

from back_office import pilot
from kiosk.application.trust import Trust
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.reference_data import Bundle, verify_bundle

if TYPE_CHECKING:
    from back_office_bench import Bench

ORDER = "health_card.order"


def switch(office: Bench, where: str = "101", **other: Any) -> tuple[str, ...]:
    with office.it.work() as work:
        return pilot.switch(work, where, **{"by": "olga", "reason": "pilot"} | other)


def test_a_terminal_of_the_office_finds_it_off_in_what_it_verifies(office: Bench) -> None:
    app, anchors, now = application(office), office.it.keyring.keys().anchors, office.it.clock.now()
    before = verify_bundle(ask(office, app, "GET", "/v1/reference-data").body, anchors, now)
    assert switch(office, off=[ORDER, "feedback.give"]) == ("feedback.give", ORDER)
    data = ask(office, app, "GET", "/v1/reference-data").body
    trust = Trust(anchors)
    assert trust.offered((ORDER,), "101") == (ORDER,), "without reference data nothing is off"
    assert trust.take(data, now) is None
    assert trust.offered(("record.show", ORDER), "101") == ("record.show",)
    assert trust.offered((ORDER,), "102") == (ORDER,)
    assert isinstance(before, Bundle)
    assert trust.bundle is not None
    assert trust.bundle.version > before.version


def test_on_again_and_each_switch_is_in_the_log_once(office: Bench) -> None:
    switch(office, off=[ORDER])
    switch(office, off=[ORDER])
    assert switch(office, on=[ORDER]) == ()
    lines = [line for line in office.audit(ORDER) if line.action == "service.switched"]
    assert len(lines) == 2
    assert {line.actor for line in lines} == {"olga"}


def test_what_is_received_is_decided_all_the_same(office: Bench) -> None:
    switch(office, off=[ORDER])
    assert word(office, submit(office, office.holder("josef"), ORDER, {"reason": "lost"}))[0] == "in_force"


@pytest.mark.parametrize(
    "other",
    [{"off": ["no.such"]}, {"off": [ORDER], "on": [ORDER]}, {"off": ["bank_account.stop"]}, {"off": [ORDER], "reason": " "},
     {"off": [ORDER], "where": "999"}],
)  # fmt: skip
def test_what_cannot_be_switched_is_said(office: Bench, other: dict[str, Any]) -> None:
    with pytest.raises(EnvironmentFault):
        switch(office, **other)
    with office.it.database.read() as db:
        assert pilot.switched_off(db) == {}
