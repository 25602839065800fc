"""The main window: the start page or the pages of an open project, the commands, and a status line."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QCoreApplication, QEvent, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent, QWhatsThisClickedEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QToolBar

from carl_gui.about import show_about
from carl_gui.app_context import AppContext, PageController
from carl_gui.application import running_application
from carl_gui.command_tables import TABLES
from carl_gui.commands.command import State
from carl_gui.commands.menus import RECENT
from carl_gui.commands.registry import CommandRegistry
from carl_gui.commands.window import COMMANDS, page_command
from carl_gui.device import DeviceQuestion
from carl_gui.guide.guide import Guide
from carl_gui.guide.newcomers import NewVideoEmbedder
from carl_gui.guide.next_step import NextStepBar
from carl_gui.guide.step_bar import StepBar, TabStatus
from carl_gui.job_control.recovery import JobRecovery, LeftRunning
from carl_gui.job_control.status import StatusController
from carl_gui.jobs import Jobs
from carl_gui.layout import WindowGeometry
from carl_gui.models.scene import FrameRef, VideoRange
from carl_gui.outlook import OutlookController
from carl_gui.projects.close_guard import CloseGuard
from carl_gui.projects.controller import ProjectsController
from carl_gui.projects.project_place import ProjectFolderMonitor
from carl_gui.projects.start_page import StartPage
from carl_gui.session import Session
from carl_gui.settings import saved_theme
from carl_gui.steps import STEPS
from carl_gui.theme import Theme, ThemeManager
from carl_gui.whereabouts import Whereabouts
from carl_gui.widgets.banner import Banner
from carl_gui.widgets.labels import shown
from carl_gui.widgets.layouts import holder, vbox
from core.base.errors import CarlError
from core.project.rows import StepRow
from training.run import list_runs

if TYPE_CHECKING:
    from carl_gui.explore.page import ExploreController
    from carl_gui.label.label_import import LabelImport
    from carl_gui.train.controller import TrainingController
    from carl_gui.videos.controller import LibraryController

_MESSAGE_MS = 6000


class MainWindow(QMainWindow):
    """One project at a time, or the start page."""

    painted = Signal()
    """It was seen for the first time."""
    device_answered = Signal(str)
    """Which device training will use and why; empty: nobody knows."""

    def __init__(self, settings: QSettings) -> None:
        super().__init__()
        self._settings = settings
        self._is_painted = self._may_close = False
        self._device_line = self._error = ""
        self._state = State()
        self._theme_manager = ThemeManager(running_application(), self)
        self._theme_manager.apply_theme(saved_theme(settings))
        self.session, self.jobs = Session(self), Jobs(self)
        self._close_guard = CloseGuard(self, self.jobs)
        self._whereabouts = Whereabouts(self, settings, self.session, lambda: self.page_id)
        self._pages: dict[str, PageController] = {}
        self._label_import: LabelImport | None = None
        self._start = StartPage()
        self._banner, self._stack = Banner(), QStackedWidget()
        self._stack.addWidget(self._start)
        self._next_step = NextStepBar()
        self._set_up_middle()
        self.outlook = OutlookController(self.session, self.jobs, self)
        self.projects = ProjectsController(self, self._start, self.session, self.jobs, settings, self._close_guard)
        self.jobs.finished.connect(self.session.embeddings.schedule_scan)
        self.commands = CommandRegistry(self, self, settings, COMMANDS)
        self._steps = self._new_steps()
        for table in TABLES:
            self.commands.add_table(table)
        self.commands.set_submenu(RECENT, self.projects.recent_menu)
        self._new_tools()
        self.commands.fill_menus()
        self.status = StatusController(self, self.jobs)
        self._tab_status = TabStatus(self, self._steps, self.session, self.jobs)
        self._job_recovery = JobRecovery(self, self.session)
        self._left_running = LeftRunning(self, self.session, self.jobs)
        self._folder_monitor = ProjectFolderMonitor(self, self.session)
        self._new_video_embedder = NewVideoEmbedder(self._app_context())
        self.guide = Guide(self, self._next_step, self.outlook, self._app_context(), settings)
        self._device = DeviceQuestion(self)
        self._device.answered.connect(self.set_device)
        self._layout = WindowGeometry(self, settings)
        self._layout.restore()
        self._connect()
        self._show_project()

    def _set_up_middle(self) -> None:
        middle = holder(vbox(self._banner, (self._stack, 1), self._next_step, spacing=0))
        self.setCentralWidget(middle)

    def _new_steps(self) -> StepBar:
        bar = QToolBar(self.tr("Steps"), movable=False)
        bar.setObjectName("steps")
        steps = StepBar()
        for number, step in enumerate(STEPS, 1):
            self.commands.add(page_command(number, step.id, QCoreApplication.translate("Commands", step.text)))
            steps.add_step(step.id, self.commands.actions[f"view.page_{step.id}"])
        bar.addWidget(steps)
        self.addToolBar(bar)
        return steps

    def _new_tools(self) -> None:
        bar = QToolBar(self.tr("Tools"), movable=False)
        bar.setObjectName("tools")
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.commands.fill_toolbar(bar)
        self.addToolBar(bar)

    def _connect(self) -> None:
        self.session.closed.connect(self._show_project)
        self.session.changed.connect(self._on_changes)
        self.session.refused.connect(self.warn)
        self.projects.failed.connect(self.warn)
        self.projects.sample_drawn.connect(lambda clips: self.library.import_sample(clips))
        self.projects.videos_selected.connect(lambda given: self.library.imports.start(given))
        self.session.opened.connect(self._show_project)
        self._folder_monitor.lost.connect(self.warn)
        self._folder_monitor.found.connect(self._banner.retract)
        self._job_recovery.offered.connect(
            lambda sentence, handler: self._banner.show_message(sentence, action=handler)
        )
        self._banner.action_triggered.connect(self._job_recovery.accept)
        self._banner.action_declined.connect(self._job_recovery.decline)
        self._job_recovery.resume_requested.connect(lambda jobs: self.training.resume_jobs(jobs))
        self.status.page_requested.connect(lambda page_id: self.show_page(page_id) if self.session.project else None)

    @property
    def page_id(self) -> str:
        """Which step is shown; empty on the start page."""
        current = self._stack.currentWidget()
        return next((name for name, page in self._pages.items() if page.widget is current), "")

    @property
    def library(self) -> LibraryController:
        """The step of videos; only while a project is open."""
        return cast("LibraryController", self._page("videos"))

    @property
    def training(self) -> TrainingController:
        """The step of training; only while a project is open."""
        return cast("TrainingController", self._page("train"))

    def show_page(self, page_id: str) -> None:
        """Show this step."""
        page = self._page(page_id)
        self.commands.activate(page.actions)
        self._stack.setCurrentWidget(page.widget)
        page.first.setFocus()
        self._whereabouts.keep_page()
        self.guide.show_page()
        self._state = dataclasses.replace(self._state, page=page_id)
        self.commands.set_state(self._state)

    def run_on_page(self, page_id: str, command_id: str) -> None:
        """Show the step that a command belongs to, and run it where possible."""
        self.show_page(page_id)
        action = self.commands.actions[command_id]
        if action.isEnabled():
            action.trigger()

    def page(self, page_id: str) -> PageController:
        """Return this step's controller; make it where it was not needed before."""
        return self._page(page_id)

    def find_similar(self, video_range: VideoRange) -> None:
        """Show the frames that are similar to these frames of a video of the project."""
        cast("ExploreController", self._page("explore")).find_similar(video_range)

    def show_moment(self, moment: FrameRef) -> None:
        """Show this frame on the page Videos."""
        self.show_page("videos")
        self.library.show_frame(moment)

    def import_labels(self) -> None:
        """Ask for labels that other programs wrote, and show what importing them would do."""
        if self._label_import is None:
            from carl_gui.label.label_import import LabelImport  # what it imports is not needed to start

            self._label_import = LabelImport(self._app_context())
        self._label_import.ask()

    def ask_device(self) -> None:
        """Find out which device training will use."""
        self._start.set_device(self.tr("Training will use: checking…"))
        self.outlook.start()
        self._device.ask()

    def set_device(self, line: str) -> None:
        """Show which device training will use and why; empty: unknown."""
        self._device_line = line
        text = self.tr("Training will use: {device}").format(device=line or self.tr("unknown"))
        self._start.set_device(text)
        self._show_device()
        self.device_answered.emit(line)
        self.outlook.resume()

    def device_line(self) -> str:
        """Return the last text of `set_device`; empty before."""
        return self._device_line

    def show_status(self, sentence: str) -> None:
        """Show a sentence in the status line for a while."""
        self.statusBar().showMessage(shown(sentence), _MESSAGE_MS)

    def warn(self, sentence: str) -> None:
        """Show in the banner what was not done and why."""
        self._banner.show_message(shown(sentence), is_warning=True)

    @property
    def banner(self) -> Banner:
        """The line that says what a person must know."""
        return self._banner

    def undo(self) -> None:
        """Undo the last step."""
        self._turn(self.session.require().next_undo(), self.session.undo, self.tr("Undone: {0}"))

    def redo(self) -> None:
        """Do the last undone step again."""
        self._turn(self.session.require().next_redo(), self.session.redo, self.tr("Redone: {0}"))

    def apply_theme(self, theme: Theme) -> None:
        """Apply this theme from now on, at the next start too."""
        self._settings.setValue("theme", theme)
        self._theme_manager.apply_theme(theme)
        self._show_state()

    def reset_layout(self) -> None:
        """Restore size, place, bars and splitters of the first start."""
        self._layout.reset()
        self._show_bars()

    def show_palette(self) -> None:
        """Open the palette, where the person finds a command by its letters."""
        self.commands.show_palette()

    def show_shortcuts(self) -> None:
        """Show all keys on one sheet."""
        self.commands.show_sheet()

    def edit_shortcuts(self) -> None:
        """Open the editor of keys."""
        self.commands.show_editor()

    def show_help(self, page: str = "") -> None:
        """Show a page of help; of what is on the screen where none is named."""
        from carl_gui import help as manual  # it is not needed to start

        over = QApplication.activeModalWidget() or self  # a dialog holds up all windows but its own
        shown = over.findChild(manual.HelpWindow, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if shown is None:
            contents = [
                (one.title, [(page, manual.help_title(page)) for page in one.pages]) for one in manual.chapters()
            ]
            shown = manual.HelpWindow(contents, manual.help_text, manual.help_picture, over)
        shown.show_page(page or self.help_topic)

    @property
    def help_topic(self) -> str:
        """Which page of help is about what is on the screen."""
        page = self._pages.get(self.page_id)
        return getattr(page, "help_topic", self.page_id) or "start"

    def event(self, event: QEvent) -> bool:
        """Show the page of help that a button with a question mark asks for."""
        if isinstance(event, QWhatsThisClickedEvent):
            self.show_help(event.href())
            event.accept()
            return True
        return super().event(event)

    def show_about(self) -> None:
        """Show what this is, in which versions."""
        show_about(self)

    def close_window(self) -> None:
        """Close the window."""
        self.close()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Note when it is seen first."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self._emit_painted)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Ask where work is running; keep the layout; let nothing of this window run on unasked."""
        if not self._may_close and self.jobs.own_jobs:
            event.ignore()
            self._close_guard.confirm(self._close_for_good)
            return
        self._layout.save()
        self._device.stop()
        self.outlook.stop()
        self.projects.close()
        self.guide.close()
        self.session.close()
        for page in self._pages.values():
            page.close()
        self.jobs.close()
        super().closeEvent(event)

    def _close_for_good(self) -> None:
        self._may_close = True
        self.close()

    def _page(self, page_id: str) -> PageController:
        self.session.require()
        if page_id not in self._pages:
            step = next(step for step in STEPS if step.id == page_id)
            page = step.make(self._app_context())
            self._pages[page_id] = page
            self._stack.addWidget(page.widget)
            self.commands.activate(page.actions)
            page.changed.connect(lambda: self._on_page(page_id))
            self._layout.adopt(page.widget)
            self._whereabouts.follow(page_id, page)
            if page_id == "videos":
                self._tab_status.follow(self.library)
                self.guide.follow_library()
            elif page_id == "train":
                self.guide.follow_training(self.training)
                self.training.elsewhere_changed.connect(lambda: self.status.set_elsewhere(self.training.elsewhere))
                self.session.closed.connect(lambda: self.status.set_elsewhere(()))
                self.status.set_elsewhere(self.training.elsewhere)
                self._show_state()
        return self._pages[page_id]

    def _app_context(self) -> AppContext:
        return AppContext(
            self,
            self.session,
            self.jobs,
            self.show_status,
            self.warn,
            self.show_page,
            self.device_line,
            self.device_answered,
            self.find_similar,
            self.show_moment,
            lambda name: self.training.further(name),
            self.outlook,
        )

    def _show_project(self) -> None:
        """Show the steps of the project that was opened, or the start page."""
        project = self.session.project
        title = self.tr("CARL Studio")
        if project is not None:
            name = shown(project.folder.name).replace("[*]", "[*][*]")  # which is a place of its own in a title
            title = f"{name} – {title}"
        self.setWindowTitle(f"{title}[*]")
        self._banner.clear()
        self._read_history()
        self._show_device()
        if project is None:
            self._stack.setCurrentWidget(self._start)
        else:
            self.show_page(self._first_page())
        self._show_state()
        if project is not None:
            if project.read_only:
                self.warn(project.read_only)
            self._job_recovery.offer()
            QTimer.singleShot(0, self, self._find_left_runs)
        self._show_bars()

    def _first_page(self) -> str:
        """Return where the person was last, in this project."""
        return self._whereabouts.page if self._whereabouts.page in {step.id for step in STEPS} else STEPS[0].id

    def _find_left_runs(self) -> None:
        """Show a run that a window left running at once, whatever page is shown."""
        project = self.session.project
        try:
            if project is not None and any(run.files.is_running() for run in list_runs(project.runs)):
                self._page("train")
        except (CarlError, OSError):  # the page says it when it is shown
            pass

    def _show_device(self) -> None:
        """Show the device in the status line of a project; the start page has a line of its own."""
        has_project = self.session.project is not None
        self.status.set_device(self._start.device_line if has_project else "")

    def _show_bars(self) -> None:
        """Show the steps and the tools only where a project is open."""
        for bar in self.findChildren(QToolBar):
            bar.setVisible(self.session.project is not None)

    def _turn(self, step: StepRow | None, act: Callable[[], bool], text: str) -> None:
        if step is not None and act():
            self.show_status(text.format(QCoreApplication.translate("Edits", step.label)))

    def _emit_painted(self) -> None:
        if self.isVisible():  # it may be closed already, and then nothing more may start
            self.painted.emit()

    def _warn_of_failed_backup(self) -> None:
        """Warn once of a backup that could not be made."""
        project = self.session.project
        problem = "" if project is None else project.backups.problem
        if problem and problem != self._error:
            self.warn(self.tr("No backup could be made. {0}").format(problem))
        self._error = problem

    def show_state(self) -> None:
        """Enable the commands that make sense now."""
        self._show_state()

    def turn_next_step(self) -> None:
        """Name the next step below the pages, or no longer."""
        self.guide.set_shown(not self.guide.is_shown)

    def _on_changes(self) -> None:
        self._read_history()
        self.commands.set_state(self._state)
        self._warn_of_failed_backup()

    def _on_page(self, page_id: str) -> None:
        """Update the commands: the panels of a page may do others, or the same ones otherwise."""
        if page_id == self.page_id:
            self.commands.activate(self._pages[page_id].actions)
        self._show_state()

    def _read_history(self) -> None:
        project = self.session.project
        undo, redo = (None, None) if project is None else (project.next_undo(), project.next_redo())
        self._state = dataclasses.replace(
            self._state,
            undo=QCoreApplication.translate("Edits", undo.label) if undo is not None else None,
            redo=QCoreApplication.translate("Edits", redo.label) if redo is not None else None,
        )

    def _show_state(self) -> None:
        project = self.session.project
        training = self._pages.get("train")
        self._state = dataclasses.replace(
            self._state,
            page=self.page_id,
            has_project=project is not None,
            can_edit=project is not None and not project.read_only,
            run_count=getattr(training, "run_count", 0),
            run_index=getattr(training, "run_index", None),
            run_state=getattr(training, "run_state", ""),
            theme=self._theme_manager.theme,
            has_next_step=self.guide.is_shown,
        )
        self.commands.set_state(self._state)
