"""One session for each page, shown to nobody: what a page makes for its first time is made before anybody waits for it.

Rules:
- Nobody's data: every value is a placeholder, and each page gets new fields before it is first on the screen.
- No session here has a problem or a warning, because those are announced to a screen reader.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.domain.card import CardIdentity, Role
from kiosk.domain.record import Contribution
from kiosk.domain.service import LifeEvent
from kiosk.domain.session import states as at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from kiosk.domain.scheme import Scheme

_DAY = "2000-01-01"
_IBAN = "CZ6508000000192000145399"
"""The example of the IBAN registry (ISO 13616), which is nobody's account."""
_SERVICE = "bank_account.change"
_PERSON = at.Person(
    name="-", number="-", account=at.PaymentAccount(_IBAN, "19-2000145399/0800", "-"), version=0,
    as_of=f"{_DAY}T00:00:00Z", next_payment_on=_DAY, next_payment_amount="0.00",
    requests=(
        at.RequestLine("-", "000000000000", _SERVICE, "waiting", _DAY, stoppable=True),
        at.RequestLine("-", "000000000000", _SERVICE, "in_force", _DAY, in_force_on=_DAY),
        at.RequestLine("to confirm", "000000000000", _SERVICE, "waiting", _DAY, holder_name="-", account=_IBAN),
    ),
    held_by=(at.HeldBy("-", "-", ("home_office",)),) * 3,
)  # fmt: skip
_NOBODY = at.Visitor(CardIdentity("0000000000", Role.INSURED, pin_tries_left=3), "-", _PERSON)
_YEARS, _EMPLOYERS = 24, 12
"""Of a record that needs as many rows, lanes and bars as the first screen of its pages has room for, and no more: what
is further down comes in later frames, and memory is counted."""


def _has_worked(today: date) -> at.Visitor:
    """Somebody of sixty with a long record in which nothing is odd."""
    first = today.year - _YEARS
    worked = tuple(
        Contribution(year, f"{year}-01-01", f"{year}-12-31", f"{n * _EMPLOYERS // _YEARS}", "-", "worked",
                     f"{900000 + n}.00", dict.fromkeys(("old_age", "accident", "health", "unemployment"), "1.00"))
        for n, year in enumerate(range(first, today.year))
    )  # fmt: skip
    person = replace(_PERSON, account=None, birth_date=f"{today.year - 60}-01-01", contributions=worked)
    return replace(_NOBODY, person=person)


def _contents(today: date) -> Iterator[at.Phase]:
    """Every kind of block: the pages of services that show, the long ones first."""
    worked = _has_worked(today)
    yield at.Showing(worked, "record.show")
    yield at.Answering(worked, "record.query", 0)
    yield at.Answering(worked, "pension.estimate", 1, {"source": "record"})
    yield at.Showing(worked, "pension.estimate", {"source": "record", "age": "65"})
    yield at.Showing(worked, "access.show")
    yield at.Showing(_NOBODY, "requests.show")


def phases(today: date) -> Iterator[at.Phase]:
    """Every kind of page, in the order of a visit."""
    checked = at.Checking(_NOBODY, _SERVICE, {"account": _IBAN, "account_as_typed": _IBAN}, {"account": _IBAN})
    recorded = at.Recorded("-", 0, 0, "000000000000", f"{_DAY}T00:00:00Z", "")
    verdict = at.Verdict("in_force", "decision.bank_change.in_force", {"effective_on": _DAY}, first_payment_on=_DAY)
    yield at.ChoosingLanguage()
    yield at.AwaitingCard()
    yield at.EnteringCode()
    yield at.AwaitingPin(_NOBODY.card)
    yield at.OpeningRecord(_NOBODY)
    yield at.Menu(_NOBODY)
    yield at.Menu(_NOBODY, life_event=LifeEvent.RETIRING.value)
    yield from _contents(today)
    yield at.Answering(_NOBODY, _SERVICE, 0)
    yield checked
    yield at.Checking(_NOBODY, "bank_account.confirm_holder", {"change": "to confirm"})
    yield at.AwaitingSignature(checked)
    yield at.Signing(checked)
    yield at.Following(checked, recorded, at.Step.SAVED, 0.0, at.Printing.PRINTING)
    yield at.ShowingReceipt(checked, recorded, verdict, at.Printing.PRINTED)
    yield at.TakingCard(at.EndReason.FINISHED, 0.0)
    yield at.Welcome()


def sessions(scheme: Scheme, today: date) -> Iterator[at.Session]:
    """A session in each of them, the line up and the card in, every service on offer."""
    environment = at.Environment(line=at.Line.ONLINE)
    for phase in phases(today):
        yield at.Session(
            phase, environment=environment, card_present=True, scheme=scheme, services=scheme.services, today=today.isoformat()
        )
