"""The seek bar, and the spans that are marked on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QBrush,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QSlider, QWidget

from carl_gui.widgets.layouts import vbox
from core.base.types import Image

_HEIGHT = 22
_GROOVE = 4
_HANDLE = 12
_FAINT = 0.25
_PAGES = 10
"""Presses of Page Up from the first frame to the last."""
_OWN_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
"""While it has the focus, whatever the page around it does by these."""
_BRACKET, _FOOT = 15, 4
"""Pixels: the height of the marks at a span's ends, and how far they reach into it."""
_THUMBNAIL = QSize(160, 120)


class SeekBar(QSlider):
    """A slider over the frames of a video: each has the same width, whatever the times between them."""

    frame_selected = Signal(int)
    """By the mouse or a key: the handle stands there already."""
    scrub_began = Signal()
    scrub_ended = Signal()
    hovered = Signal(int)
    """The frame under the cursor; -1 when it left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAccessibleName(self.tr("Position in the video"))
        self.setMouseTracking(True)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._hovered = -1
        self._span: tuple[int, int] | None = None
        self._missing: list[tuple[int, int]] = []
        self._loop: tuple[int, int] | None = None
        self.valueChanged.connect(self.frame_selected)  # by a key: `set_frame_index` emits nothing
        self._insets: tuple[float, float] | None = None
        self.set_num_frames(0)

    def set_num_frames(self, num_frames: int) -> None:
        """Set the length of the video; 0 is none."""
        with QSignalBlocker(self):
            self.setRange(0, max(0, num_frames - 1))
            self.setPageStep(max(1, num_frames // _PAGES))
            self.setValue(0)
        self.setEnabled(num_frames > 0)
        self._set_hovered(-1)
        self.update()

    def set_frame_index(self, frame_index: int) -> None:
        """Move the handle to this frame."""
        with QSignalBlocker(self):
            self.setValue(frame_index)
        self.update()

    @property
    def span(self) -> tuple[int, int] | None:
        """The marked span: first frame and end (exclusive)."""
        return self._span

    def set_span(self, span: tuple[int, int] | None) -> None:
        """Show these frames, from the first to before the end, as marked; None: none."""
        if span != self._span:
            self._span = span
            self.update()

    @property
    def loop(self) -> tuple[int, int] | None:
        """The loop: first frame and end (exclusive)."""
        return self._loop

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """Show these frames, from the first to before the end, as what is repeated; None: none."""
        if loop != self._loop:
            self._loop = loop
            self.update()

    @property
    def missing(self) -> list[tuple[int, int]]:
        """Stretches of frames without a partner: first frame and end (exclusive)."""
        return self._missing

    def set_missing(self, stretches: Sequence[tuple[int, int]]) -> None:
        """Show these stretches as ones that another video lacks."""
        if list(stretches) != self._missing:
            self._missing = list(stretches)
            self.update()

    def set_insets(self, left: float, right: float) -> None:
        """Let a frame lie where a timeline below has it, which begins and ends so many pixels within the bar."""
        if (left, right) != self._insets:
            self._insets = left, right
            self.update()

    def frame_at(self, x: float) -> int:
        """Return the frame under a point of the bar."""
        first, last = self._groove_ends()
        share = (x - first) / max(1.0, last - first)
        return round(min(max(share, 0.0), 1.0) * self.maximum())

    def x_of(self, frame_index: int) -> float:
        """Return the x of the middle of that frame."""
        first, last = self._groove_ends()
        return first + (last - first) * frame_index / max(1, self.maximum())

    def _groove_ends(self) -> tuple[float, float]:
        """Return the x of the first frame, and of the last one."""
        if self._insets is None:
            return _HANDLE / 2, self.width() - _HANDLE / 2
        left, right = self._insets
        half = (self.width() - left - right) / (self.maximum() + 1) / 2  # of a frame, whose middle it is
        return left + half, self.width() - right - half

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        colour = self.palette().color
        middle, x = self.height() / 2, self.x_of(self.value())
        first, last = self._groove_ends()
        groove = QRectF(first, middle - _GROOVE / 2, last - first, _GROOVE)
        faint = colour(QPalette.ColorRole.WindowText)
        faint.setAlphaF(_FAINT)
        painter.setBrush(faint)
        painter.drawRoundedRect(groove, _GROOVE / 2, _GROOVE / 2)
        if self.isEnabled():
            painter.setBrush(colour(QPalette.ColorRole.Highlight))
            groove.setRight(x)
            painter.drawRoundedRect(groove, _GROOVE / 2, _GROOVE / 2)
            self._paint_missing(painter)
            self._paint_loop(painter)
            self._paint_span(painter)
            if self._hovered >= 0:
                painter.drawRect(QRectF(self.x_of(self._hovered) - 0.5, middle - 7, 1, 14))
            if self.hasFocus():
                painter.setPen(colour(QPalette.ColorRole.WindowText))
            painter.drawEllipse(QRectF(x - _HANDLE / 2, middle - _HANDLE / 2, _HANDLE, _HANDLE))
        painter.end()

    def _paint_missing(self, painter: QPainter) -> None:
        """Cut and hatch the groove where there is no partner."""
        middle, colour = self.height() / 2, self.palette().color
        for start, end in self._missing:
            if start > self.maximum():
                continue
            last = min(end - 1, self.maximum())
            box = QRectF(self.x_of(start), middle - 4, max(self.x_of(last) - self.x_of(start), 2), 8)
            painter.fillRect(box, colour(QPalette.ColorRole.Window))
            painter.fillRect(box, QBrush(colour(QPalette.ColorRole.WindowText), Qt.BrushStyle.BDiagPattern))

    def _paint_loop(self, painter: QPainter) -> None:
        """Draw a line above the loop, with a foot at each end."""
        if self._loop is None:
            return
        first, last = self.x_of(self._loop[0]), self.x_of(self._loop[1] - 1)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Highlight))
        painter.drawRect(QRectF(first, 1, max(last - first, 2), 2))
        painter.drawRect(QRectF(first - 1, 1, 2, 6))
        painter.drawRect(QRectF(last - 1, 1, 2, 6))

    def _paint_span(self, painter: QPainter) -> None:
        """Draw brackets around the marked span, and a band between them."""
        if self._span is None:
            return
        first, last, middle = self.x_of(self._span[0]), self.x_of(self._span[1] - 1), self.height() / 2
        colour = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setBrush(colour)
        for x, way in ((first, 1), (last, -1)):
            painter.drawRect(QRectF(x - 1, middle - _BRACKET / 2, 2, _BRACKET))
            for y in (middle - _BRACKET / 2, middle + _BRACKET / 2 - 2):
                painter.drawRect(QRectF(min(x, x + way * _FOOT), y, _FOOT, 2))
        colour.setAlphaF(_FAINT)
        painter.setBrush(colour)
        painter.drawRect(QRectF(first, middle - _BRACKET / 2 + 2, last - first, _BRACKET - 4))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Highlight))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.scrub_began.emit()
            self._select_at(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.isSliderDown():
            self._select_at(event)
        self._set_hovered(self.frame_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.isSliderDown() and event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            self.scrub_ended.emit()
            if not self.rect().contains(event.position().toPoint()):
                self._set_hovered(-1)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        if not self.isSliderDown():
            self._set_hovered(-1)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        event.ignore()

    def event(self, event: QEvent) -> bool:
        is_shortcut_override = event.type() == QEvent.Type.ShortcutOverride
        if is_shortcut_override and isinstance(event, QKeyEvent) and event.key() in _OWN_KEYS and not event.modifiers():
            event.accept()
            return True
        return super().event(event)

    def _select_at(self, event: QMouseEvent) -> None:
        frame_index = self.frame_at(event.position().x())
        if frame_index != self.value() or event.type() == QEvent.Type.MouseButtonPress:
            self.set_frame_index(frame_index)
            self.frame_selected.emit(frame_index)

    def _set_hovered(self, frame_index: int) -> None:
        if frame_index != self._hovered:
            self._hovered = frame_index
            self.hovered.emit(frame_index)
            self.update()


class SeekPreview(QFrame):
    """A thumbnail with its time, above the cursor; covers its siblings and ignores the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self._picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._caption = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        vbox(self._picture, self._caption, on=self, margins=4, spacing=3)
        self._anchor = QPoint()
        self.hide()

    @property
    def caption(self) -> str:
        return self._caption.text()

    @property
    def pixmap(self) -> QPixmap:
        """The thumbnail."""
        return self._picture.pixmap()

    def set_video_size(self, width: int, height: int) -> None:
        """Set the proportions of the thumbnails to come, so that nothing jumps when they arrive."""
        size = QSize(width, height).scaled(_THUMBNAIL, Qt.AspectRatioMode.KeepAspectRatio)
        self._picture.setFixedSize(size.expandedTo(QSize(24, 24)))
        self._picture.clear()

    def set_has_thumbnails(self, has_thumbnails: bool) -> None:
        """Set whether thumbnails come at all; without them only the time is shown."""
        self._picture.setVisible(has_thumbnails)

    def show_at(self, bottom_centre: QPoint, caption: str) -> None:
        """Appear with this caption; the last thumbnail stays until the next."""
        self._caption.setText(caption)
        self._anchor = bottom_centre
        self.adjustSize()
        self._reposition()
        self.raise_()
        self.show()

    def set_image(self, image: Image) -> None:
        """Set the thumbnail, (H, W, 3) RGB."""
        pixels = np.ascontiguousarray(image)
        shown = QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], QImage.Format.Format_RGB888)
        ratio = self.devicePixelRatioF()
        keep, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        pixmap = QPixmap.fromImage(shown.scaled(self._picture.size() * ratio, keep, smooth))
        pixmap.setDevicePixelRatio(ratio)
        self._picture.setPixmap(pixmap)

    def _reposition(self) -> None:
        panel = self.parentWidget()
        room = panel.width() - self.width() if panel else 0
        x = min(max(self._anchor.x() - self.width() // 2, 0), max(0, room))
        self.move(x, max(0, self._anchor.y() - self.height()))


@dataclass
class MarkedSpan:
    """Between two marks, or from one mark to the shown frame."""

    start: int | None = None
    last: int | None = None
    """The last frame of it."""

    @property
    def is_marked(self) -> bool:
        """Whether a frame is marked."""
        return self.start is not None or self.last is not None

    @property
    def full_span(self) -> tuple[int, int] | None:
        """First frame and end (exclusive) where both ends are marked; None: one of them is not."""
        if self.start is None or self.last is None:
            return None
        return min(self.start, self.last), max(self.start, self.last) + 1

    def span_at(self, frame_index: int) -> tuple[int, int] | None:
        """Return first frame and end (exclusive), while `frame_index` is shown; None: nothing is marked."""
        if not self.is_marked:
            return None
        ends = [frame_index if mark is None else mark for mark in (self.start, self.last)]
        return min(ends), max(ends) + 1

    def clear(self) -> None:
        """Clear the marks."""
        self.start = self.last = None


class SpanMarks(QObject):
    """Frames count from 0; spans are first frame and end (exclusive)."""

    loop_changed = Signal(object)
    """The loop; None: none."""
    similar_requested = Signal(int, int)
    """Spans like this one."""

    def __init__(self, commands: Mapping[str, QAction], bar: SeekBar, parent: QObject) -> None:
        """`commands`: by the names of a player's; those of spans are done here."""
        super().__init__(parent)
        self._commands, self._bar = commands, bar
        self._marked = MarkedSpan()
        self._num_frames = self._frame_index = 0
        self._loop: tuple[int, int] | None = None
        self._hint: tuple[int, int] | None = None
        """The loop where nothing is marked here."""
        commands["loop"].setCheckable(True)
        commands["loop"].toggled.connect(self._show_loop)
        actions = {
            "mark_start": lambda: self._mark(start=self._frame_index),
            "mark_end": lambda: self._mark(last=self._frame_index),
            "find_span": self._request_similar,
            "forget_span": self._clear,
        }
        for name, action in actions.items():
            commands[name].triggered.connect(lambda _=False, action=action: action())

    @property
    def marked(self) -> tuple[int, int] | None:
        """The span that is marked; None: none is."""
        return self._marked.span_at(self._frame_index)

    @property
    def loop(self) -> tuple[int, int] | None:
        """The loop; None: none."""
        return self._loop

    def set_num_frames(self, num_frames: int) -> None:
        """Set the length of another video, in which nothing is marked."""
        self._num_frames, self._frame_index, self._hint = num_frames, 0, None
        self._clear()

    def set_frame_index(self, frame_index: int) -> None:
        """Set the frame that is being read or shown."""
        self._frame_index = frame_index
        self._show()

    def set_hint(self, span: tuple[int, int] | None) -> None:
        """Set the loop where nothing is marked here; None: the whole video."""
        if span != self._hint:
            self._hint = span
            self._show_loop()

    def _mark(self, start: int | None = None, last: int | None = None) -> None:
        self._marked.start = self._marked.start if start is None else start
        self._marked.last = self._marked.last if last is None else last
        self._show()

    def _clear(self) -> None:
        self._marked.clear()
        self._show()

    def _request_similar(self) -> None:
        if (span := self.marked) is not None:
            self.similar_requested.emit(*span)

    def _show(self) -> None:
        self._show_loop()
        self._bar.set_span(self.marked)
        for name in ("find_span", "forget_span"):
            self._commands[name].setEnabled(self._marked.is_marked)

    def _show_loop(self) -> None:
        count, loop = self._num_frames, None
        if self._commands["loop"].isChecked() and count:
            loop = self._marked.full_span or self._hint or (0, count)
        if loop != self._loop:
            self._loop = loop
            self._bar.set_loop(None if loop == (0, count) else loop)
            self.loop_changed.emit(loop)
