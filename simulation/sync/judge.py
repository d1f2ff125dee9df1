"""Compares a world that has come to rest with the oracle, and looks for everything that must never be.

Rules:
- The order of things is read from the audit log, whose chain must be whole; what came of them is not.
- Every acknowledged act is in the back office once: received and decided, or quarantined, or in conflict.
- No effect twice: one decision an act, one account a change, one message a key; nothing that nobody did.
- The terminals know the same: nothing waits, and each journal shows the decision that stands.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from back_office import audit
from back_office.repository import ledger, moment
from simulation.sync.oracle import Oracle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from back_office.database import Connection
    from back_office.repository.ledger import AuditRow
    from simulation.sync.plan import Act, Plan
    from simulation.sync.server import Outside
    from simulation.sync.terminal import Acknowledged, Terminal

_MOST_FLAWS = 20


@dataclass(slots=True)
class Judgement:
    """What was found; `flaws` must be empty."""

    acknowledged: int = 0
    destroyed: int = 0
    cached: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    flaws: list[str] = field(default_factory=list)
    flaw_count: int = 0

    def flaw(self, text: str) -> None:
        """Note something that must not be."""
        self.flaw_count += 1
        if len(self.flaws) < _MOST_FLAWS:
            self.flaws.append(text)


@dataclass(slots=True)
class Evidence:
    """What the world kept for its judge."""

    plan: Plan
    bodies: Mapping[tuple[str, str], int]
    """The number of the act, by its id and the hash of its body."""
    acknowledged: list[Acknowledged]
    destroyed: set[tuple[str, int, int, str]]
    """(terminal, epoch, seq, id) of entries that an old journal put back had overwritten before they were delivered.

    When the server was put back as well, of all that were overwritten: the back office may have forgotten them, too.
    """
    outside: Outside
    server_put_back: bool
    """Then the server did some things once more, in another order, and what the bank was told before stands there."""


def judge(db: Connection, evidence: Evidence, terminals: Iterable[Terminal], found: Judgement) -> None:
    """Look at everything; what is found is added to `found`."""
    found.acknowledged = len(evidence.acknowledged)
    verified = audit.verify(db)
    if not isinstance(verified, audit.Intact):
        found.flaw(f"the audit log is broken at line {verified.line}: {verified.how}")
    places = _places(db, evidence, found)
    oracle = _replay(db, places, evidence, found)
    _compare(db, oracle, found)
    _acknowledged(db, evidence, found)
    _once(db, evidence, found)
    for terminal in terminals:
        _terminal(db, terminal, found)


def _places(db: Connection, evidence: Evidence, found: Judgement) -> dict[str, Act]:
    """Which act each inbox row is; a row that is nobody's act was invented."""
    places: dict[str, Act] = {}
    for row in db.execute("SELECT id, body_hash, status, held FROM inbox"):
        n = evidence.bodies.get((row["id"], row["body_hash"]))
        if n is None:
            found.flaw(f"{row['id']} is in the inbox, but nobody did it")
            continue
        places[row["id"]] = evidence.plan.acts[n]
        if row["status"] == "received" and row["held"] != "edit_conflict":
            found.flaw(f"{row['id']} was never decided")
    return places


def _replay(db: Connection, places: Mapping[str, Act], evidence: Evidence, found: Judgement) -> Oracle:
    """Let the oracle live through the same order of things."""
    oracle = Oracle(evidence.plan.persons)
    decided: Counter[str] = Counter()
    for row in ledger.audit_lines(db):
        happened = _decided(row)
        if happened:
            decided[happened] += 1
            if happened in places and decided[happened] == 1:
                oracle.decided(places[happened], moment(row.at))
        elif row.action.startswith("bank_change.") and not row.action.endswith(".refused"):
            _moved(oracle, row)
    for id_, times in decided.items():
        if times > 1:
            found.flaw(f"{id_} was decided {times} times")
    return oracle


def _decided(row: AuditRow) -> str:
    """The id of the act that this line says was taken up; empty for every other line."""
    if row.action in {"bank_change.Received", "bank_change.RulesRefused"}:
        return str(json.loads(row.details)["change"])
    if row.action in {"request.decided", "request.quarantined", "terminal.audit"}:
        return row.subject
    if row.action == "request.conflict" and json.loads(row.details)["because"] == "edit_conflict":
        return row.subject
    return ""


def _moved(oracle: Oracle, row: AuditRow) -> None:
    change = json.loads(row.details).get("change", "")
    if change not in oracle.fates:
        return
    match row.action:
        case "bank_change.VerificationAnswered":
            oracle.bank_answered(change)
        case "bank_change.WaitBegan":
            oracle.notices_out(change, moment(row.at))
        case "bank_change.WaitOver":
            oracle.wait_over(change, moment(row.at))
        case _:
            return


def _compare(db: Connection, oracle: Oracle, found: Judgement) -> None:
    """The product's last word on each act, and everybody's account, against the oracle's."""
    product = {
        row["id"]: _stands(row)
        for row in db.execute(
            "SELECT i.id AS id, status, kind, held, decision FROM inbox i LEFT JOIN request r ON r.id = i.id"
        )
    }
    expected = oracle.settle()
    for id_, fate in expected.items():
        found.fates[fate] += 1
        if product.get(id_) != fate:
            found.flaw(f"{id_} should be {fate} and is {product.get(id_)}")
    for id_ in product.keys() - expected.keys():
        found.flaw(f"{id_} is {product[id_]}, but no line of the audit log says that it was decided")
    accounts = {
        row["person"]: row["iban"] for row in db.execute("SELECT person, iban FROM account WHERE valid_to IS NULL")
    }
    for person, account in oracle.accounts.items():
        if accounts.get(person) != account:
            found.flaw(f"{person} should be paid to {account} and is paid to {accounts.get(person)}")


def _stands(row: Any) -> str:
    """The product's word for where an act stands."""
    if row["status"] == "received":
        return "conflict" if row["held"] == "edit_conflict" else "undecided"
    if row["status"] == "quarantined":
        return "quarantined"
    return str(row["decision"] or ("noted" if row["kind"] != "transaction" else row["status"]))


def _acknowledged(db: Connection, evidence: Evidence, found: Judgement) -> None:
    """Each acknowledged act is there once, in the inbox or among the conflicts."""
    inbox = {
        (row["id"], row["body_hash"]): (row["terminal"], row["epoch"], row["seq"])
        for row in db.execute("SELECT id, body_hash, terminal, epoch, seq FROM inbox")
    }
    conflicts = Counter((row["id"], row["body_hash"]) for row in db.execute("SELECT id, body_hash FROM conflict"))
    for one in evidence.acknowledged:
        name = (one.id, one.body_hash)
        times = (name in inbox) + conflicts[name]
        if times == 1:
            continue
        if times == 0 and (one.terminal, one.epoch, one.seq, one.id) in evidence.destroyed:
            found.destroyed += 1
            continue
        found.flaw(f"{one.id} of {one.terminal} ({one.epoch}/{one.seq}) was acknowledged and is there {times} times")
    found.fates["in conflict"] = sum(conflicts.values())
    cases = Counter(
        (row["kind"], row["subject"])
        for row in db.execute("SELECT kind, subject FROM desk_case WHERE kind IN ('conflict', 'quarantine')")
    )
    for id_, _ in conflicts:
        if cases["conflict", id_] != 1:
            found.flaw(f"the conflict of {id_} is in {cases['conflict', id_]} queues")
    for kind, rows in (
        ("quarantine", db.execute("SELECT id FROM inbox WHERE status = 'quarantined'").fetchall()),
        ("conflict", db.execute("SELECT id FROM inbox WHERE held = 'edit_conflict'").fetchall()),
    ):
        for row in rows:
            if cases[kind, row["id"]] != 1:
                found.flaw(f"{row['id']}, for an officer, is in {cases[kind, row['id']]} queues of {kind}")


def _once(db: Connection, evidence: Evidence, found: Judgement) -> None:
    """No effect twice."""
    for row in db.execute(
        "SELECT change, count(*) AS times FROM account WHERE change IS NOT NULL GROUP BY change HAVING count(*) > 1"
    ):
        found.flaw(f"the change {row['change']} opened {row['times']} accounts")
    for row in db.execute(
        "SELECT change FROM bank_change_event WHERE after = 'in_force' GROUP BY change HAVING count(*) > 1"
    ):
        found.flaw(f"the change {row['change']} came into force twice")
    for text in () if evidence.server_put_back else evidence.outside.contradictions:
        found.flaw(text)
    for row in db.execute("SELECT key FROM outbox WHERE done_at IS NULL"):
        found.flaw(f"the message {row['key']} was never booked")


def _terminal(db: Connection, terminal: Terminal, found: Judgement) -> None:
    """What a terminal's own journal says is what stands in the back office."""
    journal = terminal.journal
    if journal is None or journal.backlog:
        found.flaw(
            f"{terminal.who.name} has {'no journal' if journal is None else f'{journal.backlog} entries waiting'}"
        )
        return
    stands = _standing(db, terminal.who.name, journal.head.epoch)
    for seq in range(1, journal.head.seq + 1):
        known = stands.get(seq)
        entry = journal._read(  # noqa: SLF001 - as `guichet journal list` reads it
            "SELECT e.id, state, decision FROM entry e LEFT JOIN delivery d ON d.seq = e.seq WHERE e.seq = ?", (seq,)
        )
        id_, state, decision = entry[0]
        if known is None or known["id"] != id_:
            if state == "received":
                found.flaw(f"{terminal.who.name} believes that {id_} was received")
            continue
        if state not in {"received", known["status"]}:
            found.flaw(f"{terminal.who.name} has {id_} as {state}, the back office as {known['status']}")
        elif known["decision"] and known["decision"] != "received" and decision != known["decision"]:
            found.flaw(f"{terminal.who.name} shows {decision or 'nothing'} for {id_}, which is {known['decision']}")


def _standing(db: Connection, terminal: str, epoch: int) -> dict[int, Any]:
    rows = db.execute(
        "SELECT i.seq AS seq, i.id AS id, i.status AS status, r.decision AS decision"
        " FROM inbox i LEFT JOIN request r ON r.id = i.id WHERE i.terminal = ? AND i.epoch = ?",
        (terminal, epoch),
    )
    return {int(row["seq"]): dict(row) for row in rows}
