"""A search for a way around the firewall: whatever happens in whatever order, force comes only through every guard.

The machine keeps its own account of what was taken, in terms of the design and without the product's guards, and
compares it with the change at the moment that comes into force.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from kiosk.domain.bank_change import (
    FINAL,
    TABLE,
    Change,
    Flag,
    RefusalReason,
    State,
    Verification,
    decision_code,
    enter,
    events,
    explain,
    from_document,
    step,
    to_document,
)
from tests.unit.domain.bank_change.cases import CARD, DIGEST, MANDATE, NEW, OLD, PERSON, POLICY, START

OFFICERS = ("A", "B", "C")
ANSWERS = (Verification.MATCH, Verification.CLOSE_MATCH, Verification.NO_MATCH, Verification.NOT_POSSIBLE)

times = st.just(START)  # replaced by the machine's clock when an event is sent
officers = st.sampled_from(OFFICERS)
people = st.sampled_from([PERSON, PERSON, "another"])
mostly = st.sampled_from([True, True, True, False])
flags = st.frozensets(st.sampled_from([Flag.PIN_CHANGED, Flag.ACCOUNT_SHARED]), max_size=1)

PUSHES = {
    events.HolderSigned: st.builds(events.HolderSigned, times, people, st.just(CARD), mostly),
    events.EntryAttested: st.builds(events.EntryAttested, times, officers, st.sampled_from(["passport", ""])),
    events.AttestationApproved: st.builds(events.AttestationApproved, times, officers),
    events.RepresentativeSigned: st.builds(
        events.RepresentativeSigned, times, st.just("R"), st.just(MANDATE), st.booleans(), mostly
    ),
    events.Received: st.builds(events.Received, times, flags, st.just(False)),
    events.VerificationAsked: st.builds(events.VerificationAsked, times, st.integers(0, 4)),
    events.VerificationAnswered: st.builds(
        events.VerificationAnswered, times, st.sampled_from(list(Verification)), st.just("Marie N.")
    ),
    events.ContactsNotified: st.builds(
        events.ContactsNotified, times, st.integers(0, 2), st.integers(0, 1), st.booleans(), st.just(DIGEST)
    ),
    events.WaitBegan: st.builds(events.WaitBegan, times),
    events.WaitOver: st.builds(events.WaitOver, times, st.just(False)),
    events.HolderConfirmed: st.builds(events.HolderConfirmed, times, people, mostly),
    events.BankProofShown: st.builds(events.BankProofShown, times, officers, st.just("statement")),
    events.OfficerApproved: st.builds(events.OfficerApproved, times, officers, st.just("looked at it")),
}
"""What brings a change on, by kind."""

DOUBTS = st.one_of(
    st.builds(events.HoldPlaced, times, officers, st.just("odd")),
    st.builds(events.FlagRaised, times, st.sampled_from(list(Flag))),
)
"""What holds it up."""

ENDS = st.one_of(
    st.builds(events.StoppedByCode, times, st.sampled_from([DIGEST, "0" * 64])),
    st.builds(events.StoppedByHolder, times, people),
    st.builds(events.BlockPlaced, times),
    st.builds(events.OfficerRefused, times, officers, st.just("no")),
    st.builds(events.RulesRefused, times, st.just(RefusalReason.RECORD_CHANGED)),
    st.builds(events.DisputeDismissed, times, officers, st.just("not so")),
    st.builds(events.DisputeUpheld, times, officers, st.just("diverted")),
)
"""What ends it, disputes it, or settles the dispute."""


class Firewall(RuleBasedStateMachine):
    """One change, the hands that push it, and what really happened."""

    def __init__(self):
        super().__init__()
        self.now = START
        self.begin(())

    @initialize(helpers=st.sampled_from([(), (), (), ("A",)]))
    def begin(self, helpers):
        """A new change, of a person without a block."""
        self.blocked = False
        self.happened: list[tuple[State, events.Event, Change]] = []
        self.change = enter("c1", PERSON, NEW, OLD, at=self.now, helpers=helpers)

    def begin_again_when_done(self):
        if self.change.state in {State.IN_FORCE, State.DISPUTED, *FINAL}:
            self.begin(("A",) if len(self.happened) % 4 == 0 else ())

    def send(self, event):
        if isinstance(event, events.Received | events.WaitOver):
            event = replace(event, blocked=self.blocked)
        event = replace(event, at=self.now)
        before = self.change
        outcome = step(before, event, POLICY)
        if not isinstance(outcome, Change):
            return
        self.change = outcome
        self.happened.append((before.state, event, outcome))
        self.check_what_is_told()
        if outcome.state is State.IN_FORCE and before.state is not State.DISPUTED:
            self.judge()

    @rule(data=st.data(), times=st.integers(1, 8))
    def push(self, data, times):
        """Something that is taken here, if what it says is enough."""
        self.begin_again_when_done()
        for _ in range(times):
            fitting = [kind for kind in PUSHES if (self.change.state, kind) in TABLE]
            if fitting:
                self.send(data.draw(PUSHES[data.draw(st.sampled_from(fitting))]))

    @rule(event=st.one_of(*PUSHES.values()))
    def push_out_of_turn(self, event):
        self.send(event)

    @rule(days=st.sampled_from([0, 1, 13, 14]))
    def time_passes(self, days):
        self.now += timedelta(days=days)

    @rule(event=DOUBTS)
    def doubt(self, event):
        self.send(event)

    @rule(event=ENDS)
    def end(self, event):
        self.send(event)

    @rule()
    def place_block(self):
        """The person blocks changes, and this change does not hear of it."""
        self.blocked = True

    @rule(
        answer=st.sampled_from(ANSWERS),
        kind=st.sampled_from(["signed", "attested", "represented"]),
        one=officers,
        other=officers,
        steps=st.sampled_from([1, 2, 3, 15]),
        patient=st.booleans(),
    )
    def go_on(self, *, answer, kind, one, other, steps, patient):
        """What usually comes next, so that the search gets deep."""
        self.begin_again_when_done()
        for _ in range(steps):
            for event in self.usual(answer, kind, one, other):
                self.send(event)
            if patient:
                self.now += timedelta(days=5)

    def usual(self, answer, kind, one, other):
        at = self.now
        evidence = {
            "signed": [events.HolderSigned(at, PERSON, CARD, reauthenticated=True)],
            "attested": [events.EntryAttested(at, one, "passport"), events.AttestationApproved(at, other)],
            "represented": [events.RepresentativeSigned(at, "R", MANDATE, own_account=False, reauthenticated=True)],
        }
        bank = [events.VerificationAsked(at, 0), events.VerificationAnswered(at, answer, "Marie N.")]
        notice = [events.ContactsNotified(at, 2, 2, letter_queued=False, cancellation_digest=DIGEST)]
        approval = [events.OfficerApproved(at, other, "looked at it")]
        return {
            State.ENTERED: evidence[kind],
            State.EVIDENCED: [events.Received(at, frozenset(), blocked=False)],
            State.RECEIVED: bank,
            State.ACCOUNT_VERIFIED: notice,
            State.CONTACTS_NOTIFIED: [events.WaitBegan(at)],
            State.WAITING: [events.WaitOver(at, blocked=False)],
            State.HELD: [*bank, *notice, events.BankProofShown(at, one, "statement"), *approval],
        }.get(self.change.state, [])

    # --- the judgement, from what happened alone ---

    def taken(self, kind):
        return [event for _, event, _ in self.happened if isinstance(event, kind)]

    def after_last(self, *kinds):
        """What was taken after the last event of these kinds."""
        places = [place for place, (_, event, _) in enumerate(self.happened) if isinstance(event, kinds)]
        return [event for _, event, _ in self.happened[places[-1] + 1 if places else 0 :]]

    def judge(self):
        assert not self.blocked, "a block covers every channel"
        assert not self.taken(events.BlockPlaced | events.OfficerRefused | events.RulesRefused)
        assert not self.taken(events.StoppedByCode | events.StoppedByHolder)
        approvers = self.judge_officers(self.judge_evidence())
        answer = self.judge_bank(approvers)
        self.judge_time(answer)

    def judge_evidence(self):
        """Somebody may ask for it; return the staff who had a hand in the entry."""
        station = [
            event for before, event, after in self.happened
            if before is State.ENTERED and after.state is State.EVIDENCED
        ]  # fmt: skip
        assert len(station) == 1
        helpers = {event.officer for event in self.taken(events.EntryAttested)} | set(self.change.helpers)
        match station[0]:
            case events.HolderSigned(person=person, reauthenticated=fresh):
                assert person == PERSON
                assert fresh
            case events.RepresentativeSigned(reauthenticated=fresh):
                assert fresh
            case events.AttestationApproved(officer=officer):
                assert officer not in helpers, "one officer alone entered and approved"
        return helpers

    def judge_officers(self, entered_by):
        """Flags, holds, typing helpers and bank proof are looked at by somebody else, afterwards."""
        raised = [event for event in self.taken(events.Received) if event.flags]
        doubts = raised or self.taken(events.FlagRaised | events.HoldPlaced | events.BankProofShown)
        own_account = any(event.own_account for event in self.taken(events.RepresentativeSigned))
        if not (doubts or self.change.helpers or own_account):
            return []
        later = self.after_last(events.FlagRaised, events.HoldPlaced, events.BankProofShown, events.Received)
        approvers = [event.officer for event in later if isinstance(event, events.OfficerApproved)]
        assert set(approvers) - entered_by, "nobody else looked at it"
        return approvers

    def judge_bank(self, approvers):
        """A match, or a confirmed close match, or proof that one officer saw and another approved."""
        answers = self.taken(events.VerificationAnswered)
        answer = answers[-1].answer if answers else Verification.NOT_ASKED
        assert len(answers) <= 1
        if answers:
            assert self.taken(events.VerificationAsked)[-1].asked_today < POLICY.verifications_a_day
        if answer is Verification.MATCH:
            return answer
        if answer is Verification.CLOSE_MATCH and self.taken(events.HolderConfirmed):
            assert all(event.person == PERSON and event.reauthenticated for event in self.taken(events.HolderConfirmed))
            return answer
        proofs = self.taken(events.BankProofShown)
        assert proofs, f"{answer} is no match, and nobody saw a proof"
        assert set(approvers) - {proofs[-1].officer}, "no second officer"
        return answer

    def judge_time(self, answer):
        """The notice reached everybody, and N days passed unless nothing at all was odd."""
        notice = self.taken(events.ContactsNotified)[-1]
        assert notice.letter_queued or notice.reached == notice.contacts > 0
        smooth = (
            answer is Verification.MATCH
            and self.taken(events.HolderSigned)
            and not self.taken(events.FlagRaised | events.HoldPlaced | events.EntryAttested)
            and not any(event.flags for event in self.taken(events.Received))
            and not self.change.helpers
            and notice.contacts
        )
        if not smooth:
            assert self.now - notice.at >= timedelta(days=POLICY.waiting_days), "it did not wait"

    # --- after every step ---

    def check_what_is_told(self):
        assert (decision_code(self.change) == "in_force") == (self.change.state is State.IN_FORCE)
        told = explain(self.change, POLICY)
        assert not any(flag.value in f"{told}" for flag in Flag)
        assert from_document(to_document(self.change)) == self.change

        assert (self.change.held_from is not None) == (self.change.state is State.HELD)
        ended = [after for _, _, after in self.happened if after.state in FINAL]
        assert not ended or [self.change] == ended, "what has ended stays ended"


Firewall.TestCase.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestFirewall = Firewall.TestCase
