"""The one configuration file of a terminal, `terminal.toml`, read into typed values.

Rules:
- Every key has a type and bounds; an unknown key is refused, so that a typing error never passes for a default.
- A refusal names the file, the line, the key and the reason.
- No secret stands in it, and no role: those are in certificates.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec

from kiosk.back_office_client import check_url
from kiosk.domain.errors import EnvironmentFault
from kiosk.terminal_folder import ENROL

if TYPE_CHECKING:
    from pathlib import Path

REMEDY = "Mend that line; guichet provision status reads it again."
Seconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0.05, le=3600)]
Word: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}\Z")]
Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the file's sections."""


class BackOfficeSection(_Section, frozen=True, kw_only=True):
    """Where the back office is, and how often it is asked."""

    url: str
    ping_seconds: Seconds = 10.0
    probe_seconds: Seconds = 5.0
    reference_seconds: Seconds = 300.0
    heartbeat_seconds: Seconds = 60.0
    retry_first_seconds: Seconds = 1.0
    retry_most_seconds: Seconds = 120.0


class VisitSection(_Section, frozen=True, kw_only=True):
    """What a visit offers (`services` empty: all of its scheme), and its time-outs in seconds.

    `practice`: a terminal of a training room, where every visit is an invented person's and nothing can be delivered.
    """

    scheme: Word = "cz"
    languages: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1)] = ("en", "cs", "ar")
    services: tuple[Word, ...] = ()
    practice: bool = False
    idle_seconds: Seconds = 90.0
    warning_seconds: Seconds = 20.0
    pin_seconds: Seconds = 60.0
    append_seconds: Seconds = 10.0
    decision_seconds: Seconds = 8.0
    card_left_seconds: Seconds = 30.0
    farewell_seconds: Seconds = 8.0
    card_sound_seconds: Seconds = 4.0


class DevicesSection(_Section, frozen=True, kw_only=True):
    """Reader names by their beginnings, device files by their paths; empty: this terminal has none.

    `speaker` is the name of an ALSA device ("default", "plughw:0,0"), or "workbench".
    """

    visitor_reader: Name = "Guichet Visitor"
    staff_reader: str = "Guichet Staff"
    printer: str = ""
    scanner: str = ""
    speaker: str = ""
    document_printer: str = ""
    """A4: `cups:QUEUE`, `folder:PATH`, or `workbench`."""
    encrypting_pad: str = ""
    """A pad that seals a PIN to the back office: the path of its socket, or `workbench`; empty: number and PIN are not offered."""


class JournalSection(_Section, frozen=True, kw_only=True):
    """What the journal sets aside on the disk, in mebibytes."""

    ballast_mebibytes: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 4


class CacheSection(_Section, frozen=True, kw_only=True):
    """How the records that the back office lends are kept."""

    lease_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 7
    """So long without word from the back office, and they are destroyed."""
    page_people: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 100_000
    """In one answer of the feed; the back office sends it in parts, and a cut one goes on from its last mark."""
    poll_seconds: Seconds = 25.0
    gap_seconds: Seconds = 1.0
    """A random part of this lies between two polls, so that a fleet does not ask in step."""
    retry_first_seconds: Seconds = 1.0
    retry_most_seconds: Seconds = 120.0
    reserve_mebibytes: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 64
    """So much of the disk is left to the journal."""


class LimitsSection(_Section, frozen=True, kw_only=True):
    """How far the terminal goes without the back office; beyond a limit the menu says what is closed, and why."""

    revocation_hours: Annotated[int, msgspec.Meta(ge=1, le=2160)] = 72
    """Older lists of revoked cards close the cached record; signing goes on as *received*."""
    reference_hours: Annotated[int, msgspec.Meta(ge=1, le=8760)] = 720
    """Older reference data (sealing keys, parameters) close every new request."""
    backlog: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 5000
    """More undelivered entries close every new request."""
    disk_mebibytes: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 32
    """Less free disk closes every new request."""


class Configuration(_Section, frozen=True, kw_only=True):
    """One terminal. `demonstration` is shown on every screen, and lets the clock be moved."""

    demonstration: bool = False
    back_office: BackOfficeSection
    visit: VisitSection = VisitSection()
    devices: DevicesSection = DevicesSection()
    journal: JournalSection = JournalSection()
    cache: CacheSection = CacheSection()
    limits: LimitsSection = LimitsSection()


def load_configuration(path: Path) -> Configuration:
    """Read the file. Raises `EnvironmentFault` naming file, line and reason."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise EnvironmentFault(
            f"There is no {path}.", f"Enrol this terminal: {ENROL}."
        ) from None
    except UnicodeDecodeError as error:
        raise EnvironmentFault(f"{path} is not UTF-8 text (byte {error.start}).", "Write it again as UTF-8.") from error
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be read ({error.strerror}).", "Check its rights.") from error
    return parse_configuration(text, str(path))


def parse_configuration(text: str, place: str) -> Configuration:
    """Turn the file's text into values. Raises `EnvironmentFault` naming place, line and reason."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise EnvironmentFault(f"{place} is not TOML: {error}.", REMEDY) from error
    except RecursionError:
        raise EnvironmentFault(f"{place} is nested too deeply.", REMEDY) from None
    try:
        configuration = msgspec.convert(document, Configuration)
    except msgspec.ValidationError as error:
        raise _refused(place, text, str(error)) from error
    line = _line_of(text, ("back_office", "url"))
    check_url(configuration.back_office.url, place=f"{place}, line {line}: back_office.url")
    if configuration.back_office.retry_first_seconds > configuration.back_office.retry_most_seconds:
        line = _line_of(text, ("back_office", "retry_most_seconds"))
        raise EnvironmentFault(
            f"{place}, line {line}: back_office.retry_most_seconds is less than retry_first_seconds.", REMEDY
        )
    return configuration


def write_configuration(configuration: Configuration) -> str:
    """Return the text of a file that says this, defaults included, so that a technician sees what there is to set."""
    lines = [
        "# This terminal. Unknown keys are refused. Times are in seconds.",
        f"demonstration = {_toml(configuration.demonstration)}",
    ]
    for name in ("back_office", "visit", "devices", "journal", "cache", "limits"):
        section: dict[str, Any] = msgspec.to_builtins(getattr(configuration, name))
        lines += ["", f"[{name}]"]
        lines += [f"{key} = {_toml(value)}" for key, value in section.items()]
    return "\n".join(lines) + "\n"


def for_visits(configuration: Configuration) -> dict[str, Any]:
    """Return what a visit is told of it: `demonstration`, `visit`, `devices`, `limits`."""
    told: dict[str, Any] = msgspec.to_builtins(configuration)
    return {key: told[key] for key in ("demonstration", "visit", "devices", "limits")}


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'
        case list() | tuple():
            return "[" + ", ".join(_toml(item) for item in value) + "]"
        case _:
            return str(value)


def _refused(place: str, text: str, message: str) -> EnvironmentFault:
    """Find the line that msgspec's path (`$.visit.idle_seconds`) or its unknown field means."""
    reason, _, path = message.partition(" - at `")
    keys = tuple(re.sub(r"\[[^]]*\]", "", path.rstrip("`")).removeprefix("$").strip(".").split("."))
    keys = tuple(key for key in keys if key)
    named = re.search(r"(?:unknown|required) field `([^`]+)`", reason)
    if named:
        keys = (*keys, named[1])
    line = _line_of(text, keys)
    return EnvironmentFault(f"{place}, line {line}: {'.'.join(keys) or 'the file'}: {reason}.", REMEDY)


def _line_of(text: str, keys: tuple[str, ...]) -> int:
    """Return the line (from 1) of a key; of its section when the key is missing; 1 when that is missing too."""
    section: tuple[str, ...] = ()
    best, depth = 1, -1
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line)
        here: tuple[str, ...] | None = None
        if header:
            section = tuple(part.strip(" \"'") for part in header[1].split("."))
            here = section
        elif key := re.match(r"\s*([A-Za-z0-9_.\"'-]+)\s*=", line):
            here = (*section, *(part.strip(" \"'") for part in key[1].split(".")))
        if here is not None and keys[: len(here)] == here and len(here) > depth:
            best, depth = number, len(here)
    return best
