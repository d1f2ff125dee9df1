"""Sample services with every kind of block and of question, for the gallery and for tests: no real service has all.

`installed()` puts them into the catalogue, and their words into the scheme's texts, as long as it lasts.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from kiosk.domain.card import Role
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.content import (
    Action,
    Answer,
    Bar,
    Bars,
    Block,
    Content,
    Doors,
    Fact,
    Facts,
    Lane,
    Notice,
    OpenService,
    Paragraph,
    PrintContent,
    Reached,
    Row,
    Span,
    Table,
    Timeline,
    Tone,
    Way,
)
from kiosk.domain.service import BY_CARD, Agency, Assurance, Kind, LifeEvent, Offline, Service
from kiosk.schemes import load_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kiosk.domain.service import Standing

SHOWN = "sample.shown"
LONG = "sample.long"
ASK = OpenService("bank_account.change")


def _employers() -> Table:
    rows = (
        Row(("2001", "Zemědělské družstvo Bohuslavice", "182 400,00 Kč", "365")),
        Row(("2002", "Zemědělské družstvo Bohuslavice", "194 900,00 Kč", "365")),
        Row(("2003", "Tesla Pardubice, státní podnik v likvidaci", "91 250,00 Kč", "181"),
            remark="Half a year is missing here.", tone=Tone.WARNING, action=Action("ask-0", "Ask about this", ASK)),
        Row(("2004", "Nemocnice Na Homolce", "248 000,00 Kč", "366"), remark="Two employers at a time.", tone=Tone.NOTE),
    )  # fmt: skip
    return Table(("Year", "Employer", "Pay", "Days"), rows, "Year by year")


def _career() -> Timeline:
    lanes = (
        Lane("Zemědělské družstvo Bohuslavice", (Span("1985-09-01", "2002-12-31", "1985 to 2002"),)),
        Lane("Tesla Pardubice", (Span("2003-01-01", "2003-06-30", "2003"), Span("2003-07-01", "2005-12-31", "nothing on record, 2003 to 2005", Tone.WARNING))),
        Lane("Child care", (Span("1990-02-01", "1993-05-31", "1990 to 1993", Tone.NOTE),)),
        Lane("Nemocnice Na Homolce", (Span("2006-01-01", "2026-10-31", "since 2006"),)),
    )  # fmt: skip
    return Timeline("Forty-one years, four of them with a question.", "1985-09-01", "2026-10-31", lanes, "My working life")


def _bars() -> Bars:
    bars = (
        Bar("at 63", "17100", "17 100,00 Kč", action=Action("age-63", "What if at 63", Answer("age", "63"))),
        Bar("at 65", "19350", "19 350,00 Kč", marked=True),
        Bar("at 67", "22480", "22 480,00 Kč"),
        Bar("never", "0", "0,00 Kč"),
    )
    return Bars("The later, the more: from 17 100 to 22 480 crowns a month.", bars, "By age of retirement")


def _ways() -> tuple[Block, ...]:
    going = Way(
        "Change of account, 20 November 2026",
        (("Received", Reached.DONE), ("Checked", Reached.DONE), ("Decided", Reached.NOW), ("Paid", Reached.AHEAD)),
        "We expect to decide by 4 December.", Action("stop-change", "Stop this change", ASK, "x"),
    )  # fmt: skip
    refused = Way(
        "Query of the year 2003", (("Received", Reached.DONE), ("Checked", Reached.DONE), ("Refused", Reached.STOPPED)),
        "The employer has no papers of that year.",
    )  # fmt: skip
    return refused, going


def shown(_answers: Mapping[str, str], _standing: Standing) -> Content:
    """One block of every kind."""
    return Content("Everything in one place", (
        Notice("There is one gap that you can ask about.", Tone.WARNING, Action("ask", "Ask about it", ASK, "circle-help")),
        Paragraph("This is what we have on record of you. Compare it with your papers; what is missing can still be added."),
        Facts((Fact("Name", "Marie Novotná"), Fact("Years of insurance", "41 years and 12 days"), Fact("Next payment", "15 December 2026")), "In short"),
        _employers(), _bars(), _career(), *_ways(),
        Paragraph("All is well.", Tone.GOOD),
        Doors((Action("print", "Print this", PrintContent(), "printer"), Action("open", "Change the account my pension is paid to", ASK, "landmark")), "What next"),
    ), "As of 20 November 2026.")  # fmt: skip


def long(_answers: Mapping[str, str], _standing: Standing) -> Content:
    """A record of 45 years with two employers a year, and a bar a year."""
    rows = tuple(
        Row((str(1980 + year // 2), f"Employer {year % 12 + 1}, s.r.o.", f"{120 + 4 * year} 000,00 Kč", "365"))
        for year in range(90)
    )
    bars = tuple(Bar(str(1980 + year), str(120 + 8 * year), f"{120 + 8 * year} 000,00 Kč") for year in range(45))
    return Content("My contribution record", (
        Table(("Year", "Employer", "Pay", "Days"), rows, "Year by year"),
        Bars("Pay has risen in most years.", bars, "Pay by year"),
        Doors((Action("print", "Print this", PrintContent(), "printer"),)),
    ))  # fmt: skip


_ALL = frozenset(Role)


def _service(id_: str, **more: Any) -> Service:
    return Service(
        id=id_, agency=more.pop("agency", Agency.PENSION), life_events=more.pop("life_events", (LifeEvent.MY_DATA,)), roles=_ALL,
        assurance=more.pop("assurance", Assurance.CARD_PIN_AND_SIGNATURE), channels=BY_CARD, **more,
    )  # fmt: skip


def services() -> tuple[Service, ...]:
    """All of them."""
    return (
        _service(SHOWN, kind=Kind.SHOW, offline=Offline.FROM_CACHE, content=shown),
        _service(LONG, kind=Kind.SHOW, offline=Offline.FROM_CACHE, content=long),
    )


def _texts() -> dict[str, str]:
    return {f"service.{s.id}.{key}": f"Sample: {s.id}" for s in services() for key in ("title", "act", "consequences", "pending")}


@contextmanager
def installed() -> Iterator[None]:
    """The samples as part of the catalogue; their words are English in every language."""
    catalogue = cast("dict[str, Service]", SERVICES)
    languages = load_texts("cz")._catalogues  # noqa: SLF001 - words of samples stand in no pack
    added, words = {s.id: s for s in services()}, _texts()
    catalogue |= added
    for texts in languages.values():
        cast("dict[str, str]", texts).update(words)
    try:
        yield
    finally:
        for id_ in added:
            catalogue.pop(id_, None)
        for texts in languages.values():
            for key in words:
                cast("dict[str, str]", texts).pop(key, None)
