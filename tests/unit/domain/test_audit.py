"""Audit lines derive from what happened, and a chain shows every gap and edit."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.audit import FIRST_HASH, Actor, AuditLine, bank_change_line, first_break, link
from kiosk.domain.bank_change import Flag, events, step
from tests.unit.domain.bank_change.cases import NEW, PERSON, POLICY, RECEIVED, SIGNED, START, entered, received, take

SYSTEM = Actor("system", "back-office")


def line(number):
    return AuditLine(START, SYSTEM, "read", str(number), "visit", {"n": str(number)})


def chain(lines, start=FIRST_HASH):
    linked = []
    for one in lines:
        start = link(start, one)
        linked.append((one, start))
    return linked


def test_a_step_is_written_down_as_what_it_was():
    before = take(entered(), SIGNED)
    event = received(Flag.PIN_CHANGED)
    told = bank_change_line(before, event, step(before, event, POLICY), SYSTEM, "firewall")
    assert told == AuditLine(
        RECEIVED.at,
        SYSTEM,
        "bank_change.Received",
        PERSON,
        "firewall",
        {"change": "c1", "from": "evidenced", "account": NEW[-4:], "to": "received", "flags": "pin_changed"},
    )


def test_a_step_without_flags_has_none_and_a_refused_one_says_why():
    before = entered()
    taken = bank_change_line(before, SIGNED, step(before, SIGNED, POLICY), SYSTEM, "firewall")
    assert "flags" not in taken.details
    wrong = events.StoppedByCode(START, "0" * 64)
    told = bank_change_line(before, wrong, step(before, wrong, POLICY), SYSTEM, "stop")
    assert told.action == "bank_change.StoppedByCode.refused"
    assert told.details["code"] == "wrong_code"


def test_no_line_holds_a_whole_account():
    told = bank_change_line(entered(), SIGNED, step(entered(), SIGNED, POLICY), SYSTEM, "firewall")
    assert NEW not in str(told)


def test_a_whole_chain_holds():
    assert first_break(chain(line(n) for n in range(5))) is None
    assert first_break([]) is None


@given(st.integers(0, 4), st.sampled_from(["at", "actor", "action", "subject", "purpose", "details"]))
def test_every_edit_shows(place, field):
    linked = chain(line(n) for n in range(5))
    other = {
        "at": START.replace(year=2025),
        "actor": Actor("officer", "A", "O1"),
        "action": "write",
        "subject": "nobody",
        "purpose": "curiosity",
        "details": {},
    }
    one, stored = linked[place]
    linked[place] = (replace(one, **{field: other[field]}), stored)
    assert first_break(linked) == place


@given(st.integers(0, 3))
def test_every_gap_shows(place):
    linked = chain(line(n) for n in range(5))
    del linked[place]
    assert first_break(linked) == place


@given(st.lists(st.text(), min_size=7, max_size=7), st.dictionaries(st.text(), st.text()))
def test_a_link_hashes_the_canonical_json_of_the_line(words, details):
    previous, role, number, office, action, subject, purpose = words
    content = {
        "previous": previous, "at": START.isoformat(), "role": role, "number": number, "office": office,
        "action": action, "subject": subject, "purpose": purpose, "details": details,
    }  # fmt: skip
    spelled = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    told = AuditLine(START, Actor(role, number, office), action, subject, purpose, details)
    assert link(previous, told) == hashlib.sha256(spelled.encode()).hexdigest()
