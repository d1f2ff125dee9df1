"""The background rounds of the server: decides what was received, lets waits end, keeps the outbox moving, seals records.

Rules:
- One thread makes the rounds; calls to partners run in a small pool, so that a slow partner delays no other.
- A bell starts a round at once; without it a round is made every quarter of a second, which also sees what another
  process (the desk, the command line) committed, and a clock that was moved.
- What was received is decided in groups; whom somebody waits for at a terminal is decided by who asks (`app`), at once.
- A fault in one item sets that item aside and delays nobody; a fault of the disk leaves everything for the next round.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import structlog

from back_office import aside, decisions, feed, firewall, intake, logs, outbox, records
from back_office.feed import FeedWatch
from back_office.openers import Openers
from back_office.ports import Unavailable
from back_office.repository import changes, inbox, terminals, timestamp
from back_office.repository import outbox as outbox_rows
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from back_office.installation import Installation
    from back_office.openers import Opening
    from back_office.ports import Partners
    from back_office.repository.outbox import OutboxRow
    from back_office.wakeups import Bell, Wakeups

ROUND_SECONDS = 0.25
HOUSEKEEPING_SECONDS = 60.0
AT_ONCE = 100
UNDECIDED_AT_ONCE = 1000
QUIET_SECONDS = 0.5
"""So long a group waits for pushes that are under way; nobody stands before a terminal for it."""
BACKLOG_QUIET_SECONDS = 0.1
"""The same when more waits than a round takes."""
DECIDED_TOGETHER = 200
"""In one transaction, a tenth of a second: who decides alone, because somebody waits, waits no longer than for this."""


class Rounds:
    """Start it with the server, stop it before the database is closed."""

    def __init__(self, it: Installation, partners: Partners, bell: Bell, wakeups: Wakeups) -> None:
        self._it = it
        self._partners = partners
        self._bell = bell
        self._wakeups = wakeups
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rounds")
        self._pool = ThreadPoolExecutor(it.settings.partners.workers, thread_name_prefix="partner")
        self._openers = Openers(it.state, it.keyring)
        self._sending: set[int] = set()
        self._lock = threading.Lock()
        self._seen = -1
        self._feed = FeedWatch(it)
        self._housekept = float("-inf")

    def start(self) -> None:
        """Begin; what an earlier run left undone is taken up in the first round."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round under way; messages being sent are waited for."""
        self._stopping.set()
        self._bell.ring()
        self._thread.join()
        self._openers.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        log = structlog.get_logger()
        while not self._stopping.is_set():
            try:
                self.round()
            except Exception as error:  # noqa: BLE001 - the rounds outlive any fault; what was not done stays to be done
                log.warning("round_failed", **logs.describe(error))
            self._bell.wait(ROUND_SECONDS)

    def round(self) -> None:
        """Look at everything once."""
        counter = self._it.database.others_counter()
        if counter != self._seen:
            self._seen = counter
            self._wakeups.tell(None)  # another process may have moved what somebody follows
        now = timestamp(self._it.clock.now())
        with self._it.database.read() as db:
            undecided = inbox.undecided(db, UNDECIDED_AT_ONCE)
            due = changes.due_changes(db, now)
            messages = outbox_rows.due(db, now, AT_ONCE)
        patience = QUIET_SECONDS if len(undecided) < UNDECIDED_AT_ONCE else BACKLOG_QUIET_SECONDS
        groups = [undecided[start : start + DECIDED_TOGETHER] for start in range(0, len(undecided), DECIDED_TOGETHER)]
        if groups:
            self._bell.wait_for_quiet(patience)  # reading and opening ahead takes as much from who pushes as deciding
        for number, (ids, opened) in enumerate(
            zip(groups, decisions.read_ahead(self._it, groups, self._openers), strict=True)
        ):
            if number:
                self._bell.wait_for_quiet(patience)
            self._decide(ids, opened)
        for change_id in due:
            self._end_wait(change_id)
        for row in messages:
            self._send(row)
        if intake.log_pushes(self._it) or records.publish(self._it) or len(undecided) == UNDECIDED_AT_ONCE:
            self._bell.ring()
        moved = self._feed.moved()
        if moved:
            feed.check_history(self._it)  # keep how far it has come before anybody is told
        self._wakeups.tell_feed(moved)
        self._keep_house()

    def _decide(self, ids: list[str], opened: Opening | None = None) -> None:
        try:
            moved = decisions.decide_group(self._it, ids, opened)
        except EnvironmentFault:
            raise  # the disk or the keys, not an item
        except Exception as error:  # noqa: BLE001 - whatever it is, one item must not delay the others
            structlog.get_logger().warning("group_failed", count=len(ids), **logs.describe(error))
            if len(ids) > 1:
                for transaction_id in ids:
                    self._decide([transaction_id])
                return
            moved = decisions.set_aside(self._it, ids[0], f"fault:{type(error).__name__}")
        self._tell(moved)
        self._bell.ring()  # deciding wrote outbox rows

    def _end_wait(self, change_id: str) -> None:
        try:
            with self._it.work() as work:
                firewall.wait_is_over(work, change_id)
        except EnvironmentFault:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, this item must not delay the others
            structlog.get_logger().warning("wait_failed", id=change_id, **logs.describe(error))
            return
        self._tell({change_id})
        self._bell.ring()

    def _send(self, row: OutboxRow) -> None:
        if not self._it.database.works_alone():
            return  # of several servers on one database one sends: nobody is told twice
        with self._lock:
            if row.n in self._sending:
                return
            self._sending.add(row.n)
        self._pool.submit(self._deliver, row)

    def _deliver(self, row: OutboxRow) -> None:
        try:
            with self._it.database.read() as db:  # booked between the round's look and now?
                if not outbox_rows.is_open(db, row.n):
                    return
            try:
                reply = outbox.send(row, self._partners, self._it.settings.partners.timeout_seconds)
            except Exception as error:  # noqa: BLE001 - the rounds outlive any fault; what was not done stays to be done
                structlog.get_logger().warning("partner_call_failed", kind=row.kind, **logs.describe(error))
                reply = Unavailable(type(error).__name__)
            self._tell(outbox.book(self._it, row, reply))
            if not isinstance(reply, Unavailable):
                self._bell.ring()
        except Exception as error:  # noqa: BLE001 - whatever it is, this item must not delay the others
            structlog.get_logger().warning("booking_failed", kind=row.kind, **logs.describe(error))
        finally:
            with self._lock:
                self._sending.discard(row.n)

    def _tell(self, ids: Iterable[str]) -> None:
        if ids:
            self._wakeups.tell(ids)

    def _keep_house(self) -> None:
        now = self._it.clock.monotonic()
        if now - self._housekept < HOUSEKEEPING_SECONDS:
            return
        self._housekept = now
        with self._it.work() as work:
            terminals.forget_nonces(work.db, work.time)
            aside.forget_old(work)
            records.sweep(work)
        feed.check_history(self._it)
