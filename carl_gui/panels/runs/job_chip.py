"""Background jobs in the status bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from carl_gui.models.runs import RunState
from carl_gui.numbers import duration, percent
from carl_gui.theme import colours_of

_BAR = 3
_SIDE = 10
_MOST_LETTERS = 48


@dataclass(frozen=True)
class JobShown:
    """One job, in translated words."""

    title: str
    """Such as `Training first`."""
    share: float | None
    """Done of the whole, 0 to 1; None while unknown."""
    eta_seconds: float
    """Seconds to go; 0 while unknown."""
    state: RunState
    """Under way: another one is not shown."""
    stage: str = ""
    """What it does now, where `share` cannot say how far the whole is; else empty."""


class JobChip(QAbstractButton):
    """`Training first 42 % · 3 min` over a thin bar; a click asks for more. Hidden while there is no job."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job: JobShown | None = None
        self._name = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_jobs(self, jobs: Sequence[JobShown]) -> None:
        """All jobs; the first one that does not wait is shown, and how many others there are."""
        job = next((one for one in jobs if one.state != "waiting"), jobs[0] if jobs else None)
        text = "" if job is None else self._worded(job, len(jobs) - 1)
        if (job, text) != (self._job, self.text()):
            self._job = job
            self.setText(text)
            self.setAccessibleName(text)
            self.setToolTip("\n".join(self._worded(one, 0) for one in jobs))
            self.updateGeometry()
            self.update()
        self.setVisible(job is not None)

    def _worded(self, job: JobShown, num_others: int) -> str:
        words = job.title if job.share is None else f"{job.title} {percent(job.share)}"
        if job.stage:
            words = f"{words} · {job.stage}"
        if job.state != "running":
            words = f"{words} · {self._state_words(job)}"
        elif num_others == 0 and job.eta_seconds > 0:
            words = f"{words} · {duration(job.eta_seconds)}"
        return self.tr("{0} (+%n waiting)", "", num_others).format(words) if num_others else words

    def _state_words(self, job: JobShown) -> str:
        words: dict[RunState, str] = {
            "waiting": self.tr("waiting"),
            "pausing": self.tr("pausing…"),
            "paused": self.tr("paused"),
            "stopping": self.tr("stopping…"),
        }
        return words[job.state]

    def sizeHint(self) -> QSize:  # noqa: N802
        letters = self.fontMetrics()
        width = min(letters.horizontalAdvance(self.text()), letters.averageCharWidth() * _MOST_LETTERS)
        return QSize(width + 2 * _SIDE, letters.height() + 10)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.fontMetrics().averageCharWidth() * 12, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        is_seen = self.hasFocus() or self.underMouse()
        painter.setPen(QPen(QColor(colours.curve if is_seen else colours.border), 2 if self.hasFocus() else 1))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Button))
        painter.drawRoundedRect(frame, 5, 5)
        painter.setPen(QColor(colours.text))
        inside = frame.adjusted(_SIDE - 1, 0, 1 - _SIDE, -_BAR)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, round(inside.width()) + 1)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self._job is not None and self._job.share is not None:
            groove = QRectF(inside.left(), frame.bottom() - _BAR - 1.5, inside.width(), _BAR)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.border))
            painter.drawRoundedRect(groove, _BAR / 2, _BAR / 2)
            groove.setWidth(max(_BAR, groove.width() * min(max(self._job.share, 0.0), 1.0)))
            painter.setBrush(QColor(colours.curve if self._job.state == "running" else colours.muted_text))
            painter.drawRoundedRect(groove, _BAR / 2, _BAR / 2)
        painter.end()
