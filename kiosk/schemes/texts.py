"""What people read, in their language: keys in, sentences out.

- Each language has the same keys with the same parameters; a pack where they differ is refused when it is loaded.
- A key or parameter that is not there is a `Bug`, never an empty line or a key on paper.
- A placeholder says how its string is written: `{effective_on:date}`, `{recorded_at:time}` (day and time of day in the
  scheme's zone), `{amount:money}`, `{rate:number}`, `{reference:ltr}` (kept left to right in a line that runs the other way).
- Parameters are strings, as messages carry them: dates and times in ISO 8601, amounts as decimals.
"""

from __future__ import annotations

import string
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.domain.errors import Bug, EnvironmentFault
from kiosk.schemes.pack import load_scheme, pack_folder, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable
    from typing import Any

    from kiosk.domain.scheme import Scheme

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
"""Languages that run from right to left."""

_LOCALES: Mapping[str, str] = {"en": "en_GB", "cs": "cs_CZ", "ar": "ar"}
_FORMATS = frozenset({"", "date", "time", "money", "number"})
_ISOLATE, _END_ISOLATE = "\u2066", "\u2069"  # LRI, PDI: Unicode Standard Annex 9, 2.4


class Texts:
    """The texts of one scheme in all its languages."""

    def __init__(self, scheme: Scheme, catalogues: Mapping[str, Mapping[str, str]]) -> None:
        self._scheme = scheme
        self._zone = ZoneInfo(scheme.time_zone)
        self._catalogues = catalogues
        self._official = scheme.official_language

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in the order of the pack."""
        return self._scheme.languages

    def keys(self) -> frozenset[str]:
        """Return every key."""
        return frozenset(self._catalogues[self._official])

    def has(self, key: str) -> bool:
        """Tell whether there is such a key: for keys that came from outside."""
        return key in self._catalogues[self._official]

    def template(self, language: str, key: str) -> str:
        """Return a text as it is kept, placeholders and all; an unknown language or key is a `Bug`."""
        try:
            return self._catalogues[language][key]
        except KeyError as error:
            raise Bug(f"no text {key!r} in language {language!r}") from error

    def text(self, language: str, key: str, **parameters: str) -> str:
        """Return the sentence; an unknown language, key or parameter, or a missing one, is a `Bug`."""
        template = self.template(language, key)
        pieces, names = _parsed(template)
        if parameters.keys() != names:
            raise Bug(f"text {key!r} takes {sorted(names)}, was given {sorted(parameters)}")
        if not names:
            return "".join(literal for literal, _, _ in pieces)
        return "".join(
            literal if name is None else literal + self._written(language, key, parameters[name], form)
            for literal, name, form in pieces
        )

    def fill(self, language: str, key: str, values: Mapping[str, str]) -> str:
        """Return the sentence filled with those of `values` that it names: a short text names fewer than a long one."""
        named = placeholders(self._catalogues[self._official].get(key, ""))
        return self.text(language, key, **{name: values[name] for name in named if name in values})

    def text_from_outside(self, language: str, key: str, parameters: Mapping[str, str]) -> str | None:
        """Return the sentence for a key that a message brought, or None where key or parameters do not fit."""
        try:
            return self.text(language, key, **parameters)
        except Bug:
            return None

    def date(self, language: str, day: date) -> str:
        """Return the day in full, as the language writes it."""
        return _date(day, _locale(language))

    def time(self, language: str, moment: datetime) -> str:
        """Return day and time of day in the scheme's zone; always 24 hours, as clocks in offices show it."""
        from babel.dates import format_datetime  # noqa: PLC0415

        local = moment.astimezone(self._zone)
        return f"{self.date(language, local.date())}, {format_datetime(local, 'HH:mm', locale=_locale(language))}"

    def money(self, language: str, amount: Decimal) -> str:
        """Return the amount in the scheme's currency, with all its decimals."""
        return _money(amount, self._scheme.currency, _locale(language))

    def number(self, language: str, value: Decimal) -> str:
        """Return the number as the language writes it, with all its decimals but zeros at their end."""
        return _number(value, _locale(language))

    def _written(self, language: str, key: str, value: str, form: str) -> str:
        try:
            match form:
                case "date":
                    return self.date(language, date.fromisoformat(value))
                case "time":
                    return self.time(language, datetime.fromisoformat(value))
                case "money":
                    return self.money(language, Decimal(value))
                case "number":
                    return self.number(language, Decimal(value))
                case "ltr" if language in RIGHT_TO_LEFT:
                    return f"{_ISOLATE}{value}{_END_ISOLATE}"
                case _:
                    return value
        except (ValueError, InvalidOperation) as error:
            raise Bug(f"text {key!r}: {value!r} is no {form}") from error


def placeholders(template: str) -> dict[str, str]:
    """Return the names of a template's placeholders, each with how it is written."""
    return {name: form for _, name, form in _parsed(template)[0] if name is not None}


@lru_cache(maxsize=256)
def _money(amount: Decimal, currency: str, locale: str) -> str:
    """A page of amounts is made anew at each touch, with mostly the same ones."""
    from babel.numbers import format_currency  # noqa: PLC0415 - only who writes an amount pays for it

    return format_currency(amount, currency, locale=locale)


@lru_cache(maxsize=256)
def _date(day: date, locale: str) -> str:
    from babel.dates import format_date  # noqa: PLC0415 - only who writes a date pays for it

    return format_date(day, "long", locale=locale)


@lru_cache(maxsize=256)
def _number(value: Decimal, locale: str) -> str:
    from babel.numbers import format_decimal  # noqa: PLC0415 - only who writes a number pays for it

    return format_decimal(value, locale=locale, decimal_quantization=False)


@lru_cache(maxsize=512)
def _parsed(template: str) -> tuple[tuple[tuple[str, str | None, str], ...], frozenset[str]]:
    """A template's pieces (what stands there, the name that follows, how it is written) and its names; a page has hundreds."""
    pieces = tuple((literal, name, form or "") for literal, name, form, _ in string.Formatter().parse(template))
    return pieces, frozenset(name for _, name, _ in pieces if name is not None)


@cache
def load_texts(code: str) -> Texts:
    """Return the texts of the installed pack `code`; languages that do not agree are an EnvironmentFault."""
    scheme, folder = load_scheme(code), pack_folder(code) / "texts"
    catalogues = {}
    for language in scheme.languages:
        where = f"schemes/{code}/texts/{language}.toml"
        if not folder.joinpath(f"{language}.toml").is_file():
            raise EnvironmentFault(f"{where} is missing.", "Add it, or take the language out of scheme.toml.")
        catalogues[language] = dict(_flat(read_toml(folder / f"{language}.toml", where), where))
        for name, part in (*_parts(folder / language), *_pension_texts(language)):
            _add(catalogues[language], read_toml(part, name), name)
        _check_templates(catalogues[language], where)
    check_agreement(catalogues, scheme.official_language, f"schemes/{code}/texts")
    return Texts(scheme, catalogues)


def _pension_texts(language: str) -> Iterator[tuple[str, Traversable]]:
    """Give what the steps of the pension rule sets say: the same for every scheme, whatever rule set it has."""
    file = resources.files(__package__) / "pension" / "texts" / f"{language}.toml"
    if file.is_file():
        yield f"schemes/pension/texts/{language}.toml", file


def _parts(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    """Give the texts that stand in a file of their own, one a service, in order of name."""
    if folder.is_dir():
        files = sorted((part for part in folder.iterdir() if part.name.endswith(".toml")), key=lambda part: part.name)
        yield from ((f"texts/{folder.name}/{part.name}", part) for part in files)


def _add(catalogue: dict[str, str], table: Mapping[str, Any], where: str) -> None:
    """Add a service's texts; a key that stands in two files is a mistake of one of them."""
    for key, text in _flat(table, where):
        if key in catalogue:
            raise EnvironmentFault(f"{where}: {key} stands in another file too.", "Keep one of them.")
        catalogue[key] = text


def check_agreement(catalogues: Mapping[str, Mapping[str, str]], official: str, where: str) -> None:
    """Refuse catalogues whose keys or placeholders differ from the official language's."""
    model = catalogues[official]
    for language, catalogue in catalogues.items():
        for key in sorted(model.keys() ^ catalogue.keys()):
            lacking = language if key in model else official
            raise EnvironmentFault(f"{where}/{lacking}.toml has no text {key}.", "Translate it, or remove the other.")
        for key, template in catalogue.items():
            if _forms(template) != _forms(model[key]):
                raise EnvironmentFault(f"{where}/{language}.toml: {key} has other placeholders.", "Make them the same.")


def _check_templates(catalogue: Mapping[str, str], where: str) -> None:
    """Refuse texts whose placeholders cannot be read."""
    for key, template in catalogue.items():
        try:
            unknown = sorted(set(_forms(template).values()) - _FORMATS)
        except ValueError as error:
            raise EnvironmentFault(f"{where}: {key} cannot be read: {error}.", "Mend its braces.") from error
        if unknown:
            remedy = "Known are :date, :time, :money, :number and :ltr."
            raise EnvironmentFault(f"{where}: {key} has a placeholder written as {unknown[0]!r}.", remedy)


def _forms(template: str) -> dict[str, str]:
    """Return the placeholders as every language must have them: the direction of a line is its own affair."""
    return {name: "" if form == "ltr" else form for name, form in placeholders(template).items()}


def _flat(table: Mapping[str, Any], where: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Give every text with its dotted key; a table's own text stands under "text"."""
    for name, value in table.items():
        key = prefix.removesuffix(".") if name == "text" and prefix else f"{prefix}{name}"
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, dict):
            yield from _flat(value, where, f"{prefix}{name}.")
        else:
            raise EnvironmentFault(f"{where}: {key} is no text.", "Put it in quotation marks.")


def _locale(language: str) -> str:
    return _LOCALES.get(language, language)
