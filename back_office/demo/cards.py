"""Issues the demonstration's cards: STATE/cards/NAME.json, everything a PIV card holds, for the card simulator.

Rules:
- A card once issued stays: its PIN and counters are its own. A second call issues only what is missing.
- The holder's name stands in the PIN-gated printed information and nowhere else on the card.
- Four names are special: `karel` has RSA keys for 9A and 9C, `revoked` is revoked when it is issued, `stranger` comes
  from another issuer with another root, `broken` answers garbage. `ludmila`'s certificates are stored compressed.
"""

from __future__ import annotations

import gzip
import json
import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from back_office.certificates import Authority, authority_plan, card_plan, certify, new_key, new_rsa_key
from back_office.pki import YEAR, load_authority, private_pem
from kiosk.domain.card import ROLE_POLICIES, Role
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from cryptography import x509

    from kiosk.system import Clock, Ids

APPLICATION_ID = "A000000308000010000100"
"""The PIV card application with its version (SP 800-73-4 part 1, 2.2)."""
PIN, PUK = "123456", "12345678"
CARD_VALID = 5 * YEAR
SLOTS = ("9A", "9C", "9D", "9E")
CERTIFICATE_OBJECTS = {"9A": "5FC105", "9C": "5FC10A", "9D": "5FC10B", "9E": "5FC101"}
"""Where the certificate of each key lies (SP 800-73-4 part 1, table 2)."""
PIN_GATED = ("5FC103", "5FC108", "5FC109")

RSA_CARD, REVOKED_CARD, STRANGER_CARD, BROKEN_CARD, COMPRESSED_CARD = (
    "karel",
    "revoked",
    "stranger",
    "broken",
    "ludmila",
)

NEW_CARD = "tomas"
"""Whose PIN comes in a letter."""

_FASC_N = bytes.fromhex("D4E739DA739CED39CE739D836858210842108421C84210C3EB")
"""Agency 9999, as SP 800-73-4 part 1, 3.1.2 asks of issuers outside the federal numbering."""
_MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
_ONE_BYTE, _TWO_BYTES = 0x80, 0x100


@dataclass(frozen=True, slots=True)
class CardHolder:
    """Who gets a card: the card's number (10 digits), the holder's name, the role, and what the bench calls the card."""

    number: str
    name: str
    role: Role
    label: str = ""


def issue_cards(state: Path, persons: Mapping[str, CardHolder], clock: Clock, ids: Ids) -> None:
    """Issue a card to each of `persons` (by the card's name), as far as STATE/cards does not hold one already.

    Needs STATE/pki (`create_pki`). Raises `EnvironmentFault` when the keys there cannot be read.
    """
    folder = state / "cards"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    at = clock.now()
    missing = {name: holder for name, holder in persons.items() if not (folder / f"{name}.json").exists()}
    if not missing:
        return
    ours = load_authority(state / "pki", "card-ca")
    for name, holder in missing.items():
        issuer = _other_issuer(at) if name == STRANGER_CARD else ours
        document, certificates = _card(name, holder, issuer, at, ids)
        if name == REVOKED_CARD:
            _revoke(state, certificates)
        _write(folder / f"{name}.json", document)


class DemonstrationCards:
    """The demonstration's card maker: its chips are the files in STATE/cards."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "cards"

    def set_first_pin(self, card: str, digits: str) -> bool:
        """Write the PIN to the card with this number; False when there is none."""
        for path in sorted(self._folder.glob("*.json")):
            document = json.loads(path.read_text(encoding="utf-8"))
            printed = bytes.fromhex(document["objects"].get("5FC109", ""))
            if _tlv("05", card.encode("ascii")) in printed:
                _write(path, document | {"pin": digits, "pin_tries": document["pin_limit"]})
                return True
        return False


def revoked_serials(state: Path) -> frozenset[int]:
    """Read the serial numbers of the certificates revoked at issue; none when no such card was issued."""
    path = state / "pki" / "revoked.json"
    try:
        return frozenset(int(serial, 16) for serial in json.loads(path.read_text("ascii"))["serials"])
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = "Remove the file and STATE/cards/revoked.json, then start the back office again."
        raise EnvironmentFault(
            f"The revocation list {path} cannot be read ({type(error).__name__}).", remedy
        ) from error


def _revoke(state: Path, certificates: Mapping[str, x509.Certificate]) -> None:
    serials = revoked_serials(state) | {one.serial_number for one in certificates.values()}
    _write(state / "pki" / "revoked.json", {"format": 1, "serials": [f"{serial:x}" for serial in sorted(serials)]})


def _other_issuer(at: datetime) -> Authority:
    root_key, key = new_key(), new_key()
    root = Authority(
        certify(authority_plan("Another office root", 20 * YEAR, issues=1), root_key.public_key(), root_key, at),
        root_key,
    )
    plan = authority_plan("Another office card CA", 15 * YEAR, tuple(sorted(ROLE_POLICIES)))
    return Authority(certify(plan, key.public_key(), root, at), key)


def _card(
    name: str, holder: CardHolder, issuer: Authority, at: datetime, ids: Ids
) -> tuple[dict[str, object], dict[str, x509.Certificate]]:
    policy = next(oid for oid, role in ROLE_POLICIES.items() if role is holder.role)
    older = {"9A", "9C"} if name == RSA_CARD else set()
    keys = {slot: new_rsa_key() if slot in older else new_key() for slot in SLOTS}
    certificates = {
        slot: certify(card_plan(slot, holder.number, policy, CARD_VALID), key.public_key(), issuer, at)
        for slot, key in keys.items()
    }
    objects = _data_objects(holder, at + CARD_VALID, ids) | {
        CERTIFICATE_OBJECTS[slot]: certificate_object(
            one.public_bytes(Encoding.DER), compressed=name == COMPRESSED_CARD
        )
        for slot, one in certificates.items()
    }
    document: dict[str, object] = {
        "format": 1,
        "name": name,
        "label": holder.label or f"{holder.name}, {holder.role.value}",
        "application_id": APPLICATION_ID,
        "short_select_answer": False,
        "pin": PIN,
        "puk": PUK,
        "pin_limit": 3,
        "pin_tries": 3,
        "puk_limit": 3,
        "puk_tries": 3,
        "fresh_pin_for_9c": True,
        "keys": {
            slot: {
                "algorithm": "RSA-2048" if slot in older else "P-256",
                "private_key": private_pem(key).decode("ascii"),
            }
            for slot, key in keys.items()
        },
        "objects": {tag: value.hex().upper() for tag, value in sorted(objects.items())},
        "pin_gated": list(PIN_GATED),
        "fault": "garbage" if name == BROKEN_CARD else None,
    }
    return document, certificates


def certificate_object(der: bytes, *, compressed: bool = False) -> bytes:
    """Wrap a certificate as PIV stores it: 53 { 70 certificate, 71 information, FE } (SP 800-73-4 part 1, table 10).

    Compressed means gzip, with bit 0 of the information byte set (part 1, appendix A).
    """
    body = gzip.compress(der, mtime=0) if compressed else der
    return _tlv("53", _tlv("70", body) + _tlv("71", b"\x01" if compressed else b"\x00") + _tlv("FE"))


def _data_objects(holder: CardHolder, until: datetime, ids: Ids) -> dict[str, bytes]:
    identity = uuid.UUID(ids.new()).bytes
    unique = holder_unique_id(identity, until)
    capabilities = _tlv("F0", bytes.fromhex("A000000308") + identity) + _tlv("F1", b"\x21") + _tlv("F2", b"\x21")
    capabilities += _tlv("F3") + _tlv("F4", b"\x00") + _tlv("F5", b"\x10")
    capabilities += b"".join(_tlv(tag) for tag in ("F6", "F7", "FA", "FB", "FC", "FD", "FE"))
    printed = (
        _tlv("01", holder.name.encode("utf-8"))
        + _tlv("02", holder.role.value.upper().encode("ascii"))
        + _tlv("04", _printed_date(until).encode("ascii"))
        + _tlv("05", holder.number.encode("ascii"))
        + _tlv("06", b"GUICHETDEMO0001")
        + _tlv("FE")
    )
    groups = b"".join(bytes.fromhex(group) for group in ("01DB00", "023000", "033001"))
    return {
        "5FC102": unique,
        "5FC106": _tlv("53", _tlv("BA", groups) + _tlv("BB") + _tlv("FE")),
        "5FC107": _tlv("53", capabilities),
        "5FC109": _tlv("53", printed),
        "7E": _tlv("7E", _tlv("4F", bytes.fromhex(APPLICATION_ID)) + _tlv("5F2F", b"\x40\x00")),
    }


def holder_unique_id(identity: bytes, until: datetime) -> bytes:
    """Write the CHUID without a signature: FASC-N, GUID, expiry (SP 800-73-4 part 1, table 9)."""
    return _tlv(
        "53",
        _tlv("30", _FASC_N)
        + _tlv("34", identity)
        + _tlv("35", f"{until:%Y%m%d}".encode("ascii"))
        + _tlv("3E")
        + _tlv("FE"),
    )


def _printed_date(at: datetime) -> str:
    """Write a date as the printed information has it, 2031MAR04, in whatever language the machine runs."""
    return f"{at.year}{_MONTHS[3 * at.month - 3 : 3 * at.month]}{at.day:02d}"


def _tlv(tag: str, value: bytes = b"") -> bytes:
    length = len(value)
    if length < _ONE_BYTE:
        encoded = bytes([length])
    elif length < _TWO_BYTES:
        encoded = bytes([0x81, length])
    else:
        encoded = b"\x82" + length.to_bytes(2, "big")
    return bytes.fromhex(tag) + encoded + value


def _write(path: Path, document: Mapping[str, object]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
