"""What tests of the services' effects share: a request signed by a card or told without one, the record, cases, notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from back_office.desk import acts
from back_office.record_document import compose
from back_office.repository import desk, people
from kiosk.wire.answer import AnswerKey
from kiosk.wire.envelope import seal
from kiosk.wire.person_record import person_of
from kiosk.wire.report import Report, write_report
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from back_office_bench import Bench, Holder

    from back_office.repository.changes import RequestRow
    from back_office.repository.desk import DeskCase
    from kiosk.domain.record import Person


def submit(office: Bench, holder: Holder, service: str, answers: dict[str, str], **other: Any) -> str:
    """Sign, receive and settle a request; its id."""
    entry = office.entry(holder, service, answers, **other)
    office.receive(entry)
    office.settle()
    return str(entry["id"])


def tell(office: Bench, service: str, answers: dict[str, str], **other: Any) -> str:
    """Tell something without a card, receive and settle it; its id."""
    at = wire_time(office.it.clock.now())
    values: dict[str, Any] = {
        "id": office.it.ids.new(),
        "service": service,
        "scheme": "cz",
        "office": office.terminal.office,
        "terminal": office.terminal.id,
        "answers": answers,
        "entered_by": dict.fromkeys(answers, "holder"),
        "started_at": at,
        "signed_at": at,
        "language": "cs",
        "answer_key": AnswerKey.generate().jwk,
    }
    report = Report(**(values | other))
    written = write_report(report)
    assert isinstance(written, bytes), written
    body = seal(written, office.it.keyring.keys().sealing_certificates[0])
    office.receive(office.terminal.entry(report.id, body, at, kind="report"))
    office.settle()
    return report.id


def word(office: Bench, request: str) -> tuple[str, str]:
    """Where a request stands, and the key of the sentence that says it."""
    row = kept(office, request)
    return row.decision, row.text_key


def kept(office: Bench, request: str) -> RequestRow:
    """The row of a request."""
    row = office.request_row(request)
    assert row is not None, "it was not decided"
    return row


def record(office: Bench, name: str) -> Person:
    """The record of a demonstration person as the person sees it now."""
    number = office.person(name)
    with office.it.database.read() as db:
        row = people.person(db, number)
        assert row is not None
        document = compose(db, office.it.scheme, row, office.it.clock.now(), {}).document
    person = person_of(document)
    assert not hasattr(person, "code"), person
    return person  # type: ignore[return-value]


def cases(office: Bench) -> list[DeskCase]:
    """What waits at the desk."""
    with office.it.database.read() as db:
        return desk.open_cases(db)


def decide(office: Bench, case: DeskCase, act: acts.Act, reason: str = "seen", who: str = "alena") -> object:
    """Let an officer decide a case; what is then to be done is done."""
    with office.it.database.read() as db:
        officer = desk.officer(db, who)
    assert officer is not None
    done = acts.decide(office.it, officer, str(case.n), acts.Decision(act, reason))
    office.settle()
    return done


def told(office: Bench, kind: str) -> list[tuple[str, str]]:
    """Who was told of something: channel and destination."""
    return sorted((sent.channel, sent.destination) for sent in office.messages.sent if f":{kind}:" in sent.key)
