"""What a receipt says: two stages, two wordings, nothing that is nobody's business."""

from __future__ import annotations

import pytest

from kiosk.domain import reference
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.receipt import Place, Stage, Style, compose, slip
from kiosk.domain.session.effects import Part
from kiosk.domain.session.states import Recorded, Verdict
from kiosk.schemes import load_texts

CHANGE = SERVICES["bank_account.change"]
STOP = SERVICES["bank_account.stop"]
IBAN = "CZ6508000000192000145399"
ANSWERS = {"account": IBAN, "account_as_typed": "19-2000145399/0800"}
NUMBER = reference.make(7, 1, 4)
RECORDED = Recorded("0198c2f0-0000-7000-8000-000000000001", 4, 1, NUMBER, "2026-11-22T10:00:00Z", "GR1:ABC")
PLACE = Place("Praha 1", "T0007")
IN_FORCE = Verdict(
    "in_force",
    reason_key="decision.bank_change.in_force",
    reason_parameters={"effective_on": "2026-11-22"},
    account_verification="match",
    first_payment_on="2026-12-15",
    effective_on="2026-11-22",
)


def paper(receipt, language="en"):
    """The receipt as lines of text; every key must be there, with the parameters it takes."""
    texts = load_texts("cz")
    return [texts.text(language, line.key, **line.parameters) for line in receipt.lines if line.key]


def write(part=Part.WHOLE, verdict=None, service=CHANGE, answers=ANSWERS, place=PLACE, **more):
    return compose(part, service, answers, recorded=RECORDED, verdict=verdict, place=place, **more)


def test_received_and_not_decided():
    receipt = write()
    assert (receipt.stage, receipt.duplicate, receipt.ends, receipt.reference) == (Stage.RECEIVED, False, True, NUMBER)
    assert paper(receipt) == [
        "Social security: receipt",
        "Praha 1, terminal T0007",
        "22 November 2026, 11:00",
        "Change the account my pension is paid to",
        "New account ends in 5399",
        "RECEIVED, not yet decided",
        "Reference 0007-1000-004T",
        "Proof of receipt: any of our terminals can read it.",
        "Your request is on its way to the office, which decides it. Until then nothing changes.",
        "We write to all your contacts about it.",
        "Questions? Show this receipt at any terminal or at the desk.",
    ]
    assert [line.data for line in receipt.lines if line.style is Style.CODE] == ["GR1:ABC"]


def test_decided_while_the_person_stands_there():
    receipt = write(verdict=IN_FORCE)
    assert receipt.stage is Stage.IN_FORCE
    assert paper(receipt)[8:12] == [
        "IN FORCE",
        "The new account is in force since 22 November 2026.",
        "First payment to the new account: 15 December 2026",
        "We write to all your contacts about it.",
    ]


def test_the_two_parts_make_the_whole_and_the_first_knows_nothing_of_the_decision():
    first, second = write(Part.RECEIVED, IN_FORCE), write(Part.DECIDED, IN_FORCE)
    assert first.lines + second.lines == write(verdict=IN_FORCE).lines
    assert (first.stage, first.ends) == (Stage.RECEIVED, False)
    assert (second.stage, second.ends) == (Stage.IN_FORCE, True)


@pytest.mark.parametrize("language", ["en", "cs", "ar"])
def test_without_a_decision_nothing_sounds_like_a_yes(language):
    yes = {"en": ["accepted", "in force", "changed", "registered"], "cs": ["přijat", "platí", "schválen"],
           "ar": ["سارٍ", "قُبل"]}  # fmt: skip
    words = " ".join(paper(write(), language)).lower()
    assert not [word for word in yes[language] if word in words]


def test_a_verdict_that_says_received_says_no_more_than_received():
    assert write(verdict=Verdict("received")).lines == write().lines
    assert write(verdict=Verdict("a word of tomorrow")).stage is Stage.RECEIVED


@pytest.mark.parametrize("decision", [stage.value for stage in Stage if stage is not Stage.RECEIVED])
def test_each_decision_has_its_headline(decision):
    receipt = write(verdict=Verdict(decision, first_payment_on="2026-12-15"))
    assert receipt.stage.value == decision
    assert f"receipt.stage.{decision}" in [line.key for line in receipt.lines]
    assert paper(receipt, "cs")
    promised = "receipt.first_payment" in [line.key for line in receipt.lines]
    assert promised == (decision == "in_force")


def test_nothing_on_paper_tells_the_whole_account():
    for verdict in (None, IN_FORCE):
        words = " ".join(paper(write(verdict=verdict))).replace(" ", "")
        assert IBAN not in words
        assert "2000145399" not in words


def test_a_reprint_a_demonstration_and_a_helper_are_named():
    receipt = write(place=Place("Praha 1", "T0007", demonstration=True), duplicate=True, helper_roles=("staff",))
    assert receipt.duplicate
    words = paper(receipt)
    assert {"DUPLICATE", "DEMONSTRATION: no real request", "A member of staff helped with typing."} <= set(words)
    assert words.index("DUPLICATE") < words.index("RECEIVED, not yet decided")


def test_a_stop_has_no_account_and_a_missing_statement_no_code():
    from dataclasses import replace

    bare = replace(RECORDED, statement="")
    receipt = compose(Part.WHOLE, STOP, {"change": "x"}, recorded=bare, verdict=None, place=PLACE)
    assert "receipt.new_account" not in [line.key for line in receipt.lines]
    assert not [line for line in receipt.lines if line.style is Style.CODE]


@pytest.mark.parametrize("language", ["en", "cs", "ar"])
def test_a_confirmation_is_noted_and_never_in_force(language):
    noted = Verdict("in_force", reason_key="decision.bank_account_confirm_holder.in_force", effective_on="2026-12-06")
    confirm = SERVICES["bank_account.confirm_holder"]
    receipt = write(Part.DECIDED, noted, service=confirm, answers={"change": "x"})
    keys = [line.key for line in receipt.lines]
    assert keys.index("receipt.stage.noted") < keys.index("receipt.effective_on")
    assert "receipt.stage.in_force" not in keys
    assert len(paper(receipt, language)) == len([key for key in keys if key])
    undated = write(Part.DECIDED, Verdict("in_force"), service=confirm, answers={"change": "x"})
    assert "receipt.effective_on" not in [line.key for line in undated.lines]


def test_a_slip_bears_the_number_and_nothing_of_who_drew_it_or_why():
    kept = Recorded("t-9", 1, 7, "00071000001G", "2026-11-22T10:00:00Z", "GR1:x")
    for demonstration in (True, False):
        slip_ = slip("7-001", kept, Place("Praha 2", "T0007", demonstration))
        assert [line.parameters for line in slip_.lines if line.key == "ticket.slip.number"] == [{"number": "7-001"}]
        assert any(line.key == "receipt.demonstration" for line in slip_.lines) is demonstration
        assert not any(line.data for line in slip_.lines), "no statement: it is no receipt"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Jana Nová for Karel Nový."), ("cs", "Jana Nová za: Karel Nový."), ("ar", "Jana Nová نيابة عن Karel Nový.")],
)
def test_who_acted_for_somebody_else_is_named_with_whom_it_was_for(language, said):
    assert said in paper(write(acting=("Jana Nová", "Karel Nový")), language)
    assert said not in paper(write(), language)
