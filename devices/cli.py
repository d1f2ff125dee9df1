"""`guichet card`: a technician's look at any card in any PC/SC reader.

Rules:
- Exit code 0: done what was asked; 1: the card or its PIN did not do it; 2: it could not be asked (no reader, no card, no
  pad, wrong input). What a chain is worth stands in the output and does not change the code.
- A PIN comes from the reader's pad, or by `--pin-stdin` from a pipe; never from the command line or the environment.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from devices.inspection import CardReport, CardUnreadable, Inspection, Trust
    from devices.pcsc_reader import PcscTransport, ReaderState
    from devices.pin_pad import PinStrategy
    from kiosk.domain.card import PinOutcome

_DONE, _CARD_FAILED, _NOT_POSSIBLE = 0, 1, 2
_MAX_PIN_LINE = 64


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the verb `card`."""
    card = subparsers.add_parser(
        "card",
        help="look at the chip card in a reader, or let it prove itself",
        description="Look at the chip card in any PC/SC reader: profile, certificates, trust, PIN tries, what is missing.",
    )
    verbs = card.add_subparsers(dest="card_verb", metavar="VERB", required=True)
    show = verbs.add_parser("show", help="everything that needs no PIN; 9E signs a challenge, if the card has it")
    authenticate = verbs.add_parser("authenticate", help="the PIN on the reader's pad, then 9A signs a challenge")
    for verb in (show, authenticate):
        verb.add_argument(
            "--reader", metavar="NAME", help="the beginning of the reader's name (default: the one with a card)"
        )
        verb.add_argument("--json", action="store_true", help="one JSON object instead of lines")
        verb.add_argument(
            "--root", type=Path, metavar="PEM", help="root certificate, then issuers (default: STATE/pki)"
        )
        verb.add_argument(
            "--state", type=Path, metavar="DIR", help="state folder (default: $GUICHET_STATE or .guichet)"
        )
        verb.set_defaults(run=run)
    authenticate.add_argument(
        "--pin-stdin", action="store_true", help="read the PIN from standard input, for readers without a pad"
    )
    authenticate.add_argument(
        "--seconds", type=_seconds, default=30, help="how long the pad waits (1 to 255, default 30)"
    )
    authenticate.add_argument("--last-try", action="store_true", help="ask even if a wrong PIN would block the card")
    authenticate.add_argument(
        "--probe-signature", action="store_true", help="also see whether 9C signs a challenge without a fresh PIN"
    )


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 255:  # noqa: PLR2004 - one byte in part 10
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 1 to 255")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Do what `guichet card` was asked."""
    from devices.inspection import CardUnreadable, Inspection
    from devices.pcsc_reader import PcscTransport, Share
    from kiosk.system import SystemIds

    transport = PcscTransport(_choose_reader(args.reader), Share.SHARED)
    inspection = Inspection(transport, SystemIds().token, _trust(args.root, args.state))
    try:
        ended = inspection.look()
        code = _DONE
        if ended is None and args.card_verb == "authenticate":
            ended, code = _authenticate(args, inspection, transport)
    finally:
        transport.close()
    if isinstance(ended, CardUnreadable):
        print(f"guichet card: {ended.what} {ended.remedy}", file=sys.stderr)
        return _CARD_FAILED if ended.card else _NOT_POSSIBLE
    report = inspection.report
    print(json.dumps(asdict(report), ensure_ascii=False, indent=2) if args.json else "\n".join(_lines(report)))
    if any(not one.verified for one in report.challenges if one.slot != "9C"):
        return _CARD_FAILED
    return code


def _authenticate(
    args: argparse.Namespace, inspection: Inspection, transport: PcscTransport
) -> tuple[CardUnreadable | None, int]:
    """Ask for the PIN and let the card sign; gives why it ended early, or None and the exit code."""
    from devices.inspection import CardUnreadable
    from kiosk.domain.card import PinAccepted

    report = inspection.report
    if report.profile is None:
        return CardUnreadable("The card has no PIV application.", "Use a PIV card.", card=True), _CARD_FAILED
    if report.pin_tries_left == 0:
        return CardUnreadable("The PIN of the card is blocked.", "Unblock it with the PUK.", card=True), _CARD_FAILED
    if report.pin_tries_left == 1 and not args.last_try:
        raise EnvironmentFault("One PIN try is left; a wrong PIN blocks the card.", "Give --last-try to use it.")
    outcome = inspection.authenticate(_pin_strategy(args, transport), args.seconds)
    if isinstance(outcome, CardUnreadable):
        return outcome, _CARD_FAILED
    if not isinstance(outcome, PinAccepted):
        return _pin_failure(outcome), _CARD_FAILED
    ended = inspection.probe_signature() if args.probe_signature else None
    proved = any(one.slot == "9A" and one.verified for one in report.challenges)
    return ended, _DONE if proved else _CARD_FAILED


def _pin_strategy(args: argparse.Namespace, transport: PcscTransport) -> PinStrategy:
    from devices.pin_pad import Feature, HandedPin, Part10Pad, read_features

    if args.pin_stdin:
        return HandedPin(transport, sys.stdin.readline(_MAX_PIN_LINE).strip())
    features = read_features(transport)
    if (
        isinstance(features, dict)
        and Feature.VERIFY_PIN_DIRECT not in features
        and Feature.VERIFY_PIN_START not in features
    ):
        raise EnvironmentFault(
            f"The reader {transport.reader} has no PIN pad.", "Use a reader with a pad, or --pin-stdin and a pipe."
        )
    print(f"Type the PIN on the pad within {args.seconds} seconds.", file=sys.stderr, flush=True)
    return Part10Pad(transport)


def _pin_failure(outcome: PinOutcome) -> CardUnreadable:  # noqa: PLR0911 - one line an outcome
    from devices.inspection import CardUnreadable
    from kiosk.domain import card

    match outcome:
        case card.PinWrong(tries_left):
            return CardUnreadable(
                f"The PIN is wrong; {tries_left} more before it blocks.", "Ask the holder.", card=True
            )
        case card.PinBlocked():
            return CardUnreadable("The PIN is blocked now.", "Unblock it with the PUK.", card=True)
        case card.PinWrongLength():
            return CardUnreadable("The PIN has not 6 to 8 digits; no try was used.", "Type it again.", card=True)
        case card.PinCancelled():
            return CardUnreadable("Cancelled on the pad.", "Start again when the holder is ready.", card=True)
        case card.PinTimedOut():
            return CardUnreadable("Nobody typed the PIN in time.", "Start again, or give more --seconds.", card=True)
        case card.PadFailed(detail):
            return CardUnreadable(f"The pad did not do its work ({detail}).", "Look at the reader.", card=False)
        case _:
            return CardUnreadable("The card was pulled.", "Insert it and leave it in.", card=False)


def _choose_reader(wanted: str | None) -> str:
    from devices.pcsc_reader import list_readers
    from devices.transport import TransportFault

    readers = list_readers()
    if isinstance(readers, TransportFault):
        raise EnvironmentFault(f"pcscd does not answer ({readers.detail}).", "Start pcscd, or set PCSCLITE_CSOCK_NAME.")
    if not readers:
        raise EnvironmentFault("pcscd knows no reader.", "Connect one, or start the workbench.")
    if wanted is None:
        with_card = [reader for reader in readers if reader.card_present]
        if len(readers) > 1 and len(with_card) != 1:
            raise EnvironmentFault("Which reader?", f"Give --reader with one of: {_listed(readers)}.")
        return (with_card or list(readers))[0].name
    matching = [reader for reader in readers if reader.name.startswith(wanted)]
    if not wanted or not matching:
        raise EnvironmentFault(f"There is no reader {wanted!r}.", f"The readers are: {_listed(readers)}.")
    return matching[0].name


def _listed(readers: Sequence[ReaderState]) -> str:
    return "; ".join(f"{reader.name} ({'card' if reader.card_present else 'empty'})" for reader in readers)


def _trust(root: Path | None, state: Path | None) -> Trust:
    """Read the root (and issuers) given, or those of the state folder with the terminal's own reference data."""
    from devices.inspection import Trust
    from kiosk.system import FileClock, SystemClock
    from kiosk.wire.problem import Problem
    from kiosk.wire.reference_data import verify_bundle
    from kiosk.wire.trust import Anchors

    at = (FileClock(state / "clock") if state else SystemClock()).now()
    pki = state / "pki" if state else None
    if root is None and (pki is None or not (pki / "root.pem").is_file()):
        return Trust(None, None, at)
    pem = _read(root) if root else b""
    if root is None and pki is not None:
        issuers = pki / "card-ca.pem"
        pem = _read(pki / "root.pem") + (_read(issuers) if issuers.is_file() else b"")
    anchors = Anchors.from_pem(pem)
    if isinstance(anchors, Problem):
        raise EnvironmentFault(
            f"{root or pki} holds no root certificate ({anchors.detail}).", "Give --root a PEM file."
        )
    reference = state / "terminal" / "reference.json" if state else None
    if root is None and reference is not None and reference.is_file():
        bundle = verify_bundle(_read(reference), anchors, at)
        if not isinstance(bundle, Problem):
            return Trust(bundle.anchors(anchors), bundle.revocations, at)
        print(f"guichet card: {reference} is not used: {bundle}", file=sys.stderr)
    return Trust(anchors, None, at)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be read: {error.strerror}.", "Give the path of a PEM file.") from error


def _lines(report: CardReport) -> list[str]:
    chain = report.chain
    lines = [
        f"Reader        {report.reader}",
        f"ATR           {report.atr} ({report.protocol})",
        f"Profile       {report.profile or 'unknown'}"
        + (f", application id {report.application_id or 'not told'}" if report.profile else ""),
    ]
    lines += [
        f"{one.slot}            {one.algorithm}, {one.subject}, until {one.valid_until[:10]}, {one.trust}"
        for one in report.certificates
    ]
    if chain:
        who = f" (card {chain.number}, {chain.role})" if chain.number else ""
        lines.append(f"Chain         {chain.verdict}: {chain.detail}{who}")
    if report.profile:
        tries = "not told" if report.pin_tries_left is None else str(report.pin_tries_left)
        lines.append(f"PIN tries     {tries}{f' ({report.pin})' if report.pin else ''}")
    if report.holder:
        lines.append(f"Holder        {report.holder}")
    lines += [
        f"Challenge     {one.slot}: {'verified' if one.verified else 'not verified'}, {one.detail}"
        for one in report.challenges
    ]
    lines += [f"Limit         {limit}" for limit in report.limits]
    return lines
