"""A frame, or some frames of a span side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from carl_gui.panels.search.picture_box import draw_picture

_PICTURE = QSize(112, 63)
_GAP = 3
MOST_PICTURES = 5


class Filmstrip(QWidget):
    """Shows every other frame if not all fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Frames of the query"))
        self._frames: Sequence[int] = ()
        self._pictures: dict[int, QPixmap] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def frames(self) -> Sequence[int]:
        """What is to be seen."""
        return self._frames

    def picture(self, frame: int) -> QPixmap | None:
        """None while there is none."""
        return self._pictures.get(frame)

    def set_frames(self, frames: Sequence[int]) -> None:
        """Frames to show, at most five; their pictures come later."""
        self._frames = tuple(frames)
        self._pictures = {}
        self.updateGeometry()
        self.update()

    def set_picture(self, frame: int, picture: QPixmap) -> None:
        """Of one of them; others are passed over."""
        if frame in self._frames:
            self._pictures[frame] = picture
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(_width(max(1, len(self._frames))), _PICTURE.height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(_width(1), _PICTURE.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        frames = self._frames
        while len(frames) > 1 and _width(len(frames)) > self.width():
            frames = frames[::2]
        for place, frame in enumerate(frames):
            box = QRect(place * (_PICTURE.width() + _GAP), 0, _PICTURE.width(), _PICTURE.height())
            draw_picture(painter, self.palette(), box, self._pictures.get(frame))
        painter.end()


def _width(pictures: int) -> int:
    return pictures * (_PICTURE.width() + _GAP) - _GAP
