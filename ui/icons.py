"""Icons and pictures as sharp as the screen: SVG, coloured when they are drawn (the software renderer tints nothing)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtQuick import QQuickImageProvider
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).parent / "icons"
PICTURES = Path(__file__).parent / "pictures"
SMALLEST = 16

_PALETTES: dict[str, dict[str, str]] = {
    "plain": {
        "SLEEVEEDGE": "#083650", "SLEEVE": "#2f7fb0", "SKINLINE": "#b98457", "SKINEDGE": "#b98457", "SKIN": "#f3cda6", "OUTLINE": "none", "READERLIP": "#083650",
        "READER": "#0b4a6f", "SLOT": "#04141f", "CARDWAVE": "#2f7fb0", "CARDEDGE": "#0b4a6f", "CARDINK": "#ffffff",
        "CARD": "#3f94c7",
    },
    "contrast": {
        "SLEEVEEDGE": "#ffffff", "SLEEVE": "#000000", "SKINLINE": "#000000", "SKINEDGE": "#000000", "SKIN": "#ffe14d", "OUTLINE": "#ffffff", "READERLIP": "#1c1c1c",
        "READER": "#000000", "SLOT": "#ffe14d", "CARDWAVE": "#2b2b2b", "CARDEDGE": "#ffffff", "CARDINK": "#ffffff",
        "CARD": "#000000",
    },
}  # fmt: skip
"""What stands in the pictures for a colour; names that begin alike stand longest first."""


@lru_cache(maxsize=256)
def _icon(name: str, colour: str, stroke: str) -> QByteArray:
    source = (ICONS / f"{name}.svg").read_text("utf-8")
    return QByteArray(source.replace("currentColor", f"#{colour}").replace('stroke-width="2"', f'stroke-width="{stroke}"').encode())


@lru_cache(maxsize=16)
def _picture(name: str, palette: str) -> QByteArray:
    source = (PICTURES / f"{name}.svg").read_text("utf-8")
    for word, colour in _PALETTES[palette].items():
        source = source.replace(word, colour)
    return QByteArray(source.encode())


@lru_cache(maxsize=256)
def _icon_image(id_: str, side: int) -> QImage:
    name, colour, stroke = [*id_.split("/"), "2"][:3]
    return _drawn(_icon(name, colour, stroke), side, side)


def _drawn(source: QByteArray, width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(source).render(painter, QRectF(0, 0, width, height))
    painter.end()
    return image


class Icons(QQuickImageProvider):
    """`image://icon/NAME/RRGGBB/STROKE`, square."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)

    def requestImage(self, id: str, size: QSize, requestedSize: QSize) -> QImage:  # noqa: A002, N802, N803 - Qt's names
        """Draw one icon, or give the one that was drawn before: Qt forgets pictures that nobody shows."""
        del size
        return _icon_image(id, max(requestedSize.width(), requestedSize.height(), SMALLEST))


class Pictures(QQuickImageProvider):
    """`image://picture/NAME/PALETTE`, in the size asked for."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)

    def requestImage(self, id: str, size: QSize, requestedSize: QSize) -> QImage:  # noqa: A002, N802, N803 - Qt's names
        """Draw one picture."""
        del size
        name, palette = id.split("/")
        return _drawn(_picture(name, palette), max(requestedSize.width(), SMALLEST), max(requestedSize.height(), SMALLEST))
