"""Render the points of a map in a thread; the window only places the last picture."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from carl_gui.models.map_view import MapWindow
from core.map.points import Points


@dataclass(frozen=True, eq=False)
class Scatter:
    """The points to draw, independent of the view."""

    points: Points
    classes: NDArray[np.uint8]
    """(P,) of each point, in the order of the points."""
    palette: NDArray[np.float32]
    """(256, 4) as `core.map.drawing.draw_points` takes it."""
    background: tuple[int, int, int]
    size: float = 1.0
    """Times the size that fits."""
    opacity: float = 1.0


@dataclass(frozen=True, eq=False)
class Rendered:
    """A picture of a part of the map."""

    scatter: Scatter
    window: MapWindow
    ratio: float
    image: QImage
    num_seen: int
    """Points that are looked at: those in sight, and a few beyond the edge."""


class Renderer(QObject):
    """One thread with a slot for the newest request. Every finished picture is emitted, even if a newer request is
    waiting."""

    rendered = Signal(object)
    """`Rendered`."""

    _made = Signal(int, object)
    """From the thread to the window's."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waking = threading.Condition()
        self._wish: tuple[Scatter, MapWindow, float] | None = None
        self._ticket = 0
        """Counts the closings: what a thread of before still says is not heard."""
        self._thread: threading.Thread | None = None
        self._made.connect(self._on_job_event, Qt.ConnectionType.QueuedConnection)

    def ask(self, scatter: Scatter, window: MapWindow, ratio: float) -> None:
        """Draw this as soon as the last picture is done. The thread begins with the first wish.

        Args:
            ratio: pixels of the screen for one of the widget's.
        """
        with self._waking:
            self._wish = scatter, window, ratio
            self._waking.notify()
        if self._thread is None:
            ticket = self._ticket
            self._thread = threading.Thread(target=lambda: self._run(ticket), name="map", daemon=True)
            self._thread.start()

    def close(self, seconds: float = 5.0) -> None:
        """Say nothing more, and wait a moment for the picture that is being made. `ask` begins anew."""
        with self._waking:
            self._ticket += 1
            self._wish = None
            self._waking.notify()
        if self._thread is not None:
            self._thread.join(seconds)
            self._thread = None

    @Slot(int, object)
    def _on_job_event(self, ticket: int, made: Rendered) -> None:
        if ticket == self._ticket:
            self.rendered.emit(made)

    def _run(self, ticket: int) -> None:
        while (wish := self._next(ticket)) is not None:
            made = rendered(*wish)
            with contextlib.suppress(RuntimeError):  # the window is gone
                self._made.emit(ticket, made)

    def _next(self, ticket: int) -> tuple[Scatter, MapWindow, float] | None:
        with self._waking:
            self._waking.wait_for(lambda: self._wish is not None or ticket != self._ticket)
            wish, self._wish = (None if ticket != self._ticket else self._wish), None
            return wish


def rendered(scatter: Scatter, window: MapWindow, ratio: float) -> Rendered:
    """Draw it; any thread may."""
    from core.map.drawing import Ink, draw_points  # numba is not needed to start

    drawn = window.drawn_at(ratio)
    points = scatter.points
    count = _count(points.stretches(*drawn.bounds))
    ink = Ink.fitting(count, drawn, scatter.size * ratio, scatter.opacity)
    stretches = points.stretches(*drawn.grown(ink.radius).bounds)
    picture = draw_points(points.positions, scatter.classes, stretches, drawn, ink, scatter.palette, scatter.background)
    image = QImage(picture.data, drawn.width, drawn.height, 4 * drawn.width, QImage.Format.Format_RGB32)
    return Rendered(scatter, window, ratio, image.copy(), count)


def _count(stretches: NDArray[np.int64]) -> int:
    return int((stretches[:, 1] - stretches[:, 0]).sum())
