"""The bank-change firewall: no path to *in force* without every guard, whoever pushes.

    entered -> evidenced -> received -> account verified -> contacts notified -> waiting -> in force

`blocked`, `refused`, `held` and `cancelled` are reachable from every state before `in force`, `disputed` after it.

- `table.step(change, event, policy)` is the one transition function, at the terminal and in the back office.
- `guards.missing` is asked at the one gate into force, and again reads everything from the record.
- `policy` has the numbers, the flags and the wait; `wording` what may be told; `notice` the code that stops it;
  `block` a person's own lock; `document` the record as JSON.
"""

from __future__ import annotations

from kiosk.domain.bank_change import events
from kiosk.domain.bank_change.document import from_document, to_document
from kiosk.domain.bank_change.guards import Guard, missing
from kiosk.domain.bank_change.policy import AccountUsage, History, Policy, flags_for, wait_days
from kiosk.domain.bank_change.states import (
    FINAL,
    PENDING,
    Attested,
    Change,
    Evidence,
    Flag,
    Refusal,
    RefusalCode,
    RefusalReason,
    Represented,
    Signed,
    State,
    Verification,
)
from kiosk.domain.bank_change.table import TABLE, enter, fold, step
from kiosk.domain.bank_change.wording import (
    Explanation,
    decision_code,
    effective_on,
    explain,
    stoppable,
    to_confirm,
    verification_code,
)

__all__ = [
    "FINAL",
    "PENDING",
    "TABLE",
    "AccountUsage",
    "Attested",
    "Change",
    "Evidence",
    "Explanation",
    "Flag",
    "Guard",
    "History",
    "Policy",
    "Refusal",
    "RefusalCode",
    "RefusalReason",
    "Represented",
    "Signed",
    "State",
    "Verification",
    "decision_code",
    "effective_on",
    "enter",
    "events",
    "explain",
    "flags_for",
    "fold",
    "from_document",
    "missing",
    "step",
    "stoppable",
    "to_confirm",
    "to_document",
    "verification_code",
    "wait_days",
]
