"""Many questions with number and PIN at once: no more PINs are looked at than are allowed, and nobody waits for the hashing.

The hashing is held up until every question has come as far as it can. Were it inside a transaction that may change things, or
were a try counted after it, this would show: as questions that never come so far, or as too many PINs looked at.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from back_office_bench import application
from back_office_numbers import OWN, asked, chosen, letter, sealed_question

from back_office import number_pins, questions
from back_office.api_types import SealedAnswer, SealedQuestion
from back_office.repository import terminals
from kiosk.domain.number_pin import FREE

if TYPE_CHECKING:
    from back_office_bench import Bench

    from kiosk.wire.answer import AnswerKey

AT_ONCE = 10
LONG_ENOUGH = 60
"""Seconds after which what should have come is given up."""


class HeldUp:
    """Holds every comparison up until all questions are either being compared or answered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, expected: int) -> None:
        self.expected, self.comparing, self.answered, self.gave_up = expected, 0, 0, False
        self.moved = threading.Condition()
        self._real = number_pins._fits
        monkeypatch.setattr(number_pins, "_fits", self._fits)

    def _fits(self, verifier: str, material: bytes) -> bool:
        with self.moved:
            self.comparing += 1
            self.moved.notify_all()
            come = self.moved.wait_for(lambda: self.gave_up or self.comparing + self.answered >= self.expected, LONG_ENOUGH)
            self.gave_up = self.gave_up or not come
        return self._real(verifier, material)

    def answer(self) -> None:
        with self.moved:
            self.answered += 1
            self.moved.notify_all()


def ask(office: Bench, sealed: tuple[str, dict[str, str], AnswerKey]) -> str:
    """Ask the back office in this thread; what it says."""
    id_, body, key = sealed
    with office.it.database.read() as db:
        terminal = terminals.terminal(db, office.terminal.id)
    assert terminal is not None
    answer = questions.answer(office.it, terminal, SealedQuestion(**body))
    assert isinstance(answer, SealedAnswer), answer
    return str(office.open(answer.sealed, id_, number_pins.KIND, key)["outcome"])


def at_once(office: Bench, held: HeldUp, *wanted: tuple[str, ...]) -> list[str]:
    """Ask all of it at one moment, each from a thread of its own; what was said, in the order of the questions."""
    sealed = [sealed_question(office, number, *pins) for number, *pins in wanted]

    def one(question: tuple[str, dict[str, str], AnswerKey]) -> str:
        try:
            return ask(office, question)
        finally:
            held.answer()

    with ThreadPoolExecutor(len(sealed)) as threads:
        return list(threads.map(one, sealed))


@pytest.mark.parametrize("whose", ["marie", "nobody"])
def test_no_more_are_looked_at_than_are_allowed_however_many_come_at_once(
    office: Bench, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    number = chosen(office, application(office)) if whose == "marie" else "5001010005"
    held = HeldUp(monkeypatch, AT_ONCE)
    said = at_once(office, held, *[(number, "905417")] * AT_ONCE)
    assert not held.gave_up, "a question waited for another one's hashing"
    assert sorted(said) == ["wait"] * (AT_ONCE - FREE) + ["wrong"] * FREE
    assert held.comparing == FREE


def test_others_write_while_a_pin_is_hashed(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    number = chosen(office, application(office))
    real, done = number_pins._fits, []

    def fits(verifier: str, material: bytes) -> bool:
        def write() -> None:
            with office.it.work() as work:
                number_pins.number_pins.add_failure(work.db, "Telsewhere", work.time)

        other = ThreadPoolExecutor(1)
        done.append(other.submit(write).exception(LONG_ENOUGH))
        other.shutdown(wait=False)
        return real(verifier, material)

    monkeypatch.setattr(number_pins, "_fits", fits)
    assert asked(office, application(office), number, OWN)["outcome"] == "opened"
    assert done == [None]


def test_the_right_ones_among_them_count_no_more_afterwards(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    number = chosen(office, application(office))
    held = HeldUp(monkeypatch, 2)
    assert at_once(office, held, (number, OWN), (number, OWN)) == ["opened", "opened"]
    assert office.rows("SELECT 1 AS x FROM number_pin_failure") == []


def test_a_new_letter_that_comes_while_the_old_pin_is_hashed_ends_the_old_one(
    office: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = chosen(office, application(office))
    real = number_pins._fits

    def fits(verifier: str, material: bytes) -> bool:
        letter(office)
        return real(verifier, material)

    monkeypatch.setattr(number_pins, "_fits", fits)
    assert asked(office, application(office), number, OWN)["outcome"] == "wrong"


def test_what_broke_off_between_counts_as_a_wrong_one(office: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    number = chosen(office, application(office))

    def breaks(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(number_pins, "_fits", breaks)
        for _ in range(FREE):
            with pytest.raises(KeyboardInterrupt):
                ask(office, sealed_question(office, number, OWN))
    assert asked(office, application(office), number, OWN)["outcome"] == "wait"
