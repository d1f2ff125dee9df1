"""Icons as sharp as the screen: SVG files, coloured when they are drawn (the software renderer tints nothing)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtQuick import QQuickImageProvider
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).parent / "icons"


@lru_cache(maxsize=256)
def _drawing(name: str, colour: str, stroke: str) -> QByteArray:
    source = (FOLDER / f"{name}.svg").read_text("utf-8")
    return QByteArray(source.replace("currentColor", f"#{colour}").replace('stroke-width="2"', f'stroke-width="{stroke}"').encode())


class Icons(QQuickImageProvider):
    """`image://icon/NAME/RRGGBB/STROKE`."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)

    def requestImage(self, id: str, size: QSize, requestedSize: QSize) -> QImage:  # noqa: A002, N802, N803 - Qt's names
        """Draw one icon."""
        del size
        name, colour, stroke = [*id.split("/"), "2"][:3]
        side = max(requestedSize.width(), requestedSize.height(), 16)
        image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        QSvgRenderer(_drawing(name, colour, stroke)).render(painter)
        painter.end()
        return image
