from __future__ import annotations

import json
import socket
import stat
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workbench_benches import EchoServer, controlled, running_bench, short_state

from devices.receipt_layout import Cut, Words
from devices.receipt_printer import ReceiptPrinter
from devices.simulators.pin_pad import EntryRules
from kiosk.domain.errors import EnvironmentFault
from workbench.client import Workbench
from workbench.control import Control
from workbench.verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.bench import Bench


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Bench, Path, threading.Event]]:
    """One bench with a line and its control socket, for all tests here."""
    server = EchoServer()
    with (
        short_state() as state,
        running_bench(state, (0, server.port)) as bench,
        controlled(bench) as stopped,
    ):
        yield bench, state, stopped
    server.close()


@pytest.fixture
def bench(world: tuple[Bench, Path, threading.Event]) -> Bench:
    bench = world[0]
    for slot in bench.slots.values():
        slot.remove()
        slot.pad.interrupt()
    bench.set_printer("ok")
    bench.network(up=True)
    return bench


@pytest.fixture
def client(world: tuple[Bench, Path, threading.Event], bench: Bench) -> Iterator[Workbench]:
    del bench
    with Workbench(world[1]) as made:
        yield made


def refusal(client: Workbench, verb: str, *arguments: str, **options: object) -> EnvironmentFault:
    with pytest.raises(EnvironmentFault) as caught:
        client.do(verb, *arguments, **options)
    assert caught.value.what.endswith((".", "!"))
    assert caught.value.remedy
    return caught.value


def raw(state: Path, *lines: bytes) -> list[Any]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(state / "workbench" / "control.sock"))
        connection.sendall(b"".join(lines))
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as answers:
            return [json.loads(line) for line in answers]


def test_every_verb_of_the_table_is_served(client: Workbench, bench: Bench) -> None:
    calls: dict[str, tuple[str, ...]] = {
        "cards": (), "insert": ("marie",), "press": ("1",), "pull": (), "scan": ("a", "b"), "printer": ("jam",), "paper": (),
        "network": ("off",), "arm": ("pull-before-signature",), "wait": ("no-card",), "status": (), "trace": ("off",),
    }  # fmt: skip
    assert {*calls, "stop"} == set(VERBS)
    for verb, arguments in calls.items():
        if verb == "press":
            bench.slots["visitor"].pad.begin(EntryRules(6, 8))
        assert client.do(verb, *arguments)["ok"] is True


def test_verbs_with_their_options(client: Workbench, bench: Bench) -> None:
    client.do("insert", "marie", slot="staff")
    assert bench.slots["staff"].card is not None
    assert {card["name"]: card["slot"] for card in client.do("cards")["cards"]}["marie"] == "staff"
    bench.slots["staff"].pad.begin(EntryRules(6, 8))
    client.do("wait", "pad", timeout=5, slot="staff")
    client.do("press", "123", slot="staff")
    assert client.do("status")["status"]["slots"]["staff"]["pad"]["digits"] == 3
    client.do("pull", slot="staff")
    client.do("network", "off")
    assert client.do("status")["status"]["network"] == "off"


def test_paper_comes_with_its_text_and_picture(client: Workbench, bench: Bench) -> None:
    before = bench.printer.count
    ReceiptPrinter(bench.folder / "printer").print([Words("Hello"), Cut()])
    waited = client.do("wait", "paper", timeout=10, count=before)["papers"]
    assert waited == client.do("paper", last=True)["papers"] == client.do("paper")["papers"][-1:]
    assert waited[0]["text"] == "Hello\n"
    assert waited[0]["number"] == before + 1
    assert waited[0]["picture"].endswith(f"{before + 1:03d}.png")


def test_a_fault_in_the_middle_of_a_paper(client: Workbench, bench: Bench) -> None:
    client.do("printer", "paper-out", **{"after-lines": 1})
    assert ReceiptPrinter(bench.folder / "printer").print([Words("a"), Words("b"), Cut()]) == "failed"
    client.do("printer", "jam", after_lines=1)
    assert client.do("status")["status"]["printer"] == "paper-out"


@pytest.mark.parametrize(
    ("verb", "arguments", "options", "says"),
    [
        ("dance", (), {}, "cards, insert, pull"),
        ("insert", (), {}, "one CARD"),
        ("insert", ("marie", "josef"), {}, "one CARD"),
        ("pull", ("now",), {}, "nothing"),
        ("press", (), {}, "at least one KEY"),
        ("printer", ("broken",), {}, "ok, jam, paper-out, cover-open, offline"),
        ("network", ("maybe",), {}, "on, off"),
        ("insert", ("marie",), {"slot": "left"}, "visitor, staff"),
        ("insert", ("marie",), {"speed": "fast"}, "--help"),
        ("wait", ("pad",), {"timeout": "soon"}, "a number from 0"),
        ("wait", ("pad",), {"timeout": -1}, "a number from 0"),
        ("wait", ("paper",), {"count": 1.5}, "a number from 0"),
        ("wait", ("paper",), {"count": True}, "a number from 0"),
        ("paper", (), {"last": "yes"}, "true or false"),
        ("insert", ("nobody",), {}, "josef, marie"),
    ],
)
def test_what_does_not_fit_is_refused_and_says_what_would(
    client: Workbench, verb: str, arguments: tuple[str, ...], options: dict[str, object], says: str
) -> None:
    fault = refusal(client, verb, *arguments, **options)
    assert says in f"{fault.what} {fault.remedy}"
    assert client.do("status")["ok"]


def test_options_that_are_not_given_may_be_sent_empty(client: Workbench) -> None:
    assert client.do("insert", "marie", slot=None)["ok"]
    assert client.do("pull", slot="")["ok"]


@pytest.mark.parametrize(
    "line", [b"\n", b"hello\n", b"[]\n", b"{}\n", b'{"verb": 7}\n', b'{"verb": "status", "options": []}\n', b"\xff\n",
             b'{"verb": "status", "arguments": {}}\n', b"[" * 5000 + b"\n", b'{"verb":"insert","arguments":[["x"]]}\n']
)  # fmt: skip
def test_any_line_gets_one_answer(world: tuple[Bench, Path, threading.Event], line: bytes) -> None:
    answers = raw(world[1], line, b'{"verb":"cards"}\n')
    assert [answer["ok"] for answer in answers] == [False, True]


def test_a_request_without_end_is_refused(world: tuple[Bench, Path, threading.Event]) -> None:
    assert [answer["ok"] for answer in raw(world[1], b"x" * 70_000)] == [False]
    assert [answer["ok"] for answer in raw(world[1], b'{"verb":"cards"}')] == [False]


@given(
    verb=st.sampled_from([verb for verb in VERBS if verb not in {"stop", "wait"}]) | st.text(max_size=8),
    arguments=st.lists(st.text(max_size=10) | st.integers() | st.none(), max_size=3),
    options=st.dictionaries(
        st.text(max_size=8) | st.just("slot"), st.text(max_size=5) | st.floats() | st.none(), max_size=2
    ),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_sent_breaks_the_bench(
    world: tuple[Bench, Path, threading.Event], verb: str, arguments: list[object], options: dict[str, object]
) -> None:
    control = Control.__new__(Control)
    control._bench = world[0]
    line = json.dumps({"verb": verb, "arguments": arguments, "options": options}).encode()
    stop, answer = control.answer(line)
    assert not stop
    assert answer["ok"] or (answer["error"] and answer["remedy"])
    json.dumps(answer)


def test_two_clients_at_once_and_one_that_waits(world: tuple[Bench, Path, threading.Event], client: Workbench) -> None:
    answers: list[dict[str, Any]] = []
    with Workbench(world[1]) as other:
        thread = threading.Thread(target=lambda: answers.append(other.do("wait", "card", timeout=20)))
        thread.start()
        client.do("insert", "josef")
        thread.join(20)
    assert [answer["ok"] for answer in answers] == [True]


def test_stop_is_answered_before_it_stops(world: tuple[Bench, Path, threading.Event], client: Workbench) -> None:
    assert client.do("stop")["ok"]
    assert world[2].wait(5)


def test_the_socket_is_the_owners_alone_and_goes_at_the_end() -> None:
    with short_state() as state, running_bench(state) as bench:
        path = state / "workbench" / "control.sock"
        with controlled(bench):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not path.exists()
        with pytest.raises(EnvironmentFault, match="No workbench runs") as caught:
            Workbench(state)
        assert f"--state {state}" in caught.value.remedy


def test_a_workbench_that_goes_away_is_said(world: tuple[Bench, Path, threading.Event]) -> None:
    del world
    with short_state() as state:
        (state / "workbench").mkdir()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(state / "workbench" / "control.sock"))
            listener.listen()
            with Workbench(state) as client:
                accepted, _ = listener.accept()
                accepted.close()
                with pytest.raises(EnvironmentFault, match="went away"):
                    client.do("status")
