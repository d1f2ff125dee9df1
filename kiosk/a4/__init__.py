"""What is set on A4, at a terminal and at the desk alike, and the typeface of everything on paper.

certificate    a certificate as PDF
FONTS          the typeface, also for what is printed as a picture
"""

from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
"""Guichet Paper, regular and bold (see the README there)."""
