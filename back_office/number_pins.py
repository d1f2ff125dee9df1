"""A number with a PIN of its own, for who has no card at hand: looked at online, throttled, and worth a little only.

Rules:
- The PIN comes sealed by the pad for this one question; here it is compared with a verifier (argon2id, under a key that is not in
  the database) and is gone.
- Whether a number is on file, has a PIN, or its letter is over, no answer and no time tells apart from a wrong PIN: every one is
  looked up, hashed and counted alike, under a keyed hash of what was typed.
- A try is counted before it is looked at, in a transaction of its own, and taken back when it was right: so however many come
  at once, no more are looked at than are allowed; and nobody waits for the writer while a PIN is hashed.
- Growing waits by number, closing by terminal; no card, no PIN of a card and no request is ever touched.
- The first PIN comes in a letter, as a card's does, and is replaced at first use. A right one opens the low-risk part of the
  record, for this visit's key only; who looked, and where, is in the log. With it comes a word for this visit's acts.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from back_office import audit, number_passes
from back_office.pin_letters import (
    COUNTER,
    DAYS,
    DAYS_ABROAD,
    POST,
    GivenOut,
    NotDone,
    Paper,
    draw,
    last_day,
    set_letter,
    to_print_shop,
)
from back_office.record_document import compose
from back_office.repository import moment, number_pins, people, reports
from back_office.repository.number_pins import NumberPinRow
from kiosk.domain.audit import Actor
from kiosk.domain.identifiers import Identifier, parse_identifier
from kiosk.domain.lockout import closed_until
from kiosk.domain.number_pin import MOST, Word, opens_at
from kiosk.domain.pin_rules import is_a_pin, is_common
from kiosk.wire.encrypted_pin import binding, open_pins
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from back_office.installation import Installation, Work
    from back_office.repository.desk import Officer
    from back_office.repository.people import PersonRow
    from back_office.repository.terminals import Terminal
    from kiosk.wire.question import Question

KIND = "number_record"
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's least for argon2id: 19 MiB, two passes; about 20 ms."""
_OPEN = ("name", "number", "version", "as_of", "next_payment_on", "next_payment_amount", "changes_blocked")
_OF_A_REQUEST = ("transaction_id", "reference", "service", "stage", "recorded_on", "in_force_on")
_OF_A_PAYMENT = ("paid_on", "amount", "currency")


# --- the letter --------------------------------------------------------------------------------------


def put_in_print(work: Work, officer: Officer, number: str, *, way: str = POST, abroad: bool = False) -> str | NotDone:
    """Draw a first PIN for a person's number, print its letter and keep the verifier; the ISO day until which it can be used."""
    printed = _print(work, officer, number, to_print_shop, way=way, abroad=abroad)
    return printed if isinstance(printed, NotDone) else printed.until


def give_out(work: Work, officer: Officer, number: str) -> GivenOut | NotDone:
    """Draw one for the counter and give its letter to the officer's printer, once; another officer hands it over."""
    return _print(work, officer, number, set_letter, way=COUNTER, abroad=False)


def _print(
    work: Work, officer: Officer, number: str, take: Callable[[Work, PersonRow, Paper], bytes], *, way: str, abroad: bool
) -> GivenOut | NotDone:
    person = people.person(work.db, number)
    if person is None:
        return NotDone(f"There is nobody with the number {number[:20]!r}.", "Look at the person's identity document again.")
    digits, until = draw(work), last_day(work, DAYS_ABROAD if abroad else DAYS)
    paper = Paper(f"number-pin-{work.it.ids.new()}", "number_letter", digits, way, until)
    try:
        pdf = take(work, person, paper)
    except OSError as error:
        return NotDone(f"The print shop's folder does not take it ({error.strerror}).", "Free the disk and print again.")
    verifier = _HASHER.hash(_material(work.it, number, digits))
    row = NumberPinRow(number, verifier, chosen=False, until=until, way=way, printed_by=officer.id, handed_by="", set_at=work.time)
    number_pins.put(work.db, row)
    number_pins.forget_failures(work.db, _place(work, number))
    _log(work, Actor("officer", officer.id, officer.office), "number.pin_letter_printed", number, channel=way, to=until)
    return GivenOut(f"{paper.name}.pdf", pdf, until)


def hand_over(work: Work, officer: Officer, number: str, document: str) -> str | NotDone:
    """Note that the holder has the letter, who showed an identity document; before that its PIN opens nothing."""
    row = number_pins.of(work.db, number)
    if row is None or row.chosen or row.way != COUNTER or row.handed_by:
        return NotDone(f"No letter for the number {number[:20]!r} waits at the counter.", "Have one printed first.")
    if row.printed_by == officer.id:
        return NotDone("Who printed a letter does not hand it over.", "Let another officer do it.")
    if not document.strip():
        return NotDone("A letter is handed over against an identity document.", "Say which document was shown.")
    number_pins.handed_over(work.db, number, officer.id)
    actor = Actor("officer", officer.id, officer.office)
    _log(work, actor, "number.pin_letter_handed_over", number, kind=document.strip()[:40])
    return row.until


# --- the question ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Try:
    """A PIN that is about to be looked at. It counts as a wrong one, at these two places, until it has proved right."""

    number: str
    pins: tuple[str, ...] = field(repr=False)
    row: NumberPinRow | None = field(repr=False)
    counted: tuple[int, int]
    """At the terminal, and of the number."""

    @property
    def chooses(self) -> bool:
        """Whether the letter's PIN is replaced by one that can stand."""
        return len(self.pins) > 1 and is_a_pin(self.pins[1]) and not is_common(self.pins[1]) and self.pins[1] != self.pins[0]


@dataclass(frozen=True, slots=True)
class Compared:
    """Whether the PIN was right; `verifier` is that of the PIN chosen in place of a letter's, where one was."""

    right: bool
    verifier: str = field(default="", repr=False)


def begin(work: Work, terminal: Terminal, question: Question) -> Try | dict[str, Any]:
    """Count the try before it is looked at, however many come at once; or say a word that tells nothing of anybody."""
    text = question.parameters.get("number", "")
    typed = parse_identifier(work.it.scheme.person_number, text)
    number = typed.value if isinstance(typed, Identifier) else text  # of nobody, and counted all the same
    here, there = f"T{terminal.id}", _place(work, number)
    wait = _wait(work, here, there)
    if wait is not None:
        return {"outcome": Word.WAIT.value, "minutes": str(wait)}
    bound = binding(question.id, terminal.id, text, question.answer_key)
    pins = open_pins(question.parameters.get("pin", "").encode("ascii", "replace"), bound, work.it.keyring.keys().pins)
    if isinstance(pins, Problem):
        return {"outcome": Word.REFUSED.value}
    counted = (number_pins.add_failure(work.db, here, work.time), number_pins.add_failure(work.db, there, work.time))
    return Try(number, pins, number_pins.of(work.db, number), counted)


def compare(it: Installation, tried: Try) -> Compared:
    """Hash and compare. It takes tens of milliseconds, so that no transaction may be open meanwhile."""
    row = tried.row
    right = _fits(row.verifier if row is not None else _nobody(), _material(it, tried.number, tried.pins[0]))
    if row is None or not right:
        return Compared(right=False)
    replaced = not row.chosen and tried.chooses
    return Compared(right=True, verifier=_HASHER.hash(_material(it, tried.number, tried.pins[1])) if replaced else "")


def conclude(work: Work, terminal: Terminal, question: Question, tried: Try, compared: Compared) -> dict[str, Any]:
    """Open the low-risk part of the record, or leave the try counted as the wrong one that it was."""
    actor = Actor("terminal", terminal.id, terminal.office)
    person, row = people.person(work.db, tried.number), number_pins.of(work.db, tried.number)
    same = row is not None and tried.row is not None and row.verifier == tried.row.verifier
    if row is None or person is None or not (compared.right and same) or not _in_use(work, row):
        audit.record(work.db, work.at, actor, "number.pin_wrong", terminal.id, purpose="number and PIN")
        return {"outcome": Word.WRONG.value}
    number_pins.take_back(work.db, tried.counted)
    number_pins.forget_failures(work.db, _place(work, tried.number))
    if not row.chosen:
        word = _replace(work, actor, tried, compared)
        if word is not None:
            return {"outcome": word.value}
    return _record(work, terminal, question, person)


def _replace(work: Work, actor: Actor, tried: Try, compared: Compared) -> Word | None:
    """Put the PIN that the holder chose in the place of the letter's; or say what is still wanted."""
    if len(tried.pins) == 1:
        return Word.CHOOSE
    if not compared.verifier:
        return Word.COMMON
    number_pins.choose(work.db, tried.number, compared.verifier, work.time)
    _log(work, actor, "number.pin_chosen", tried.number, terminal=actor.number)
    return None


def _record(work: Work, terminal: Terminal, question: Question, person: PersonRow) -> dict[str, Any]:
    if reports.death_report(work.db, person.number) or reports.died_on(work.db, person.number):
        return {"outcome": Word.REFUSED.value}
    details = {"kind": KIND, "terminal": terminal.id}
    actor = Actor("holder", "by number", terminal.office)
    audit.record(work.db, work.at, actor, "record.opened", person.number, purpose="number and PIN", details=details)
    record = low_risk(compose(work.db, work.it.scheme, person, work.at, {}).document)
    return {"outcome": "opened", "record": record, "pass": number_passes.give(work, terminal, question, person.number)}


def low_risk(document: dict[str, Any]) -> dict[str, Any]:
    """Keep what number and PIN open: where requests stand, what is paid when, whether the account is blocked; no account itself.

    No contact, no address, no card.
    """
    kept = {name: document[name] for name in _OPEN if name in document}
    requests = [{name: line[name] for name in _OF_A_REQUEST if name in line} for line in document.get("requests", ())]
    payments = [{name: line[name] for name in _OF_A_PAYMENT} | {"account_end": ""} for line in document.get("payments", ())]
    return kept | {"requests": requests, "payments": payments, "cacheable": False}


def _wait(work: Work, here: str, there: str) -> int | None:
    """Return how many minutes nothing is looked at, by terminal or by number; None: now."""
    throttle = work.it.scheme.code_entry
    at_terminal = _times(work, here, throttle.limit)
    opens = [one for one in (closed_until(at_terminal, work.at, throttle), opens_at(_times(work, there, MOST), work.at)) if one]
    return None if not opens else max(1, -(-(max(opens) - work.at) // timedelta(minutes=1)))


def _times(work: Work, place: str, most: int) -> list[datetime]:
    return [moment(at) for at in number_pins.failures(work.db, place, most)]


def _in_use(work: Work, row: NumberPinRow) -> bool:
    """A PIN of one's own is; a letter's in its days, and from the counter only once it was handed over."""
    return row.chosen or (last_day(work, 0) <= row.until and (row.way == POST or bool(row.handed_by)))


def _fits(verifier: str, material: bytes) -> bool:
    try:
        return _HASHER.verify(verifier, material)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """Stand in for the verifier of a number that has none, so that it takes as long."""
    return _HASHER.hash(b"nobody")


def _material(it: Installation, number: str, pin: str) -> bytes:
    return hmac.new(it.keyring.number_pin_key(), f"pin {number} {pin}".encode(), hashlib.sha256).digest()


def _place(work: Work, number: str) -> str:
    return "N" + hmac.new(work.it.keyring.number_pin_key(), f"place {number}".encode(), hashlib.sha256).hexdigest()


def _log(work: Work, actor: Actor, action: str, subject: str, **details: str) -> None:
    audit.record(work.db, work.at, actor, action, subject, purpose="number and PIN", details=details)
