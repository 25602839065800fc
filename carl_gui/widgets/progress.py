"""Progress: a bar with rate and time left, and a row that can be paused and cancelled."""

from __future__ import annotations

import time

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar, QPushButton, QSizePolicy, QWidget

from carl_gui.theme import colours_of
from carl_gui.widgets.factories import named, push_button
from carl_gui.widgets.labels import wrapped_label
from carl_gui.widgets.layouts import hbox, vbox

_HEIGHT = 8
_WANDERING = 0.25
"""Share of the bar that is filled while its end is not known."""
_ROUND_SECONDS = 1.6
_FRAME_MS = 40


class ProgressBar(QProgressBar):
    """Without text. With a maximum of 0 the total is unknown, and it never looks full."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextVisible(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT)
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.timeout.connect(self._wander)

    @property
    def is_busy(self) -> bool:
        """Whether its end is not known."""
        return self.maximum() <= self.minimum()

    def filled_range(self, moment_seconds: float) -> tuple[float, float]:
        """Return the shares of the bar between which it is filled at this moment."""
        if not self.is_busy:
            return 0.0, max(self.value() - self.minimum(), 0) / (self.maximum() - self.minimum())
        way = moment_seconds / _ROUND_SECONDS % 1.0
        start = (1.0 - _WANDERING) * (1.0 - abs(2.0 * way - 1.0))
        return start, start + _WANDERING

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, _HEIGHT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(40, _HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Move only where it is seen, and while its end is not known."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self.is_busy and not self._timer.isActive():  # a change of its range paints it
            self._timer.start()
        start, end = self.filled_range(time.monotonic())
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        radius = groove.height() / 2
        painter.setBrush(QColor(colours.border))
        painter.drawRoundedRect(groove, radius, radius)
        if end > start:
            part = QRectF(groove)
            part.setLeft(groove.left() + start * groove.width())
            part.setWidth(max((end - start) * groove.width(), groove.height()))
            painter.setBrush(QColor(colours.curve if self.isEnabled() else colours.muted_text))
            painter.drawRoundedRect(part, radius, radius)
        painter.end()

    def _wander(self) -> None:
        if self.is_busy:
            self.update()
        else:
            self._timer.stop()


_FINE = 1000
_BAR_HEIGHT = 8


class ProgressRow(QWidget):
    """Hidden while no job is running."""

    cancel_requested = Signal()
    pause_requested = Signal()
    """To pause it, or to resume it."""

    def __init__(self, name: str, cancel_name: str, parent: QWidget | None = None) -> None:
        """What goes on, and what the button does, for those who do not see them."""
        super().__init__(parent)
        self._bar = named(ProgressBar(), name)
        self._words = wrapped_label()
        self._cancel = named(QPushButton(self.tr("Cancel")), cancel_name)
        self._cancel.clicked.connect(self._on_cancel)
        self._pause = push_button("", self.pause_requested)
        vbox(self._words, hbox((self._bar, 1), self._pause, self._cancel, spacing=8), on=self, spacing=4)
        self._is_pausable = True
        self._lock = ""
        self.set_pause("")
        self.set_progress(None, "")

    @property
    def words(self) -> str:
        """How far it has come; empty: nothing goes on."""
        return self._words.text()

    def set_progress(self, share: float | None, words: str) -> None:
        """Show how far it has come, 0 to 1 (None: not known), and in words; empty words: nothing runs."""
        if words and self.isHidden():
            self._cancel.setEnabled(not self._lock)
            self._cancel.setText(self.tr("Cancel"))
        self._bar.setRange(0, 0 if share is None and words else _FINE)
        if share is not None:
            self._bar.setValue(round(_FINE * min(share, 1.0)))
        self._words.setText(words)
        self._bar.setAccessibleDescription(words)
        self.setVisible(bool(words))

    def set_pause(self, text: str, *, is_enabled: bool = True) -> None:
        """Name the button that pauses or resumes; empty: there is none."""
        self._is_pausable = is_enabled
        self._pause.setText(text)
        self._pause.setEnabled(is_enabled and not self._lock)
        self._pause.setVisible(bool(text))

    def set_locked(self, reason: str) -> None:
        """Explain why it can be neither paused nor cancelled; empty: it can, and no one has asked for it yet."""
        self._lock = reason
        for button in (self._pause, self._cancel):
            button.setToolTip(reason)
        self._pause.setEnabled(self._is_pausable and not reason)
        self._cancel.setEnabled(not reason)
        self._cancel.setText(self.tr("Cancel"))

    def _on_cancel(self) -> None:
        self._cancel.setEnabled(False)  # what is being done ends first
        self._cancel.setText(self.tr("Stopping…"))
        self.cancel_requested.emit()
