"""Another implementation of the wire formats, as somebody else would write it from their description.

Nothing of the program is imported here: `cryptography`'s primitives, the standard library, and the RFCs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def b64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def curve_private(jwk: dict[str, str]) -> ec.EllipticCurvePrivateKey:
    """RFC 7518 6.2.2."""
    return ec.derive_private_key(int.from_bytes(b64url(jwk["d"]), "big"), ec.SECP256R1())


def ecdsa(key: Any, raw: bytes, message: bytes) -> None:
    """Verify r || s; raises InvalidSignature."""
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(der, message, ec.ECDSA(SHA256()))


def jws(text: str, typ: str, issuers: list[x509.Certificate]) -> tuple[dict[str, Any], x509.Certificate]:
    """RFC 7515 3.1, with the signer's certificate in x5c; `issuers` from its issuer up to the root."""
    head, payload, signature = text.split(".")
    header = json.loads(b64url(head))
    assert set(header) == {"alg", "typ", "x5c", "iat"}
    assert header["typ"] == typ
    certificate = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
    for subject, issuer in zip([certificate, *issuers], [*issuers, issuers[-1]], strict=True):
        subject.verify_directly_issued_by(issuer)
    key, message = certificate.public_key(), f"{head}.{payload}".encode()
    if header["alg"] == "ES256":
        ecdsa(key, b64url(signature), message)
    else:
        assert header["alg"] == "RS256"
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(b64url(signature), message, padding.PKCS1v15(), SHA256())
    value = json.loads(b64url(payload))
    assert isinstance(value, dict)
    return value, certificate


def jwe(text: str, private: ec.EllipticCurvePrivateKey) -> tuple[dict[str, Any], str]:
    """RFC 7516 5.2 with ECDH-ES (RFC 7518 4.6) and A256GCM (5.3): header and plaintext."""
    head, encrypted_key, iv, ciphertext, tag = text.split(".")
    assert encrypted_key == ""
    header = json.loads(b64url(head))
    assert (header["alg"], header["enc"]) == ("ECDH-ES", "A256GCM")
    x, y = (int.from_bytes(b64url(header["epk"][name]), "big") for name in ("x", "y"))
    ephemeral = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    shared = private.exchange(ec.ECDH(), ephemeral)
    # Concat KDF (NIST SP 800-56A 5.8.1), one round: counter, Z, AlgorithmID, PartyUInfo, PartyVInfo, SuppPubInfo
    name = b"A256GCM"
    other = struct.pack(">I", len(name)) + name + struct.pack(">I", 0) + struct.pack(">I", 0) + struct.pack(">I", 256)
    key = hashlib.sha256(struct.pack(">I", 1) + shared + other).digest()
    plain = AESGCM(key).decrypt(b64url(iv), b64url(ciphertext) + b64url(tag), head.encode())
    return header, plain.decode("ascii")


def thumbprint(private: ec.EllipticCurvePrivateKey) -> str:
    """RFC 7638 3."""
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    x, y = (base64.urlsafe_b64encode(half).rstrip(b"=").decode() for half in (point[1:33], point[33:]))
    text = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def receipt(text: str, terminal_ca: x509.Certificate) -> dict[str, Any]:
    """The statement in a receipt's QR code, both signatures verified."""
    assert text.startswith("GR1:")
    body = text[4:]
    data = base64.b32decode(body + "=" * (-len(body) % 8))
    version, recorded_at, reference, identity, body_hash, length = struct.unpack_from(">BI8s16s32sB", data)
    at = struct.calcsize(">BI8s16s32sB")
    service, certificate = data[at : at + length], data[at + length : -64]
    certified, number, begins, ends, office_length = struct.unpack_from(">BHIIB", certificate)
    assert (version, certified) == (1, 1)
    assert begins <= recorded_at <= ends
    ecdsa(terminal_ca.public_key(), certificate[-64:], b"guichet receipt certificate 1\0" + certificate[:-64])
    office, point = certificate[12 : 12 + office_length], certificate[12 + office_length : -64]
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    ecdsa(key, data[-64:], b"guichet receipt statement 1\0" + data[:-64])
    return {
        "reference": f"{number:04d}{reference.decode()}", "terminal": f"T{number:04d}", "office": office.decode(),
        "service": service.decode(), "recorded_at": recorded_at, "transaction_id": identity.hex(), "body_hash": body_hash.hex(),
    }  # fmt: skip


def request(vector: dict[str, Any]) -> dict[str, str]:
    """An HTTP request after RFC 9421 3.2 and RFC 9530; answers the parameters."""
    headers = vector["headers"]
    digest = base64.b64encode(hashlib.sha256(vector["body"].encode()).digest()).decode()
    assert headers["Content-Digest"] == f"sha-256=:{digest}:"
    label, parameters = headers["Signature-Input"].split("=", 1)
    base = "\n".join(
        [
            f'"@method": {vector["method"]}',
            f'"@path": {vector["path"]}',
            f'"@query": ?{vector["query"]}',
            f'"content-digest": {headers["Content-Digest"]}',
            f'"@signature-params": {parameters}',
        ]
    )
    signature = headers["Signature"]
    assert signature.startswith(f"{label}=:")
    raw = base64.b64decode(signature.removeprefix(f"{label}=:").removesuffix(":"))
    ecdsa(curve_private(vector["private_jwk"]).public_key(), raw, base.encode())
    return dict(part.split("=", 1) for part in parameters.split(";")[1:])
