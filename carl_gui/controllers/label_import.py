"""Import labels of other programs: read in a thread, previewed, and done on confirmation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog
from shiboken6 import isValid

from carl_gui.controllers.app_context import AppContext
from carl_gui.models.label_import import ImportPreview, ImportSource, preview
from carl_gui.models.messages import displayable
from carl_gui.numbers import labels, videos
from carl_gui.panels.label.import_dialog import ImportDialog
from carl_gui.tasks import Tasks, in_thread, said
from core.base.control import Control
from core.labels.formats.table import READABLE, read_labels
from core.project.label_edits import ImportLabels, ImportMode
from core.project.label_videos import KnownVideo


class LabelImport(QObject):
    """One import at a time."""

    def __init__(self, workshop: AppContext) -> None:
        super().__init__(workshop.window)
        self._workshop = workshop
        self._begin_in = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self._tasks = Tasks(self, lambda sentence: workshop.warn(displayable(sentence)))
        workshop.session.about_to_close.connect(self.close)

    def ask(self) -> None:
        """Let the person choose files."""
        suffixes = " ".join(f"*{suffix}" for suffix in READABLE)
        kinds = (
            self.tr("Labels ({0})").format(suffixes),
            self.tr("Tables: CARL Studio, BORIS or DeepEthogram (*.csv *.tsv *.xlsx *.xlsm)"),
            self.tr("BORIS projects (*.boris)"),
            self.tr("ELAN documents (*.eaf)"),
            self.tr("Label Studio, VIA 3 or ActivityNet (*.json)"),
            self.tr("MS-TCN text: mapping.txt or groundTruth files (*.txt)"),
        )
        dialog = QFileDialog(self._workshop.window, self.tr("Import labels"), self._begin_in, ";;".join(kinds))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.read([Path(name) for name in names]))
        dialog.open()

    def read(self, paths: Sequence[Path]) -> None:
        """Read these in a thread, then show what importing them would do."""
        self._begin_in = str(paths[0].parent)
        self.close()
        session = self._workshop.session
        project = session.require()
        videos, folder, phases = list(session.videos.values()), project.folder, project.phases()
        read_spans = project.spans_reader()

        def work(control: Control) -> ImportPreview:
            spans = read_spans()
            known = [KnownVideo(video, folder, tuple(spans.get(video.id, ()))) for video in videos]
            return preview(ImportSource(paths, read_labels(paths), known, phases))

        self._workshop.tell(self.tr("Reading labels…"))
        self._tasks.start("import", self._import(work))

    def close(self) -> None:
        """Nothing is read or shown any more."""
        self._tasks.close()

    async def _import(self, read: Callable[[Control], ImportPreview]) -> None:
        self._found = await in_thread(read)
        dialog = ImportDialog(self._workshop.window)
        dialog.track_selected.connect(dialog.set_waiting)  # nothing can be imported until the plan for it is shown
        dialog.track_selected.connect(lambda place: self._tasks.start("plan", self._plan(dialog, place)))
        dialog.finished.connect(lambda: self._tasks.cancel("plan"))
        self._show(dialog, self._found)
        self._tasks.open("import", dialog)
        (mode,) = await said(dialog.import_requested)
        dialog.accept()
        plan = self._found.plan
        if self._workshop.session.do(ImportLabels(plan, cast(ImportMode, mode))):
            words = self.tr("Imported {0} for {1}. Undo removes (it|them).", "", plan.num_spans)
            self._workshop.tell(words.format(labels(plan.num_spans), videos(len(plan.videos))))

    async def _plan(self, dialog: ImportDialog, place: int) -> None:
        """What importing this track would do."""
        found, is_shown = self._found, False
        try:
            self._found = await in_thread(lambda control: preview(found.source, found.track_at(place)))
            self._show(dialog, self._found)
            is_shown = True
        finally:
            if not is_shown and not self._tasks.is_running("plan") and isValid(dialog):
                dialog.reject()

    def _show(self, dialog: ImportDialog, found: ImportPreview) -> None:
        dialog.set_tracks(found.tracks, found.track)
        dialog.set_preview(found.sentence, found.videos, found.phases, found.problems)
