"""PUKs: sealed at rest, given to an officer's card for the visit alone, and to nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from back_office_bench import application, ask

from back_office import fleet, puks

if TYPE_CHECKING:
    from back_office_bench import Bench

PUK = "12345678"


def asked(office: Bench, who: str = "staff", whose: str = "josef") -> dict[str, Any]:
    id_, sealed, key = office.question(office.holder(who), "puk", {"card": office.holder(whose).number})
    reply = ask(office, application(office), "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
    assert reply.status == 200, reply.body
    return office.open(reply.json["sealed"], id_, "puk", key)


def test_an_officer_gets_it_and_it_is_in_the_log(office: Bench) -> None:
    assert asked(office) == {"puk": PUK}
    (line,) = [line for line in office.audit(office.holder("josef").number) if line.action == "card.puk_asked"]
    assert (line.role, line.actor) == ("officer", office.holder("staff").number)
    assert PUK not in str(office.rows("SELECT * FROM card_puk"))
    assert PUK not in str(office.audit())


def test_nobody_else_gets_it(office: Bench) -> None:
    for who in ("josef", "marie", "employer", "technician"):
        assert asked(office, who) == {"absent": "refused"}
    assert asked(office, whose="staff") == {"absent": "refused"}, "an officer's own card is the administrator's affair"


def test_not_for_a_revoked_card_nor_without_end(office: Bench) -> None:
    assert asked(office, whose="revoked") == {"absent": "refused"}
    for _ in range(puks.MOST_A_DAY):
        assert asked(office) == {"puk": PUK}
    assert asked(office) == {"absent": "refused"}
    office.later(days=1, seconds=1)
    with office.it.work() as work:
        fleet.revoke_card(work, office.holder("marie").number, by="olga", reason="lost")
    assert asked(office) == {"puk": PUK}
    assert asked(office, whose="marie") == {"absent": "refused"}
