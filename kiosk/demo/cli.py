"""`guichet demo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register `guichet demo`."""
    parser = subparsers.add_parser(
        "demo", help="a whole office on this machine",
        description="Starts back office, bank and message partners, workbench, agent and kiosk. With a display it opens the "
        "kiosk and the workbench side by side and leaves the rest to you; without one it plays the scripted visits on a "
        "virtual screen and leaves demo-output/.",
    )  # fmt: skip
    parser.add_argument("--state", type=Path, default=None, help="state folder (default: $GUICHET_STATE or .guichet)")
    parser.add_argument(
        "--output", type=Path, default=Path("demo-output"), help="where the scripted visits leave their results"
    )
    parser.add_argument("--scripted", action="store_true", help="play the scripted visits although there is a display")
    parser.add_argument("--only", default="", metavar="NAMES", help="scripted: only these visits, by comma")
    parser.add_argument(
        "--visits", choices=("spine", "services", "all"), default="spine",
        help="scripted: the visits of the spine (default), one journey a service in two languages, or all",
    )  # fmt: skip
    parser.add_argument("--fullscreen", action="store_true", help="the kiosk takes the whole screen")
    parser.add_argument("--landscape", action="store_true", help="1920x1080 instead of 1080x1920")
    parser.add_argument("--keep", action="store_true", help="scripted: keep the state folder of the last time")
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), default=None,
        help="what the back office keeps its record in: a SQLite file (default), or a private PostgreSQL started for it",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Start the office; play or wait."""
    import os

    from kiosk.demo import interactive, scripted

    if args.scripted or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return scripted.play(args)
    return interactive.run(args)
