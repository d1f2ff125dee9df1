"""Client of the messages partner: hands e-mail to a mail server, text messages to an SMS gateway, letters to the print spool.

Rules:
- Taken over means: the mail server said 250, the SMS gateway 2xx, or the letter lies durable in the spool.
- One message id a key: what is sent twice is recognised by the gateway and delivered once.
- What the gateway refuses because of the message is final (`Rejected`); everything else is tried again (`Unavailable`).
- A `detail` carries codes, never an address or a text.
"""

from __future__ import annotations

import json
import re
import smtplib
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, assert_never

from back_office.partners.letters import Letter
from back_office.partners.spool import Kept, message_id
from back_office.partners.transport import cut_after
from back_office.ports import Delivered, Rejected, Unavailable

if TYPE_CHECKING:
    import ssl
    from datetime import datetime

    from back_office.partners.letters import LetterSpool
    from back_office.partners.transport import HttpTransport
    from back_office.ports import Message
    from kiosk.system import Clock

PERMANENT = 500
"""RFC 5321 4.2.1: 5yz replies are permanent."""
_BETWEEN_US = frozenset({530, 534, 535, 538})
"""Encryption or sign-in is missing (RFC 3207, RFC 4954): a fault between the gateway and us, not of the message."""
_REFUSED = frozenset({400, 409, 413, 422})
"""The SMS gateway will never take this message; any other status is a fault that may pass or be mended."""
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\]{1,255}")
"""One plain address (the standard library's parser raises all sorts of things for the rest)."""
_LETTERHEAD = "Guichet demonstration office"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over; with `tls` the connection is STARTTLS (RFC 3207) or there is none."""

    host: str
    port: int
    sender: str
    tls: ssl.SSLContext | None = None


class MessagesClient:
    """Implements `back_office.ports.MessagesPort`."""

    def __init__(self, mail: MailServer, sms: HttpTransport, letters: LetterSpool, clock: Clock) -> None:
        self._mail = mail
        self._sms = sms
        self._letters = letters
        self._clock = clock

    def send(self, message: Message, *, timeout_seconds: float) -> Delivered | Unavailable | Rejected:
        """Hand one notice to the gateway of its channel."""
        match message.channel:
            case "email":
                return self._send_mail(message, timeout_seconds)
            case "sms":
                return self._send_sms(message, timeout_seconds)
            case "letter":
                return self._queue_letter(message)
            case _:
                assert_never(message.channel)

    def _send_mail(self, message: Message, timeout_seconds: float) -> Delivered | Unavailable | Rejected:
        try:
            mail = compose_mail(message, self._mail.sender, self._clock.now())
        except (ValueError, MessageError):
            return Rejected("the address or the subject cannot stand in a mail")
        smtp = smtplib.SMTP(local_hostname="guichet.localdomain", timeout=timeout_seconds)
        try:
            with cut_after(lambda: getattr(smtp, "sock", None), timeout_seconds):
                smtp.connect(self._mail.host, self._mail.port)
                # The certificate is checked against it, and it is only set where the constructor connects.
                smtp._host = self._mail.host  # type: ignore[attr-defined]  # noqa: SLF001
                if self._mail.tls is not None:
                    smtp.starttls(context=self._mail.tls)
                smtp.send_message(mail)
                with suppress(OSError, smtplib.SMTPException):
                    smtp.quit()
        except (OSError, smtplib.SMTPException) as error:
            return _mail_outcome(error)
        finally:
            smtp.close()
        return Delivered(message_id(message.key))

    def _send_sms(self, message: Message, timeout_seconds: float) -> Delivered | Unavailable | Rejected:
        identifier = message_id(message.key)
        body = json.dumps({"id": identifier, "to": message.destination, "text": message.text}, ensure_ascii=False)
        reply = self._sms.post("/sms", body.encode(), "application/json", timeout_seconds=timeout_seconds)
        if isinstance(reply, Unavailable):
            return reply
        if 200 <= reply.status < 300:  # noqa: PLR2004 - RFC 9110 15.3: 2xx is success
            return Delivered(identifier)
        detail = f"the SMS gateway answered {reply.status}"
        return Rejected(detail) if reply.status in _REFUSED else Unavailable(detail)

    def _queue_letter(self, message: Message) -> Delivered | Unavailable | Rejected:
        address = tuple(line for line in message.destination.splitlines() if line.strip())
        if message.recipient and message.recipient not in address:
            address = (message.recipient, *address)
        letter = Letter(message.key, address, message.language, message.subject, message.text, _LETTERHEAD)
        try:
            kept = self._letters.put(letter, self._clock.now())
        except ValueError as error:
            return Rejected(f"the letter cannot be set: {error}")
        except OSError as error:
            return Unavailable(f"the spool does not take it ({error.strerror})")
        if kept is Kept.OTHER:
            return Rejected("another letter has this key")
        return Delivered(message_id(message.key))


def compose_mail(message: Message, sender: str, at: datetime) -> EmailMessage:
    """Write a notice as a mail (RFC 5322). Raises ValueError or MessageError for what no header can carry."""
    if not _ADDRESS.fullmatch(message.destination):
        raise ValueError("the destination is no mail address")
    domain = sender.rpartition("@")[2]
    mail = EmailMessage(policy.SMTP if message.destination.isascii() else policy.SMTPUTF8)
    mail["From"] = sender
    mail["To"] = message.destination
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message_id(message.key)}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, charset="utf-8")
    mail["Content-Language"] = message.language
    return mail


def _mail_outcome(error: Exception) -> Unavailable | Rejected:
    match error:
        case smtplib.SMTPRecipientsRefused():
            code = max(reply[0] for reply in error.recipients.values())
        case smtplib.SMTPResponseException():
            code = error.smtp_code
        case smtplib.SMTPNotSupportedError():
            return Rejected("the mail server cannot carry this address")
        case TimeoutError():
            return Unavailable("the mail server did not answer in time")
        case _:
            return Unavailable(f"no usable answer of the mail server ({type(error).__name__})")
    detail = f"the mail server answered {code}"
    return Rejected(detail) if code >= PERMANENT and code not in _BETWEEN_US else Unavailable(detail)
