"""Processes that open beside the server: the same as in one process, and nothing is lost by losing one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from back_office import decisions, opener, opening
from back_office.openers import WORTH_IT, Openers
from back_office.repository import inbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from back_office_bench import Bench

    from back_office.repository.inbox import InboxRow


@pytest.fixture
def openers(office: Bench) -> Iterator[Openers]:
    with closing(Openers(office.it.state, office.it.keyring, count=1)) as made:
        yield made


def received(office: Bench, *entries: dict[str, Any]) -> list[InboxRow]:
    office.receive(*entries)
    with office.it.database.read() as db:
        return inbox.by_ids(db, [entry["id"] for entry in entries])


def of_every_kind(office: Bench) -> list[dict[str, Any]]:
    """Good ones, one of a card of an unknown issuer, one that is no envelope, one whose outside was exchanged, a report."""
    holders = [office.holder(name) for name in ("marie", "ludmila", "karel")]  # karel's card has RSA keys
    good = [office.change_entry(holder, "karel_second") for holder in holders * (WORTH_IT // 3)]
    other = office.transaction(holders[0], "bank_account.change", {"account": "x", "account_as_typed": "x"})
    exchanged = office.terminal.entry(office.it.ids.new(), office.sealed(holders[0], other), "2027-01-01T00:00:00Z")
    nonsense = office.terminal.entry(office.it.ids.new(), b"nonsense", "2027-01-01T00:00:00Z")
    report = office.report_entry("death", {"name": "Jana Nová"})
    return [*good, office.change_entry(office.holder("stranger"), "karel_second"), exchanged, nonsense, report]


def test_another_process_opens_what_this_one_would(office: Bench, openers: Openers) -> None:
    rows = received(office, *of_every_kind(office))
    at = office.it.clock.now()
    here = opening.open_entries(rows, office.it.keyring.keys(), at, frozenset())
    assert openers.open(rows, at).result() == here
    assert len({str(one.content) for one in here if isinstance(one.content, str)}) == 3


def test_what_counts_however_old_counts_there_too(office: Bench, openers: Openers) -> None:
    rows = received(office, *[office.change_entry(office.holder("marie"), "karel_second") for _ in range(WORTH_IT)])
    office.later(days=100)
    at, old = office.it.clock.now(), {rows[0].id}
    first, *others = openers.open(rows, at, old).result()
    assert not isinstance(first.content, str)
    assert {one.content for one in others} == {"cannot_be_attributed:clock"}


def test_what_a_process_leaves_undone_is_done_here(
    office: Bench, openers: Openers, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = received(office, *[office.change_entry(office.holder("marie"), "karel_second") for _ in range(WORTH_IT)])
    at = office.it.clock.now()
    monkeypatch.setattr(sys, "executable", "/bin/true")  # a process that ends at once, and answers nothing
    assert [one.row for one in openers.open(rows, at).result()] == rows
    monkeypatch.undo()
    assert all(not isinstance(one.content, str) for one in openers.open(rows, at).result())  # a new one was started


def test_groups_read_ahead_are_decided_like_any_other(office: Bench, openers: Openers) -> None:
    """Three groups, of which one person stands in each; and what was decided meanwhile is left alone."""
    entries = [office.change_entry(office.holder(name), f"{name}_second") for name in ("marie", "ludmila") * 3]
    office.receive(*entries)
    ids = [str(entry["id"]) for entry in entries]
    groups = [ids[:2], ids[2:4], ids[4:]]
    for number, (group, opened) in enumerate(
        zip(groups, decisions.read_ahead(office.it, groups, openers), strict=True)
    ):
        if number == 1:
            office.decide(group[0])  # somebody waited for this one
        moved = decisions.decide_group(office.it, group, opened)
        assert moved == frozenset(group[1:] if number == 1 else group)
    words = [office.request_row(id_) for id_ in ids]
    assert [word.decision for word in words if word is not None] == ["received"] * 2 + ["refused"] * 4


def test_it_ends_when_whoever_started_it_is_gone(office: Bench) -> None:
    state = str(office.it.state)
    process = subprocess.Popen(
        [sys.executable, "-m", opener.__name__, state], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    opener.send(process.stdin, opener.encode(opener.Asked(office.it.clock.now(), [])))
    assert opener.receive(process.stdout) == opener.encode([])
    os.kill(process.pid, signal.SIGINT)  # the keyboard's is not for it
    process.stdin.close()
    assert process.wait(30) == 0
    process.stdout.close()


def test_an_installation_starts_no_process_for_a_few(office: Bench, openers: Openers) -> None:
    it = office.it
    rows = received(office, office.change_entry(office.holder("marie"), "marie_second"))
    assert len(openers.open(rows, it.clock.now()).result()) == 1
    assert not openers._started


def test_it_opens_with_the_sealing_keys_alone(office: Bench, tmp_path: Path) -> None:
    """No key that answers, issues certificates or opens PINs is where it looks, and it misses none."""
    folder = office.it.state / "pki"
    (tmp_path / "bare/pki").mkdir(parents=True)
    for path in [*(folder / f"{name}.pem" for name in ("root", "card-ca", "terminal-ca")), *folder.glob("sealing-*.key")]:
        shutil.copy(path, tmp_path / "bare/pki")
    (row,) = received(office, office.change_entry(office.holder("marie"), "marie_second"))
    asked = opener.Asked(office.it.clock.now(), [opener.Sealed(row.id, row.terminal, row.body, however_old=False)])
    message = BytesIO()
    opener.send(message, opener.encode(asked))
    command = [sys.executable, "-m", opener.__name__, str(tmp_path / "bare")]
    done = subprocess.run(command, input=message.getvalue(), stdout=subprocess.PIPE, check=True)
    answer = opener.receive(BytesIO(done.stdout))
    assert answer is not None
    (found,) = opener.read_found(answer)
    assert found.content() == opening.open_entry(row, office.it.keyring.keys(), asked.at).content
    assert not isinstance(found.content(), str)
