"""One frame of a video, to be zoomed and panned, with body pose over it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from carl_gui.models.overlay import to_grey
from carl_gui.player.measure_drawing import DrawnMeasure, draw_measures
from core.base.types import Image
from core.pose.landmarks import EDGES, NAMES

_LEFT, _RIGHT, _MIDDLE, _HALO = QColor("#ffb454"), QColor("#5cc6ff"), QColor("#f4f4f4"), QColor(0, 0, 0, 150)
"""On pictures, which are the same in the light palette and in the dark one."""


def draw_skeleton(painter: QPainter, target: QRectF, points: NDArray[np.float32]) -> None:
    """Draw where a person is found; landmarks that are guessed beyond the picture's edge are cut off there.

    Args:
        target: where the picture lies.
        points: (33, 2) shares of its width and height; NaN where nobody was found, and then nothing is drawn.
    """
    if not np.isfinite(points).all():
        return
    positions = [QPointF(target.x() + x * target.width(), target.y() + y * target.height()) for x, y in points.tolist()]
    width = min(max(math.sqrt(target.width() * target.height()) / 200, 1.5), 6.0)
    lines = [(QLineF(positions[one], positions[other]), _colour(one, other)) for one, other in EDGES]
    painter.save()
    painter.setClipRect(target)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for line, _ in lines:
        painter.setPen(QPen(_HALO, width + 2))
        painter.drawLine(line)
    for line, colour in lines:
        painter.setPen(QPen(colour, width))
        painter.drawLine(line)
    painter.restore()


def draw_target(painter: QPainter, target: QRectF, share: tuple[float, float]) -> None:
    """Draw a ring around a point of a picture.

    Args:
        target: where the picture lies.
        share: of its width and height.
    """
    centre = QPointF(target.x() + share[0] * target.width(), target.y() + share[1] * target.height())
    radius = min(max(math.sqrt(target.width() * target.height()) / 40, 8.0), 24.0)
    painter.save()
    painter.setClipRect(target)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((_HALO, 5.0), (_MIDDLE, 2.5)):
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(centre, radius, radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_MIDDLE)
    painter.drawEllipse(centre, 2.5, 2.5)
    painter.restore()


def _colour(one: int, other: int) -> QColor:
    sides = {NAMES[landmark].partition(" ")[0] for landmark in (one, other)} & {"left", "right"}
    return _MIDDLE if len(sides) != 1 else _LEFT if "left" in sides else _RIGHT


_SURROUND = QColor("#141618")
"""Around a frame, in the light palette too: what is bright beside a picture changes how it looks."""
_MOST_ZOOM = 16.0
"""Times 100 % or the fitting size, whichever is larger."""
_WHEEL_STEP = 1.25
_PIXELS_FROM = 4.0
"""From this zoom on pixels are shown as squares."""
_MARGIN = 24
_PAD = 8
_CAPTION_GROUND, _CAPTION_INK = QColor(0, 0, 0, 190), QColor("#f2f4f4")
_BADGE_INK = QColor("#ff9288")
"""On the ground of a caption, whatever the theme."""
"""On a frame, which is of no theme."""


class FrameView(QWidget):
    """Displays one image of a video; `zoom` is device pixels per video pixel, so 1.0 is actual size.

    An image may be smaller than the video (a stored frame): it is drawn at the video's size.
    """

    zoom_changed = Signal(float, bool)
    """The zoom, and whether it follows the widget's size."""
    picked = Signal(float, float)
    """A point of the picture that `start_picking` asked for, in shares of its width and height."""
    measured = Signal(object)
    """Points that `start_measuring` asked for: ((x, y), ...) in shares of the picture's width and height."""
    painted = Signal()
    """A frame was drawn: what benchmarks wait for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Video frame"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._size = QSize(0, 0)
        self._image: Image | None = None
        self._halved: Image | None = None
        self._skeleton: NDArray[np.float32] | None = None
        self._sentence = self._caption = ""
        self._badge = ""
        self._greyed: tuple[Image, Image] | None = None
        """The last image below a caption, and the same in grey."""
        self._zoom: float | None = None
        self._centre = QPointF()
        """The video's point in the middle of the widget; unused while the frame fits."""
        self._grip: QPointF | None = None
        self._target_share: tuple[float, float] | None = None
        self._hint = ""
        """The request to point at something; empty while there is none."""
        self._measures: Sequence[DrawnMeasure] = ()
        self._num_points = 0
        """Points that are measured between; 0 while a single one is picked."""
        self._points: list[tuple[float, float]] = []
        """Those that were pointed at, and the one under the cursor."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(160, 90)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(640, 360)

    @property
    def video_size(self) -> QSize:
        """The full size of the frames."""
        return self._size

    def set_video_size(self, width: int, height: int) -> None:
        """Set the full size of the frames to come; forgets frame, sentence and zoom."""
        self._size = QSize(width, height)
        self._image = self._halved = None
        self._sentence = ""
        self.stop_picking()
        self.fit()

    def set_image(self, image: Image) -> None:
        """Set the image, (H, W, 3) RGB in the video's proportions; it must not be changed afterwards."""
        self._image, self._halved = np.ascontiguousarray(image), None
        self._sentence = ""
        self.update()

    def set_sentence(self, sentence: str) -> None:
        """Show a sentence in place of a frame."""
        self._image, self._halved, self._sentence = None, None, sentence
        self.setAccessibleDescription(sentence or self._caption)
        self.update()

    def set_skeleton(self, points: NDArray[np.float32] | None) -> None:
        """Draw a skeleton over the picture, as `draw_skeleton` takes it; None: none."""
        if points is not None or self._skeleton is not None:
            self._skeleton = points
            self.update()

    @property
    def skeleton(self) -> NDArray[np.float32] | None:
        """The skeleton over the picture."""
        return self._skeleton

    def set_target(self, share: tuple[float, float] | None) -> None:
        """Draw a ring around this point of the picture, in shares of its width and height; None: none."""
        if share != self._target_share:
            self._target_share = share
            self.update()

    @property
    def target(self) -> tuple[float, float] | None:
        """The point inside the ring."""
        return self._target_share

    def start_picking(self, hint: str) -> None:
        """Let the next click say a point of the picture (`picked`); the hint says what to point at. Esc ends it."""
        if self._image is not None:
            self._hint = hint
            self.setFocus()
            self._update_cursor()
            self.update()

    def start_measuring(self, num_points: int, hint: str) -> None:
        """Let the next clicks say so many points of the picture (`measured`); dragging says two. Esc ends it."""
        self.start_picking(hint)
        if self._hint:
            self._num_points, self._points = num_points, []
            self.setMouseTracking(True)

    def set_measures(self, measures: Sequence[DrawnMeasure]) -> None:
        """Draw lines and angles over the picture."""
        if measures != self._measures:
            self._measures = measures
            self.update()

    @property
    def measures(self) -> Sequence[DrawnMeasure]:
        """The lines and angles over the picture."""
        return self._measures

    def stop_picking(self) -> None:
        """Stop picking and measuring: a click moves the picture again."""
        self._num_points, self._points = 0, []
        self.setMouseTracking(False)
        if self._hint:
            self._hint = ""
            self._update_cursor()
            self.update()

    @property
    def hint(self) -> str:
        """The request to point at something; empty while there is none."""
        return self._hint

    def relative_point_at(self, at: QPointF) -> tuple[float, float] | None:
        """Return the picture's point there, in shares of its width and height; None: beside it."""
        if self._image is None or self._size.isEmpty():
            return None
        point = self.video_point(at)
        x, y = point.x() / self._size.width(), point.y() / self._size.height()
        return (x, y) if 0 <= x <= 1 and 0 <= y <= 1 else None

    def set_badge(self, badge: str) -> None:
        """Show a few words in a corner of the frame, on a dark ground, and an edge around it; empty: none."""
        if badge != self._badge:
            self._badge = badge
            self.update()

    @property
    def badge(self) -> str:
        """The words in the corner."""
        return self._badge

    def set_caption(self, caption: str) -> None:
        """Show a text over the frame, which is grey and dark below it; empty: the frame as it is."""
        if caption != self._caption:
            self._caption, self._greyed = caption, None
            self.setAccessibleDescription(caption or self._sentence)
            self.update()

    @property
    def caption(self) -> str:
        """The text over the frame."""
        return self._caption

    @property
    def sentence(self) -> str:
        return self._sentence

    @property
    def image(self) -> Image | None:
        """The current image."""
        return self._image

    @property
    def zoom(self) -> float:
        """Device pixels a pixel of the video."""
        return self._fitting_zoom() if self._zoom is None else self._zoom

    @property
    def fits(self) -> bool:
        return self._zoom is None

    def fit(self) -> None:
        """Fit the frame into the widget, whatever its size becomes."""
        self._zoom = None
        self._on_zoomed()

    def set_zoom(self, zoom: float, at: QPointF | None = None) -> None:
        """Zoom; the video's point at `at` (None: the middle) stays there while zooming in."""
        if self._size.isEmpty():
            return
        fitting, before = self._fitting_zoom(), self.zoom
        zoom = min(max(zoom, min(fitting, 1.0)), max(fitting, 1.0) * _MOST_ZOOM)
        if before > fitting >= zoom and at is not None:  # on its way out the wheel stops where the frame fits
            self.fit()
            return
        at = QPointF(self.rect().center()) if at is None else at
        held = self.video_point(at)
        self._zoom = zoom
        self._centre = held - (at - self._middle()) / self._scale()
        if zoom < before:
            self._centre = self._without_gaps(self._centre)
        self._on_zoomed()

    def video_point(self, at: QPointF) -> QPointF:
        """Return the video's point, in its pixels, that lies under a point of the widget."""
        return (at - self._target().topLeft()) / self._scale()

    def _on_zoomed(self) -> None:
        self._update_cursor()
        self.zoom_changed.emit(self.zoom, self.fits)
        self.update()

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def _scale(self) -> float:
        """Return the widget units per pixel of the video."""
        return self.zoom / self.devicePixelRatioF()

    def _fitting_zoom(self) -> float:
        if self._size.isEmpty():
            return 1.0
        ratio = min(self.width() / self._size.width(), self.height() / self._size.height())
        return max(ratio, 1e-3) * self.devicePixelRatioF()

    def _target(self) -> QRectF:
        """Return the rectangle of the frame, in the widget's units."""
        scale = self._scale()
        width, height = self._size.width() * scale, self._size.height() * scale
        centre = QPointF(self._size.width() / 2, self._size.height() / 2) if self.fits else self._centre
        corner = self._middle() - centre * scale
        return QRectF(corner.x(), corner.y(), width, height)

    def _without_gaps(self, centre: QPointF) -> QPointF:
        """Return the nearest centre that shows as much of the frame as there is room for."""

        def clamp(value: float, length: float, room: float) -> float:
            half = room / self._scale() / 2
            return length / 2 if 2 * half >= length else min(max(value, half), length - half)

        return QPointF(
            clamp(centre.x(), self._size.width(), self.width()), clamp(centre.y(), self._size.height(), self.height())
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if self._image is None:
            painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Base))
            painter.setPen(self.palette().color(QPalette.ColorRole.Text))
            room = QRectF(self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN))
            option = QTextOption(Qt.AlignmentFlag.AlignCenter)
            option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)  # paths have no spaces
            painter.drawText(room, self._sentence, option)
            painter.end()
            return
        painter.fillRect(event.rect(), _SURROUND)
        pixels = self._scaled_pixels(self._image)
        if self._caption:
            pixels = self._grey(pixels)
        height, width = pixels.shape[:2]
        shown = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB888)
        is_smooth = self.zoom < _PIXELS_FROM or self._image.shape[1] < self._size.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
        painter.drawImage(self._target(), shown)
        if self._skeleton is not None:
            draw_skeleton(painter, self._target(), self._skeleton)
        if self._target_share is not None:
            draw_target(painter, self._target(), self._target_share)
        if self._measures or self._points:
            draw_measures(painter, self._target(), [*self._measures, DrawnMeasure(tuple(self._points))])
        if self._caption:
            self._draw_text(painter, self._caption, self._target() & QRectF(self.rect()))
        if self._badge and not self._caption:
            self._draw_badge(painter)
        if self._hint:
            self._draw_text(painter, self._hint, QRectF(0, _PAD, self.width(), painter.fontMetrics().height() + _PAD))
        painter.end()
        self.painted.emit()

    def _scaled_pixels(self, image: Image) -> Image:
        """Return the image, halved while it stays larger than what is drawn: else fine lines would flicker."""
        drawn_width = self._size.width() * self.zoom
        if image.shape[1] < 2 * drawn_width:
            return image
        if self._halved is None or self._halved.shape[1] >= 2 * drawn_width or self._halved.shape[1] < drawn_width:
            while image.shape[1] >= 2 * drawn_width and min(image.shape[:2]) > 1:
                size = (max(1, image.shape[1] // 2), max(1, image.shape[0] // 2))
                image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
            self._halved = image
        return self._halved

    def _grey(self, image: Image) -> Image:
        """Return the image without colour, and dark."""
        if self._greyed is None or self._greyed[0] is not image:
            self._greyed = image, to_grey(image)
        return self._greyed[1]

    def _draw_text(self, painter: QPainter, words: str, room: QRectF) -> None:
        """Draw a text in the middle of the room, on several lines where it is narrow."""
        letters, wraps = painter.fontMetrics(), Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter
        widest = max(int(self.width()) - 4 * _PAD, 1)
        text = " ".join(letters.elidedText(word, Qt.TextElideMode.ElideRight, widest) for word in words.split())
        size = letters.boundingRect(QRect(0, 0, widest, self.height()), wraps, text).size()
        box = QRectF(0, 0, size.width() + 3 * _PAD, size.height() + _PAD)
        box.moveCenter(room.center())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_CAPTION_GROUND)
        round_by = (letters.height() + _PAD) / 2
        painter.drawRoundedRect(box, round_by, round_by)
        painter.setPen(_CAPTION_INK)
        painter.drawText(box.adjusted(1.5 * _PAD, _PAD / 2, -1.5 * _PAD, -_PAD / 2), wraps, text)

    def _draw_badge(self, painter: QPainter) -> None:
        """Draw the badge in the upper left corner of the visible frame, and an edge of the same colour around it."""
        ink, letters = _BADGE_INK, painter.fontMetrics()
        frame = (self._target() & QRectF(self.rect())).adjusted(1, 1, -1, -1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink, 2))
        painter.drawRect(frame)
        text = letters.elidedText(self._badge, Qt.TextElideMode.ElideRight, max(int(frame.width()) - 2 * _PAD, 1))
        box = QRectF(frame.left(), frame.top(), letters.horizontalAdvance(text) + 2 * _PAD, letters.height() + _PAD)
        painter.fillRect(box, _CAPTION_GROUND)
        painter.setPen(ink)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if self._image is not None and event.angleDelta().y():
            self.set_zoom(self.zoom * _WHEEL_STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._hint and event.button() == Qt.MouseButton.LeftButton:
            if (share := self.relative_point_at(event.position())) is not None:
                if self._num_points:
                    self._add_point(share)
                else:
                    self.stop_picking()
                    self.picked.emit(*share)
            return
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) and self._is_movable():
            self._grip = event.position()
            self._update_cursor()

    def _add_point(self, share: tuple[float, float]) -> None:
        """Set the point under the cursor; the next one goes with the cursor, until all are there."""
        self._points[-1:] = [share]
        if len(self._points) == self._num_points and share != self._points[-2]:
            points = tuple(self._points)
            self.stop_picking()
            self.measured.emit(points)
        elif share not in self._points[:-1]:
            self._points.append(share)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._num_points and (share := self.relative_point_at(event.position())) is not None:
            self._points[-1:] = [share]
            self.update()
        if self._grip is not None:
            moved = self._centre - (event.position() - self._grip) / self._scale()
            self._centre = QPointF(
                min(max(moved.x(), 0.0), self._size.width()), min(max(moved.y(), 0.0), self._size.height())
            )
            self._grip = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if len(self._points) > 1 and event.button() == Qt.MouseButton.LeftButton and self._is_dragged(event.position()):
            self._add_point(self._points[-1])
        self._grip = None
        self._update_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Switch between fitting and actual size."""
        if self._hint:
            return
        if self._image is not None and event.button() == Qt.MouseButton.LeftButton:
            if self.fits:
                self.set_zoom(1.0, event.position())
            else:
                self.fit()

    def event(self, event: QEvent) -> bool:
        is_shortcut_override = event.type() == QEvent.Type.ShortcutOverride and bool(self._hint)
        if is_shortcut_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()  # no command of the page has this Esc
            return True
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.set_zoom(self.zoom * (1 + event.value()), event.position())
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if self._hint and event.key() == Qt.Key.Key_Escape:
            self.stop_picking()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        if self.fits:
            self._on_zoomed()

    def _is_dragged(self, at: QPointF) -> bool:
        """Return whether the cursor is far from where the last point was set: it was drawn with the button held."""
        target, (x, y) = self._target(), self._points[-2]
        start = QPointF(target.x() + x * target.width(), target.y() + y * target.height())
        return (at - start).manhattanLength() >= QApplication.startDragDistance()

    def _is_movable(self) -> bool:
        return not self.fits and self._image is not None

    def _update_cursor(self) -> None:
        if self._hint:
            self.setCursor(Qt.CursorShape.CrossCursor)
            return
        shape = Qt.CursorShape.ClosedHandCursor if self._grip is not None else Qt.CursorShape.OpenHandCursor
        self.setCursor(shape if self._is_movable() else Qt.CursorShape.ArrowCursor)
