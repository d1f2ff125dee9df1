"""The scripted visits, played on the running program through the accessibility tree, a real pointer and a real reader.

After each visit nothing of the visitor is left in any process of the terminal, on its disk or in its logs (promise 1),
and the PIN never was in any (promise 3).
"""

from __future__ import annotations

import pytest

from kiosk.demo.visits import VISITS
from tests.e2e.played import play


@pytest.mark.timeout(1500)
def test_every_scripted_visit_ends_as_it_must_and_leaves_nothing(stage, subtests):
    play(*stage, subtests, VISITS)
