"""The selected frame of the map, large, and actions on it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from carl_gui.panels.elided import ElidedLabel, breakable
from carl_gui.panels.layouts import vbox
from carl_gui.panels.search.wide_picture import WidePicture
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import follow

_HIGHEST = 180


class ChosenBox(QWidget):
    """Shows what `set_*` gives it; its buttons are the map's commands."""

    def __init__(self, commands: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = WidePicture(self.tr("The chosen frame"), _HIGHEST)
        self._video, self._words = ElidedLabel(), QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._words.setMinimumWidth(1)
        self._hint = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._hint.setMinimumWidth(1)
        self._hint.setText(self.tr("Click a point to see its frame. Shift+drag to select many."))
        self._buttons = [
            follow(QPushButton(self.tr("Find similar")), commands["find_similar"], QAction.toolTip),
            follow(QPushButton(self.tr("Compare with playing frame")), commands["compare"], QAction.toolTip),
        ]
        vbox(
            section_title(self.tr("Chosen frame")),
            self._hint,
            self._picture,
            self._video,
            self._words,
            *self._buttons,
            on=self,
            spacing=6,
        )
        self.set_frame("", "")

    @property
    def words(self) -> tuple[str, str]:
        """The video's name, and what is said of the frame."""
        return self._video.full_text, self._words.text()

    @property
    def has_picture(self) -> bool:
        return self._picture.has_picture

    def set_frame(self, video: str, words: str) -> None:
        """Set which frame is chosen; empty: none. Its picture follows."""
        self._picture.set_picture(None)
        self._video.set_full_text(video)
        self._words.setText(breakable(words))
        self._hint.setVisible(not video)
        for widget in (self._picture, self._video, self._words, *self._buttons):
            widget.setVisible(bool(video))

    def set_picture(self, picture: QImage) -> None:
        """Of the frame that is chosen."""
        self._picture.set_picture(picture)
