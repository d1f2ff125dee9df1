"""One journey a service, in an office of their own: done at the terminal, its effect is looked for elsewhere.

As after the scripted visits, nothing of the visitor is left (promise 1).
"""

from __future__ import annotations

import pytest

from kiosk.demo.journeys import journeys
from tests.e2e.played import play


@pytest.mark.timeout(1500)
def test_every_service_is_done_at_the_terminal_and_has_its_effect(stage, subtests):
    play(*stage, subtests, journeys())
