"""What is wrong with something a person typed: a key of the texts and what to fill into it.

One place to import it from, for everything that checks answers. A problem is a returned value; it says
what is wrong and how to mend it, and never quotes a secret.
"""

from __future__ import annotations

from kiosk.domain.session.states import Problem

__all__ = ["Problem"]
