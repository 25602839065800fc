"""The labels of another annotator, beside one's own, and how far both agree. They are shown, not imported."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QLabel, QTableView, QWidget

from carl_gui.app_context import AppContext
from carl_gui.label.page import LabelPage
from carl_gui.models.messages import displayable
from carl_gui.models.rows import Cell, TextTable
from carl_gui.numbers import UNKNOWN, count, frames, percent
from carl_gui.tasks import Tasks, in_thread
from carl_gui.widgets.factories import show_rows
from carl_gui.widgets.layouts import vbox
from core.base.control import Control
from core.base.types import Span
from core.labels.formats.table import READABLE, read_labels
from core.project.annotators import AgreementRow, compare_annotators, lay_labels
from core.project.reading import Contents

TOLERANCE_FRAMES = 10
"""That two boundaries may be apart."""
Found = tuple[Mapping[int, Sequence[Span]], Sequence[AgreementRow], int]
"""Spans by video, the agreement, and the number of problems of the file."""


class AgreementDialog(QDialog):
    """Displays what it is made with."""

    def __init__(self, parent: QWidget, name: str, rows: Sequence[AgreementRow], num_problems: int) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Agreement with {0}").format(name))
        everything = rows[0].agreement
        line = self.tr("Cohen’s kappa: {0}. {1} of frames have the same label.")
        text = line.format(_decimal(everything.kappa), percent(everything.observed))
        if num_problems:
            text += " " + self.tr("%n problem(s) in the file: import it to see them.", "", num_problems)
        titles = {
            self.tr("Phase or video"): "",
            self.tr("Kappa"): self.tr("1: the same on every frame. 0: no more than by chance."),
            self.tr("Same frames"): self.tr("Frames that both labelled alike, unlabelled ones included"),
            self.tr("Matched edges"): self.tr("Starts and ends at most {0} apart").format(frames(TOLERANCE_FRAMES)),
            self.tr("Only yours"): self.tr("Your edges without a match"),
            self.tr("Only theirs"): self.tr("Their edges without a match"),
            self.tr("Median"): self.tr("Median distance of matched edges, in frames"),
            self.tr("90 %"): self.tr("90 % of matched edges are at most so many frames apart"),
        }
        self.table = TextTable(titles, self)
        self.table.set_rows([self._cells(row) for row in rows])
        view = QTableView()
        view.setModel(self.table)
        view.setAccessibleName(self.tr("Agreement by phase and video"))
        view.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        show_rows(view)
        view.verticalHeader().hide()
        view.resizeColumnsToContents()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        vbox(QLabel(text, wordWrap=True), (view, 1), buttons, on=self, margins=(14, 14, 14, 14), spacing=10)
        self.resize(760, 360)

    def _cells(self, row: AgreementRow) -> list[Cell]:
        one, edges = row.agreement, row.agreement.boundaries
        numbers = [
            _decimal(one.kappa),
            percent(one.observed),
            count(edges.num_matched),
            count(edges.num_a - edges.num_matched),
            count(edges.num_b - edges.num_matched),
            _decimal(edges.quantiles[1]),
            _decimal(edges.quantiles[3]),
        ]
        name = Cell(displayable(row.phase or row.video) or self.tr("All"))
        return [name, *(Cell(number, is_number=True) for number in numbers)]


def _decimal(number: float) -> str:
    return UNKNOWN if math.isnan(number) else f"{number:.3g}"


class OtherAnnotator(QObject):
    """Reads one file at a time, and keeps its labels until the project is closed."""

    def __init__(self, app_context: AppContext, page: LabelPage) -> None:
        super().__init__(page.panel)
        self._app_context, self._page = app_context, page
        self._begin_in = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self._spans: Mapping[int, Sequence[Span]] = {}
        self._tasks = Tasks(self, lambda sentence: app_context.warn(displayable(sentence)))
        page.video_shown.connect(self._show)

    def ask(self) -> None:
        """Let the person choose the file of the other annotator; none any more if one is shown."""
        dialog = QFileDialog(self._app_context.window, self.tr("Labels of another annotator"), self._begin_in)
        dialog.setNameFilter(self.tr("Labels ({0})").format(" ".join(f"*{suffix}" for suffix in READABLE)))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.read(Path(name)))
        dialog.open()

    def read(self, path: Path) -> None:
        """Read the file in a thread, then show its labels and the agreement."""
        self._begin_in = str(path.parent)
        project, session = self._app_context.session.require(), self._app_context.session
        videos, folder, read_spans = list(session.videos.values()), project.folder, project.spans_reader()
        phases = [phase.name for phase in project.phases()]

        def work(control: Control) -> Found:
            contents = Contents(folder, videos, read_spans())
            theirs, problems = lay_labels(read_labels([path]), contents, phases, None)
            ours = {key: [one for one in spans if not one.is_predicted] for key, spans in contents.spans.items()}
            return theirs, compare_annotators(contents, ours, theirs, TOLERANCE_FRAMES), len(problems)

        self._tasks.start("agreement", self._compare(path.name, work))

    def close(self) -> None:
        """Stop reading, and forget the labels."""
        self._tasks.close()
        self._spans = {}
        self._page.panel.timeline.set_other(None)

    async def _compare(self, name: str, work: Callable[[Control], Found]) -> None:
        self._spans, rows, num_problems = await in_thread(work)
        self._show()
        AgreementDialog(self._app_context.window, displayable(name), rows, num_problems).open()

    def _show(self) -> None:
        chosen = self._page.chosen
        self._page.panel.timeline.set_other(self._spans.get(chosen or 0, ()) if self._spans else None)
