"""The status line: the device, running jobs and their results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QMainWindow, QSizePolicy, QSystemTrayIcon, QWidget

from carl_gui.job_control.recovery import EMBED, MAP, TRAIN
from carl_gui.jobs import Jobs
from carl_gui.models.runs import RunState, stage_name
from carl_gui.numbers import duration, percent
from carl_gui.theme import colours_of
from carl_gui.widgets.labels import ElidedLabel, shown
from core.base.events import Event, Failed, Finished, Progress, StepDone
from training.queue import QueuedJob

_SHOWN_MS = 12_000


class DesktopNotices(QObject):
    """The system's notifications, if any; the window's entry in the task bar requests attention in either case."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        self._hiding = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._hiding.timeout.connect(self.clear)
        self.sent: list[tuple[str, str]] = []
        """The notices shown while the window had no focus: title and sentence."""

    def notify(self, title: str, sentence: str) -> None:
        """Show a notice, unless the person looks at the window."""
        if QApplication.activeWindow() is not None:  # the window, or a dialog of it
            return
        self.sent.append((title, sentence))
        QApplication.alert(self._window)
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
            self._tray.setToolTip(self.tr("CARL Studio"))
            self._tray.messageClicked.connect(self._raise)
            self._tray.activated.connect(self._raise)
        self._tray.show()  # a message needs an icon to come from
        self._tray.showMessage(title, sentence, self._window.windowIcon(), _SHOWN_MS)
        self._hiding.start()

    def clear(self) -> None:
        """Remove the icon."""
        if self._tray is not None:
            self._tray.hide()

    def _raise(self) -> None:
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()


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
        """Show the first of these jobs that does not wait, and how many others there are."""
        job = next((one for one in jobs if one.state != "waiting"), jobs[0] if jobs else None)
        text = "" if job is None else self._message_of(job, len(jobs) - 1)
        if (job, text) != (self._job, self.text()):
            self._job = job
            self.setText(text)
            self.setAccessibleName(text)
            self.setToolTip("\n".join(self._message_of(one, 0) for one in jobs))
            self.updateGeometry()
            self.update()
        self.setVisible(job is not None)

    def _message_of(self, job: JobShown, num_others: int) -> str:
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


IMPORT, SAMPLE, FILM, REPETITIONS, MEASURE = "import", "sample", "film", "repetitions", "measure"
"""Kinds of jobs that are not offered again."""


class StatusController(QObject):
    """Shows jobs from anywhere in the window."""

    page_requested = Signal(str)
    """The person wants to see what is running."""

    def __init__(self, window: QMainWindow, jobs: Jobs) -> None:
        super().__init__(window)
        self._jobs = jobs
        self._progress: dict[QueuedJob, tuple[float | None, float, str]] = {}
        """Share, seconds to go, and the stage, where the share is not of the whole."""
        self._elsewhere: Sequence[JobShown] = ()
        """What other processes do in this project."""
        self.notices = DesktopNotices(window)
        self._device = ElidedLabel()
        self._device.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._device.setContentsMargins(8, 2, 8, 2)
        self.chip = JobChip()
        window.statusBar().addWidget(self._device, 1)
        window.statusBar().addPermanentWidget(self.chip)
        self.chip.clicked.connect(self._show_page)
        jobs.changed.connect(self._show)
        jobs.event_received.connect(self._on_job_event)
        jobs.finished.connect(self._on_job_finished)
        self._show()

    def set_device(self, line: str) -> None:
        """Set the device training will use."""
        self._device.set_full_text(line)

    def set_elsewhere(self, jobs: Sequence[JobShown]) -> None:
        """Show these too: they run without this window, which did not start them or left them running."""
        if jobs != self._elsewhere:
            self._elsewhere = jobs
            self._show()

    def device_line(self) -> str:
        """Return the text about the device."""
        return self._device.full_text

    def title(self, job: QueuedJob) -> str:
        """Return what a job does, for a person."""
        titles = {
            TRAIN: self.tr("Training {0}"),
            EMBED: self.tr("Embedding with {0}"),
            MAP: self.tr("Making the map of {0}"),
            IMPORT: self.tr("Importing videos"),
            SAMPLE: self.tr("Drawing the sample"),
            FILM: self.tr("Writing {0}"),
            REPETITIONS: self.tr("Finding repetitions of {0}"),
            MEASURE: self.tr("Measuring {0}"),
        }
        return titles.get(job.order.kind, "{0}").format(shown(job.order.name))

    def _on_job_event(self, job: QueuedJob, event: Event) -> None:
        if isinstance(event, StepDone):
            self._progress[job] = event.step / max(event.total_steps, 1), event.eta_seconds, ""
        elif isinstance(event, Progress):
            self._progress[job] = self._of_stage(job, event)
        else:
            return
        self._show()

    @staticmethod
    def _of_stage(job: QueuedJob, event: Progress) -> tuple[float | None, float, str]:
        """Name the stage instead of a share: where others follow, it is no share of the whole."""
        if job.order.kind in (TRAIN, EMBED, MAP):
            return None, event.whole_eta_seconds, stage_name(event.stage)
        if job.order.kind == IMPORT and event.stage != "decode":
            return None, 0.0, stage_name(event.stage)
        return min(event.done / max(event.total, 1e-9), 1.0), event.eta_seconds, ""

    def _on_job_finished(self, job: QueuedJob, ending: Finished | Failed) -> None:
        self._progress.pop(job, None)
        self._show()
        if isinstance(ending, Failed):
            self.notices.notify(self.tr("{0}: failed").format(self.title(job)), ending.message)
        elif ending.reason == "done" and job.order.kind not in (SAMPLE, REPETITIONS):
            self.notices.notify(self.tr("{0}: done").format(self.title(job)), self.tr("Finished."))

    def _show(self) -> None:
        rows = []
        for job in sorted(self._jobs.jobs, key=lambda job: job.state == "waiting"):
            share, eta_seconds, stage = self._progress.get(job, (None, 0.0, ""))
            state = "stopping" if job.state == "ended" else job.state
            rows.append(JobShown(self.title(job), share, eta_seconds, state, stage))
        self.chip.set_jobs([*rows, *self._elsewhere])

    def _show_page(self) -> None:
        kinds = {job.order.kind for job in self._jobs.jobs}
        pages = {IMPORT: "videos", SAMPLE: "videos", FILM: "explore", MAP: "explore", REPETITIONS: "explore"}
        wanted = {pages.get(kind, "train") for kind in kinds}
        self.page_requested.emit(wanted.pop() if len(wanted) == 1 else "train")
