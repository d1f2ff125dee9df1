"""The three kinds of exception: everything a person can cause is a returned value instead.

- `EnvironmentFault`: the world around the program is not as it must be; says what, and what to do.
- `Bug`: the program contradicts itself; ends the visit safely, never shown to a person.
"""

from __future__ import annotations


class KioskError(Exception):
    """Base of every exception that this program raises on purpose."""


class EnvironmentFault(KioskError):  # noqa: N818 - a fault of the world, not an error of the code
    """Something outside the program is missing or wrong.

    `what` names the thing and the place, `remedy` the next thing a technician does.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}")
        self.what = what
        self.remedy = remedy


class Bug(KioskError):  # noqa: N818 - named as the field names it
    """The program is in a state that its own rules exclude."""
