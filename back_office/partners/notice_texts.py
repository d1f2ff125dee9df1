"""The words of the notices that go to a person's contacts, in the person's language.

Rules:
- The sentences are the scheme pack's (`notice.KIND`, `.short` for text messages, `.subject`); nothing is worded here.
- An account is told by its last four characters, a person by the name alone; no number of a person, no address.
- A language that the scheme does not have gets the scheme's official language and English, one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from kiosk.domain.errors import Bug
from kiosk.domain.reference import format as write_reference
from kiosk.schemes import load_scheme
from kiosk.schemes.texts import RIGHT_TO_LEFT, load_texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kiosk.schemes.texts import Texts

NoticeKind = Literal[
    "change_received", "change_in_force", "change_refused", "change_stopped", "request_held", "request_refused"
]
KINDS: tuple[NoticeKind, ...] = get_args(NoticeKind)
SECOND = "en"

_NAMED: Mapping[NoticeKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "change_received": (
        ("recipient", "received_on", "last_four", "code", "reference", "office"),
        ("last_four", "code", "reference"),
    ),
    "change_in_force": (
        ("recipient", "last_four", "first_payment_on", "reference", "office"),
        ("last_four", "first_payment_on", "reference"),
    ),
    "change_refused": (("recipient", "reason", "reference", "office"), ("reference",)),
    "change_stopped": (("recipient", "last_four", "reference", "office"), ("reference",)),
    "request_held": (("recipient", "received_on", "reference", "office"), ("reference",)),
    "request_refused": (("recipient", "received_on", "reason", "reference", "office"), ("reference",)),
}
"""What the text and the short text of each kind name."""


@dataclass(frozen=True, slots=True)
class ChangeNotice:
    """What a notice tells; dates as ISO 8601, the reference and the account compact.

    A `change_received` has its code, a `change_in_force` its first payment date. `reason` is an officer's own words.
    The `request_` kinds are about any service; they name no account.
    """

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
    scheme: str = "cz"


@dataclass(frozen=True, slots=True)
class NoticeText:
    """`text` for e-mail and letter, `short` for SMS (at most four parts)."""

    subject: str
    text: str
    short: str


def compose(notice: ChangeNotice) -> NoticeText:
    """Write the notice in the person's language, or in the official one and English.

    Raises Bug for a notice that lacks what its kind names.
    """
    if notice.kind == "change_received" and not notice.cancellation_code:
        raise Bug("a notice of a received change must carry its cancellation code")
    texts = load_texts(notice.scheme)
    written = [_write(texts, notice, language) for language in _choose(notice.language, notice.scheme)]
    return NoticeText(
        subject=" / ".join(one.subject for one in written),
        text="\n\n".join(one.text for one in written),
        short=written[0].short,
    )


def write(kind: str, language: str, values: Mapping[str, str], scheme: str = "cz") -> NoticeText:
    """Write a notice of any service: `notice.<kind>` with `.subject` and `.short`, each filled with what it names."""
    texts, key = load_texts(scheme), f"notice.{kind}"
    known = dict(values)
    if "reference" in known:
        known["reference"] = write_reference(known["reference"])
    written = [
        NoticeText(*(texts.fill(one, name, known) for name in (f"{key}.subject", key, f"{key}.short")))
        for one in _choose(language, scheme)
    ]
    return NoticeText(
        subject=" / ".join(one.subject for one in written),
        text="\n\n".join(one.text for one in written),
        short=written[0].short,
    )


def right_to_left(language: str, scheme: str = "cz") -> bool:
    """Tell whether what `compose` writes for this language runs from right to left."""
    return _choose(language, scheme)[0] in RIGHT_TO_LEFT


def written_day(language: str, day: date, scheme: str = "cz") -> str:
    """Write a day in full, as a letter in this language does."""
    return load_texts(scheme).date(_choose(language, scheme)[0], day)


def _choose(language: str, scheme: str) -> tuple[str, ...]:
    known = load_scheme(scheme)
    base = language.replace("_", "-").split("-", 1)[0].lower()
    if base in known.languages:
        return (base,)
    return tuple(dict.fromkeys((known.official_language, *((SECOND,) if SECOND in known.languages else ()))))


def _write(texts: Texts, notice: ChangeNotice, language: str) -> NoticeText:
    key = f"notice.{notice.kind}"
    values = {
        "recipient": notice.recipient,
        "reference": write_reference(notice.reference),
        "office": notice.office_name,
        "received_on": notice.received_on,
        "last_four": notice.new_iban[-4:],
        "code": notice.cancellation_code,
        "first_payment_on": notice.first_payment_date,
        "reason": _reason(texts, notice, language),
    }
    long, short = ({name: values[name] for name in names} for names in _NAMED[notice.kind])
    return NoticeText(
        texts.text(language, f"{key}.subject"),
        texts.text(language, key, **long),
        texts.text(language, f"{key}.short", **short),
    )


def _reason(texts: Texts, notice: ChangeNotice, language: str) -> str:
    if notice.reason:
        by_officer = "bank_change.refused.by_officer" if notice.kind == "change_refused" else "request.refused"
        return texts.text(language, f"decision.{by_officer}", reason=notice.reason)
    return texts.text(language, "decision.bank_change.refused")
