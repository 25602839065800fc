"""The services shared by all pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QUrl, SignalInstance
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QWidget

from carl_gui.jobs import Jobs
from carl_gui.models.scene import FrameRef, VideoRange
from carl_gui.outlook import OutlookController
from carl_gui.session import Session


@dataclass(frozen=True)
class AppContext:
    """The parts of the window that pages use."""

    window: QWidget
    """For dialogs to stand over."""
    session: Session
    jobs: Jobs
    show_status: Callable[[str], None]
    """Say something in the status line for a while."""
    warn: Callable[[str], None]
    """Say what was not done and why, where it cannot be overlooked."""
    show_page: Callable[[str], None]
    device_line: Callable[[], str]
    """Which device `auto` takes and why; empty while nobody knows."""
    device_known: SignalInstance
    """Says that line when it is found out."""
    find_similar: Callable[[VideoRange], None]
    """Show the step Explore, with what is like these frames."""
    show_moment: Callable[[FrameRef], None]
    """Show the step Videos, with this frame in its player."""
    train_further: Callable[[str], None] = lambda name: None
    """Begin a run with the weights of this one, on the videos that there are now."""
    outlook: OutlookController | None = None
    """What training would cost; None: nobody asks."""


class PageController(Protocol):
    """A page: its widget, and its connection to the project."""

    @property
    def widget(self) -> QWidget: ...

    @property
    def first(self) -> QWidget:
        """Has the focus when the step is chosen: keys do something at once."""

    @property
    def actions(self) -> Sequence[QAction]:
        """What its panels do, with the ids of commands as object names. Of several with one id the last one counts."""

    @property
    def changed(self) -> SignalInstance:
        """What decides which commands make sense has changed."""

    def close(self) -> None:
        """Stop background work; the window closes."""


def reveal(path: Path) -> bool:
    """Show a file's or run's folder in the system's file manager; return False where nothing opens it."""
    folder = path if path.is_dir() else path.parent
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
