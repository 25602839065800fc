"""Widgets around the rows of the library, and placeholders."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from carl_gui import numbers
from carl_gui.models.videos import VideosModel
from carl_gui.panels.layouts import STRETCH, Stretch, hbox, vbox
from carl_gui.panels.widgets import lettered, push_button
from carl_gui.theme import colours_of

_LARGE = 1.5
_RADIUS = 10


class EmptyLibrary(QWidget):
    """A drop area for videos, with buttons."""

    files_requested = Signal()
    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = _title(self.tr("Drop videos or folders here"))
        self._note = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._note.setMinimumWidth(1)
        self._files = push_button(self.tr("Add files…"), self.files_requested)
        self._folder = push_button(self.tr("Add folder…"), self.folder_requested)
        vbox(
            Stretch(3),
            64,
            title,
            self._note,
            hbox(STRETCH, self._files, self._folder, STRETCH, spacing=8),
            Stretch(4),
            on=self,
            margins=36,
            spacing=14,
        )
        self._title = title
        self.set_read_only(False)

    def set_read_only(self, is_read_only: bool) -> None:
        """Set whether it is read-only."""
        self._title.setText(self.tr("No videos") if is_read_only else self.tr("Drop videos or folders here"))
        self._note.setText(
            self.tr("This project has no videos and is read-only.")
            if is_read_only
            else self.tr("Videos stay where they are; the project only links to them.")
        )
        for button in (self._files, self._folder):
            button.setVisible(not is_read_only)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(colours.border), 1.5, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.setBrush(QColor(colours.base))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
        self._draw_film(painter, QColor(colours.curve))

    def _draw_film(self, painter: QPainter, colour: QColor) -> None:
        """A strip of film with an arrow into it, above the title."""
        middle, top = self.width() / 2, self._title.y() - 68.0
        painter.setPen(QPen(colour, 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(middle - 34, top + 8, 68, 44), 5, 5)
        for side in (-26, 26):
            for place in range(4):
                painter.fillRect(QRectF(middle + side - 2.5, top + 13 + place * 10, 5, 5), colour)
        painter.drawLine(round(middle), round(top - 6), round(middle), round(top + 36))
        painter.drawLine(round(middle), round(top + 36), round(middle - 9), round(top + 27))
        painter.drawLine(round(middle), round(top + 36), round(middle + 9), round(top + 27))


class CountLine(QLabel):
    """`3 of 12 shown, 2 broken · 2 selected`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_counts(self, model: VideosModel, num_missing: int, num_selected: int) -> None:
        """Of these videos."""
        count, broken = model.num_videos, model.num_broken()
        words = self.tr("%n video(s)", "", count)
        if not model.filter.is_empty:
            words = self.tr("{0} of %n shown", "", count).format(numbers.count(model.rowCount()))
        if broken:
            words += self.tr(", %n broken", "", broken)
        if num_missing:
            words += self.tr(", %n missing", "", num_missing)
        if num_selected > 1:
            words += self.tr(" · %n selected", "", num_selected)
        self.setText(words)
        self.setToolTip(words)


class MissingNotice(QWidget):
    """A line that says how many files are missing; hidden if none."""

    find_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QLabel(wordWrap=True)
        self._find = push_button("", self.find_requested)
        hbox((self._text, 1), self._find, on=self, margins=(14, 5, 6, 5))
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """Set the number of missing videos."""
        self._text.setText(self.tr("%n video(s) (is|are) missing.", "", count))
        self._find.setText(self.tr("Find (it|them)…", "", count))
        self.setVisible(count > 0)

    def set_read_only(self, is_read_only: bool) -> None:
        """Set whether nothing can be found again."""
        self._find.setEnabled(not is_read_only)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.base))
        painter.setPen(QColor(colours.border))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.fillRect(0, 0, 4, self.height(), QColor(colours.warning))


class NothingMatches(QWidget):
    """Placeholder if the filter hides all videos."""

    clear_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._note.setMinimumWidth(1)
        clear = push_button(self.tr("Clear filter"), self.clear_requested)
        vbox(
            Stretch(2),
            _title(self.tr("No video matches")),
            self._note,
            (clear, 0, Qt.AlignmentFlag.AlignHCenter),
            Stretch(3),
            on=self,
            margins=None,
            spacing=12,
        )

    def set_hidden_count(self, count: int) -> None:
        """Set how many videos there are."""
        self._note.setText(self.tr("%n video(s) (is|are) hidden by the search or the filters.", "", count))


def _title(text: str) -> QLabel:
    label = QLabel(text, alignment=Qt.AlignmentFlag.AlignCenter)
    label.setFont(lettered(label.font(), scale=_LARGE, bold=True))
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # it widens nothing
    return label
