"""A line above the picture of a video whose file is missing, while its stored frames are shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from carl_gui.panels.layouts import hbox
from carl_gui.theme import colours_of

_EDGE = 4


class MissingLine(QWidget):
    """Offers to find the file; hidden if it exists."""

    find_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = QLabel(self.tr("File missing; showing stored frames."), textFormat=Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setMinimumWidth(1)
        self._find = QPushButton(self.tr("Find…"))
        self._find.setAccessibleName(self.tr("Find the file of this video"))
        self._find.setToolTip(self.tr("Choose a folder; the file is looked for there and below, whatever its name"))
        self._find.clicked.connect(self.find_requested)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        hbox((words, 1), self._find, on=self, margins=(12, 3, 6, 3))
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Painted, since a style sheet would keep the look in which it was written."""
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.base))
        painter.fillRect(0, 0, _EDGE, self.height(), QColor(colours.warning))
        painter.end()
