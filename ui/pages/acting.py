"""Pages from the signature to the receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain import reference as references
from kiosk.domain.card import NewPinRefused, NewPinsDiffer, PinWrong, PinWrongLength
from kiosk.domain.carrying import carried_by
from kiosk.domain.catalogue import service_named
from kiosk.domain.number_pin import Word
from kiosk.domain.service import EvidenceKind
from kiosk.domain.services.bank_account import CHANGE, CONFIRM_HOLDER, STOP
from kiosk.domain.services.feedback import GIVE
from kiosk.domain.services.pin import ACTIVATE
from kiosk.domain.session import states as at
from kiosk.domain.session.aside import can_say_how_it_went
from kiosk.domain.session.signing import with_holder_to_confirm
from ui.pages.arriving import pin_fields
from ui.pages.parts import Fields, Page, button, forward, ltr, message

if TYPE_CHECKING:
    from ui.words import Words

_STEPS = (at.Step.SIGNED, at.Step.SAVED, at.Step.SENT, at.Step.DECIDED)
_OF_ACCOUNTS = frozenset({CHANGE.id, STOP.id, CONFIRM_HOLDER.id})
_TONES = {"in_force": "ok", "waiting": "info", "held": "info", "received": "info", "cancelled": "ok", "disputed": "info", "noted": "ok"}


def awaiting_signature(phase: at.AwaitingSignature, say: Words, now: float) -> Page:
    """The PIN again, for the act that the button named."""
    act = say.scheme(service_named(phase.checked.service).act_key)
    return "pin", pin_fields(
        say.say("sign.title"), say.say("sign.text", act=act), phase.previous, phase.digits, phase.until - now, say
    )


def awaiting_new_pin(phase: at.AwaitingNewPin, say: Words, now: float) -> Page:
    """The old PIN, and twice the new one; the pad's own display says which."""
    words = "pin_change.activate" if phase.checked.service == ACTIVATE.id else "pin_change"
    text = say.scheme("pin_change.new_only" if phase.unblocking else words)
    fields = pin_fields(say.scheme("pin_change.title"), text, None, phase.digits, phase.until - now, say)
    match phase.previous:
        case PinWrong(left):
            fields |= {"problem": say.scheme("pin_change.wrong_old"), "tries": say.say("pin.tries", count=str(left))}
        case NewPinsDiffer():
            fields["problem"] = say.scheme("pin_change.differ")
        case NewPinRefused():
            fields["problem"] = say.scheme("pin_change.too_simple")
        case PinWrongLength():
            fields["problem"] = say.scheme("pin_change.length")
        case _:
            pass
    return "pin", fields


def awaiting_number_pin(phase: at.AwaitingNumberPin, say: Words, now: float) -> Page:
    """The PIN of a number, which leaves the pad only encrypted; after a letter's, twice one of one's own."""
    words = "number_pin.choose" if phase.choosing else "number_pin"
    fields = pin_fields(say.scheme(f"{words}.title"), say.scheme(words), None, phase.digits, phase.until - now, say)
    fields["safe"] = say.scheme("number_pin.safe")
    if phase.previous not in {None, Word.CHOOSE}:
        fields["problem"] = say.scheme(f"number_pin.{phase.previous.value}")
    return "pin", fields


def asking_by_number(say: Words) -> Page:
    """The back office looks."""
    return message(say.say("opening.title"), say.say("opening.text"), icon="lock", busy=True)


def signing(say: Words) -> Page:
    """The card computes."""
    return message(say.say("sign.computing.title"), say.say("sign.computing.text"), icon="credit-card", busy=True)


def _is_signed(checked: at.Checking) -> bool:
    return carried_by(service_named(checked.service), checked.visitor.card.role) is EvidenceKind.SIGNED


def _steps(checked: at.Checking, reached: at.Step, say: Words) -> list[Fields]:
    """How far it has come; the bank is asked about a new account, about nothing else; without a card nothing is signed."""
    done = _STEPS.index(reached)
    states = ["done" if i <= done else "now" if i == done + 1 else "later" for i in range(len(_STEPS))]
    names = [step.value for step in _STEPS]
    if checked.service != CHANGE.id:
        names[-1] = "answered"
    if not _is_signed(checked):
        names[0] = "sealed"
    return [
        {"text": say.say(f"progress.{name}.{state}"), "state": state}
        for name, state in zip(names, states, strict=True)
    ]


def recording(phase: at.Recording, say: Words) -> Page:
    """Signed; not yet durable."""
    return "progress", {
        "title": say.say("progress.title"), "text": say.say("progress.saving" if _is_signed(phase.checked) else "progress.saving_unsigned"),
        "steps": _steps(phase.checked, at.Step.SIGNED, say),
        "note": "",
    }  # fmt: skip


def following(session: at.Session, phase: at.Following, say: Words) -> Page:
    """Durable, and on its way."""
    online = session.environment.line is at.Line.ONLINE
    seconds = str(round(session.limits.decision_seconds))
    wait = "progress.wait" if _is_signed(phase.checked) else "progress.wait_unsigned"
    notes = {at.Printing.PRINTED: say.say("progress.printed"), at.Printing.PRINTING: say.say("progress.printing")}
    return "progress", {
        "title": say.say("progress.title"),
        "text": say.say(wait, seconds=seconds) if online else say.say("progress.offline"),
        "steps": _steps(phase.checked, phase.reached, say),
        "note": notes.get(phase.printing, ""),
    }


def showing_receipt(session: at.Session, phase: at.ShowingReceipt, say: Words) -> Page:
    """What was done, what happens next and when; the reference, large."""
    verdict = phase.verdict
    stage = service_named(phase.checked.service).stage(verdict.decision) if verdict else "received"
    decision = stage if say.has(f"receipt.{stage}") else "received"
    asks = session.card_present and with_holder_to_confirm(phase) is not None
    text = (say.from_outside(verdict.reason_key, verdict.reason_parameters) if verdict else "") or say.say(_key(phase, "received_text", say))
    dates = []
    if verdict is not None and verdict.first_payment_on and decision == "in_force" and phase.checked.service in _OF_ACCOUNTS:
        dates.append({"label": say.say("receipt.first_payment"), "date": verdict.first_payment_on, "id": "first-payment"})
    if verdict is not None and verdict.effective_on and decision == "noted":
        dates.append({"label": say.say("receipt.effective"), "date": verdict.effective_on, "id": "effective-on"})
    paper = {
        at.Printing.WAITING: "waiting_paper", at.Printing.PRINTING: "printing", at.Printing.PRINTED: "printed",
        at.Printing.FAILED: "failed", at.Printing.UNKNOWN: "unknown",
    }[phase.printing]  # fmt: skip
    again = button("print-again", say.say("receipt.again"), "print_again", variant="secondary", icon="printer")
    another = button("continue", say.say("receipt.another"), "continue", variant="secondary", icon="chevron-right")
    how = button("how-it-went", say.scheme(GIVE.title_key), "how_it_went", variant="secondary", icon=GIVE.icon)
    confirm = button("confirm", say.say("receipt.confirm"), "confirm", argument=phase.recorded.transaction_id, icon="arrow-right")
    end = button("end", say.say("chrome.end"), "end", icon="log-out")
    return "receipt", {
        "title": say.say("receipt.to_confirm" if asks else _key(phase, decision, say)),
        "tone": _TONES.get(decision, "bad"),
        "text": text,
        "dates": [{**d, "date": _date(d["date"], say)} for d in dates],
        "referenceLabel": say.say("receipt.reference"),
        "reference": ltr(references.format(phase.recorded.reference)),
        "paper": say.say(f"receipt.{paper}"),
        "paperBad": phase.printing in {at.Printing.FAILED, at.Printing.UNKNOWN},
        "takeCard": say.say("receipt.take_card") if session.card_present else "",
        "how": how if can_say_how_it_went(session) and not asks else {},
        **_document(phase.document_printing, say),
        "actions": [
            *([another] if (session.card_present or not phase.checked.visitor.card.shown) and not asks else []),
            *([] if phase.printing is at.Printing.PRINTING else [again]),
            *([{**end, "variant": "secondary"}, confirm] if asks else [end]),
        ],
    }


def _document(printing: at.Printing | None, say: Words) -> Fields:
    """What becomes of the A4 paper, where there is one, and once more where it did not come."""
    lost = printing in {at.Printing.FAILED, at.Printing.UNKNOWN}
    again = button("document-again", say.say("receipt.document.again"), "document_again", variant="secondary", icon="printer")
    return {
        "document": say.say(f"receipt.document.{printing.value}") if printing else "",
        "documentBad": lost,
        "documentAgain": again if lost else {},
    }


def _key(phase: at.ShowingReceipt, name: str, say: Words) -> str:
    """The words of the receipt for this service: an account has its own."""
    other = f"receipt.other.{name}"
    return other if phase.checked.service not in _OF_ACCOUNTS and say.has(other) else f"receipt.{name}"


def _date(day: str, say: Words) -> str:
    return say.say("receipt_date", day=day)


def nothing_recorded(phase: at.NothingRecorded, say: Words) -> Page:
    """The act did not happen; said plainly."""
    key = f"nothing.{phase.why}"
    return message(
        say.say("nothing.title"), say.say(key if say.has(key) else "nothing.fault"), icon="info", tone="warn",
        actions=[forward(say)],
    )  # fmt: skip


def not_known(code: str, say: Words) -> Page:
    """A code for the desk."""
    return message(
        say.say("not_known.title"), say.say("not_known.text"), icon="circle-alert", tone="warn", code=ltr(code),
        code_label=say.say("not_known.code"), actions=[forward(say)],
    )  # fmt: skip
