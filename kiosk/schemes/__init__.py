"""Scheme packs: everything that differs from country to country, as data that is checked when it is read.

    kiosk/schemes/cz/scheme.toml      numbers, waits, windows, days, banks, each group with source and date
    kiosk/schemes/cz/texts/en.toml    what people read, one file a language, the same keys in each
    kiosk/schemes/pension/*.json      parameters of the pension rule sets; a pack names the one it has (`pension_rules`)

- A pack that is wrong is refused whole, with the file, the place and the remedy.
- `scheme_document` is the pack as JSON values, for signed reference data; `parse_scheme` reads either form.
- The rules see only `kiosk.domain.scheme.Scheme`; they never read a file.
"""

from __future__ import annotations

from kiosk.domain.scheme import Bank, Scheme
from kiosk.schemes.pack import available, load_scheme, parse_scheme, scheme_document
from kiosk.schemes.texts import Texts, load_texts

__all__ = [
    "Bank",
    "Scheme",
    "Texts",
    "available",
    "load_scheme",
    "load_texts",
    "parse_scheme",
    "scheme_document",
]
