"""The window: its pages, the commands around them, and a status line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLabel,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QToolBar,
    QWidget,
)

from carl_gui.about import documentation, versions
from carl_gui.actions import COMMANDS, PLAY, State, page_command
from carl_gui.controllers.commands import CommandsController
from carl_gui.controllers.welcome import WelcomeController
from carl_gui.device import DeviceQuestion
from carl_gui.layout import Layout
from carl_gui.settings import saved_theme
from carl_gui.theme import Theme, Wardrobe
from carl_gui.welcome import WelcomePanel
from core.video.inputs import VIDEO_EXTENSIONS

if TYPE_CHECKING:
    from carl_gui.controllers.playback import PlaybackController

_MESSAGE_MS = 6000


@dataclass(frozen=True)
class Page:
    """A step of the work that can be shown."""

    id: str
    title: str
    """Translated; an ampersand stands before its letter in the menu."""
    widget: QWidget


class MainWindow(QMainWindow):
    """Holds pages; only those that were added are offered, and with one alone there is no bar to choose from."""

    painted = Signal()
    """It was seen for the first time."""
    device_answered = Signal()
    """The status line says which device training will use, or that nobody knows."""

    def __init__(self, settings: QSettings) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("CARL Studio"))
        self._settings = settings
        self._pages: list[Page] = []
        self._is_painted = False
        self._playback: PlaybackController | None = None
        self._stack = QStackedWidget()
        self.setCentralWidget(self._stack)
        self._documentation = documentation()
        self._wardrobe = Wardrobe(QApplication.instance(), self)
        self._wardrobe.wear(saved_theme(settings))
        self.commands = CommandsController(self, self, settings, COMMANDS)
        self._steps = self._new_bar("steps", self.tr("Steps"))
        tools = self._new_bar("tools", self.tr("Tools"))
        self.commands.fill_toolbar(tools)
        self._device_line = QLabel()
        self._device_line.setContentsMargins(8, 2, 8, 2)
        self.statusBar().addWidget(self._device_line)
        self._device = DeviceQuestion(self)
        self._device.answered.connect(self.set_device)
        self._layout = Layout(self, settings)
        self._layout.restore()
        panel = WelcomePanel()
        self.runs = WelcomeController(panel)
        self.runs.changed.connect(self._show_state)
        self.add_page(Page("runs", self.tr("R&uns"), panel))

    def _new_bar(self, name: str, title: str) -> QToolBar:
        bar = QToolBar(title, objectName=name)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.addToolBar(bar)
        return bar

    def add_page(self, page: Page) -> None:
        """Offer one more page; the first one is shown."""
        self._pages.append(page)
        self._stack.addWidget(page.widget)
        if len(self._pages) > 1:
            newly = self._pages if len(self._pages) == 2 else [page]  # the first was no choice while it stood alone
            for number, one in enumerate(self._pages, 1):
                if one in newly:
                    self.commands.add(page_command(number, one.id, one.title))
                    self._steps.addAction(self.commands.actions[f"view.page_{one.id}"])
        self._layout.adopt(page.widget)
        self._show_steps()
        self.commands.fill_menus()
        self._show_state()

    @property
    def pages(self) -> tuple[Page, ...]:
        """In the order of the step bar."""
        return tuple(self._pages)

    def show_page(self, page_id: str) -> None:
        """Show this page."""
        self._stack.setCurrentWidget(next(page.widget for page in self._pages if page.id == page_id))
        self._show_state()

    def ask_device(self) -> None:
        """Find out which device training will use; the status line says it when it is known."""
        self._device_line.setText(self.tr("Training will use: looking…"))
        self._device.ask()

    def set_device(self, line: str) -> None:
        """Say which device training will use and why; empty: nobody knows."""
        self._device_line.setText(self.tr("Training will use: {device}").format(device=line or self.tr("unknown")))
        self.device_answered.emit()

    def device_line(self) -> str:
        """What the status line says of the device."""
        return self._device_line.text()

    def ask_for_folder(self) -> None:
        """Let the person choose the folder of runs."""
        self.show_page("runs")
        self._stack.currentWidget().ask_for_folder()

    def ask_for_video(self) -> None:
        """Let the person choose a video to watch."""
        kinds = " ".join(f"*{extension}" for extension in sorted(VIDEO_EXTENSIONS))
        asking = QFileDialog(
            self, self.tr("Open video"), "", self.tr("Videos ({kinds});;All files (*)").format(kinds=kinds)
        )
        asking.setFileMode(QFileDialog.FileMode.ExistingFile)
        asking.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asking.fileSelected.connect(lambda name: self.open_video(Path(name)))
        asking.open()

    def open_video(self, path: Path) -> None:
        """Show this video on the page of the player, which is there from the first one on."""
        if self._playback is None:
            self._playback = self._add_player()
        self.show_page("video")
        self._playback.open(path)

    def _add_player(self) -> PlaybackController:
        from carl_gui.controllers.playback import PlaybackController  # what decodes is not needed to start
        from carl_gui.panels.player import PlayerPanel

        panel = PlayerPanel()
        for name, action in panel.commands.items():
            self.commands.adopt(f"play.{name}", PLAY, action)
        self.add_page(Page("video", self.tr("&Video"), panel))
        return PlaybackController(panel)

    def move_run(self, by: int) -> None:
        """Choose the run so many further down."""
        self.runs.move(by)

    def reveal_run(self) -> None:
        """Show the folder of the chosen run in the system's file manager."""
        self._open(QUrl.fromLocalFile(str(self._run_folder())))

    def copy_run_path(self) -> None:
        """Put the path of the chosen run into the clipboard."""
        folder = self._run_folder()
        QGuiApplication.clipboard().setText(str(folder))
        self.statusBar().showMessage(self.tr("Copied the path of {run}").format(run=folder.name), _MESSAGE_MS)

    def wear(self, theme: Theme) -> None:
        """Show this theme from now on, at the next start too."""
        self._settings.setValue("theme", theme)
        self._wardrobe.wear(theme)
        self._show_state()

    def reset_layout(self) -> None:
        """Size, place, bars and splitters as at the first start."""
        self._layout.reset()
        self._show_steps()

    def show_palette(self) -> None:
        """Let the person find a command by its letters."""
        self.commands.show_palette()

    def show_shortcuts(self) -> None:
        """All keys on one sheet."""
        self.commands.show_sheet()

    def edit_shortcuts(self) -> None:
        """Let the person change keys."""
        self.commands.show_editor()

    def open_documentation(self) -> None:
        """Open the manual in the program that the system has for it."""
        if self._documentation is not None:
            self._open(self._documentation)

    def show_about(self) -> None:
        """Say what this is, in which versions."""
        box = QMessageBox(QMessageBox.Icon.NoIcon, self.tr("About CARL Studio"), self.tr("CARL Studio"), parent=self)
        box.setIconPixmap(self.windowIcon().pixmap(64))
        box.setInformativeText("\n".join(f"{name} {version}" for name, version in versions()))
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def close_window(self) -> None:
        """Leave."""
        self.close()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Notes when it is seen first."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self._tell_painted)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Keeps the layout; nothing goes on behind a closed window."""
        self._layout.save()
        self._device.stop()
        self.runs.close()
        if self._playback is not None:
            self._playback.close()
        super().closeEvent(event)

    def _show_steps(self) -> None:
        """The bar of pages, where there is something to choose."""
        self._steps.setVisible(len(self._pages) > 1)
        self._steps.toggleViewAction().setVisible(len(self._pages) > 1)

    def _tell_painted(self) -> None:
        if self.isVisible():  # it may be closed already, and then nothing more may begin
            self.painted.emit()

    def _run_folder(self) -> Path:
        folder = self.runs.run_folder
        assert folder is not None, "the command is off while no run is chosen"
        return folder

    def _open(self, address: QUrl) -> None:
        if not QDesktopServices.openUrl(address):
            text = self.tr("Nothing on this system opens {address}.")
            self.statusBar().showMessage(text.format(address=address.toDisplayString()), _MESSAGE_MS)

    def _show_state(self) -> None:
        current = self._stack.currentWidget()
        self.commands.set_state(
            State(
                page=next((page.id for page in self._pages if page.widget is current), ""),
                run_count=self.runs.run_count,
                run_index=self.runs.run_index,
                theme=self._wardrobe.theme,
                has_documentation=self._documentation is not None,
            )
        )
