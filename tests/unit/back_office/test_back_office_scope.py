"""Which offices may hold a record, why and how long: rules without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from back_office.scope import RULES, Facts, Held, Reason, names, scope_of

AT = datetime(2026, 3, 4, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def reasons(facts: Facts, at: datetime = AT, held: dict[str, Held] | None = None) -> dict[str, list[str]]:
    return {office: names(one.reasons) for office, one in scope_of(facts, at, held or {}).offices.items()}


def test_a_beneficiary_is_held_at_home_by_a_lease() -> None:
    scope = scope_of(Facts("101", beneficiary=True), AT, {})
    assert scope.offices == {"101": Held(Reason.HOME_OFFICE, AT + RULES.lease)}
    assert scope.look_at == AT + RULES.lease / 2


def test_a_lease_is_left_as_it_is_until_half_of_it_is_over() -> None:
    facts = Facts("101", beneficiary=True)
    held = scope_of(facts, AT, {}).offices
    early = AT + RULES.lease / 2 - DAY
    assert scope_of(facts, early, held).offices == held
    late = AT + RULES.lease / 2
    assert scope_of(facts, late, held).offices["101"].expires_at == late + RULES.lease
    assert scope_of(facts, early, held).look_at == late


def test_who_draws_nothing_and_never_comes_is_held_nowhere() -> None:
    assert reasons(Facts("101")) == {}
    assert scope_of(Facts("101"), AT, {}).look_at is None


def test_a_visit_anywhere_keeps_the_home_office_for_two_years() -> None:
    visit = AT - 700 * DAY
    facts = Facts("101", visits={"102": visit})
    assert reasons(facts) == {"101": ["home_office"]}
    assert reasons(facts, AT + 31 * DAY) == {}


def test_who_walks_in_elsewhere_enters_that_office_for_ninety_days() -> None:
    facts = Facts("101", beneficiary=True, visits={"102": AT})
    assert reasons(facts) == {"101": ["home_office"], "102": ["recent_visit"]}
    scope = scope_of(facts, AT, {})
    assert scope.offices["102"].expires_at == AT + RULES.recent_visit
    assert scope.look_at == AT + min(RULES.recent_visit, RULES.lease / 2)
    assert reasons(facts, AT + RULES.recent_visit) == {"101": ["home_office"]}


def test_an_appointment_counts_from_two_weeks_before() -> None:
    when = AT + 20 * DAY
    facts = Facts("101", appointments=(("102", when),))
    assert reasons(facts) == {}
    assert scope_of(facts, AT, {}).look_at == when - RULES.appointment_ahead
    assert reasons(facts, when - RULES.appointment_ahead) == {"102": ["appointment"]}
    assert reasons(facts, when + RULES.appointment_after - DAY) == {"102": ["appointment"]}
    assert reasons(facts, when + RULES.appointment_after) == {}


def test_an_open_case_is_where_its_desk_is() -> None:
    assert reasons(Facts("101", open_cases=frozenset({"103"}))) == {"103": ["open_case"]}


def test_a_proof_of_life_that_is_due_is_expected_at_home() -> None:
    facts = Facts("101", proof_of_life_due=date(2026, 4, 4))
    assert reasons(facts) == {"101": ["proof_of_life"]}
    assert reasons(facts, AT - 40 * DAY) == {}
    assert reasons(facts, AT + 120 * DAY) == {}


def test_reasons_add_up_and_the_longest_counts() -> None:
    facts = Facts("101", beneficiary=True, visits={"101": AT}, appointments=(("101", AT + DAY),))
    scope = scope_of(facts, AT, {})
    assert names(scope.offices["101"].reasons) == ["home_office", "appointment", "recent_visit"]
    assert scope.offices["101"].expires_at == AT + RULES.lease
    assert scope.look_at == AT + DAY + RULES.appointment_after


def test_the_bits_are_those_of_the_feed() -> None:
    assert [int(reason) for reason in Reason] == [1, 2, 4, 8, 16]


MOMENTS = st.integers(-900, 900).map(lambda days: AT + timedelta(days=days, hours=3))
FACTS = st.builds(
    Facts,
    home_office=st.sampled_from(["101", "102"]),
    beneficiary=st.booleans(),
    visits=st.dictionaries(st.sampled_from(["101", "102", "103"]), MOMENTS.filter(lambda when: when <= AT)),
    appointments=st.lists(st.tuples(st.sampled_from(["101", "103"]), MOMENTS), max_size=3).map(tuple),
    open_cases=st.frozensets(st.sampled_from(["101", "103"])),
    proof_of_life_due=st.none() | MOMENTS.map(datetime.date),
)


@given(FACTS, st.integers(0, 400))
def test_nothing_changes_before_the_next_look(facts: Facts, days: int) -> None:
    """Looking at any moment before `look_at` finds the same reasons and the same ends: the sweep needs no other day."""
    scope = scope_of(facts, AT, {})
    later = AT + days * DAY
    if scope.look_at is None or later < scope.look_at:
        assert scope_of(facts, later, scope.offices).offices == scope.offices
    assert scope.look_at is None or scope.look_at > AT


@given(FACTS)
def test_every_row_ends_by_itself(facts: Facts) -> None:
    for one in scope_of(facts, AT, {}).offices.values():
        assert one.reasons
        assert AT < one.expires_at <= AT + max(RULES.visits_remembered, timedelta(days=1000))


@given(FACTS)
def test_looking_again_and_again_comes_to_rest(facts: Facts) -> None:
    """Following `look_at` renews leases and drops what ended; between looks nothing is sent."""
    at, held = AT, {}
    for _ in range(30):
        scope = scope_of(facts, at, held)
        held = dict(scope.offices)
        assert scope_of(facts, at, held).offices == scope.offices
        if scope.look_at is None:
            return
        assert scope.look_at > at
        at = scope.look_at


@pytest.mark.parametrize(
    ("bits", "said"), [(0, []), (31, ["home_office", "appointment", "open_case", "proof_of_life", "recent_visit"])]
)
def test_reasons_have_names(bits: int, said: list[str]) -> None:
    assert names(bits) == said
