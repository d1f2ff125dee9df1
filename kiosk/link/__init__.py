"""The link between visit, supervisor and agent: typed messages over one UNIX stream socket.

`messages` says what can be said, `frames` how it looks in bytes, `visit_link` is the visit's end. The agent's
end is `kiosk.agent.server`. Peers are known by SO_PEERCRED: same user, and the process announced for the visit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.link.frames import MAX_FRAME, FrameReader, LinkViolation, encode_frame
from kiosk.link.messages import (
    VERSION,
    Accepted,
    AgentLost,
    Answer,
    Append,
    Appended,
    AppendRefusal,
    AppendRefused,
    Ask,
    CallStaff,
    CloseVisit,
    Done,
    Environment,
    EnvironmentChanged,
    Follow,
    FromAgent,
    FromSupervisor,
    FromVisit,
    GetReference,
    Hello,
    NoAnswer,
    OpenVisit,
    Posted,
    Progress,
    Reference,
    Rejected,
    ReportDevices,
    ReportPrint,
    StaffCalled,
    SuperviseHello,
    ToAgent,
)
from kiosk.link.visit_link import VisitLink

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "MAX_FRAME",
    "VERSION",
    "Accepted",
    "AgentLost",
    "Answer",
    "Append",
    "AppendRefusal",
    "AppendRefused",
    "Appended",
    "Ask",
    "CallStaff",
    "CloseVisit",
    "Done",
    "Environment",
    "EnvironmentChanged",
    "Follow",
    "FrameReader",
    "FromAgent",
    "FromSupervisor",
    "FromVisit",
    "GetReference",
    "Hello",
    "LinkViolation",
    "NoAnswer",
    "OpenVisit",
    "Posted",
    "Progress",
    "Reference",
    "Rejected",
    "ReportDevices",
    "ReportPrint",
    "StaffCalled",
    "SuperviseHello",
    "ToAgent",
    "VisitLink",
    "encode_frame",
    "socket_path",
]


def socket_path(state: Path) -> Path:
    """Where the agent of the terminal in this state folder listens."""
    return state / "terminal" / "agent.sock"
