"""The values of the journal: what goes in, what comes out, and why something does not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

EntryState = Literal["waiting", "received", "conflict", "quarantined", "refused"]


class JournalStatus(StrEnum):
    """Whether the journal takes entries."""

    OK = "ok"
    FULL = "full"  # the disk is full; reading and delivering go on
    CORRUPT = "corrupt"  # not what was written; exportable, out of service until a new enrolment
    UNUSABLE = "unusable"  # read-only, gone, input/output errors


class Refusal(StrEnum):
    """Why an entry was not taken; nothing of it was recorded."""

    DISK_FULL = "disk_full"
    JOURNAL_CORRUPT = "journal_corrupt"
    OUT_OF_SERVICE = "out_of_service"
    ID_CONFLICT = "id_conflict"  # this id stands for another body


@dataclass(frozen=True, slots=True)
class Unknown:
    """The disk failed while it was writing: whether the entry is there cannot be said now."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What the visit hands over: a sealed body and its clear header."""

    id: str
    kind: str
    schema: int
    sealing_key_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a durable entry stands; what its receipt statement is made of."""

    id: str
    seq: int
    epoch: int
    recorded_at: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the journal. `state` is how delivery stands, `decision` the back office's code in clear."""

    seq: int
    id: str
    kind: str
    schema: int
    sealing_key_id: str
    recorded_at: str
    body: bytes
    previous_hash: bytes
    hash: bytes
    state: EntryState = "waiting"
    decision: str = ""
    detail: str = ""
    changed_at: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What the back office said about one delivered entry."""

    id: str
    state: EntryState
    decision: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PrintReport:
    """How a receipt came out, kept beside its entry until it is delivered."""

    n: int
    id: str
    stage: str
    outcome: str
