"""Find videos again that were moved or renamed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QProgressDialog
from shiboken6 import isValid

from carl_gui.app_context import AppContext
from carl_gui.tasks import Tasks, in_reporting_thread
from core.base.control import Control
from core.base.events import Event, Progress
from core.project.moved import find_moved
from core.project.rows import VideoRow


class MovedVideos(QObject):
    """Asks for a folder, searches in a thread, and updates the project."""

    found = Signal()
    """Some videos lie elsewhere now."""

    def __init__(self, app_context: AppContext) -> None:
        super().__init__(app_context.window)
        self._app_context = app_context
        self._videos: Sequence[VideoRow] = ()
        self._tasks = Tasks(self, app_context.warn)

    def ask(self, videos: Sequence[VideoRow]) -> None:
        """Let the person choose a folder to search, with its subfolders."""
        if not videos:
            return
        self._videos = videos
        dialog = QFileDialog(
            self._app_context.window, self.tr("Find %n video(s) in this folder and below", "", len(videos))
        )
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.search_folder(Path(name)))
        dialog.open()

    def search_folder(self, folder: Path) -> None:
        """Search there, whatever the files are called now."""
        progress = QProgressDialog(
            self.tr("Looking for %n video(s)…", "", len(self._videos)),
            self.tr("Cancel"),
            0,
            0,
            self._app_context.window,
        )
        progress.setWindowTitle(self.tr("Find moved videos"))
        progress.setWindowModality(Qt.WindowModality.WindowModal)
        progress.setMinimumDuration(300)
        self._tasks.start("search", self._search(progress, self._videos, folder))

    def close(self) -> None:
        """Stop searching."""
        self._tasks.close()

    async def _search(self, progress: QProgressDialog, videos: Sequence[VideoRow], folder: Path) -> None:
        def show(event: Event) -> None:
            if isinstance(event, Progress):
                progress.setMaximum(max(1, round(event.total)))
                progress.setValue(min(round(event.done), max(0, round(event.total) - 1)))

        control = Control()
        progress.canceled.connect(control.stop)  # what was found by then is kept
        try:
            places = await in_reporting_thread(
                lambda control, report: find_moved(videos, folder, report, control), show, control
            )
        finally:
            if isValid(progress):
                progress.blockSignals(True)
                progress.close()
                progress.deleteLater()
        if places and self._app_context.session.move_videos(places):
            self.found.emit()
        self._app_context.show_status(self.tr("Found {0} of %n video(s).", "", len(videos)).format(len(places)))
