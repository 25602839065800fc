"""The Export page: writes the contents of the project where the user chooses; the project does not change."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, QTimer, Signal

from carl_gui.controllers.app_context import AppContext, reveal
from carl_gui.models.choices import Choice
from carl_gui.models.embedding_index import EmbeddingIndex, EmbeddingSource, KnownDigests, scan_embeddings
from carl_gui.models.export_messages import (
    FOLDER,
    embedding_kinds,
    export_sentence,
    export_title,
    file_kind,
    phase_kinds,
    proposed_name,
)
from carl_gui.models.messages import displayable
from carl_gui.panels.export.export import ExportPanel
from carl_gui.panels.export.export_dialogs import ask_for_folder, ask_for_target
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control
from core.base.csv_files import suffixes_beside
from core.labels.formats.table import FORMATS
from core.project.badges import badges
from core.project.changes import Changes
from core.project.embedding_files import write_embeddings_npz, write_embeddings_parquet
from core.project.exports import check_target, copy_encoder, copy_folder, write_library
from core.project.label_files import write_phases
from training.run import unused_folder

_REST_MS = 250

Work = Callable[[Control], object]


class ExportController(QObject):
    """Each row works in its own thread."""

    changed = Signal()

    def __init__(self, workshop: AppContext) -> None:
        super().__init__(workshop.window)
        self._workshop = workshop
        self._survey: EmbeddingIndex | None = None
        self._known: KnownDigests = {}
        self._runs: dict[str, str] = {}
        """By row, the run that is chosen."""
        self._targets: dict[str, Path] = {}
        """By row, what is being written or was."""
        self._kind = FOLDER
        """As what embeddings are written."""
        self._format = "segments"
        """As what phases are written: a name of `FORMATS`."""
        self._begin_in = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        self.panel = ExportPanel()
        self.widget, self.first = self.panel, self.panel.rows["phases"].button
        self.actions = list(self.panel.commands.values())
        self.panel.rows["phases"].set_kinds(phase_kinds(), self._format)
        self.panel.rows["embeddings"].set_kinds(embedding_kinds(), self._kind)
        self._controls: dict[str, Control] = {}
        """By row, what stops it."""
        self._tasks = Tasks(self, lambda sentence: workshop.warn(displayable(sentence)))
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._connect()
        if workshop.session.project is not None:
            self._open()

    def _connect(self) -> None:
        session = self._workshop.session
        session.opened.connect(self._open)
        session.about_to_close.connect(self._leave)
        session.changed.connect(self._on_changes)
        self._workshop.jobs.ended.connect(lambda *_: self._resting.start())
        self._resting.timeout.connect(self.look)
        self.panel.appeared.connect(self.look)
        self.panel.explore_requested.connect(lambda: self._workshop.show_page("explore"))
        for name, row in self.panel.rows.items():
            row.run_selected.connect(lambda run, name=name: self._choose_run(name, run))
            row.reveal_requested.connect(lambda name=name: self._reveal(name))
            row.cancel_requested.connect(lambda name=name: self._controls[name].stop())
        self.panel.rows["phases"].kind_selected.connect(lambda name: setattr(self, "_format", name))
        self.panel.rows["embeddings"].kind_selected.connect(lambda kind: setattr(self, "_kind", kind))
        for name, command in self.panel.commands.items():
            command.triggered.connect(lambda _=False, name=name: self._ask(name))

    def look(self) -> None:
        """Find out in a thread which runs have something; only while the page is seen."""
        session = self._workshop.session
        if session.project is not None and self.panel.isVisible():
            rows, folder, known = list(session.videos.values()), session.project.folder, self._known
            self._tasks.start("look", self._look(lambda control: scan_embeddings(folder, rows, known)))

    def is_writing(self, name: str) -> bool:
        """Return whether that row is at work."""
        return self._tasks.is_running(name)

    def write(self, name: str, target: Path) -> None:
        """Write this there: a file, or where a folder is to be made the one in which it is."""
        folder = self._workshop.session.require().folder
        run = self._runs.get(name, "")
        suffix = self._suffix(name)
        self._begin_in = target.parent if suffix else target
        if not suffix:
            target = unused_folder(target, self._proposed(name))
        self._targets[name] = target
        works: dict[str, Callable[[], Work]] = {
            "phases": lambda: self._phases_into(target),
            "library": lambda: self._library_into(target),
            "embeddings": lambda: self._embeddings_into(target, folder / "embeddings" / run),
            "encoder": lambda: lambda control: copy_encoder(folder / "runs" / run / "encoder.safetensors", target),
        }
        work, videos = works[name](), list(self._workshop.session.videos.values())

        def checked(control: Control) -> object:
            check_target(target, suffixes_beside(suffix), folder, videos)
            return work(control)

        row = self.panel.rows[name]
        row.set_result("")
        row.set_busy(True)
        self._controls[name] = Control()
        refuse = functools.partial(self._refuse, name)
        self._tasks.start(name, self._write(name, target, checked, self._controls[name]), on_error=refuse)
        self._show()

    def _suffix(self, name: str) -> str:
        """Of the file that is written; empty where it is a folder."""
        if name == "embeddings":
            return "" if self._kind == FOLDER else self._kind
        return {"phases": FORMATS[self._format].suffix, "encoder": ".safetensors"}.get(name, ".csv")

    def close(self) -> None:
        """End the threads."""
        self._resting.stop()
        self._tasks.close()

    def _phases_into(self, target: Path) -> Work:
        session = self._workshop.session
        videos, folder = list(session.videos.values()), session.require().folder
        read_spans, form = session.require().spans_reader(), self._format
        phases = session.require().phases()
        return lambda control: write_phases(target, videos, read_spans(), folder, form=form, phases=phases)

    def _library_into(self, target: Path) -> Work:
        session = self._workshop.session
        videos, folder = list(session.videos.values()), session.require().folder
        return lambda control: write_library(target, videos, badges(videos, folder))

    def _embeddings_into(self, target: Path, source: Path) -> Work:
        session = self._workshop.session
        videos, project = list(session.videos.values()), session.require().folder
        read_spans = session.require().spans_reader()
        works: dict[str, Work] = {
            FOLDER: lambda control: copy_folder(source, target, control),
            ".npz": lambda control: write_embeddings_npz(target, source, videos, control, project),
            ".parquet": lambda control: write_embeddings_parquet(
                target, source, videos, read_spans(), control, project
            ),
        }
        return works[self._kind]

    def _open(self) -> None:
        self._survey, self._runs = None, {}
        for row in self.panel.rows.values():
            row.set_result("")
        self._show()
        self.look()

    def _leave(self) -> None:
        self.close()
        for row in self.panel.rows.values():
            row.set_busy(False)

    def _on_changes(self, changes: Changes) -> None:
        self._show()
        if changes.videos:
            self._resting.start()

    async def _look(self, work: Callable[[Control], EmbeddingIndex]) -> None:
        self._survey = await in_thread(work)
        self._show()
        self.changed.emit()

    def _choose_run(self, name: str, run: str) -> None:
        self._runs[name] = run

    def _show(self) -> None:
        """What can be exported, and why the rest cannot."""
        videos = self._workshop.session.videos.values()
        labelled = sum(video.num_spans > 0 for video in videos)
        problems = {
            "phases": "" if labelled else self.tr("No labels yet. See the Label page."),
            "library": "" if videos else self.tr("No videos yet."),
            "embeddings": self._offer("embeddings", lambda source: bool(source.digests))
            or self.tr("No embeddings yet. See the Explore page."),
            "encoder": self._offer("encoder", lambda source: source.has_encoder)
            or self.tr("No trained encoder yet. See the Train page."),
        }
        for name, problem in problems.items():
            if name in self._runs:
                problem = ""
            self.panel.rows[name].set_disabled_reason(problem)
            self.panel.commands[name].setEnabled(not problem and not self.is_writing(name))

    def _offer(self, name: str, has_it: Callable[[EmbeddingSource], bool]) -> str:
        """Let one of the runs that have it be chosen."""
        runs = [source.name for source in (self._survey.sources if self._survey else ()) if has_it(source)]
        now = self._runs.get(name)
        if now not in runs:
            self._runs.pop(name, None)
            if runs:
                self._runs[name] = runs[0]
        self.panel.rows[name].set_runs([Choice(run, displayable(run)) for run in runs], self._runs.get(name))
        return "" if runs or self._survey else self.tr("Checking…")

    def _ask(self, name: str) -> None:
        """Where it goes: a file, or the folder in which one is made."""
        window, suffix = self._workshop.window, self._suffix(name)
        title = export_title(name, is_folder=not suffix)

        def take(path: Path) -> None:
            self.write(name, path)

        if suffix:
            proposed = self._begin_in / f"{self._proposed(name)}{suffix}"
            ask_for_target(window, title, proposed, file_kind(suffix), suffix[1:], take)
        else:
            ask_for_folder(window, title, self._begin_in, take)

    def _proposed(self, name: str) -> str:
        return proposed_name(name, self._workshop.session.require().folder.name, self._runs.get(name, ""))

    async def _write(self, name: str, target: Path, work: Work, control: Control) -> None:
        found = await in_thread(work, control)
        is_cancelled = name == "embeddings" and not found
        self._end(name, export_sentence(name, found, target), is_error=is_cancelled)

    def _refuse(self, name: str, sentence: str) -> None:
        self._end(name, displayable(sentence), is_error=True)

    def _end(self, name: str, sentence: str, *, is_error: bool) -> None:
        row = self.panel.rows[name]
        row.set_busy(False)
        row.set_result(sentence, is_error=is_error)
        self._show()
        if not self.panel.isVisible():
            (self._workshop.warn if is_error else self._workshop.tell)(sentence)

    def _reveal(self, name: str) -> None:
        if not reveal(self._targets[name]):
            self._workshop.tell(
                self.tr("No program is set up to open {0}.").format(displayable(str(self._targets[name].parent)))
            )
