"""What stands on the paper: the domain's receipt, for the part that is printed now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.domain.catalogue import service_named
from kiosk.domain.errors import Bug
from kiosk.domain.paper import printed
from kiosk.domain.receipt import Place, Receipt, compose, slip

if TYPE_CHECKING:
    from kiosk.domain.session.effects import PrintReceipt, PrintShown, PrintTicket


def receipt_for(wanted: PrintReceipt, place: Place) -> Receipt:
    """Compose the receipt that `advance` asked for, at this place."""
    return compose(
        wanted.part, service_named(wanted.service), wanted.answers, recorded=wanted.recorded, verdict=wanted.verdict,
        place=place, duplicate=wanted.duplicate, helper_roles=wanted.helper_roles, acting=wanted.acting,
    )  # fmt: skip


def paper_for(wanted: PrintShown, place: Place) -> Receipt:
    """Compose the paper of what a service shows."""
    content = service_named(wanted.service).content
    if content is None:
        raise Bug(f"{wanted.service} shows nothing that could be printed")
    return printed(content(wanted.answers, wanted.standing), place)


def slip_for(wanted: PrintTicket, place: Place) -> Receipt:
    """Compose the slip of a ticket."""
    return slip(wanted.number, wanted.recorded, place)
