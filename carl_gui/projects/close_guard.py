"""Closing the window while work goes on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QMessageBox, QWidget

from carl_gui.job_control.recovery import TRAIN
from carl_gui.jobs import Jobs
from carl_gui.widgets.factories import named
from carl_gui.widgets.layouts import box_over, vbox
from carl_gui.widgets.progress import ProgressBar
from training.queue import QueuedJob


class SavingDialog(QDialog):
    """Stays open until its owner closes it; a job that never saves can be killed."""

    discard_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Saving"))
        self.setMinimumWidth(380)
        bar = named(ProgressBar(), self.tr("Saving"))
        bar.setRange(0, 0)  # nobody knows how long the step at hand takes
        buttons = QDialogButtonBox()
        discard = buttons.addButton(self.tr("&Close without saving"), QDialogButtonBox.ButtonRole.DestructiveRole)
        discard.setAutoDefault(False)
        discard.clicked.connect(self.discard_requested)
        vbox(
            QLabel(self.tr("Saving your work. This closes by itself."), wordWrap=True),
            bar,
            buttons,
            on=self,
            margins=None,
            spacing=12,
        )

    def reject(self) -> None:
        """Leave the dialog open at Esc and the cross: the work continues behind it."""


Action = Callable[[], None]


class CloseGuard(QObject):
    """Asks if something would be lost, waits without blocking, and continues when all is saved."""

    def __init__(self, window: QWidget, jobs: Jobs) -> None:
        super().__init__(window)
        self._window, self._jobs = window, jobs
        self._box: QMessageBox | None = None
        """The question, while it stands."""
        self._then: Action | None = None
        self._saving: SavingDialog | None = None
        jobs.changed.connect(self._stop_next)

    def confirm(self, then: Action, over: QWidget | None = None) -> None:
        """Call `then` once no job of this window is going on; never, where the person changes their mind.

        Args:
            over: a dialog that stays until then, which the question stands above; None: the window. A dialog that is
                about to go would take the question with it.
        """
        if self._box is not None:
            self._box.raise_()
            self._box.activateWindow()
            return
        if self._then is not None:  # all of them are stopping: what was wanted last comes after them
            self._then = then
        elif any(job.order.is_remembered for job in self._jobs.own_jobs):
            self._ask(then, over or self._window)
        else:
            self._stop(then, over or self._window)

    def _ask(self, then: Action, over: QWidget) -> None:
        remembered = [job for job in self._jobs.own_jobs if job.order.is_remembered]
        sentence = self._sentence(remembered)
        box = box_over(over, QMessageBox.Icon.Question, self._title(remembered), sentence)
        box.setInformativeText(
            self.tr(
                "Stop and save: keeps what was learned; you can resume at any time.\n"
                "Keep running: continues without this window, which finds it at the next start; "
                "queued jobs will not start."
            )
        )
        stop = box.addButton(self.tr("&Stop and save"), QMessageBox.ButtonRole.AcceptRole)
        keep = box.addButton(self.tr("&Keep running"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(stop)

        def on_finished() -> None:
            self._box = None
            chosen = box.clickedButton()  # none where the box was closed otherwise
            if chosen is stop:
                self._stop(then, over)
            elif chosen is keep:
                self._keep(then)

        box.finished.connect(on_finished)
        box.destroyed.connect(lambda: self._on_destroyed(box))
        self._box = box
        box.open()

    def _title(self, remembered: list[QueuedJob]) -> str:
        is_training = any(job.order.kind == TRAIN for job in remembered)
        return self.tr("Training is running") if is_training else self.tr("A job is running")

    def _sentence(self, remembered: list[QueuedJob]) -> str:
        running = next((job for job in remembered if job.state != "waiting"), remembered[0])
        if len(remembered) == 1:
            return self.tr("“{0}” is still running.").format(running.order.name)
        return self.tr("“{0}” and %n more job(s) are still running.", "", len(remembered) - 1).format(
            running.order.name
        )

    def _stop(self, then: Action, over: QWidget) -> None:
        self._then = then
        self._stop_next()  # they may have ended while the question stood
        if self._then is not None:
            saving = self._saving = SavingDialog(over)
            saving.discard_requested.connect(self._kill_all)
            saving.destroyed.connect(lambda: self._on_destroyed(saving))
            saving.open()

    def _keep(self, then: Action) -> None:
        """Stop what nobody would find again, and let the rest run."""
        for job in self._jobs.own_jobs:
            if not job.order.is_remembered:
                self._jobs.stop(job)
        self._jobs.detach()
        then()

    def _kill_all(self) -> None:
        for job in self._jobs.own_jobs:
            self._jobs.kill(job)

    def _stop_next(self) -> None:
        """Stop what runs, whenever it was started, and continue when nothing is left."""
        if self._then is None:
            return
        running = next((job for job in self._jobs.own_jobs if job.state != "stopping"), None)
        if running is not None:
            self._jobs.stop(running)  # brings us here again
        elif not self._jobs.own_jobs:
            then, self._then = self._then, None
            if self._saving is not None:
                saving, self._saving = self._saving, None
                saving.hide()
                saving.deleteLater()
            then()

    def _on_destroyed(self, dialog: QDialog) -> None:
        """Forget a dialog that was destroyed with its parent, or closed without an answer."""
        if self._box is dialog:
            self._box = None
        if self._saving is dialog:
            self._saving = None
