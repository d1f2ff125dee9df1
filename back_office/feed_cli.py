"""`guichet back-office feed-restart`: tells every terminal to read its office's feed from the beginning.

For after a restore that the server cannot notice by itself (see `back_office.feed`).
"""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register `feed-restart` among the verbs of `guichet back-office`."""
    parser = subparsers.add_parser(
        "feed-restart",
        help="let every terminal read the feed from the beginning",
        description="For after a restore from a backup: every cursor ends, terminals build their caches anew. Journals "
        "are not touched, and service goes on.",
    )
    parser.add_argument("--reason", required=True, help="why, for the audit log")
    parser.add_argument("--by", default=None, metavar="NAME", help="who does this, for the audit log")
    parser.add_argument("--state", type=Path, default=None, help="state folder (default $GUICHET_STATE or .guichet)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Restart the feed and say so."""
    from back_office import feed
    from back_office.installation import open_installation, state_folder

    with open_installation(state_folder(args.state)) as it, it.work() as work:
        feed.restart(work, args.by or getpass.getuser(), args.reason)
    sys.stdout.write("every terminal will read the feed from the beginning\n")
    return 0
