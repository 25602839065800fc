"""Help: the manual's pages in `assets/help`, and their window.

`make docs` makes a site of the same pages, with a reference of commands, settings and functions (`tools/manual.py`).
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources

from PySide6.QtCore import QEvent, QSize, Qt, QUrl
from PySide6.QtGui import QImage, QKeyEvent, QResizeEvent, QTextDocument
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QSplitter, QTextBrowser, QWidget

from carl_gui.widgets.delegate import PaddedDelegate
from carl_gui.widgets.factories import scaled_font
from carl_gui.widgets.layouts import hbox

_FOLDER = resources.files("assets.help")
_RECIPES = "recipes"
"""The page that ends in what the code says of each recipe."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Pages that belong together."""

    title: str
    pages: tuple[str, ...]
    """Names of files in `assets/help`; `explore-VIEW` for the views of Explore, else the ids of the window's pages."""


@functools.cache
def chapters() -> tuple[Chapter, ...]:
    """Return the chapters of the manual, in order."""
    found = tomllib.loads((_FOLDER / "contents.toml").read_text(encoding="utf-8"))["chapter"]
    return tuple(Chapter(one["title"], tuple(one["pages"])) for one in found)


@functools.cache
def page_names() -> tuple[str, ...]:
    """Return the names of all pages, in order."""
    return tuple(page for chapter in chapters() for page in chapter.pages)


def help_text(name: str) -> str:
    """Return a page as Markdown; KeyError: there is none."""
    if name not in page_names():
        raise KeyError(name)
    text = (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
    if name == _RECIPES:
        from core.settings.recipe_pages import describe_recipes  # no other page needs it

        text += "\n" + describe_recipes()
    return text


def help_title(name: str) -> str:
    """Return the heading of a page; KeyError: there is none."""
    if name not in page_names():
        raise KeyError(name)
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8").partition("\n")[0].lstrip("# ").strip()


def help_picture(path: str) -> bytes:
    """Return a picture of the pages; KeyError: there is none."""
    picture = _FOLDER.joinpath(*path.split("/"))
    if ".." in path or not picture.is_file():
        raise KeyError(path)
    return picture.read_bytes()


def help_page_for(topic: str) -> str:
    """Return the page that explains what is on the screen; the first one where none is about it."""
    return topic if topic in page_names() else page_names()[0]


_SIZE = QSize(900, 680)
_SIDE = 250
_MARGIN = 16


class HelpText(QTextBrowser):
    """A page of help, whose pictures are as wide as it is at most."""

    def __init__(self, picture_of: Callable[[str], bytes], parent: QWidget | None = None) -> None:
        """
        Args:
            picture_of: the bytes of a picture, by its address in the text; KeyError: there is none.
        """
        super().__init__(parent, openLinks=False)
        self._picture_of = picture_of
        self._pictures: dict[str, QImage] = {}
        """Those of the page that is shown, by address."""

    def set_page(self, markdown: str) -> None:
        """Show this text from its beginning."""
        self._pictures.clear()
        self.setMarkdown(markdown)
        self.document().setDocumentMargin(_MARGIN)

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802
        """Load pictures from what the program brings along, and nothing else."""
        address = name.path() if isinstance(name, QUrl) else name
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return None
        if address not in self._pictures:
            try:
                self._pictures[address] = QImage.fromData(self._picture_of(address))
            except KeyError:
                return None
        return self._fitting(self._pictures[address])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the pictures into the new width."""
        super().resizeEvent(event)
        for address, picture in self._pictures.items():
            self.document().addResource(
                QTextDocument.ResourceType.ImageResource.value, QUrl(address), self._fitting(picture)
            )
        if self._pictures:
            self.document().markContentsDirty(0, self.document().characterCount())

    def _fitting(self, picture: QImage) -> QImage:
        density = self.devicePixelRatioF()
        room = self.viewport().width() - 2 * _MARGIN - self.document().indentWidth() - 2  # it may stand in a list
        width = min(picture.width(), int(room * density))
        scaled = picture.scaledToWidth(max(1, width), Qt.TransformationMode.SmoothTransformation)
        scaled.setDevicePixelRatio(density)
        return scaled


class HelpWindow(QDialog):
    """Stays open while working; its contents are passed in."""

    def __init__(
        self,
        contents: Sequence[tuple[str, Sequence[tuple[str, str]]]],
        text_of: Callable[[str], str],
        picture_of: Callable[[str], bytes],
        parent: QWidget | None = None,
    ) -> None:
        """
        Args:
            contents: (title of a chapter, the name and title of each of its pages) in order.
            text_of: a page as Markdown, by name.
            picture_of: see `HelpText`.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Help"))
        self.setWindowFlags(self.windowFlags() | Qt.WindowType.WindowMaximizeButtonHint)
        self._text_of, self._name = text_of, ""
        self._items: dict[str, QListWidgetItem] = {}
        self.pages, self.text = QListWidget(), HelpText(picture_of)
        self.pages.setItemDelegate(PaddedDelegate(self.pages))
        self.pages.setAccessibleName(self.tr("Pages of help"))
        self.pages.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text.setAccessibleName(self.tr("Help"))
        for chapter, pages in contents:
            self._add_chapter(chapter, pages)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.pages)
        parts.addWidget(self.text)
        parts.setStretchFactor(1, 1)
        parts.setSizes([_SIDE, _SIZE.width() - _SIDE])
        hbox(parts, on=self)
        self.resize(_SIZE)
        self.pages.currentItemChanged.connect(lambda item: self._show(item))
        self.text.anchorClicked.connect(self._follow)

    def _add_chapter(self, title: str, pages: Sequence[tuple[str, str]]) -> None:
        heading = QListWidgetItem(title)
        heading.setFlags(Qt.ItemFlag.NoItemFlags)
        heading.setFont(scaled_font(self.pages.font(), bold=True))
        self.pages.addItem(heading)
        for name, about in pages:
            item = QListWidgetItem(about)
            item.setData(Qt.ItemDataRole.UserRole, name)
            self._items[name] = item
            self.pages.addItem(item)

    @property
    def name(self) -> str:
        """Which page is shown; empty: none yet."""
        return self._name

    def show_page(self, name: str) -> None:
        """Show this page, the first one where there is no such page, and the window in front."""
        first = next(iter(self._items.values()))
        self.show()
        self.pages.setCurrentItem(self._items.get(name, first))
        self.raise_()
        self.activateWindow()
        self.text.setFocus()

    def _show(self, item: QListWidgetItem | None) -> None:
        if item is not None and (name := item.data(Qt.ItemDataRole.UserRole)):
            self._name = name
            self.text.set_page(self._text_of(name))

    def _follow(self, address: QUrl) -> None:
        self.show_page(address.path().removesuffix(".md"))

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
