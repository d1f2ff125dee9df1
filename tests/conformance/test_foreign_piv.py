"""PIV cards that are not ours, through the real pcscd, in front of our reader code and of `guichet card`.

Two of them: our simulator bent into other shapes, and a card written here on its own, from the standard and from habits of
cards in the field: T=0 with 61xx and 6Cxx, short answers, odd order of fields, padding, zlib, 6983 at the last wrong PIN.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding

from devices import cli
from devices.card_session import CardSession
from devices.pcsc_reader import PcscTransport
from devices.pin_pad import HandedPin
from devices.simulators.slot import BLOCKING_PAD, NO_PAD, REPORTING_PAD
from kiosk.domain.card import CardRefusal, PinNeeded, RefusedCard, Signed
from kiosk.domain.errors import EnvironmentFault
from kiosk.wire.trust import Revocations
from tests.card_bench import AT, PIN, CardBench, CardPlan, authority, issue, key, shared_bench, subject, typing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from devices.simulators.card import Moment

CONSEQUENCE = {
    "9A": "cannot ask for a record",
    "9C": "cannot sign anything",
    "9D": "cannot be opened",
    "9E": "cannot be proved genuine",
}


# --- a card of its own ------------------------------------------------------------------------------


def der_length(size: int) -> bytes:
    return bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")


def field(tag: str, value: bytes) -> bytes:
    return bytes.fromhex(tag) + der_length(len(value)) + value


class ForeignCard:
    """A second PIV card: shares no line with the simulator. RSA in 9A, P-256 in 9C, no CHUID, no 9D, no 9E."""

    name = "foreign"
    atr = bytes.fromhex("3B6800000073C8400000")  # T=0 only, so no check byte

    def __init__(self, *, tries: int = 15, part: int = 200, le_exact: bool = True) -> None:
        self.tries = self.limit = tries
        self.part = part  # bytes a response carries at most
        self.le_exact = le_exact
        self.keys = {0x9A: key("foreign 9A", "RSA-2048"), 0x9C: key("foreign 9C")}
        self.objects = {
            bytes.fromhex(tag): field("53", field("71", b"\x01") + field("70", zlib.compress(self._certificate(slot))))
            + b"\x00\x00"
            for slot, tag in ((0x9A, "5FC105"), (0x9C, "5FC10A"))
        }
        self._off()

    def _certificate(self, slot: int) -> bytes:
        private, name = self.keys[slot], subject("John Q. Public")
        built = (
            x509.CertificateBuilder(subject_name=name, issuer_name=subject("Agency CA"), serial_number=4711 + slot)
            .public_key(private.public_key())
            .not_valid_before(AT.replace(year=2020))
            .not_valid_after(AT.replace(year=2030))
        )
        return built.sign(key("Agency CA"), hashes.SHA256()).public_bytes(Encoding.DER)

    def _off(self) -> None:
        self.on, self.shown, self.out, self.chain = False, False, b"", b""

    def power_up(self) -> bytes:
        self._off()
        return self.atr

    def power_down(self) -> None:
        self._off()

    def leave(self) -> None:
        self._off()

    def response_delivered(self) -> None: ...

    def arm(self, moment: Moment, action: Callable[[], object]) -> None: ...

    def transmit(self, command: bytes) -> bytes:  # noqa: PLR0911 - one line a case
        if len(command) > 5 and len(command) != 5 + command[4]:
            return b"\x67\x00"  # T=0: a command with data has no Le
        cla, ins, p1, p2 = command[:4]
        data = command[5:]
        if ins == 0xC0:
            return self._hand_out(command[4] or 256)
        if cla == 0x10:
            self.chain += data
            return b"\x90\x00"
        data, self.chain = self.chain + data, b""
        match ins:
            case 0xA4 if data == bytes.fromhex("A00000030800001000"):
                self.on = True
                return self._answer(
                    field("61", field("79", field("4F", b"\xa0\x00\x00\x03\x08")) + field("4F", b"\0\0\x10\0\1\0"))
                )
            case 0xA4:
                return b"\x6a\x82"
            case 0xCB if self.on and (p1, p2) == (0x3F, 0xFF):
                found = self.objects.get(data[2:])
                return self._answer(found) if found else b"\x6a\x82"
            case 0x20 if self.on:
                return self._verify(data)
            case 0x87 if self.on and p2 in self.keys:
                return self._sign(p2, data)
        return b"\x6d\x00"

    def _answer(self, data: bytes) -> bytes:
        self.out = data
        return bytes([0x61, min(len(data), self.part)])

    def _hand_out(self, wanted: int) -> bytes:
        ready = min(len(self.out), self.part)
        if not ready:
            return b"\x69\x85"
        if self.le_exact and wanted > ready:
            return bytes([0x6C, ready])
        given, self.out = self.out[: min(wanted, ready)], self.out[min(wanted, ready) :]
        return given + (bytes([0x61, min(len(self.out), self.part)]) if self.out else b"\x90\x00")

    def _verify(self, data: bytes) -> bytes:
        if not data:
            return b"\x90\x00" if self.shown else bytes([0x63, 0xC0 | self.tries]) if self.tries else b"\x69\x83"
        if data == PIN.encode() + b"\xff\xff" and self.tries:
            self.tries, self.shown = self.limit, True
            return b"\x90\x00"
        self.tries = max(0, self.tries - 1)
        return bytes([0x63, 0xC0 | self.tries]) if self.tries else b"\x69\x83"

    def _sign(self, slot: int, data: bytes) -> bytes:
        if not self.shown:
            return b"\x69\x82"
        private = self.keys[slot]
        block = data[data.index(b"\x82\x00") + 2 :]
        if isinstance(private, rsa.RSAPrivateKey):
            numbers = private.private_numbers()
            raw = pow(int.from_bytes(block[-256:], "big"), numbers.d, numbers.public_numbers.n).to_bytes(256, "big")
        else:
            raw = private.sign(block[-32:], ec.ECDSA(Prehashed(hashes.SHA256())))
        return self._answer(field("7C", field("82", raw)))


# --- running `guichet card` -------------------------------------------------------------------------


def card(*arguments: str) -> int:
    """Run the verb as the entry point does."""
    parser = argparse.ArgumentParser(prog="guichet")
    cli.add_parser(parser.add_subparsers(dest="verb"))
    args = parser.parse_args(["card", *arguments])
    try:
        return int(args.run(args))
    except EnvironmentFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 2


def report(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run with --json and give what it found."""
    assert card(*arguments, "--json") == code
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def bench() -> CardBench:
    return shared_bench(REPORTING_PAD)


@pytest.fixture
def root(tmp_path: Path) -> str:
    path = tmp_path / "root.pem"
    path.write_bytes(authority().pem)
    return str(path)


@pytest.fixture
def pin_from_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PIN}\n"))


# --- the matrix ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("short", [False, True], ids=["id of 11", "id of 6"])
@pytest.mark.parametrize("tries", [3, 5, 15])
@pytest.mark.parametrize("compressed", [(), ("9A", "9C", "9D", "9E")], ids=["plain", "gzip"])
def test_shapes_of_cards(
    bench: CardBench, capsys: pytest.CaptureFixture[str], short: bool, tries: int, compressed: tuple[str, ...]
) -> None:
    changes: dict[str, object] = {"short_select_answer": short, "pin_limit": tries, "pin_tries": tries}
    bench.insert(issue(CardPlan(compressed=compressed, policy=None, changes=changes)))

    found = report(capsys, "show", "--reader", "Guichet Visitor")

    assert found["profile"] == "PIV"
    assert len(found["application_id"]) == (12 if short else 22)
    assert found["pin_tries_left"] == tries
    assert [one["slot"] for one in found["certificates"]] == ["9A", "9C", "9D", "9E"]
    assert found["challenges"] == [{"slot": "9E", "verified": True, "detail": "the signature fits"}]


@pytest.mark.parametrize("missing", [("5FC102",), ("9A",), ("9C",), ("9D",), ("9E",), ("5FC102", "9D", "9E")])
def test_what_is_missing_is_said(
    bench: CardBench, capsys: pytest.CaptureFixture[str], pin_from_pipe: None, missing: tuple[str, ...]
) -> None:
    bench.insert(issue(CardPlan(missing=missing)))

    found = report(capsys, "authenticate", "--pin-stdin", code=1 if "9A" in missing else 0)

    for one in missing:
        told = [limit for limit in found["limits"] if CONSEQUENCE.get(one, "no CHUID") in limit]
        assert len(told) == 1
    assert found["chuid"] == ("5FC102" not in missing)
    verified = [one["slot"] for one in found["challenges"] if one["verified"]]
    assert verified == [slot for slot in ("9E", "9A") if slot not in missing]


@pytest.mark.parametrize("fresh", [True, False])
def test_9c_without_a_fresh_pin_is_found_out(
    bench: CardBench, capsys: pytest.CaptureFixture[str], pin_from_pipe: None, fresh: bool
) -> None:
    bench.insert(issue(CardPlan(changes={"fresh_pin_for_9c": fresh})))

    found = report(capsys, "authenticate", "--pin-stdin", "--probe-signature")

    assert any("9C signs without a fresh PIN" in limit for limit in found["limits"]) == (not fresh)


def test_pin_on_the_pad(bench: CardBench, capsys: pytest.CaptureFixture[str], root: str) -> None:
    bench.insert(issue(CardPlan()))

    with typing(bench.visitor, *PIN, "enter"):
        found = report(capsys, "authenticate", "--reader", "Guichet Visitor", "--root", root)

    assert found["holder"] == "Marie Novotná"
    assert found["chain"] == {
        "verdict": "accepted",
        "detail": "of this scheme and valid",
        "number": "1000000017",
        "role": "insured",
        "revocation_age_seconds": None,
    }


def test_the_chain_of_a_stranger(bench: CardBench, capsys: pytest.CaptureFixture[str], root: str) -> None:
    bench.insert(issue(CardPlan(name="stranger", authority=authority("Another"))))

    found = report(capsys, "show", "--root", root)

    assert found["chain"]["verdict"] == "unknown_issuer"
    assert found["chain"]["number"] == ""
    assert found["challenges"][0]["verified"]


# --- the card of its own, before our code -----------------------------------------------------------


@pytest.mark.parametrize(("part", "le_exact"), [(200, True), (255, False), (16, True)])
def test_the_second_card_is_read(
    bench: CardBench, capsys: pytest.CaptureFixture[str], root: str, part: int, le_exact: bool
) -> None:
    bench.insert(ForeignCard(part=part, le_exact=le_exact))

    found = report(capsys, "show", "--root", root)

    assert (found["protocol"], found["selected_by"]) == ("T0", "A00000030800001000")
    assert (found["application_id"], found["chuid"], found["pin_tries_left"]) == ("000010000100", False, 15)
    assert [(one["slot"], one["algorithm"], one["subject"]) for one in found["certificates"]] == [
        ("9A", "RSA-2048", "CN=John Q. Public"),
        ("9C", "P-256", "CN=John Q. Public"),
    ]
    assert found["chain"]["verdict"] == "unknown_issuer"
    assert len(found["limits"]) == 4  # CHUID, 9D, 9E; revocation data


def test_the_second_card_in_tiny_parts_is_given_up_cleanly(
    bench: CardBench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.insert(ForeignCard(part=1, le_exact=False))

    assert card("show") == 1
    assert "has no end" in capsys.readouterr().err


def test_the_second_card_authenticates_on_the_pad(bench: CardBench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.insert(ForeignCard(tries=5))

    with typing(bench.visitor, *PIN, "enter"):
        found = report(capsys, "authenticate", "--probe-signature")

    assert [(one["slot"], one["verified"]) for one in found["challenges"]] == [("9A", True), ("9C", True)]
    assert any("9C signs without a fresh PIN" in limit for limit in found["limits"])


def test_the_second_card_blocks_and_is_left_alone(
    bench: CardBench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = ForeignCard(tries=3)
    bench.insert(foreign)

    def attempt(*more: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO("999999\n"))
        code = card("authenticate", "--pin-stdin", *more)
        return code, capsys.readouterr().err

    assert attempt() == (1, "guichet card: The PIN is wrong; 2 more before it blocks. Ask the holder.\n")
    assert attempt()[0] == 1
    assert attempt() == (2, "One PIN try is left; a wrong PIN blocks the card. Give --last-try to use it.\n")
    assert foreign.tries == 1
    assert attempt("--last-try") == (1, "guichet card: The PIN is blocked now. Unblock it with the PUK.\n")
    assert attempt("--last-try") == (1, "guichet card: The PIN of the card is blocked. Unblock it with the PUK.\n")


def test_the_second_card_starts_no_visit_and_signs_only_after_a_fresh_pin(bench: CardBench) -> None:
    bench.insert(ForeignCard())
    transport = PcscTransport("Guichet Visitor")
    session = CardSession(transport, bytes, pin=HandedPin(transport, PIN))

    assert session.examine(authority().pem, Revocations(frozenset(), AT), AT) == RefusedCard(CardRefusal.UNKNOWN_ISSUER)
    session.verify_pin(5)
    assert isinstance(session.sign("9C", b"message"), Signed)
    assert session.sign("9C", b"message") == PinNeeded()
    assert isinstance(session.sign("9A", b"message"), Signed)
    session.finish()


# --- what cannot be done, and whose turn it is ------------------------------------------------------


def test_readers_are_named_when_the_name_is_unknown(bench: CardBench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.insert(issue(CardPlan()))

    assert card("show", "--reader", "Omnikey") == 2

    assert capsys.readouterr().err == (
        "There is no reader 'Omnikey'. The readers are: Guichet Visitor 00 00 (card); Guichet Staff 01 00 (empty).\n"
    )


def test_without_a_name_the_reader_with_a_card_is_taken(bench: CardBench, capsys: pytest.CaptureFixture[str]) -> None:
    assert card("show") == 2
    assert "Which reader?" in capsys.readouterr().err
    bench.insert(issue(CardPlan(name="clerk")), bench.staff)

    assert report(capsys, "show")["reader"] == "Guichet Staff 01 00"


def test_an_empty_reader(bench: CardBench, capsys: pytest.CaptureFixture[str]) -> None:
    assert card("show", "--reader", "Guichet Visitor") == 2
    assert "no card in the reader" in capsys.readouterr().err


@pytest.mark.parametrize("fault", ["mute", "garbage"])
def test_a_broken_card(bench: CardBench, capsys: pytest.CaptureFixture[str], fault: str) -> None:
    bench.insert(issue(CardPlan(changes={"fault": fault})))

    assert card("show", "--reader", "Guichet Visitor") == 1
    assert "does not answer as a card does" in capsys.readouterr().err


def test_a_card_that_is_no_piv_card(bench: CardBench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.insert(issue(CardPlan(changes={"application_id": "A000000151000000"})))

    found = report(capsys, "show")

    assert (found["profile"], found["atr"]) == (None, "3B858131FE458073C8218014")
    assert "no PIV application" in found["limits"][0]
    assert card("authenticate") == 1


def test_a_reader_without_a_pad_says_what_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    shared_bench(NO_PAD).insert(issue(CardPlan()))

    assert card("authenticate") == 2
    assert "has no PIN pad. Use a reader with a pad, or --pin-stdin" in capsys.readouterr().err


def test_cancel_time_out_and_length_on_the_pad(capsys: pytest.CaptureFixture[str]) -> None:
    bench = shared_bench(BLOCKING_PAD)
    bench.insert(issue(CardPlan()))
    for keys, told in ((("1", "cancel"), "Cancelled"), (("1", "enter"), "6 to 8 digits"), ((), "Nobody typed")):
        with typing(bench.visitor, *keys):
            assert card("authenticate", "--seconds", "1" if not keys else "30") == 1
        assert told in capsys.readouterr().err


def test_a_card_held_by_a_visit(bench: CardBench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.insert(issue(CardPlan()))
    visit = PcscTransport("Guichet Visitor")
    visit.connect()

    assert card("show", "--reader", "Guichet Visitor") == 2
    assert "Another program holds the card" in capsys.readouterr().err
    visit.disconnect()


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"])
def test_a_wrong_root(
    bench: CardBench, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes | None
) -> None:
    bench.insert(issue(CardPlan()))
    path = tmp_path / "root.pem"
    if content is not None:
        path.write_bytes(content)

    assert card("show", "--root", str(path)) == 2
    assert str(path) in capsys.readouterr().err


@pytest.mark.parametrize("seconds", ["0", "256", "-1", "soon"])
def test_a_wrong_time_is_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        card("authenticate", "--seconds", seconds)

    assert ended.value.code == 2
    assert "1 to 255" in capsys.readouterr().err


def test_lines_for_people(bench: CardBench, capsys: pytest.CaptureFixture[str], root: str) -> None:
    bench.insert(issue(CardPlan()))

    assert card("show", "--root", root) == 0

    lines = capsys.readouterr().out
    for expected in ("PIV", "serialNumber=1000000017", "trusted", "accepted", "PIN tries     3", "9E: verified"):
        assert expected in lines
    assert "Novotná" not in lines


def test_no_pcscd_at_all(tmp_path: Path) -> None:
    """In a process of its own: libpcsclite keeps the first socket name it sees."""
    program = "from devices.pcsc_reader import list_readers; print(list_readers())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PCSCLITE_CSOCK_NAME": str(tmp_path / "nobody"), "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "SERVICE_GONE" in done.stdout
