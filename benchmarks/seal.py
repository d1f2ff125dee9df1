"""`seal`: signing, deflating and sealing a person's document, beside the bare primitives that this cannot do without.

Ours: `kiosk.wire.sealed_record.seal_record`, a document of 1.7 KB, one card. The peer, by hand on the same document: JSON,
ECDSA over it, deflate, a P-256 key and its agreement with the card's, Concat KDF, AES key wrap, AES-GCM, base64 of the
result: no header, no claims, no padding, no checks. Turn by turn.
"""

from __future__ import annotations

import base64
import random
import statistics
import time
import zlib
from typing import TYPE_CHECKING, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from benchmarks.figures import Figure, spread_of
from benchmarks.sealed_people import AT, SMALL, document
from kiosk.wire.sealed_record import RECORD_ID_BYTES, seal_record

if TYPE_CHECKING:
    from kiosk.wire.signed import Signer

GOAL = 2.0
ROUNDS = 600
WARM_UP = 50


def figure(signer: Signer, rounds: int = ROUNDS) -> Figure:
    """The row."""
    made = document(random.Random(7), SMALL)
    card = ec.generate_private_key(ec.SECP256R1()).public_key()
    ours, theirs = [], []
    for number in range(rounds + WARM_UP):
        began = time.perf_counter()
        seal_record(made, record_id=bytes(RECORD_ID_BYTES), version=1, recipients=[card], at=AT, signer=signer)
        between = time.perf_counter()
        primitives(made, card, signer.key)
        ended = time.perf_counter()
        if number >= WARM_UP:
            ours.append((between - began) * 1e6)
            theirs.append((ended - between) * 1e6)
    return Figure(
        "seal", statistics.median(ours), "us", "bare primitives", statistics.median(theirs), rounds, GOAL, spread_of(ours, 0)
    )


def primitives(
    made: dict[str, Any], card: ec.EllipticCurvePublicKey, signing: ec.EllipticCurvePrivateKey
) -> tuple[bytes, bytes, bytes]:
    """Only what has to be computed; gives the ciphertext, the wrapped key and the shared secret."""
    payload = msgspec.json.encode(made)
    signature = signing.sign(payload, ec.ECDSA(SHA256()))
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(signature + payload) + packer.flush()
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    shared = ephemeral.exchange(ec.ECDH(), card)
    wrapping = ConcatKDFHash(SHA256(), 32, b"bench").derive(shared)
    key = AESGCM.generate_key(256)
    sealed = AESGCM(key).encrypt(key[:12], packed, None)
    return base64.urlsafe_b64encode(sealed), aes_key_wrap(wrapping, key), shared
