"""Every screen in every state as a picture: `python -m ui.gallery FOLDER [language,...] [portrait|landscape] [scale]`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest

from kiosk.domain.session import states as at
from ui import examples
from ui.app import build
from ui.view_state import Surroundings

SIZES = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
AROUND = Surroundings(office="Praha 2", terminal="T0007", demonstration=True, short_times=False, clock="09:41", now=0.0)


def main(arguments: list[str]) -> int:
    """Draw the gallery."""
    folder = Path(arguments[0])
    languages = arguments[1].split(",") if len(arguments) > 1 else ["en", "cs", "ar"]
    shapes = [arguments[2]] if len(arguments) > 2 else list(SIZES)  # noqa: PLR2004
    scale = int(arguments[3]) if len(arguments) > 3 else 100  # noqa: PLR2004
    contrast = "contrast" in arguments
    folder.mkdir(parents=True, exist_ok=True)
    kiosk = build(["gallery"], lambda _event: None, AROUND)
    for shape in shapes:
        kiosk.window.setGeometry(0, 0, *SIZES[shape])
        kiosk.show()
        for language in languages:
            shots = [(n, examples.session(p, language=language, scale=scale, contrast=contrast)) for n, p in examples.phases()]
            shots += [
                (f"over-{n}", examples.session(at.Menu(examples.VISITOR), language=language, scale=scale, overlay=o, contrast=contrast))
                for n, o in examples.overlays()
            ]
            for name, session in shots:
                kiosk.render(session)
                QTest.qWait(30)
                kiosk.window.grabWindow().save(str(folder / f"{shape}-{language}-{scale}-{name}.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
