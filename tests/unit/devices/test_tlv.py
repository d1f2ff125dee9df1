"""BER-TLV of cards: what was written reads back, and no bytes make the reader fall."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import tlv

TAGS = st.sampled_from([0x53, 0x61, 0x4F, 0x7C, 0x5FC105, 0x5F2F, 0x70, 0x71])


@given(st.lists(st.tuples(TAGS, st.binary(max_size=400)), max_size=5))
def test_what_is_written_reads_back(items: list[tuple[int, bytes]]) -> None:
    written = b"".join(tlv.encode(tag, value) for tag, value in items)

    assert tlv.decode(written) == tuple(items)


@pytest.mark.parametrize(("size", "length"), [(0x7F, "7f"), (0x80, "8180"), (0xFF, "81ff"), (0x100, "820100")])
def test_lengths_change_form_where_x690_says(size: int, length: str) -> None:
    assert tlv.encode(0x53, bytes(size)).startswith(bytes.fromhex("53" + length))


@pytest.mark.parametrize(
    ("hexadecimal", "offset"),
    [
        ("53", 0),  # no length
        ("5305aabb", 0),  # value cut short
        ("5380aabb0000", 0),  # indefinite length
        ("5384000000010a", 0),  # length of four bytes
        ("5301aa5f", 3),  # tag cut short
        ("1fffffffff0100", 0),  # tag without an end
    ],
)
def test_what_is_no_tlv_is_said_with_its_place(hexadecimal: str, offset: int) -> None:
    assert tlv.decode(bytes.fromhex(hexadecimal)) == tlv.Malformed(offset)


def test_padding_between_objects_is_skipped() -> None:
    assert tlv.decode(bytes.fromhex("00ff5301aa00005400ff")) == ((0x53, b"\xaa"), (0x54, b""))


def test_find_follows_a_path_and_gives_none_where_it_ends() -> None:
    data = tlv.encode(0x61, tlv.encode(0x79, tlv.encode(0x4F, b"rid")) + tlv.encode(0x4F, b"pix"))

    assert tlv.find(data, 0x61, 0x4F) == b"pix"
    assert tlv.find(data, 0x61, 0x79, 0x4F) == b"rid"
    assert tlv.find(data, 0x61, 0x50) is None
    assert tlv.find(b"\x61\x05\x00", 0x61) is None


@given(st.binary(max_size=300), st.lists(TAGS, max_size=3))
def test_any_bytes_are_answered(data: bytes, path: list[int]) -> None:
    decoded = tlv.decode(data)
    found = tlv.find(data, *path)

    assert isinstance(decoded, tuple | tlv.Malformed)
    assert found is None or isinstance(found, bytes)
