"""Start of a search without a player: a video, one of its frames, and a button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QAction, QImage, QMouseEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSlider, QStyle, QStyleOptionSlider, QWidget

from carl_gui.models.choices import Choice
from carl_gui.panels.layouts import vbox
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.search.wide_picture import WidePicture
from carl_gui.panels.section import section_title
from carl_gui.panels.training.setting_editors import NoWheelMixin
from carl_gui.panels.widgets import follow

_HIGHEST = 150


class StartBox(QWidget):
    """Shows what `set_*` gives it; frames count from 0."""

    def __init__(self, search: QAction, parent: QWidget | None = None) -> None:
        """`search` is what the button does."""
        super().__init__(parent)
        self.videos, self.slider = NameCombo(self.tr("Video to search from")), _Slider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(self.tr("Frame to search for"))
        self.slider.setToolTip(self.slider.accessibleName())
        self._picture, self._words = (
            WidePicture(self.tr("Frame to search for"), _HIGHEST),
            QLabel(textFormat=Qt.TextFormat.PlainText),
        )
        self.button = follow(QPushButton(self.tr("Find similar frames")), search)
        self.video_selected = self.videos.chosen
        """The id of a video."""
        self.frame_selected = self.slider.valueChanged
        vbox(
            section_title(self.tr("Search for"), self.videos),
            self.videos,
            self._picture,
            self.slider,
            self._words,
            self.button,
            on=self,
            spacing=6,
        )

    @property
    def words(self) -> str:
        """Which frame that is."""
        return self._words.text()

    @property
    def has_picture(self) -> bool:
        return self._picture.has_picture

    def set_videos(self, choices: Sequence[Choice], chosen: int | None) -> None:
        """What can be searched from, and what is chosen; by id."""
        self.videos.set_choices(choices, chosen)

    def set_frame(self, frame: int, num_frames: int, words: str) -> None:
        """Set which frame is chosen, of how many, and when that is in words. Its picture follows."""
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(num_frames - 1, 0))
            self.slider.setPageStep(max(num_frames // 10, 1))
            self.slider.setValue(frame)
        self.slider.setEnabled(num_frames > 1)
        self.slider.setAccessibleDescription(words)
        self._words.setText(words)

    def set_picture(self, picture: QImage | None) -> None:
        """Of the chosen frame; None: it is not read yet."""
        self._picture.set_picture(picture)


class _Slider(NoWheelMixin, QSlider):
    """A slider that ignores the mouse wheel, and that a click leads to where it was."""

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The handle comes under the mouse, and is dragged on from there."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        at = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(at):
            left, room = at.x() - handle.width() // 2, self.width() - handle.width()
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), left, room))
        super().mousePressEvent(event)
