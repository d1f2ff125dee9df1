r"""What goes over the wire between terminals and back office: the bodies of the HTTP API, checked when they are read.

Rules:
- Bounds stand in the types, so that the OpenAPI document and the check are the same thing.
- Patterns end in `(?!\n)$`: in Python a bare `$` lets a trailing line feed through, and `\Z` is unknown to OpenAPI.
- Nothing personal is in clear: envelopes, questions, answers and verdicts are sealed text (JWE, compact).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

Id = Annotated[
    str,
    msgspec.Meta(
        pattern="^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?!\\n)$",
        description="UUIDv7 (RFC 9562), lower case",
    ),
]
Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}(?!\\n)$", description="SHA-256, lower-case hexadecimal")]
Sealed = Annotated[
    str, msgspec.Meta(max_length=400_000, pattern=r"^[A-Za-z0-9_.-]+(?!\n)$", description="JWE, compact (RFC 7516)")
]
Name = Annotated[str, msgspec.Meta(max_length=64, pattern="^[A-Za-z0-9_.:-]+(?!\\n)$")]
Time = Annotated[
    str,
    msgspec.Meta(
        max_length=35,
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})(?!\n)$",
        description="RFC 3339",
    ),
]
Counter = Annotated[int, msgspec.Meta(ge=0, le=1_073_741_823)]
ITEMS = 200
PRINTS = 500


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of a terminal's journal; `hash` as in kiosk.wire.journal_chain."""

    id: Id
    kind: Annotated[str, msgspec.Meta(pattern="^(transaction|report|access|audit|feedback|ticket)(?!\\n)$")]
    epoch: Counter
    seq: Annotated[int, msgspec.Meta(ge=1, le=1_073_741_823)]
    schema: Counter
    sealing_key_id: Name
    previous_hash: Hash
    hash: Hash
    recorded_at: Time
    body: Sealed


class Print(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a receipt came out."""

    id: Id
    stage: Name
    outcome: Name


class Push(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A batch. Items are read one by one: a bad one is answered `refused` and delays nobody."""

    items: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=ITEMS)] = []
    prints: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=PRINTS)] = []


class DescribedPush(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A batch of journal entries and print reports."""

    items: Annotated[list[Item], msgspec.Meta(max_length=ITEMS)] = []
    prints: Annotated[list[Print], msgspec.Meta(max_length=PRINTS)] = []


class ItemResult(msgspec.Struct, frozen=True):
    """What became of an item: received, conflict, quarantined or refused. `decision` and `sealed` once it was decided."""

    id: str
    status: str
    decision: str | None = None
    sealed: str | None = None
    reason: str = ""


class ChainHead(msgspec.Struct, frozen=True):
    """How far the back office knows the terminal's journal without a hole."""

    epoch: int
    seq: int
    hash: str


class Pushed(msgspec.Struct, frozen=True):
    """The answer to a batch, results in the order of the items."""

    results: list[ItemResult]
    head: ChainHead
    earlier: list[ChainHead] = []
    """Of the terminal's journals before this one, whoever pushes nothing: a terminal asks so what is known here."""
    history: str = ""
    """The name of the record's history (the feed's epoch), with those: another one once the database was put back."""


class Standing(msgspec.Struct, frozen=True):
    """Where a transaction stands; `decision` is null while nobody has decided, `stage` says what is being done."""

    id: str
    status: str
    decision: str | None
    sealed: str | None
    stage: str


class VerdictLine(msgspec.Struct, frozen=True):
    """One word of the back office on one of the terminal's transactions."""

    n: int
    id: str
    decision: str
    sealed: str | None


class VerdictPage(msgspec.Struct, frozen=True):
    """Words since the last look; ask with `after=next` for the ones after."""

    verdicts: list[VerdictLine]
    next: int


class SealedQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A visit's question, sealed to the back office."""

    id: Id
    sealed: Sealed


class SealedAnswer(msgspec.Struct, frozen=True):
    """The answer, signed and sealed to the visit's key."""

    id: str
    sealed: str


class Enrolment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A terminal asks for an identity; the request is signed by the key of `csr_pem`, keyid `enrolment`."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    csr_pem: Annotated[str, msgspec.Meta(max_length=8192)]
    receipt_csr_pem: Annotated[str, msgspec.Meta(max_length=8192)]
    key_protection: Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,32}(?!\\n)$")]
    journals: Annotated[
        dict[Annotated[str, msgspec.Meta(max_length=64)], Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]],
        msgspec.Meta(max_length=64),
    ] = {}
    """The epoch of the newest journal on the box's disk, by the terminal that it was then. A back office put back from a copy
    may not know of it any more."""


class Enrolled(msgspec.Struct, frozen=True):
    """The identity: certificates, the journal's epoch, and the first configuration."""

    terminal: str
    office: str
    certificate_pem: str
    receipt_certificate: str
    chain_pem: list[str]
    journal_epoch: int
    configuration: dict[str, Any]


class StaffCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody at the terminal asks for help, at this step of the visit; nothing about who."""

    step: Name
    at: Time


class Called(msgspec.Struct, frozen=True):
    """Staff were called, under this number."""

    number: int


class Pong(msgspec.Struct, frozen=True):
    """The server lives, knows the terminal, and says in which state it is."""

    time: str
    terminal: str
    state: str


class Error(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why not, and what to do; `time` is the server's, when the clocks differ, `signed_time` the same as JWS."""

    code: str
    message: str
    remedy: str
    time: str = ""
    signed_time: str = ""


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of every refusal."""

    error: Error


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that is answered with an error; everything a terminal can cause ends in one of these.

    `retry_after` (whole seconds, 0: not said) goes out as the header Retry-After (RFC 9110 10.2.3).
    """

    status: int
    code: str
    message: str
    remedy: str
    time: str = ""
    signed_time: str = ""
    retry_after: int = 0


def read_body(body: bytes, kind: type[Any], place: str) -> Any:
    """Read a body as `kind`, or say where it is wrong (`Refused`)."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        return Refused(422, "body", f"{place}: {error}.", "Send what /openapi.json describes.")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Refused(
            400, "not_json", f"{place}: the body is not JSON in UTF-8.", "Send what /openapi.json describes."
        )
    except RecursionError:
        return Refused(
            400, "not_json", f"{place}: the body is nested too deeply.", "Send what /openapi.json describes."
        )
