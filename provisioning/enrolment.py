"""Turns a one-time code into an identity, and remembers it.

Rules:
- The root is pinned before anything is asked: it comes with the installation, never over the line.
- What the back office sends is checked before it is kept: its chain, our keys in it, its terminal number.
- Keys, certificates and configuration are written first, `enrolment.json` last: it is there or the terminal is not
  enrolled. A reply that was lost is asked for again with the same keys.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.back_office_client import (
    BackOfficeClient,
    Enrolled,
    Refused,
    TimedOut,
    Unreachable,
    Unreadable,
    check_url,
)
from kiosk.domain.errors import EnvironmentFault
from kiosk.terminal_folder import write_whole
from kiosk.wire.problem import Problem
from kiosk.wire.receipt import read_short_certificate
from kiosk.wire.timestamps import read_timestamp, timestamp
from kiosk.wire.trust import Anchors, Distrusted, Usage, load_certificate, terminal_issuers, verify_chain
from provisioning.configuration import BackOfficeSection, Configuration, load_configuration, write_configuration
from provisioning.key_store import ENROL_AGAIN, FileKeyStore, PendingKeys, fingerprint

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cryptography import x509

    from kiosk.back_office_client import Failure
    from kiosk.system import Clock, Ids
    from kiosk.terminal_folder import TerminalFolder
    from kiosk.wire.certificates import PublicKey

KEY_ID = "enrolment"
CODE_LENGTH = 10
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})


class Enrolment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the back office said this terminal is."""

    terminal: Annotated[str, msgspec.Meta(pattern=r"^T[0-9]{4}\Z")]
    office: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]
    back_office: str
    journal_epoch: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    enrolled_at: str
    certificate_until: str
    key_protection: str
    key_fingerprint: str


@dataclass(frozen=True, slots=True)
class _Identity:
    enrolled: Enrolled
    receipt_certificate: bytes
    issuers: tuple[x509.Certificate, ...]
    until: datetime


def compact_code(typed: str) -> str:
    """Return the code as the back office knows it. Raises `EnvironmentFault` when it cannot be one (it is not repeated)."""
    code = re.sub(r"[\s-]", "", typed).upper().translate(_READ_AS)
    if not re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{10}", code):
        raise EnvironmentFault(
            f"The enrolment code has {len(code)} characters or one that no code has; a code has {CODE_LENGTH} letters and digits.",
            "Type it as the technician's sheet shows it.",
        )
    return code


def read_anchors(root: Path) -> Anchors:
    """Read the pinned root. Raises `EnvironmentFault`."""
    remedy = "Name the root certificate of the scheme with --root FILE; it comes with the installation."
    try:
        anchors = Anchors.from_pem(root.read_bytes())
    except OSError as error:
        raise EnvironmentFault(f"The root certificate {root} cannot be read ({error.strerror}).", remedy) from error
    if isinstance(anchors, Problem):
        raise EnvironmentFault(f"{root} is no root certificate ({anchors.detail}).", remedy)
    return anchors


def load_enrolment(folder: TerminalFolder) -> Enrolment | None:
    """Return what this terminal is, None when it is not enrolled. Raises `EnvironmentFault` when the file is damaged."""
    try:
        return msgspec.json.decode(folder.enrolment.read_bytes(), type=Enrolment)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EnvironmentFault(f"{folder.enrolment} cannot be read ({error.strerror}).", "Check its rights.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EnvironmentFault(f"{folder.enrolment} is damaged ({error}).", ENROL_AGAIN) from error


def enrol(folder: TerminalFolder, url: str, code: str, root: Path, *, clock: Clock, ids: Ids) -> Enrolment:
    """Enrol this terminal at the back office. Raises `EnvironmentFault` naming what is wrong and what to do."""
    code = compact_code(code)
    url = check_url(url, place="--back-office")
    anchors = read_anchors(root)
    folder.create()
    configuration = _configuration(folder, url)
    store = FileKeyStore(folder)
    pending = store.pending()
    had = _journals_until_now(folder)
    client = BackOfficeClient(url, root, KEY_ID, pending.terminal_key, clock=clock, ids=ids)
    try:
        outcome = client.enrol(code, pending.csr, pending.receipt_csr, store.protection, had=had)
    finally:
        client.close()
    if not isinstance(outcome, Enrolled):
        raise _not_enrolled(url, outcome)
    identity = _check(outcome, pending, anchors, clock.now() + client.clock_offset)
    store.promote(pending, ids)
    write_whole(folder.root, anchors.root.public_bytes(Encoding.PEM))
    write_whole(folder.certificate, (outcome.certificate_pem.strip() + "\n" + "".join(outcome.chain_pem)).encode())
    write_whole(folder.receipt_certificate, identity.receipt_certificate)
    if configuration is not None:
        write_whole(folder.configuration, write_configuration(configuration).encode())
    enrolment = Enrolment(
        terminal=outcome.terminal,
        office=outcome.office,
        back_office=url,
        journal_epoch=outcome.journal_epoch,
        enrolled_at=timestamp(clock.now()),
        certificate_until=timestamp(identity.until),
        key_protection=store.protection,
        key_fingerprint=fingerprint(pending.terminal_key.public_key()),
    )
    write_whole(folder.enrolment, msgspec.json.format(msgspec.json.encode(enrolment), indent=2) + b"\n")
    store.forget_pending()
    return enrolment


def _journals_until_now(folder: TerminalFolder) -> dict[str, int]:
    """Say which journal was the newest of each terminal that this box was; a damaged file is no reason not to be enrolled anew."""
    had = folder.journals_set_aside()
    with contextlib.suppress(EnvironmentFault):
        before = load_enrolment(folder)
        if before is not None:
            had[before.terminal] = max(before.journal_epoch, had.get(before.terminal, 0))
    return had


def _configuration(folder: TerminalFolder, url: str) -> Configuration | None:
    """Return the configuration to write, None when the terminal has one that fits."""
    if not folder.configuration.exists():
        return Configuration(back_office=BackOfficeSection(url=url))
    there = load_configuration(folder.configuration)
    if there.back_office.url.rstrip("/") != url:
        raise EnvironmentFault(
            f"{folder.configuration} names the back office {there.back_office.url}, not {url}.",
            "Change back_office.url there, or --back-office here.",
        )
    return None


def _check(enrolled: Enrolled, pending: PendingKeys, anchors: Anchors, at: datetime) -> _Identity:
    """Check that this identity is ours and of our root. Raises `EnvironmentFault`."""
    certificate = load_certificate(enrolled.certificate_pem.encode())
    issuers = tuple(
        issuer for pem in enrolled.chain_pem if not isinstance(issuer := load_certificate(pem.encode()), Problem)
    )
    if isinstance(certificate, Problem):
        raise _bad_reply(f"its certificate cannot be read ({certificate.detail})")
    trusted = verify_chain(certificate, issuers, anchors, at, usage=Usage.TERMINAL)
    if isinstance(trusted, Distrusted):
        raise _bad_reply(f"its certificate is not of this root ({trusted.reason.value}: {trusted.detail})")
    if _spki(trusted.public_key) != _spki(pending.terminal_key.public_key()):
        raise _bad_reply("its certificate is for another key")
    if trusted.common_name != enrolled.terminal or not re.fullmatch(r"T[0-9]{4}", enrolled.terminal):
        raise _bad_reply(f"its certificate is for {trusted.common_name!r}, not for {enrolled.terminal!r}")
    try:
        short = base64.b64decode(enrolled.receipt_certificate, validate=True)
    except binascii.Error:
        raise _bad_reply("its receipt certificate is not base64") from None
    for issuer in terminal_issuers(anchors.with_issuers(issuers)):
        receipt = read_short_certificate(short, issuer)
        if not isinstance(receipt, Problem):
            ours = _spki(receipt.public_key) == _spki(pending.receipt_key.public_key())
            if ours and (receipt.terminal, receipt.office) == (enrolled.terminal, enrolled.office):
                return _Identity(enrolled, short, issuers, trusted.not_after)
    raise _bad_reply("its receipt certificate is not for this terminal's receipt key")


def _spki(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _bad_reply(why: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"The back office's answer is not kept: {why}.",
        "Compare the key fingerprints on both screens, and the root with the installation's.",
    )


def _not_enrolled(url: str, failure: Failure) -> EnvironmentFault:
    match failure:
        case Refused(message=message, remedy=remedy):
            return EnvironmentFault(f"The back office refused: {message}", remedy)
        case Unreachable(detail=detail):
            return EnvironmentFault(
                f"The back office {url} cannot be reached ({detail}).",
                "Check the address, the line, and that --root is the root of this back office.",
            )
        case TimedOut(seconds=seconds):
            return EnvironmentFault(
                f"The back office {url} did not answer within {seconds:g} s.",
                "Run the same command again: the same code and keys are used.",
            )
        case Unreadable(detail=detail):
            return EnvironmentFault(f"What answers at {url} is not a back office ({detail}).", "Check the address.")


def certificate_days(enrolment: Enrolment, at: datetime) -> int | None:
    """Return how many whole days the terminal's certificate is still valid; negative when it is over."""
    until = read_timestamp(enrolment.certificate_until)
    return None if until is None else (until - at).days
