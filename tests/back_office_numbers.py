"""What tests of number and PIN share: a letter's digits, a question as a terminal with an encrypting pad asks it."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

from back_office_bench import ask
from cryptography.hazmat.primitives.serialization import Encoding

from back_office import number_pins, pin_letters
from back_office.repository import desk
from kiosk.wire.answer import AnswerKey
from kiosk.wire.encrypted_pin import binding, seal_pins
from kiosk.wire.envelope import seal
from kiosk.wire.question import Question, unsigned_question
from kiosk.wire.timestamps import timestamp as wire_time

if TYPE_CHECKING:
    from back_office_bench import Bench

OWN = "480193"


def letter(office: Bench, name: str = "marie", **how: Any) -> str:
    """Print a letter, and read its digits off the paper."""
    with office.it.work() as work:
        officer = desk.officer(work.db, "alena")
        assert officer is not None
        until = number_pins.put_in_print(work, officer, office.person(name), **how)
        assert isinstance(until, str), until
    paper = max((office.it.state / pin_letters.PRINT_SHOP).glob("number-pin-*.pdf"), key=lambda one: one.stat().st_mtime_ns)
    told = subprocess.run(["pdftotext", "-layout", str(paper), "-"], check=True, capture_output=True, text=True, timeout=20)
    found = re.search(r"^\s*(\d{3}) (\d{3})\s*$", told.stdout, re.MULTILINE)
    assert found
    return "".join(found.groups())


def asked(
    office: Bench, app: Any, number: str, *pins: str, bound: str = "", terminal: str = "", key: AnswerKey | None = None
) -> dict[str, Any]:
    """Ask as a terminal with an encrypting pad does; `key` is the visit's, a new one each time without it."""
    id_, body, key = sealed_question(office, number, *pins, bound=bound, terminal=terminal, key=key)
    reply = ask(office, app, "POST", "/v1/questions", body=body)
    assert reply.status == 200, reply.body
    return office.open(reply.json["sealed"], id_, number_pins.KIND, key)


def sealed_question(
    office: Bench, number: str, *pins: str, bound: str = "", terminal: str = "", key: AnswerKey | None = None
) -> tuple[str, dict[str, str], AnswerKey]:
    """Seal a question: its id, the body that is posted, and the key that opens the answer."""
    key, id_, at = key or AnswerKey.generate(), office.it.ids.new(), office.it.clock.now()
    keys = office.it.keyring.keys()
    assert keys.pin_certificate is not None
    what = bound or binding(id_, terminal or office.terminal.id, number, key.jwk)
    sealed = seal_pins(pins, what, keys.pin_certificate.public_bytes(Encoding.PEM), keys.anchors, at)
    assert isinstance(sealed, bytes), sealed
    question = Question(
        id=id_, kind=number_pins.KIND, terminal=office.terminal.id, office=office.terminal.office, at=wire_time(at),
        answer_key=key.jwk, parameters={"number": number, "pin": sealed.decode()},
    )  # fmt: skip
    return id_, {"id": id_, "sealed": seal(unsigned_question(question), keys.sealing_certificates[0]).decode()}, key


def chosen(office: Bench, app: Any, name: str = "marie") -> str:
    """Have a PIN of one's own."""
    number, digits = office.person(name), letter(office, name)
    assert asked(office, app, number, digits, OWN)["outcome"] == "opened"
    return number
