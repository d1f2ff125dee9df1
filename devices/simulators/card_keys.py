"""The private-key work of a simulated card, in the raw form of SP 800-73-4 (the host does all padding)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from devices.simulators.card_file import PrivateKey

_FIELD_BYTES = 32


class WrongInput(Exception):  # noqa: N818 - becomes status word 6A80
    """The data do not fit the key: wrong length, or no point of the curve."""


def raw_operation(key: PrivateKey, data: bytes) -> bytes:
    """Sign a digest by ECDSA (DER answer), or raise a block to the private RSA exponent (signature or decipherment)."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        if len(data) > _FIELD_BYTES:
            raise WrongInput
        return key.sign(data.rjust(_FIELD_BYTES, b"\x00"), ec.ECDSA(Prehashed(hashes.SHA256())))
    return _rsa_private(key, data)


def agree_secret(key: PrivateKey, peer: bytes) -> bytes:
    """Give the x coordinate of the shared point (SP 800-56A one-pass ECDH); `peer` is an uncompressed point."""
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise WrongInput
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), peer)
    except ValueError as no_point:
        raise WrongInput from no_point
    return key.exchange(ec.ECDH(), point)


def _rsa_private(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
    """RFC 8017 5.1.2 by the Chinese remainder theorem, as card chips do it."""
    size = key.key_size // 8
    numbers = key.private_numbers()
    message = int.from_bytes(data, "big")
    if len(data) != size or message >= numbers.public_numbers.n:
        raise WrongInput
    first, second = pow(message, numbers.dmp1, numbers.p), pow(message, numbers.dmq1, numbers.q)
    lift = numbers.iqmp * (first - second) % numbers.p
    return (second + numbers.q * lift).to_bytes(size, "big")
