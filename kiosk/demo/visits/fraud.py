"""The visits of who is not meant to come through: a wrong PIN, a revoked card, a diversion, a stolen card."""

from __future__ import annotations

import json
import re
from typing import Any

from kiosk.demo.person import PIN, WRONG_PIN
from kiosk.demo.stage import Expected, Stage


def wrong_pin(stage: Stage) -> Expected:
    """3: wrong twice, staff are offered before the last try, then right."""
    person = stage.person
    person.insert("ludmila")
    person.hands.see("page-pin")
    person.type_pin(WRONG_PIN)
    person.hands.see("pin-problem")
    person.photograph("wrong-pin")
    person.type_pin(WRONG_PIN)
    person.hands.see("page-last-pin-try")
    person.hands.touch("continue")
    person.type_pin(PIN)
    person.hands.see("page-menu")
    person.finish()
    tries = json.loads((stage.office.state / "cards" / "ludmila.json").read_text("utf-8"))["pin_tries"]
    return Expected(records=0, papers=0, checks={"all tries are back": tries == 3})  # noqa: PLR2004


def revoked_card(stage: Stage) -> Expected:
    """6: a revoked card starts no visit."""
    person = stage.person
    person.insert("revoked")
    person.hands.see("page-card-refused-phase")
    person.pull()
    person.gone()
    return Expected(records=0, papers=0)


def diversion_stopped(stage: Stage) -> Expected:
    """12: the victim of a diversion stops the change with the code from the notice, without a card."""
    person = stage.person
    papers, before = person.papers(), set(stage.evidence.notices())
    person.identify("marie")
    person.enter_account(stage.account("close_name"))
    person.sign()
    person.receipt()
    person.paper(papers)
    person.finish()
    id_ = stage.wait_decided()
    pending = stage.evidence.decision(id_)
    person.until(lambda: bool(_code(stage, before)), "the notice with its code")
    code = _code(stage, before)
    person.approach()
    person.hands.touch("language-en")
    person.hands.touch("have-code")
    person.hands.see("page-code")
    for key in code:
        person.hands.touch(f"key-{key}")
    person.hands.touch("continue")
    person.hands.see("page-code-answered", 20)
    person.photograph("stopped")
    person.hands.touch("continue")
    person.gone()
    return Expected(
        decision="cancelled", verification="close_match", bank_notified=False, papers=1,
        checks={"it was pending": pending in {"waiting", "held", "received"}},
    )  # fmt: skip


def _code(stage: Stage, before: set[Any]) -> str:
    """Find the cancellation code in a notice that was not there before."""
    for path in stage.evidence.notices():
        if path in before or path.suffix != ".json" or path.parent.name != "sms":
            continue
        text = str(json.loads(path.read_text("utf-8")).get("text", ""))
        found = re.search(
            r"\b([0-9A-HJKMNP-TV-Z]{4}[- ]?[0-9A-HJKMNP-TV-Z]{4}[- ]?[0-9A-HJKMNP-TV-Z]{2,4})\b(?!.*\1)", text
        )
        codes = [
            re.sub(r"[- ]", "", c) for c in re.findall(r"[0-9A-HJKMNP-TV-Z]{4,5}(?:[- ][0-9A-HJKMNP-TV-Z]{2,5})+", text)
        ]
        reference = str(stage.last_record()["reference"])
        codes = [code for code in codes if code != reference]
        if codes:
            return codes[0]
        if found and found[1] != reference:
            return re.sub(r"[- ]", "", found[1])
    return ""


def stolen_card(stage: Stage) -> Expected:
    """13: a stolen card whose address was changed first: held by the flag."""
    person = stage.person
    papers = person.papers()
    person.identify("diverted")
    person.enter_account(stage.account("diverted_second"))
    person.sign()
    person.receipt()
    person.paper(papers)
    person.finish()
    stage.wait_decided()
    return Expected(decision="held", verification="match", bank_notified=False, papers=1)
