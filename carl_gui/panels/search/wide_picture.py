"""A picture of one frame, as wide as possible."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from carl_gui.panels.search.picture_box import draw_picture


class WidePicture(QWidget):
    """A 16:9 area with the frame as large as fits, or only the background."""

    def __init__(self, name: str, highest: int) -> None:
        """Of this name for screen readers, and at most so many pixels high."""
        super().__init__()
        self._highest = highest
        self.setAccessibleName(name)
        self._picture: QPixmap | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def has_picture(self) -> bool:
        return self._picture is not None

    def set_picture(self, picture: QImage | None) -> None:
        """Show this frame; None: it is not read yet."""
        self._picture = None if picture is None else QPixmap.fromImage(picture)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, 113)

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        return min(width * 9 // 16, self._highest)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        draw_picture(painter, self.palette(), self.rect(), self._picture)
        painter.end()
