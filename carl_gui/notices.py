"""Desktop notifications when a long job is done."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

_SHOWN_MS = 12_000


class DesktopNotices(QObject):
    """The system's notifications, if any; the window's entry in the task bar requests attention in either case."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        self._hiding = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._hiding.timeout.connect(self.clear)
        self.said: list[tuple[str, str]] = []
        """What was told while nobody looked: title and sentence."""

    def tell(self, title: str, sentence: str) -> None:
        """Say it, unless the person looks at the window."""
        if QApplication.activeWindow() is not None:  # the window, or a dialog of it
            return
        self.said.append((title, sentence))
        QApplication.alert(self._window)
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
            self._tray.setToolTip(self.tr("CARL Studio"))
            self._tray.messageClicked.connect(self._raise)
            self._tray.activated.connect(self._raise)
        self._tray.show()  # a message needs an icon to come from
        self._tray.showMessage(title, sentence, self._window.windowIcon(), _SHOWN_MS)
        self._hiding.start()

    def clear(self) -> None:
        """Take the icon away."""
        if self._tray is not None:
            self._tray.hide()

    def _raise(self) -> None:
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
