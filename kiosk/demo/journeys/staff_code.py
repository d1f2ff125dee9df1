"""An officer helps without coming: a code from the desk, the name on every page, and seen off by a press.

The officer tells the person the code by voice; the person types it. What is done meanwhile is attended by that officer.
"""

from __future__ import annotations

import re

from kiosk.demo.journeys.proof_of_life import SERVICE
from kiosk.demo.stage import Expected, Stage

OFFICER = "alena"
WRONG = "000000"


def join(stage: Stage) -> Expected:
    """A wrong code lets nobody in; the right one does, for a proof of life; then the person is alone again."""
    person, papers = stage.person, stage.person.papers()
    person.identify("marie")
    person.hands.touch("control-staff")
    person.hands.see("staff-code", 20)
    person.hands.touch("staff-code")
    person.hands.see("page-staff-code")
    call = re.search(r"call ([0-9]+):", stage.desk("list"))
    given = stage.desk("help", call[1] if call else "0", "--officer", OFFICER)
    code = "".join(given.split()[1:3])
    person.type(WRONG if code != WRONG else "111111")
    person.hands.touch("continue")
    person.hands.see("page-staff-code")
    person.photograph("wrong-code")
    person.until(lambda: "key-1" in {node["id"] for node in person.hands.everything()}, "the keys", 20)
    person.type(code)
    person.hands.touch("continue")
    person.hands.see("page-menu", 20)
    person.hands.see("control-help-ends", 20)
    person.photograph("joined")
    person.open(SERVICE)
    person.hands.see("page-check")
    person.sign()
    person.receipt()
    paper = person.paper(papers)
    stage.wait_decided()
    person.hands.touch("continue")
    person.hands.see("page-menu", 20)
    person.hands.touch("control-help-ends")
    person.hands.see("control-staff", 20)
    person.photograph("alone-again")
    person.finish()
    seen = stage.evidence.count(
        "SELECT 1 FROM proof_of_life_given JOIN officer ON officer.card = attended_by WHERE officer.id = ?", OFFICER
    )
    return Expected(
        decision="in_force",
        papers=1,
        checks={
            "the paper names staff": "member of staff" in paper,
            "the officer of the desk attended": seen == 1,
            "the call is answered": "call" not in stage.desk("list"),
        },
    )


JOURNEYS = {"staff-code": join}
