"""Reads and writes one ISO 20022 document: bytes against a schema, nothing fetched, nothing expanded.

Rules:
- Only UTF-8, at most `limit_bytes`, without a document type: no entity, no external thing, whatever a peer sends.
- What is read has passed its schema, and so has what is written: a message of ours that does not is a Bug.
- What a peer can cause comes back as `BadDocument` with the line and without the content (it is personal).
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from kiosk.domain.errors import Bug, EnvironmentFault

if TYPE_CHECKING:
    from datetime import datetime

    from lxml.etree import _Element

SCHEMAS = Path(__file__).parent / "schemas"
MESSAGE_LIMIT_BYTES = 65_536
FILE_LIMIT_BYTES = 268_435_456
_ELEMENT = re.compile(r"^Element '(?:\{[^}]*\})?(\w{1,40})'", re.ASCII)
_VALIDATING = threading.RLock()


@dataclass(frozen=True, slots=True)
class BadDocument:
    """Why bytes are not the message they should be."""

    line: int
    detail: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.detail}"


def namespace(message: str) -> str:
    """Name the namespace of a message such as `acmt.023.001.03`."""
    return f"urn:iso:std:iso:20022:tech:xsd:{message}"


@cache
def schema(message: str) -> etree.XMLSchema:
    """Load the schema of a message. Raises EnvironmentFault when the installation lacks it."""
    path = SCHEMAS / f"{message}.xsd"
    try:
        return etree.XMLSchema(etree.parse(str(path), _parser()))
    except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise EnvironmentFault(f"The schema {path} cannot be read: {error}.", "Restore the installation.") from error


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def read(data: bytes, message: str, *, limit_bytes: int = MESSAGE_LIMIT_BYTES) -> Node | BadDocument:
    """Return the part below `Document` of a valid message."""
    if len(data) > limit_bytes:
        return BadDocument(1, f"larger than {limit_bytes} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return BadDocument(1, "not UTF-8")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return BadDocument(1, "a document type is not accepted")
    try:
        root = etree.fromstring(text.encode("utf-8"), _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        line = error.lineno or 1 if isinstance(error, etree.XMLSyntaxError) else 1
        return BadDocument(line, "not well-formed XML")
    wrong = _first_error(root, message)
    if wrong is not None:
        return BadDocument(wrong.line, f"not a valid {message} at {_place(wrong)}")
    return Node(root[0])


def _first_error(root: _Element, message: str) -> etree._LogEntry | None:
    """Validate; a schema keeps its log, so one thread at a time."""
    with _VALIDATING:
        known = schema(message)
        valid = known.validate(root)
        log: Any = known.error_log  # a list, which the stubs do not know
        return None if valid else log[0]


def _place(wrong: etree._LogEntry) -> str:
    """Name the element and the rule it breaks, without the content."""
    found = _ELEMENT.search(wrong.message)
    return f"{found[1] if found else 'its root'} ({wrong.type_name.removeprefix('SCHEMAV_').lower()})"


@dataclass(frozen=True, slots=True)
class Node:
    """An element of a valid message, read by the short names of the standard."""

    element: _Element

    def text(self, path: str, default: str = "") -> str:
        """Return the text at `a/b/c`, or `default` where the optional element is not there."""
        found = self.element.find(_steps(path, self.element))
        return default if found is None or found.text is None else found.text.strip()

    def all(self, path: str) -> list[Node]:
        """Return every element at `a/b/c`, in order."""
        return [Node(found) for found in self.element.findall(_steps(path, self.element))]

    def attribute(self, path: str, name: str) -> str:
        """Return an attribute of the element at `a/b/c`, empty where it is not there."""
        found = self.element.find(_steps(path, self.element))
        return "" if found is None else str(found.get(name, ""))


def _steps(path: str, element: _Element) -> str:
    space = etree.QName(element).namespace or ""
    return "/".join(f"{{{space}}}{name}" for name in path.split("/"))


@dataclass(frozen=True, slots=True)
class Draft:
    """An element under construction."""

    element: _Element

    def add(self, path: str) -> Draft:
        """Add `a/b/c`, each step new, and return the last one."""
        here = self.element
        space = etree.QName(here).namespace or ""
        for name in path.split("/"):
            here = etree.SubElement(here, f"{{{space}}}{name}")
        return Draft(here)

    def put(self, path: str, text: str, **attributes: str) -> None:
        """Add `a/b/c` with a text and attributes on the last step."""
        leaf = self.add(path).element
        leaf.text = text
        for name, value in attributes.items():
            leaf.set(name, value)


def begin(message: str, name: str) -> Draft:
    """Begin a message whose part below `Document` is `name`."""
    prefixes: Any = {None: namespace(message)}  # the stubs do not know the default namespace
    root = etree.Element(f"{{{namespace(message)}}}Document", nsmap=prefixes)
    return Draft(root).add(name)


def finish(draft: Draft, message: str) -> bytes:
    """Return the whole document, indented, as UTF-8. Raises Bug when it does not pass its own schema."""
    root = draft.element.getroottree().getroot()
    wrong = _first_error(root, message)
    if wrong is not None:
        raise Bug(f"our own {message} is not valid at {_place(wrong)}")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def clean_text(text: str, longest: int) -> str:
    """Make one line of text that XML can carry, cut to the length that the standard gives the element."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:longest]


def date_time(at: datetime) -> str:
    """Write an aware moment as ISODateTime with its offset, whole seconds."""
    return at.isoformat(timespec="seconds")
