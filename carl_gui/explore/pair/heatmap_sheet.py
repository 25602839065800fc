"""The static parts of the heatmap, drawn once: pictures, path, axes and colour bar."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from carl_gui.explore.pair.heatmap_drawing import (
    draw_axes,
    draw_bar,
    draw_deviating,
    draw_doubt,
    draw_path,
    draw_pictures,
    draw_repetitions,
    draw_veil,
    fade,
    path_of,
)
from carl_gui.explore.pair.heatmap_look import Look
from carl_gui.explore.pair.heatmap_pictures import HeatmapPictures, Places, Region
from carl_gui.explore.pair.model import Pair
from carl_gui.explore.pair.path_shape import PathShape, Pin
from carl_gui.explore.pair.repeated import RepeatedPair
from carl_gui.theme import colours_of

_MARGIN = 8


class HeatmapSheet(QObject):
    """Covers a whole widget."""

    changed = Signal()
    """It has to be drawn again."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self.pair: Pair | None = None
        self.shape: PathShape | None = None
        """None where there is no path to see."""
        self.look = Look()
        self._places: Places | None = None
        self._captions = ("", "")
        self._region: Region | None = None
        self._is_path_faint = False
        self.deviating: Sequence[NDArray[np.bool_] | None] = (None, None)
        """(A,) and (B,) which frames deviate; None: that is not known, or the video is right."""
        self._drawn: QPixmap | None = None
        self.pictures = HeatmapPictures(self)
        self.pictures.changed.connect(self.forget)

    @property
    def places(self) -> Places:
        """The layout of the heatmap; requires a pair."""
        assert self._places is not None
        return self._places

    @property
    def region(self) -> Region:
        """The visible region of both videos; requires a pair."""
        return self.places.region

    def set_pair(self, pair: Pair | None, captions: tuple[str, str]) -> None:
        """Set the pair; for the same videos as before, the visible region stays."""
        is_same = pair is not None and self.pair is not None and (pair.a, pair.b) == (self.pair.a, self.pair.b)
        self.pair, self._captions = pair, captions
        if not is_same:
            self._region = None if pair is None else Region.whole(pair)
            self.pictures.set_pair(pair)
        self.lay_out()

    def set_shape(self, shape: PathShape | None) -> None:
        """Set the path."""
        self.shape = shape
        self.forget()

    def set_deviating(self, deviating: Sequence[NDArray[np.bool_] | None]) -> None:
        """Mark these frames along the axes."""
        is_same = [
            one is two or (one is not None and two is not None and np.array_equal(one, two))
            for one, two in zip(deviating, self.deviating, strict=True)
        ]
        if not all(is_same):
            self.deviating = deviating
            self.forget()

    def set_look(self, look: Look) -> None:
        """Set the colours of similarities."""
        self.look = look
        self.pictures.set_look(look)
        self.forget()

    def set_region(self, region: Region) -> None:
        """Set the visible region of both videos."""
        if self.pair is not None and region != self._region:
            self._region = region
            self.lay_out()

    def zoom(self, factor: float, at: QPointF) -> None:
        """Zoom by a factor around that point of the widget."""
        if self.pair is not None:
            point = at if self.places.square.contains(at) else self.places.square.center()
            self.set_region(self.region.zoomed(*self.places.seconds_at(point), factor, self.pair))

    def fit(self) -> None:
        """Show all of both videos."""
        if self.pair is not None:
            self.set_region(Region.whole(self.pair))

    def follow(self, frames: Pin, before: Pin) -> None:
        """Show these frames, if the previous ones were visible."""
        if self.pair is not None:
            region, now, then = self.region, self.seconds_of(*frames), self.seconds_of(*before)
            if region == region.following(*then, self.pair):
                self.set_region(region.following(*now, self.pair))

    def seconds_of(self, a_frame: int, b_frame: int) -> tuple[float, float]:
        """Return the middle of the time for which each of the two is shown."""
        assert self.pair is not None
        a, b = self.pair.a, self.pair.b
        return a.middle(min(a_frame, len(a) - 1)), b.middle(min(b_frame, len(b) - 1))

    def spot(self, frames: Pin) -> QPointF:
        """Return the position of the two frames in the widget."""
        return self.places.point(*self.seconds_of(*frames))

    def frames_near(self, point: QPointF) -> Pin:
        """Return the frames there; beyond the square, those at its edge."""
        square = self.places.square
        assert self.pair is not None
        x = min(max(point.x(), square.left()), square.right())
        y = min(max(point.y(), square.top()), square.bottom())
        a_seconds, b_seconds = self.places.seconds_at(QPointF(x, y))
        return self.pair.a.frame_at(a_seconds), self.pair.b.frame_at(b_seconds)

    def set_path_faint(self, is_faint: bool) -> None:
        """Set whether another course of the path is drawn over it."""
        if is_faint != self._is_path_faint:
            self._is_path_faint = is_faint
            self.forget()

    def lay_out(self) -> None:
        """Update the layout after a change of the widget's size, its font or the region."""
        self._places = None
        if self.pair is not None and self._region is not None:
            room = QRectF(self._widget.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
            letters = QFontMetricsF(self._widget.font())
            self._places = Places.within(room, letters, self.pair, self._region)
        self.forget()

    def forget(self) -> None:
        """Discard the cached drawing."""
        self._drawn = None
        self.changed.emit()

    def draw(self, painter: QPainter) -> None:
        """Draw the heatmap, and request sharper pictures of the visible region."""
        ratio = self._widget.devicePixelRatioF()
        if self._drawn is None or self._drawn.devicePixelRatio() != ratio:
            self._drawn = self._new(ratio)
        painter.drawPixmap(0, 0, self._drawn)

    def _new(self, ratio: float) -> QPixmap:
        widget, places = self._widget, self._places
        colours = colours_of(widget.palette())
        pixmap = QPixmap(widget.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(colours.base)
        if places is None or self.pair is None:
            return pixmap
        self.pictures.ask(places.region, (places.square.size() * ratio).toSize())
        painter = QPainter(pixmap)
        painter.setFont(widget.font())
        shown = self.pictures.shown
        draw_pictures(painter, places, shown)
        is_doubtful = self.pair.is_doubtful
        if is_doubtful:
            fade(painter, places, colours)
        draw_veil(painter, places, self.pair)
        draw_bar(painter, places, shown[-1].look, shown[-1].scale, colours)
        if self.shape is not None:
            course = path_of(self.shape.course(places.region), places)
            draw_path(painter, places, course, is_faint=self._is_path_faint or is_doubtful)
        if isinstance(self.pair, RepeatedPair):
            draw_repetitions(painter, places, self.pair)
        draw_deviating(painter, places, self.pair, self.deviating, colours)
        if is_doubtful and self.pair.is_matched:
            draw_doubt(painter, places)
        draw_axes(painter, places, self._captions, self.pair, colours)
        painter.end()
        return pixmap
