"""Help: its pages in `assets/help`, its window, and the button that opens one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import resources

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, QUrl
from PySide6.QtGui import QKeyEvent, QWhatsThisClickedEvent
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QSplitter, QTextBrowser, QToolButton, QWidget

from carl_gui.widgets.delegate import PaddedDelegate
from carl_gui.widgets.layouts import hbox

ORDER = (
    "start",
    "videos",
    "train",
    "explore-pair",
    "explore-many",
    "explore-search",
    "explore-map",
    "label",
    "export",
    "metrics",
)
"""As they are listed; `explore-VIEW` for the views of Explore, else the names of the steps."""


def help_text(name: str) -> str:
    """Return a page as Markdown; KeyError: there is none."""
    if name not in ORDER:
        raise KeyError(name)
    return (resources.files("assets.help") / f"{name}.md").read_text(encoding="utf-8")


def help_title(name: str) -> str:
    """Return the heading of a page; KeyError: there is none."""
    return help_text(name).partition("\n")[0].lstrip("# ").strip()


def help_page_for(topic: str) -> str:
    """Return the page that explains what is on the screen; the first one where none is about it."""
    return topic if topic in ORDER else ORDER[0]


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
        """Keep the key for this window; otherwise it would run the command that opens it."""
        is_asked = event.type() == QEvent.Type.ShortcutOverride
        if is_asked and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F1:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Close by the key that opened it, as by Escape."""
        if event.key() == Qt.Key.Key_F1:
            self.close()
        else:
            super().keyPressEvent(event)
