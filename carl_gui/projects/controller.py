"""Create, open, repair and close projects, and the sample."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import platformdirs
from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QObject, QSettings, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QPushButton, QWidget

from carl_gui.job_control.recovery import MEMORY
from carl_gui.jobs import JobFailedError, Jobs
from carl_gui.models.messages import displayable
from carl_gui.projects.close_guard import CloseGuard
from carl_gui.projects.new_project import NewProjectDialog
from carl_gui.projects.start_page import RecentProject, StartPage
from carl_gui.session import Session
from carl_gui.settings import RecentProjects
from carl_gui.tasks import Tasks, in_thread
from carl_gui.widgets.layouts import box_over
from core.base.errors import CarlError
from core.base.events import Event, Progress, ignore
from core.project.backup_files import backups_of, made_at
from core.project.backups import BACKUPS, restore
from core.project.damage import DamagedProjectError
from core.project.store import Project
from training.queue import JobOrder, QueuedJob
from training.run import unused_folder

_PLACE, _VIDEOS_PLACE = "projects_place", "videos_place"
SAMPLE_KIND = "sample"
_NUM_JUDGES = 3
"""Clips of the sample that judge the training."""


class ProjectsController(QObject):
    """Handles the start page and the File menu."""

    sample_drawn = Signal(list)
    """The sample's project is open; these clips are to be taken in."""
    videos_selected = Signal(list)
    """A project was made for these files and folders; they are to be taken in."""
    failed = Signal(str)
    """One sentence about what could not be opened."""

    def __init__(
        self,
        window: QWidget,
        page: StartPage,
        session: Session,
        jobs: Jobs,
        settings: QSettings,
        close_guard: CloseGuard,
    ) -> None:
        super().__init__(window)
        self._window, self._page, self._session, self._jobs = window, page, session, jobs
        self._settings, self._close_guard = settings, close_guard
        self._recent = RecentProjects(settings)
        self.recent_menu = QMenu(self.tr("Open &recent"), window, toolTipsVisible=True)
        self._tasks = Tasks(self, lambda sentence: self._show_error(self.tr("The sample cannot be made"), sentence))
        page.compare_requested.connect(self.ask_for_videos)
        page.new_requested.connect(self.ask_for_new)
        page.open_requested.connect(self.ask_for_folder)
        page.sample_requested.connect(self.try_sample)
        page.sample_cancelled.connect(self._cancel_sample)
        page.recent_selected.connect(self.open)
        page.recent_removed.connect(self._remove_recent)
        page.folder_dropped.connect(self.take_folder)
        session.closed.connect(lambda: jobs.remember_in(None))
        self.show_recent()

    def show_recent(self) -> None:
        """Show the projects of the start page, as the disk has them now."""
        rows = [RecentProject(folder, Project.is_project(folder)) for folder in self._recent.folders()]
        self._page.set_recent(rows)
        self.recent_menu.clear()
        for row in rows:
            action = self.recent_menu.addAction(displayable(row.folder.name).replace("&", "&&"))
            action.setToolTip(displayable(str(row.folder)))
            action.setEnabled(row.is_there)
            action.triggered.connect(lambda _=False, folder=row.folder: self.open(folder))
        self.recent_menu.setEnabled(bool(rows))

    def ask_for_new(self) -> None:
        """Let the person choose the place of a new project."""
        parent = Path(str(self._settings.value(_PLACE) or projects_folder()))
        name = unused_folder(parent, self.tr("My project")).name
        dialog = NewProjectDialog(parent, name, self._window)

        def create(folder: Path) -> None:
            try:
                self._session.create(folder)
            except (CarlError, OSError) as error:
                dialog.set_message(_sentence(error))
                return
            self._settings.setValue(_PLACE, str(folder.parent))
            dialog.accept()
            self._opened()

        dialog.folder_selected.connect(lambda folder: self._close_guard.confirm(lambda: create(folder), over=dialog))
        dialog.open()

    def ask_for_folder(self) -> None:
        """Let the person choose the folder of a project."""
        dialog = QFileDialog(self._window, self.tr("Open project folder"), str(projects_folder()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.open(Path(name)))
        dialog.open()

    def ask_for_videos(self) -> None:
        """Let the person choose a folder of videos, and make a project for them."""
        movies = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
        places = str(self._settings.value(_VIDEOS_PLACE) or movies), movies
        there = next((folder for folder in places if os.path.isdir(folder)), str(Path.home()))
        dialog = QFileDialog(self._window, self.tr("Choose a folder with your videos"), there)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=False)  # the videos are seen, to know the folder by
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.take_folder(Path(name)))
        dialog.open()

    def take_folder(self, folder: Path) -> None:
        """Open the project in this folder; where there is none, make one for the videos in it."""
        if Project.is_project(folder):
            self.open(folder)
        else:
            no_videos = self.tr("No videos")
            self._tasks.start(
                "make", self._make_for(folder), on_error=lambda sentence: self._show_error(no_videos, sentence)
            )

    async def _make_for(self, folder: Path) -> None:
        await in_thread(lambda control: _check_videos(folder))
        self._settings.setValue(_VIDEOS_PLACE, str(folder.parent))

        def make() -> None:
            target = unused_folder(projects_folder(), folder.name or self.tr("My project"))
            try:
                self._session.create(target)
            except (CarlError, OSError) as error:
                self._show_error(self.tr("The project cannot be made"), _sentence(error))
                return
            self._opened()
            self.videos_selected.emit([folder])

        self._close_guard.confirm(make)

    def open(self, folder: Path) -> None:
        """Open this project; where it cannot be, say why and offer what helps."""
        if self._session.has(folder):
            return
        self._close_guard.confirm(lambda: self._open(folder))

    def close_project(self) -> None:
        """Return to the start page."""
        self._close_guard.confirm(self._session.close)

    def try_sample(self) -> None:
        """Open the sample's project; it is drawn first where there is none yet."""
        folder = projects_folder() / self.tr("Sample")
        if self._tasks.is_running("sample"):
            return
        if Project.is_project(folder):
            self.open(folder)
            return
        if os.path.lexists(folder) and not _is_half_made(folder):
            folder = unused_folder(folder.parent, folder.name)
        self._close_guard.confirm(lambda: self.make_sample(folder))

    def make_sample(self, folder: Path) -> None:
        """Draw the sample and make a project of it in this folder; the start page shows how far it is."""
        self._session.close()
        order = JobOrder(SAMPLE_KIND, self.tr("Sample"), ("core.sample", "--out", str(folder / "videos")), "drawing")
        self._page.set_sample_progress(0.0, self.tr("Drawing the sample…"))
        self._tasks.start("sample", self._make_sample(folder, self._jobs.submit(order)))

    def close(self) -> None:
        """Stop the tasks."""
        self._tasks.close()

    def ask_for_backup(self) -> None:
        """Let the person choose a backup to restore; the present data are set aside."""
        project = self._session.require()
        folder = project.folder / BACKUPS
        if not backups_of(folder):
            self.failed.emit(self.tr("No backups yet. The first one is made after a change."))
            return
        dialog = QFileDialog(self._window, self.tr("Restore backup"), str(folder))
        dialog.setNameFilter(self.tr("Backups ({0})").format("project-*.sqlite"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def go_back(name: str) -> None:
            self._session.close()
            self._restore(project.folder, Path(name))

        dialog.fileSelected.connect(lambda name: self._close_guard.confirm(lambda: go_back(name)))
        dialog.open()

    def _open(self, folder: Path) -> None:
        try:
            self._session.open(folder)
        except DamagedProjectError as error:
            self._offer_backup(folder, error)
        except (CarlError, OSError) as error:
            self._show_error(self.tr("The project cannot be opened"), _sentence(error))
        else:
            self._opened()

    def _opened(self) -> None:
        project = self._session.require()
        self._recent.add(project.folder)
        self._jobs.remember_in(None if project.read_only else project.folder / MEMORY)
        self.show_recent()

    def _offer_backup(self, folder: Path, error: DamagedProjectError) -> None:
        if error.backup is None:
            self._show_error(self.tr("The project cannot be opened"), str(error))
            return
        backup = error.backup
        moment = QDateTime.fromSecsSinceEpoch(int(made_at(backup).timestamp()))
        date_text = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
        box = box_over(self._window, QMessageBox.Icon.Warning, self.tr("The project is damaged"), str(error))
        restore_button = box.addButton(
            self.tr("&Restore the backup of {0}").format(date_text), QMessageBox.ButtonRole.AcceptRole
        )
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(restore_button)
        box.setInformativeText(self.tr("The current data is not removed; it is kept in the backups folder."))
        _on_click(box, restore_button, lambda: self._restore(folder, backup))
        box.open()

    def _restore(self, folder: Path, backup: Path) -> None:
        try:
            restore(folder, backup)
        except (CarlError, OSError) as error:
            self._show_error(self.tr("The backup cannot be restored"), _sentence(error))
        else:
            self._open(folder)

    def _show_error(self, title: str, sentence: str) -> None:
        box = box_over(self._window, QMessageBox.Icon.Warning, title, sentence)
        box.addButton(QMessageBox.StandardButton.Ok)
        box.open()

    def _remove_recent(self, folder: Path) -> None:
        self._recent.remove(folder)
        self.show_recent()

    def _cancel_sample(self) -> None:
        if (job := self._jobs.find(SAMPLE_KIND)) is not None:
            self._jobs.stop(job)

    def _on_job_event(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._page.set_sample_progress(event.done / max(event.total, 1), self.tr("Drawing the sample…"))

    async def _make_sample(self, folder: Path, job: QueuedJob) -> None:
        try:
            await self._jobs.finish(job, self._on_job_event)
        except JobFailedError as error:
            self._show_error(self.tr("The sample cannot be drawn"), str(error))
            return
        finally:
            self._page.set_sample_progress(None, "")
        try:
            self._session.create(folder)
        except (CarlError, OSError) as error:
            self._show_error(self.tr("The sample cannot be made"), _sentence(error))
            return
        self._opened()
        self.sample_drawn.emit(sorted((folder / "videos").glob("*.mp4")))


def projects_folder() -> Path:
    """Return where projects are kept by default (`CARL_PROJECTS` overrides it)."""
    return Path(os.environ.get("CARL_PROJECTS") or Path(platformdirs.user_documents_dir(), "CARL Studio"))


def sample_split(clips: list[Path]) -> dict[str, str]:
    """Split the sample by file name: the last clips are for Validation, the others for training."""
    first_judge = len(clips) - _NUM_JUDGES
    return {clip.name: "train" if index < first_judge else "val" for index, clip in enumerate(clips)}


def _check_videos(folder: Path) -> None:
    """Raise ConfigError where it has no videos, StorageError where there is no folder."""
    from core.video.inputs import find_videos  # not needed to start

    find_videos([folder], ignore)


def _is_half_made(folder: Path) -> bool:
    """Return whether the folder holds nothing but a sample's clips, or a part of them."""
    try:
        return set(os.listdir(folder)) <= {"videos"}
    except OSError:
        return False


def _on_click(box: QMessageBox, wanted: QPushButton, handler: Callable[[], None]) -> None:
    """Call the action once the box has closed: it may show another one."""
    box.finished.connect(lambda _: handler() if box.clickedButton() is wanted else None)


def _sentence(error: CarlError | OSError) -> str:
    if isinstance(error, CarlError):
        return str(error)
    translated = QCoreApplication.translate("ProjectsController", "{0} cannot be used ({1}).")
    return translated.format(error.filename or "", error.strerror)
