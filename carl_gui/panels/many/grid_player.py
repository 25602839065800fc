"""The grid with its player: one seek bar and one row of buttons for all cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QWidget

from carl_gui.commands.player import COMMANDS
from carl_gui.panels.layouts import hbox, vbox
from carl_gui.panels.many.cell_grid import CellGrid
from carl_gui.panels.player.seek_bar import SeekBar, SeekPreview
from carl_gui.panels.player.span_marks import SpanMarks
from carl_gui.panels.player.transport import Transport
from carl_gui.panels.widgets import named
from carl_gui.timecode import clock

_ZOOM_STEP = 1.25
_LEFT_OUT = ("skeleton", "follow_person", "follow_largest")
"""Of a player's commands: body pose is not drawn here."""


class GridPlayer(QWidget):
    """Shows what `set_*` gives it and its cells; says what the person wants. Places are frames of the reference."""

    play_toggled = Signal()
    shuttled = Signal(int)
    """-1 backwards, 0 pause, 1 forwards; the same again is faster."""
    frames_stepped = Signal(int)
    seconds_stepped = Signal(float)
    frame_selected = Signal(int)
    similar_requested = Signal()
    """To the frame of the cell that has the focus."""

    def __init__(self, most: int, parent: QWidget | None = None) -> None:
        """`most`: cells."""
        super().__init__(parent)
        self._seconds: NDArray[np.float64] = np.zeros(0)
        self.commands = COMMANDS.actions(self, without=_LEFT_OUT)
        """By the names of a player's commands."""
        self.grid = CellGrid(most)
        self.bar = named(SeekBar(), self.tr("Position in the reference"))
        self.spans = SpanMarks(self.commands, self.bar, self)
        self._transport = Transport(self.commands)
        self._preview = SeekPreview(self)
        self._preview.set_pictured(False)
        room = hbox(self.grid, margins=(6, 0, 6, 0))  # as wide as the bar
        vbox((room, 1), self.bar, self._transport, on=self, margins=(0, 0, 0, 6), spacing=2)
        self._transport.setContentsMargins(6, 0, 6, 0)
        self._connect()
        self.set_times(np.zeros(0), 0.0)

    def _connect(self) -> None:
        handlers = {
            "play": self.play_toggled.emit,
            "shuttle_back": lambda: self.shuttled.emit(-1),
            "shuttle_stop": lambda: self.shuttled.emit(0),
            "shuttle_on": lambda: self.shuttled.emit(1),
            "frame_back": lambda: self.frames_stepped.emit(-1),
            "frame_on": lambda: self.frames_stepped.emit(1),
            "second_back": lambda: self.seconds_stepped.emit(-1.0),
            "second_on": lambda: self.seconds_stepped.emit(1.0),
            "first_frame": lambda: self.frame_selected.emit(0),
            "last_frame": lambda: self.frame_selected.emit(len(self._seconds) - 1),
            "zoom_in": lambda: self._zoom_by(_ZOOM_STEP),
            "zoom_out": lambda: self._zoom_by(1 / _ZOOM_STEP),
            "zoom_fit": self._fit,
            "zoom_pixels": lambda: self._zoom_to(1.0),
            "find_similar": self.similar_requested.emit,
        }
        for name, handler in handlers.items():
            self.commands[name].triggered.connect(lambda _=False, handler=handler: handler())
        self.loop_changed = self.spans.loop_changed
        """What playing repeats: first frame and end (exclusive); None: nothing."""
        self.similar_spans_requested = self.spans.similar_requested
        """To what the cell that has the focus does in these frames of the reference: the first one, and the end
    (exclusive)."""
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
        """The times of the reference's frames, (S,), and when the last one ends; none: there is nothing to play."""
        self._seconds = seconds
        self.bar.set_num_frames(len(seconds))
        self._transport.read_out.set_video(seconds, end_seconds)
        for action in self.commands.values():
            action.setEnabled(len(seconds) > 0)
        self.spans.set_num_frames(len(seconds))

    def set_place(self, place: int) -> None:
        """The frame of the reference that is being looked for or shown."""
        self.bar.set_place(place)
        self._transport.read_out.set_place(place)
        self.spans.set_place(place)

    def set_rate(self, rate: float, speed: float) -> None:
        """How fast it plays (negative is backwards, 0 pauses), and how fast it will play again."""
        self._transport.set_rate(rate, speed)

    def _hover(self, place: int) -> None:
        if place < 0:
            self._preview.hide()
        else:
            above = self.bar.mapTo(self, QPoint(round(self.bar.x_of(place)), -4))
            self._preview.show_at(above, f"{clock(float(self._seconds[place]))} · {place}")

    def _fit(self) -> None:
        for cell in self.grid.seen:
            cell.view.fit()

    def _zoom_by(self, factor: float) -> None:
        for cell in self.grid.seen:
            cell.view.set_zoom(cell.view.zoom * factor)

    def _zoom_to(self, zoom: float) -> None:
        for cell in self.grid.seen:
            cell.view.set_zoom(zoom)
