"""The pictures of the README, from three visits at a running terminal: `python -m kiosk.demo.screenshots [FOLDER]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from kiosk.demo.office import Office
from kiosk.demo.person import Person, Photographer
from kiosk.demo.screen import VirtualScreen
from workbench.hands import Hands

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
SIZE = (1080, 1920)
PICTURES = {
    "welcome": "change-*-welcome", "pin": "change-*-awaiting-pin", "menu": "change-*-menu", "check": "change-*-checking",
    "progress": "change-*-following", "receipt": "change-*-receipt", "receipt-ar": "change-*-receipt-ar",
    "requests": "requests-*-requests", "record": "record-*-record",
}  # fmt: skip
"""Name in the documentation -> which picture of which visit."""


def play(person: Person, photographer: Photographer, account: str) -> None:
    """Change an account, look at one's requests, look at a record."""
    photographer.begin("change")
    person.approach()
    photographer.picture("welcome")
    person.identify("marie")
    person.enter_account(account)
    papers = person.papers()
    person.sign()
    person.receipt()
    person.hands.see("first-payment")
    person.paper(papers)
    person.second_language = "ar"
    person.photograph("receipt")
    person.second_language = ""
    person.finish()
    for card, service, name in (("marie", "requests.show", "requests"), ("josef", "record.show", "record")):
        photographer.begin(name)
        person.approach()
        person.identify(card)
        person.open(service)
        person.hands.see("page-content")
        person.photograph(name)
        person.finish()


def main(folder: Path) -> int:
    """Start an office, play, and keep what is wanted at half its size."""
    with TemporaryDirectory(prefix="guichet-screenshots-") as work:
        screen = VirtualScreen(*SIZE)
        office = Office(
            Path(work, "state"), window=False, screen=screen.environment,
            visit_arguments=(f"--size={SIZE[0]}x{SIZE[1]}",), database=None,
        )  # fmt: skip
        seen = Path(work, "screens")
        try:
            office.start()
            hands = Hands({**office.processes.environment, **screen.environment})
            photographer = Photographer(office, hands, seen)
            person = Person(office, hands, photographer)
            facts = json.loads((office.state / "demo.json").read_text("utf-8"))
            play(person, photographer, str(facts["accounts"]["marie_second"]))
            photographer.close()
        finally:
            office.stop()
            screen.close()
        for name, wanted in PICTURES.items():
            with Image.open(max(seen.glob(f"{wanted}.png"))) as picture:
                picture.resize((SIZE[0] // 2, SIZE[1] // 2), Image.Resampling.LANCZOS).save(folder / f"{name}.png", optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
