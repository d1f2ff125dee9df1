"""What the pension may be: typed without a card, and from the record without a line, as the back office has it too."""

from __future__ import annotations

import json
from decimal import Decimal

from kiosk.demo.stage import Expected, Stage
from kiosk.schemes import load_texts

AGE, MORE = "68", "5"


def typed_without_card(stage: Stage) -> Expected:
    """Somebody without a card types some figures, looks at other ages, and prints."""
    person = stage.person
    papers = person.papers()
    person.hands.touch("start")
    person.hands.touch("language-en")
    person.hands.touch("without-card")
    person.hands.see("page-menu")
    person.photograph("menu")
    person.open("pension.estimate")
    person.hands.see("page-question")
    for figures in ("01051970", "42500", "33"):
        person.type(figures)
        person.photograph("question")
        person.hands.touch("continue")
    person.choose("yes")
    person.hands.see(f"choice-{AGE}")
    person.photograph("age")
    person.choose(AGE)
    person.hands.see("page-content")
    person.photograph("estimate")
    person.reach("age-65")
    person.photograph("what-if")
    person.reach("print")
    text = person.paper(papers)
    person.hands.touch("end-session")
    person.gone()
    return Expected(
        records=0,
        papers=1,
        checks={
            "the paper says what it is": "not a decision" in _plain(text),
            "at the usual age": "at the age of 65" in _plain(text),
        },
    )


def from_record_without_line(stage: Stage) -> Expected:
    """From the record, while the line is down; the paper has the amount that the back office calculates."""
    person = stage.person
    papers = person.papers()
    person.identify("josef")
    person.bench.do("network", "off")
    try:
        person.open("pension.estimate")
        person.hands.see("page-question")
        person.photograph("question")
        person.choose("record")
        person.hands.see(f"choice-{AGE}")
        person.choose("65")
        person.hands.see("page-content")
        person.photograph("estimate")
        person.reach(f"age-{AGE}")
        person.reach(f"more-{MORE}")
        person.photograph("what-if")
        person.reach("print")
        text = person.paper(papers)
        person.finish()
    finally:
        person.bench.do("network", "on")
    arguments = ("--person", str(stage.facts["persons"]["josef"]["number"]), "--age", AGE, "--more-years", MORE)
    made = json.loads(
        stage.office.processes.run("back-office", "estimate", *arguments, "--state", str(stage.office.state))
    )
    amount = _plain(load_texts("cz").money("en", Decimal(made["monthly_pension"])))
    return Expected(records=0, papers=1, checks={"the back office has the same amount": amount in _plain(text)})


def _plain(text: str) -> str:
    """Write without line breaks and spaces that do not break."""
    return " ".join(text.split())


JOURNEYS = {"estimate-without-card": typed_without_card, "estimate-from-record": from_record_without_line}
