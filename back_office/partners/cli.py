"""`guichet partner bank` and `guichet partner messages`: the two partners of the demonstration, each its own process.

A partner prints one line `ready NAME ADDRESS [ADDRESS]` when it takes messages, and ends with SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    import ssl

BANK_PORT, SMTP_PORT, SMS_PORT = 8451, 8452, 8453
_HIGHEST_PORT = 65_535


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the verb `partner`."""
    parser = subparsers.add_parser(
        "partner",
        help="run the bank or the messages gateway that the back office talks to",
        description="The partners of the demonstration, as processes of their own with their own files.",
    )
    kinds = parser.add_subparsers(dest="partner", metavar="PARTNER", required=True)
    bank = kinds.add_parser(
        "bank",
        help="answer acmt.023 with acmt.024 from STATE/bank/customers.json; take acmt.022",
        description="POST /acmt023 and POST /account-notices, ISO 20022 XML. Messages are kept in STATE/bank/messages.",
    )
    bank.add_argument("--port", type=_port, default=BANK_PORT, help="where to listen (default %(default)s; 0: any)")
    bank.set_defaults(run=run_bank)
    messages = kinds.add_parser(
        "messages",
        help="take mail (SMTP) and text messages (POST /sms) into STATE/messages",
        description="A mail server and an SMS gateway that keep what they are given as *.eml and *.json.",
    )
    messages.add_argument("--smtp-port", type=_port, default=SMTP_PORT, help="mail (default %(default)s; 0: any)")
    messages.add_argument("--sms-port", type=_port, default=SMS_PORT, help="texts (default %(default)s; 0: any)")
    messages.set_defaults(run=run_messages)
    for kind in (bank, messages):
        kind.add_argument("--state", type=Path, default=None, help="state folder (default $GUICHET_STATE or .guichet)")
        kind.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
        kind.add_argument("--tls", action="store_true", help="serve with STATE/pki/tls.pem; without it loopback only")


def run_bank(args: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    from back_office.partners.bank_server import Bank
    from back_office.partners.http_server import PartnerServer
    from kiosk.system import FileClock, SystemIds

    state = args.state
    clock = FileClock(state / "clock")
    bank = Bank(state, clock, SystemIds(clock))
    server = PartnerServer(args.host, args.port, bank.handlers(), tls=_tls(args))
    ends = _hold_signals()
    server.start()
    _serve(f"ready bank {server.url}", ends)
    server.stop()
    return 0


def run_messages(args: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    from back_office.partners.http_server import PartnerServer
    from back_office.partners.messages_server import MailGateway, SmsGateway
    from kiosk.system import FileClock

    state = args.state
    gateway = SmsGateway(state, FileClock(state / "clock"))
    tls = _tls(args)
    server = PartnerServer(args.host, args.sms_port, gateway.handlers(), tls=tls)
    mail = MailGateway(state, args.host, args.smtp_port, tls=tls)
    ends = _hold_signals()
    server.start()
    mail.start()
    _serve(f"ready messages smtp://{mail.host}:{mail.port} {server.url}", ends)
    mail.stop()
    server.stop()
    return 0


def _hold_signals() -> set[signal.Signals]:
    """Keep the signals that end a process for `_serve`, in every thread started from here on."""
    import signal

    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    return ends


def _serve(ready: str, ends: set[signal.Signals]) -> None:
    """Say that the partner is ready and wait for the signal that ends it."""
    import signal

    print(ready, flush=True)
    signal.sigwait(ends)


def _tls(args: argparse.Namespace) -> ssl.SSLContext | None:
    from back_office.partners.http_server import server_tls

    pki = args.state / "pki"
    return server_tls(pki / "tls.pem", pki / "tls.key") if args.tls else None


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 to {_HIGHEST_PORT}")
    return int(text)
