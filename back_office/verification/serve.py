"""Serves the public page on a port of its own: whoever reaches it reaches nothing else of the back office."""

from __future__ import annotations

from back_office.desk.serve import Pages
from back_office.verification.pages import verification_app

PAGES = Pages("certificate page", "back-office/certificates.log", verification_app)
