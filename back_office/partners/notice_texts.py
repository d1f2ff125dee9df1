"""The words of the notices that go to a person's contacts, in the person's language (back office: call `compose`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NoticeKind = Literal["change_received", "change_in_force", "change_refused", "change_stopped"]


@dataclass(frozen=True, slots=True)
class ChangeNotice:
    """What a notice tells; accounts are shown by their last four characters only."""

    kind: NoticeKind
    language: str
    recipient: str
    reference: str
    office_name: str
    received_on: str
    new_iban: str
    cancellation_code: str = ""
    first_payment_date: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NoticeText:
    """`text` for e-mail and letter, `short` for SMS (one or two messages long)."""

    subject: str
    text: str
    short: str


def compose(notice: ChangeNotice) -> NoticeText:
    """Write the notice; a language without texts gets the scheme's official language (Czech) and English."""
    raise NotImplementedError
