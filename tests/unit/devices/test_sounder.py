"""The speaker: tones that nobody waits for, one at a time, and a state that says how it went."""

from __future__ import annotations

import queue
import shutil
import threading
import time
import wave
from pathlib import Path

import pytest

from devices import sounder
from devices.simulators.speaker import SimulatedSpeaker
from devices.sounder import SOUNDS, AlsaSpeaker, NoSpeaker, WorkbenchSpeaker, speaker_of
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.session.effects import Sound


def player(folder: Path, script: str) -> str:
    """A program in the place of `aplay`."""
    path = folder / "player"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def until(true, seconds=5):
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not true():
        assert time.monotonic() < deadline
        pause.wait(0.01)


@pytest.mark.parametrize("sound", Sound)
def test_every_sound_is_a_short_tone_and_no_silence(sound):
    with wave.open(str(SOUNDS / f"{sound.value}.wav")) as tone:
        assert (tone.getnchannels(), tone.getsampwidth(), tone.getframerate()) == (1, 2, 16000)
        assert 0.1 < tone.getnframes() / 16000 < 1
        frames = tone.readframes(tone.getnframes())
    loudest = max(abs(int.from_bytes(frames[i : i + 2], "little", signed=True)) for i in range(0, len(frames), 2))
    assert 10000 < loudest < 32767


def test_no_speaker_is_silent_and_says_so(tmp_path):
    none = speaker_of("", tmp_path / "speaker.sock")
    assert isinstance(none, NoSpeaker)
    none.play("card_left")
    none.close()
    assert none.state() == "NODEVICE"


def test_a_tone_goes_to_the_device_of_the_configuration(tmp_path):
    said = tmp_path / "said"
    speaker = AlsaSpeaker("plughw:1,0", player=player(tmp_path, f'echo "$@" > {said}.new; mv {said}.new {said}'))
    speaker.play("card_left")
    until(said.exists)
    assert said.read_text().split() == ["-q", "-D", "plughw:1,0", str(SOUNDS / "card_left.wav")]
    assert speaker.state() == "ONLINE"


def test_a_device_that_fails_is_reported_and_so_is_its_return(tmp_path):
    states: queue.Queue[str] = queue.Queue()
    broken = tmp_path / "broken"
    broken.touch()
    speaker = AlsaSpeaker("default", states.put, player=player(tmp_path, f"test ! -e {broken}"))
    assert speaker.state() == "ONLINE"
    speaker.play("warning")
    assert states.get(timeout=5) == speaker.state() == "HWERROR"
    broken.unlink()
    speaker.play("warning")
    assert states.get(timeout=5) == speaker.state() == "ONLINE"


@pytest.mark.skipif(shutil.which(sounder.PLAYER) is None, reason="alsa-utils is not installed")
def test_the_real_player_takes_our_tones(tmp_path):
    states: queue.Queue[str] = queue.Queue()
    speaker = AlsaSpeaker("no such device", states.put)
    speaker.play("card_left")
    assert states.get(timeout=5) == "HWERROR"
    speaker._device = "null"  # ALSA's own device for nobody's ears
    speaker.play("card_left")
    assert states.get(timeout=5) == "ONLINE"


def test_without_a_player_the_speaker_is_broken(tmp_path):
    speaker = AlsaSpeaker("default", player=str(tmp_path / "aplay"))
    speaker.play("warning")
    speaker.close()
    assert speaker.state() == "HWERROR"


def test_a_player_that_cannot_be_started_is_a_state_and_no_fault(tmp_path):
    states: queue.Queue[str] = queue.Queue()
    path = Path(player(tmp_path, ""))
    speaker = AlsaSpeaker("default", states.put, player=str(path))
    path.unlink()
    speaker.play("warning")
    assert states.get(timeout=5) == "HWERROR"


def test_one_tone_at_a_time(tmp_path):
    began = tmp_path / "began"
    speaker = AlsaSpeaker("default", player=player(tmp_path, f"echo x >> {began}; exec tail -f /dev/null"))
    speaker.play("warning")
    until(began.exists)
    speaker.play("card_left")
    speaker.close()
    until(lambda: speaker.state() == "HWERROR")
    assert began.read_text() == "x\n"


def test_a_player_that_hangs_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(sounder, "LONGEST_SECONDS", 0.1)
    states: queue.Queue[str] = queue.Queue()
    speaker = AlsaSpeaker("default", states.put, player=player(tmp_path, "exec tail -f /dev/null"))
    speaker.play("warning")
    assert states.get(timeout=5) == "HWERROR"


def test_the_configuration_names_the_kind(tmp_path):
    for device, kind in (("workbench", WorkbenchSpeaker), ("default", AlsaSpeaker)):
        speaker = speaker_of(device, tmp_path / "speaker.sock")
        assert isinstance(speaker, kind)
        speaker.close()


def test_the_workbench_hears_each_sound(tmp_path):
    heard: queue.Queue[int] = queue.Queue()
    path = tmp_path / "speaker.sock"
    speaker = WorkbenchSpeaker(path)
    speaker.play("lost")  # nobody is there: no fault
    assert speaker.state() == "NODEVICE"
    bench = SimulatedSpeaker(path, lambda: heard.put(1))
    assert speaker.state() == "ONLINE"
    assert (bench.last, bench.count) == ("", 0)
    for sound in ("warning", "", "no name!", "card_left"):
        speaker.play(sound)
    for _ in range(2):
        heard.get(timeout=5)
    assert (bench.last, bench.count) == ("card_left", 2)
    bench.close()
    assert speaker.state() == "NODEVICE"
    speaker.play("warning")
    speaker.close()


def test_a_place_that_is_too_long_is_said(tmp_path):
    with pytest.raises(EnvironmentFault):
        SimulatedSpeaker(tmp_path / ("x" * 120) / "speaker.sock")
