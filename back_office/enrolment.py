"""Gives a terminal its identity for a one-time code that a technician carries.

Rules:
- A code has 10 Crockford characters, lives 15 minutes, dies at the fifth wrong try, and is kept as a salted hash only.
- The request is signed with the key it asks a certificate for (RFC 9421), so that nobody enrols another's key.
- The same request again (an answer lost on the way) gets the same answer; the code with another key gets none.
- A new enrolment binds a new journal epoch; what an old journal still delivers is known by its own epoch. An epoch that
  the terminal had is never given again, also when the database was put back to before it.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from hashlib import scrypt
from typing import TYPE_CHECKING

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from back_office import audit, journals, pki
from back_office.api_types import Enrolled, Enrolment, Refused
from back_office.repository import terminals, timestamp
from back_office.repository.desk_places import FIRST, is_place
from back_office.repository.terminals import EnrolmentCode, Terminal
from kiosk.domain import reference
from kiosk.domain.audit import Actor
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.canonical import digest
from kiosk.wire.problem import Problem

if TYPE_CHECKING:
    from datetime import timedelta

    from back_office.installation import Installation, Work

CODE_LENGTH = 10
MOST_FORGOTTEN = 100
"""Enrolments that a copy of the database put back may lack; more is a mistake."""
_WRONG = Refused(
    403,
    "code_wrong",
    "This enrolment code is not valid (any more).",
    "Ask for a new one: guichet back-office enrolment-code.",
)


@dataclass(frozen=True, slots=True)
class Certificates:
    """The two requests of a terminal, read."""

    csr: x509.CertificateSigningRequest
    key: ec.EllipticCurvePublicKey


def new_code(work: Work, *, terminal_id: str, office: str, technician: str, lifetime: timedelta) -> str:
    """Make a code for a technician; only its hash stays here.

    Raises EnvironmentFault for an office that is not known, and for a number that belongs to desks.
    """
    if is_place(terminal_id):
        raise EnvironmentFault(
            f"{terminal_id} is a number of desks.", f"Give the terminal a number below T{FIRST:04d}."
        )
    if terminals.office_name(work.db, office) is None:
        raise EnvironmentFault(
            f"There is no office {office!r}.", "Use one that `guichet back-office seed` or the registry named."
        )
    code = work.it.ids.crockford(CODE_LENGTH)
    salt = work.it.ids.token(16)
    terminals.add_enrolment_code(
        work.db,
        terminal_id=terminal_id,
        office=office,
        technician=technician,
        salt=salt,
        digest=_hash(code, salt),
        created_at=work.time,
        expires_at=timestamp(work.at + lifetime),
    )
    details = {"terminal": terminal_id, "office": office}
    actor = Actor("technician", technician, office)
    audit.record(work.db, work.at, actor, "terminal.code_given", terminal_id, purpose="enrolment", details=details)
    return code


def read_requests(request: Enrolment) -> Certificates | Refused:
    """Read the certificate request and its key; it must be P-256 and signed by that key."""
    try:
        csr = x509.load_pem_x509_csr(request.csr_pem.encode())
        receipt = x509.load_pem_x509_csr(request.receipt_csr_pem.encode())
        keys = [csr.public_key(), receipt.public_key()]
        valid = csr.is_signature_valid and receipt.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        return Refused(422, "csr", "A certificate request cannot be read.", "Send two PKCS #10 requests in PEM.")
    if not valid or not all(
        isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1" for key in keys
    ):
        return Refused(422, "csr", "A certificate request is not signed by a P-256 key.", "Make the keys anew.")
    key = keys[0]
    assert isinstance(key, ec.EllipticCurvePublicKey)  # noqa: S101 - checked above
    return Certificates(csr, key)


def enrol(it: Installation, request: Enrolment, asked: Certificates) -> Enrolled | Refused:
    """Exchange the code for an identity. The signature of the HTTP request has been verified with the same key."""
    key_digest = digest(asked.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    typed = reference.compact(request.code)
    with it.database.read() as db:  # hashing is slow on purpose, so it is not done while others wait to write
        open_codes = terminals.enrolment_codes(db, timestamp(it.clock.now()))
    fits = next((code.n for code in open_codes if hmac.compare_digest(code.hash, _hash(typed, code.salt))), None)
    with it.work() as work:
        codes = terminals.enrolment_codes(work.db, work.time)
        found = next((code for code in codes if code.n == fits), None)
        if found is None:
            _count_try(work, codes, asked)
            return _WRONG
        if found.used_at is not None:
            repeated = found.answer is not None and found.key_digest == key_digest
            return msgspec.json.decode(found.answer or "", type=Enrolled) if repeated else _WRONG
        if found.tries >= it.settings.enrolment.code_tries:
            return _WRONG
        known = terminals.terminal(work.db, found.terminal)
        if known is not None and known.state == "retired":
            return Refused(
                403, "retired", f"The terminal {known.id} is retired for good.", "Give the box a new terminal id."
            )
        answer = _issue(work, found, request, asked)
        if isinstance(answer, Enrolled):
            text = msgspec.json.encode(answer).decode()
            terminals.use_enrolment_code(work.db, found.n, work.time, key_digest=key_digest, answer=text)
        return answer


def _issue(work: Work, code: EnrolmentCode, request: Enrolment, asked: Certificates) -> Enrolled | Refused:
    state, clock = work.it.state, work.it.clock
    certificate = pki.issue_terminal_certificate(state, request.csr_pem.encode(), code.terminal, clock)
    receipt = pki.issue_receipt_certificate(state, request.receipt_csr_pem.encode(), code.terminal, code.office, clock)
    if isinstance(certificate, Problem) or isinstance(receipt, Problem):
        return Refused(422, "csr", "A certificate request was refused.", "Make two P-256 keys and ask again.")
    known = terminals.newest_epoch(work.db, code.terminal)
    had = request.journals.get(code.terminal, 0)
    if had > known + MOST_FORGOTTEN:
        return Refused(
            422, "epoch", f"The terminal speaks of its journal {had}; here {known} is the newest.",
            "Choose its back office, or give the box a new terminal id.",
        )  # fmt: skip
    epoch = max(known, had) + 1
    terminals.put_terminal(
        work.db,
        Terminal(
            id=code.terminal,
            office=code.office,
            state="in_service",
            public_key=asked.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            certificate=certificate.decode("ascii"),
            certificate_serial=str(x509.load_pem_x509_certificate(certificate).serial_number),
            receipt_certificate=receipt,
            key_protection=request.key_protection,
            journal_epoch=epoch,
            technician=code.technician,
            enrolled_at=work.time,
            last_seen_at=work.time,
            heartbeat="{}",
            anomaly=None,
        ),
    )
    for bound in range(known + 1, epoch + 1):  # also what was forgotten with a database that was put back
        terminals.bind_epoch(work.db, code.terminal, bound, work.time)
    journals.resumed(work, code.terminal)  # a technician was here, and it has a new journal
    details = {"key_protection": request.key_protection, "epoch": str(epoch), "office": code.office}
    actor = Actor("technician", code.technician, code.office)
    audit.record(work.db, work.at, actor, "terminal.enrolled", code.terminal, purpose="enrolment", details=details)
    return Enrolled(
        terminal=code.terminal,
        office=code.office,
        certificate_pem=certificate.decode("ascii"),
        receipt_certificate=base64.b64encode(receipt).decode("ascii"),
        chain_pem=[pem.decode("ascii") for pem in pki.terminal_chain(state)],
        journal_epoch=epoch,
        configuration=dict(work.it.settings.terminal),
    )


def _count_try(work: Work, codes: list[EnrolmentCode], asked: Certificates) -> None:
    """Count a wrong try against the code of the terminal that the request names, or against all that are open."""
    names = asked.csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    named = str(names[0].value) if names else ""
    unused = [code for code in codes if code.used_at is None]
    for code in [code for code in unused if code.terminal == named] or unused:
        terminals.count_enrolment_try(work.db, code.n)
    actor = Actor("terminal", "unknown")
    details = {"count": str(len(unused))}
    audit.record(work.db, work.at, actor, "terminal.code_wrong", "enrolment", purpose="enrolment", details=details)


def _hash(code: str, salt: bytes) -> bytes:
    """Hash a code slowly (RFC 7914), so that a stolen database does not give a live code."""
    return scrypt(code.encode(), salt=salt, n=2**12, r=8, p=1, dklen=32)
