"""The button with a question mark, which opens a page of help."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QShowEvent, QWhatsThisClickedEvent
from PySide6.QtWidgets import QDialog, QToolButton, QWidget


class HelpButton(QToolButton):
    """Asks its parent windows, nearest first, to show a page; the one that accepts `QWhatsThisClickedEvent` does."""

    def __init__(self, page: str, about: str, parent: QWidget | None = None) -> None:
        """
        Args:
            page: name of a page of help.
            about: what it explains, translated.
        """
        super().__init__(parent)
        self._page = page
        self.setText(self.tr("?"))
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Help: {0}").format(about))
        self.setToolTip(self.accessibleName())
        self.clicked.connect(self._ask)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Take the key for help in a dialog, which the window's own command does not reach."""
        super().showEvent(event)
        self.setShortcut(Qt.Key.Key_F1 if isinstance(self.window(), QDialog) else "")

    @property
    def page(self) -> str:
        """Which page it opens."""
        return self._page

    def _ask(self) -> None:
        over: QWidget | None = self.window()
        while over is not None:
            event = QWhatsThisClickedEvent(self._page)
            event.ignore()
            QCoreApplication.sendEvent(over, event)
            if event.isAccepted():
                return
            parent = over.parentWidget()
            over = parent.window() if parent is not None else None
