"""A certificate that was issued, printed at the desk for the person it is about.

Rules:
- Against an identity document, by an officer of the person's own office; who printed what, and on which document, is in the log,
  and the person sees that the record was looked at, and for what.
- It is the paper that was issued, under its code and with its last day; after that day nobody prints it.
- Nothing is kept of the paper: it is made anew each time, and goes to the officer's own printer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from back_office import audit
from back_office.desk.acts import NotDone
from back_office.repository import certificates, people, terminals
from back_office.services.certificate import paper_of
from kiosk.a4.certificate import make_pdf
from kiosk.domain.audit import Actor
from kiosk.domain.identifiers import parse_identifier
from kiosk.domain.problem import Problem
from kiosk.domain.receipt import Place
from kiosk.domain.service import IDENTITY_DOCUMENTS
from kiosk.domain.session.states import DocumentPaper
from kiosk.schemes import load_texts
from kiosk.wire.document import read_document
from kiosk.wire.problem import Problem as Malformed

if TYPE_CHECKING:
    from back_office.installation import Installation, Work
    from back_office.repository.desk import Officer
    from back_office.repository.people import PersonRow
    from back_office.services.effect import Issued

PURPOSE = "certificate"
_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom, and which identity document was seen."""

    person: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """One certificate: its id, what it is, its days, and whether it can still be printed."""

    id: str
    title: str
    issued_on: str
    valid_until: str
    printable: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A person's certificates, newest first."""

    person: str
    offered: tuple[Offered, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """The paper: a name for its file, and the PDF."""

    name: str
    pdf: bytes


def documents(it: Installation) -> tuple[tuple[str, str], ...]:
    """Return which identity documents an officer can have seen, with their names."""
    texts = load_texts(it.scheme.code)
    return tuple((name, texts.text(_LANGUAGE, f"by_officer.document.{name}")) for name in IDENTITY_DOCUMENTS)


def look(it: Installation, officer: Officer, asked: Asked) -> Listed | NotDone:
    """List what was issued to a person; that an officer looked is noted."""
    with it.work() as work:
        person = _person(work, officer, asked)
        if isinstance(person, NotDone):
            return person
        _looked(work, officer, person)
        lines = certificates.lines_of(work.db, person.number)
        today = work.at.astimezone(it.scheme.bank_change.zone).date().isoformat()
    texts = load_texts(it.scheme.code)
    return Listed(
        f"{person.name}, born {person.birth_date}, number {person.number}",
        tuple(
            Offered(
                line["request"], texts.text(_LANGUAGE, f"certificate.{line['kind']}.title"), line["issued_on"],
                line["valid_until"], today <= line["valid_until"],
            )
            for line in lines
        ),
    )  # fmt: skip


def make(it: Installation, officer: Officer, asked: Asked, certificate: str) -> Made | NotDone:
    """Make the paper of one certificate; takes a moment, so not on an event loop."""
    with it.work() as work:
        person = _person(work, officer, asked)
        if isinstance(person, NotDone):
            return person
        issued = paper_of(work, person.number, certificate)
        paper = None if issued is None else _paper(issued)
        if paper is None:
            return NotDone("This certificate cannot be printed any more.", "Have a new one issued.")
        _looked(work, officer, person)
        details = {"kind": asked.document}
        actor = Actor("officer", officer.id, officer.office)
        audit.record(work.db, work.at, actor, "certificate.printed", certificate, purpose=PURPOSE, details=details)
        office = terminals.office_name(work.db, officer.office) or officer.office
    scheme = it.scheme
    language = person.language if person.language in scheme.languages else scheme.official_language
    pdf = make_pdf(
        paper, load_texts(scheme.code), place=Place(office, "", demonstration=True),
        languages=(scheme.official_language, language),
    )  # fmt: skip
    return Made(f"certificate-{certificate[-12:]}.pdf", pdf)


def _paper(issued: Issued) -> DocumentPaper | None:
    content = read_document(issued.document)
    if isinstance(content, Malformed):
        return None
    return DocumentPaper(content, issued.code, issued.valid_until, issued.address)


def _person(work: Work, officer: Officer, asked: Asked) -> PersonRow | NotDone:
    if asked.document not in IDENTITY_DOCUMENTS:
        return NotDone("A certificate is printed against an identity document.", "Say which document you have seen.")
    number = parse_identifier(work.it.scheme.person_number, asked.person)
    if isinstance(number, Problem):
        texts = load_texts(work.it.scheme.code)
        return NotDone(texts.fill(_LANGUAGE, number.key, number.parameters), "Compare it with the identity document.")
    person = people.person(work.db, number.value)
    if person is None or person.office != officer.office:
        return NotDone("No such person belongs to your office.", "Compare the number with the identity document.")
    return person


def _looked(work: Work, officer: Officer, person: PersonRow) -> None:
    actor = Actor("officer", officer.id, officer.office)
    audit.record(work.db, work.at, actor, "desk.file.opened", person.number, purpose=PURPOSE)
