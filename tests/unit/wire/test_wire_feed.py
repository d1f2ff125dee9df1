"""Frames come back as they were written, however the bytes were cut, and nonsense is a Problem for good."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import Bug
from kiosk.wire.feed import (
    CURSOR_LIMIT,
    FRAME_LIMIT,
    Delete,
    Frame,
    FrameSplitter,
    Mark,
    Upsert,
    encode,
    upsert_parts,
)
from kiosk.wire.problem import Problem, ProblemCode

IDS = st.binary(min_size=16, max_size=16)
FRAMES = st.one_of(
    st.builds(
        Upsert,
        record_id=IDS,
        version=st.integers(0, 2**32 - 1),
        reasons=st.integers(0, 2**16 - 1),
        expires_at=st.integers(0, 2**64 - 1),
        fingerprints=st.lists(st.binary(min_size=32, max_size=32), max_size=3).map(tuple),
        document=st.binary(min_size=1, max_size=60),
    ),
    st.builds(Delete, IDS),
    st.builds(
        Mark,
        cursor=st.text(min_size=1, max_size=CURSOR_LIMIT // 4),
        more=st.booleans(),
        people_left=st.integers(0, 2**32 - 1),
        bytes_left=st.integers(0, 2**64 - 1),
    ),
)


def whole(*data: bytes) -> list[Frame] | Problem:
    return FrameSplitter().feed(b"".join(data))


def raw(kind: int, payload: bytes) -> bytes:
    return struct.pack(">IB", len(payload) + 1, kind) + payload


def code(found: object) -> ProblemCode | None:
    return found.code if isinstance(found, Problem) else None


def test_the_bytes_are_those_of_the_contract() -> None:
    upsert = Upsert(b"r" * 16, 7, 3, 1_800_000_000, (b"f" * 32, b"g" * 32), b"sealed")
    assert encode(upsert) == (
        b"\0\0\0\x66\x01" + b"r" * 16 + b"\0\0\0\x07" + b"\0\x03" + (1_800_000_000).to_bytes(8, "big") + b"\x02"
        + b"f" * 32 + b"g" * 32 + b"sealed"
    )  # fmt: skip
    assert encode(Delete(b"r" * 16)) == b"\0\0\0\x11\x02" + b"r" * 16
    assert encode(Mark("c1", more=True, people_left=5, bytes_left=9)) == (
        b"\0\0\0\x10\x03" + b"\x01" + b"\0\0\0\x05" + b"\0" * 7 + b"\x09" + b"c1"
    )


@given(st.lists(FRAMES, max_size=8), st.data())
def test_frames_come_back_however_the_bytes_are_cut(frames: list[Frame], data: st.DataObject) -> None:
    stream = b"".join(map(encode, frames))
    splitter, found, at = FrameSplitter(), [], 0
    while at < len(stream):
        step = data.draw(st.integers(1, len(stream) - at))
        got = splitter.feed(stream[at : at + step])
        assert not isinstance(got, Problem)
        found += got
        at += step
    assert found == frames
    assert splitter.pending == 0


@given(st.lists(FRAMES, min_size=1, max_size=5), st.data())
def test_a_stream_cut_anywhere_gives_a_prefix_and_says_so(frames: list[Frame], data: st.DataObject) -> None:
    stream = b"".join(map(encode, frames))
    cut = data.draw(st.integers(0, len(stream)))
    splitter = FrameSplitter()
    found = splitter.feed(stream[:cut])
    assert not isinstance(found, Problem)
    assert found == frames[: len(found)]
    assert splitter.pending == cut - sum(len(encode(frame)) for frame in found)


def test_a_frame_in_very_many_parts_comes_whole() -> None:
    frame = Upsert(b"r" * 16, 1, 1, 1, (b"f" * 32, b"g" * 32), bytes(100_000))
    splitter = FrameSplitter()
    found = [splitter.feed(bytes((byte,))) for byte in encode(frame)]
    assert found == [[]] * (len(found) - 1) + [[frame]]


def test_a_record_in_a_log_tells_neither_cards_nor_document() -> None:
    said = repr(Upsert(b"r" * 16, 7, 3, 9, (b"card" * 8,), b"sealed"))
    assert "card" not in said
    assert "sealed" not in said
    assert "version=7" in said


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    splitter = FrameSplitter()
    for at in range(0, len(data), 7):
        splitter.feed(data[at : at + 7])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (bytes(4), ProblemCode.TOO_LARGE),
        (struct.pack(">I", FRAME_LIMIT + 1), ProblemCode.TOO_LARGE),
        (raw(0, b""), ProblemCode.WRONG_TYPE),
        (raw(4, b"x"), ProblemCode.WRONG_TYPE),
        (raw(1, b"r" * 30), ProblemCode.MALFORMED),
        (raw(1, b"r" * 30 + b"\0"), ProblemCode.MALFORMED),  # no document
        (raw(1, b"r" * 30 + b"\x02" + b"f" * 64), ProblemCode.MALFORMED),
        (raw(2, b"r" * 15), ProblemCode.MALFORMED),
        (raw(2, b"r" * 17), ProblemCode.MALFORMED),
        (raw(3, bytes(13)), ProblemCode.MALFORMED),  # no cursor
        (raw(3, bytes(13) + b"c" * (CURSOR_LIMIT + 1)), ProblemCode.MALFORMED),
        (raw(3, bytes(13) + b"\xff"), ProblemCode.MALFORMED),
        (raw(3, b"\x02" + bytes(12) + b"c"), ProblemCode.MALFORMED),
    ],
)
def test_nonsense_is_a_problem_then_and_ever_after(data: bytes, problem: ProblemCode) -> None:
    splitter = FrameSplitter()
    assert splitter.feed(encode(Delete(b"r" * 16))) == [Delete(b"r" * 16)]
    assert code(splitter.feed(data)) is problem
    assert code(splitter.feed(encode(Delete(b"r" * 16)))) is problem


def test_a_frame_too_long_is_refused_before_its_bytes_come() -> None:
    assert code(whole(struct.pack(">I", 2**32 - 1))) is ProblemCode.TOO_LARGE


@pytest.mark.parametrize(
    "frame",
    [
        Delete(b"short"),
        Upsert(b"short", 1, 1, 1, (), b"d"),
        Upsert(b"r" * 16, 2**32, 1, 1, (), b"d"),
        Upsert(b"r" * 16, 1, 2**16, 1, (), b"d"),
        Upsert(b"r" * 16, 1, 1, -1, (), b"d"),
        Upsert(b"r" * 16, 1, 1, 1, (b"short",), b"d"),
        Upsert(b"r" * 16, 1, 1, 1, (b"f" * 32,) * 256, b"d"),
        Upsert(b"r" * 16, 1, 1, 1, (), b""),
        Upsert(b"r" * 16, 1, 1, 1, (), bytes(FRAME_LIMIT)),
        Mark("", more=False, people_left=0, bytes_left=0),
        Mark("c" * (CURSOR_LIMIT + 1), more=False, people_left=0, bytes_left=0),
        Mark("c", more=False, people_left=-1, bytes_left=0),
        Mark("\ud800", more=False, people_left=0, bytes_left=0),
    ],
)
def test_what_cannot_be_written_is_a_bug(frame: Any) -> None:
    with pytest.raises(Bug):
        encode(frame)


@given(IDS, st.integers(0, 2**32 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=3))
def test_parts_are_the_same_frame(record_id: bytes, version: int, fingerprints: list[bytes]) -> None:
    frame = Upsert(record_id, version, 5, 1_800_000_000, tuple(fingerprints), b"sealed")
    assert b"".join(upsert_parts(record_id, version, 5, 1_800_000_000, b"".join(fingerprints), b"sealed")) == encode(
        frame
    )
