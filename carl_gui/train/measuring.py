"""Ticked runs measured by the project's labels: what is asked, the job, the table."""

from __future__ import annotations

import csv
import io
import json
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QTableWidget, QTableWidgetItem, QWidget

from carl_gui.app_context import AppContext
from carl_gui.job_control.status import MEASURE
from carl_gui.models.messages import displayable
from carl_gui.models.metric_messages import metric_tip, metric_title
from carl_gui.models.runs import RunRow, stage_text
from carl_gui.numbers import UNKNOWN, figure
from carl_gui.tasks import Tasks, in_thread
from carl_gui.train.run_comparison import BEST, RIGHT, figures_table
from carl_gui.widgets.factories import push_button, scaled_font
from carl_gui.widgets.help_button import HelpButton
from carl_gui.widgets.labels import wrapped_label
from carl_gui.widgets.layouts import STRETCH, hbox, vbox
from carl_gui.widgets.progress import ProgressRow
from core.base.control import Stopped
from core.base.csv_files import write_rows
from core.base.declaring import Value
from core.base.errors import LabelError, VideoError
from core.base.events import Event, Progress
from core.base.leftovers import temporary_folder
from core.base.types import Span
from core.evaluation.names import DIAGONAL, POSITIONS, RAW, TRAINED, UNTRAINED
from core.evaluation.summary import Figure, ResultRow, best, figure_names
from core.project.places import find_file
from core.project.rows import VideoRow
from training.queue import JobOrder

_BY_HAND = "label"
"""The source of spans that a person gave or confirmed."""
_COLUMNS = ("video", "phase", "start_frame", "end_frame_exclusive", "action", "split", "digest")
_STEM = "labels"
_BESIDE = (RAW, UNTRAINED, UNTRAINED + POSITIONS, DIAGONAL, TRAINED + POSITIONS)


@dataclass(frozen=True)
class MeasureOrder:
    """Runs to evaluate in the same way, and the labels."""

    project: Path
    runs: tuple[str, ...]
    videos: tuple[VideoRow, ...]
    """Of the project."""
    spans: Mapping[int, Sequence[Span]]
    """By video; predicted ones do not count."""

    @property
    def labelled(self) -> list[VideoRow]:
        """The videos with labels that a person gave."""
        return [row for row in self.videos if self._of(row)]

    @property
    def is_split(self) -> bool:
        """Whether the project says which of them validate; else the last third of each action does."""
        return {"train", "val"} <= {row.split for row in self.labelled}

    def _of(self, row: VideoRow) -> list[Span]:
        return [span for span in self.spans.get(row.id, ()) if span.source == _BY_HAND]

    def lines(self) -> list[tuple[object, ...]]:
        """Return a line a span, under the columns that `core.evaluate` reads.

        Raises:
            LabelError: too few videos are labelled.
            VideoError: one of them is not where it was.
        """
        labelled = self.labelled
        if len(labelled) <= 1:
            raise LabelError("Metrics need labels. Label at least two videos of an action, then try again.")
        lines: list[tuple[object, ...]] = []
        for row in labelled:
            file = find_file(row, self.project)
            if file is None:
                raise VideoError(f"The file of {row.name} is missing. Find it on the Videos page.")
            split = ("val" if row.split == "val" else "train") if self.is_split else ""
            lines += [
                (file, span.phase, span.start_frame, span.end_frame_exclusive, row.action, split, row.digest)
                for span in self._of(row)
            ]
        return lines


def command_of(order: MeasureOrder, folder: Path) -> list[str]:
    """Write the labels into a folder, and return the command that writes its figures beside them.

    Raises:
        LabelError, VideoError: as `MeasureOrder.lines`.
        StorageError: the folder cannot be written.
    """
    write_rows(folder / f"{_STEM}.csv", _COLUMNS, order.lines())
    runs = [str(order.project / "runs" / name) for name in order.runs]
    labels = str(folder / f"{_STEM}.csv")
    return ["core.evaluate", labels, "--layout", "segments", "--out", str(folder / "out"), "--compare", *runs]


def measured_rows(folder: Path, settings: Mapping[str, Mapping[str, Value]]) -> list[ResultRow]:
    """Read what the command wrote: what was trained, then what it is compared with.

    Runs whose settings differ in the seed alone are one row, with the spread over the seeds; figures that are the same
    for all runs, such as those of the raw features of one network, are one row too.

    Args:
        settings: of each run, by dotted name.
    """
    (file,) = (folder / "out").glob("*.json")
    lines = json.loads(file.read_text(encoding="utf-8"))["rows"]
    found: dict[str, dict[str, dict[str, float]]] = {}
    for line in lines:
        values = {name: math.nan if value is None else float(value) for name, value in line["values"].items()}
        found.setdefault(line["representation"], {})[line["run"]] = values
    rows = [
        ResultRow(_title(names), _over_seeds([found[TRAINED][name] for name in names]))
        for names in group_by_settings(list(found[TRAINED]), settings)
    ]
    for representation in _BESIDE:
        rows += _beside(representation, found.get(representation, {}))
    return rows


def group_by_settings(names: Sequence[str], settings: Mapping[str, Mapping[str, Value]]) -> list[list[str]]:
    """Return the runs in groups of those that differ in the seed alone, in order."""
    groups: dict[tuple[tuple[str, Value], ...], list[str]] = {}
    for name in names:
        key = tuple(sorted((key, value) for key, value in settings.get(name, {}).items() if key != "train.seed"))
        groups.setdefault(key or (("", name),), []).append(name)
    return list(groups.values())


def _title(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names)


def _over_seeds(values: Sequence[Mapping[str, float]]) -> dict[str, Figure]:
    figures = {}
    for name in dict.fromkeys(name for one in values for name in one):
        numbers = tuple(one[name] for one in values if not math.isnan(one.get(name, math.nan)))
        mean = statistics.fmean(numbers) if numbers else math.nan
        figures[name] = Figure(mean, statistics.stdev(numbers) if len(numbers) > 1 else math.nan, numbers)
    return figures


def _beside(representation: str, by_run: Mapping[str, Mapping[str, float]]) -> list[ResultRow]:
    figures = {run: _over_seeds([values]) for run, values in by_run.items()}
    last_first = reversed(list(by_run.items()))
    different = list({json.dumps(values, sort_keys=True): run for run, values in last_first}.values())
    if len(different) <= 1:
        return [ResultRow(representation, figures[run], competes=False) for run in different]
    return [ResultRow(f"{run}: {representation}", figures[run], competes=False) for run in figures if run in different]


_DIGITS = 3
_LETTERS = 30
"""Of the widest column of names."""


class MeasuredRuns(QWidget):
    """Displays what `set_*` gives it."""

    measure_requested = Signal()
    cancel_requested = Signal()
    copied = Signal()
    """The table lies on the clipboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[ResultRow] = ()
        self.button = QPushButton(self.tr("Measure by labels"))
        self.button.setToolTip(
            self.tr(
                "Validation videos are for checking, all others for learning. Without Validation videos, the "
                "last third of each action is for checking."
            )
        )
        self.button.clicked.connect(self.measure_requested)
        self._copy = push_button(self.tr("Copy as CSV"), self._copy_all, self.tr("Copy the table, for a spreadsheet"))
        self._words, self._table = wrapped_label(), figures_table(self.tr("Measured runs"))
        self._table.verticalHeader().setMaximumWidth(self.fontMetrics().averageCharWidth() * _LETTERS)
        self._progress = ProgressRow(self.tr("Measuring runs"), self.tr("Cancel measuring runs"))
        self._progress.cancel_requested.connect(self.cancel_requested)
        vbox(
            hbox(self.button, STRETCH, self._copy, HelpButton("metrics", self.tr("what the metrics mean"))),
            self._progress,
            self._words,
            (self._table, 1),
            on=self,
            margins=(0, 6, 0, 0),
            spacing=6,
        )
        self.set_rows((), "", can_measure=False)

    @property
    def words(self) -> str:
        """The text beside the button."""
        return self._words.text()

    @property
    def table(self) -> QTableWidget:
        return self._table

    def set_progress(self, share: float | None, words: str) -> None:
        """Show how far it has come, 0 to 1 (None: not known), and in words; empty words: nothing runs."""
        self._progress.set_progress(share, words)

    def set_rows(self, rows: Sequence[ResultRow], problem: str, *, can_measure: bool) -> None:
        """Show what was measured, or why nothing was; and whether it can be started."""
        self.button.setEnabled(can_measure)
        hint = self.tr("{0} marks the best trained run.").format(BEST) if rows else self._hint(can_measure)
        self._words.setText(problem or hint)
        if rows is not self._rows:
            self._rows = rows
            self._fill()
        self._copy.setVisible(bool(rows))
        self._table.setVisible(bool(rows))

    def _hint(self, can_measure: bool) -> str:
        if can_measure:
            return self.tr(
                "Ticked runs beside raw features, an untrained encoder and the diagonal, measured by your labels."
            )
        return "" if self._progress.words else self.tr("Tick runs in the list to measure them by your labels.")

    def _fill(self) -> None:
        names, marked = figure_names(self._rows), best(self._rows)
        self._table.setRowCount(len(self._rows))
        self._table.setColumnCount(len(names))
        for column, name in enumerate(names):
            head = QTableWidgetItem(metric_title(name))
            head.setToolTip(metric_tip(name))
            self._table.setHorizontalHeaderItem(column, head)
        for index, row in enumerate(self._rows):
            head = QTableWidgetItem(row.name)
            head.setToolTip(row.name)
            self._table.setVerticalHeaderItem(index, head)
            for column, name in enumerate(names):
                item = self._item(row.figures.get(name), is_best=row.name in marked[name])
                self._table.setItem(index, column, item)
        self._table.resizeColumnsToContents()

    def _item(self, value: Figure | None, *, is_best: bool) -> QTableWidgetItem:
        text = _figure_text(value)
        item = QTableWidgetItem(f"{BEST} {text}" if is_best else text)
        item.setTextAlignment(RIGHT)
        item.setFont(scaled_font(self.font(), bold=is_best))
        if value is not None and len(value.values) > 1:
            item.setToolTip(self.tr("Mean and standard deviation over %n seed(s)", "", len(value.values)))
        return item

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(as_csv(self._rows))
        self.copied.emit()


def as_csv(rows: Sequence[ResultRow]) -> str:
    """Return a line a row and figure in full precision; empty where a figure is not known."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(["row", "figure", "mean", "spread", "seeds"])
    for row in rows:
        for name, value in row.figures.items():
            numbers = ["" if math.isnan(number) else number for number in (value.mean, value.spread)]
            table.writerow([row.name, name, *numbers, len(value.values)])
    return written.getvalue()


def _figure_text(value: Figure | None) -> str:
    if value is None or math.isnan(value.mean):
        return UNKNOWN
    spread = "" if math.isnan(value.spread) else f" ± {figure(value.spread, _DIGITS)}"
    return figure(value.mean, _DIGITS) + spread


_LANE = "measuring"
"""Of its own: most of the features are known, and it waits for no training."""


class RunMeasuring(QObject):
    """Connects the panel to the job; one at a time."""

    def __init__(self, app_context: AppContext, panel: MeasuredRuns) -> None:
        super().__init__(panel)
        self._app_context, self._panel = app_context, panel
        self._runs: dict[str, RunRow] = {}
        """Those that are compared now."""
        self._asked: tuple[str, ...] = ()
        """Those that are being measured, or were."""
        self._rows: Sequence[ResultRow] = ()
        self._error = ""
        self._tasks = Tasks(self, self._fail)
        panel.measure_requested.connect(self.measure)
        panel.cancel_requested.connect(self._cancel)

    @property
    def is_running(self) -> bool:
        return self._tasks.is_running("measure")

    def follow(self, rows: Sequence[RunRow]) -> None:
        """Compare these runs from now on; hide what was measured of others."""
        self._runs = {row.name: row for row in rows}
        self._show()

    def measure(self) -> None:
        """Start measuring; runs without an encoder are left to the command, which names them."""
        project = self._app_context.session.project
        if project is None or self.is_running or not self._runs:
            return
        self._asked, self._rows, self._error = tuple(self._runs), (), ""
        settings = {name: dict(row.settings) for name, row in self._runs.items()}
        read, videos = project.spans_reader(), tuple(self._app_context.session.videos.values())
        folder, runs = project.folder, self._asked
        self._tasks.start("measure", self._measure(settings, lambda: MeasureOrder(folder, runs, videos, read())))
        self._show()

    def close(self) -> None:
        """Stop what runs and forget what was found: the project closes."""
        self._cancel()
        self._asked, self._rows, self._error, self._runs = (), (), "", {}
        self._show()

    def _cancel(self) -> None:
        self._tasks.cancel("measure")
        self._panel.set_progress(None, "")
        self._show()

    async def _measure(self, settings: dict[str, dict[str, Value]], order: Callable[[], MeasureOrder]) -> None:
        self._panel.set_progress(None, self.tr("Starting…"))
        try:
            with temporary_folder("carl-measuring") as folder:
                words = await in_thread(lambda control: command_of(order(), folder))
                await self._app_context.jobs.run(
                    JobOrder(MEASURE, ", ".join(settings), tuple(words), _LANE), self._on_job_event
                )
                self._rows = await in_thread(lambda control: measured_rows(folder, settings))
        except Stopped:
            self._error = self.tr("Stopped.")
        finally:
            self._panel.set_progress(None, "")
        self._show()

    def _on_job_event(self, event: Event) -> None:
        if isinstance(event, Progress):
            share = event.done / event.total if event.total > 0 else None
            self._panel.set_progress(share, stage_text(event.stage, event.done, event.total))

    def _fail(self, sentence: str) -> None:
        self._error = displayable(sentence)
        self._show()

    def _show(self) -> None:
        is_theirs = set(self._asked) == set(self._runs)
        rows = self._rows if is_theirs else ()
        self._panel.set_rows(
            rows, self._error if is_theirs else "", can_measure=bool(self._runs) and not self.is_running
        )
