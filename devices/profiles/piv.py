"""PIV cards (NIST SP 800-73-4 part 2, SP 800-78-4): the scheme's own card, and those of others.

Rules:
- The application is asked for by its full name first, then by shorter ones: cards differ in what they accept and answer.
- A card is hostile until shown otherwise: every answer is bytes of any length and content, and becomes a value.
- The algorithm follows from the key in the certificate, by an allow-list; a signature is checked before it is believed.
- Certificates may be compressed (gzip), marked so or not; what they unpack to is limited.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from devices import apdu, tlv
from devices.pin_pad import PinPolicy
from kiosk.domain.card import Agreed, CardFault, PinNeeded, Signed

if TYPE_CHECKING:
    from devices.transport import Silence, Transport

APPLICATION_NAMES = tuple(
    bytes.fromhex(name) for name in ("A000000308000010000100", "A00000030800001000", "A000000308")
)
"""Full application id, the same without its version, and the issuer's identifier alone (SP 800-73-4 part 1, 2.2)."""

CERTIFICATE_OBJECTS = {"9A": 0x5FC105, "9C": 0x5FC10A, "9D": 0x5FC10B, "9E": 0x5FC101}
CHUID, PRINTED_INFORMATION = 0x5FC102, 0x5FC109
PIN_POLICY = PinPolicy(reference=0x80, min_digits=6, max_digits=8, block_bytes=8, padding=0xFF)
"""The PIV application PIN (SP 800-73-4 part 2, 2.4.3)."""

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_P256 = 0x11
_EC_ALGORITHMS: dict[str, tuple[int, type[hashes.SHA256 | hashes.SHA384]]] = {
    "secp256r1": (_P256, hashes.SHA256),
    "secp384r1": (0x14, hashes.SHA384),
}
_RSA_ALGORITHMS = {2048: 0x07, 3072: 0x05, 1024: 0x06}
"""SP 800-78-4 table 6-2 and SP 800-78-5; RSA-1024 is met on old cards, and only a technician's look tolerates it."""

_SHA256_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")
"""RFC 8017 9.2 note 1."""

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_OR_ZLIB = 47
_MAX_CERTIFICATE_BYTES = 16_384
_HOLDER_LIMIT_BYTES = 125
"""SP 800-73-4 part 1 table 19."""

_POINT_BYTES, _COORDINATE_BYTES = 65, 32


@dataclass(frozen=True, slots=True)
class Selected:
    """The PIV application answered; `application_id` as it stands in the answer (6 or 11 bytes, or none)."""

    application_id: bytes
    asked_by: bytes


@dataclass(frozen=True, slots=True)
class NotPiv:
    """The card answers, but knows no PIV application; the last status word."""

    sw: int


@dataclass(frozen=True, slots=True)
class Absent:
    """The card does not give this; why, for the technician."""

    reason: str


class PivCard:
    """The commands of a PIV card on a connected transport; keeps no state of its own."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def select(self) -> Selected | NotPiv | Silence:
        """Select the application (3.1.1)."""
        sw = apdu.NOT_FOUND
        for name in APPLICATION_NAMES:
            reply = apdu.exchange(self._transport, apdu.Command(0xA4, 0x04, 0x00, name, apdu.LE_MAX))
            if not isinstance(reply, apdu.Reply):
                return reply
            if reply.ok:
                return Selected(tlv.find(reply.data, 0x61, 0x4F) or b"", name)
            sw = reply.sw
        return NotPiv(sw)

    def read_object(self, tag: int) -> bytes | Absent | Silence:
        """Read a data object (3.1.2): the content of its 53 envelope."""
        name = tag.to_bytes((tag.bit_length() + 7) // 8, "big")
        command = apdu.Command(0xCB, 0x3F, 0xFF, tlv.encode(0x5C, name), apdu.LE_MAX)
        reply = apdu.exchange(self._transport, command)
        if not isinstance(reply, apdu.Reply):
            return reply
        if not reply.ok:
            return Absent(f"status word {reply.sw:04X}")
        content = tlv.find(reply.data, 0x53)
        return Absent("no data object in the answer") if content is None else content

    def read_certificate(self, slot: str) -> bytes | Absent | Silence:
        """Read the certificate of a key (DER), unpacked."""
        content = self.read_object(CERTIFICATE_OBJECTS[slot])
        if not isinstance(content, bytes):
            return content
        packed = tlv.find(content, 0x70)
        if not packed:
            return Absent("no certificate in the data object")
        info = tlv.find(content, 0x71) or b"\x00"
        if not info[0] & 0x01 and not packed.startswith(_GZIP_MAGIC):
            return packed
        unpacked = _unpack(packed)
        return Absent("the compressed certificate does not unpack") if unpacked is None else unpacked

    def pin_tries(self) -> int | Absent | Silence | None:
        """Ask for the tries left by an empty VERIFY (3.2.1); None when the card holds the PIN for shown already."""
        reply = apdu.exchange(self._transport, apdu.Command(0x20, 0x00, PIN_POLICY.reference))
        if not isinstance(reply, apdu.Reply):
            return reply
        if reply.ok:
            return None
        left = apdu.tries_left(reply.sw)
        return Absent(f"status word {reply.sw:04X} to an empty VERIFY") if left is None else left

    def sign(self, slot: str, key: PublicKey, message: bytes) -> Signed | PinNeeded | CardFault | Silence:
        """Let a key of the card sign (3.2.4), check it, and give it in the form of RFC 7518 3.3 and 3.4."""
        prepared = _to_be_signed(key, message)
        if prepared is None:
            return CardFault(f"{slot}: this kind of key cannot sign here")
        algorithm, block = prepared
        answer = self._authenticate(slot, algorithm, 0x81, block)
        if not isinstance(answer, bytes):
            return answer
        if not verifies(key, answer, message):
            return CardFault(f"{slot}: the signature does not fit the certificate")
        return Signed(_as_jose(key, answer))

    def agree(self, key: PublicKey, peer: bytes) -> Agreed | PinNeeded | CardFault | Silence:
        """Agree on a secret by key 9D and the peer's uncompressed P-256 point (3.2.4, SP 800-56A)."""
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
            return CardFault("9D: no P-256 key, so it cannot agree on a secret")
        if len(peer) != _POINT_BYTES or peer[0] != 0x04:  # noqa: PLR2004 - SEC 1, 2.3.3: uncompressed
            return CardFault("9D: the peer's key is no uncompressed P-256 point")
        answer = self._authenticate("9D", _P256, 0x85, peer)
        if not isinstance(answer, bytes):
            return answer
        return (
            Agreed(answer) if len(answer) == _COORDINATE_BYTES else CardFault(f"9D: {len(answer)} bytes for a secret")
        )

    def read_holder(self) -> str | Absent | Silence:
        """Read the name in the printed information (part 1, 3.3.4); needs the PIN on most cards."""
        content = self.read_object(PRINTED_INFORMATION)
        if not isinstance(content, bytes):
            return content
        name = tlv.find(content, 0x01)
        if not name or len(name) > _HOLDER_LIMIT_BYTES:
            return Absent("no name in the printed information")
        try:
            text = name.decode("utf-8").strip()
        except UnicodeDecodeError:
            text = name.decode("latin-1").strip()
        return text if text and text.isprintable() else Absent("the name has unprintable characters")

    def _authenticate(
        self, slot: str, algorithm: int, tag: int, data: bytes
    ) -> bytes | PinNeeded | CardFault | Silence:
        template = tlv.encode(0x7C, tlv.encode(0x82) + tlv.encode(tag, data))
        command = apdu.Command(0x87, algorithm, int(slot, 16), template, apdu.LE_MAX)
        reply = apdu.exchange(self._transport, command)
        if not isinstance(reply, apdu.Reply):
            return reply
        if reply.sw == apdu.SECURITY_STATUS_NOT_SATISFIED:
            return PinNeeded()
        if not reply.ok:
            return CardFault(f"{slot}: status word {reply.sw:04X} to GENERAL AUTHENTICATE")
        result = tlv.find(reply.data, 0x7C, 0x82)
        return result or CardFault(f"{slot}: no result in the answer to GENERAL AUTHENTICATE")


def verifies(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether a card's own signature (ECDSA in DER, or PKCS#1 v1.5) is the key's over the message."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            key.verify(signature, message, ec.ECDSA(_EC_ALGORITHMS[key.curve.name][1]()))
    except (InvalidSignature, ValueError, KeyError):
        return False
    return True


def algorithm_name(key: PublicKey) -> str:
    """Name the kind of key for a technician: P-256, P-384, RSA-2048."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA-{key.key_size}"
    return {"secp256r1": "P-256", "secp384r1": "P-384"}.get(key.curve.name, key.curve.name)


def _to_be_signed(key: PublicKey, message: bytes) -> tuple[int, bytes] | None:
    """Give the algorithm's number and the block the card shall work on; None for kinds not on the list."""
    if isinstance(key, rsa.RSAPublicKey):
        number = _RSA_ALGORITHMS.get(key.key_size)
        if number is None:
            return None
        info = _SHA256_DIGEST_INFO + hashlib.sha256(message).digest()
        filler = b"\xff" * (key.key_size // 8 - len(info) - 3)
        return number, b"\x00\x01" + filler + b"\x00" + info  # EMSA-PKCS1-v1_5, RFC 8017 9.2
    if key.curve.name not in _EC_ALGORITHMS:
        return None
    number, algorithm = _EC_ALGORITHMS[key.curve.name]
    return number, hashlib.new(algorithm.name, message).digest()


def _as_jose(key: PublicKey, signature: bytes) -> bytes:
    if isinstance(key, rsa.RSAPublicKey):
        return signature
    size = (key.key_size + 7) // 8
    r, s = decode_dss_signature(signature)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _unpack(packed: bytes) -> bytes | None:
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        unpacked = unpacker.decompress(packed, _MAX_CERTIFICATE_BYTES)
    except zlib.error:
        return None
    return unpacked if unpacker.eof else None
