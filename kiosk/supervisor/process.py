"""The supervisor process: carries out the shift's orders, keeps the agent alive.

Rules:
- Nothing here knows what a visit does; it hears a few words and counts processes.
- A child that dies again and again is started ever more slowly, and the log says so.
- SIGTERM ends every child, then the supervisor.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from typing import TYPE_CHECKING, Any, assert_never

from kiosk.agent.log import logger
from kiosk.supervisor.agent_channel import AgentChannel
from kiosk.supervisor.children import Child
from kiosk.supervisor.shift import PAPERS, Close, Finish, HandOver, Open, Shift, StartVisit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.supervisor.shift import Order
    from kiosk.system import Clock, Ids
    from kiosk.terminal_folder import TerminalFolder

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 15.0
FREE_FAILURES = 1
"""So many failures in a row cost no waiting: a killed visit's place is taken at once."""
LOOP_FAILURES = 3
READY_SECONDS = 30.0
SHOWN_SECONDS = 5.0
LAST_PAPER_SECONDS = 70.0
"""A visit that has ended may stay so long, off the screen, until its receipt is out (60 s) and reported."""
STOP_SECONDS = 3.0
STEADY_SECONDS = 10.0
"""An agent that has lived so long starts with a clean record when it dies."""


def pause_seconds(failures: int) -> float:
    """How long to wait before a start, after so many failures in a row."""
    if failures <= FREE_FAILURES:
        return 0.0
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(16, failures - FREE_FAILURES - 1))


class Supervisor:
    """One terminal's processes."""

    def __init__(
        self,
        folder: TerminalFolder,
        *,
        agent: Sequence[str],
        visit: Sequence[str],
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._folder = folder
        self._agent_command = list(agent)
        self._visit_command = list(visit)
        self._clock = clock
        self._shift = Shift(ids.new)
        self._channel = AgentChannel(folder.socket)
        self._visits: dict[int, Child] = {}
        self._agent: Child | None = None
        self._agent_failures = 0
        self._agent_gone = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._deadlines: dict[int, asyncio.TimerHandle] = {}
        self._left_at: float | None = None
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then end every child."""
        self._spawn(self._keep_agent())
        self._spawn(self._channel.run())
        self._carry_out(self._shift.begin())
        await stop.wait()
        self._stopping = True
        for timer in self._deadlines.values():
            timer.cancel()
        children = [*self._visits.values(), *([self._agent] if self._agent else [])]
        await asyncio.gather(*(child.end(STOP_SECONDS) for child in children))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._say_who_runs()
        logger().info("supervisor_stopped")

    # --- the agent -------------------------------------------------------------------------------------

    async def _keep_agent(self) -> None:
        while True:
            started = self._clock.monotonic()
            self._agent_gone.clear()
            self._agent = await Child.start("agent", self._agent_command, on_line=None, on_exit=self._agent_exited)
            logger().info("agent_started", pid=self._agent.pid)
            self._say_who_runs()
            await self._agent_gone.wait()
            lived = self._clock.monotonic() - started
            self._agent_failures = 1 if lived > STEADY_SECONDS else self._agent_failures + 1
            await self._wait("agent", self._agent_failures)

    def _agent_exited(self, child: Child, code: int) -> None:
        self._agent = None
        self._agent_gone.set()
        if not self._stopping:
            logger().error("agent_died", pid=child.pid, exit_code=code)

    # --- visits ----------------------------------------------------------------------------------------

    def _carry_out(self, orders: Sequence[Order]) -> None:
        if self._stopping:
            return
        for order in orders:
            match order:
                case HandOver(pid=pid, paper=paper):
                    self._visits[pid].say({"left_paper": paper})
                case Open(pid=pid, visit_id=visit_id):
                    self._visits[pid].say({"open": visit_id})
                    self._channel.open_visit(visit_id, pid)
                    self._expect(pid, SHOWN_SECONDS, "not_shown")
                case Close(visit_id=visit_id):
                    self._channel.close_visit(visit_id)
                case Finish(pid=pid):
                    self._expect(pid, LAST_PAPER_SECONDS, "not_gone")
                case StartVisit(failures=failures):
                    self._spawn(self._start_visit(failures))
                case _:
                    assert_never(order)
        self._say_who_runs()

    async def _start_visit(self, failures: int) -> None:
        await self._wait("visit", failures)
        try:
            child = await Child.start("visit", self._visit_command, on_line=self._heard, on_exit=self._visit_exited)
        except OSError as error:
            logger().error("visit_not_started", error=error.strerror or type(error).__name__)
            self._carry_out(self._shift.not_started())
            return
        self._visits[child.pid] = child
        self._shift.started(child.pid)
        self._expect(child.pid, READY_SECONDS, "not_ready")
        self._say_who_runs()

    def _heard(self, child: Child, line: dict[str, Any]) -> None:
        if line.get("paper") in PAPERS:
            self._shift.told_paper(child.pid, line["paper"])
        state = line.get("state")
        if not isinstance(state, str):
            return
        why = line.get("why", "")
        logger().info(
            "visit_" + state if state in {"ready", "shown", "ended"} else "visit_said", pid=child.pid, why=str(why)[:40]
        )
        if state in {"ready", "shown"}:
            self._met(child.pid)
        if state == "shown" and self._left_at is not None:
            logger().info("turnover", seconds=round(self._clock.monotonic() - self._left_at, 4))
            self._left_at = None
        if state == "ended":
            self._left_at = self._clock.monotonic()
        self._carry_out(self._shift.told(child.pid, state))

    def _visit_exited(self, child: Child, code: int) -> None:
        self._met(child.pid)
        self._visits.pop(child.pid, None)
        visit = self._shift.visits.get(child.pid)
        if visit is not None and visit.stage != "ended" and not self._stopping:
            logger().error("visit_died", pid=child.pid, exit_code=code, stage=visit.stage)
            if visit.stage in {"opening", "shown"}:
                self._left_at = self._clock.monotonic()
        self._carry_out(self._shift.exited(child.pid))

    def _expect(self, pid: int, seconds: float, otherwise: str) -> None:
        """Kill this visit if it is not heard of in time."""
        self._met(pid)
        self._deadlines[pid] = asyncio.get_running_loop().call_later(seconds, self._too_late, pid, otherwise)

    def _met(self, pid: int) -> None:
        timer = self._deadlines.pop(pid, None)
        if timer is not None:
            timer.cancel()

    def _too_late(self, pid: int, why: str) -> None:
        child = self._visits.get(pid)
        if child is not None:
            logger().error("visit_too_late", pid=pid, why=why)
            child.signal(signal.SIGKILL)

    # --- both ------------------------------------------------------------------------------------------

    async def _wait(self, process: str, failures: int) -> None:
        seconds = pause_seconds(failures)
        if failures >= LOOP_FAILURES:
            logger().error("crash_loop", process=process, count=failures, seconds=seconds)
        if seconds:
            await asyncio.sleep(seconds)

    def _spawn(self, coroutine: Any) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger().error("supervisor_task", error=type(task.exception()).__name__)
            os.kill(os.getpid(), signal.SIGTERM)

    def _say_who_runs(self) -> None:
        """Write STATE/terminal/processes.json, for technicians, tests and benches."""
        current, successor = self._shift.current, self._shift.successor
        report = {
            "supervisor": os.getpid(),
            "agent": self._agent.pid if self._agent else None,
            "visit": current.pid if current else None,
            "visit_id": current.visit_id if current else None,
            "visit_stage": current.stage if current else None,
            "successor": successor.pid if successor else None,
            "successor_stage": successor.stage if successor else None,
        }
        path = self._folder.path / "processes.json"
        draft = path.with_suffix(".new")
        with contextlib.suppress(OSError):
            draft.write_text(json.dumps(report) + "\n", "ascii")
            draft.replace(path)
