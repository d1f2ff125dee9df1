"""Everything that can be said on the link, one frozen struct a message.

Rules:
- The first message is a hello with the version of this protocol; nothing is answered before it is accepted.
- Every request carries a number `n`, echoed in its reply; notifications carry none, or 0.
- Bodies are sealed bytes: neither end of the link opens what it passes on.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

VERSION = 3

Id: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
]
"""A UUIDv7 (RFC 9562) in its lower-case 36-character form."""
Word: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.:\-]{1,64}\Z")]
"""A code name: what may stand in a clear header or a log."""
Service: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_.:-]{0,31}\Z")]
"""What may stand in a receipt statement (kiosk.wire.receipt)."""
Seconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=60)]


class _Message(msgspec.Struct, frozen=True, tag=True, tag_field="type", forbid_unknown_fields=True):
    """Base of everything on the link."""


# --- what both ends know ---------------------------------------------------------------------------


class Environment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What works now, as the agent knows it; ages in seconds, None when there never was anything."""

    line: Literal["online", "offline"]
    since: str
    reference_age_seconds: int | None
    revocation_age_seconds: int | None
    backlog: int
    disk_free_bytes: int
    journal: Literal["ok", "full", "corrupt"]
    suspended: bool
    cache: Literal["ok", "filling", "empty", "lapsed"] = "empty"
    cache_age_seconds: int | None = None
    """Since the back office last said that the records here are the newest."""
    cache_people: int = 0


# --- from the visit --------------------------------------------------------------------------------


class Hello(_Message, frozen=True):
    """First message of a visit: the id that the supervisor gave it."""

    version: int
    visit_id: Word


class Append(_Message, frozen=True):
    """Make this sealed body durable. `service` goes into the receipt statement and nowhere else."""

    n: int
    id: Id
    kind: Word
    schema: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    sealing_key_id: Word
    body: Annotated[bytes, msgspec.Meta(min_length=1, max_length=400_000)]
    service: Service


class ExpectAppend(_Message, frozen=True):
    """The card has signed; an `Append` follows as soon as the act is sealed. No reply; nothing hangs on it."""


class Ask(_Message, frozen=True):
    """Carry a sealed question to the back office; answered within `wait_seconds`."""

    n: int
    id: Id
    sealed: bytes
    wait_seconds: Seconds


class Follow(_Message, frozen=True):
    """Send this entry now and alone, and tell how it goes (`Progress`) for `wait_seconds`."""

    n: int
    id: Id
    wait_seconds: Seconds


class ReportPrint(_Message, frozen=True):
    """How the receipt of this entry came out; kept beside it and delivered."""

    n: int
    id: Id
    stage: Word
    outcome: Literal["printed", "failed", "unknown"]


class ReportDevices(_Message, frozen=True):
    """Device name -> state, in the names of the ATM field (ONLINE, OFFLINE, HWERROR...)."""

    n: int
    states: dict[str, str]


class CallStaff(_Message, frozen=True):
    """Somebody at this step needs help; nothing about who."""

    n: int
    step: Word


class FetchRecord(_Message, frozen=True):
    """Hand out the sealed record that is found by this (`kiosk.wire.sealed_record.lookup`).

    The own one by the fingerprint of the card's 9D key, somebody else's by that and the person's number.
    `access_id` is the entry of kind `access` that this visit has made durable before: no record leaves without it.
    """

    n: int
    access_id: Id
    fingerprint: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class GetReference(_Message, frozen=True):
    """Ask for the newest signed reference data."""

    n: int


# --- from the supervisor ---------------------------------------------------------------------------


class SuperviseHello(_Message, frozen=True):
    """First message of the supervisor."""

    version: int


class OpenVisit(_Message, frozen=True):
    """From now on this visit, in this process, is the one that is served."""

    n: int
    visit_id: Word
    pid: int


class CloseVisit(_Message, frozen=True):
    """This visit is over; its id is never served again."""

    n: int
    visit_id: Word


# --- from the agent --------------------------------------------------------------------------------


class Accepted(_Message, frozen=True):
    """The hello fits. `reference` is the signed bundle as it came, empty when there is none yet."""

    version: int
    terminal: str
    office: str
    configuration: dict[str, Any]
    reference: bytes
    environment: Environment


class Rejected(_Message, frozen=True):
    """The hello does not fit. `not_announced` and `not_enrolled` may pass; the link tries again by itself."""

    reason: Literal["version", "not_announced", "visit_closed", "wrong_process", "protocol", "not_enrolled"]


class Durable(_Message, frozen=True):
    """First reply to an `Append`: a power cut can take it no more. `Appended` follows when the statement is signed."""

    n: int
    id: str
    seq: int


class Appended(_Message, frozen=True):
    """Last reply to an `Append`: durable, and `statement` is the signed text for the QR of the receipt (`GR1:...`)."""

    n: int
    id: str
    seq: int
    epoch: int
    reference: str
    recorded_at: str
    statement: str


AppendRefusal: TypeAlias = Literal["disk_full", "journal_corrupt", "out_of_service", "id_conflict", "visit_closed", "too_many_tickets"]


class AppendRefused(_Message, frozen=True):
    """Nothing was recorded, and why."""

    n: int
    id: str
    reason: AppendRefusal


class Answer(_Message, frozen=True):
    """The back office's sealed answer to an `Ask`."""

    n: int
    id: str
    sealed: bytes


class NoAnswer(_Message, frozen=True):
    """No answer: the line is down, nobody answered in time, or the back office refused the request."""

    n: int
    id: str
    reason: Literal["offline", "timed_out", "refused"]
    detail: str


class Record(_Message, frozen=True):
    """Reply to `FetchRecord`: the document as the back office sealed it; only the card opens it.

    `version` is the back office's, `synced_at` (RFC 3339) when it last said that this is the newest.
    """

    n: int
    sealed: bytes
    version: int
    synced_at: str


class NoRecord(_Message, frozen=True):
    """Reply to `FetchRecord`: this terminal does not hold it, holds none yet, or had to destroy what it held."""

    n: int
    reason: Literal["not_cached", "no_cache", "lapsed"]


class Progress(_Message, frozen=True):
    """Notification: how far a followed entry has come; `sealed` is the verdict as it came."""

    id: str
    stage: Literal["sent", "decided", "refused"]
    verdict_code: str
    sealed: bytes | None


class StaffCalled(_Message, frozen=True):
    """Reply to `CallStaff`; `number` is empty when the call did not reach the office."""

    n: int
    number: str


class Reference(_Message, frozen=True):
    """Reply to `GetReference`, and a notification (`n` 0) when newer data have come."""

    n: int
    bundle: bytes


class Done(_Message, frozen=True):
    """Reply to requests that have nothing to tell."""

    n: int


class EnvironmentChanged(_Message, frozen=True):
    """Notification: what works now."""

    environment: Environment


class AgentLost(msgspec.Struct, frozen=True):
    """Posted by `VisitLink` itself: there is no agent now. `Accepted` says that it is back."""


FromVisit: TypeAlias = (
    Hello | ExpectAppend | Append | Ask | Follow | ReportPrint | ReportDevices | CallStaff | FetchRecord | GetReference
)
FromSupervisor: TypeAlias = SuperviseHello | OpenVisit | CloseVisit
ToAgent: TypeAlias = FromVisit | FromSupervisor
Posted: TypeAlias = (
    Accepted
    | Rejected
    | Appended
    | AppendRefused
    | Answer
    | NoAnswer
    | Record
    | NoRecord
    | Progress
    | StaffCalled
    | Reference
    | Done
    | EnvironmentChanged
    | AgentLost
)
"""What a visit is told."""
FromAgent: TypeAlias = (
    Accepted
    | Rejected
    | Durable
    | Appended
    | AppendRefused
    | Answer
    | NoAnswer
    | Record
    | NoRecord
    | Progress
    | StaffCalled
    | Reference
    | Done
    | EnvironmentChanged
)
