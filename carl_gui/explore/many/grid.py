"""The grid of videos: its cells and its player."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from carl_gui.player.commands import COMMANDS, MEASURING
from carl_gui.player.frame_view import FrameView
from carl_gui.player.seek_bar import SeekBar, SeekPreview, SpanMarks
from carl_gui.player.transport import Transport, stepping_handlers
from carl_gui.theme import colours_of
from carl_gui.timecode import clock
from carl_gui.widgets.factories import named
from carl_gui.widgets.layouts import hbox, vbox
from core.base.tiling import columns_for
from core.base.types import Image

_EDGE, _PAD = 2, 6
_TWO_LINES_FROM, _NARROW_TWO_LINES_FROM = 190, 130
"""The least heights in pixels of cells with two lines; in narrow ones, name and time do not fit side by side."""
_NARROW_CELL = 140
"""Pixels of a cell's width."""
_SEPARATOR = re.compile(r" · |, ")
"""Between parts of a note."""
_SUFFIX = re.compile(r"(?<=\w)\.[A-Za-z0-9]{2,4}$")
_NARROW = 22
"""Letters of a name below which `Reference` matters more than the name."""


class GridCell(QWidget):
    """Displays what `set_*` gives it."""

    menu_requested = Signal(QPoint)
    """The point on the screen."""
    focused = Signal()
    """It gained the focus."""

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
    def texts(self) -> tuple[str, str, str]:
        """The name, the time and the note, as far as there is room for them."""
        return self._name, self._time, self._note

    def set_video(self, name: str, tip: str, *, is_reference: bool) -> None:
        """Set the name and the tooltip of the video in this cell."""
        if (name, tip, is_reference) != (self._name, self._tip, self._is_reference):
            self._name, self._tip, self._is_reference = name, tip, is_reference
            self._describe()

    def set_note(self, note: str, details: str = "", doubt: str = "") -> None:
        """Set the note on how well it matches the reference, and its tooltip.

        `doubt`: the part of the note that is left out last.
        """
        if (note, details, doubt) != (self._note, self._details, self._doubt):
            self._note, self._details, self._doubt = note, details, doubt
            self._describe()

    def set_moment(self, time: str, image: Image | None, *, has_partner: bool = True, badge: str = "") -> None:
        """Set the time of the frame and its `image` (None: keep the previous one).

        `has_partner`: whether it matches the reference's frame; otherwise it is frozen.
        `badge`: a short remark on it.
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
        parts = [self._name, self.tr("the reference") if self._is_reference else "", self._note]
        self.view.setAccessibleName(", ".join(part for part in parts if part))
        self.view.setToolTip(
            "\n".join(part for part in (self._tip or self._name, parts[1], self._details or self._note) if part)
        )
        self.update()

    def _caption_height(self) -> int:
        return (2 if self._has_two_lines else 1) * self.fontMetrics().height() + 4

    @property
    def _has_two_lines(self) -> bool:
        min_height = _NARROW_TWO_LINES_FROM if self.width() < _NARROW_CELL else _TWO_LINES_FROM
        return self.height() >= min_height

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
            second_line = QRectF(room.left(), room.top() + line, room.width(), line)
            painter.setPen(QColor(colours.muted_text))
            time, note = self._time_and_note(int(second_line.width()))
            painter.drawText(second_line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, time)
            side = Qt.AlignmentFlag.AlignRight if time else Qt.AlignmentFlag.AlignLeft
            painter.drawText(second_line, side | Qt.AlignmentFlag.AlignVCenter, note)
        else:
            painter.setPen(QColor(colours.muted_text))
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._time)
            time_width = self.fontMetrics().horizontalAdvance(self._time) + _PAD if self._time else 0
            self._draw_name(painter, room.adjusted(0, 0, -time_width, 0))
        painter.end()

    def _time_and_note(self, room: int) -> tuple[str, str]:
        """Return the time and the note that fit into the room (pixels): as many parts of the note as fit, with the time
        if it fits too; only a first part that is too long is cut.
        """
        metrics = self.fontMetrics()
        ends = [len(self._note), *(found.start() for found in reversed(list(_SEPARATOR.finditer(self._note))))]
        notes = [self._note[:end] for end in ends] if not self._doubt else [self._note, self._doubt]
        for note in notes:
            for time in (self._time, ""):
                if metrics.horizontalAdvance(time + note) + 2 * _PAD * bool(time and note) <= room:
                    return time, note
        return "", metrics.elidedText(notes[-1], Qt.TextElideMode.ElideRight, room)

    def _draw_name(self, painter: QPainter, room: QRectF) -> None:
        """Draw the name; that of the reference is bold, and says so."""
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
        """Return the name that fits into the room (pixels); the file's suffix and most of `Reference` go first."""
        if metrics.horizontalAdvance(name) <= room:
            return name
        return self.tr("Ref.") if name == self.tr("Reference") else _SUFFIX.sub("", name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Open the menu, and let the frame around the cell follow the focus."""
        if isinstance(event, QFocusEvent) and event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
            if event.gotFocus():
                self.focused.emit()
        is_pressed = event.type() == QEvent.Type.KeyPress
        if is_pressed and isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.menu_requested.emit(self.view.mapToGlobal(self.view.rect().center()))
            return True
        return super().eventFilter(watched, event)


_GAP = 4
_ASPECT = 16 / 9
_LEAST = QSize(120, 90)


class CellGrid(QWidget):
    """Creates its cells once; unused ones are hidden."""

    def __init__(self, max_cells: int, parent: QWidget | None = None) -> None:
        """Create `max_cells` cells."""
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.cells = [GridCell(self) for _ in range(max_cells)]
        self._aspects: dict[int, float] = {}
        self._count = 0
        self.set_count(0)

    @property
    def visible_cells(self) -> list[GridCell]:
        """The visible cells."""
        return self.cells[: self._count]

    def set_count(self, count: int) -> None:
        """Set the number of visible cells."""
        self._count = count
        self._aspects = {cell: aspect for cell, aspect in self._aspects.items() if cell < count}
        for index, cell in enumerate(self.cells):
            cell.setVisible(index < count)
        self._lay_out()

    def set_size(self, cell: int, width: int, height: int) -> None:
        """Set the video size of a cell, in pixels."""
        self.cells[cell].view.set_video_size(width, height)
        self._aspects[cell] = width / height
        self._lay_out()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(3 * _LEAST.width(), 2 * _LEAST.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        """Choose the shape in which the median video is largest, so that a few odd ones change nothing."""
        if not self._count:
            return
        aspect = float(np.median(list(self._aspects.values()) or [_ASPECT]))
        below = self.fontMetrics().height() + 8
        columns = columns_for(self._count, self.width(), self.height(), aspect, below)
        rows = math.ceil(self._count / columns)
        across, down = (self.width() + _GAP) / columns, (self.height() + _GAP) / rows
        for index, cell in enumerate(self.visible_cells):
            row, column = divmod(index, columns)
            left, top = round(column * across), round(row * down)
            right, bottom = round((column + 1) * across) - _GAP, round((row + 1) * down) - _GAP
            cell.setGeometry(QRect(left, top, right - left, bottom - top))


_ZOOM_STEP = 1.25
_OMITTED_COMMANDS = ("skeleton", "follow_person", "follow_largest", *MEASURING)
"""The commands of a player that do not apply, as body pose is not drawn here."""


class GridPlayer(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user. Frames are those of the reference."""

    play_toggled = Signal()
    shuttled = Signal(int)
    """-1 backwards, 0 pause, 1 forwards; the same again is faster."""
    frames_stepped = Signal(int)
    seconds_stepped = Signal(float)
    frame_selected = Signal(int)
    similar_requested = Signal()
    """The frame of the focused cell."""

    def __init__(self, max_cells: int, parent: QWidget | None = None) -> None:
        """Create the player with `max_cells` cells."""
        super().__init__(parent)
        self._seconds: NDArray[np.float64] = np.zeros(0)
        self.commands = COMMANDS.actions(self, without=_OMITTED_COMMANDS)
        """By name, as those of a player."""
        self.grid = CellGrid(max_cells)
        self.bar = named(SeekBar(), self.tr("Position in the reference"))
        self.spans = SpanMarks(self.commands, self.bar, self)
        self._transport = Transport(self.commands)
        self._preview = SeekPreview(self)
        self._preview.set_has_thumbnails(False)
        room = hbox(self.grid, margins=(6, 0, 6, 0))  # as wide as the bar
        vbox((room, 1), self.bar, self._transport, on=self, margins=(0, 0, 0, 6), spacing=2)
        self._transport.setContentsMargins(6, 0, 6, 0)
        self._connect()
        self.set_times(np.zeros(0), 0.0)

    def _connect(self) -> None:
        handlers = {
            **stepping_handlers(self, lambda: len(self._seconds)),
            "zoom_in": lambda: self._zoom_by(_ZOOM_STEP),
            "zoom_out": lambda: self._zoom_by(1 / _ZOOM_STEP),
            "zoom_fit": self._fit,
            "zoom_pixels": lambda: self._zoom_to(1.0),
            "find_similar": self.similar_requested.emit,
        }
        for name, handler in handlers.items():
            self.commands[name].triggered.connect(lambda _=False, handler=handler: handler())
        self.loop_changed = self.spans.loop_changed
        """The frames to repeat: first frame and end (exclusive); None: none."""
        self.similar_spans_requested = self.spans.similar_requested
        """What the focused cell shows in these frames of the reference: first frame and end (exclusive)."""
        self.bar.frame_selected.connect(self.frame_selected)
        self.scrub_began = self.bar.scrub_began
        self.scrub_ended = self.bar.scrub_ended
        self.bar.hovered.connect(self._hover)
        self._transport.read_out.frame_selected.connect(self.frame_selected)
        self._transport.read_out.edit_ended.connect(self.grid.cells[0].view.setFocus)
        self.speed_selected = self._transport.speed_selected
        self._transport.zoom_selected.connect(self._zoom_to)
        self.grid.cells[0].view.zoom_changed.connect(self._transport.set_zoom)

    def set_times(self, seconds: NDArray[np.float64], end_seconds: float) -> None:
        """Set the times of the reference's frames, (S,), and when the last one ends; none: there is nothing to play."""
        self._seconds = seconds
        self.bar.set_num_frames(len(seconds))
        self._transport.read_out.set_video(seconds, end_seconds)
        for action in self.commands.values():
            action.setEnabled(len(seconds) > 0)
        self.spans.set_num_frames(len(seconds))

    def set_frame(self, frame: int) -> None:
        """Set the reference's frame that is requested or shown."""
        self.bar.set_frame_index(frame)
        self._transport.read_out.set_frame_index(frame)
        self.spans.set_frame_index(frame)

    def set_rate(self, rate: float, speed: float) -> None:
        """Set the playback rate (negative is backwards, 0 pauses), and the speed at which it resumes."""
        self._transport.set_rate(rate, speed)

    def _hover(self, frame: int) -> None:
        if frame < 0:
            self._preview.hide()
        else:
            above = self.bar.mapTo(self, QPoint(round(self.bar.x_of(frame)), -4))
            self._preview.show_at(above, f"{clock(float(self._seconds[frame]))} · {frame}")

    def _fit(self) -> None:
        for cell in self.grid.visible_cells:
            cell.view.fit()

    def _zoom_by(self, factor: float) -> None:
        for cell in self.grid.visible_cells:
            cell.view.set_zoom(cell.view.zoom * factor)

    def _zoom_to(self, zoom: float) -> None:
        for cell in self.grid.visible_cells:
            cell.view.set_zoom(zoom)
