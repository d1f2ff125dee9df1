"""An officer takes part without coming: the code of the desk is typed at the terminal, and whoever helped goes by one touch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kiosk.demo.journeys.proof_of_life import joined
from kiosk.demo.stage import Expected, Stage

if TYPE_CHECKING:
    from kiosk.demo.person import Person

_CODE = re.compile(r"Code (\d{3}) (\d{3})")


def by_code(stage: Stage) -> Expected:
    """From the menu: call, code, the officer by name on the screen; they go, and the person goes on alone."""
    person = stage.person
    person.identify("ludmila")
    before = stage.log_size()
    person.hands.touch("control-staff")
    person.hands.see("staff-code", 20)
    call = stage.evidence.newest_call()
    person.hands.touch("staff-code")
    person.hands.see("page-staff-code")
    found = _CODE.search(stage.desk("help", str(call), "--officer", "alena"))
    code = found[1] + found[2] if found else ""
    person.type(code)
    person.photograph("code")
    person.hands.touch("continue")
    person.until(lambda: joined(stage, before), "the officer to take part", 20)
    named = str(person.hands.see("joined", 20)["name"])
    person.photograph("joined")
    person.open("address.change")
    person.hands.see("helper-types")
    person.photograph("helped")
    _leaves(person)
    person.photograph("alone-again")
    person.finish()
    given = "SELECT 1 FROM audit WHERE action = 'staff.joined_by_code' AND actor = 'alena'"
    return Expected(
        records=0,
        papers=0,
        checks={"the officer is named": "Alena" in named, "the desk's log has the code": stage.evidence.count(given) > 0},
    )


def _leaves(person: Person) -> None:
    person.hands.touch("staff-leaves")
    person.hands.see_gone("staff-leaves")


JOURNEYS = {"helped-by-code": by_code}
