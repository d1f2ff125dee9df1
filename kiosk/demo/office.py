"""The processes of an office on one machine, started in their order: partners, back office, workbench, terminal.

Rules:
- Set-up goes the way a technician goes: `back-office init`, `seed`, a one-time code, `provision enroll`.
- A state folder that is set up already is only started.
"""

from __future__ import annotations

import json
import ssl
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import msgspec

from back_office.database.private_cluster import PrivateCluster
from back_office.demo.population import OFFICES
from kiosk.demo.processes import Processes, free_ports, listening, plain_environment
from kiosk.domain.errors import EnvironmentFault
from provisioning.configuration import load_configuration, write_configuration
from workbench.client import Workbench

if TYPE_CHECKING:
    from pathlib import Path

CERTIFICATE_PAGE = 8445
TERMINAL, OFFICE = "T0007", "101"
SHORT_TIMES = {"idle_seconds": 30.0, "warning_seconds": 20.0, "pin_seconds": 30.0, "card_left_seconds": 15.0}


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports; the terminal knows only `line`."""

    back_office: int
    line: int
    bank: int
    smtp: int
    sms: int


class Office:
    """Everything of one demonstration."""

    def __init__(self, state: Path, *, window: bool, visit_arguments: tuple[str, ...] = (), times: dict[str, float] | None = None,
                 screen: dict[str, str] | None = None, database: str | None = None) -> None:  # fmt: skip
        self.state = state.absolute()
        self._window = window
        self._visit_arguments = visit_arguments
        self._times = SHORT_TIMES if times is None else times
        self.processes = Processes(self.state, plain_environment(self.state, **(screen or {})))
        self.ports = self._choose_ports()
        self.bench: Workbench | None = None
        self._database = database
        self._cluster: PrivateCluster | None = None

    def _choose_ports(self) -> Ports:
        """Take the ports of the last time, while they are free; the terminal's identity names one of them."""
        path = self.state / "ports.json"
        if path.exists():
            return Ports(**json.loads(path.read_text("utf-8")))
        ports = Ports(*free_ports(5))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({name: getattr(ports, name) for name in Ports.__slots__}), "utf-8")
        return ports

    def start(self) -> None:
        """Set up what is missing and start everything."""
        self.start_database()
        self.set_up_back_office()
        self.start_partners()
        self.start_back_office()
        self.start_certificate_page()
        self.start_workbench()
        self.enrol()
        self.start_terminal()

    def _run(self, *arguments: str, text: str = "") -> str:
        return self.processes.run(*arguments, "--state", str(self.state), text=text)

    def start_database(self) -> None:
        """Start the private PostgreSQL, when this office has one or is to have one."""
        folder = self.state / "postgresql"
        kept = (self.state / "cards").exists()
        if kept and self._database not in {None, "postgresql" if folder.exists() else "sqlite"}:
            raise EnvironmentFault(
                f"The office in {self.state} was set up with the other database.",
                "Remove that folder, or name another: --state DIR.",
            )
        if folder.exists() if kept else self._database == "postgresql":
            self._cluster = PrivateCluster(folder)
            self._cluster.start()

    def set_up_back_office(self) -> None:
        """Keys, settings, database, five hundred people and their cards."""
        if (self.state / "cards").exists():
            return
        p = self.ports
        database = ["--database", self._cluster.create_database("guichet")] if self._cluster else []
        self._run(
            "back-office", "init", *database, "--port", str(p.back_office), "--bank-url", f"https://127.0.0.1:{p.bank}",
            "--sms-url", f"https://127.0.0.1:{p.sms}", "--smtp-port", str(p.smtp),
            "--terminal-setting", f"office_name={OFFICES[OFFICE]}",
        )  # fmt: skip
        self._run("back-office", "seed")

    def start_certificate_page(self) -> None:
        """Serve the public page of certificates, where the papers say it is, or anywhere when somebody else is there."""
        try:
            self._serve_certificates(CERTIFICATE_PAGE)
        except EnvironmentFault:  # another office has the port, or took it just now
            self._serve_certificates(0)

    def _serve_certificates(self, port: int) -> None:
        arguments = ("back-office", "certificates", "--state", str(self.state), "--port", str(port))
        self.processes.log("certificates").unlink(missing_ok=True)
        self.processes.start("certificates", *arguments)
        self.processes.wait_until(lambda: bool(self._page_address()), "certificates")

    def _page_address(self) -> str:
        log = self.processes.log("certificates")
        said = log.read_text("utf-8", "replace") if log.exists() else ""
        return next((line.split()[-1] for line in said.splitlines() if line.startswith("certificate page ")), "")

    def certificate_page(self, code: str) -> str:
        """What the public page answers to a code."""
        trust = ssl.create_default_context(cafile=str(self.state / "pki" / "root.pem"))
        form = urlencode({"code": code, "lang": "en"}).encode()
        try:
            with urlopen(self._page_address(), form, timeout=20, context=trust) as answer:  # noqa: S310 - our own page
                return str(answer.read().decode("utf-8"))
        except HTTPError as error:
            return error.read().decode("utf-8", "replace")

    def start_partners(self) -> None:
        """Bank and message gateways."""
        p, state = self.ports, str(self.state)
        self.processes.start("bank", "partner", "bank", "--state", state, "--port", str(p.bank), "--tls")
        self.processes.start(
            "messages",
            "partner",
            "messages",
            "--state",
            state,
            "--smtp-port",
            str(p.smtp),
            "--sms-port",
            str(p.sms),
            "--tls",
        )
        self.processes.wait_until(lambda: listening(p.bank), "bank")
        self.processes.wait_until(lambda: listening(p.smtp) and listening(p.sms), "messages")

    def start_back_office(self) -> None:
        """Start the server."""
        self.processes.start("back-office", "back-office", "serve", "--state", str(self.state))
        self.processes.wait_until(lambda: listening(self.ports.back_office), "back-office")

    def start_workbench(self) -> None:
        """Hands, cards, paper, and the line."""
        p = self.ports
        arguments = [] if self._window else ["--headless"]
        self.processes.start(
            "workbench", "workbench", "--state", str(self.state), *arguments, "--forward", f"{p.line}:{p.back_office}"
        )
        self.processes.wait_until((self.state / "workbench" / "control.sock").exists, "workbench")
        self.bench = Workbench(self.state)
        pcscd = self.bench.do("status")["status"]["pcscd"]
        self.processes.environment["PCSCLITE_CSOCK_NAME"] = pcscd

    def enrol(self) -> None:
        """Give the terminal its identity, with a one-time code, and its configuration."""
        if (self.state / "terminal" / "enrolment.json").exists():
            return
        safe = self.state / "safe"  # an agency's is offline
        if not safe.exists():
            self.processes.run("provision", "recovery-key", "--to", str(safe), text="\n")
        said = self._run(
            "back-office", "enrolment-code", "--terminal", TERMINAL, "--office", OFFICE, "--technician", "Demo"
        )
        code = next(word for word in said.split() if len(word.replace("-", "")) == 10 and word.isupper())  # noqa: PLR2004
        self._run(
            "provision",
            "enroll",
            "--back-office",
            f"https://127.0.0.1:{self.ports.line}",
            "--code",
            "-",
            "--recovery-key",
            str(safe / "recovery.pem"),
            text=code + "\n",
        )
        path = self.state / "terminal" / "terminal.toml"
        configuration = load_configuration(path)
        configuration = msgspec.structs.replace(
            configuration,
            demonstration=True,
            visit=msgspec.structs.replace(configuration.visit, **self._times),
            devices=msgspec.structs.replace(
                configuration.devices,
                printer=str(self.state / "workbench" / "printer"),
                scanner=str(self.state / "workbench" / "scanner"),
                speaker="workbench",
                document_printer="workbench",
                encrypting_pad="workbench",
            ),
        )
        path.write_text(write_configuration(configuration), "utf-8")

    def start_terminal(self) -> None:
        """Supervisor, agent, and the first visit with its successor."""
        options = [f"--visit-argument={argument}" for argument in self._visit_arguments]
        self.processes.start("supervisor", "supervisor", "--state", str(self.state), *options)

    def running(self) -> dict[str, Any]:
        """Read the process ids of the terminal, as the supervisor says."""
        path = self.state / "terminal" / "processes.json"
        try:
            found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found

    def journal(self, kind: str = "transaction") -> list[dict[str, Any]]:
        """Read the terminal's journal, as its own verb lists it: people's acts, or the lines of another kind."""
        if not (self.state / "terminal" / "journal.db").exists():
            return []
        listed: list[dict[str, Any]] = json.loads(self._run("journal", "list", "--json"))
        return [entry for entry in listed if entry["kind"] == kind]

    def versions(self) -> dict[str, str]:
        """Tell what this demonstration ran on."""
        from importlib.metadata import version  # noqa: PLC0415

        names = ("guichet", "PySide6-Essentials", "pyscard", "cryptography", "joserfc", "fastapi", "sqlcipher3")
        return {"python": sys.version.split()[0], **{name: version(name) for name in names}}

    def stop(self) -> None:
        """End everything."""
        if self.bench is not None:
            self.bench.close()
        self.processes.stop()
        if self._cluster is not None:
            self._cluster.stop()
