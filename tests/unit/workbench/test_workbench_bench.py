from __future__ import annotations

import os
import queue
import stat
import threading
from typing import TYPE_CHECKING

import pytest
from workbench_benches import running_bench, short_state

from devices.receipt_layout import Code, Cut, Words
from devices.receipt_printer import ReceiptPrinter
from devices.scanner import BarcodeScanner
from devices.simulators.pin_pad import EntryRules, Typed
from devices.sounder import WorkbenchSpeaker
from kiosk.domain.errors import EnvironmentFault
from workbench.bench import Bench, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RULES = EntryRules(6, 8, timeout_seconds=20)
SELECT_PIV = bytes.fromhex("00A4040009A00000030800001000")
VERIFY = bytes.fromhex("0020008008313233343536FFFF")


@pytest.fixture
def state() -> Iterator[Path]:
    with short_state() as folder:
        yield folder


@pytest.fixture
def bench(state: Path) -> Iterator[Bench]:
    with running_bench(state) as made:
        yield made


def refused(outcome: object) -> Refused:
    assert isinstance(outcome, Refused)
    assert outcome.what.endswith(".")
    assert outcome.remedy
    return outcome


def test_cards_go_in_and_come_out(bench: Bench) -> None:
    assert [(card.name, card.label, card.slot, card.pin_tries) for card in bench.cards()] == [
        ("josef", "Josef Svoboda, test card", "", 3),
        ("marie", "Marie Novotná, test card", "", 3),
    ]
    assert bench.insert("marie") is None
    assert bench.insert("josef", "staff") is None
    assert {card.name: card.slot for card in bench.cards()} == {"josef": "staff", "marie": "visitor"}
    assert bench.pull() is None
    assert bench.slots["visitor"].card is None
    assert bench.slots["staff"].card is not None


def test_each_sound_of_the_terminal_is_noted(bench: Bench) -> None:
    heard = threading.Event()
    bench.listen(heard.set)
    assert (bench.status()["sounds"], bench.status()["last_sound"]) == (0, "")
    speaker = WorkbenchSpeaker(bench.folder / "speaker.sock")
    speaker.play("card_left")
    assert heard.wait(5)
    assert (bench.status()["sounds"], bench.status()["last_sound"]) == (1, "card_left")
    speaker.close()


def test_an_unknown_card_is_refused_with_the_list(bench: Bench) -> None:
    for name in ("nobody", "../cards/marie", "", ".hidden"):
        answer = refused(bench.insert(name))
        assert repr(name) in answer.what
        assert "josef, marie" in answer.remedy


def test_an_empty_drawer_says_how_cards_are_made(tmp_path: Path) -> None:
    with short_state() as state:
        for path in (state / "cards").iterdir():
            path.unlink()
        with running_bench(state) as bench:
            assert "guichet back-office seed" in refused(bench.insert("marie")).remedy


def test_a_card_is_in_one_place_at_a_time(bench: Bench) -> None:
    bench.insert("marie", "staff")
    assert "staff" in refused(bench.insert("marie")).what
    assert bench.insert("marie", "staff") is None  # put back into the same one


def test_a_broken_card_file_is_refused_with_its_place(bench: Bench, state: Path) -> None:
    (state / "cards" / "bad.json").write_text("{", "utf-8")
    assert "bad" not in [card.name for card in bench.cards()]
    (state / "cards" / "marie.json").write_text('{"format": 9, "pin_tries": 3, "label": "x"}', "utf-8")
    assert "format" in refused(bench.insert("marie")).what


def test_an_empty_reader_and_an_unknown_one(bench: Bench) -> None:
    assert "visitor" in refused(bench.pull()).what
    assert "visitor and staff" in refused(bench.pull("left")).remedy
    assert refused(bench.insert("marie", "left")).what == refused(bench.arm("pull-after-signature", "left")).what


def test_keys_reach_the_pad_that_asks(bench: Bench) -> None:
    pad = bench.slots["staff"].pad
    pad.begin(RULES)
    assert bench.press(["12", "back", "23456", "ENTER"]) is None
    assert pad.wait() == Typed(("123456",))


def test_a_pad_that_does_not_ask_refuses_and_takes_nothing(bench: Bench) -> None:
    assert "wait pad" in refused(bench.press(["123456", "enter"])).remedy
    bench.slots["staff"].pad.begin(RULES)
    refused(bench.press(["1"], "visitor"))
    assert bench.slots["staff"].pad.display.digits == 0


@pytest.mark.parametrize("keys", [["12a456"], ["return"], ["٣"], ["-1"]])
def test_keys_that_no_pad_has_press_none(bench: Bench, keys: list[str]) -> None:
    bench.slots["visitor"].pad.begin(RULES)
    assert "enter, cancel, clear, back" in refused(bench.press(["1", *keys])).remedy
    assert bench.slots["visitor"].pad.display.digits == 0


def test_tries_are_kept_while_a_card_is_away(bench: Bench) -> None:
    bench.insert("marie")
    slot = bench.slots["visitor"]
    slot.power_up()
    slot.transmit(SELECT_PIV)
    assert slot.transmit(VERIFY.replace(b"123456", b"000000")) == b"\x63\xc2"
    bench.insert("marie")
    slot.power_up()
    slot.transmit(SELECT_PIV)
    assert slot.transmit(b"\x00\x20\x00\x80") == b"\x63\xc2"
    assert {card.name: card.pin_tries for card in bench.cards()}["marie"] == 2


def test_waiting_ends_when_it_is_there(bench: Bench) -> None:
    pad = bench.slots["visitor"].pad
    outcomes: queue.Queue[object] = queue.Queue()
    for what in ("pad", "card"):
        thread = threading.Thread(target=lambda what=what: outcomes.put(bench.wait(what, 20)))
        thread.start()
        pad.begin(RULES) if what == "pad" else bench.insert("josef")
        thread.join(20)
        assert outcomes.get_nowait() is None
    pad.interrupt()
    assert bench.wait("no-pad", 5) is None
    bench.pull()
    assert bench.wait("no-card", 5) is None


def test_waiting_in_vain_says_so(bench: Bench) -> None:
    assert "no pad within 0.01 s" in refused(bench.wait("pad", 0.01)).what
    bench.insert("marie")
    assert "still a card" in refused(bench.wait("no-card", 0.01)).what
    assert "pad, no-pad, card, no-card, paper" in refused(bench.wait("luck", 1)).remedy
    assert "readers" in refused(bench.wait("card", 1, "left")).remedy


def test_each_paper_is_waited_for_once(bench: Bench) -> None:
    printer = ReceiptPrinter(bench.folder / "printer")
    for word in ("one", "two"):
        assert printer.print([Words(word), Cut()]) == "printed"
    waited = [bench.wait("paper", 5), bench.wait("paper", 5)]
    assert waited == bench.papers()
    refused(bench.wait("paper", 0.01))
    assert bench.wait("paper", 5, count=0) == bench.papers()[0]
    assert [slip.text for slip in bench.papers()] == ["one\n", "two\n"]
    assert [slip.text for slip in bench.papers(last=True)] == ["two\n"]
    assert all(slip.picture.exists() for slip in bench.papers())


def test_printer_faults(bench: Bench) -> None:
    assert bench.set_printer("jam") is None
    assert bench.status()["printer"] == "jam"
    assert "paper-out" in refused(bench.set_printer("on fire")).remedy
    assert bench.set_printer("ok") is None
    assert bench.set_printer("paper-out", after_lines=1) is None
    printer = ReceiptPrinter(bench.folder / "printer")
    assert printer.print([Words("one"), Code("GR1:A"), Cut()]) == "failed"


def test_what_is_scanned_is_read(bench: Bench) -> None:
    read: queue.Queue[str] = queue.Queue()
    scanner = BarcodeScanner(str(bench.folder / "scanner"), read.put)
    scanner.start()
    while True:
        assert bench.scan("0007-1000-0AB0") is None
        try:
            assert read.get(timeout=0.05) == "0007-1000-0AB0"
            break
        except queue.Empty:
            continue
    scanner.stop()
    refused(bench.scan("  "))


def test_without_a_line_there_is_none_to_cut(bench: Bench) -> None:
    assert "--forward" in refused(bench.network(up=False)).remedy
    assert bench.status()["network"] == "none"


@pytest.mark.parametrize(("moment", "comes"), [("pull-before-signature", False), ("pull-after-signature", True)])
def test_a_card_leaves_by_itself(bench: Bench, moment: str, *, comes: bool) -> None:
    assert bench.arm(moment) is None
    bench.insert("marie")
    slot = bench.slots["visitor"]
    slot.power_up()
    slot.transmit(SELECT_PIV)
    slot.transmit(VERIFY)
    answer = slot.transmit(bytes.fromhex("0087119C267C2482008120") + bytes(range(32)) + b"\x00")
    slot.delivered()
    assert isinstance(answer, bytes) == comes
    assert slot.card is None
    assert bench.wait("no-card", 5) is None
    assert "pull-after-signature" in refused(bench.arm("some day")).remedy


def test_a_trace_has_the_commands_and_no_pin(bench: Bench) -> None:
    bench.insert("marie")
    bench.trace(on=True)
    slot = bench.slots["visitor"]
    slot.power_up()
    for command in (SELECT_PIV, VERIFY):
        slot.transmit(command)
    bench.trace(on=False)
    slot.transmit(SELECT_PIV)
    path = bench.folder / "trace.log"
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) == 4
    assert "visitor marie > 00 A4 04 00" in lines[0]
    assert lines[1].endswith("90 00")
    assert "31 32 33 34 35 36" not in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_status_says_everything(bench: Bench) -> None:
    bench.insert("marie")
    bench.slots["visitor"].pad.begin(RULES)
    bench.press(["12"])
    status = bench.status()
    assert status["slots"] == {
        "visitor": {"card": "marie", "pad": {"entering": True, "digits": 2, "prompt": "pin"}},
        "staff": {"card": "", "pad": {"entering": False, "digits": 0, "prompt": ""}},
    }
    assert status["pid"] == os.getpid()
    assert status["reader_service"] == "ended"
    assert "12" not in str(status["slots"]).replace("'digits': 2", "")


def test_listeners_hear_of_every_change(bench: Bench) -> None:
    heard = threading.Semaphore(0)
    bench.listen(heard.release)
    for change in (
        lambda: bench.insert("marie"),
        lambda: bench.slots["visitor"].pad.begin(RULES),
        lambda: bench.press(["1"]),
        lambda: bench.set_printer("jam"),
        bench.pull,
    ):
        while heard.acquire(blocking=False):
            pass
        change()
        assert heard.acquire(timeout=5)


def test_one_bench_a_folder_and_nothing_stale_hinders_the_next(state: Path) -> None:
    folder = state / "workbench"
    folder.mkdir()
    for name in ("control.sock", "printer", "scanner", "reader-visitor.sock", "pcscd.comm", "env"):
        (folder / name).write_text("left by a crash", "utf-8")
    with running_bench(state) as bench:
        assert stat.S_ISCHR((folder / "printer").stat().st_mode)
        assert bench.environment[0] in (folder / "env").read_text("utf-8")
        with pytest.raises(EnvironmentFault, match=str(os.getpid())):
            Bench(state).start(reader_service=False)
        assert bench.insert("marie") is None  # the one that runs is not disturbed
    assert not (folder / "printer").is_symlink()
    assert not (folder / "env").exists()
    with running_bench(state):
        pass


def test_a_state_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(EnvironmentFault, match="cannot be made"):
        Bench(tmp_path / "file").start(reader_service=False)
