"""The help window: pages, and links between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QUrl
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QSplitter, QTextBrowser, QWidget

from carl_gui.panels.layouts import hbox
from carl_gui.panels.padded_delegate import PaddedDelegate

_SIZE = QSize(780, 600)
_SIDE = 200


class HelpWindow(QDialog):
    """Stays open while working; its contents are passed in."""

    def __init__(
        self, pages: Sequence[tuple[str, str]], text_of: Callable[[str], str], parent: QWidget | None = None
    ) -> None:
        """
        Args:
            pages: (name, title) in order.
            text_of: a page as Markdown, by name.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Help"))
        self.setWindowFlags(self.windowFlags() | Qt.WindowType.WindowMaximizeButtonHint)
        self._text_of, self._name = text_of, ""
        self.pages, self.text = QListWidget(), QTextBrowser(openLinks=False)
        self.pages.setItemDelegate(PaddedDelegate(self.pages))
        self.pages.setAccessibleName(self.tr("Pages of help"))
        self.text.setAccessibleName(self.tr("Help"))
        for name, title in pages:
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, name)
            self.pages.addItem(item)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.pages)
        parts.addWidget(self.text)
        parts.setStretchFactor(1, 1)
        parts.setSizes([_SIDE, _SIZE.width() - _SIDE])
        hbox(parts, on=self)
        self.resize(_SIZE)
        self.pages.currentItemChanged.connect(lambda item: self._show(item))
        self.text.anchorClicked.connect(self._follow)

    @property
    def name(self) -> str:
        """Which page is shown; empty: none yet."""
        return self._name

    def show_page(self, name: str) -> None:
        """Show this page, and the window in front."""
        items = [self.pages.item(row) for row in range(self.pages.count())]
        item = next((one for one in items if one.data(Qt.ItemDataRole.UserRole) == name), items[0])
        self.pages.setCurrentItem(item)
        self.show()
        self.raise_()
        self.activateWindow()
        self.text.setFocus()

    def _show(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._name = item.data(Qt.ItemDataRole.UserRole)
            self.text.setMarkdown(self._text_of(self._name))
            self.text.document().setDocumentMargin(16)

    def _follow(self, address: QUrl) -> None:
        self.show_page(address.path())

    def event(self, event: QEvent) -> bool:
        """The key is this window's here, not that of the command that opens it."""
        is_asked = event.type() == QEvent.Type.ShortcutOverride
        if is_asked and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F1:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """The key that opened it closes it, as Escape does."""
        if event.key() == Qt.Key.Key_F1:
            self.close()
        else:
            super().keyPressEvent(event)
