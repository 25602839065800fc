"""Finding videos again that were moved or renamed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QProgressDialog

from carl_gui.errands import Errand
from carl_gui.workshop import Workshop
from core.events import Event, Progress
from core.project.moved import find_moved
from core.project.rows import VideoRow


class MovedVideos(QObject):
    """Asks where to look, looks in a thread, and lets the project know."""

    found = Signal()
    """Some videos lie elsewhere now."""

    _told = Signal(float, float)

    def __init__(self, workshop: Workshop) -> None:
        super().__init__(workshop.window)
        self._workshop = workshop
        self._wanted: Sequence[VideoRow] = ()
        self._progress: QProgressDialog | None = None
        self._errand = Errand(self)
        self._errand.done.connect(self._keep)
        self._errand.failed.connect(self._refuse)
        self._told.connect(self._show)

    def ask(self, videos: Sequence[VideoRow]) -> None:
        """Let the person choose a folder to look in, and its subfolders."""
        if not videos:
            return
        self._wanted = videos
        dialog = QFileDialog(
            self._workshop.window, self.tr("Find %n video(s) in this folder and below", "", len(videos))
        )
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.look_in(Path(name)))
        dialog.open()

    def look_in(self, folder: Path) -> None:
        """Look there, whatever the files are called now."""
        wanted = self._wanted
        self._end()
        self._progress = QProgressDialog(
            self.tr("Looking for %n video(s)…", "", len(wanted)), self.tr("Cancel"), 0, 0, self._workshop.window
        )
        self._progress.setWindowTitle(self.tr("Find moved videos"))
        self._progress.setWindowModality(Qt.WindowModality.WindowModal)
        self._progress.setMinimumDuration(300)
        self._progress.canceled.connect(self._errand.stop)
        self._errand.start(lambda control: find_moved(wanted, folder, self._tell, control))

    def close(self) -> None:
        """Look no more."""
        self._errand.close()
        self._end()

    def _tell(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._told.emit(event.done, event.total)

    def _show(self, done: float, total: float) -> None:
        if self._progress is not None:
            self._progress.setMaximum(max(1, round(total)))
            self._progress.setValue(min(round(done), max(0, round(total) - 1)))

    def _keep(self, places: dict[int, Path]) -> None:
        self._end()
        if places and self._workshop.session.move_videos(places):
            self.found.emit()
        self._workshop.tell(self.tr("Found {0} of %n video(s).", "", len(self._wanted)).format(len(places)))

    def _refuse(self, sentence: str) -> None:
        self._end()
        self._workshop.warn(sentence)

    def _end(self) -> None:
        if self._progress is not None:
            progress, self._progress = self._progress, None
            progress.blockSignals(True)
            progress.close()
            progress.deleteLater()
