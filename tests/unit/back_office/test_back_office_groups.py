"""Groups of decisions: the same as one by one, and one bad item takes nobody along."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from back_office_bench import Bench, bench

from back_office import audit, decisions
from back_office.audit import Intact
from back_office.history import EVER
from back_office.repository import changes, inbox, ledger, many, outbox, people
from back_office.repository import people_together as together
from back_office.repository.group import Group
from kiosk.domain.bank_change import Flag, State

if TYPE_CHECKING:
    from pathlib import Path

    from back_office.database import Connection

DAY = "2000-01-01T00:00:00.000000Z"


def decided(office: Bench, entries: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What became of entries, and of what follows from them."""
    found: list[tuple[Any, ...]] = []
    with office.it.database.read() as db:
        for entry in entries:
            row, request = inbox.by_id(db, entry["id"]), changes.request(db, entry["id"])
            change, word = changes.change(db, entry["id"]), inbox.newest_verdict(db, entry["id"])
            assert row is not None
            found.append(
                (
                    (row.status, row.reason.split(":")[0], row.held),
                    None if request is None else (request.person, request.decision, request.text_key),
                    None if change is None else (change.state, change.iban, change.revision),
                    [(one.event, one.before, one.after) for one in changes.events(db, entry["id"])],
                    [(one.kind, one.key.split(":")[1]) for one in outbox.of_change(db, entry["id"])],
                    None if word is None else word.decision,
                )
            )
        assert isinstance(audit.verify(db), Intact)
    return found


def mixed(office: Bench) -> list[dict[str, Any]]:
    """A good change, two of one person, two to one account, one that the rules refuse, a stop, a report, nonsense."""
    marie, josef, ludmila, karel = (office.holder(name) for name in ("marie", "josef", "ludmila", "karel"))
    first = office.change_entry(karel, "karel_second")
    return [
        first,
        office.change_entry(ludmila, "ludmila_second"),
        office.change_entry(karel, "marie_second"),
        office.change_entry(marie, "ludmila_second"),
        office.change_entry(josef, "marie_current"),
        office.entry(karel, "bank_account.stop", {"change": first["id"]}),
        office.terminal.entry(office.it.ids.new(), b"nonsense", "2027-01-01T00:00:00Z", kind="ticket"),
        office.change_entry(office.holder("diverted"), "of_someone_else"),
    ]


def test_a_group_is_decided_as_its_items_are_one_by_one(tmp_path: Path, database: str) -> None:
    became = []
    for name in ("together", "alone"):
        folder = tmp_path / name
        folder.mkdir()
        with bench(folder, database) as office:
            entries = mixed(office)
            office.receive(*entries)
            ids = [str(entry["id"]) for entry in entries]
            for group in [ids] if name == "together" else [[id_] for id_ in ids]:
                decisions.decide_group(office.it, group)
            became.append(decided(office, entries))
    assert became[0] == became[1]
    assert [one[0][0] for one in became[0]].count("quarantined") == 1
    assert became[0][0][2] is not None
    assert became[0][0][2][0] == State.CANCELLED.value


def test_who_shares_an_account_in_one_group_is_flagged(office: Bench) -> None:
    """What is read beforehand must not hide what the group itself adds."""
    entries = [office.change_entry(office.holder(name), "karel_second") for name in ("marie", "ludmila")]
    office.receive(*entries)
    decisions.decide_group(office.it, [str(entry["id"]) for entry in entries])
    flags = [office.change(str(entry["id"])).flags for entry in entries]
    assert [Flag.ACCOUNT_SHARED in raised for raised in flags] == [False, True]


def test_an_item_that_cannot_be_written_takes_nobody_along(office: Bench) -> None:
    """PostgreSQL keeps no NUL in a text; SQLite does, and decides it like any other."""
    good = [office.change_entry(office.holder(name), f"{name}_second") for name in ("marie", "ludmila")]
    iban = office.account("karel_second")
    bad = office.entry(office.holder("karel"), "bank_account.change", {"account": iban, "account_as_typed": "x\0"})
    entries = [good[0], bad, good[1]]
    office.receive(*entries)
    moved = decisions.decide_group(office.it, [str(entry["id"]) for entry in entries])
    assert moved == {entry["id"] for entry in entries}
    statuses = [one[0][0] for one in decided(office, entries)]
    refused = "quarantined" if office.it.database.dialect == "postgresql" else "decided"
    assert statuses == ["decided", refused, "decided"]


def test_what_cannot_be_written_is_not_taken_for_the_fault_of_who_comes_next(office: Bench) -> None:
    """A stop runs statements of its own, before which everything that waits is written: also what cannot be."""
    first = office.change_entry(office.holder("ludmila"), "ludmila_second")
    office.receive(first)
    office.decide(first["id"])
    good = office.change_entry(office.holder("marie"), "marie_second")
    iban = office.account("karel_second")
    bad = office.entry(office.holder("karel"), "bank_account.change", {"account": iban, "account_as_typed": "x\0"})
    stop = office.entry(office.holder("ludmila"), "bank_account.stop", {"change": first["id"]})
    entries = [good, bad, stop]
    office.receive(*entries)
    decisions.decide_group(office.it, [str(entry["id"]) for entry in entries])
    became = decided(office, entries)
    refused = "quarantined" if office.it.database.dialect == "postgresql" else "decided"
    assert [one[0][0] for one in became] == ["decided", refused, "decided"]
    assert became[0][2] is not None, "what was decided beside it has its effect"
    assert office.change(str(first["id"])).state is State.CANCELLED


def test_what_is_read_of_many_is_what_is_read_of_one(office: Bench) -> None:
    office.bank_knows("marie_second", "match")
    office.submit(office.holder("marie"), "marie_second")
    office.receive(office.change_entry(office.holder("ludmila"), "ludmila_second"))
    office.settle()
    with office.it.database.read() as db:
        numbers = [row[0] for row in db.execute("SELECT number FROM person ORDER BY number")] + ["nobody"]
        cards = [row[0] for row in db.execute("SELECT number FROM card ORDER BY number")] + ["0000000000"]
        ibans = sorted({row[0] for row in db.execute("SELECT iban FROM account UNION SELECT iban FROM bank_change")})
        ids = [row[0] for row in db.execute("SELECT id FROM request")]
        assert ids
        many = _of_many(db, numbers, cards, ids)
        holders = together.holders(db, ibans)
        for number in numbers:
            assert many["person"].get(number) == people.person(db, number)
            assert many["pension"].get(number) == people.pension(db, number)
            assert many["account"].get(number) == people.account_in_force(db, number)
            assert many["contacts"].get(number, []) == people.contacts_valid_since(db, number, EVER)
            assert _sorted(many["cards"].get(number, [])) == _sorted(people.cards_of(db, number))
            assert tuple(many["names"].get(number, ())) == people.former_names(db, number)
            assert many["changes"].get(number, []) == changes.changes_of(db, number)
            assert many["asked"].get(number, 0) == outbox.verifications_since(db, number, DAY)
            for iban in ibans:
                others = people.others_with_account(db, iban, number)
                assert len(holders.get(iban, set()) - {number}) == others
        assert {number: many["card"].get(number) for number in cards} == {one: people.card(db, one) for one in cards}
        assert {id_: many["request"].get(id_) for id_ in ids} == {id_: changes.request(db, id_) for id_ in ids}


def _of_many(db: Connection, numbers: list[str], cards: list[str], ids: list[str]) -> dict[str, dict[str, Any]]:
    return {
        "person": together.persons(db, numbers),
        "pension": together.pensions(db, numbers),
        "account": together.accounts_in_force(db, numbers),
        "contacts": together.contacts(db, numbers),
        "cards": together.cards_of(db, numbers),
        "names": together.former_names(db, numbers),
        "changes": together.changes_of(db, numbers),
        "asked": together.verifications_since(db, numbers, DAY),
        "card": together.cards(db, cards),
        "request": together.requests(db, ids),
    }


def _sorted(cards: list[people.Card]) -> list[people.Card]:
    return sorted(cards, key=lambda card: card.number)


# --- the group itself --------------------------------------------------------------------------------


def _message(db: Connection, key: str) -> None:
    outbox.put(db, key=key, kind="notice", change=None, payload="{}", at=DAY)


def test_an_item_is_undone_with_its_rows_and_its_statements(office: Bench) -> None:
    with office.it.database.write() as db:
        group = Group(db, office.it.database)
        with group.item():
            _message(group, "kept")
        with contextlib.suppress(ZeroDivisionError), group.item():
            _message(group, "rows only")
            raise ZeroDivisionError
        with contextlib.suppress(ZeroDivisionError), group.item():
            _message(group, "before a statement")
            ledger.put_setting(group, "of an item", "1")
            _message(group, "after a statement")
            raise ZeroDivisionError
        with group.item():
            ledger.put_setting(group, "kept too", "1")
            _message(group, "kept as well")
        group.flush()
        keys = {row[0] for row in db.execute("SELECT key FROM outbox WHERE payload = '{}'")}
        settings = [ledger.setting(db, name) for name in ("of an item", "kept too")]
    assert keys == {"kept", "kept as well"}
    assert settings == [None, "1"]


def test_nobody_reads_around_what_waits_and_nothing_foretold_outlives_a_change(office: Bench) -> None:
    marie = office.person("marie")
    with office.it.database.write() as db:
        group = Group(db, office.it.database)
        _message(group, "waits")
        assert group.execute("SELECT 1 FROM outbox WHERE key = 'waits'").fetchone() is not None
        group.foretell(people.person, (marie,), None)
        assert people.person(group, marie) is None
        people.block_changes(group, marie, blocked=True)
        now = people.person(group, marie)
        assert now is not None
        assert now.changes_blocked


def test_a_change_has_the_record_of_its_person_sealed_anew(office: Bench) -> None:
    def touched() -> list[int]:
        numbers = [office.person(name) for name in ("karel", "ludmila", "marie")]
        rows = [office.rows("SELECT touched FROM person_record WHERE person = ?", number) for number in numbers]
        return [int(row["touched"]) for (row,) in rows]

    before = touched()
    entries = [office.change_entry(office.holder(name), f"{name}_second") for name in ("karel", "ludmila")]
    office.receive(*entries)
    decisions.decide_group(office.it, [str(entry["id"]) for entry in entries])
    decided, (other,) = touched()[:2], touched()[2:]
    assert all(now > then for now, then in zip(decided, before[:2], strict=True))
    assert other == before[2]
    with office.it.work() as work:
        people.block_changes(work.db, office.person("karel"), blocked=True)
    assert touched()[0] > decided[0]


def test_columns_hold_what_is_written_into_them(office: Bench) -> None:
    """NULL among texts and bytes, letters of several bytes, nothing, and no rows at all."""
    texts: list[str | None] = ["", "é€😀", None, "x" * 300]
    blobs: list[bytes | None] = [b"", None, bytes(range(256)), b"\0"]
    with office.it.work() as work:
        kind = "BYTEA" if work.db.dialect == "postgresql" else "BLOB"
        work.db.run_script(f"CREATE TEMPORARY TABLE written_here (n BIGINT, words TEXT, bytes {kind})")
        columns = {"n": "bigint", "words": "text", "bytes": "bytea"}
        rows = list(zip([1, -(2**62), 3, 4], texts, blobs, strict=True))
        for some in (rows, rows[:1], []):
            work.db.execute("DELETE FROM written_here")
            many.insert(work.db, "written_here", columns, some)
            found = work.db.execute("SELECT n, words, bytes FROM written_here").fetchall()
            assert {tuple(row) for row in found} == set(some)
        work.db.run_script("DROP TABLE written_here")
