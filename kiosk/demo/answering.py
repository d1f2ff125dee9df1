"""How a journey answers a page: words, lines and days on the keys of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.hands import NotSeen

if TYPE_CHECKING:
    from kiosk.demo.person import Person

_KEYS = {" ": "space", "\n": "enter"}


def answer(person: Person, text: str, picture: str = "") -> None:
    """Type on the page that is open, and go on."""
    person.hands.see("page-question")
    for character in text:
        person.hands.touch(f"key-{_KEYS.get(character, character.lower())}")
    if picture:
        person.photograph(picture)
    person.hands.touch("continue")


def pick(person: Person, value: str, picture: str = "") -> None:
    """Choose on the page that is open, turned down where the choice lies below, and go on."""
    person.hands.see("page-question")
    if picture:
        person.photograph(picture)
    person.reach(f"choice-{value}")
    person.hands.touch("continue")


def sign_and_leave(person: Person, papers: int) -> str:
    """From the check page to the taken card; what the screen said."""
    person.hands.see("page-check")
    person.photograph("check")
    person.sign()
    said = str(person.receipt()["title"])
    person.paper(papers)
    person.photograph("receipt")
    person.finish()
    return said


def begin_without_card(person: Person) -> None:
    """Touch the screen, choose a language, go on without a card."""
    person.hands.touch("start")
    person.hands.touch("language-en")
    person.hands.touch("without-card")
    person.hands.see("page-menu")
    person.photograph("menu-without-card")


def tell_and_leave(person: Person, papers: int) -> None:
    """From the check page to the end of a visit without a card."""
    person.hands.see("page-check")
    person.photograph("check")
    person.hands.touch("sign")
    person.receipt()
    person.paper(papers)
    person.photograph("receipt")
    person.settle()
    person.hands.touch("end-session")
    person.gone()


def begin_without_line(person: Person, card: str) -> None:
    """Cut the line, insert a card, wait until the screen says that there is none, and show the PIN."""
    person.bench.do("network", "off")
    person.insert(card)
    person.hands.see("page-pin")
    person.until(lambda: is_offline(person), "the offline banner", 30)
    person.type_pin()
    person.hands.see("page-menu")


def is_offline(person: Person) -> bool:
    """Whether the screen says that there is no line."""
    try:
        person.hands.see("offline", 0.2)
    except NotSeen:
        return False
    return True


def facts(person: Person) -> list[str]:
    """What the menu tells of the record that is open."""
    found: list[str] = []
    person.to_the_end()
    try:
        while True:
            found.append(str(person.hands.see(f"fact-{len(found)}", 5 if not found else 0.2)["name"]))
    except NotSeen:
        return found
