"""Position and splitters of the window: saved, restored and reset."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

_GROUP = "layout"
_SIZE = QSize(1280, 800)
_SHARE_OF_SCREEN = 0.9


class WindowGeometry:
    """The layout of one window; a splitter takes part by its object name and its property `default_sizes`."""

    def __init__(self, window: QMainWindow, settings: QSettings) -> None:
        self._window, self._settings = window, settings
        self._first_state = window.saveState()

    def restore(self) -> None:
        """Restore the last state; the first one where nothing was kept, or it was damaged."""
        self._resize()
        geometry, state = self._kept("geometry"), self._kept("state")
        if geometry is not None:
            self._window.restoreGeometry(geometry)
        if state is not None:
            self._window.restoreState(state)

    def adopt(self, page: QWidget) -> None:
        """Divide a page that was just added as it was divided last."""
        for splitter in _splitters(page):
            sizes = self._kept(_key(splitter))
            if sizes is not None:
                splitter.restoreState(sizes)

    def save(self) -> None:
        """Save the present state."""
        self._settings.setValue(f"{_GROUP}/geometry", self._window.saveGeometry())
        self._settings.setValue(f"{_GROUP}/state", self._window.saveState())
        for splitter in _splitters(self._window):
            self._settings.setValue(f"{_GROUP}/{_key(splitter)}", splitter.saveState())
        self._settings.sync()

    def reset(self) -> None:
        """Restore the state of the first start."""
        self._settings.remove(_GROUP)
        self._window.showNormal()
        self._resize()
        self._window.restoreState(self._first_state)
        for splitter in _splitters(self._window):
            splitter.setSizes(splitter.property("default_sizes"))

    def _resize(self) -> None:
        room = self._window.screen().availableGeometry()
        size = _SIZE.boundedTo(room.size() * _SHARE_OF_SCREEN)
        self._window.resize(size)
        self._window.move(room.center() - self._window.rect().center())

    def _kept(self, key: str) -> QByteArray | None:
        found = self._settings.value(f"{_GROUP}/{key}")
        return found if isinstance(found, QByteArray) else None


def _key(splitter: QSplitter) -> str:
    """Return the key of these parts: sizes of other parts, as an older version may have kept them, do not fit."""
    return f"splitter_{splitter.objectName()}_{splitter.count()}"


def _splitters(widget: QWidget) -> list[QSplitter]:
    """Return the splitters below a widget; it may be one itself."""
    own = [widget] if isinstance(widget, QSplitter) else []
    return [found for found in (*own, *widget.findChildren(QSplitter)) if found.property("default_sizes")]
