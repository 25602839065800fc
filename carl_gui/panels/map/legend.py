"""Legend of the map's colours: patches with names, or a bar from start to end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from carl_gui.models.map_colours import LegendEntry, time_scale
from carl_gui.panels.elided import ElidedLabel
from carl_gui.panels.flow import FlowLayout
from carl_gui.panels.layouts import STRETCH, hbox, holder, vbox
from carl_gui.theme import DARK, colours_of

_BAR = QSize(180, 12)
_PATCH = 12
_WIDEST_NAME = 150
_SHADES = 180


class MapLegend(QWidget):
    """Displays what `set_*` gives it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Colour legend"))
        self._entries: list[LegendEntry] = []
        self._words = ElidedLabel()
        self._time = holder(
            hbox(QLabel(self.tr("Start of a video")), _TimeBar(), QLabel(self.tr("End")), STRETCH, spacing=8)
        )
        self._patches = QWidget()
        self._flow = FlowLayout(self._patches, gap=18, line_gap=4)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._patches.setSizePolicy(policy)
        vbox(self._time, self._patches, self._words, on=self, spacing=4)

    @property
    def entries(self) -> list[LegendEntry]:
        """Its patches."""
        return self._entries

    @property
    def words(self) -> str:
        """What it says beside them."""
        return self._words.full_text

    def set_legend(self, entries: Sequence[LegendEntry], words: str, *, has_time: bool) -> None:
        """Patches with names, a sentence (empty: none), and whether the bar is shown."""
        self._time.setVisible(has_time)
        self._words.set_full_text(words)
        self._words.setVisible(bool(words))
        if list(entries) != self._entries:
            self._entries = list(entries)
            while (item := self._flow.takeAt(0)) is not None:
                if (patch := item.widget()) is not None:
                    patch.deleteLater()
            for entry in self._entries:
                self._flow.addWidget(_Patch(entry))
        self._patches.setVisible(bool(entries))


class _Patch(QWidget):
    """A colour and its meaning."""

    def __init__(self, entry: LegendEntry) -> None:
        super().__init__()
        self._entry = entry
        self.setAccessibleName(entry.text)
        self.setToolTip(entry.text)

    def sizeHint(self) -> QSize:  # noqa: N802
        letters = self.fontMetrics()
        wide = min(letters.horizontalAdvance(self._entry.text) + 2, _WIDEST_NAME)
        return QSize(_PATCH + 6 + wide, max(letters.height(), _PATCH) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.setPen(QColor(colours.border))
        painter.setBrush(QColor(self._entry.colour))
        painter.drawRect(QRectF(0.5, (self.height() - _PATCH) / 2, _PATCH - 1, _PATCH - 1))
        painter.setPen(QColor(colours.text))
        box = self.rect().adjusted(_PATCH + 6, 0, 0, 0)
        text = painter.fontMetrics().elidedText(self._entry.text, Qt.TextElideMode.ElideMiddle, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class _TimeBar(QWidget):
    """The scale of time."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Colours of time, from start to end of a video"))
        self.setFixedSize(_BAR)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        shades = time_scale(_SHADES, is_dark=colours is DARK)
        painter.drawImage(self.rect(), QImage(shades.data, _SHADES, 1, 3 * _SHADES, QImage.Format.Format_RGB888))
        painter.setPen(QColor(colours.border))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
