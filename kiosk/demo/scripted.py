"""Plays the scripted visits on a virtual screen, and keeps what they left."""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiosk.demo.evidence import Evidence, VisitEvidence
from kiosk.demo.journeys import journeys
from kiosk.demo.office import Office
from kiosk.demo.person import Person, Photographer
from kiosk.demo.screen import VirtualScreen
from kiosk.demo.stage import Expected, Stage
from kiosk.demo.visits import VISITS
from kiosk.domain.errors import EnvironmentFault, KioskError
from workbench.hands import Hands, NotSeen

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    Visits = dict[str, tuple[str, Callable[[Stage], Expected]]]

PAYMENT_DAY = "2026-12-15"
SPINE, SERVICES, ALL = "spine", "services", "all"
SECOND_LANGUAGE = "cs"
"""Journeys of services keep each page in this language too."""


@dataclass(slots=True)
class Result:
    """How a visit ended, and what was wrong with it."""

    row: VisitEvidence
    faults: list[str]


def play(args: argparse.Namespace) -> int:
    """Play them all; exit code 0 only when every one ended as it must.

    The spine's visits and the services' journeys have an office each: what one leaves would stand in another's way.
    """
    shutil.rmtree(args.output, ignore_errors=True)
    if args.visits != ALL:
        return _play(args, args.visits, args.state, args.output)
    spine = _play(args, SPINE, args.state, args.output)
    services = _play(args, SERVICES, args.state.with_name(f"{args.state.name}-{SERVICES}"), args.output / SERVICES)
    return spine or services


def _play(args: argparse.Namespace, which: str, state: Path, output: Path) -> int:
    if not args.keep:
        shutil.rmtree(state, ignore_errors=True)
    output.mkdir(parents=True)
    size = (1920, 1080) if args.landscape else (1080, 1920)
    screen = VirtualScreen(*size)
    office = Office(
        state,
        window=False,
        screen=screen.environment,
        visit_arguments=(f"--size={size[0]}x{size[1]}",),
        database=args.database,
    )
    wanted = [name for name in args.only.split(",") if name]
    visits = chosen(which)
    try:
        _say("starting back office, partners, workbench and terminal")
        office.start()
        results = _play_visits(office, screen, output, wanted, visits)
        faults = _pay(office) if not wanted and which == SPINE else []
        _keep(office, output, results)
    finally:
        office.stop()
        screen.close()
    for fault in [*faults, *(f"{r.row.name}: {fault}" for r in results for fault in r.faults)]:
        _say(f"NOT AS IT MUST BE  {fault}")
    good = not faults and not any(r.faults for r in results)
    _say(f"{len(results)} visits, {'all as they must be' if good else 'see above'}; results in {output}/")
    return 0 if good else 1


def chosen(which: str) -> Visits:
    """Return the spine's visits, or one journey a service with the language that each page is kept in too."""
    if which == SERVICES:
        return {name: (SECOND_LANGUAGE, journey) for name, journey in journeys().items()}
    return {name: ("", visit) for name, visit in VISITS.items()}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _play_visits(
    office: Office, screen: VirtualScreen, output: Path, wanted: list[str], visits: Visits
) -> list[Result]:
    hands = Hands({**office.processes.environment, **screen.environment})
    photographer = Photographer(office, hands, output / "screens")
    facts = json.loads((office.state / "demo.json").read_text("utf-8"))
    stage = Stage(office, Person(office, hands, photographer), Evidence(office.state), facts)
    results = []
    try:
        for name, (language, visit) in visits.items():
            if wanted and not any(w in name for w in wanted):
                continue
            stage.person.second_language = language
            results.append(play_one(stage, photographer, name, visit))
            row, faults = results[-1].row, results[-1].faults
            _say(
                f"{'ok  ' if not faults else 'FAIL'} {name:34} {row.outcome:28} {row.reference:13} {row.seconds:5.1f} s"
            )
    finally:
        photographer.close()
        hands.close()
    return results


def play_one(stage: Stage, photographer: Photographer, name: str, visit: Callable[[Stage], Expected]) -> Result:
    """One visit, and what the records say of it afterwards."""
    row = VisitEvidence(name)
    faults: list[str] = []
    photographer.begin(name)
    before, papers = len(stage.office.journal()), stage.person.papers()
    expected = Expected(records=-1)
    started = time.monotonic()
    log = stage.log_size()
    try:
        stage.person.approach()
        photographer.picture("welcome")
        expected = visit(stage)
    except (NotSeen, KioskError, OSError) as error:
        faults.append(str(error).splitlines()[0])
        photographer.picture("failed")
        _rescue(stage)
    row.seconds = time.monotonic() - started
    journal = stage.office.journal()
    new = journal[before:]
    stage.evidence.fill(row, new[0] if new else None)  # what came after it in one visit is about it
    row.outcome = row.decision or stage.evidence.outcome_of_steps(stage.office.processes.log("supervisor"), log)
    if expected.records >= 0:
        faults += _compare(row, expected, len(new), stage.person.papers() - papers)
    return Result(row, faults)


def _rescue(stage: Stage) -> None:
    """After a failed visit the next one begins at a clean terminal."""
    bench = stage.person.bench
    for verb, arguments in (("network", ["on"]), ("printer", ["ok"]), ("pull", [])):
        try:
            bench.do(verb, *arguments)
        except EnvironmentFault:
            continue
    stage.office.processes.stop(["supervisor"])
    stage.office.start_terminal()


def _compare(row: VisitEvidence, expected: Expected, records: int, papers: int) -> list[str]:
    """List what differs from how it must be."""
    faults = []
    if records != expected.records:
        faults.append(f"{records} records instead of {expected.records}")
    if records and row.delivered != 1:
        faults.append(f"delivered {row.delivered} times")
    for what, seen, wanted in (
        ("decision", row.decision, expected.decision),
        ("verification", row.account_verification, expected.verification),
    ):
        if seen != wanted:
            faults.append(f"{what} {seen or 'none'} instead of {wanted or 'none'}")
    if expected.bank_notified is not None and row.bank_notified != expected.bank_notified:
        faults.append(f"the bank was {'' if row.bank_notified else 'not '}told")
    if expected.papers is not None and papers != expected.papers:
        faults.append(f"{papers} papers instead of {expected.papers}")
    return faults + [f"not so: {name}" for name, true in expected.checks.items() if not true]


def _pay(office: Office) -> list[str]:
    """Run the payments after the visits: each pension to the account in force at the cut-off."""
    office.processes.run("back-office", "clock", "--add", "2d", "--state", str(office.state))
    office.processes.run("back-office", "pay", "--date", PAYMENT_DAY, "--state", str(office.state))
    files = list((office.state / "back-office" / "payments").glob("*.xml"))
    if not files:
        return ["there is no payment file"]
    text = files[-1].read_text("utf-8")
    facts = json.loads((office.state / "demo.json").read_text("utf-8"))["accounts"]
    faults = []
    for name, paid in (
        ("marie_third", True),
        ("marie_current", False),
        ("karel_third", True),
        ("karel_current", False),
    ):
        if (facts[name] in text) != paid:
            faults.append(f"the payment file {'lacks' if paid else 'still has'} {name}")
    return faults


def _keep(office: Office, output: Path, results: list[Result]) -> None:
    """Copy what the visits left, and write the summary."""
    copies = (
        ("workbench/paper", "receipts"), ("bank/messages", "bank"), ("messages", "messages"), ("back-office/payments", "payments"),
    )  # fmt: skip
    for source, target in copies:
        folder = office.state / source
        if folder.is_dir():
            shutil.copytree(folder, output / target, dirs_exist_ok=True)
    if (office.state / "bank" / "accounts.json").exists():
        shutil.copy(office.state / "bank" / "accounts.json", output / "bank" / "accounts.json")
    for name in ("supervisor", "back-office", "workbench", "bank", "messages"):
        if office.processes.log(name).exists():
            (output / "log").mkdir(exist_ok=True)
            shutil.copy(office.processes.log(name), output / "log")
    summary: dict[str, Any] = {"visits": [r.row.as_json() for r in results], "versions": office.versions()}
    (output / "summary.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", "utf-8")
