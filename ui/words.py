"""What the screens say: one catalogue a language, checked against each other, beside the scheme's own texts.

Rules:
- Screens and paper use one mechanism (`kiosk.schemes.Texts`): same placeholders, same dates, same refusal of a
  key that does not exist. QML holds no text.
- The pseudo-locale `xx` lengthens every text by half and marks both ends, so that a test sees what is cut.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from kiosk.schemes import Texts, load_scheme, load_texts
from kiosk.schemes.texts import RIGHT_TO_LEFT, check_agreement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

PSEUDO = "xx"


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


@cache
def screen_catalogues() -> dict[str, dict[str, str]]:
    """Every language's screen texts; EnvironmentFault where they do not agree."""
    folder = resources.files("ui").joinpath("texts")
    found = {
        entry.name.removesuffix(".toml"): dict(_flat(tomllib.loads(entry.read_text("utf-8"))))
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    check_agreement(found, "en", "ui/texts")
    return found


def _pseudo(text: str) -> str:
    """Half as long again, accented, in brackets; placeholders stay."""
    accents = str.maketrans("aeiouyAEIOUYcszn", "áéíóúýÁÉÍÓÚÝčšžň")
    parts = text.split("{")
    marked = [parts[0].translate(accents)]
    for part in parts[1:]:
        inside, _, after = part.partition("}")
        marked.append("{" + inside + "}" + after.translate(accents))
    return f"[{''.join(marked)}{' ·' * (len(text) // 4)}]"


class Words:
    """The texts of one language, for screens (`say`) and from the scheme (`scheme`)."""

    def __init__(self, language: str, scheme_code: str = "cz") -> None:
        self.language = language
        self.right_to_left = language in RIGHT_TO_LEFT
        pack = load_scheme(scheme_code)
        catalogues = dict(screen_catalogues())
        self.scheme_language = language if language in pack.languages else "en"
        self._screen_language = language
        if language == PSEUDO:  # its dates and numbers are English
            self._screen_language = "en"
            catalogues["en"] = {key: _pseudo(text) for key, text in catalogues["en"].items()}
        self._screen = Texts(replace(pack, languages=tuple(catalogues)), catalogues)
        self._scheme = load_texts(scheme_code)

    def say(self, key: str, **parameters: str) -> str:
        """A screen text."""
        return self._screen.text(self._screen_language, key, **parameters)

    def has(self, key: str) -> bool:
        """Whether there is such a screen text."""
        return self._screen.has(key)

    def scheme(self, key: str, **parameters: str) -> str:
        """A text of the scheme: services, problems, decisions."""
        text = self._scheme.text(self.scheme_language, key, **parameters)
        return _pseudo(text) if self.language == PSEUDO else text

    def from_outside(self, key: str, parameters: Mapping[str, str]) -> str:
        """A text of the scheme whose key a message brought; empty where there is none that fits."""
        return self._scheme.text_from_outside(self.scheme_language, key, parameters) or ""

    def scheme_has(self, key: str) -> bool:
        """Whether the scheme has such a text."""
        return self._scheme.has(key)

    def name_of(self, language: str) -> str:
        """A language's own name for itself."""
        return screen_catalogues()[language]["language_name"]

    def hello_in(self, language: str) -> str:
        """The greeting of another language, for the welcome."""
        return screen_catalogues()[language]["hello"]


@cache
def words(language: str, scheme_code: str = "cz") -> Words:
    """The texts of a language, made once."""
    return Words(language, scheme_code)
