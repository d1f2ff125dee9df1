"""Letters with a first PIN, as the desk page has them: what waits in an office, printed, handed over.

Rules:
- The rules are those of `back_office.pin_letters` and `back_office.number_pins`: who printed a letter does not hand it over, and it
  is handed over against an identity document. Here they hold for the letters of the officer's own office only.
- A letter of the counter goes to the officer's printer, once. One for the post goes to the print shop, and no officer sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office import number_pins, pin_letters
from back_office.desk.acts import Done, NotDone
from back_office.pin_letters import COUNTER, POST, GivenOut
from back_office.repository import number_pins as number_pin_rows
from back_office.repository import people
from back_office.repository import pin_letters as letter_rows
from kiosk.domain.identifiers import Identifier, parse_identifier
from kiosk.domain.service import IDENTITY_DOCUMENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from back_office.installation import Installation, Work
    from back_office.repository.desk import Officer
    from back_office.repository.people import PersonRow

ABROAD = "abroad"
WAYS = (COUNTER, POST, ABROAD)
"""How a letter with a PIN for a number can travel; abroad it is posted, and holds longer."""
_NOT_HERE = NotDone("No such letter waits in your office.", "Look at the list of letters.")
_NOBODY = NotDone("No such person belongs to your office.", "Compare the number with the identity document.")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that waits. `of`: the card's number, or the person's. `printed_by`: empty until it is printed."""

    of: str
    holder: str
    way: str
    until: str
    printed_by: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in an office: letters of cards, and letters of numbers."""

    cards: tuple[Letter, ...]
    numbers: tuple[Letter, ...]


def waiting(it: Installation, officer: Officer) -> Waiting:
    """Say which letters of the officer's office wait, to be printed or to be handed over."""
    with it.work() as work:
        cards = tuple(
            Letter(row.card, holder.name, row.way, "" if row.sealed else row.until, row.printed_by)
            for row in letter_rows.to_do(work.db)
            if (holder := _of_the_office(work, officer, row.person)) is not None
        )
        numbers = tuple(
            Letter(row.person, holder.name, row.way, row.until, row.printed_by)
            for row in number_pin_rows.at_the_counter(work.db, officer.office)
            if (holder := people.person(work.db, row.person)) is not None
        )
    return Waiting(cards, numbers)


def print_for_card(it: Installation, officer: Officer, card: str) -> GivenOut | Done | NotDone:
    """Print the letter of a card: to this officer's printer for the counter, otherwise to the print shop."""
    with it.work() as work:
        row = _letter_here(work, officer, card)
        if row is None:
            return _NOT_HERE
        if row.way == COUNTER:
            return _given(pin_letters.give_out(work, officer, card))
        return _done(pin_letters.put_in_print(work, officer, card), "The letter is with the print shop; its PIN can be replaced until {}.")


def hand_over_for_card(it: Installation, officer: Officer, card: str, document: str) -> Done | NotDone:
    """Note that the holder of a card has the letter."""

    def hand_over(work: Work) -> str | pin_letters.NotDone | NotDone:
        if _letter_here(work, officer, card) is None:
            return _NOT_HERE
        return pin_letters.hand_over(work, officer, card, document)

    return _handed(it, document, hand_over)


def print_for_number(it: Installation, officer: Officer, typed: str, way: str) -> GivenOut | Done | NotDone:
    """Draw a PIN for a person's number and print its letter; whatever PIN the number had before ends."""
    if way not in WAYS:
        return NotDone("It is not said how the letter travels.", "Choose the counter or the post.")
    with it.work() as work:
        person = _typed(work, officer, typed)
        if person is None:
            return _NOBODY
        if way == COUNTER:
            return _given(number_pins.give_out(work, officer, person.number))
        until = number_pins.put_in_print(work, officer, person.number, way=POST, abroad=way == ABROAD)
        return _done(until, "The letter is with the print shop; its PIN can be replaced until {}.")


def hand_over_for_number(it: Installation, officer: Officer, number: str, document: str) -> Done | NotDone:
    """Note that the person has the letter; before that its PIN opens nothing."""

    def hand_over(work: Work) -> str | pin_letters.NotDone | NotDone:
        if _of_the_office(work, officer, number) is None:
            return _NOT_HERE
        return number_pins.hand_over(work, officer, number, document)

    return _handed(it, document, hand_over)


def _handed(
    it: Installation, document: str, hand_over: Callable[[Work], str | pin_letters.NotDone | NotDone]
) -> Done | NotDone:
    if document not in IDENTITY_DOCUMENTS:
        return NotDone("A letter is handed over against an identity document.", "Say which document you have seen.")
    with it.work() as work:
        return _done(hand_over(work), "The letter is handed over; its PIN can be replaced until {}.")


def _done(result: str | pin_letters.NotDone | NotDone, said: str) -> Done | NotDone:
    return Done(said.format(result)) if isinstance(result, str) else NotDone(result.why, result.remedy)


def _given(result: GivenOut | pin_letters.NotDone) -> GivenOut | NotDone:
    return result if isinstance(result, GivenOut) else NotDone(result.why, result.remedy)


def _letter_here(work: Work, officer: Officer, card: str) -> letter_rows.LetterRow | None:
    row = letter_rows.open_letter(work.db, card)
    return row if row is not None and _of_the_office(work, officer, row.person) is not None else None


def _typed(work: Work, officer: Officer, typed: str) -> PersonRow | None:
    number = parse_identifier(work.it.scheme.person_number, typed)
    return _of_the_office(work, officer, number.value) if isinstance(number, Identifier) else None


def _of_the_office(work: Work, officer: Officer, number: str | None) -> PersonRow | None:
    person = None if number is None else people.person(work.db, number)
    return person if person is not None and person.office == officer.office else None
