"""Letters with a first PIN, from the six digits to the hand of the card's holder.

Rules:
- The digits are drawn when the card is made, written to its chip, and kept sealed until the letter is printed; then only the
  paper has them. They are in no log, no ticket of the print shop, and in no answer.
- A letter is set on A4 in the holder's language and in the official one, and put where the print shop takes it for its sealed
  envelopes; its days count from then: 21, or 30 abroad.
- At the counter it is handed over against an identity document, by an officer who did not print it. Such a letter can also be
  given to the officer's own printer, once: its digits are forgotten with it.
- Whoever replaces the PIN ends the letter; a letter that nobody printed is never a way in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from back_office import audit
from back_office.partners import letters, spool
from back_office.partners.notice_texts import write
from back_office.repository import people, pin_letters, terminals
from kiosk.domain.audit import Actor
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.pin_rules import is_common
from kiosk.wire.envelope import open_sealed, seal
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from back_office.installation import Work
    from back_office.repository.desk import Officer
    from back_office.repository.people import Card, PersonRow
    from back_office.repository.pin_letters import LetterRow

PRINT_SHOP = "print-shop/pin-letters"
"""Below STATE: finished letters, which the print shop takes away."""
DIGITS = 6
DAYS, DAYS_ABROAD = 21, 30
POST, COUNTER = "post", "counter"


class CardMaker(Protocol):
    """Where cards are made: it has the chip in its hands."""

    def set_first_pin(self, card: str, digits: str) -> bool:
        """Write the first PIN to the chip of a card that was not given out yet; False when the card is not there."""


@dataclass(frozen=True, slots=True)
class GivenOut:
    """A letter for the officer's own printer: a name for its file, the PDF, and the ISO day until which it can be used."""

    name: str
    pdf: bytes = field(repr=False)
    until: str


@dataclass(frozen=True, slots=True)
class NotDone:
    """Why not, for the officer."""

    why: str
    remedy: str


def issue(work: Work, card: str, maker: CardMaker, *, by: str, way: str = POST, abroad: bool = False) -> None:
    """Draw the digits for a card that is being made; another letter ends the one before. Raises EnvironmentFault."""
    known = _known(work, card)
    digits = draw(work)
    if not maker.set_first_pin(card, digits):
        raise EnvironmentFault(f"The card {card} is not with the card maker.", "Make the card, then its letter.")
    days = DAYS_ABROAD if abroad else DAYS
    pin_letters.end(work.db, card, work.time)
    sealed = seal(digits.encode("ascii"), work.it.keyring.keys().sealing_certificates[0])
    pin_letters.add(
        work.db, card=card, person=known.person, sent_at=work.time, until=last_day(work, days), sealed=sealed, way=way, days=days
    )
    _log(work, Actor("operator", by), "card.pin_letter", card, channel=way)


def draw(work: Work) -> str:
    """Draw six digits that nobody tries first."""
    digits = work.it.ids.digits(DIGITS)
    while is_common(digits):
        digits = work.it.ids.digits(DIGITS)
    return digits


def to_do(work: Work) -> list[LetterRow]:
    """Say which letters wait, to be printed or to be handed over."""
    return pin_letters.to_do(work.db)


def put_in_print(work: Work, officer: Officer, card: str) -> str | NotDone:
    """Set the letter and give it to the print shop; the ISO day until which it can be used. Its digits are then forgotten here."""
    printed = _print(work, officer, card, to_print_shop)
    return printed if isinstance(printed, NotDone) else printed.until


def give_out(work: Work, officer: Officer, card: str) -> GivenOut | NotDone:
    """Set a letter of the counter and give it to the officer's printer, once; its digits are then forgotten here."""
    letter = pin_letters.open_letter(work.db, card)
    if letter is not None and letter.way != COUNTER:
        return NotDone("This letter goes by post, sealed by the print shop.", "Give it to the print shop.")
    return _print(work, officer, card, set_letter)


def _print(work: Work, officer: Officer, card: str, take: Callable[[Work, PersonRow, Paper], bytes]) -> GivenOut | NotDone:
    letter, person = pin_letters.open_letter(work.db, card), _holder(work, card)
    if letter is None or person is None or not letter.sealed:
        return NotDone(f"No letter of card {card} waits to be printed.", "Look at the list of letters.")
    digits = open_sealed(letter.sealed, work.it.keyring.keys().sealing)
    if isinstance(digits, Problem):
        return NotDone("The digits of this letter cannot be opened.", "Have another letter made for the card.")
    until = last_day(work, letter.days)
    paper = Paper(f"pin-letter-{letter.n}", "pin_letter", digits.decode("ascii"), letter.way, until)
    try:
        pdf = take(work, person, paper)
    except OSError as error:
        return NotDone(f"The print shop's folder does not take it ({error.strerror}).", "Free the disk and print again.")
    pin_letters.printed(work.db, letter.n, by=officer.id, at=work.time, until=until)
    _log(work, Actor("officer", officer.id, officer.office), "card.pin_letter_printed", card, channel=letter.way, to=until)
    return GivenOut(f"{paper.name}.pdf", pdf, until)


def hand_over(work: Work, officer: Officer, card: str, document: str) -> str | NotDone:
    """Note that the holder has the letter, who showed an identity document; the ISO day until which it can be used."""
    letter = pin_letters.open_letter(work.db, card)
    if letter is None or letter.way != COUNTER or letter.handed_by:
        return NotDone(f"No letter of card {card} waits at the counter.", "Look at the list of letters.")
    if not letter.printed_by:
        return NotDone("The letter is not printed yet.", "Have another officer print it.")
    if letter.printed_by == officer.id:
        return NotDone("Who printed a letter does not hand it over.", "Let another officer do it.")
    if not document.strip():
        return NotDone("A letter is handed over against an identity document.", "Say which document was shown.")
    pin_letters.handed_over(work.db, letter.n, by=officer.id, at=work.time)
    _log(work, Actor("officer", officer.id, officer.office), "card.pin_letter_handed_over", card, kind=document.strip()[:40])
    return letter.until


def _known(work: Work, card: str) -> Card:
    known = people.card(work.db, card)
    if known is None or known.person is None or known.revoked_at is not None:
        raise EnvironmentFault(f"There is no card {card!r} of a person.", "Give the ten digits of a card that was issued here.")
    return known


def _holder(work: Work, card: str) -> PersonRow | None:
    known = people.card(work.db, card)
    return None if known is None or known.person is None else people.person(work.db, known.person)


def last_day(work: Work, days: int) -> str:
    """Return the last of so many days from now, as an ISO day where the scheme is."""
    zone = work.it.scheme.bank_change.zone
    return (work.at.astimezone(zone).date() + timedelta(days=days)).isoformat()


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed: the name of its file, whose words (`notice.<words>`), the digits, how it travels, and until when it holds."""

    name: str
    words: str
    digits: str = field(repr=False)
    way: str
    until: str


def to_print_shop(work: Work, person: PersonRow, paper: Paper) -> bytes:
    """Write the paper, and the print shop's ticket beside it, which has no digit and nothing made from one. Raises OSError."""
    folder, name, pdf = work.it.state / PRINT_SHOP, paper.name, set_letter(work, person, paper)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    spool.replace(folder / f"{name}.pdf", pdf)
    address = _address(work, person, paper).splitlines()
    ticket = {"file": f"{name}.pdf", "address": address, "way": paper.way, "envelope": "sealed", "until": paper.until}
    spool.replace(folder / f"{name}.json", json.dumps(ticket, ensure_ascii=False, indent=1).encode())
    return pdf


def set_letter(work: Work, person: PersonRow, paper: Paper) -> bytes:
    """Set the letter in the holder's language and in the official one; nothing of it is kept."""
    official, known = work.it.scheme.official_language, person.language in work.it.scheme.languages
    office = terminals.office_name(work.db, person.office) or person.office
    address = tuple(_address(work, person, paper).splitlines())
    values = {"recipient": person.name, "digits": f"{paper.digits[:3]} {paper.digits[3:]}", "until": paper.until, "office": office}
    papers = [
        letters.Letter(key="", address=address, language=language, sender=office, subject=words.subject, text=words.text)
        for language in dict.fromkeys((person.language, *((official,) if known else ())))
        for words in (write(paper.words, language, values, work.it.scheme.code),)
    ]
    return letters.typeset(papers[0], work.at, *papers[1:])


def _address(work: Work, person: PersonRow, paper: Paper) -> str:
    office = terminals.office_name(work.db, person.office) or person.office
    postal = [one for one in people.contacts_valid_since(work.db, person.number, work.time) if one.channel == "letter"]
    return postal[-1].destination if paper.way == POST and postal else f"{person.name}\n{office}"


def _log(work: Work, actor: Actor, action: str, card: str, **details: str) -> None:
    audit.record(work.db, work.at, actor, action, card, purpose="pin letter", details={"card": card, **details})
