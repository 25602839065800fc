"""Shared parts of the exports of Explore's views: the box, a thread for short work, and messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QStandardPaths

from carl_gui.commands.panel_table import PanelTable
from carl_gui.controllers.app_context import reveal
from carl_gui.controllers.explore.explore_context import ExploreContext
from carl_gui.models.messages import displayable
from carl_gui.panels.export_box import ExportBox
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control


class ViewExport(QObject):
    """A view says what can be exported (`show`), asks where to (`ask`), and what became of the thread's work
    (`_on_result`).

    Whoever derives from it calls `show` once it is made.
    """

    def __init__(self, desk: ExploreContext, commands: PanelTable) -> None:
        self.box = ExportBox(commands)
        super().__init__(self.box)
        self._desk = desk
        self._begin_in = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        self._shown = Path()
        """What the last sentence is about."""
        self._tasks = Tasks(self, lambda sentence: self._say(displayable(sentence), is_error=True))
        self.box.reveal_requested.connect(self._reveal)
        for name, action in self.box.commands.items():
            action.triggered.connect(lambda _=False, name=name: self.ask(name))

    @property
    def is_running(self) -> bool:
        """Whether something is being written in a thread."""
        return self._tasks.is_running("write")

    def show(self) -> None:
        """What can be exported now."""
        raise NotImplementedError

    def ask(self, name: str) -> None:
        """Let the person say where to write it; that is begun then."""
        raise NotImplementedError

    def close(self) -> None:
        """The project closes: end the thread, and forget what was said."""
        self._tasks.close()
        self.box.set_result("")
        self.show()

    def _start(self, work: Callable[[Control], Any]) -> None:
        self._tasks.start("write", self._write(work))

    async def _write(self, work: Callable[[Control], Any]) -> None:
        self._on_result(await in_thread(work))

    def _on_result(self, sentence: str) -> None:
        self._say(sentence, is_error=False)

    def _say(self, sentence: str, *, is_error: bool) -> None:
        self.box.set_result(sentence, is_error=is_error)
        self.show()
        if not self.box.isVisible():
            workshop = self._desk.workshop
            (workshop.warn if is_error else workshop.tell)(sentence)

    def _reveal(self) -> None:
        if not reveal(self._shown):
            words = QCoreApplication.translate("ViewExport", "No program is set up to open {0}.")
            self._desk.workshop.tell(words.format(displayable(str(self._shown.parent))))
