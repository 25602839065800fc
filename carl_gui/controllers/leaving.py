"""Leaving a project while jobs are going on: stop and save, or keep running."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QProgressDialog, QPushButton, QWidget

from carl_gui.jobs import Jobs


class Leaving(QObject):
    """Asks where something would be lost, waits without blocking, and goes on when all is well."""

    def __init__(self, window: QWidget, jobs: Jobs) -> None:
        super().__init__(window)
        self._window, self._jobs = window, jobs
        self._then: Callable[[], None] | None = None
        self._waiting: QProgressDialog | None = None
        jobs.changed.connect(self._look)

    def leave(self, then: Callable[[], None]) -> None:
        """Call `then` once no job of this window is going on; never, where the person changes their mind."""
        if not self._jobs.jobs:
            then()
        elif any(job.order.is_remembered for job in self._jobs.jobs):
            self._ask(then)
        else:
            self._stop(then)

    def _ask(self, then: Callable[[], None]) -> None:
        kept = [job for job in self._jobs.jobs if job.order.is_remembered]
        running = next((job for job in kept if job.state != "waiting"), kept[0])
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Work is going on"))
        box.setText(self.tr('"{0}" is still running.').format(running.order.name))
        if len(kept) > 1:
            box.setText(
                self.tr('"{0}" is still running, and {1} more waits.').format(running.order.name, len(kept) - 1)
            )
        box.setInformativeText(
            self.tr(
                "Stop and save: it keeps what it has learned and can be resumed at any time.\n"
                "Keep running: it goes on without this window, which finds it again at the next start; "
                "what still waits does not begin."
            )
        )
        stop = box.addButton(self.tr("&Stop and save"), QMessageBox.ButtonRole.AcceptRole)
        keep = box.addButton(self.tr("&Keep running"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(stop)

        def act(chosen: QPushButton) -> None:
            if chosen is stop:
                self._stop(then)
            elif chosen is keep:
                self._jobs.detach()
                then()

        box.buttonClicked.connect(act)
        box.open()

    def _stop(self, then: Callable[[], None]) -> None:
        self._then = then
        for job in self._jobs.jobs:
            self._jobs.stop(job)
        if self._then is None:  # all of them only waited
            return
        self._waiting = QProgressDialog(self.tr("Saving…"), "", 0, 0, self._window)
        self._waiting.setCancelButton(None)
        self._waiting.setWindowModality(Qt.WindowModality.WindowModal)
        self._waiting.setMinimumDuration(300)
        self._waiting.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def _look(self) -> None:
        if self._then is not None and not self._jobs.jobs:
            then, self._then = self._then, None
            if self._waiting is not None:
                self._waiting.close()
                self._waiting.deleteLater()
                self._waiting = None
            then()
