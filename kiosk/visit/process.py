"""The visit's process: ports wired to the terminal, one thread each for card, printer and link.

Rules:
- Until `open` nothing is connected: no link, no reader, no window on the screen.
- Everything that arrives on another thread reaches the terminal through the loop, in order.
- What a dead visit left in the printer is cut off before the first screen is built: nothing is printed before that.
- The end: the successor gets the screen first; then the paper that is still running may finish, then the process exits.
"""

from __future__ import annotations

import gc
import linecache
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog
from babel.dates import format_time

from devices.document_printer import printer_at
from devices.encrypting_pad import pad_at
from devices.scanner import BarcodeScanner
from devices.sounder import Speaker, speaker_of
from kiosk.application import signed_parameters
from kiosk.application.submit import Place
from kiosk.application.terminal import Terminal
from kiosk.application.trust import Trust
from kiosk.application.visit_secrets import VisitSecrets
from kiosk.application.warm_up import warm_up
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.offline_limits import OfflineLimits
from kiosk.domain.services.number_pin import OPEN as BY_NUMBER
from kiosk.domain.session import events as ev
from kiosk.domain.session import states as at
from kiosk.link import messages as link
from kiosk.link.visit_link import VisitLink
from kiosk.schemes import load_scheme, load_texts
from kiosk.system import FileClock, SystemIds, give_memory_back
from kiosk.terminal_folder import TerminalFolder
from kiosk.visit import rehearsal
from kiosk.visit.documents import Documents
from kiosk.visit.passing import PassingPages
from kiosk.visit.printer import Printer
from kiosk.visit.readers import Readers, look_at
from kiosk.visit.sounder import Sounder
from kiosk.wire.problem import Problem
from kiosk.wire.trust import Anchors
from ui.app import build
from ui.loop import Loop
from ui.view_state import Surroundings
from ui.words import words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kiosk.visit.printer import Paper

log = structlog.get_logger("visit")
TICK_MILLISECONDS = 250
LAST_PAPER_SECONDS = 60
GREETING_MILLISECONDS = 400
SWITCH_SECONDS = 0.0005
"""How long one thread may keep the interpreter while another waits for it (Python's default is ten times that): the card's
thread works while the screen's makes a page, and each of the twenty answers of a card was worth such a wait."""
DRAWN_MILLISECONDS = 1000
"""A window that nobody can see (another workspace, a screen that sleeps) draws nothing; it counts as shown after so long."""


class VisitProcess:
    """One visit, from loaded and hidden to gone."""

    def __init__(
        self, state: Path, *, size: tuple[int, int], position: tuple[int, int], fullscreen: bool,
        say: Callable[..., None],
    ) -> None:  # fmt: skip
        sys.setswitchinterval(SWITCH_SECONDS)
        self._say = say
        self._folder = TerminalFolder(state)
        self._clock = FileClock(state / "clock")
        self._clock.now()  # a clock that cannot be read is said now, on the command line
        self._ids = SystemIds(self._clock)
        self._trust = Trust(_anchors(self._folder.root))
        self._around = Surroundings()
        self._kiosk = build(["guichet"], self._post, self._around, size=size, position=position, fullscreen=fullscreen)
        self.loop = Loop()
        self._readers = Readers(self._ids)
        self._pages = PassingPages(self._kiosk.render, self.loop.after)
        self._print_worker = ThreadPoolExecutor(1, "printer")
        self._terminal: Terminal | None = None
        self._link: VisitLink | None = None
        self._scanner: BarcodeScanner | None = None
        self._speaker: Speaker | None = None
        self._environment = at.Environment(agent_connected=False)
        self._office = ""
        self._services: tuple[str, ...] = ()
        self._printer: Printer | None = None
        self._left_paper: Paper = "cut"
        self._shown = self._said_shown = self._leaving = False
        self._warm()

    def _warm(self) -> None:
        """Do once, hidden, what would make the first screens slow."""
        for language in ("en", "cs", "ar"):
            words(language)
        pension = load_scheme("cz").pension
        if pension is not None:
            signed_parameters.installed(pension.rules)
        load_texts("cz")
        warm_up(self._trust, self._clock.now())
        for language in ("en", "cs", "ar"):
            load_texts("cz").date(language, self._clock.now().date())
        for session in rehearsal.sessions(load_scheme("cz"), self._clock.now().date()):
            self._kiosk.render(session)
        self._kiosk.engine.collectGarbage()
        gc.collect()
        linecache.clearcache()  # Qt's binding reads the source of each module that imports something: 2 MB of text
        give_memory_back()
        gc.freeze()
        gc.disable()  # the collector must not free the screen's objects on the card's thread; `_tick` collects here

    # --- in ---------------------------------------------------------------------------------------

    def open(self, visit_id: str) -> None:
        """Take the screen and serve this visit."""
        if self._link is not None:
            return
        self._link = VisitLink(
            self._folder.socket, visit_id, lambda message: self.loop.call(lambda: self._heard(message))
        )
        self._link.start()
        self.loop.every(TICK_MILLISECONDS, self._tick)
        self.loop.after(GREETING_MILLISECONDS, self._show_without_agent)

    def take_over_paper(self, left: Paper) -> None:
        """Cut off what a visit before this one left in the printer; as soon as the printer is known."""
        self._left_paper = left
        printer = self._printer
        if printer is not None:
            self._print_worker.submit(lambda: printer.take_over(left))

    def _show_without_agent(self) -> None:
        if not self._shown:
            self._begin({}, "", "")

    def _begin(self, configuration: dict[str, Any], terminal: str, office: str) -> None:
        """Show the first screen: with the agent's configuration, or out of service without it."""
        visit = configuration.get("visit", {})
        devices = configuration.get("devices", {})
        scheme = signed_parameters.with_signed_parameters(load_scheme(visit.get("scheme", "cz")), self._trust.bundle)
        office_name = str((self._trust.bundle.configuration if self._trust.bundle else {}).get("office_name", office))
        demonstration = bool(configuration.get("demonstration", True))
        limits = at.Limits(**{name: float(visit[name]) for name in at.Limits.__slots__ if name in visit})
        self._around = replace(
            self._around, office=office_name, terminal=terminal, scheme=scheme.code, demonstration=demonstration,
            short_times=demonstration and limits.idle_seconds < at.Limits().idle_seconds,
        )  # fmt: skip
        reader = str(devices.get("visitor_reader", "Guichet Visitor"))
        works, card_present = look_at(reader)
        self._environment = replace(self._environment, reader_works=works)
        self._office = office
        pad = pad_at(str(devices.get("encrypting_pad", "")), self._folder.bench_encrypting_pad)
        offered = tuple(visit.get("services") or scheme.services)
        self._services = tuple(name for name in offered if pad is not None or name != BY_NUMBER.id)
        languages = tuple(visit.get("languages", scheme.languages))
        comfort = at.Comfort(language=languages[0])
        session = at.Session(
            at.Welcome(), comfort, defaults=comfort, environment=self._environment, limits=limits, scheme=scheme, card_present=card_present,
            services=self._trust.offered(self._services, office), languages=languages,
            today=self._clock.now().astimezone(scheme.payments.zone).date().isoformat(),
            offline_limits=OfflineLimits(**configuration.get("limits", {})), practice=bool(visit.get("practice")),
        )  # fmt: skip
        self._printer = Printer(devices.get("printer", ""), load_texts(scheme.code), lambda paper: self._say(paper=paper))
        self.take_over_paper(self._left_paper)
        if self._speaker is not None:
            self._speaker.close()
        self._speaker = speaker_of(
            devices.get("speaker", ""), self._folder.bench_speaker, lambda _state: self.loop.call(self._report_devices)
        )
        self._terminal = Terminal(
            session=session, place=Place(terminal, office, scheme.code, office_name, demonstration),
            card=self._readers.visitor(reader), agent=self._agent(), printer=self._printer, screen=self,
            sounder=Sounder(self._speaker), card_worker=self._readers.card_worker, print_worker=self._print_worker, trust=self._trust, secrets=VisitSecrets(),
            clock=self._clock, ids=self._ids, post=self._post_later, staff=self._readers.staff(str(devices.get("staff_reader", ""))),
            documents=Documents(
                printer_at(str(devices.get("document_printer", "")), self._folder.bench_documents), load_texts(scheme.code),
                scheme.official_language,
            ),
            encrypting_pad=pad,
        )  # fmt: skip
        self._report_devices()
        self._refresh()
        self._terminal.begin()
        if not self._shown:
            self._shown = True
            self._kiosk.window.frameSwapped.connect(self._say_shown)
            self.loop.after(DRAWN_MILLISECONDS, self._say_shown)
            self._kiosk.show()
        self._readers.watch(
            self._post_later, away=lambda: self.loop.call(lambda: self._watched(works=False)),
            back=lambda: self.loop.call(lambda: self._watched(works=True)),
        )  # fmt: skip
        if devices.get("scanner"):
            self._scanner = BarcodeScanner(devices["scanner"], lambda text: self._post_later(ev.BarcodeScanned(text)))
            self._scanner.start()

    def _say_shown(self) -> None:
        """Say that the first picture is on the screen; the successor's start waits for that, not to be in its way."""
        if not self._said_shown:
            self._said_shown = True
            self._kiosk.window.frameSwapped.disconnect(self._say_shown)
            self._say(state="shown", pid=os.getpid())

    def _agent(self) -> VisitLink:
        if self._link is None:
            raise EnvironmentFault("The visit has no link.", "The supervisor opens a visit first.")
        return self._link

    # --- what arrives -----------------------------------------------------------------------------

    def _post(self, event: ev.Event) -> None:
        """On the screen's thread."""
        if self._terminal is not None:
            self._terminal.handle(event)

    def _post_later(self, event: ev.Event) -> None:
        """On any thread."""
        self.loop.call(lambda: self._post(event))

    def _heard(self, message: link.Posted) -> None:
        """Take a message of the agent: about the world here, about this visit's own acts below."""
        match message:
            case link.Accepted():
                self._accepted(message)
            case link.AgentLost():
                self._change(agent_connected=False)
            case link.Rejected(reason):
                log.warning("rejected", why=reason)
                self._change(agent_connected=False)
                if reason == "visit_closed":
                    self.leave("fault")
            case link.EnvironmentChanged(environment):
                self._change(**_environment(environment))
            case link.Reference(bundle=bundle):
                self._take_reference(bundle)
            case _ if self._terminal is not None:
                self._heard_of_visit(self._terminal, message)
            case _:
                pass

    def _heard_of_visit(self, terminal: Terminal, message: link.Posted) -> None:
        """Hand on what the agent says of this visit's own acts."""
        match message:
            case link.Appended():
                terminal.recorded(at.Recorded(
                    message.id, message.seq, message.epoch, message.reference, message.recorded_at, message.statement,
                ))  # fmt: skip
            case link.AppendRefused():
                terminal.not_recorded(message.id, message.reason)
            case link.Record():
                terminal.lent(message.sealed, message.version, message.synced_at)
            case link.NoRecord():
                terminal.not_lent(message.reason)
            case link.Answer():
                terminal.answered(message.id, message.sealed)
            case link.NoAnswer():
                terminal.unanswered(message.id, message.reason)
            case link.Progress():
                terminal.progressed(message.id, message.stage, message.sealed)
            case link.StaffCalled(number=number):
                self._post(ev.StaffCallAnswered(number))
            case _:
                pass

    def _accepted(self, message: link.Accepted) -> None:
        self._take_reference(message.reference)
        self._environment = replace(self._environment, agent_connected=True, **_environment(message.environment))
        if self._terminal is None or not self._terminal.session.scheme or not self._around.terminal:
            self._begin(dict(message.configuration), message.terminal, message.office)
        else:
            self._post(ev.EnvironmentChanged(self._environment))

    def _take_reference(self, bundle: bytes) -> None:
        problem = self._trust.take(bundle, self._clock.now())
        if isinstance(problem, Problem):
            log.warning("reference_refused", problem=problem.code.value)
            return
        self._post(ev.ServicesOffered(self._trust.offered(self._services, self._office)))

    def _change(self, **changes: Any) -> None:
        self._environment = replace(self._environment, **changes)
        self._post(ev.EnvironmentChanged(self._environment))

    def _watched(self, *, works: bool) -> None:
        """What the watcher tells of the reader."""
        self._readers.watcher_spoke()
        self._reader(works=works)

    def _look_again(self) -> None:
        """A reader that was away at the first look may be back without the watcher's word."""
        if not self._environment.reader_works and self._readers.is_back():
            self._reader(works=True)

    def _reader(self, *, works: bool) -> None:
        self._change(reader_works=works)
        self._report_devices()

    def _report_devices(self) -> None:
        """Tell the agent how the devices are, all of them: the newest report is the one that counts."""
        if self._link is not None:
            self._link.report_devices({
                "card_reader": "ONLINE" if self._environment.reader_works else "NODEVICE",
                "speaker": self._speaker.state() if self._speaker is not None else "NODEVICE",
            })  # fmt: skip

    def _tick(self) -> None:
        gc.collect(1)
        if not self._pages.work_goes_on:
            self._kiosk.tidy()
        self._refresh()
        if self._terminal is not None:
            self._look_again()
        self._post(ev.Ticked())

    def _refresh(self) -> None:
        """Clock and countdowns."""
        now = self._clock.now().astimezone(load_scheme(self._around.scheme).payments.zone)
        language = self._terminal.session.comfort.language if self._terminal else "en"
        self._around = replace(
            self._around, clock=format_time(now.time(), "HH:mm", locale=language), now=self._clock.monotonic()
        )
        self._kiosk.bridge.refresh(self._around)

    # --- the screen, for the terminal -------------------------------------------------------------

    def render(self, session: at.Session) -> None:
        """Show this session."""
        self._pages.render(session)

    def leave(self, why: str) -> None:
        """Give the screen to the successor now; this process ends when its paper has."""
        if self._leaving:
            return
        self._leaving = True
        self._readers.close()
        self._say(state="ended", why=why)
        self._kiosk.hide()
        self._print_worker.submit(lambda: self.loop.call(self._exit))
        self.loop.after(LAST_PAPER_SECONDS * 1000, self._exit)

    def abandon(self) -> None:
        """Leave nothing on the screen: the supervisor is gone."""
        self._exit()

    def _exit(self) -> None:
        """Out, at once: the operating system takes everything back."""
        if self._scanner is not None:
            self._scanner.stop()
        self._kiosk.may_quit = True
        os._exit(0)


def _environment(environment: link.Environment) -> dict[str, Any]:
    """Put the agent's view of the world in the session's words."""
    return {
        "line": at.Line(environment.line),
        "journal_works": environment.journal == "ok",
        "suspended": environment.suspended,
        "reference_age_seconds": environment.reference_age_seconds,
        "revocation_age_seconds": environment.revocation_age_seconds,
        "backlog": environment.backlog,
        "disk_free_bytes": environment.disk_free_bytes or None,  # 0: nobody could ask; a full disk is the journal's to say
    }


def _anchors(root: Path) -> Anchors:
    """Read the root of the installation."""
    try:
        anchors = Anchors.from_pem(root.read_bytes())
    except OSError as error:
        raise EnvironmentFault(f"{root} cannot be read ({error.strerror}).", "Enrol this terminal first.") from error
    if isinstance(anchors, Problem):
        raise EnvironmentFault(f"{root} is no root certificate ({anchors.detail}).", "Enrol this terminal again.")
    return anchors


__all__ = ["VisitProcess"]
