from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import Bug
from kiosk.link import (
    MAX_FRAME,
    VERSION,
    Answer,
    Append,
    Done,
    FrameReader,
    Hello,
    LinkViolation,
    OpenVisit,
    ReportPrint,
    encode_frame,
)

ID = "01999999-0000-7000-8000-000000000001"
MESSAGES = [
    Hello(VERSION, "visit-1"),
    Append(1, ID, "transaction", 1, "20260101-abcdef", b"sealed", "bank_account.change"),
    ReportPrint(2, ID, "received", "printed"),
    OpenVisit(3, "visit-2", 4711),
]


@given(st.lists(st.sampled_from(MESSAGES), max_size=6), st.integers(1, 40))
def test_a_stream_cut_anywhere_gives_the_same_messages(messages, size) -> None:
    stream = b"".join(map(encode_frame, messages))
    reader = FrameReader.at_agent()
    got = [m for at in range(0, len(stream), size) for m in reader.feed(stream[at : at + size])]
    assert got == messages


@given(st.binary(max_size=200))
def test_nonsense_is_a_violation_or_not_complete_yet(data: bytes) -> None:
    reader = FrameReader.at_agent()
    try:
        messages = reader.feed(data)
    except LinkViolation:
        return
    assert messages == []


@pytest.mark.parametrize(
    "message",
    [
        Append(1, "no id", "transaction", 1, "k", b"x", "s"),
        Append(1, ID.replace("-7", "-4", 1), "transaction", 1, "k", b"x", "s"),
        Append(1, ID, "two\nlines", 1, "k", b"x", "s"),
        Append(1, ID, "transaction", 1, "k", b"", "s"),
        Append(1, ID, "transaction", 1, "k", b"x", "Service With Blanks"),
        Append(1, ID, "transaction", 1, "k\n", b"x", "s"),
        ReportPrint(1, ID, "received", "perhaps"),  # type: ignore[arg-type]
        Done(1),
    ],
)
def test_the_agent_does_not_take_what_it_would_not_keep(message) -> None:
    with pytest.raises(LinkViolation):
        FrameReader.at_agent().feed(encode_frame(message))


def test_a_length_beyond_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(LinkViolation, match="at most"):
        FrameReader.at_visit().feed((MAX_FRAME + 1).to_bytes(4, "big"))


def test_a_message_too_large_is_our_own_mistake() -> None:
    with pytest.raises(Bug, match="Answer"):
        encode_frame(Answer(1, ID, bytes(MAX_FRAME)))
