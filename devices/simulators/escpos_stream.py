"""Reads ESC/POS commands off a byte stream, one at a time, as a printer's firmware does. Keeps no state, draws nothing.

Rules:
- A command that is not complete yet is left where it is: the stream may be cut anywhere.
- What receipts need is understood; other commands with a length of their own are skipped by it; an unknown ESC or GS
  command is taken to have one parameter byte, as most have.

Numbers and layouts: Epson, ESC/POS command reference (TM-T20II).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

LF, DLE, ESC, GS = 0x0A, 0x10, 0x1B, 0x1D
_FIRST_PRINTABLE = 0x20


@dataclass(frozen=True, slots=True)
class Letters:
    """Bytes to be printed, in the code page that is set."""

    data: bytes


@dataclass(frozen=True, slots=True)
class EndLine:
    """LF: print the line and feed."""


@dataclass(frozen=True, slots=True)
class Initialise:
    """ESC @."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A change of style: bold, underline, inverted, align, page, or spacing (None: the default)."""

    name: str
    value: int | None


@dataclass(frozen=True, slots=True)
class LetterSize:
    """Multiples of the printer's letters."""

    wide: int
    high: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Raster lines to be printed now."""

    image: Image.Image


@dataclass(frozen=True, slots=True)
class StorePicture:
    """Raster lines for a later `PrintStored` (GS ( L, function 112)."""

    image: Image.Image


@dataclass(frozen=True, slots=True)
class PrintStored:
    """GS ( L, function 50."""


@dataclass(frozen=True, slots=True)
class CodeSetting:
    """A property of the next QR code (GS ( k, functions 165 to 180 with their own numbers 65 to 80)."""

    function: int
    data: bytes


@dataclass(frozen=True, slots=True)
class PrintCode:
    """GS ( k, function 181."""


@dataclass(frozen=True, slots=True)
class FeedDots:
    """ESC J."""

    dots: int


@dataclass(frozen=True, slots=True)
class FeedLines:
    """ESC d."""

    lines: int


@dataclass(frozen=True, slots=True)
class Cut:
    """GS V; `feed` None: here, otherwise first feed to the knife and so many dots more."""

    feed: int | None = None


@dataclass(frozen=True, slots=True)
class AskStatus:
    """GS r: answered when its turn comes."""

    kind: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """A command that does nothing to paper, or that this printer does not have."""


Command = (
    Letters
    | EndLine
    | Initialise
    | Setting
    | LetterSize
    | Picture
    | StorePicture
    | PrintStored
    | CodeSetting
    | PrintCode
    | FeedDots
    | FeedLines
    | Cut
    | AskStatus
    | Nothing
)

Step = tuple[int, Command] | None
"""Length of a command and what it is; None: not all of it is there yet."""


def read_command(data: bytes | bytearray) -> Step:
    """Read the command at the beginning of `data`."""
    if not data:
        return None
    if data[0] >= _FIRST_PRINTABLE:
        length = next((at for at, other in enumerate(data) if other < _FIRST_PRINTABLE), len(data))
        return length, Letters(bytes(data[:length]))
    reader = {DLE: _real_time, ESC: _escape, GS: _group}.get(data[0])
    return reader(data) if reader else (1, EndLine() if data[0] == LF else Nothing())


def _real_time(data: bytes | bytearray) -> Step:
    """Skip what was answered in real time when it came in (DLE EOT, DLE ENQ, DLE DC4)."""
    length = real_time_length(data)
    return None if length is None else (length, Nothing())


def real_time_length(data: bytes | bytearray) -> int | None:
    """Give the length of the command that begins with DLE; None when that cannot be told yet."""
    if len(data) < 2:  # noqa: PLR2004
        return None
    if data[1] in {0x04, 0x05}:
        length = 3
    elif data[1] == 0x14:  # noqa: PLR2004 - DC4
        if len(data) < 3:  # noqa: PLR2004
            return None
        length = 10 if data[2] == 8 else 5  # noqa: PLR2004 - function 8 has seven parameters, the others two
    else:
        return 1
    return length if len(data) >= length else None


def _escape(data: bytes | bytearray) -> Step:
    if len(data) < 2:  # noqa: PLR2004
        return None
    letter = chr(data[1])
    if letter in _ESC_WITHOUT_VALUE:
        return 2, _ESC_WITHOUT_VALUE[letter]
    if letter == "*":
        return _columns(data)
    length = _ESC_LENGTHS.get(letter, 3)
    if len(data) < length:
        return None
    made = _ESC_VALUES.get(letter)
    return length, made(data[2]) if made else Nothing()


_ESC_WITHOUT_VALUE: dict[str, Command] = {"@": Initialise(), "2": Setting("spacing", None)}
_ESC_LENGTHS = {"$": 4, "\\": 4, "c": 4, "p": 5}
_DIGIT = 0x30
"""Many parameters may come as a number or as its digit."""
_ESC_VALUES: dict[str, Callable[[int], Command]] = {
    "E": lambda value: Setting("bold", value & 1),
    "G": lambda value: Setting("bold", value & 1),
    "-": lambda value: Setting("underline", value % _DIGIT),
    "a": lambda value: Setting("align", value % _DIGIT),
    "t": lambda value: Setting("page", value),
    "3": lambda value: Setting("spacing", value),
    "J": FeedDots,
    "d": FeedLines,
    "!": lambda value: LetterSize(2 if value & 0x20 else 1, 2 if value & 0x10 else 1),
}


def _columns(data: bytes | bytearray) -> Step:
    """Skip a picture in columns (ESC *): receipts send raster lines."""
    if len(data) < 5:  # noqa: PLR2004
        return None
    length = 5 + (data[3] | data[4] << 8) * (3 if data[2] >= 0x20 else 1)  # noqa: PLR2004
    return (length, Nothing()) if len(data) >= length else None


def _group(data: bytes | bytearray) -> Step:
    if len(data) < 3:  # noqa: PLR2004
        return None
    letter, value = chr(data[1]), data[2]
    if letter in _GS_READERS:
        return _GS_READERS[letter](data)
    if letter in _GS_LONG:
        return (4, Nothing()) if len(data) >= 4 else None  # noqa: PLR2004
    made = _GS_VALUES.get(letter)
    return 3, made(value) if made else Nothing()


_GS_LONG = "LWP$"
_GS_VALUES: dict[str, Callable[[int], Command]] = {
    "!": lambda value: LetterSize((value >> 4) + 1, (value & 0x0F) + 1),
    "B": lambda value: Setting("inverted", value & 1),
    "r": lambda value: AskStatus(value % _DIGIT),
}


def _cut(data: bytes | bytearray) -> Step:
    if data[2] in {65, 66}:
        return (4, Cut(data[3])) if len(data) >= 4 else None  # noqa: PLR2004
    return 3, Cut()


def _raster(data: bytes | bytearray) -> Step:
    """GS v 0 m xL xH yL yH: x in bytes, y in dots; m doubles either."""
    if len(data) < 8:  # noqa: PLR2004
        return None
    across, down = data[4] | data[5] << 8, data[6] | data[7] << 8
    length = 8 + across * down
    if len(data) < length:
        return None
    return length, _picture(across * 8, down, bytes(data[8:length]), 2 if data[3] & 1 else 1, 2 if data[3] & 2 else 1)


def _picture(wide: int, high: int, bits: bytes, times_wide: int, times_high: int) -> Picture | Nothing:
    if not wide or not high:
        return Nothing()
    image = Image.frombytes("1", (wide, high), bytes(0xFF ^ byte for byte in bits))
    return Picture(image.resize((wide * times_wide, high * times_high)))


def _extended(data: bytes | bytearray) -> Step:
    """GS ( with a two-byte length."""
    if len(data) < 5:  # noqa: PLR2004
        return None
    length = 5 + (data[3] | data[4] << 8)
    if len(data) < length:
        return None
    body = bytes(data[5:length])
    match chr(data[2]):
        case "k":
            return length, _code(body)
        case "L":
            return length, _graphics(body)
        case _:
            return length, Nothing()


def _code(body: bytes) -> Command:
    if len(body) < 3 or body[0] != 0x31:  # noqa: PLR2004 - 49: QR code
        return Nothing()
    if body[1] == 0x51:  # noqa: PLR2004 - 81: print
        return PrintCode()
    return CodeSetting(body[1], body[2:])


def _graphics(body: bytes) -> Command:
    """Read a graphics function: 112 stores (m fn a bx by c xL xH yL yH data), 50 prints."""
    if len(body) >= 2 and body[1] in {2, 50}:  # noqa: PLR2004
        return PrintStored()
    if len(body) < 10 or body[1] != 112:  # noqa: PLR2004
        return Nothing()
    wide, high = body[6] | body[7] << 8, body[8] | body[9] << 8
    row = (wide + 7) // 8
    bits = body[10 : 10 + row * high]
    if len(bits) < row * high:
        return Nothing()
    made = _picture(row * 8, high, bits, body[3], body[4])
    return StorePicture(made.image) if isinstance(made, Picture) else made


_GS_READERS: dict[str, Callable[[bytes | bytearray], Step]] = {"V": _cut, "v": _raster, "(": _extended}
