"""A terminal may hold several records that one card opens: only the holder's own is shown as such."""

from __future__ import annotations

from dataclasses import replace

from kiosk.application.cached_record import is_wanted
from kiosk.domain.record import CardLine, Person

JANA = Person(name="Jana Malá", number="7952155431", account=None, version=3, as_of="2026-11-20T08:00:00Z")


def test_a_record_names_the_cards_of_its_person():
    hers = replace(JANA, cards=(CardLine("1000000009", "2025-01-02", "valid"),))
    assert is_wanted(hers, "1000000009")
    assert not is_wanted(hers, "3000000003"), "a representative's card opens it, and it is not theirs"
    assert not is_wanted(JANA, "1000000009"), "nobody's card is named in it"


def test_a_record_asked_for_another_person_is_that_person_s():
    hers = replace(JANA, cards=(CardLine("1000000009", "2025-01-02", "valid"),))
    assert is_wanted(hers, "3000000003", "7952155431")
    assert not is_wanted(hers, "1000000009", "5554241234"), "the own one, and it was not asked for"
