"""Every screen in every state as a picture: `python -m ui.gallery FOLDER`, for the eye and for the documentation."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from kiosk.domain.session import states as at
from ui import examples, samples
from ui.app import build, settle
from ui.view_state import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SIZES = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
AROUND = Surroundings(office="Praha 2", terminal="T0007", demonstration=True, short_times=True, clock="09:41", now=0.0)


def sessions(language: str, comfort: at.Comfort) -> Iterator[tuple[str, at.Session]]:
    """Every example, in one language and one way of reading."""
    options: dict[str, Any] = {
        "language": language, "scale": comfort.text_scale, "contrast": comfort.high_contrast,
        "lowered": comfort.lowered,
    }  # fmt: skip
    with samples.installed():
        for name, phase in (*examples.phases(), *examples.sample_phases()):
            line = at.Line.OFFLINE if name.endswith("offline") else at.Line.ONLINE
            yield name, examples.session(phase, line=line, **options)
        yield from examples.sample_sessions(**options)
    for name, overlay in examples.overlays():
        yield f"over-{name}", examples.session(at.Menu(examples.VISITOR), overlay=overlay, **options)


def main(arguments: Sequence[str]) -> int:
    """Draw the gallery."""
    parser = argparse.ArgumentParser(prog="python -m ui.gallery", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--languages", default="en,cs,ar", help="comma-separated; xx is the pseudo-locale")
    parser.add_argument("--shape", choices=sorted(SIZES), action="append", help="default: both")
    parser.add_argument("--scale", type=int, choices=at.TEXT_SCALES, default=100, help="text size in per cent")
    parser.add_argument("--contrast", action="store_true", help="high contrast")
    parser.add_argument("--lowered", action="store_true", help="lower screen")
    parser.add_argument("--only", default="", help="regular expression on the names")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    comfort = at.Comfort("en", options.scale, options.contrast, options.lowered)
    kiosk = build(["gallery"], lambda _event: None, AROUND)
    for shape in options.shape or list(SIZES):
        kiosk.window.setGeometry(0, 0, *SIZES[shape])
        kiosk.window.show()
        for language in options.languages.split(","):
            for name, session in sessions(language, comfort):
                if re.search(options.only, name):
                    kiosk.render(session)
                    settle(kiosk)
                    kiosk.window.grabWindow().save(str(options.folder / f"{shape}-{language}-{name}.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
