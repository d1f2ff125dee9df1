"""The speaker as the visit uses it: a sound of the session in, a tone of that name out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devices.sounder import Speaker
    from kiosk.domain.session.effects import Sound


class Sounder:
    """Plays the session's sounds."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker

    def play(self, sound: Sound) -> None:
        """Play it; returns at once."""
        self._speaker.play(sound.value)

    def state(self) -> str:
        """Say how the speaker is."""
        return self._speaker.state()
