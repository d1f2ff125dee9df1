"""The messages partner: a mail server and an SMS gateway that keep what they are given, STATE/messages/{mail,sms}.

Rules:
- 250 and 202 are said after the message is durable, never before.
- A message id means one message: the same again is taken again without a second copy, another content under it is refused.
- Limits: mail of 256 KiB to one recipient, texts of 1,000 characters to numbers in the international form (E.164).
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import re
import threading
from typing import TYPE_CHECKING, Any

import msgspec
from aiosmtpd.smtp import SMTP

from back_office.partners import spool
from back_office.partners.http_server import Answer, problem, refuse_open_plain
from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from aiosmtpd.smtp import Envelope, Session

    from kiosk.system import Clock

MAIL, SMS, LETTERS = "messages/mail", "messages/sms", "messages/letters"
MAIL_LIMIT_BYTES = 262_144
LONGEST_SMS = 1_000
IDLE_SECONDS = 30.0
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_MESSAGE_ID = re.compile(r"<([^<>@\s]{1,120})@[^<>@\s]{1,200}>", re.ASCII)


class _Sms(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    to: str
    text: str


class SmsGateway:
    """Takes text messages over HTTP."""

    def __init__(self, state: Path, clock: Clock) -> None:
        self._folder = state / SMS
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[[bytes], Answer]]:
        """Return what it answers, by path."""
        return {"/sms": self.take}

    def take(self, body: bytes) -> Answer:
        """Keep one text message as STATE/messages/sms/ID.json."""
        try:
            sms = msgspec.json.decode(body, type=_Sms)
        except msgspec.DecodeError as error:
            return problem(400, "message_invalid", f"The body is no text message: {error}.", 'Send {"id","to","text"}.')
        number = re.sub(r"[\s().-]", "", sms.to)
        if not sms.id or not _NUMBER.fullmatch(number):
            return problem(
                422, "number_invalid", "There is no id, or the number is not one.", "Send +, country code, number."
            )
        if not sms.text.strip() or len(sms.text) > LONGEST_SMS:
            return problem(422, "text_invalid", f"A text has 1 to {LONGEST_SMS} characters.", "Send another text.")
        note = {
            "id": sms.id,
            "to": number,
            "text": sms.text,
            "received_at": self._clock.now().isoformat(timespec="seconds"),
        }
        path = self._folder / f"{spool.file_name(sms.id)}.json"

        def same(kept: bytes) -> bool:
            known = json.loads(kept)
            return (known["to"], known["text"]) == (number, sms.text)

        try:
            result = spool.keep(path, json.dumps(note, ensure_ascii=False, indent=1).encode(), same)
        except OSError as error:
            return problem(503, "not_now", f"The gateway cannot keep it ({error.strerror}).", "Send it again later.")
        if result is spool.Kept.OTHER:
            return problem(409, "message_id_used", "This id came with another content.", "Use a new id.")
        return Answer(202, "application/json", json.dumps({"id": sms.id, "status": "accepted"}).encode())


class _Keeper:
    """What the mail server does with a message (aiosmtpd's handler hooks)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        local, _, domain = address.rpartition("@")
        if not local or not domain or envelope.rcpt_tos:
            return "550 5.1.3 one recipient with a domain, please"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        found = _MESSAGE_ID.fullmatch(_header(content, "Message-ID"))
        if found is None:
            return "554 5.6.0 a Message-ID is needed"
        received = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {envelope.rcpt_tos[0]}\r\n".encode()
        path = self._folder / f"{spool.file_name(found[1])}.eml"
        try:
            result = await asyncio.to_thread(
                spool.keep, path, received + content, lambda kept: _meaning(kept) == _meaning(received + content)
            )
        except OSError:
            return "451 4.3.1 cannot be kept now"
        return "554 5.7.7 this Message-ID came with another content" if result is spool.Kept.OTHER else "250 2.0.0 kept"


def _header(content: bytes, name: str) -> str:
    try:
        return str(email.message_from_bytes(content, policy=email.policy.default)[name] or "").strip()
    except (ValueError, IndexError):  # the standard library's parser raises these for some malformed headers
        return ""


def _meaning(content: bytes) -> tuple[str, str, Any]:
    """Give what makes a mail the same mail: recipient, subject, text; not the date, which a repetition has anew."""
    mail = email.message_from_bytes(content)
    return (str(mail["X-Envelope-To"]), str(mail["Subject"]), mail.get_payload(decode=True))


class MailGateway:
    """A mail server on its own event loop; `port` 0 lets the system choose."""

    def __init__(self, state: Path, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        refuse_open_plain(host, tls)
        self._keeper = _Keeper(state / MAIL)
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        try:
            self._server = self._loop.run_until_complete(self._loop.create_server(self._session, host, port))
        except OSError as error:
            self._loop.close()
            raise EnvironmentFault(
                f"The port {host}:{port} cannot be opened ({error.strerror}).",
                "Choose another port, or end who has it.",
            ) from error
        self.host, self.port = self._server.sockets[0].getsockname()[:2]
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail", daemon=True)

    def _session(self) -> SMTP:
        return SMTP(
            self._keeper,
            data_size_limit=MAIL_LIMIT_BYTES,
            enable_SMTPUTF8=True,
            hostname="messages.guichet.example",
            ident="Guichet messages partner",
            tls_context=self._tls,
            require_starttls=self._tls is not None,
            timeout=IDLE_SECONDS,
            loop=self._loop,
        )

    def start(self) -> None:
        """Serve in the background until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and end open sessions."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        else:
            self._loop.run_until_complete(self._close())
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        await self._server.wait_closed()
        mine = asyncio.current_task()
        open_sessions = [task for task in asyncio.all_tasks() if task is not mine]
        for task in open_sessions:
            task.cancel()
        await asyncio.gather(*open_sessions, return_exceptions=True)
        await self._loop.shutdown_default_executor()
