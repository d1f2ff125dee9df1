"""Records are sealed to the right cards, held where they are needed, and say what the online answer says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from back_office_bench import application, ask
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from back_office import feed, fleet, records
from back_office.feed import Page
from back_office.repository import desk, people, timestamp
from back_office.repository import records as rows
from back_office.repository import scope as scope_rows
from back_office.repository.people import Card
from kiosk.domain.bank_change import Flag
from kiosk.wire.feed import Delete, FrameSplitter, Mark, Upsert
from kiosk.wire.problem import Problem
from kiosk.wire.sealed_record import OpenedRecord, fingerprint, lookup, open_record, point

if TYPE_CHECKING:
    from back_office_bench import Bench

    from kiosk.wire.feed import Frame


def work_off(office: Bench) -> None:
    for _ in range(100):
        if not records.publish(office.it, 10):
            return
    raise AssertionError("the worker does not come to rest")


def told(office: Bench, where: str = "101", cursor: str = "") -> list[Frame]:
    """Everything an office's terminals are told after a cursor."""
    frames: list[Frame] = []
    while True:
        page = feed.read(office.it.database, where, cursor, 1000)
        assert isinstance(page, Page)
        some = FrameSplitter().feed(page.body)
        assert isinstance(some, list)
        frames += [frame for frame in some if not isinstance(frame, Mark)]
        cursor = page.cursor
        if some[-1].more:  # type: ignore[union-attr]
            continue
        return frames


def cursor_of(office: Bench, where: str = "101") -> str:
    page = feed.read(office.it.database, where, "", 10_000)
    assert isinstance(page, Page)
    return page.cursor


def card_key(office: Bench, name: str) -> ec.EllipticCurvePrivateKey:
    document = office.holder(name).document
    key = load_pem_private_key(document["keys"]["9D"]["private_key"].encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def agreement(key: ec.EllipticCurvePrivateKey) -> Any:
    return lambda to: key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), to))


def opened(office: Bench, frame: Upsert, key: ec.EllipticCurvePrivateKey) -> OpenedRecord | Problem:
    return open_record(
        frame.document, agreement(key), anchors=office.it.keyring.keys().anchors, at=office.it.clock.now()
    )


def record_of(office: Bench, name: str, where: str = "101") -> tuple[Upsert, dict[str, Any]]:
    """The one record in an office's feed that a card finds by its fingerprint, opened with it."""
    key = card_key(office, name)
    wanted = fingerprint(key.public_key())
    (frame,) = [one for one in told(office, where) if isinstance(one, Upsert) and wanted in one.fingerprints]
    found = opened(office, frame, key)
    assert isinstance(found, OpenedRecord), found
    assert (found.record_id, found.version) == (frame.record_id, frame.version)
    return frame, found.document


def held(office: Bench, name: str) -> dict[str, list[str]]:
    document = asked(office, name)
    return {line["office"]: line["reasons"] for line in document["held_by"]}


def asked(office: Bench, name: str, kind: str = "person_record") -> dict[str, Any]:
    id_, sealed, key = office.question(office.holder(name), kind, {})
    reply = ask(office, application(office), "POST", "/v1/questions", body={"id": id_, "sealed": sealed})
    assert reply.status == 200, reply.body
    return office.open(reply.json["sealed"], id_, kind, key)


def kept(office: Bench, name: str) -> rows.RecordRow:
    with office.it.database.read() as db:
        row = rows.record(db, office.person(name))
    assert row is not None
    return row


# --- sealing ------------------------------------------------------------------------------------------


def test_a_card_opens_exactly_its_holder_s_record(office: Bench) -> None:
    work_off(office)
    frames = [frame for frame in told(office) if isinstance(frame, Upsert)]
    assert len(frames) > 5
    key = card_key(office, "marie")
    found = [one for one in (opened(office, frame, key) for frame in frames) if isinstance(one, OpenedRecord)]
    assert [one.document["name"] for one in found] == ["Marie Novotná"]


def test_the_sealed_record_says_what_the_online_answer_says(office: Bench) -> None:
    asked(office, "marie")  # a visit, so that both come after it
    work_off(office)
    _, sealed = record_of(office, "marie")
    online = asked(office, "marie")
    ours = {"as_of"}
    assert {k: v for k, v in sealed.items() if k not in ours} == {k: v for k, v in online.items() if k not in ours}
    assert sealed["cacheable"] is True
    assert {line["office"] for line in sealed["held_by"]} == {"101"}
    assert sealed["held_by"][0]["name"] == "Praha 2"


def test_a_record_is_complete(office: Bench) -> None:
    document = asked(office, "marie")
    assert {line["channel"] for line in document["contacts"]} == {"letter", "email", "sms"}
    years = [line["year"] for line in document["contributions"]]
    assert len(set(years)) > 25
    assert years == sorted(years, reverse=True)
    line = next(line for line in document["contributions"] if line["kind"] == "worked")
    assert {"year", "from", "to", "employer", "employer_name", "kind", "pay", "branches"} == set(line)
    assert line["pay"].endswith((".00", ".50")) or "." in line["pay"]
    assert 20 <= len(document["payments"]) <= 24
    assert document["payments"][0]["account_end"] == office.account("marie_current")[-4:]
    assert document["open_cases"] == []
    assert document["blocks"] == []
    assert len(msgspec.json.encode(document)) > 4_000


def test_an_old_contact_is_not_shown(office: Bench) -> None:
    document = asked(office, "diverted")
    assert len([line for line in document["contacts"] if line["channel"] == "letter"]) == 1


def test_officers_flags_are_never_in_it(office: Bench) -> None:
    """A change full of flags, held for an officer: the record says held, and nothing of why."""
    office.bank_knows("diverted_second", "no_match")
    change = office.submit(office.holder("diverted"), "diverted_second")
    office.submit(office.holder("diverted"), "diverted_third")
    assert office.change(change).flags, "there are flags to tell"
    work_off(office)
    _, document = record_of(office, "diverted")
    text = json.dumps(document)
    assert [case["kind"] for case in document["open_cases"]][:1] == ["held"]
    assert set(document["open_cases"][0]) == {"kind", "request", "opened_on", "office"}
    assert not [flag for flag in Flag if flag.value in text or flag.name.lower() in text]
    assert "flag" not in text
    with office.it.database.read() as db:
        why = {case.reason for case in desk.open_cases(db)}
    assert not [reason for reason in why if reason and f'"{reason}"' in text]


def test_a_record_is_sealed_once_a_version(office: Bench) -> None:
    work_off(office)
    frame, _ = record_of(office, "marie")
    cursor = cursor_of(office)
    with office.it.work() as work:
        records.touch(work, office.person("marie"))
    work_off(office)
    assert told(office, cursor=cursor) == []
    assert kept(office, "marie").version == frame.version
    with office.it.work() as work:
        people.block_changes(work.db, office.person("marie"), blocked=True)
    work_off(office)
    again, document = record_of(office, "marie")
    assert (again.version, document["changes_blocked"]) == (frame.version + 1, True)
    assert document["blocks"] == [{"kind": "bank_change"}]
    assert [one.record_id for one in told(office, cursor=cursor)] == [frame.record_id]


def test_whatever_changes_about_a_person_touches_the_record(office: Bench) -> None:
    work_off(office)
    number = office.person("marie")

    def acts(db: Any) -> dict[str, Any]:
        return {
            "contact": lambda: people.add_contact(
                db, number, channel="sms", destination="+420601000000", valid_from="2026-01-01T00:00:00.000000Z"
            ),
            "account": lambda: people.open_account(
                db, number, "CZ6508000000192000145399", timestamp(office.it.clock.now())
            ),
            "pension": lambda: db.execute("UPDATE pension SET amount = amount + 100 WHERE person = ?", (number,)),
            "name": lambda: db.execute("UPDATE person SET family_name = 'Nová' WHERE number = ?", (number,)),
            "visit": lambda: scope_rows.visited(db, number, "103", timestamp(office.it.clock.now())),
            "appointment": lambda: scope_rows.appoint(db, "a1", number, "102", timestamp(office.it.clock.now())),
            "proof": lambda: scope_rows.put_proof_of_life(db, number, "2030-01-01"),
            "card": lambda: people.revoke_card(db, "1000000001", timestamp(office.it.clock.now()), "lost"),
            "contribution": lambda: db.execute("DELETE FROM contribution WHERE person = ? AND year = 1990", (number,)),
        }

    with office.it.database.read() as db:
        names = list(acts(db))
    for name in names:
        before = kept(office, "marie").touched
        with office.it.work() as work:
            acts(work.db)[name]()
        assert kept(office, "marie").touched > before, name


# --- cards ----------------------------------------------------------------------------------------------


def test_a_replacement_card_opens_it_too_and_a_revoked_one_no_more(office: Bench) -> None:
    work_off(office)
    new = ec.generate_private_key(ec.SECP256R1())
    with office.it.work() as work:
        people.add_card(
            work.db, Card("1900000001", office.person("marie"), "insured", "M", work.time, None, None, None), []
        )
        rows.put_card_key(
            work.db, "1900000001", public_key=point(new.public_key()), fingerprint=fingerprint(new.public_key()),
            not_after="2035-01-01T00:00:00.000000Z",
        )  # fmt: skip
    work_off(office)
    frame, _ = record_of(office, "marie")
    assert len(frame.fingerprints) == 2
    assert isinstance(opened(office, frame, new), OpenedRecord)
    with office.it.work() as work:
        fleet.revoke_card(work, "1000000001", by="olga", reason="lost")
    work_off(office)
    (again,) = [
        one for one in told(office) if isinstance(one, Upsert) and fingerprint(new.public_key()) in one.fingerprints
    ]
    assert (again.record_id, len(again.fingerprints)) == (frame.record_id, 1)
    assert isinstance(opened(office, again, new), OpenedRecord)
    assert isinstance(opened(office, again, card_key(office, "marie")), Problem)


def test_without_a_valid_card_it_is_held_nowhere_and_the_answer_says_so(office: Bench) -> None:
    work_off(office)
    frame, _ = record_of(office, "karel")
    cursor = cursor_of(office)
    with office.it.work() as work:
        work.db.execute("DELETE FROM card_key WHERE card = '1000000004'")  # its key is RSA, say
        records.touch(work, office.person("karel"))
    work_off(office)
    assert told(office, cursor=cursor) == [Delete(frame.record_id)]
    answer = asked(office, "karel")
    assert (answer["cacheable"], answer["held_by"]) == (False, [])
    assert answer["name"] == "Karel Dvořák"
    assert kept(office, "karel").digest is None


def test_a_card_revoked_at_its_issue_never_had_a_record_sealed(office: Bench) -> None:
    work_off(office)
    assert kept(office, "revoked").digest is None


def test_a_representative_opens_it_while_the_mandate_lasts(office: Bench) -> None:
    now = office.it.clock.now()
    with office.it.work() as work:
        rows.add_mandate(
            work.db, office.person("ludmila"), "1000000002", ground="guardian",
            valid_from=timestamp(now), valid_to=timestamp(now.replace(year=now.year + 1)),
        )  # fmt: skip
    work_off(office)
    key = card_key(office, "josef")
    found_by = lookup(fingerprint(key.public_key()), office.person("ludmila"))
    (frame,) = [one for one in told(office) if isinstance(one, Upsert) and found_by in one.fingerprints]
    assert fingerprint(key.public_key()) not in frame.fingerprints, "the card alone does not find it"
    found = opened(office, frame, key)
    assert isinstance(found, OpenedRecord)
    assert found.document["name"] == "Ludmila Procházková"
    cursor = cursor_of(office)
    office.later(days=366)
    with office.it.work() as work:
        records.sweep(work)
    work_off(office)
    frame, _ = record_of(office, "ludmila")
    assert isinstance(opened(office, frame, key), Problem)
    (change,) = [one for one in told(office, cursor=cursor) if one.record_id == frame.record_id]  # type: ignore[union-attr]
    assert isinstance(change, Upsert), "terminals are told, and forget the lookup"
    assert change.fingerprints == (fingerprint(card_key(office, "ludmila").public_key()),)


def test_a_card_that_runs_out_is_left_out_by_the_sweep(office: Bench) -> None:
    work_off(office)
    assert kept(office, "marie").digest is not None
    office.later(days=5 * 365 + 2)
    with office.it.work() as work:
        assert records.sweep(work) > 0
    work_off(office)
    assert kept(office, "marie").digest is None


# --- where it is held --------------------------------------------------------------------------------------


def test_who_walks_in_elsewhere_enters_that_office_for_a_while(office: Bench) -> None:
    with office.it.work() as work:
        scope_rows.move_home(work.db, office.person("marie"), "102")
        work.db.execute("DELETE FROM visit WHERE person = ?", (office.person("marie"),))
        work.db.execute("DELETE FROM proof_of_life WHERE person = ?", (office.person("marie"),))
    work_off(office)
    frame, _ = record_of(office, "marie", "102")
    assert frame.record_id not in {one.record_id for one in told(office, "101")}
    before = cursor_of(office, "102")
    assert held(office, "marie") == {"101": ["recent_visit"], "102": ["home_office"]}, "a visit at 101"
    work_off(office)
    here, document = record_of(office, "marie", "101")
    assert (here.record_id, here.reasons) == (frame.record_id, 16)
    assert here.expires_at == pytest.approx(office.it.clock.now().timestamp() + 90 * 86400, abs=120)
    assert [line["office"] for line in document["held_by"]] == ["101", "102"]
    (there,) = told(office, "102", before)
    assert isinstance(there, Upsert)
    assert there.document == here.document, "the person reads it at both"
    office.later(days=91)
    with office.it.work() as work:
        records.sweep(work)
    cursor = cursor_of(office, "101")
    work_off(office)
    assert Delete(frame.record_id) in told(office, "101", cursor)
    assert record_of(office, "marie", "102")[1]["held_by"][0]["office"] == "102"


def test_a_move_is_gone_here_and_there_at_once(office: Bench) -> None:
    work_off(office)
    frame, _ = record_of(office, "ludmila")
    here, there = cursor_of(office, "101"), cursor_of(office, "103")
    with office.it.work() as work:
        work.db.execute("DELETE FROM proof_of_life WHERE person = ?", (office.person("ludmila"),))
        work.db.execute("DELETE FROM appointment WHERE person = ?", (office.person("ludmila"),))
        work.db.execute("DELETE FROM visit WHERE person = ?", (office.person("ludmila"),))
        scope_rows.move_home(work.db, office.person("ludmila"), "103")
    work_off(office)
    assert told(office, "101", here) == [Delete(frame.record_id)]
    (came,) = told(office, "103", there)
    assert isinstance(came, Upsert)
    assert came.record_id == frame.record_id


def test_an_open_case_keeps_it_at_the_desk_that_has_it(office: Bench) -> None:
    with office.it.work() as work:
        scope_rows.move_home(work.db, office.person("diverted"), "103")
        work.db.execute("DELETE FROM visit WHERE person = ?", (office.person("diverted"),))
    office.bank_knows("diverted_second", "match")
    change = office.submit(office.holder("diverted"), "diverted_second")
    work_off(office)
    frame, _ = record_of(office, "diverted")
    assert frame.reasons & 4
    with office.it.work() as work:
        (case,) = desk.cases_of(work.db, change)
        assert desk.close_case(
            work.db, case.n, revision=case.revision, by="alena", outcome="released", remark="", at=work.time
        )
    work_off(office)
    assert frame.record_id not in {one.record_id for one in told(office, "101") if isinstance(one, Upsert)}


def test_one_person_s_fault_delays_nobody(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = records.compose

    def stumbling(db: Any, scheme: Any, person: Any, *rest: Any) -> Any:
        if person.number == office.person("josef"):
            raise ValueError("a number that is none")
        return plain(db, scheme, person, *rest)

    monkeypatch.setattr(records, "compose", stumbling)
    work_off(office)
    assert kept(office, "marie").digest is not None
    assert kept(office, "josef").digest is None
    monkeypatch.undo()
    with office.it.work() as work:
        records.touch(work, office.person("josef"))
    work_off(office)
    assert kept(office, "josef").touched == kept(office, "josef").done


def test_two_workers_never_put_back_what_is_older(office: Bench) -> None:
    """Another server's worker stored something newer between this one's look and its storing."""
    work_off(office)
    with office.it.work() as work:
        records.touch(work, office.person("marie"))
    old = kept(office, "marie")
    with office.it.work() as work:
        people.block_changes(work.db, office.person("marie"), blocked=True)
    work_off(office)
    newer = kept(office, "marie")
    with office.it.work() as work:
        stale = rows.Sealed(old.version + 1, b"x", b"older", (), work.time)
        assert not rows.store(work.db, old, stale, None)
    assert kept(office, "marie") == newer
