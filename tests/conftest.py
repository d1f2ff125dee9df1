"""Its place puts `tests/` on the path, so that `from fakes.back_office import ...` works in every test.

Rules:
- A slow machine fails no generated test: time limits stand in the tests that are about time, and in pytest-timeout.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("guichet", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("guichet")
