"""Labels from files of other programs: what they hold, the dialog, the import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import QCoreApplication, QObject, QSize, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QDialog,
    QFileDialog,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)
from shiboken6 import isValid

from carl_gui.app_context import AppContext
from carl_gui.models.messages import displayable, path_text
from carl_gui.models.rows import Cell, Choice, Index, TextTable
from carl_gui.numbers import UNKNOWN, count, labels, percent, videos
from carl_gui.tasks import Tasks, in_thread, next_emission
from carl_gui.widgets.buttons import PrimaryButton, RadioButton
from carl_gui.widgets.editors import NameCombo
from carl_gui.widgets.factories import show_rows
from carl_gui.widgets.help_button import HelpButton
from carl_gui.widgets.labels import breakable
from carl_gui.widgets.layouts import STRETCH, Stretch, hbox, holder, section_title, vbox
from core.base.control import Control
from core.labels.formats.read_labels import ReadLabels
from core.labels.formats.table import READABLE, read_labels
from core.project.label_edits import IMPORT_MODES, ImportLabels, ImportMode, after
from core.project.label_plan import ImportPlan, PlannedPhase, PlannedVideo, plan_import
from core.project.label_videos import KnownVideo
from core.project.rows import PhaseRow

Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class ImportSource:
    """The labels read from files, and the project: enough to plan again with another track."""

    paths: Sequence[Path]
    read: ReadLabels
    videos: Sequence[KnownVideo]
    phases: Sequence[PhaseRow]


@dataclass(frozen=True)
class ImportPreview:
    """A plan and its tables; made in a thread, because a plan may be large."""

    source: ImportSource
    plan: ImportPlan
    sentence: str
    """A summary of the plan."""
    videos: Mapping[str, Rows]
    """By mode: video, spans in the file, labelled before, labelled after, problems."""
    phases: Rows
    """Phase, as the file has it, spans."""
    problems: Rows
    """Where, what."""
    tracks: Sequence[Choice]
    """By their place from 1; the first one, 0, is none yet. Empty where there is nothing to choose."""

    @property
    def track(self) -> int:
        """The chosen one's place."""
        names = list(self.plan.choices)
        return names.index(self.plan.track) + 1 if self.plan.track in names else 0

    def track_at(self, index: int) -> str | None:
        """Return the name of a track; None for none."""
        return list(self.plan.choices)[index - 1] if index else None


def preview(source: ImportSource, track: str | None = None) -> ImportPreview:
    """Prepare a preview for the dialog; needs no window, and reads no file of labels."""
    plan = plan_import(source.read, source.videos, source.phases, track)
    videos: dict[str, Rows] = {mode: [_video(video, mode) for video in plan.videos] for mode in IMPORT_MODES}
    problems = [(Cell(displayable(problem.where)), Cell(displayable(problem.sentence))) for problem in plan.problems]
    phases = [_phase(one) for one in plan.phases]
    return ImportPreview(source, plan, _sentence(plan, source.paths), videos, phases, problems, _tracks(plan))


def _sentence(plan: ImportPlan, paths: Sequence[Path]) -> str:
    translate = QCoreApplication.translate
    number = len(paths)
    of = displayable(paths[0].name) if number == 1 else translate("Import", "%n file(s)", "", number)
    about_tracks = displayable(plan.told_of_tracks)
    if plan.choices and plan.track is None and not plan.videos:
        text = translate("Import", "{0} has several tracks; choose one. {1}")
        return text.format(of, about_tracks)
    if not plan.videos:
        return translate("Import", "Nothing in {0} can be imported:").format(of)
    text = translate("Import", "{0} for {1}, from {2}. Nothing changes until you import.")
    return " ".join(filter(None, (text.format(labels(plan.num_spans), videos(len(plan.videos)), of), about_tracks)))


def _tracks(plan: ImportPlan) -> list[Choice]:
    if not plan.choices:
        return []
    translate = QCoreApplication.translate
    nameless = translate("Import", "unnamed")
    named = [
        Choice(index, f"{displayable(name) or nameless} ({count(number)})")
        for index, (name, number) in enumerate(plan.choices.items(), 1)
    ]
    return [Choice(0, translate("Import", "Choose…")), *named]


def _video(video: PlannedVideo, mode: ImportMode) -> Sequence[Cell]:
    frames = video.row.num_frames
    before = sum(map(len, video.before))
    then = sum(map(len, after(video, mode, video.before)))
    return (
        Cell(displayable(video.row.name), path_text(video.row)),
        Cell(count(len(video.spans)), is_number=True),
        Cell(_share(before, frames), _frames(before, frames), is_number=True),
        Cell(_share(then, frames), _frames(then, frames), is_number=True),
        Cell(count(video.num_problems) if video.num_problems else UNKNOWN, is_number=True),
    )


def _share(labelled: int, frames: int | None) -> str:
    return percent(labelled / frames) if frames else count(labelled)


def _frames(labelled: int, frames: int | None) -> str:
    if not frames:
        return QCoreApplication.translate("Import", "%n frame(s)", "", labelled)
    return QCoreApplication.translate("Import", "{0} of %n frame(s)", "", frames).format(count(labelled))


def _phase(one: PlannedPhase) -> Sequence[Cell]:
    name = displayable(one.name)
    text = QCoreApplication.translate("Import", "{0} (new)").format(name) if one.is_new else name
    spelled = displayable(one.spelled) if one.spelled != one.name else UNKNOWN
    return Cell(text, colour=one.colour), Cell(spelled), Cell(count(one.num_spans), is_number=True)


REPLACE, FILL = "replace", "fill"
_GAP = 14
_WIDEST = 420
_MOST_WRAPPED = 100
"""Problems whose sentences are shown whole; of more, rows are of one height, and a sentence stands in its tip."""
"""Of the choice of a track."""


class ImportDialog(QDialog):
    """Shows what `set_*` gives it; emits the request to import, and how."""

    import_requested = Signal(str)
    """`REPLACE` what these videos have, or only `FILL` frames without a label."""
    track_selected = Signal(object)
    """The key of a choice."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Import labels"))
        self.setMinimumSize(640, 420)
        self.resize(900, 620)
        self._videos_by_mode: Mapping[str, Rows] = {}
        self._sentence = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._track_row = self._new_track_row()
        video_titles = {
            self.tr("Video"): "",
            self.tr("Spans"): self.tr("Labels to be added"),
            self.tr("Now"): self.tr("Share labelled now"),
            self.tr("After"): self.tr("Share labelled after the import"),
            self.tr("Problems"): self.tr("Problems listed below"),
        }
        self.videos = _Table(video_titles, self.tr("Videos"))
        phase_titles = {
            self.tr("Phase"): "",
            self.tr("In the file"): self.tr("Name in the file, where it differs"),
            self.tr("Spans"): "",
        }
        self.phases = _Table(phase_titles, self.tr("Phases"))
        self.problems = _Table({self.tr("Where"): "", self.tr("What"): ""}, self.tr("Problems"), stretched=1)
        self._problems_title = section_title("", self.problems)
        self._new_mode_buttons()
        self.accept_button = PrimaryButton(self.tr("Import"))
        self.accept_button.clicked.connect(lambda: self.import_requested.emit(self.mode))
        self.cancel_button = QPushButton(self.tr("Cancel"), autoDefault=False)
        self.cancel_button.clicked.connect(self.reject)
        self._lay_out()

    def _new_mode_buttons(self) -> None:
        self._modes = QButtonGroup(self)
        self.replace_button = RadioButton(self.tr("&Replace all labels of these videos"))
        self.fill_button = RadioButton(self.tr("Only &fill unlabelled frames"))
        for button in (self.replace_button, self.fill_button):
            self._modes.addButton(button)
        self.replace_button.setChecked(True)
        self._modes.buttonClicked.connect(lambda _: self._show_videos())

    def _lay_out(self) -> None:
        self._above = above = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False, handleWidth=_GAP)
        above.addWidget(_with_title(section_title(self.tr("Videos"), self.videos), self.videos))
        above.addWidget(_with_title(section_title(self.tr("Phases"), self.phases), self.phases))
        above.setStretchFactor(0, 3)
        above.setStretchFactor(1, 2)
        self._below = _with_title(self._problems_title, self.problems)
        split = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False, handleWidth=_GAP)
        split.addWidget(above)
        split.addWidget(self._below)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        buttons = hbox(
            HelpButton("formats", self.tr("which files are read")), STRETCH, self.cancel_button, self.accept_button
        )
        modes = (self.replace_button, self.fill_button)
        # the track stands on top, where it stays however long the sentence is
        parts = (self._track_row, self._sentence, (split, 1), *modes, buttons)
        vbox(*parts, on=self, margins=(18, 16, 18, 16), spacing=12)

    def _new_track_row(self) -> QWidget:
        self.tracks = NameCombo(self.tr("Track"))
        self.tracks.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tracks.setMaximumWidth(_WIDEST)
        self.tracks.selected.connect(self.track_selected)
        row = QWidget(visible=False)
        title = QLabel(self.tr("&Track:"))
        title.setBuddy(self.tracks)
        hbox(title, (self.tracks, 1), Stretch(0), on=row)
        return row

    @property
    def mode(self) -> str:
        """`REPLACE` or `FILL`."""
        return FILL if self.fill_button.isChecked() else REPLACE

    @property
    def sentence(self) -> str:
        """The sentence above the tables."""
        return self._sentence.text().replace("\u200b", "")

    def set_tracks(self, choices: Sequence[Choice], now: int) -> None:
        """Set the tracks to choose from, and the chosen one; hidden if there are none."""
        self.tracks.set_choices(choices, now)
        self._track_row.setVisible(bool(choices))
        if choices:
            self.tracks.setFocus()

    def set_waiting(self) -> None:
        """Disable the import until the next `set_preview`."""
        self.accept_button.setEnabled(False)

    def set_preview(self, sentence: str, videos: Mapping[str, Rows], phases: Rows, problems: Rows) -> None:
        """Show what the import would do.

        Args:
            videos: by mode.
        """
        self._sentence.setText(breakable(sentence))
        self._videos_by_mode = videos
        self.phases.table.set_rows(phases)
        self.problems.table.set_rows(problems)
        self._problems_title.setText(self.tr("%n problem(s)", "", len(problems)))
        self._below.setVisible(bool(problems))
        is_any = any(videos.values())
        self._above.setVisible(is_any)
        self.problems.wrap_rows(len(problems) <= _MOST_WRAPPED)
        for widget in (self.accept_button, self.replace_button, self.fill_button):
            widget.setEnabled(is_any)
        (self.accept_button if is_any else self.cancel_button).setDefault(True)
        self._show_videos()

    def _show_videos(self) -> None:
        self.videos.table.set_rows(self._videos_by_mode.get(self.mode, ()))


class _Roomy(QStyledItemDelegate):
    """Columns do not touch."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return super().sizeHint(option, index) + QSize(_GAP, 0)


class _Table(QTableView):
    """A table of texts; one column stretches."""

    def __init__(self, titles: Mapping[str, str], name: str, *, stretched: int = 0) -> None:
        """`titles` have tips."""
        super().__init__()
        self.table = TextTable(titles, self)
        self.setModel(self.table)
        self.setAccessibleName(name)
        show_rows(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setItemDelegate(_Roomy(self))
        rows = self.verticalHeader()
        rows.hide()
        rows.setDefaultSectionSize(round(self.fontMetrics().height() * 1.6))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        header.setResizeContentsPrecision(100)  # rows that are looked at: there may be thousands

    def wrap_rows(self, is_wrapped: bool) -> None:
        """Set whether rows are as high as their texts need, so that nothing is cut off."""
        rows = QHeaderView.ResizeMode
        self.setWordWrap(is_wrapped)
        self.setTextElideMode(Qt.TextElideMode.ElideNone if is_wrapped else Qt.TextElideMode.ElideMiddle)
        self.verticalHeader().setSectionResizeMode(rows.ResizeToContents if is_wrapped else rows.Interactive)


def _with_title(title: QLabel, view: QWidget) -> QWidget:
    return holder(vbox(title, (view, 1), spacing=6))


class LabelImport(QObject):
    """One import at a time."""

    def __init__(self, app_context: AppContext) -> None:
        super().__init__(app_context.window)
        self._app_context = app_context
        self._begin_in = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self._tasks = Tasks(self, lambda sentence: app_context.warn(displayable(sentence)))
        app_context.session.about_to_close.connect(self.close)

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
        dialog = QFileDialog(self._app_context.window, self.tr("Import labels"), self._begin_in, ";;".join(kinds))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.read([Path(name) for name in names]))
        dialog.open()

    def read(self, paths: Sequence[Path]) -> None:
        """Read these in a thread, then show what importing them would do."""
        self._begin_in = str(paths[0].parent)
        self.close()
        session = self._app_context.session
        project = session.require()
        videos, folder, phases = list(session.videos.values()), project.folder, project.phases()
        read_spans = project.spans_reader()

        def work(control: Control) -> ImportPreview:
            spans = read_spans()
            known = [KnownVideo(video, folder, tuple(spans.get(video.id, ()))) for video in videos]
            return preview(ImportSource(paths, read_labels(paths), known, phases))

        self._app_context.show_status(self.tr("Reading labels…"))
        self._tasks.start("import", self._import(work))

    def close(self) -> None:
        """Stop reading, and close the dialog."""
        self._tasks.close()

    async def _import(self, read: Callable[[Control], ImportPreview]) -> None:
        self._found = await in_thread(read)
        dialog = ImportDialog(self._app_context.window)
        dialog.track_selected.connect(dialog.set_waiting)  # nothing can be imported until the plan for it is shown
        dialog.track_selected.connect(lambda index: self._tasks.start("plan", self._plan(dialog, index)))
        dialog.finished.connect(lambda: self._tasks.cancel("plan"))
        self._show(dialog, self._found)
        self._tasks.open("import", dialog)
        (mode,) = await next_emission(dialog.import_requested)
        dialog.accept()
        plan = self._found.plan
        if self._app_context.session.do(ImportLabels(plan, cast(ImportMode, mode))):
            template = self.tr("Imported {0} for {1}. Undo removes (it|them).", "", plan.num_spans)
            self._app_context.show_status(template.format(labels(plan.num_spans), videos(len(plan.videos))))

    async def _plan(self, dialog: ImportDialog, index: int) -> None:
        """Show what importing this track would do."""
        found, is_shown = self._found, False
        try:
            self._found = await in_thread(lambda control: preview(found.source, found.track_at(index)))
            self._show(dialog, self._found)
            is_shown = True
        finally:
            if not is_shown and not self._tasks.is_running("plan") and isValid(dialog):
                dialog.reject()

    def _show(self, dialog: ImportDialog, found: ImportPreview) -> None:
        dialog.set_tracks(found.tracks, found.track)
        dialog.set_preview(found.sentence, found.videos, found.phases, found.problems)
