"""What the person at the screen does: every touch, key and button."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScreenTouched:
    """Any touch or key; keeps the visit alive, and begins one."""


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """A language was touched."""

    language: str


@dataclass(frozen=True, slots=True)
class LanguagePressed:
    """The permanent Language control."""


@dataclass(frozen=True, slots=True)
class TextSizePressed:
    """The permanent Text size control: the next of `TEXT_SCALES`."""


@dataclass(frozen=True, slots=True)
class ContrastPressed:
    """The permanent Contrast control."""


@dataclass(frozen=True, slots=True)
class LowerScreenPressed:
    """The permanent Lower screen control: everything into reach from a wheelchair."""


@dataclass(frozen=True, slots=True)
class HelpPressed:
    """The permanent Help control."""


@dataclass(frozen=True, slots=True)
class CallStaffPressed:
    """The permanent Call staff control, or the offer before the last PIN try."""


@dataclass(frozen=True, slots=True)
class DeskPressed:
    """The permanent Ask for the desk control: a number, and what was typed goes along."""


@dataclass(frozen=True, slots=True)
class FeedbackPressed:
    """How did it go: after a receipt."""


@dataclass(frozen=True, slots=True)
class OverlayClosed:
    """Close on what lies over the screen; for the idle warning: "I am still here"."""


@dataclass(frozen=True, slots=True)
class ContinuePressed:
    """The one way on, where a screen has just one."""


@dataclass(frozen=True, slots=True)
class BackPressed:
    """One step back; what was typed is kept."""


@dataclass(frozen=True, slots=True)
class EndPressed:
    """End session."""


@dataclass(frozen=True, slots=True)
class ServiceChosen:
    """A tile of the menu."""

    service: str


@dataclass(frozen=True, slots=True)
class LifeEventChosen:
    """What happened to the person; empty: all services again."""

    life_event: str


@dataclass(frozen=True, slots=True)
class WithoutCardPressed:
    """What can be done without a card."""


@dataclass(frozen=True, slots=True)
class ActionPressed:
    """Something to press in what a service shows, by its id."""

    action: str


@dataclass(frozen=True, slots=True)
class StopPressed:
    """Stop this pending change (card and PIN have been shown, so no code is needed)."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class ConfirmPressed:
    """Look at the holder's name that the bank gave for the account of this change."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The field's text as it now stands."""

    text: str


@dataclass(frozen=True, slots=True)
class ChangePressed:
    """Change, beside one answer of the check page."""

    question: str


@dataclass(frozen=True, slots=True)
class SignPressed:
    """The button that names the act."""


@dataclass(frozen=True, slots=True)
class HelperTypesToggled:
    """Who types now: the person, or the member of staff who has joined."""


@dataclass(frozen=True, slots=True)
class HelpEnded:
    """The officer who has joined by a code takes no part any more; one with a card pulls it."""


@dataclass(frozen=True, slots=True)
class PrintAgainPressed:
    """Print the receipt again; it will say DUPLICATE when the first may have come out."""


@dataclass(frozen=True, slots=True)
class DocumentAgainPressed:
    """Print the A4 paper again, when it did not come out; it carries the same code."""


@dataclass(frozen=True, slots=True)
class CodePressed:
    """The button "I have a code from a letter or a receipt" was pressed."""


PersonEvent = (
    ScreenTouched
    | LanguageChosen
    | LanguagePressed
    | TextSizePressed
    | ContrastPressed
    | LowerScreenPressed
    | HelpPressed
    | CallStaffPressed
    | DeskPressed
    | FeedbackPressed
    | OverlayClosed
    | ContinuePressed
    | BackPressed
    | EndPressed
    | ServiceChosen
    | LifeEventChosen
    | WithoutCardPressed
    | ActionPressed
    | StopPressed
    | ConfirmPressed
    | Typed
    | ChangePressed
    | SignPressed
    | HelperTypesToggled
    | HelpEnded
    | PrintAgainPressed
    | DocumentAgainPressed
    | CodePressed
)
