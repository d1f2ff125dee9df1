"""The partners' side of the back office: clients for the outbox worker, and the partners themselves as processes.

- `connect(settings.partners, state)` gives the outbox worker its `back_office.ports.Partners`; nothing is opened before it is used.
- `guichet partner bank` and `guichet partner messages` run the other side, each in a process of its own.
- `https` addresses are verified against STATE/pki/root.pem; with an `https` SMS gateway mail goes by STARTTLS too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from back_office.ports import Partners

if TYPE_CHECKING:
    from pathlib import Path

    from back_office.settings import PartnerSettings

ROOT = "pki/root.pem"
LETTERS = "messages/letters"


def connect(settings: PartnerSettings, state: Path) -> Partners:
    """Make the clients that speak to the real partners named in the settings. Raises EnvironmentFault for addresses that are none."""
    # Imported here, so that the command line does not wait for them with every verb.
    from back_office.partners.bank import BankClient  # noqa: PLC0415
    from back_office.partners.letters import LetterSpool  # noqa: PLC0415
    from back_office.partners.messages import MailServer, MessagesClient  # noqa: PLC0415
    from back_office.partners.transport import HttpTransport, tls_context  # noqa: PLC0415
    from kiosk.system import FileClock  # noqa: PLC0415

    clock = FileClock(state / "clock")
    root = state / ROOT
    secure = settings.sms_url.startswith("https:")
    mail = MailServer(settings.smtp_host, settings.smtp_port, settings.sender, tls_context(root) if secure else None)
    return Partners(
        bank=BankClient(HttpTransport(settings.bank_url, root), clock),
        messages=MessagesClient(mail, HttpTransport(settings.sms_url, root), LetterSpool(state / LETTERS), clock),
    )
