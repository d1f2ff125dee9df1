"""The scripted visits: each walks the way of a visit as a person would, and says how it must end.

    account   the account changes: at once, after the bank's word, after an officer's, after the holder's
    line      there is no line
    faults    something breaks
    fraud     somebody is not meant to come through

A visit is a function over a `Stage`; what it returns is what must be true of the records afterwards (`Expected`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.demo.visits import account, faults, fraud, line

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.demo.stage import Expected, Stage

VISITS: dict[str, Callable[[Stage], Expected]] = {
    "01-online-change": account.online_change,
    "01-online-change-rsa": account.online_change_rsa,
    "02-line-cut": line.line_cut,
    "02b-not-cached": line.not_cached,
    "03-wrong-pin": fraud.wrong_pin,
    "04-card-pulled-before-signature": faults.card_pulled_before,
    "04-card-pulled-after-signature": faults.card_pulled_after,
    "05-account-of-another": account.account_of_another,
    "06-revoked-card": fraud.revoked_card,
    "07-printer-jammed": faults.printer_jammed,
    "08-walks-away": faults.walks_away,
    "09-agent-killed": faults.agent_killed,
    "10-visit-killed": faults.visit_killed,
    "12-diversion-stopped": fraud.diversion_stopped,
    "13-stolen-card": fraud.stolen_card,
    "11-not-possible": account.not_possible,
    "01c-close-name": account.close_name,
}
"""In the order they are played: the last two move the clock by weeks."""
