"""Reads the ESC/POS commands of a byte stream, one at a time, as a printer's firmware does.

Covers what receipts need: initialise, text in a code page, emphasis, size, alignment, feed, raster pictures (GS v 0),
two-dimensional codes (GS ( k), cut, and the real-time status request (DLE EOT). Anything else is skipped by its length
where the command says one, and ignored where it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from PIL import Image

ESC, GS, DLE, LF = 0x1B, 0x1D, 0x10, 0x0A
CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 18: "cp852", 45: "cp1250", 72: "cp1250"}


@dataclass(frozen=True, slots=True)
class Text:
    """A finished line."""

    text: str
    bold: bool
    wide: int
    high: int
    align: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Raster lines."""

    picture: Image.Image
    align: int


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code."""

    data: str
    size: int
    align: int


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty paper, in dots."""

    dots: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The knife."""


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """DLE EOT n."""

    kind: int


Command = Text | Picture | Code | Feed | Cut | StatusRequest


@dataclass(slots=True)
class Interpreter:
    """State of the printer between commands; `feed` takes bytes as they come, cut anywhere."""

    bold: bool = False
    wide: int = 1
    high: int = 1
    align: int = 0
    page: str = "cp437"
    _line: bytearray = field(default_factory=bytearray)
    _code_size: int = 4
    _code_data: str = ""
    _rest: bytes = b""

    def feed(self, data: bytes) -> Iterator[Command]:
        """The commands that are complete now."""
        stream = self._rest + data
        at = 0
        while at < len(stream):
            used, commands = self._one(stream, at)
            if used == 0:
                break
            yield from commands
            at += used
        self._rest = stream[at:]

    def _one(self, s: bytes, at: int) -> tuple[int, list[Command]]:
        """Length of the command at `at` (0: not complete yet) and what it does."""
        byte = s[at]
        left = len(s) - at
        if byte == LF:
            line, self._line = bytes(self._line), bytearray()
            if not line:
                return 1, [Feed(28 * self.high)]
            return 1, [Text(line.decode(self.page, "replace"), self.bold, self.wide, self.high, self.align)]
        if byte == DLE:
            return (0, []) if left < 3 else (3, [StatusRequest(s[at + 2])] if s[at + 1] == 4 else [])
        if byte == ESC:
            return self._escape(s, at, left)
        if byte == GS:
            return self._group(s, at, left)
        if byte >= 0x20:
            self._line.append(byte)
        return 1, []

    def _escape(self, s: bytes, at: int, left: int) -> tuple[int, list[Command]]:
        if left < 2:
            return 0, []
        op = s[at + 1]
        if op == ord("@"):
            self.bold, self.wide, self.high, self.align, self.page = False, 1, 1, 0, "cp437"
            return 2, []
        if left < 3:
            return 0, []
        value = s[at + 2]
        match chr(op):
            case "E" | "G":
                self.bold = bool(value & 1)
            case "a":
                self.align = value & 3
            case "t":
                self.page = CODE_PAGES.get(value, "cp437")
            case "!":
                self.bold, self.high, self.wide = bool(value & 8), 2 if value & 16 else 1, 2 if value & 32 else 1
            case "d":
                return 3, [Feed(28 * value)]
            case "J":
                return 3, [Feed(value)]
            case "p":
                return (0, []) if left < 5 else (5, [])
            case _:
                pass
        return 3, []

    def _group(self, s: bytes, at: int, left: int) -> tuple[int, list[Command]]:
        if left < 3:
            return 0, []
        match chr(s[at + 1]):
            case "!":
                self.wide, self.high = (s[at + 2] >> 4) + 1, (s[at + 2] & 15) + 1
                return 3, []
            case "V":
                long = s[at + 2] in {65, 66}
                return (0, []) if long and left < 4 else (4 if long else 3, [Cut()])
            case "v":
                return self._raster(s, at, left)
            case "(":
                return self._extended(s, at, left)
            case _:
                return 3, []

    def _raster(self, s: bytes, at: int, left: int) -> tuple[int, list[Command]]:
        if left < 8:
            return 0, []
        across, down = s[at + 4] | s[at + 5] << 8, s[at + 6] | s[at + 7] << 8
        size = across * down
        if left < 8 + size:
            return 0, []
        if not size:
            return 8, []
        bits = bytes(0xFF ^ b for b in s[at + 8 : at + 8 + size])
        return 8 + size, [Picture(Image.frombytes("1", (across * 8, down), bits).convert("L"), self.align)]

    def _extended(self, s: bytes, at: int, left: int) -> tuple[int, list[Command]]:
        if left < 5:
            return 0, []
        size = s[at + 3] | s[at + 4] << 8
        if left < 5 + size:
            return 0, []
        body = s[at + 5 : at + 5 + size]
        if s[at + 2] == ord("k") and len(body) >= 2 and body[0] == 49:
            match body[1]:
                case 67:
                    self._code_size = body[2]
                case 80:
                    self._code_data = body[3:].decode("ascii", "replace")
                case 81:
                    return 5 + size, [Code(self._code_data, self._code_size, self.align)]
                case _:
                    pass
        return 5 + size, []
