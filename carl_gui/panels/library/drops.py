"""Drag and drop of files and folders onto a panel."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from carl_gui.panels.widgets import lettered
from carl_gui.theme import colours_of

_LARGE = 1.5
_RADIUS = 10


def local_paths(data: QMimeData) -> list[Path]:
    """The files and folders of this computer that are dragged; addresses elsewhere are left out."""
    return [_path_of(url) for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []


def _path_of(url: QUrl) -> Path:
    if os.name == "posix" and not url.host():  # a name that is no UTF-8 would lose its bytes in `toLocalFile`
        return Path(os.fsdecode(unquote_to_bytes(url.path(QUrl.ComponentFormattingOption.FullyEncoded))))
    return Path(url.toLocalFile())


class DropTarget(QWidget):
    """Accepts drops anywhere on a panel, and covers it with an overlay while dragging over it."""

    dropped = Signal(list)
    """Paths."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self._panel = panel
        self._is_open = True
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        panel.setAcceptDrops(True)
        panel.installEventFilter(self)

    def set_open(self, is_open: bool) -> None:
        """Set whether anything may be dropped."""
        self._is_open = is_open

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """The panel's events: what is dragged, and its size."""
        kind = event.type()
        if kind == QEvent.Type.Resize:
            self.resize(self._panel.size())
        elif kind in (QEvent.Type.DragLeave, QEvent.Type.Drop):
            self.hide()
        if not isinstance(event, QDropEvent):  # enter and move are such, too
            return False
        paths = local_paths(event.mimeData()) if self._is_open else []
        if not paths:
            event.ignore()
            return True
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if isinstance(event, QDragEnterEvent):
            self.resize(self._panel.size())
            self.raise_()
            self.show()
        elif kind == QEvent.Type.Drop:
            self.dropped.emit(paths)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(colours.window)
        veil.setAlphaF(0.85)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(QColor(colours.curve), 3))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), _RADIUS, _RADIUS)
        painter.setFont(lettered(self.font(), scale=_LARGE, bold=True))
        painter.setPen(QColor(colours.text))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(24, 24, -24, -24), flags, self.tr("Drop to add to the project"))
