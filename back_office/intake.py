"""Receives journal entries: durable in the inbox, then acknowledged; deciding comes after and elsewhere.

Rules:
- Several terminals' pushes are one transaction, beside other such transactions; each nonce is spent in it.
- Same id, same body: the same answer again. Same id, other body: conflict. Both are kept, nothing is dropped.
- What is out of order in any way (`_Irregular`) is taken again alone, in an ordered transaction, with its audit lines.
- The chain head is remembered; a journal put back (`journals`) suspends its terminal. What a suspended terminal delivers
  is kept in the inbox and decided when a technician has resumed it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from back_office import audit, evidence, journals, push
from back_office.api_types import ChainHead, ItemResult, Push, Pushed, Refused
from back_office.gate import NONCE_USED
from back_office.push import Batch
from back_office.repository import arrivals, conflicts, desk, feed, inbox, ledger, moment, terminals, timestamp
from back_office.repository.arrivals import Arrival, Known, Signed
from kiosk.domain.audit import Actor
from kiosk.domain.errors import Bug
from kiosk.wire.canonical import digest
from kiosk.wire.journal_chain import GENESIS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from back_office.database import Connection
    from back_office.evidence import Evidence
    from back_office.installation import Installation, Work
    from back_office.repository.arrivals import Standing
    from back_office.repository.inbox import VerdictRow
    from back_office.repository.terminals import JournalHead, Terminal

UNDECIDED = "received"
"""The decision code that says that nobody has decided yet; it never goes out as a decision."""
SUSPENDED = "terminal_suspended"
OVERTAKEN = timedelta(seconds=120)
"""Older than any request that is still accepted (60 s either way)."""
_SEEN_EVERY_SECONDS = 60.0
_LOGGED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Received:
    """The answer, and whether there is something new to decide."""

    answer: Pushed
    new: frozenset[str]


Outcome = Received | Refused


class _Irregular(Exception):  # noqa: N818 - no error: it has to be done in another way
    """These batches (by their ids) need a transaction of their own."""

    def __init__(self, batches: set[str]) -> None:
        super().__init__()
        self.batches = batches


def receive(it: Installation, terminal: Terminal, parts: Push) -> Received:
    """Take one batch that nobody signed (tests, and programs that embed the server)."""
    batch = Batch(it.ids.new(), terminal, it.clock.now())
    push.fill(batch, parts)
    (outcome,) = receive_group(it, [batch])
    if isinstance(outcome, Refused):
        raise Bug(f"a push without a nonce was refused ({outcome.code})")
    return outcome


def receive_group(it: Installation, batches: Sequence[Batch]) -> list[Outcome]:
    """Take batches, of any terminals; durable when this returns. Outcomes in the order of the batches."""
    outcomes: dict[str, Outcome] = {}
    together = [batch for batch in batches if not batch.irregular]
    alone = {batch.id for batch in batches} - {batch.id for batch in together}
    while together:
        try:
            with it.database.write_alongside() as db:
                done = _Taking(it, db, together).take()
            outcomes |= done
            break
        except _Irregular as found:
            alone |= found.batches
            together = [batch for batch in together if batch.id not in found.batches]
    for batch in batches:
        if batch.id in alone:
            with it.work() as work:
                outcomes |= _Taking(it, work.db, [batch], work).take()
    return [outcomes[batch.id] for batch in batches]


@dataclass(slots=True)
class _Taking:
    """One transaction that takes batches: beside others, or (with `work`) ordered and alone, whatever is wrong with it."""

    it: Installation
    db: Connection
    batches: list[Batch]
    work: Work | None = None
    new: dict[str, Arrival] = field(default_factory=dict)
    new_of: dict[str, set[str]] = field(default_factory=dict)
    """The same by the batch that brought them: a group may hold hundreds of batches."""
    held: bool = False
    known: dict[str, Known] = field(default_factory=dict)
    words: dict[str, VerdictRow] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    heads: dict[tuple[str, int], JournalHead] = field(default_factory=dict)
    answers: dict[tuple[str, str, str], ItemResult] = field(default_factory=dict)
    history: str | None = None
    """The back office's, once somebody was told of it."""
    aside: list[Arrival] = field(default_factory=list)
    """Whose id was taken: no hole in their journal, though they lie among the conflicts."""

    def take(self) -> dict[str, Outcome]:
        """Do everything; the caller's transaction makes it durable."""
        outcomes = self._admit()
        admitted = [batch for batch in self.batches if batch.id not in outcomes]
        self._enter(admitted)
        # Not before: two pushes of one terminal enter beside each other, and only then one waits for the other's end.
        self.heads = arrivals.heads(self.db, {batch.terminal.id for batch in admitted})
        self._follow_chains(admitted)
        self._keep_batches(admitted)
        for batch in admitted:
            results = [self._result(place) for place in batch.places]
            of_nothing = not results and not batch.prints
            answer = self._known_of(batch.terminal) if of_nothing else Pushed(results, self._head(batch.terminal))
            outcomes[batch.id] = Received(answer, self._new_of(batch))
        return outcomes

    # --- who pushes -----------------------------------------------------------------------------------

    def _admit(self) -> dict[str, Outcome]:
        """Spend the nonces, and look at the terminals as they are at this moment."""
        nonces = [batch.nonce for batch in self.batches if batch.nonce is not None]
        fresh = arrivals.spend_nonces(self.db, nonces)
        now = self.standings = arrivals.standings(self.db, {batch.terminal.id for batch in self.batches})
        refused: dict[str, Outcome] = {}
        used: set[tuple[str, str]] = set()
        for batch in self.batches:
            if batch.nonce is not None:
                key = batch.nonce[:2]
                if key not in fresh or key in used:
                    refused[batch.id] = NONCE_USED
                    continue
                used.add(key)
            standing = now[batch.terminal.id]
            if standing.public_key != batch.terminal.public_key or standing.state == "retired":
                refused[batch.id] = _not_served(batch.terminal.id, standing)
            elif standing.state == "suspended":
                self._hold(batch)
        self._note_life(now)
        return refused

    def _hold(self, batch: Batch) -> None:
        """Keep what a suspended terminal delivers, undecided."""
        if self.work is None and batch.places:
            raise _Irregular({batch.id})
        self.held = True
        batch.places = [
            place._replace(held=SUSPENDED) if isinstance(place, Arrival) else place for place in batch.places
        ]

    def _note_life(self, now: dict[str, Standing]) -> None:
        at = max(batch.at for batch in self.batches)
        long_ago = [
            terminal
            for terminal, standing in now.items()
            if standing.last_seen_at is None
            or (at - moment(standing.last_seen_at)).total_seconds() > _SEEN_EVERY_SECONDS
        ]
        arrivals.seen(self.db, long_ago, timestamp(at))

    # --- entries --------------------------------------------------------------------------------------

    def _enter(self, admitted: list[Batch]) -> None:
        """Write what is new; find out about the rest."""
        wanted: dict[str, Arrival] = {}
        for batch in admitted:
            for entry in batch.entries:
                if self._has_journal(entry):
                    wanted.setdefault(entry.id, entry)
        self.new = {id_: wanted[id_] for id_ in arrivals.add(self.db, wanted.values())}
        rest = sorted({entry.id for batch in admitted for entry in batch.entries if entry.id not in self.new})
        self.known = arrivals.known(self.db, rest)
        self.words = arrivals.newest_verdicts(self.db, rest)
        for entry in self.new.values():
            self.new_of.setdefault(entry.batch, set()).add(entry.id)
        out_of_order = [(batch, entry) for batch in admitted for entry in batch.entries if not self._is_kept(entry)]
        if self.work is None and out_of_order:
            raise _Irregular({batch.id for batch, _ in out_of_order})
        for batch, entry in out_of_order:
            self._turn_away(batch.terminal, entry)

    def _has_journal(self, entry: Arrival) -> bool:
        """Tell whether the entry is of a journal that was bound to its terminal."""
        return entry.epoch in self.standings[entry.terminal].epochs

    def _is_kept(self, entry: Arrival) -> bool:
        """Tell whether this entry is the one that is kept under its id."""
        if self.new.get(entry.id) is entry:
            return True
        found = self.known.get(entry.id) or self.new.get(entry.id)
        return found is not None and (found.terminal, found.body_hash, found.hash) == (
            entry.terminal,
            entry.body_hash,
            entry.hash,
        )

    def _turn_away(self, terminal: Terminal, entry: Arrival) -> None:
        """Keep what cannot enter, once, and let the desk look at it."""
        work = self.work
        assert work is not None  # noqa: S101 - `_enter` asked for an ordered transaction
        if entry.id in self.known or entry.id in self.new:
            reason, status = "other_body", "conflict"
            self.aside.append(entry)
        elif not self._has_journal(entry):
            reason, status = "epoch_unknown", "quarantined"
        else:
            reason, status = "place_taken", "conflict"
            journals.suspend(work, terminal, journals.Flaw("journal_put_back", entry.epoch, entry.seq))
        self.answers[entry.id, entry.body_hash, entry.hash] = ItemResult(entry.id, status, reason=reason)
        if conflicts.keep(self.db, entry, reason):
            desk.open_case(
                self.db, kind="conflict", subject=entry.id, office=terminal.office, reason=reason, at=work.time
            )
            details = {"because": reason, "epoch": str(entry.epoch), "seq": str(entry.seq)}
            actor = Actor("terminal", terminal.id, terminal.office)
            audit.record(self.db, work.at, actor, "request.conflict", entry.id, purpose="intake", details=details)

    # --- chains ---------------------------------------------------------------------------------------

    def _follow_chains(self, admitted: list[Batch]) -> None:
        """Move the heads; a chain that is not the one delivered before suspends its terminal."""
        fresh: dict[tuple[str, int], list[Arrival]] = {}
        for entry in (*self.new.values(), *self.aside):
            if (entry.terminal, entry.epoch) in self.heads:
                fresh.setdefault((entry.terminal, entry.epoch), []).append(entry)
        moved: list[JournalHead] = []
        broken: dict[str, list[journals.Flaw]] = {}
        for journal, entries in fresh.items():
            head, flaw = journals.follow(self.db, self.heads[journal], entries)
            self.heads[journal] = head
            moved.append(head)
            if flaw is not None:
                broken.setdefault(journal[0], []).append(flaw)
        if broken and self.work is None:
            raise _Irregular({batch.id for batch in admitted if batch.terminal.id in broken})
        for batch in admitted if self.work is not None else ():
            self._note_flaws(batch, broken.get(batch.terminal.id, ()))
        arrivals.move_heads(self.db, moved)

    def _note_flaws(self, batch: Batch, flaws: Sequence[journals.Flaw]) -> None:
        work, terminal = self.work, batch.terminal
        assert work is not None  # noqa: S101 - asked by the caller
        for flaw in flaws:
            journals.suspend(work, terminal, flaw)
        for entry in batch.entries:
            if entry.id in batch.wrong_hashes and entry.id in self.new:
                journals.mark(work, terminal, journals.Flaw("hash_wrong", entry.epoch, entry.seq))
        self.held = journals.is_suspended(work, terminal.id)
        if self.held:
            journals.hold(work, self.new)

    # --- what is kept beside --------------------------------------------------------------------------

    def _keep_batches(self, admitted: list[Batch]) -> None:
        signed: list[Signed] = []
        prints: dict[tuple[str, str], tuple[str, str]] = {}
        for batch in admitted:
            new = self._new_of(batch)
            proof = batch.evidence
            if proof is not None and (new or batch.odd or self.answers):
                kept = [(entry.id, entry.body) for entry in batch.entries if self._is_kept(entry)]
                framed = evidence.frame(batch.body, kept)
                signed.append(_signed(batch, proof, len(new), framed))
            for report in batch.prints:
                prints[report.id, report.stage] = (report.outcome, timestamp(batch.at))
            for odd in batch.odd:
                self._keep_odd(batch, odd)
        arrivals.add_batches(self.db, signed)
        self._report_prints(admitted, prints)

    def _keep_odd(self, batch: Batch, odd: push.Odd) -> None:
        work, terminal = self.work, batch.terminal
        assert work is not None  # noqa: S101 - such a batch is irregular
        if not conflicts.keep_refused(
            self.db, terminal.id, odd.claimed_id, digest(odd.raw), odd.raw, odd.reason[:500], work.time
        ):
            return
        subject = push.odd_subject(odd)
        desk.open_case(
            self.db, kind="quarantine", subject=subject, office=terminal.office, reason="not_an_entry", at=work.time
        )
        actor = Actor("terminal", terminal.id, terminal.office)
        audit.record(
            self.db, work.at, actor, "request.refused", subject, purpose="intake", details={"because": "not_an_entry"}
        )

    def _report_prints(self, admitted: list[Batch], prints: dict[tuple[str, str], tuple[str, str]]) -> None:
        """Keep how receipts came out, for the terminals' own entries only."""
        if not prints:
            return
        found = arrivals.known(self.db, sorted({id_ for id_, _ in prints}))
        own = {
            (report.id, report.stage)
            for batch in admitted
            for report in batch.prints
            if report.id in found and found[report.id].terminal == batch.terminal.id
        }
        arrivals.report_prints(self.db, {key: value for key, value in prints.items() if key in own})

    # --- answers --------------------------------------------------------------------------------------

    def _new_of(self, batch: Batch) -> frozenset[str]:
        return frozenset(self.new_of.get(batch.id, ()))

    def _head(self, terminal: Terminal) -> ChainHead:
        head = self.heads.get((terminal.id, terminal.journal_epoch))
        if head is None:
            return ChainHead(terminal.journal_epoch, 0, GENESIS.hex())
        return _told(head)

    def _known_of(self, terminal: Terminal) -> Pushed:
        """Answer a push of nothing: how far every journal of the terminal is known, and in which history."""
        epochs = self.standings[terminal.id].epochs - {terminal.journal_epoch}
        earlier = [_told(self.heads[terminal.id, epoch]) for epoch in sorted(epochs)]
        if self.history is None:
            self.history = ledger.setting(self.db, feed.EPOCH) or ""
        return Pushed([], self._head(terminal), earlier, self.history)

    def _result(self, place: Arrival | ItemResult) -> ItemResult:
        if isinstance(place, ItemResult):
            return place
        turned_away = self.answers.get((place.id, place.body_hash, place.hash))
        if turned_away is not None:
            return turned_away
        found = self.known.get(place.id)
        if found is None:
            return ItemResult(place.id, "received", reason=SUSPENDED if self.held else "")
        return result_of(found.id, found.status, found.reason or found.held, self.words.get(found.id))


def _signed(batch: Batch, proof: Evidence, entries: int, framed: bytes) -> Signed:
    return Signed(
        batch.id,
        batch.terminal.id,
        timestamp(batch.at),
        entries,
        proof.content_digest,
        proof.signature_input,
        proof.signature,
        proof.public_key,
        framed,
    )


def _told(head: JournalHead) -> ChainHead:
    return ChainHead(head.epoch, head.seq, head.hash or GENESIS.hex())


def _not_served(terminal: str, standing: Standing) -> Refused:
    if standing.state == "retired":
        return Refused(403, "retired", f"The terminal {terminal} is retired.", "Enrol it under a new id.")
    return Refused(401, "signature_invalid", "The terminal has another key by now.", "Sign with the enrolled key.")


def result_of(id_: str, status: str, reason: str, word: VerdictRow | None) -> ItemResult:
    """Say how an entry stands; the decision once there is one."""
    shown = "quarantined" if status == "quarantined" else "refused" if status == "refused" else "received"
    if word is None or word.decision == UNDECIDED:
        return ItemResult(id_, shown, reason=reason)
    sealed = None if word.sealed is None else word.sealed.decode("ascii")
    return ItemResult(id_, shown, word.decision, sealed, reason)


def keep_heartbeat(work: Work, terminal: Terminal, report: dict[str, Any]) -> None:
    """Keep how the terminal is; a journal shorter than what it delivered before was put back, and it is suspended.

    Only what it delivered a while ago counts: a push may overtake the heartbeat that was written before it.
    """
    terminals.seen(work.db, terminal.id, work.time, json.dumps(report, sort_keys=True))
    epoch, seq = report.get("journal_epoch"), report.get("journal_seq")
    if not isinstance(epoch, int) or not isinstance(seq, int) or not 0 <= epoch < 2**31 or not 0 <= seq < 2**31:
        return
    missing = inbox.by_place(work.db, terminal.id, epoch, seq + 1)
    if missing is not None and moment(missing.received_at) < work.at - OVERTAKEN:
        journals.suspend(work, terminal, journals.Flaw("journal_put_back", epoch, seq))


def log_pushes(it: Installation) -> int:
    """Bring pushes that were received beside others into the audit log, in order; how many."""
    with it.database.read() as db:
        waiting = conflicts.unlogged(db, _LOGGED_AT_ONCE)
    if not waiting:
        return 0
    with it.work() as work:
        for batch_id, terminal, received_at, entries in conflicts.unlogged(work.db, _LOGGED_AT_ONCE):
            known = terminals.terminal(work.db, terminal)
            actor = Actor("terminal", terminal, "" if known is None else known.office)
            details = {"count": str(entries)}
            audit.record(
                work.db, moment(received_at), actor, "push.received", batch_id, purpose="intake", details=details
            )
            conflicts.logged(work.db, batch_id)
    return len(waiting)
