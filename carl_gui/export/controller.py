"""The page Export."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from carl_gui.app_context import AppContext
from carl_gui.embedding_index import EmbeddingSource
from carl_gui.export.commands import CONTEXT
from carl_gui.export.panel import ExportPanel
from carl_gui.exporting import Export, Exporter
from carl_gui.models.messages import displayable
from carl_gui.models.rows import Choice
from carl_gui.numbers import labels, videos
from carl_gui.translation import QT_TRANSLATE_NOOP
from carl_gui.widgets.when_shown import WhenShown
from core.base.control import Control, Stopped
from core.base.csv_files import suffixes_beside
from core.base.types import Span
from core.labels.formats.table import FORMATS
from core.project.badges import badges
from core.project.embedding_files import write_embeddings_npz, write_embeddings_parquet
from core.project.exports import copy_encoder, copy_folder, write_library
from core.project.label_files import WrittenPhases, write_phases
from core.project.rows import PhaseRow, VideoRow

FOLDER = "folder"
_MOST_NAMED = 3
"""Videos that were left out, by name; of the others only the number is said."""


def phase_kinds() -> list[Choice]:
    """Return the kinds of files in which phases can be written, by the names of `FORMATS`."""
    translate = QCoreApplication.translate
    titles = {
        "segments": translate("Export", "Table of labels (.csv, .xlsx)"),
        "frames": translate("Export", "Table of frames (.csv, .xlsx)"),
        "ms-tcn": translate("Export", "MS-TCN (folder of .txt)"),
        "deepethogram": translate("Export", "DeepEthogram (folder of .csv)"),
        "boris-project": translate("Export", "BORIS project (.boris)"),
        "boris-tabular": translate("Export", "BORIS tabular events, for SimBA (folder of .csv)"),
        "boris": translate("Export", "BORIS aggregated events, for statistics (.tsv)"),
        "elan": translate("Export", "ELAN (folder of .eaf)"),
        "label-studio": translate("Export", "Label Studio tasks (.json)"),
        "activitynet": translate("Export", "ActivityNet (.json)"),
        "via": translate("Export", "VGG Image Annotator 3 (.json)"),
        "statistics": translate("Export", "Statistics (tables and pictures)"),
    }
    return [Choice(name, titles.get(name, one.title)) for name, one in FORMATS.items()]


def embedding_kinds() -> list[Choice]:
    """Return the kinds in which embeddings can be written: `FOLDER`, or the suffix of a file."""
    translate = QCoreApplication.translate
    return [
        Choice(FOLDER, translate("Export", "Folder of arrays (.npy)")),
        Choice(".npz", translate("Export", "One file of arrays (.npz)")),
        Choice(".parquet", translate("Export", "Table (.parquet)")),
    ]


def phases_sentence(found: WrittenPhases, target: Path) -> str:
    """Return what was written, where to, and what was left out."""
    translate, path = QCoreApplication.translate, displayable(str(target))
    wrote = translate("Export", "Wrote {0} of {1} to {2}.")
    sentence = " ".join(
        [wrote.format(labels(found.num_spans), videos(found.num_videos), path), *map(displayable, found.notes)]
    )
    if not found.left_out:
        return sentence
    named = [f"{displayable(one.name)} ({one.reason})" for one in found.left_out[:_MOST_NAMED]]
    if len(found.left_out) > _MOST_NAMED:
        more = len(found.left_out) - _MOST_NAMED
        named.append(translate("Export", "%n more", "", more))
    left_out = translate("Export", "Left out: {0}.").format("; ".join(named))
    return f"{sentence} {left_out}"


translate = QCoreApplication.translate


@dataclass(frozen=True)
class ProjectSnapshot:
    """What can be exported of a project."""

    folder: Path
    videos: Sequence[VideoRow]
    phases: Sequence[PhaseRow]
    read_spans: Callable[[], Mapping[int, Sequence[Span]]]
    """Reads the labels of the project, by video."""
    runs: Mapping[str, str]
    """By name of the export, the run that is chosen; without those that no run has anything for."""
    is_scanned: bool
    """Whether it is known which runs there are."""


def _phases(form: str) -> Export[ProjectSnapshot]:
    def write(target: Path, snapshot: ProjectSnapshot, control: Control) -> str:
        found = write_phases(
            target, snapshot.videos, snapshot.read_spans(), snapshot.folder, form=form, phases=snapshot.phases
        )
        return phases_sentence(found, target)

    def disabled_reason(snapshot: ProjectSnapshot) -> str:
        is_labelled = any(video.num_spans for video in snapshot.videos)
        return "" if is_labelled else translate("Export", "No labels yet. See the Label page.")

    suffixes = suffixes_beside(FORMATS[form].suffix)
    title = QT_TRANSLATE_NOOP("ExportCommands", "Export phases")
    if not suffixes:
        title = QT_TRANSLATE_NOOP("ExportCommands", "Export phases to folder")

    def stem(snapshot: ProjectSnapshot) -> str:
        return translate("Export", "{0} phases").format(snapshot.folder.name)

    return Export("phases", "", title, suffixes, stem, write=write, disabled_reason=disabled_reason)


def _library() -> Export[ProjectSnapshot]:
    def write(target: Path, snapshot: ProjectSnapshot, control: Control) -> str:
        videos = write_library(target, snapshot.videos, badges(snapshot.videos, snapshot.folder))
        return translate("Export", "Wrote %n video(s) to {0}.", "", videos).format(displayable(str(target)))

    def stem(snapshot: ProjectSnapshot) -> str:
        return translate("Export", "{0} library").format(snapshot.folder.name)

    def disabled_reason(snapshot: ProjectSnapshot) -> str:
        return "" if snapshot.videos else translate("Export", "No videos yet.")

    title = QT_TRANSLATE_NOOP("ExportCommands", "Export library")
    return Export("library", "", title, (".csv", ".xlsx"), stem, write=write, disabled_reason=disabled_reason)


def _embeddings(kind: str) -> Export[ProjectSnapshot]:
    def write(target: Path, snapshot: ProjectSnapshot, control: Control) -> str:
        source, path = snapshot.folder / "embeddings" / snapshot.runs["embeddings"], displayable(str(target))
        if kind == FOLDER:
            files = copy_folder(source, target, control)
            text = translate("Export", "Copied %n file(s) to {0}.", "", files)
        elif kind == ".npz":
            files = write_embeddings_npz(target, source, snapshot.videos, control, snapshot.folder)
            text = translate("Export", "Wrote the embeddings of %n video(s) to {0}.", "", files)
        else:
            files = write_embeddings_parquet(
                target, source, snapshot.videos, snapshot.read_spans(), control, snapshot.folder
            )
            text = translate("Export", "Wrote the embeddings of %n video(s) to {0}.", "", files)
        if not files:
            raise Stopped(translate("Export", "Cancelled; nothing was copied."))
        return text.format(path)

    def stem(snapshot: ProjectSnapshot) -> str:
        return translate("Export", "{0} embeddings").format(snapshot.runs["embeddings"])

    def disabled_reason(snapshot: ProjectSnapshot) -> str:
        return _no_run("embeddings", snapshot, translate("Export", "No embeddings yet. See the Explore page."))

    title = QT_TRANSLATE_NOOP("ExportCommands", "Export embeddings")
    if kind == FOLDER:
        title = QT_TRANSLATE_NOOP("ExportCommands", "Export embeddings to folder")
    suffixes = () if kind == FOLDER else suffixes_beside(kind)
    return Export("embeddings", "", title, suffixes, stem, write=write, disabled_reason=disabled_reason)


def _encoder() -> Export[ProjectSnapshot]:
    def write(target: Path, snapshot: ProjectSnapshot, control: Control) -> str:
        copy_encoder(snapshot.folder / "runs" / snapshot.runs["encoder"] / "encoder.safetensors", target)
        return translate("Export", "Copied the encoder to {0}.").format(displayable(str(target)))

    def disabled_reason(snapshot: ProjectSnapshot) -> str:
        return _no_run("encoder", snapshot, translate("Export", "No trained encoder yet. See the Train page."))

    title = QT_TRANSLATE_NOOP("ExportCommands", "Export encoder")
    suffixes = (".safetensors",)
    return Export(
        "encoder",
        "",
        title,
        suffixes,
        lambda snapshot: snapshot.runs["encoder"],
        write=write,
        disabled_reason=disabled_reason,
    )


def _no_run(name: str, snapshot: ProjectSnapshot, none: str) -> str:
    """Return why there is no run to export it of; empty where there is."""
    if name in snapshot.runs:
        return ""
    return none if snapshot.is_scanned else translate("Export", "Checking…")


class ExportController(QObject):
    """Each row works in its own thread."""

    changed = Signal()

    def __init__(self, app_context: AppContext) -> None:
        super().__init__(app_context.window)
        self._app_context = app_context
        self._embeddings = app_context.session.embeddings
        self._runs: dict[str, str] = {}
        """By row, the run that is chosen."""
        self.panel = ExportPanel()
        self.widget, self.first = self.panel, self.panel.rows["phases"].button
        self.actions = list(self.panel.commands.values())
        self.panel.rows["phases"].set_kinds(phase_kinds(), "segments")
        self.panel.rows["embeddings"].set_kinds(embedding_kinds(), FOLDER)
        exports = (_phases("segments"), _library(), _embeddings(FOLDER), _encoder())
        self.exporter = Exporter(app_context, CONTEXT, exports, list(self.panel.rows.values()), self._snapshot, self)
        self._when_shown = WhenShown(self.panel, self._show)
        self._connect()
        if app_context.session.project is not None:
            self._open()

    def _connect(self) -> None:
        session, rows = self._app_context.session, self.panel.rows
        session.opened.connect(self._open)
        session.about_to_close.connect(self.close)
        session.changes_of("videos", "spans").connect(self._when_shown.refresh)
        self._embeddings.changed.connect(self._on_scan)
        self.panel.appeared.connect(self._embeddings.scan)
        self.panel.explore_requested.connect(lambda: self._app_context.show_page("explore"))
        for name in ("embeddings", "encoder"):
            rows[name].run_selected.connect(lambda run, name=name: self._runs.update({name: run}))
        rows["phases"].kind_selected.connect(lambda form: self.exporter.declare(_phases(form)))
        rows["embeddings"].kind_selected.connect(lambda kind: self.exporter.declare(_embeddings(kind)))

    def close(self) -> None:
        """End the threads."""
        self.exporter.close()

    def _open(self) -> None:
        self._runs = {}
        self._show()
        if self.panel.isVisible():
            self._embeddings.refresh()

    def _on_scan(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        """Show what can be exported, and why the rest cannot."""
        if self._embeddings.index is not None:
            self._show_runs("embeddings", lambda source: bool(source.digests))
            self._show_runs("encoder", lambda source: source.has_encoder)
        self.exporter.show()

    def _show_runs(self, name: str, has_it: Callable[[EmbeddingSource], bool]) -> None:
        """Let one of the runs that have it be chosen."""
        index = self._embeddings.index
        runs = [source.name for source in (index.sources if index else ()) if has_it(source)]
        if self._runs.get(name) not in runs:
            self._runs.pop(name, None)
            if runs:
                self._runs[name] = runs[0]
        self.panel.rows[name].set_runs([Choice(run, displayable(run)) for run in runs], self._runs.get(name))

    def _snapshot(self) -> ProjectSnapshot | None:
        session = self._app_context.session
        if (project := session.project) is None:
            return None
        videos, is_scanned = list(session.videos.values()), self._embeddings.index is not None
        return ProjectSnapshot(
            project.folder, videos, project.phases(), project.spans_reader(), dict(self._runs), is_scanned
        )
