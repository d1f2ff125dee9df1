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
from kiosk.domain.service import (
    BY_CARD,
    Agency,
    Assurance,
    Choice,
    Kind,
    LifeEvent,
    Offline,
    Question,
    QuestionType,
    Service,
)
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
        "We expect to decide by 4 December.", (Action("stop-change", "Stop this change", ASK, "x"),),
        "Made on 20 November 2026, reference 7K3Q-XV9A-BCDE.",
    )  # fmt: skip
    refused = Way(
        "Query of the year 2003", (("Received", Reached.DONE), ("Checked", Reached.DONE), ("Refused", Reached.STOPPED)),
        "The employer has no papers of that year.", when="Made on 2 November 2026, reference 7K3Q-XV9A-BCDF.",
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
ASKED, TOLD = "sample.asked", "sample.told"


def _years(_answers: Mapping[str, str], _standing: Standing) -> tuple[Choice, ...]:
    return tuple(Choice(str(year), str(year)) for year in range(1985, 2026))


def _employers_offered(_answers: Mapping[str, str], _standing: Standing) -> tuple[Choice, ...]:
    return (Choice("60193336", "Zemědělské družstvo Bohuslavice"), Choice("25596641", "Tesla Pardubice, státní podnik v likvidaci"))


def _note(_answers: Mapping[str, str], _standing: Standing) -> str:
    return "I worked there from spring to autumn."


def _now(_standing: Standing) -> Mapping[str, str]:
    return {"born": "1950-03-12", "address": "Dlouhá 1\n110 00 Praha 1", "pay": "18250.00", "phone": "+420601123456"}


QUESTIONS = (
    Question("channel", QuestionType.CHOICE, choices=("letter", "email", "phone")),
    Question("year", QuestionType.CHOICE, choices_from=_years),
    Question("employer", QuestionType.CHOICE, choices=("other",), choices_from=_employers_offered),
    Question("born", QuestionType.DATE),
    Question("pay", QuestionType.AMOUNT),
    Question("months", QuestionType.WHOLE_NUMBER, optional=True),
    Question("number", QuestionType.IDENTIFIER),
    Question("company", QuestionType.IDENTIFIER, identifier="employer"),
    Question("name", QuestionType.NAME),
    Question("address", QuestionType.ADDRESS),
    Question("email", QuestionType.EMAIL, optional=True),
    Question("phone", QuestionType.PHONE),
    Question("note", QuestionType.FREE_TEXT, longest=300, optional=True, prefill=_note),
)
"""A question of every type that is typed or chosen; an account is asked by the real service."""
_LABELS = {
    "channel": "How may we write to you?", "year": "Which year is it about?", "employer": "Which employer is it about?",
    "born": "When were you born?", "pay": "What was the pay of that year?", "months": "How many months are missing?",
    "number": "What is the number of the person?", "company": "What is the number of the company?", "name": "What is the name?",
    "address": "Where shall we write to?", "email": "What is the e-mail address?", "phone": "What is the telephone number?",
    "note": "What else shall we know?",
}  # fmt: skip
_CHOICES = {"channel.choice.letter": "By letter", "channel.choice.email": "By e-mail", "channel.choice.phone": "By telephone",
            "employer.choice.other": "Another one, which is not here"}  # fmt: skip


def _service(id_: str, **more: Any) -> Service:
    return Service(
        id=id_, agency=more.pop("agency", Agency.PENSION), life_events=more.pop("life_events", (LifeEvent.MY_DATA,)),
        roles=more.pop("roles", _ALL),
        assurance=more.pop("assurance", Assurance.CARD_PIN_AND_SIGNATURE), channels=BY_CARD, **more,
    )  # fmt: skip


_TITLES = (
    "Change my address and contacts", "See my contribution record", "Ask about my record", "Estimate my pension",
    "Apply for a benefit", "Payments made to me", "A certificate for an office or a bank", "Show that I am alive",
    "Report a lost card", "Name somebody who may act for me", "Change my name", "Choose a new PIN",
)  # fmt: skip
_ICONS = ("map-pin", "file-text", "circle-help", "calculator", "hand-coins", "wallet", "badge-check", "person-standing",
          "id-card", "users", "user", "key-round")  # fmt: skip


def many(count: int = 60) -> tuple[Service, ...]:
    """As many services of five agencies, for the menu; the first of each agency also without a card."""
    agencies, events = tuple(Agency), tuple(LifeEvent)
    return tuple(
        _service(
            f"sample.n{i}", agency=agencies[i % len(agencies)], life_events=(events[i % 8],), icon=_ICONS[i // 5 % len(_ICONS)],
            roles=_ALL if i < len(agencies) else _ALL - {Role.NONE},
            offline=(Offline.RECEIVED_PENDING, Offline.NEEDS_LINE, Offline.WORKS, Offline.FROM_CACHE)[i % 4],
            kind=Kind.SHOW if i % 4 == 3 else Kind.ACT, content=shown if i % 4 == 3 else None,  # noqa: PLR2004
        )
        for i in range(count)
    )  # fmt: skip


def services() -> tuple[Service, ...]:
    """All of them."""
    return (
        _service(SHOWN, kind=Kind.SHOW, offline=Offline.FROM_CACHE, content=shown),
        _service(ASKED, questions=QUESTIONS, now=_now),
        _service(LONG, kind=Kind.SHOW, offline=Offline.FROM_CACHE, content=long),
        _service(TOLD, roles=_ALL, assurance=Assurance.NONE, questions=QUESTIONS[-1:], offline=Offline.WORKS),
        *many(),
    )


def _texts() -> dict[str, str]:
    own = {f"service.{s.id}.{key}": f"Sample: {s.id}" for s in services() for key in ("title", "act", "consequences", "pending")}
    own |= {f"service.sample.n{i}.title": _TITLES[i // 5 % len(_TITLES)] for i in range(60)}
    own |= {f"question.{TOLD}.note": _LABELS["note"]}
    asked = {f"question.{ASKED}.{name}": text for name, text in {**_LABELS, **_CHOICES}.items()}
    labels = {f"question.{ASKED}.{name}.label": name.capitalize() for name in _LABELS}
    return own | asked | labels | {f"question.{ASKED}.address.hint": "Street and number on one line, postcode and place on the next."}


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
