"""The one configuration file of the back office, STATE/back-office/settings.toml, read into typed values.

Rules:
- Every key has a type and bounds; an unknown key is refused, so that a typing error never passes for a default.
- A refusal names the file, the line, the key and what would be right.
- No secret stands in it.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
import typing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

FILE = "back-office/settings.toml"


def _bounded(default: float, low: float, high: float, unit: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "unit": unit})


def _text(default: str, pattern: str, example: str) -> Any:
    return field(default=default, metadata={"pattern": pattern, "example": example})


_SECRET = re.compile(r"^[a-z]+://[^/@?]*:[^/@?]*@|[?&](ssl)?password=")
_HOST = r"[A-Za-z0-9.:_-]{1,255}"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the server listens and what it endures."""

    host: str = _text("127.0.0.1", _HOST, "127.0.0.1")
    port: int = _bounded(8443, 0, 65535, "a port; 0 lets the system choose")
    body_limit_bytes: int = _bounded(2_097_152, 65_536, 16_777_216, "bytes")
    header_deadline_seconds: float = _bounded(5.0, 0.1, 60, "seconds")
    body_deadline_seconds: float = _bounded(15.0, 0.1, 120, "seconds")
    keep_alive_seconds: int = _bounded(75, 1, 600, "seconds")
    graceful_stop_seconds: int = _bounded(10, 1, 120, "seconds")
    connections: int = _bounded(1000, 1, 100_000, "connections")
    requests_per_second: float = _bounded(20.0, 0.1, 100_000, "requests of one terminal, or 50 entries each")
    verification_address: str = _text("https://localhost:8445", r"https://[^\s]{1,180}", "https://certificates.example")
    request_burst: int = _bounded(120, 10, 100_000, "requests of one terminal at once")


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Where the record lies: nothing is the SQLite file in the state folder."""

    url: str = _text("", r"(postgres(ql)?://\S+)?", "postgresql://guichet@db1,db2/guichet")
    connections: int = _bounded(48, 4, 1000, "connections to PostgreSQL")


@dataclass(frozen=True, slots=True)
class PartnerSettings:
    """Where the partners are, and how long they are waited for."""

    bank_url: str = _text("http://127.0.0.1:8451", r"https?://[^\s/]+(/[^\s]*)?", "http://127.0.0.1:8451")
    sms_url: str = _text("http://127.0.0.1:8453", r"https?://[^\s/]+(/[^\s]*)?", "http://127.0.0.1:8453")
    smtp_host: str = _text("127.0.0.1", _HOST, "127.0.0.1")
    smtp_port: int = _bounded(8452, 1, 65535, "a port")
    sender: str = _text("notice@guichet.example", r"[^\s@]+@[^\s@]+", "notice@guichet.example")
    timeout_seconds: float = _bounded(3.0, 0.1, 6.0, "seconds; a person waits at most 8 in all")
    retry_base_seconds: float = _bounded(1.0, 0.01, 60, "seconds")
    retry_cap_seconds: float = _bounded(300.0, 1, 86_400, "seconds")
    workers: int = _bounded(4, 1, 64, "threads")


@dataclass(frozen=True, slots=True)
class EnrolmentSettings:
    """How long a one-time code lives and how often it may be mistyped."""

    code_minutes: int = _bounded(15, 1, 1440, "minutes")
    code_tries: int = _bounded(5, 1, 20, "tries")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator may set; what a law or a scheme sets stands in the scheme pack."""

    scheme: str = _text("cz", r"[a-z]{2}", "cz")
    server: ServerSettings = field(default_factory=ServerSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    partners: PartnerSettings = field(default_factory=PartnerSettings)
    enrolment: EnrolmentSettings = field(default_factory=EnrolmentSettings)
    terminal: dict[str, Any] = field(default_factory=dict)
    """Sent to terminals as the bundle's `configuration`, as it stands (strings, integers, booleans)."""


def load_settings(state: Path) -> Settings:
    """Read STATE/back-office/settings.toml. Raises EnvironmentFault when it is missing or wrong."""
    path = state / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise EnvironmentFault(f"There is no {path}.", f"Run: guichet back-office init --state {state}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentFault(
            f"{path} cannot be read: {error}.", "Check its rights; it must be UTF-8 text."
        ) from error
    return parse_settings(text, str(path))


def parse_settings(text: str, place: str) -> Settings:
    """Turn the file's text into settings. Raises EnvironmentFault naming place, line and remedy."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise EnvironmentFault(f"{place} is not TOML: {error}.", "Mend that line (https://toml.io).") from error
    settings: Settings = _section(Settings, document, _Place(place, text, ()))
    if _SECRET.search(settings.database.url):
        raise _Place(place, text, ("database",)).fault(
            "url", "must not hold a password; give it in the file that PGPASSFILE names, or in PGPASSWORD"
        )
    for key, value in settings.terminal.items():
        if not isinstance(value, (str, int, bool)):
            raise _Place(place, text, ("terminal",)).fault(key, "must be a string, an integer, true or false")
    return settings


def write_settings(settings: Settings) -> str:
    """Write settings as the text of the file, defaults included, so that an operator sees what there is to set."""
    lines = ["# Settings of the back office. Unknown keys are refused.", f'scheme = "{settings.scheme}"']
    for name in ("server", "database", "partners", "enrolment"):
        section = getattr(settings, name)
        lines += ["", f"[{name}]"]
        for item in dataclasses.fields(section):
            unit = item.metadata.get("unit")
            note = f"  # {unit}, {item.metadata['low']:g} to {item.metadata['high']:g}" if unit else ""
            lines.append(f"{item.name} = {_toml(getattr(section, item.name))}{note}")
    lines += ["", "[terminal]  # sent to every terminal, signed"]
    lines += [f"{key} = {_toml(value)}" for key, value in settings.terminal.items()]
    return "\n".join(lines) + "\n"


def _toml(value: str | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)


@dataclass(frozen=True, slots=True)
class _Place:
    file: str
    text: str
    section: tuple[str, ...]

    def inside(self, name: str) -> _Place:
        return _Place(self.file, self.text, (*self.section, name))

    def line(self, key: str) -> int:
        """Find the line of a key in this section (1-based; 1 when it cannot be told)."""
        inside = not self.section
        for number, line in enumerate(self.text.splitlines(), 1):
            header = re.match(r"\s*\[([^\]]+)\]", line)
            if header:
                inside = header[1].strip() == ".".join(self.section)
            elif inside and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return 1

    def fault(self, key: str, wrong: str) -> EnvironmentFault:
        name = ".".join((*self.section, key))
        return EnvironmentFault(
            f"{self.file}, line {self.line(key)}: {name} {wrong}.", "Mend that line and start again."
        )


def _section(kind: type[Any], document: dict[str, Any], place: _Place) -> Any:
    fields = {item.name: item for item in dataclasses.fields(kind)}
    types = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in document.items():
        if key not in fields:
            raise place.fault(key, f"is not a setting; known here: {', '.join(sorted(fields))}")
        wanted = types[key]
        if dataclasses.is_dataclass(wanted) or key == "terminal":
            if not isinstance(value, dict):
                raise place.fault(key, "must be a section")
            values[key] = (
                value if key == "terminal" else _section(typing.cast("type", wanted), value, place.inside(key))
            )
        else:
            values[key] = _value(wanted, value, fields[key], place)
    return kind(**values)


def _value(wanted: Any, value: Any, item: dataclasses.Field[Any], place: _Place) -> Any:
    if wanted is str:
        if not isinstance(value, str) or not re.fullmatch(item.metadata["pattern"], value):
            raise place.fault(item.name, f'must be text like "{item.metadata["example"]}"')
        return value
    whole = wanted is int
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise place.fault(item.name, f"must be {'a whole number' if whole else 'a number'} ({item.metadata['unit']})")
    low, high = item.metadata["low"], item.metadata["high"]
    if not low <= value <= high:  # also refuses nan
        raise place.fault(item.name, f"is {value}; must be {low:g} to {high:g} ({item.metadata['unit']})")
    return value if whole else float(value)
