"""BER-TLV as chip cards write it (ISO/IEC 7816-4 clause 5.2.2; X.690 8.1).

Rules:
- Takes and gives bytes; whatever a card sends is answered by a value, never by an exception.
- Padding bytes 00 and FF between objects are skipped (ISO/IEC 7816-4 5.2.2.1).
- Indefinite lengths and lengths of more than three bytes are malformed: no card object is that long.
"""

from __future__ import annotations

from dataclasses import dataclass

_PADDING = (0x00, 0xFF)
_MAX_TAG_BYTES = 3
_MAX_LENGTH_BYTES = 3


@dataclass(frozen=True, slots=True)
class Malformed:
    """The bytes are no BER-TLV; `offset` is where reading stopped."""

    offset: int


Items = tuple[tuple[int, bytes], ...]


def encode(tag: int, value: bytes = b"") -> bytes:
    """Give one data object; the tag is written as the bytes of the number (0x5FC105 -> 5F C1 05)."""
    tag_bytes = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
    size = len(value)
    if size < 0x80:  # noqa: PLR2004 - short form, X.690 8.1.3.4
        length = bytes([size])
    else:
        digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(digits)]) + digits
    return tag_bytes + length + value


def decode(data: bytes) -> Items | Malformed:
    """Give the (tag, value) pairs of one level, in their order."""
    items: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        if data[at] in _PADDING:
            at += 1
            continue
        after_tag = _tag_end(data, at)
        bounds = None if after_tag is None else _value_bounds(data, after_tag)
        if after_tag is None or bounds is None:
            return Malformed(at)
        start, end = bounds
        items.append((int.from_bytes(data[at:after_tag], "big"), data[start:end]))
        at = end
    return tuple(items)


def find(data: bytes, *path: int) -> bytes | None:
    """Give the value at the end of a path of tags (the first of each name), or None when it is not there."""
    value = data
    for tag in path:
        items = decode(value)
        if isinstance(items, Malformed):
            return None
        inner = next((content for name, content in items if name == tag), None)
        if inner is None:
            return None
        value = inner
    return value


def _tag_end(data: bytes, at: int) -> int | None:
    if data[at] & 0x1F != 0x1F:  # noqa: PLR2004 - X.690 8.1.2.4: all ones means more bytes follow
        return at + 1
    for end in range(at + 1, min(at + _MAX_TAG_BYTES, len(data))):
        if not data[end] & 0x80:
            return end + 1
    return None


def _value_bounds(data: bytes, at: int) -> tuple[int, int] | None:
    if at >= len(data):
        return None
    first, start = data[at], at + 1
    size = first
    if first & 0x80:
        digits = first & 0x7F
        if not 1 <= digits <= _MAX_LENGTH_BYTES or start + digits > len(data):
            return None
        size = int.from_bytes(data[start : start + digits], "big")
        start += digits
    return (start, start + size) if start + size <= len(data) else None
