"""`guichet back-office certificates`: the public page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it so

PORT = 8445
_HELP = "serve the public page that verifies certificates by their code"


def add_parser(acts: Subparsers) -> None:
    """Register the verb below `guichet back-office`."""
    parser = acts.add_parser("certificates", help=_HELP, description=_HELP[0].upper() + _HELP[1:] + ".")
    parser.add_argument("--state", type=Path, default=None, help="state folder (default $GUICHET_STATE or .guichet)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="where to listen (default %(default)s; 0: any)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    from back_office.desk.serve import serve
    from back_office.installation import open_installation, state_folder
    from back_office.verification.serve import PAGES

    with open_installation(state_folder(args.state)) as it:
        serve(it, args.host, args.port, PAGES)
    return 0
