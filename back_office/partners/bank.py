"""Client of the bank partner: `BankClient` implements `back_office.ports.BankPort` (acmt.023 out, acmt.024 in)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from back_office.partners.transport import HttpTransport
    from back_office.ports import AccountNotice, AccountQuestion, Delivered, Rejected, Unavailable, Verification
    from kiosk.system import Clock


class BankClient:
    def __init__(self, transport: HttpTransport, clock: Clock) -> None:
        raise NotImplementedError

    def verify_account(self, question: AccountQuestion, *, timeout_seconds: float) -> Verification | Unavailable:
        raise NotImplementedError

    def announce_account(
        self, notice: AccountNotice, *, timeout_seconds: float
    ) -> Delivered | Unavailable | Rejected:
        raise NotImplementedError
