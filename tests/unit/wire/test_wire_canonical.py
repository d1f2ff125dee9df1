from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import Bug
from kiosk.wire.canonical import canonical, digest
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.strict_json import read_canonical, read_object
from kiosk.wire.timestamps import read_timestamp, timestamp

TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def test_members_stand_in_the_order_of_rfc_8785_3_2_3() -> None:
    value = {
        "\u20ac": "Euro", "\r": "CR", "\ufb33": "Dalet", "1": "One", "\U0001f600": "Smile", "\u0080": "Control", "\u00f6": "o",
    }  # fmt: skip
    assert list(json.loads(canonical(value)).values()) == ["CR", "One", "Control", "o", "Euro", "Smile", "Dalet"]


def test_strings_are_escaped_as_rfc_8785_3_2_2_2_says() -> None:
    assert canonical('€$\x0f\nA\'B"\\\\"/\x7f') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"'.encode()


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), 2**53, -(2**53), {1: "a"}, b"bytes", {"a": {"b": object()}}, "\ud800"]
)
def test_what_has_no_canonical_form_is_a_bug(value: object) -> None:
    with pytest.raises(Bug):
        canonical({"value": value} if not isinstance(value, dict) else value)


def test_a_bottomless_value_is_a_bug() -> None:
    value: list[object] = []
    value.append(value)
    with pytest.raises(Bug):
        canonical(value)


@given(VALUES)
def test_the_canonical_form_says_the_same_and_is_the_only_one(value: object) -> None:
    written = canonical(value)
    assert json.loads(written) == value
    assert canonical(json.loads(written)) == written


def test_digest_is_hexadecimal_sha256() -> None:
    assert digest(b"abc") == hashlib.sha256(b"abc").hexdigest()


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b'"a"', b"{", b'{"a":1,"a":2}', b'{"a":{"b":1,"b":1}}', b'{"a":1.5}', b'{"a":1e3}', b'{"a":NaN}',
     b'{"a":Infinity}', b'{"a":"\\ud800"}', b'{"\\udc00":1}', b"\xff\xfe{}", b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}"],
)  # fmt: skip
def test_surprising_json_is_refused(data: bytes) -> None:
    problem = read_object(data, "thing")
    assert isinstance(problem, Problem)
    assert problem.code is ProblemCode.MALFORMED


@given(st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_reading_json_never_raises(data: bytes) -> None:
    value = read_object(data, "thing")
    assert isinstance(value, (dict, Problem))
    if isinstance(value, dict):
        assert value == json.loads(data)


def test_escaped_text_is_still_read() -> None:
    assert read_object(b'{"a":"\\u00e9\\ud83d\\ude00"}', "thing") == {"a": "é😀"}


@given(st.datetimes(min_value=datetime(1970, 1, 2), timezones=st.timezones()))  # noqa: DTZ001
def test_a_timestamp_comes_back_in_whole_seconds(moment: datetime) -> None:
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        return
    assert read_timestamp(timestamp(moment)) == utc.replace(microsecond=0)


@pytest.mark.parametrize(
    "text",
    ["", "2026-03-04", "2026-03-04T10:20:30", "2026-03-04T10:20:30+00:00", "2026-03-04T10:20:30.5Z",
     "2026-02-30T10:20:30Z", "2026-03-04T24:20:30Z", "2026-03-04t10:20:30z", "2026-03-04T10:20:30Z\n", "٢026-03-04T10:20:30Z"],
)  # fmt: skip
def test_another_spelling_of_a_time_is_refused(text: str) -> None:
    assert read_timestamp(text) is None


# --- the short way to read what is canonical ------------------------------------------------------------


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_the_short_way_reads_what_the_long_way_reads(value: dict[str, object]) -> None:
    written = canonical(value)
    short = read_canonical(written)
    assert short is None or short == value == read_object(written, "x")


def test_the_short_way_is_taken() -> None:
    assert read_canonical(b'{"a":[1,null,true],"b":{"c":"CZ6508000000192000145399"}}') is not None
    assert read_canonical('{"jméno":"Nováková"}'.encode()) == {"jméno": "Nováková"}


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1.5}', b'{"a":1e3}', b'{"a":1,"a":1}', b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":9007199254740993}', b'{"a":-0}',
        b'{"a":"\xed\xa0\x80"}', b'{"a":"\xff"}', b'{"a":"\\u0041"}', b"[1]", b"1", b"", b"nonsense", b'{"a":1}\n',
        b'{"a":NaN}', b"[" * 100_000, '{"\U0001f600":1,"\ufb33":2}'.encode(),
    ],
)  # fmt: skip
def test_the_short_way_leaves_the_rest_to_the_long_way(data: bytes) -> None:
    assert read_canonical(data) is None


@given(st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_whatever_the_short_way_reads_is_canonical(data: bytes) -> None:
    value = read_canonical(data)
    if value is not None:
        assert value == read_object(data, "x")
        assert canonical(value) == data


def pieces() -> st.SearchStrategy[bytes]:
    """JSON as somebody might write it: members twice, spaces, escapes, floats, large integers, halves of characters."""
    names = st.sampled_from(['"a"', '"b"', '"\\u0061"', '"é"', '" "'])
    plain = [
        "1", "-0", "0", "1.0", "1e2", "9" * 30, "-9223372036854775809", "null", "true", "NaN", '"\\/"', '"\\ud800"', '"\\u000a"',
        '"\\n"', '"\x7f"', '"x"', "[]", "{}", "[1, 2]", '{"a":1,"a":1}', "",
    ]  # fmt: skip
    members = st.lists(st.tuples(names, st.sampled_from(plain)).map(":".join), max_size=3)
    return members.map(lambda some: f"{{{','.join(some)}}}".encode())


@given(pieces() | VALUES.map(lambda value: json.dumps({"a": value}, ensure_ascii=False).encode()))
def test_what_is_read_at_once_is_read_as_the_long_way_reads_it(data: bytes) -> None:
    long_way = read_object(data + b" ", "thing")  # nothing that is written again ends in a space
    assert repr(read_object(data, "thing")) == repr(long_way)
