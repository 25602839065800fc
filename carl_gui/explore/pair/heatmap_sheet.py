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
from carl_gui.explore.pair.heatmap_pictures import HeatmapLayout, HeatmapPictures, Region
from carl_gui.explore.pair.model import Pair
from carl_gui.explore.pair.path_shape import PathShape, Pin
from carl_gui.explore.pair.repeated import RepeatedPair
from carl_gui.theme import colours_of

_MARGIN = 8


class HeatmapSheet(QObject):
    """Covers a whole widget."""

    changed = Signal()
    """The drawing is outdated."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self.pair: Pair | None = None
        self.shape: PathShape | None = None
        """None where there is no path."""
        self.look = Look()
        self._layout: HeatmapLayout | None = None
        self._captions = ("", "")
        self._region: Region | None = None
        self._is_path_faint = False
        self.deviating: Sequence[NDArray[np.bool_] | None] = (None, None)
        """(A,) and (B,) which frames deviate; None: that is not known, or the video is right."""
        self._drawn: QPixmap | None = None
        self.pictures = HeatmapPictures(self)
        self.pictures.changed.connect(self.invalidate)

    @property
    def layout(self) -> HeatmapLayout:
        """The layout of the heatmap; requires a pair."""
        assert self._layout is not None
        return self._layout

    @property
    def region(self) -> Region:
        """The visible region of both videos; requires a pair."""
        return self.layout.region

    def set_pair(self, pair: Pair | None, captions: tuple[str, str]) -> None:
        """Set the pair; for the same videos as before, the visible region stays."""
        is_same = pair is not None and self.pair is not None and (pair.a, pair.b) == (self.pair.a, self.pair.b)
        self.pair, self._captions = pair, captions
        if not is_same:
            self._region = None if pair is None else Region.whole(pair)
            self.pictures.set_pair(pair)
        self.update_layout()

    def set_shape(self, shape: PathShape | None) -> None:
        """Set the path."""
        self.shape = shape
        self.invalidate()

    def set_deviating(self, deviating: Sequence[NDArray[np.bool_] | None]) -> None:
        """Mark these frames along the axes."""
        is_same = [
            one is two or (one is not None and two is not None and np.array_equal(one, two))
            for one, two in zip(deviating, self.deviating, strict=True)
        ]
        if not all(is_same):
            self.deviating = deviating
            self.invalidate()

    def set_look(self, look: Look) -> None:
        """Set the colours of similarities."""
        self.look = look
        self.pictures.set_look(look)
        self.invalidate()

    def set_region(self, region: Region) -> None:
        """Set the visible region of both videos."""
        if self.pair is not None and region != self._region:
            self._region = region
            self.update_layout()

    def zoom(self, factor: float, at: QPointF) -> None:
        """Zoom by a factor around that point of the widget."""
        if self.pair is not None:
            point = at if self.layout.square.contains(at) else self.layout.square.center()
            self.set_region(self.region.zoomed(*self.layout.seconds_at(point), factor, self.pair))

    def fit(self) -> None:
        """Show all of both videos."""
        if self.pair is not None:
            self.set_region(Region.whole(self.pair))

    def follow(self, frames: Pin, before: Pin) -> None:
        """Show these frames, if the previous ones were visible."""
        if self.pair is not None:
            region, current, previous = self.region, self.seconds_of(*frames), self.seconds_of(*before)
            if region == region.following(*previous, self.pair):
                self.set_region(region.following(*current, self.pair))

    def seconds_of(self, a_frame: int, b_frame: int) -> tuple[float, float]:
        """Return the middle of the time for which each of the two is shown."""
        assert self.pair is not None
        a, b = self.pair.a, self.pair.b
        return a.middle(min(a_frame, len(a) - 1)), b.middle(min(b_frame, len(b) - 1))

    def spot(self, frames: Pin) -> QPointF:
        """Return the position of the two frames in the widget."""
        return self.layout.point(*self.seconds_of(*frames))

    def frames_near(self, point: QPointF) -> Pin:
        """Return the frames there; beyond the square, those at its edge."""
        square = self.layout.square
        assert self.pair is not None
        x = min(max(point.x(), square.left()), square.right())
        y = min(max(point.y(), square.top()), square.bottom())
        a_seconds, b_seconds = self.layout.seconds_at(QPointF(x, y))
        return self.pair.a.frame_at(a_seconds), self.pair.b.frame_at(b_seconds)

    def set_path_faint(self, is_faint: bool) -> None:
        """Set whether another course of the path is drawn over it."""
        if is_faint != self._is_path_faint:
            self._is_path_faint = is_faint
            self.invalidate()

    def update_layout(self) -> None:
        """Update the layout after a change of the widget's size, its font or the region."""
        self._layout = None
        if self.pair is not None and self._region is not None:
            room = QRectF(self._widget.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
            letters = QFontMetricsF(self._widget.font())
            self._layout = HeatmapLayout.within(room, letters, self.pair, self._region)
        self.invalidate()

    def invalidate(self) -> None:
        """Discard the cached drawing."""
        self._drawn = None
        self.changed.emit()

    def draw(self, painter: QPainter) -> None:
        """Draw the heatmap, and request sharper pictures of the visible region."""
        ratio = self._widget.devicePixelRatioF()
        if self._drawn is None or self._drawn.devicePixelRatio() != ratio:
            self._drawn = self._render(ratio)
        painter.drawPixmap(0, 0, self._drawn)

    def _render(self, ratio: float) -> QPixmap:
        widget, layout = self._widget, self._layout
        colours = colours_of(widget.palette())
        pixmap = QPixmap(widget.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(colours.base)
        if layout is None or self.pair is None:
            return pixmap
        self.pictures.ask(layout.region, (layout.square.size() * ratio).toSize())
        painter = QPainter(pixmap)
        painter.setFont(widget.font())
        shown = self.pictures.shown
        draw_pictures(painter, layout, shown)
        is_doubtful = self.pair.is_doubtful
        if is_doubtful:
            fade(painter, layout, colours)
        draw_veil(painter, layout, self.pair)
        draw_bar(painter, layout, shown[-1].look, shown[-1].scale, colours)
        if self.shape is not None:
            course = path_of(self.shape.course(layout.region), layout)
            draw_path(painter, layout, course, is_faint=self._is_path_faint or is_doubtful)
        if isinstance(self.pair, RepeatedPair):
            draw_repetitions(painter, layout, self.pair)
        draw_deviating(painter, layout, self.pair, self.deviating, colours)
        if is_doubtful and self.pair.is_matched:
            draw_doubt(painter, layout)
        draw_axes(painter, layout, self._captions, self.pair, colours)
        painter.end()
        return pixmap
