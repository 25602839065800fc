"""One video of the grid: its frame, and below it name, time and similarity."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QWidget

from carl_gui.panels.player.frame_view import FrameView
from carl_gui.theme import colours_of
from core.base.types import Image

_EDGE, _PAD = 2, 6
_TWO_LINES_FROM, _NARROW_TWO_LINES_FROM = 190, 130
"""Pixels of a cell's height; smaller ones have one line. In narrow ones name and time have no room side by side."""
_NARROW_CELL = 140
"""Pixels of a cell's width."""
_SEPARATOR = re.compile(r" · |, ")
"""Between parts of a note."""
_SUFFIX = re.compile(r"(?<=\w)\.[A-Za-z0-9]{2,4}$")
_NARROW = 22
"""Letters; where there is no room for more, that it is the reference matters more than its name."""


class GridCell(QWidget):
    """Displays what `set_*` gives it."""

    menu_requested = Signal(QPoint)
    """At that point of the screen."""
    chosen = Signal()
    """It has the focus now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = FrameView(self)
        self.setFocusProxy(self.view)
        self.view.installEventFilter(self)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(lambda at: self.menu_requested.emit(self.view.mapToGlobal(at)))
        self._name = self._tip = self._time = self._note = self._details = self._doubt = ""
        self._is_reference = False

    @property
    def words(self) -> tuple[str, str, str]:
        """Name, time and note, as they are shown where there is room."""
        return self._name, self._time, self._note

    def set_video(self, name: str, tip: str, *, is_reference: bool) -> None:
        """Whose frames come now."""
        if (name, tip, is_reference) != (self._name, self._tip, self._is_reference):
            self._name, self._tip, self._is_reference = name, tip, is_reference
            self._describe()

    def set_note(self, note: str, details: str = "", doubt: str = "") -> None:
        """How well it goes along with the reference, in words; more of it in its tooltip.

        `doubt`: the part of the note that is left out last.
        """
        if (note, details, doubt) != (self._note, self._details, self._doubt):
            self._note, self._details, self._doubt = note, details, doubt
            self._describe()

    def set_moment(self, time: str, image: Image | None, *, has_partner: bool = True, badge: str = "") -> None:
        """The time of the frame that is shown; `image` is None where it is the one of before.

        `has_partner`: whether it belongs to what the reference shows; else it is only held.
        `badge`: what is odd about it, in few words.
        """
        self.view.set_badge(badge)
        if image is not None:
            self.view.set_image(image)
        self.view.set_caption("" if has_partner else self.tr("no match"))
        if time != self._time:
            self._time = time
            self.update(self._below())

    def set_sentence(self, sentence: str) -> None:
        """Set why there is no frame."""
        self._time = ""
        self.view.set_badge("")
        self.view.set_caption("")
        self.view.set_sentence(sentence)
        self.update()

    def _describe(self) -> None:
        said = [self._name, self.tr("the reference") if self._is_reference else "", self._note]
        self.view.setAccessibleName(", ".join(part for part in said if part))
        self.view.setToolTip(
            "\n".join(part for part in (self._tip or self._name, said[1], self._details or self._note) if part)
        )
        self.update()

    def _caption_height(self) -> int:
        return (2 if self._has_two_lines else 1) * self.fontMetrics().height() + 4

    @property
    def _has_two_lines(self) -> bool:
        least = _NARROW_TWO_LINES_FROM if self.width() < _NARROW_CELL else _TWO_LINES_FROM
        return self.height() >= least

    def _below(self) -> QRect:
        high = self._caption_height()
        return QRect(_EDGE, self.height() - high - _EDGE, self.width() - 2 * _EDGE, high)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        high = self.height() - self._caption_height() - 2 * _EDGE
        self.view.setGeometry(_EDGE, _EDGE, self.width() - 2 * _EDGE, max(high, 1))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        if self.view.hasFocus():
            painter.setPen(QColor(colours.curve))
            for inset in range(_EDGE):
                painter.drawRect(self.rect().adjusted(inset, inset, -inset - 1, -inset - 1))
        room = QRectF(self._below()).adjusted(_PAD, 2, -_PAD, -2)
        if self._has_two_lines:
            line = self.fontMetrics().height()
            self._draw_name(painter, QRectF(room.left(), room.top(), room.width(), line))
            rest = QRectF(room.left(), room.top() + line, room.width(), line)
            painter.setPen(QColor(colours.muted_text))
            time, note = self._time_and_note(int(rest.width()))
            painter.drawText(rest, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, time)
            side = Qt.AlignmentFlag.AlignRight if time else Qt.AlignmentFlag.AlignLeft
            painter.drawText(rest, side | Qt.AlignmentFlag.AlignVCenter, note)
        else:
            painter.setPen(QColor(colours.muted_text))
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._time)
            taken = self.fontMetrics().horizontalAdvance(self._time) + _PAD if self._time else 0
            self._draw_name(painter, room.adjusted(0, 0, -taken, 0))
        painter.end()

    def _time_and_note(self, room: int) -> tuple[str, str]:
        """Return the two as there is room for them (pixels): as many parts of the note as fit, with the time where it
        fits too; only where the first part is too long, that is cut."""
        metrics = self.fontMetrics()
        ends = [len(self._note), *(found.start() for found in reversed(list(_SEPARATOR.finditer(self._note))))]
        notes = [self._note[:end] for end in ends] if not self._doubt else [self._note, self._doubt]
        for note in notes:
            for time in (self._time, ""):
                if metrics.horizontalAdvance(time + note) + 2 * _PAD * bool(time and note) <= room:
                    return time, note
        return "", metrics.elidedText(notes[-1], Qt.TextElideMode.ElideRight, room)

    def _draw_name(self, painter: QPainter, room: QRectF) -> None:
        """The reference is said to be one, and bold."""
        colours, font = colours_of(self.palette()), self.font()
        font.setBold(self._is_reference)
        painter.setFont(font)
        painter.setPen(QColor(colours.curve) if self._is_reference else self.palette().color(QPalette.ColorRole.Text))
        name = self._name
        if self._is_reference:
            is_narrow = room.width() < _NARROW * painter.fontMetrics().averageCharWidth()
            name = self.tr("Reference") if is_narrow else self.tr("Reference: {0}").format(self._name)
        name = self._shortened(name, painter.fontMetrics(), int(room.width()))
        elided = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, int(room.width()))
        painter.drawText(
            room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, elided
        )
        painter.setFont(self.font())

    def _shortened(self, name: str, metrics: QFontMetrics, room: int) -> str:
        """Return what is left out first where there is no room (pixels): the kind of file, and most of `Reference`."""
        if metrics.horizontalAdvance(name) <= room:
            return name
        return self.tr("Ref.") if name == self.tr("Reference") else _SUFFIX.sub("", name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Return opens the menu; the frame around the cell follows the focus."""
        if isinstance(event, QFocusEvent) and event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
            if event.gotFocus():
                self.chosen.emit()
        is_pressed = event.type() == QEvent.Type.KeyPress
        if is_pressed and isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.menu_requested.emit(self.view.mapToGlobal(self.view.rect().center()))
            return True
        return super().eventFilter(watched, event)
