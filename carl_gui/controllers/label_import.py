"""Importing labels that other programs wrote: asked for, read in a thread, shown, and done when the person says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog

from carl_gui.errands import Errand
from carl_gui.models.label_import import ImportPreview, ImportSource, preview
from carl_gui.models.wording import displayable
from carl_gui.panels.label.import_dialog import ImportDialog
from carl_gui.panels.numbers import labels, videos
from carl_gui.workshop import Workshop
from core.label.formats.table import READABLE, read_labels
from core.project.label_edits import ImportLabels, ImportMode
from core.project.label_videos import KnownVideo


class LabelImport(QObject):
    """One import at a time."""

    def __init__(self, workshop: Workshop) -> None:
        super().__init__(workshop.window)
        self._workshop = workshop
        self._dialog: ImportDialog | None = None
        self._begin_in = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self._found: ImportPreview | None = None
        self._reading, self._planning = Errand(self), Errand(self)
        self._reading.done.connect(self._open)
        self._planning.done.connect(self._show)
        for errand in (self._reading, self._planning):
            errand.failed.connect(lambda sentence: workshop.warn(displayable(sentence)))
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

        def work(control: object) -> ImportPreview:
            spans = read_spans()
            known = [KnownVideo(video, folder, tuple(spans.get(video.id, ()))) for video in videos]
            return preview(ImportSource(paths, read_labels(paths), known, phases))

        self._workshop.tell(self.tr("Reading labels…"))
        self._reading.start(work)

    def close(self) -> None:
        """Nothing is read or shown any more."""
        self._reading.close()
        self._planning.close()
        if self._dialog is not None:
            self._dialog.close()

    def _open(self, found: ImportPreview) -> None:
        self._dialog = dialog = ImportDialog(self._workshop.window)
        dialog.import_wanted.connect(lambda mode: self._do(cast(ImportMode, mode)))
        dialog.track_chosen.connect(self._plan)
        dialog.finished.connect(self._forget)
        self._show(found)
        dialog.open()

    def _show(self, found: ImportPreview) -> None:
        if self._dialog is None:  # closed while it was planned
            return
        self._found = found
        self._dialog.set_tracks(found.tracks, found.track)
        self._dialog.set_preview(found.sentence, found.videos, found.phases, found.problems)

    def _plan(self, place: int) -> None:
        """What importing this track would do; nothing can be imported until that is shown."""
        found, dialog = self._found, self._dialog
        if found is None or dialog is None:
            return
        dialog.set_waiting()
        self._planning.start(lambda _: preview(found.source, found.track_at(place)))

    def _forget(self) -> None:
        self._dialog = self._found = None

    def _do(self, mode: ImportMode) -> None:
        found = self._found
        if found is None or self._dialog is None:
            return
        self._dialog.accept()
        plan = found.plan
        if self._workshop.session.do(ImportLabels(plan, mode)):
            said = self.tr("Imported {0} for {1}. Undo removes (it|them).", "", plan.num_spans)
            self._workshop.tell(said.format(labels(plan.num_spans), videos(len(plan.videos))))
