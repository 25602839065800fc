"""Preview of accepting many labels at once: how many, where, and the least confident ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QProgressBar, QWidget

from carl_gui.models.rows import Choice
from carl_gui.widgets.buttons import PrimaryButton
from carl_gui.widgets.factories import named, push_button
from carl_gui.widgets.labels import ElidedLabel
from carl_gui.widgets.layouts import STRETCH, hbox, section_title, stacked, vbox
from carl_gui.widgets.tick_list import CheckedChoices, TickList

_PICTURE = QSize(128, 84)
_COLUMNS, _APART = 5, 10
_STRIPE = 4
"""Pixels: the colour of the phase under a picture."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One segment that would become a label."""

    video_id: int
    frame: int
    """In its middle: what its picture shows."""
    text: str
    """Its phase and how sure it is."""
    where: str
    tip: str
    """More on where."""
    colour: str
    """`#rrggbb`, of its phase."""


class AcceptDialog(QDialog):
    """Displays what `set_*` gives it; emits the user's requests. Closed by its owner, or by Cancel."""

    accept_requested = Signal()
    videos_changed = Signal()
    """Other videos are ticked."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(_COLUMNS * (_PICTURE.width() + _APART) + 40)
        self.resize(self.minimumWidth(), 620)
        self._heading = section_title("")
        self._explained, self._left_out = QLabel(wordWrap=True), QLabel(wordWrap=True)
        self._busy = ElidedLabel(self.tr("Checking the predictions…"))
        self.progress = named(QProgressBar(), self.tr("Progress"))
        self.model = CheckedChoices()
        self.model.setParent(self)
        self.view = TickList(self.model, self.tr("Videos that get labels"))
        self.model.dataChanged.connect(self.videos_changed)
        self.accept_button = PrimaryButton(self.tr("Accept"))
        self.accept_button.clicked.connect(self.accept_requested)
        self.tiles: list[TilePicture] = []
        """The least sure ones, the least sure first."""
        self._lay_out()
        self.set_progress(0, 0)

    def _lay_out(self) -> None:
        checking, found = QWidget(), QWidget()
        vbox(self._busy, self.progress, STRETCH, on=checking, margins=None)
        self._pictures = QGridLayout()
        self._pictures.setSpacing(_APART)
        self._pictures.setColumnStretch(_COLUMNS, 1)
        self._pictures_title = section_title(self.tr("The least sure"))
        self._videos_title = section_title(self.tr("Videos"), self.view)
        vbox(
            self._heading,
            self._explained,
            self._left_out,
            self._pictures_title,
            self._pictures,
            self._videos_title,
            (self.view, 1),
            on=found,
            spacing=8,
        )
        self._stack = stacked(checking, found)
        cancel = push_button(self.tr("Cancel"), self.reject)
        vbox((self._stack, 1), hbox(STRETCH, cancel, self.accept_button), on=self, margins=(18, 16, 18, 16), spacing=10)

    @property
    def heading(self) -> str:
        """The number of segments, videos and frames to accept."""
        return self._heading.text()

    @property
    def left_out(self) -> str:
        """The segments that are left out, and the reasons."""
        return self._left_out.text()

    def set_progress(self, done: int, of: int) -> None:
        """Show how many videos are checked."""
        self._stack.setCurrentIndex(0)
        self.progress.setRange(0, of)
        self.progress.setValue(done)
        self.accept_button.setEnabled(False)

    def set_found(
        self, explained: str, left_out: Sequence[str], videos: Sequence[Choice], tiles: Sequence[Tile]
    ) -> None:
        """Show what is done to what, what is left out and why, the videos, and the least sure segments."""
        self._explained.setText(explained)
        self._left_out.setText("\n".join(left_out))
        self._left_out.setVisible(bool(left_out))
        self.model.show(videos, [one.key for one in videos])
        for tile in tiles:
            picture = TilePicture(tile)
            self.tiles.append(picture)
            self._pictures.addWidget(picture, *divmod(len(self.tiles) - 1, _COLUMNS))
        for part in (self._pictures_title, self._videos_title, self.view):
            part.setVisible(bool(videos))
        self._stack.setCurrentIndex(1)

    def set_heading(self, heading: str, button: str, *, can_accept: bool) -> None:
        """Show the totals of the ticked videos."""
        self._heading.setText(heading)
        self.accept_button.setText(button)
        self.accept_button.setEnabled(can_accept)

    def set_picture(self, video_id: int, frame: int, image: QImage) -> None:
        """Set the picture of a tile."""
        for picture in self.tiles:
            if (picture.tile.video_id, picture.tile.frame) == (video_id, frame):
                picture.set_image(image)


class TilePicture(QWidget):
    """A frame of a segment above a stripe in its phase's colour, with its label and position."""

    def __init__(self, tile: Tile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tile = tile
        self.image: QImage | None = None
        self.setAccessibleName(f"{tile.text}, {tile.tip}")
        self.setToolTip(self.accessibleName())
        self.setFixedSize(_PICTURE.width(), _PICTURE.height() + _STRIPE + 2 * self.fontMetrics().lineSpacing() + 4)

    def set_image(self, image: QImage) -> None:
        """Set the frame."""
        self.image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, palette = QPainter(self), self.palette()
        width, height = _PICTURE.width(), _PICTURE.height()
        painter.fillRect(0, 0, width, height, palette.color(QPalette.ColorRole.Base))
        if self.image is not None:
            ratio = self.devicePixelRatioF()
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            pixmap = QPixmap.fromImage(self.image.scaled(_PICTURE * ratio, keep, smooth))
            pixmap.setDevicePixelRatio(ratio)
            shown = pixmap.deviceIndependentSize()
            painter.drawPixmap(round((width - shown.width()) / 2), round((height - shown.height()) / 2), pixmap)
        painter.fillRect(0, height, width, _STRIPE, QColor(self.tile.colour))
        letters, y = painter.fontMetrics(), height + _STRIPE + 2
        for text, role in (
            (self.tile.text, palette.ColorRole.Text),
            (self.tile.where, palette.ColorRole.PlaceholderText),
        ):
            painter.setPen(palette.color(role))
            elided_text = letters.elidedText(text, Qt.TextElideMode.ElideMiddle, width)
            painter.drawText(0, y, width, letters.lineSpacing(), Qt.AlignmentFlag.AlignLeft, elided_text)
            y += letters.lineSpacing()
        painter.end()
