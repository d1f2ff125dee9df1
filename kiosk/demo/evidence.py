"""What happened, as the databases and the partners' files tell it; never what a script believes.

Rules:
- The terminal's journal is read through `guichet journal list`, the back office's database in transactions that only read, the partners'
  files as they lie there.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from back_office import feed
from back_office.installation import open_record
from back_office.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from back_office.database import Row


@dataclass(slots=True)
class VisitEvidence:
    """One visit of the summary. A visit that recorded nothing has empty fields."""

    name: str
    outcome: str = ""
    reference: str = ""
    transaction_id: str = ""
    journal_seq: int | None = None
    delivered: int = 0
    decision: str = ""
    account_verification: str = ""
    bank_notified: bool = False
    receipt_stages: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Give the row of `summary.json`."""
        return {**asdict(self), "seconds": round(self.seconds, 2)}


class Evidence:
    """The records of one demonstration."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def _rows(self, sql: str, *parameters: str) -> list[Row]:
        database = open_record(self._state, load_settings(self._state))
        try:
            with database.read() as db:
                return db.execute(sql, parameters).fetchall()
        finally:
            database.close()

    def fill(self, visit: VisitEvidence, journal_row: dict[str, Any] | None) -> None:
        """Complete a visit's row from its journal row and what the other side knows of it."""
        if journal_row is None:
            return
        visit.transaction_id = str(journal_row["id"])
        visit.journal_seq = int(journal_row["seq"])
        visit.reference = str(journal_row["reference"])
        inbox = self._rows("SELECT count(*) AS n FROM inbox WHERE id = ?", visit.transaction_id)
        visit.delivered = int(inbox[0]["n"])
        for row in self._rows("SELECT decision FROM request WHERE id = ?", visit.transaction_id):
            visit.decision = str(row["decision"])
        for row in self._rows("SELECT verification FROM bank_change WHERE id = ?", visit.transaction_id):
            visit.account_verification = str(row["verification"])
        visit.bank_notified = self.bank_notified(visit.transaction_id)
        prints = self._rows(
            "SELECT stage, outcome FROM print_report WHERE id = ? ORDER BY at, CASE stage WHEN 'received' THEN 0 ELSE 1 END",
            visit.transaction_id,
        )
        visit.receipt_stages = [f"{row['stage']}: {row['outcome']}" for row in prints]

    def decision(self, transaction_id: str) -> str:
        """Look up the back office's decision on a transaction, empty while there is none."""
        rows = self._rows("SELECT decision FROM request WHERE id = ?", transaction_id)
        return str(rows[0]["decision"]) if rows else ""

    def received_transaction(self, transaction_id: str) -> int:
        """How often a transaction stands in the inbox."""
        return int(self._rows("SELECT count(*) AS n FROM inbox WHERE id = ?", transaction_id)[0]["n"])

    def outcome_of_steps(self, log: Path, after: int) -> str:
        """How a visit without a record ended, as the terminal's own log tells: its last step that says why."""
        telling = {"CardRefusedPhase", "NothingRecorded", "PinIsBlocked", "NotKnownWhetherRecorded", "CodeAnswered"}
        with log.open("rb") as lines:
            lines.seek(after)
            entries = [entry for line in lines for entry in entries_of(line) if entry.get("event") == "step"]
        steps = [str(entry["step"]) for entry in entries]
        said = [step for step in steps if step in telling]
        timed_out = any(e["step"] == "TakingCard" and e["cause"] == "Ticked" for e in entries)
        return said[-1] if said else "TimedOut" if timed_out else steps[-1] if steps else ""

    def account_in_force(self, card: str) -> str:
        """Look up the account that the holder of a card is paid to."""
        rows = self._rows(
            "SELECT account.iban FROM account JOIN card ON card.person = account.person"
            " WHERE card.number = ? AND account.valid_to IS NULL",
            card,
        )
        return str(rows[0]["iban"]) if rows else ""

    def proof_of_life_due(self, card: str) -> str:
        """Look up by which day the holder of a card is to show to be alive."""
        rows = self._rows(
            "SELECT due_on FROM proof_of_life JOIN card ON card.person = proof_of_life.person WHERE card.number = ?", card
        )
        return str(rows[0]["due_on"]) if rows else ""

    def provisional(self, number: str) -> bool | None:
        """Whether the person under this number is registered provisionally; None: there is nobody."""
        rows = self._rows("SELECT provisional FROM person WHERE number = ?", number)
        return bool(rows[0]["provisional"]) if rows else None

    def is_published(self, *cards: str) -> bool:
        """Whether nothing of the records of these cards' holders waits to be sealed."""
        sql = "SELECT 1 FROM person_record JOIN card USING (person) WHERE touched > done AND card.number = ?"
        return not any(self._rows(sql, card) for card in cards)

    def is_newest(self, cursor: str) -> bool:
        """Whether the office's terminals would be told nothing new after this cursor."""
        database = open_record(self._state, load_settings(self._state))
        try:
            page = feed.read(database, "101", cursor, 1) if cursor else None
        finally:
            database.close()
        return isinstance(page, feed.Page) and not page.new

    def iban_of(self, transaction_id: str) -> str:
        """Look up the account that a change asks for."""
        rows = self._rows("SELECT iban FROM bank_change WHERE id = ?", transaction_id)
        return str(rows[0]["iban"]) if rows else ""

    def bank_notified(self, transaction_id: str) -> bool:
        """Whether the bank's own file holds the notice of this account."""
        iban = self.iban_of(transaction_id)
        path = self._state / "bank" / "accounts.json"
        return bool(iban) and path.exists() and iban in path.read_text("utf-8")

    def notices(self) -> list[Path]:
        """Everything that the gateways of the message partner accepted, oldest first."""
        folder = self._state / "messages"
        found = [p for kind in ("mail/*.eml", "sms/*.json", "letters/*.json") for p in folder.glob(kind)]
        return sorted(found, key=lambda p: p.stat().st_mtime_ns)

    def count(self, sql: str, *parameters: str) -> int:
        """How many rows a question about the back office's record has."""
        return len(self._rows(sql, *parameters))


def entries_of(line: bytes) -> list[dict[str, Any]]:
    """Read the entries of a line: a visit and its successor may have written theirs at one moment, on one line."""
    text, found = line.decode("utf-8", "replace"), []
    while (start := text.find("{")) >= 0:
        try:
            entry, end = json.JSONDecoder().raw_decode(text, start)
        except ValueError:  # no entry of ours
            break
        found.append(entry)
        text = text[end:]
    return found
