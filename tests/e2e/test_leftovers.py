"""The scan for what a visit leaves can see, and says so when it cannot."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.e2e.leftovers import NotLooked, Sieve, in_memory, needles, on_disk, terminal_processes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARKER = "Ž" + secrets.token_hex(12)
HOLDER = """
import mmap, sys
code = int(sys.argv[1], 16).to_bytes(13, "big")
text = "Ž" + code.hex()[2:]
held = [bytearray(b"x" * int(sys.argv[3]) + text.encode(sys.argv[2])), mmap.mmap(-1, 1 << 16)]
del text, code
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["utf-8", "utf-16-le"])
def holder(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds the marker in one form, at the end of more than one chunk; not on its command line."""
    argument = "01" + MARKER[1:]
    command = [sys.executable, "-c", HOLDER, argument.upper(), request.param, str(5 << 20)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process


def test_a_marker_in_a_process_is_found_in_each_form(holder: subprocess.Popen[bytes]) -> None:
    found = in_memory(holder.pid, needles(MARKER))
    assert found
    assert all(hit.startswith(f"{holder.pid} ") for hit in found)
    assert in_memory(holder.pid, needles("Ž" + secrets.token_hex(12))) == []


def test_the_sieve_finds_each_of_many_though_it_comes_in_pieces_and_says_where() -> None:
    wanted = needles("Marie Novotná", "Karel Dvořák", "CZ6508000000192000145399", "Karel Dvořáková")
    text = b"\x00\xff\n".join(wanted) + b"\x00" * 4096
    with Sieve(wanted) as sieve:
        for place in range(0, len(text), 7):
            sieve.pour(text[place : place + 7])
        found = sieve.found()
    assert sieve.poured == len(text)
    assert {needle for _, needle in found} == set(wanted)
    assert all(text[offset:].startswith(needle) for offset, needle in found)


def test_of_several_lines_the_longest_is_looked_for() -> None:
    with Sieve([b"begin\nthe longest of them\nend"]) as sieve:
        sieve.pour(b"begin and the end\n... the longest of them")
        assert sieve.found() == [(22, b"the longest of them")]


def test_what_is_everywhere_is_not_looked_for() -> None:
    for wanted in ([b"\n"], [b""]):
        with pytest.raises(ValueError, match="everywhere"):
            Sieve(wanted)


def test_a_process_that_cannot_be_read_is_no_clean_process(holder: subprocess.Popen[bytes]) -> None:
    holder.kill()
    os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)  # a zombie: it is there, its memory is not
    with pytest.raises(NotLooked, match=str(holder.pid)):
        in_memory(holder.pid, needles(MARKER))
    holder.wait()
    with pytest.raises(NotLooked, match=str(holder.pid)):
        in_memory(holder.pid, needles(MARKER))


@pytest.mark.skipif(os.geteuid() != 0, reason="takes another user's eyes")
def test_a_process_of_another_user_is_not_passed_over() -> None:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65_534)
        os.setuid(65_534)
        said = b"nothing found"
        try:
            in_memory(os.getppid(), [])
        except NotLooked as error:
            said = str(error).encode()
        finally:
            os.write(write, said)
            os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read) as answer:
        assert "cannot be read" in answer.read()


def test_places_and_processes_that_are_missing_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(MARKER, "utf-8")
    (tmp_path / "another").write_text("nothing", "utf-8")
    assert all(hit.startswith(f"{tmp_path}/file: ") for hit in on_disk([tmp_path], needles(MARKER)))
    assert len(on_disk([tmp_path], needles(MARKER))) == 1
    with pytest.raises(NotLooked, match="nowhere"):
        on_disk([tmp_path / "nowhere"], needles(MARKER))
    with pytest.raises(NotLooked, match="no agent, no successor"):
        terminal_processes({"supervisor": 1, "visit": 2}, tmp_path / "pcscd.log")
    everybody = dict.fromkeys(("supervisor", "agent", "visit", "successor"), os.getpid())
    with pytest.raises(NotLooked, match="pcscd"):
        terminal_processes(everybody, tmp_path / "pcscd.log")
