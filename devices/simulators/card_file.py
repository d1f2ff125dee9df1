"""The file in which a simulated card keeps its keys, objects and counters between insertions.

Rules:
- Written by the issuer, read and updated by the simulator; the format is versioned.
- Every change replaces the file atomically, so that a counter is never lost half-written.
- A file that is wrong is refused with its name, the place in it and what is expected.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT = 1
ALGORITHMS = ("P-256", "RSA-2048")
FAULTS = (None, "mute", "garbage")
SLOTS = ("9A", "9C", "9D", "9E")
_TRIES = range(16)
_LIMITS = range(3, 16)
_PIN_LENGTHS = range(6, 9)

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class CardKey:
    """One asymmetric key of the card and the algorithm the card announces for it."""

    algorithm: str
    private: PrivateKey
    pem: str


@dataclass(frozen=True, slots=True)
class CardFile:
    """What the file says; counters and references change through `dataclasses.replace`."""

    path: Path | None
    name: str
    label: str
    application_id: bytes
    short_select_answer: bool
    pin: str
    puk: str
    pin_limit: int
    pin_tries: int
    puk_limit: int
    puk_tries: int
    fresh_pin_for_9c: bool
    keys: Mapping[str, CardKey]
    objects: Mapping[str, bytes]
    pin_gated: frozenset[str]
    fault: str | None


def read_card_file(path: Path) -> CardFile:
    """Read a card file; raises `EnvironmentFault` naming the file and the place when it is wrong."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        raise EnvironmentFault(f"There is no card file {path}.", "Make the demonstration cards first.") from missing
    except (OSError, ValueError) as wrong:
        raise EnvironmentFault(f"The card file {path} cannot be read: {wrong}.", "Issue the card again.") from wrong
    return card_from_document(document, path)


def card_from_document(document: object, path: Path | None = None) -> CardFile:
    """Check a parsed document and give the card; raises `EnvironmentFault` with the place."""
    where = str(path) if path else "of this card"
    try:
        return _card(document, path)
    except (KeyError, TypeError, ValueError) as wrong:
        what = f"missing {wrong}" if isinstance(wrong, KeyError) else str(wrong)
        raise EnvironmentFault(f"The card file {where} is wrong: {what}.", "Issue the card again.") from wrong


def _card(document: object, path: Path | None) -> CardFile:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"format is not {FORMAT}")
    card = CardFile(
        path=path,
        name=str(document["name"]),
        label=str(document.get("label", document["name"])),
        application_id=bytes.fromhex(document["application_id"]),
        short_select_answer=bool(document["short_select_answer"]),
        pin=_pin(document, "pin"),
        puk=_pin(document, "puk"),
        pin_limit=_number(document, "pin_limit", _LIMITS),
        pin_tries=_number(document, "pin_tries", _TRIES),
        puk_limit=_number(document, "puk_limit", _LIMITS),
        puk_tries=_number(document, "puk_tries", _TRIES),
        fresh_pin_for_9c=bool(document["fresh_pin_for_9c"]),
        keys={slot: _key(slot, entry) for slot, entry in document["keys"].items()},
        objects={tag.upper(): bytes.fromhex(text) for tag, text in document["objects"].items()},
        pin_gated=frozenset(tag.upper() for tag in document.get("pin_gated", ())),
        fault=document.get("fault"),
    )
    if card.fault not in FAULTS:
        raise ValueError(f"fault is {card.fault!r}, expected one of {FAULTS}")
    return card


def _pin(document: Mapping[str, object], field: str) -> str:
    text = document[field]
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) not in _PIN_LENGTHS:
        raise ValueError(f"{field} is not 6 to 8 digits")
    return text


def _number(document: Mapping[str, object], field: str, allowed: range) -> int:
    number = document[field]
    if not isinstance(number, int) or isinstance(number, bool) or number not in allowed:
        raise ValueError(f"{field} is {number!r}, expected {allowed.start} to {allowed.stop - 1}")
    return number


def _key(slot: str, entry: Mapping[str, str]) -> CardKey:
    if slot not in SLOTS:
        raise ValueError(f"keys.{slot} is none of {', '.join(SLOTS)}")
    algorithm, pem = entry["algorithm"], entry["private_key"]
    private = serialization.load_pem_private_key(pem.encode("ascii"), password=None)
    if algorithm == "P-256" and isinstance(private, ec.EllipticCurvePrivateKey) and private.key_size == 256:  # noqa: PLR2004
        return CardKey(algorithm, private, pem)
    if algorithm == "RSA-2048" and isinstance(private, rsa.RSAPrivateKey) and private.key_size == 2048:  # noqa: PLR2004
        return CardKey(algorithm, private, pem)
    raise ValueError(f"keys.{slot} is no {algorithm} key; algorithms are {', '.join(ALGORITHMS)}")


def write_card_file(card: CardFile) -> None:
    """Replace the card's file by its present state; a card without a path lives in memory only."""
    if card.path is None:
        return
    text = json.dumps(document_of(card), ensure_ascii=False, indent=1)
    draft = card.path.with_name(f".{card.path.name}.{os.getpid()}.new")
    draft.touch(mode=0o600)
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(card.path)


def document_of(card: CardFile) -> dict[str, object]:
    """Give the card as the file's document."""
    return {
        "format": FORMAT,
        "name": card.name,
        "label": card.label,
        "application_id": card.application_id.hex().upper(),
        "short_select_answer": card.short_select_answer,
        "pin": card.pin,
        "puk": card.puk,
        "pin_limit": card.pin_limit,
        "pin_tries": card.pin_tries,
        "puk_limit": card.puk_limit,
        "puk_tries": card.puk_tries,
        "fresh_pin_for_9c": card.fresh_pin_for_9c,
        "keys": {slot: {"algorithm": key.algorithm, "private_key": key.pem} for slot, key in card.keys.items()},
        "objects": {tag: value.hex().upper() for tag, value in card.objects.items()},
        "pin_gated": sorted(card.pin_gated),
        "fault": card.fault,
    }
