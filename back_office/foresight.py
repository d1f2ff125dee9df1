"""What the decisions of a group will ask about people, asked of the database once for all of them.

Rules:
- Only for whom nothing in the group can change the answer: a person, and an account, that stands in one item alone.
  Everybody else is asked about when the turn comes.
- Nothing is decided here; what is not foretold is read as ever.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from back_office.history import EVER
from back_office.repository import changes, outbox, people, reports
from back_office.repository import people_together as together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from back_office.repository.group import Group
    from kiosk.wire.envelope import Transaction


def foresee(group: Group, transactions: Sequence[Transaction], midnight: str) -> frozenset[str]:
    """Foretell what these transactions will ask; the cards of the people who stand in one of them alone.

    `midnight` is when the day began, by the scheme's clock.
    """
    cards = together.cards(group, sorted({one.card for one in transactions}))
    for one in transactions:
        group.foretell(people.card, (one.card,), cards.get(one.card))
    of = {one.id: card.person for one in transactions if (card := cards.get(one.card)) and card.person is not None}
    times = Counter(of.values())
    alone = {number for number, count in times.items() if count == 1}
    _people(group, sorted(alone), midnight)
    accounts = Counter(one.answers.get("account") for one in transactions)
    wanted = [
        (iban, of[one.id])
        for one in transactions
        if of.get(one.id) in alone and (iban := one.answers.get("account")) is not None and accounts[iban] == 1
    ]
    holders = together.holders(group, sorted(iban for iban, _ in wanted))
    for iban, number in wanted:
        group.foretell(people.others_with_account, (iban, number), len(holders.get(iban, set()) - {number}))
    return frozenset(one.card for one in transactions if of.get(one.id) in alone)


def _people(group: Group, numbers: Sequence[str], midnight: str) -> None:
    persons = together.persons(group, numbers)
    pensions = together.pensions(group, numbers)
    accounts = together.accounts_in_force(group, numbers)
    contacts = together.contacts(group, numbers)
    cards = together.cards_of(group, numbers)
    names = together.former_names(group, numbers)
    moved = together.changes_of(group, numbers)
    lost = together.with_open_loss_reports(group, numbers)
    dead = together.deaths(group, numbers)
    asked = together.verifications_since(group, sorted(moved), midnight)
    brought = sorted(account.change for account in accounts.values() if account.change)
    requests = together.requests(group, brought)
    for id_ in brought:
        group.foretell(changes.request, (id_,), requests.get(id_))
    for number in numbers:
        group.foretell(people.person, (number,), persons.get(number))
        group.foretell(people.pension, (number,), pensions.get(number))
        group.foretell(people.account_in_force, (number,), accounts.get(number))
        group.foretell(people.contacts_valid_since, (number, EVER), contacts.get(number, []))
        group.foretell(people.cards_of, (number,), cards.get(number, []))
        group.foretell(people.former_names, (number,), tuple(names.get(number, ())))
        group.foretell(changes.changes_of, (number,), moved.get(number, []))
        group.foretell(reports.loss_is_open, (number,), number in lost)
        group.foretell(reports.died_on, (number,), dead.get(number, ""))
        group.foretell(outbox.verifications_since, (number, midnight), asked.get(number, 0))
