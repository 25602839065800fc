"""Exports of all views: their declaration, file dialogs, execution, and the box that shows them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, QStandardPaths, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QScrollArea, QWidget

from carl_gui.app_context import AppContext, reveal
from carl_gui.commands.command import EXPLORE, PanelCommand, PanelTable
from carl_gui.job_control.status import FILM
from carl_gui.models.messages import displayable
from carl_gui.models.runs import stage_text, stage_unit
from carl_gui.numbers import duration, rate
from carl_gui.tasks import Tasks, in_thread
from carl_gui.widgets.factories import push_button
from carl_gui.widgets.labels import breakable, wrapped_label
from carl_gui.widgets.layouts import section_title, vbox
from carl_gui.widgets.progress import ProgressRow
from core.base.control import Control, Stopped
from core.base.events import Event, Progress
from core.base.leftovers import temporary_folder
from core.project.exports import check_target
from training.queue import JobOrder, QueuedJob
from training.run import unused_folder


def ask_for_target(
    parent: QWidget, title: str, proposed: Path, kinds: str, suffix: str, on_path: Callable[[Path], object]
) -> None:
    """Let the user name a file; the dialog itself asks before replacing one.

    Args:
        proposed: the folder to begin in, and a name.
        kinds: as `QFileDialog` filters them: `Tables (*.csv)`, several with `;;` between them.
        suffix: added to a name without one, with no dot; where there are several kinds, that of the chosen one.
    """
    dialog = QFileDialog(parent, title, str(proposed.parent), kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(kind.rpartition("*.")[2].rstrip(")")))
    dialog.selectFile(proposed.name)
    _open(dialog, on_path)


def ask_for_folder(parent: QWidget, title: str, start_folder: Path, on_path: Callable[[Path], object]) -> None:
    """Let the user choose the folder in which a new one is made."""
    dialog = QFileDialog(parent, title, str(start_folder))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    _open(dialog, on_path)


def _open(dialog: QFileDialog, on_path: Callable[[Path], object]) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda name: on_path(Path(name)))
    dialog.open()


_NO_TIME_MS = 0


class ExportBox(QWidget):
    """Shows what `set_*` gives it; what is to be exported is told by the commands."""

    def __init__(self, commands: PanelTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.commands = commands.actions(self)
        """By name."""
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.addActions(list(self.commands.values()))
        self._button = QPushButton(self.tr("Export…"))
        self._button.setMenu(self._menu)
        self._result = wrapped_label()
        self._result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._reveal = push_button(self.tr("Show in folder"))
        self.reveal_requested = self._reveal.clicked
        self._progress_row = ProgressRow(self.tr("Export"), self.tr("Cancel export"))
        self.cancel_requested = self._progress_row.cancel_requested
        vbox(
            section_title(self.tr("Export"), self._button),
            self._button,
            self._progress_row,
            self._result,
            self._reveal,
            on=self,
            spacing=6,
        )
        self.set_progress(None, "")
        self.set_result("")

    @property
    def button(self) -> QPushButton:
        return self._button

    @property
    def result(self) -> str:
        """The result of the last export."""
        return self._result.text().replace("\u200b", "")

    @property
    def progress(self) -> str:
        """The progress, in words; empty if nothing is being exported."""
        return self._progress_row.words

    def set_enabled(self, enabled: Collection[str], reasons: Mapping[str, str]) -> None:
        """Set which exports are enabled, and why others are not, by name."""
        for name, action in self.commands.items():
            action.setEnabled(name in enabled)
            action.setToolTip(reasons.get(name, ""))
        self._button.setEnabled(any(action.isEnabled() for action in self.commands.values()))

    def set_progress(self, share: float | None, text: str) -> None:
        """Set the progress, 0 to 1 (None: unknown), and its text; empty: nothing is being exported."""
        self._progress_row.set_progress(share, text)

    def set_result(self, sentence: str, *, is_error: bool = False) -> None:
        """Set the result; empty: nothing yet."""
        self._result.setText(breakable(sentence))
        self._result.setVisible(bool(sentence))
        self._reveal.setVisible(bool(sentence) and not is_error)
        self._result.set_ink("warning" if is_error else "text")
        if sentence and self.isVisible():
            QTimer.singleShot(_NO_TIME_MS, self, self._come_into_sight)  # when it has its place

    def _come_into_sight(self) -> None:
        """Scroll to the box, because a column of controls may be higher than the window."""
        place = self.parentWidget()
        while place is not None and not isinstance(place, QScrollArea):
            place = place.parentWidget()
        if place is not None:
            place.ensureWidgetVisible(self._reveal if self._reveal.isVisible() else self._result)


T = TypeVar("T")
S = TypeVar("S")
"""What a view shows: a snapshot that any thread may read."""


@dataclass(frozen=True)
class Export(Generic[S]):
    """A file of what a view shows, written by `write` in a thread, or by a command of `core` that makes a film.

    Texts are English, and are translated where they are shown.
    """

    name: str
    """As for its command."""
    text: str
    """As for its command."""
    title: str
    """The title of the file dialog."""
    suffixes: Sequence[str]
    """The suffixes of the file, the proposed one first; none: a folder is made."""
    stem: Callable[[S], str]
    """Returns the proposed name without suffix."""
    write: Callable[[Path, S, Control], str] | None = None
    """Writes the file and returns a message. Raises `CarlError`, or `Stopped` where nothing was written."""
    film: Callable[[Path, S, Path], Sequence[str]] | None = None
    """Returns the module and arguments of a command, whose input files are put into the folder given last."""
    disabled_reason: Callable[[S], str] = lambda snapshot: ""
    """Returns why it cannot be exported now; empty if it can."""
    complete: Callable[[S], S] = lambda snapshot: snapshot
    """Adds what only widgets know; called on request, in the window's thread, because it takes time."""


def export_table(context: str, exports: Iterable[Export[S]], *, ids: str = "explore.") -> PanelTable:
    """Return the commands of a view's exports; `context` is that of their translations, and the prefix of their ids."""
    commands = tuple(PanelCommand(one.name, one.text) for one in exports)
    return PanelTable("explore", EXPLORE, ids, context, commands)


class ExportPlace(Protocol):
    """Has the commands of one or several exports, and shows their state."""

    @property
    def commands(self) -> Mapping[str, QAction]: ...

    @property
    def cancel_requested(self) -> SignalInstance: ...

    @property
    def reveal_requested(self) -> SignalInstance: ...

    def isVisible(self) -> bool: ...  # noqa: N802

    def set_enabled(self, enabled: Collection[str], reasons: Mapping[str, str]) -> None:
        """Set which exports are enabled, and why others are not, by name."""

    def set_progress(self, share: float | None, text: str) -> None:
        """Set the progress, 0 to 1 (None: unknown), and its text; empty: nothing is being exported."""

    def set_result(self, sentence: str, *, is_error: bool = False) -> None:
        """Set the result; empty: nothing yet."""


@dataclass(eq=False)
class _Running:
    """An export at work."""

    place: ExportPlace
    target: Path
    control: Control = field(default_factory=Control)
    job: QueuedJob | None = None
    share: float | None = None
    text: str = ""


class Exporter(QObject, Generic[S]):
    """Runs the exports of a view, at most one thread and one video at a time in each place.

    Each exports the snapshot of when it was requested.
    """

    finished = Signal(str, bool)
    """The message, and whether nothing was written."""

    def __init__(
        self,
        app_context: AppContext,
        context: str,
        exports: Iterable[Export[S]],
        places: Sequence[ExportPlace],
        snapshot: Callable[[], S | None],
        parent: QObject,
    ) -> None:
        """
        Args:
            context: under which translators find the texts.
            places: where the exports are chosen and shown.
            snapshot: returns what the view shows; None while there is nothing to export.
        """
        super().__init__(parent)
        self._app_context, self._context, self._snapshot = app_context, context, snapshot
        self._exports = {one.name: one for one in exports}
        self._places = places
        self._place_of = {name: place for place in places for name in place.commands}
        self._start_folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        self._targets: dict[ExportPlace, Path] = {}
        """The file or folder of the last result."""
        self._running: dict[str, _Running] = {}
        """The running exports by lane: a thread or a video in each place."""
        self._tasks = Tasks(self, lambda sentence: app_context.warn(displayable(sentence)))
        app_context.jobs.changed.connect(self._show_waiting)
        for place in self._places:
            place.cancel_requested.connect(lambda place=place: self.cancel(place))
            place.reveal_requested.connect(lambda _=False, place=place: self._reveal(place))
            for name, action in place.commands.items():
                action.triggered.connect(lambda _=False, name=name: self.ask(name))
            place.set_enabled((), {})  # until it is shown

    @property
    def is_running(self) -> bool:
        """Whether an export is running."""
        return bool(self._running)

    def is_writing(self, name: str) -> bool:
        """Return whether this export runs, or another one that it has to wait for."""
        return self._lane(name) in self._running

    def target(self, name: str) -> Path:
        """Return what was written last from the place of this export."""
        return self._targets[self._place_of[name]]

    def declare(self, export: Export[S]) -> None:
        """Replace the export of that name, for another format."""
        self._exports[export.name] = export

    def show(self) -> None:
        """Show what can be exported now."""
        snapshot = self._snapshot()
        reasons = (
            {} if snapshot is None else {name: one.disabled_reason(snapshot) for name, one in self._exports.items()}
        )
        enabled = [name for name, reason in reasons.items() if not reason and not self.is_writing(name)]
        for place in self._places:
            place.set_enabled(enabled, reasons)

    def ask(self, name: str) -> None:
        """Let the user choose the target, then start."""
        snapshot, project = self._snapshot(), self._app_context.session.project
        if snapshot is None or project is None:
            return
        export, window = self._exports[name], self._app_context.window
        title = QCoreApplication.translate(self._context, export.title)

        def on_path(path: Path) -> None:
            if self._app_context.session.project is project:  # else it was closed while the dialog stood
                self.write(name, path, snapshot)

        if export.suffixes:
            suffix, kinds = export.suffixes[0], ";;".join(map(_file_kind, export.suffixes))
            proposed = self._start_folder / f"{_file_stem(export.stem(snapshot))}{suffix}"
            ask_for_target(window, title, proposed, kinds, suffix[1:], on_path)
        else:
            ask_for_folder(window, title, self._start_folder, on_path)

    def write(self, name: str, target: Path, snapshot: S | None = None) -> None:
        """Write to a file, or to a folder that is made.

        Args:
            snapshot: the view's data; None: as shown now.
        """
        snapshot = self._snapshot() if snapshot is None else snapshot
        if snapshot is None or self._app_context.session.project is None:
            return
        export, lane = self._exports[name], self._lane(name)
        snapshot = export.complete(snapshot)
        self._start_folder = target.parent if export.suffixes else target
        if not export.suffixes:
            target = unused_folder(target, _file_stem(export.stem(snapshot)))
        running = self._running[lane] = _Running(self._place_of[name], target)
        running.place.set_result("")
        self._set_progress(running, None, self.tr("Writing {0}…").format(displayable(target.name)))
        self._tasks.start(
            lane,
            self._run(lane, export, snapshot),
            on_error=lambda sentence: self._on_finished(lane, displayable(sentence)),
        )
        self.show()

    def cancel(self, place: ExportPlace) -> None:
        """Stop the export of that place; no part of the file remains."""
        if (running := self._displayed(place)) is not None:
            running.control.stop()
            if running.job is not None:
                self._app_context.jobs.stop(running.job)

    def close(self) -> None:
        """End threads and jobs, and clear the results, because the project closes."""
        self._tasks.close()
        self._running.clear()
        for place in self._places:
            place.set_result("")
            place.set_progress(None, "")
        self.show()

    def _lane(self, name: str) -> str:
        kind = "write" if self._exports[name].film is None else "film"
        return f"{self._places.index(self._place_of[name])}-{kind}"

    async def _run(self, lane: str, export: Export[S], snapshot: S) -> None:
        running, session = self._running[lane], self._app_context.session
        target, folder, videos = running.target, session.require().folder, list(session.videos.values())

        def checked(work: Callable[[], T]) -> T:
            check_target(target, tuple(export.suffixes), folder, videos)
            return work()

        try:
            if (write := export.write) is not None:
                sentence = await in_thread(lambda c: checked(lambda: write(target, snapshot, c)), running.control)
            elif (film := export.film) is not None:
                await self._film(running, lambda scratch: checked(lambda: film(target, snapshot, scratch)))
                sentence = self.tr("Wrote the video to {0}.").format(displayable(str(target)))
        except Stopped as stopped:
            self._on_finished(lane, str(stopped) or self.tr("Cancelled; nothing was written."))
        else:
            self._targets[running.place] = target
            self._on_finished(lane, sentence, is_error=False)

    async def _film(self, running: _Running, prepare: Callable[[Path], Sequence[str]]) -> None:
        """Prepare in a thread, then run the command, which writes the film."""
        self._set_progress(running, None, self.tr("Starting…"))
        with temporary_folder("carl-export") as scratch:
            args = await in_thread(lambda control: prepare(scratch), running.control)
            if running.control.stop_requested:
                raise Stopped
            running.job = self._app_context.jobs.submit(JobOrder(FILM, running.target.name, tuple(args), "film"))
            await self._app_context.jobs.finish(running.job, partial(self._on_job_event, running))

    def _on_job_event(self, running: _Running, event: Event) -> None:
        if isinstance(event, Progress):
            text = stage_text(event.stage, event.done, event.total)
            if event.rate > 0:
                text = self.tr("{0} · {1} · {2} left").format(
                    text, rate(event.rate, stage_unit(event.stage)), duration(event.eta_seconds)
                )
            self._set_progress(running, event.done / event.total if event.total > 0 else None, text)

    def _show_waiting(self) -> None:
        for running in self._running.values():
            if running.job is not None and running.job.state == "waiting":
                self._set_progress(running, None, self.tr("Waiting for another video to be written"))

    def _displayed(self, place: ExportPlace) -> _Running | None:
        """Return the running export whose progress is shown there: of two the video, which takes longer."""
        found = [one for _, one in sorted(self._running.items()) if one.place is place]
        return next(iter(found), None)

    def _set_progress(self, running: _Running, share: float | None, text: str) -> None:
        running.share, running.text = share, text
        self._show_progress(running.place)

    def _show_progress(self, place: ExportPlace) -> None:
        running = self._displayed(place)
        place.set_progress(*(None, "") if running is None else (running.share, running.text))

    def _on_finished(self, lane: str, sentence: str, *, is_error: bool = True) -> None:
        """Show the result, in the main window where its place is hidden."""
        place = self._running.pop(lane).place
        self._show_progress(place)
        place.set_result(sentence, is_error=is_error)
        self.show()
        if not place.isVisible():
            (self._app_context.warn if is_error else self._app_context.show_status)(sentence)
        self.finished.emit(sentence, is_error)

    def _reveal(self, place: ExportPlace) -> None:
        if not reveal(self._targets[place]):
            text = self.tr("No program is set up to open {0}.")
            self._app_context.show_status(text.format(displayable(str(self._targets[place].parent))))


class ViewExporter(Exporter[S]):
    """The exports of a view of Explore, in a box for its side."""

    def __init__(
        self, app_context: AppContext, table: PanelTable, exports: Iterable[Export[S]], snapshot: Callable[[], S | None]
    ) -> None:
        """Create the exporter. `table`: the commands of the exports; `snapshot`: as in `Exporter`."""
        self.box = ExportBox(table)
        super().__init__(app_context, table.context, exports, [self.box], snapshot, self.box)


def _file_stem(name: str) -> str:
    """Return the name without characters that are invalid in file names."""
    return "".join("_" if letter in '<>:"/\\|?*\ufffd' else letter for letter in displayable(name))


def _file_kind(suffix: str) -> str:
    """Return the dialog's name of such files."""
    translate = QCoreApplication.translate
    kinds = {
        ".boris": translate("Export", "BORIS projects"),
        ".json": translate("Export", "JSON"),
        ".mp4": translate("Export", "Videos"),
        ".npz": translate("Export", "NumPy arrays"),
        ".png": translate("Export", "Pictures"),
        ".safetensors": translate("Export", "Encoders"),
        ".svg": translate("Export", "Drawings"),
        ".xlsx": translate("Export", "Excel tables"),
    }
    tables = translate("Export", "Tables")
    return f"{kinds.get(suffix, tables)} (*{suffix})"
