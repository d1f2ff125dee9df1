"""A change as plain JSON values and back, for databases and audit; the record itself stays the only truth.

- Times are ISO 8601 with offset, enums their values, evidence carries its kind.
- A document that no change could have written is a `Bug` of whoever stored it.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from kiosk.domain.bank_change.states import (
    Approval,
    Attested,
    BankProof,
    Change,
    Evidence,
    Flag,
    RefusalReason,
    Represented,
    Signed,
    State,
    Verification,
)
from kiosk.domain.errors import Bug

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_KINDS: Mapping[str, type[Evidence]] = {"signed": Signed, "attested": Attested, "represented": Represented}
_NAMES: Mapping[type[Evidence], str] = {kind: name for name, kind in _KINDS.items()}
_FIELDS = tuple(field.name for field in fields(Change))
_values = attrgetter(*_FIELDS)

_READERS: Mapping[str, Callable[[Any], Any]] = {
    "state": State,
    "held_from": State,
    "verification": Verification,
    "refusal": RefusalReason,
    "helpers": tuple,
    "flags": lambda names: frozenset(Flag(name) for name in names),
    "evidence": lambda parts: _KINDS[parts["kind"]](**{key: part for key, part in parts.items() if key != "kind"}),
    "bank_proof": lambda parts: BankProof(**{**parts, "at": datetime.fromisoformat(parts["at"])}),
    "approval": lambda parts: Approval(**{**parts, "at": datetime.fromisoformat(parts["at"])}),
}


def to_document(change: Change) -> dict[str, Any]:
    """Return `change` as JSON values; fields that are None are left out."""
    return {
        name: value if type(value) is str else _plain(value)
        for name, value in zip(_FIELDS, _values(change), strict=True)
        if value is not None
    }


def from_document(document: Mapping[str, Any]) -> Change:
    """Return the change that `to_document` wrote; anything else is a `Bug`."""
    try:
        return Change(**{name: _read(name, value) for name, value in document.items()})
    except (KeyError, TypeError, ValueError) as error:
        raise Bug(f"stored bank change cannot be read: {error}") from error


def _read(name: str, value: Any) -> Any:
    if name.endswith("_at") or name == "wait_until":
        return datetime.fromisoformat(value)
    return _READERS.get(name, lambda plain: plain)(value)


def _parts(value: Any) -> dict[str, Any]:
    kind = _NAMES.get(type(value))
    parts = {name: _plain(getattr(value, name)) for name in value.__slots__}
    return parts if kind is None else {"kind": kind, **parts}


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case frozenset():
            return sorted(member.value for member in value)
        case tuple():
            return list(value)
        case Signed() | Attested() | Represented() | BankProof() | Approval():
            return _parts(value)
        case _:
            return value
