"""Projects for tests, made on the spot with tiny videos, and a bare window for one page of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QAbstractButton, QApplication, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from carl_gui.app_context import AppContext, PageController
from carl_gui.jobs import Jobs
from carl_gui.models.scene import FrameRef, VideoRange
from carl_gui.session import Session
from core.project.rows import Found
from core.project.store import Project
from core.project.video_edits import AddVideos, NewVideo
from core.settings.config import Config, with_values
from core.settings.recipes import find_recipe
from core.video.frame_store import FrameStore
from tests.children import children
from tests.conftest import numbered_image, write_numbered_video

P = TypeVar("P", bound=PageController)
W = TypeVar("W", bound=QAbstractButton)

CHILD_MS = 60_000
"""The longest that a child may take to say something, on the slowest computer."""

TINY = {
    "frames.short_side": 32,
    "views.num_frames": 8,
    "augment.image_size": 32,
    "encoder.layers": 1,
    "encoder.mlp_dim": 16,
    "encoder.d_model": 16,
    "encoder.heads": 2,
    "encoder.ffn_dim": 16,
    "train.augmented_copies": 1,
    "train.repeats_per_epoch": 1,
    "train.min_steps_per_epoch": 1,
    "train.batch_size": 1,
    "train.cpu_threads": 1,
    "train.eval_interval_epochs": 0,
    "train.patience": 0,
}
"""Settings over the recipe `quick` with which a step takes milliseconds."""


def tiny_config(**train: object) -> Config:
    """The recipe `quick`, made tiny; further settings of training by name."""
    return with_values(find_recipe("quick"), TINY | {f"train.{name}": value for name, value in train.items()})


def tiny_video(folder: Path, name: str, number: int = 0, frames: int = 12, size: tuple[int, int] = (64, 48)) -> Path:
    """A video whose frame i shows 13 * number + i; videos of different numbers differ in their content."""

    def image(index: int, width: int, height: int) -> NDArray[np.uint8]:
        return numbered_image((13 * number + index) % 4096, width, height)

    return write_numbered_video(folder, name, frames, size=size, image=image)


def tiny_videos(folder: Path, count: int, frames: int = 12) -> list[Path]:
    """`clip1.mp4` and so on."""
    return [tiny_video(folder, f"clip{number}.mp4", number, frames) for number in range(1, count + 1)]


def new_project(
    folder: Path, videos: Sequence[Path] = (), *, splits: Sequence[str] = (), decodes: bool = False
) -> Path:
    """A project with these videos, decoded at once or not: then it knows their frames too.

    Args:
        splits: of the videos, in order; those beyond have none.
    """
    with Project.create(folder) as project:
        for place, video in enumerate(videos):
            project.do(AddVideos((NewVideo.of(video, folder),), "", splits[place] if place < len(splits) else "none"))
        if decodes and videos:
            metas = [stored.meta for stored in FrameStore(short_side=256, max_bytes=10**9).add(videos)]
            facts = [Found(meta.num_frames, meta.fps, meta.duration_seconds, meta.width, meta.height) for meta in metas]
            project.keep_facts(dict(enumerate(facts, 1)))
    return folder


class Stand(QMainWindow):
    """A window with a session and jobs, for one page of it: what the page says is kept in lists."""

    device_known = Signal(str)

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__()
        self.qtbot = qtbot
        self.session, self.jobs = Session(self), Jobs(self)
        self.told: list[str] = []
        self.warned: list[str] = []
        self.pages: list[str] = []
        self.searched: list[VideoRange] = []
        self.moments: list[FrameRef] = []
        self.furthered: list[str] = []
        self.session.refused.connect(self.warned.append)
        self.jobs.finished.connect(self.session.embeddings.schedule_scan)
        self.page: PageController | None = None

    def app_context(self) -> AppContext:
        """For a controller."""
        return AppContext(
            self,
            self.session,
            self.jobs,
            self.told.append,
            self.warned.append,
            self.pages.append,
            lambda: "CPU, 2 cores",
            self.device_known,
            self.searched.append,
            self.moments.append,
            self.furthered.append,
        )

    def stage(self, make: Callable[[AppContext], P]) -> P:
        """Show this page."""
        page = make(self.app_context())
        self.page = page
        self.setCentralWidget(page.widget)
        self.resize(1200, 750)
        self.show()
        return page

    def leave(self) -> None:
        """As the window leaves: nothing of it goes on."""
        self.session.close()
        if self.page is not None:
            self.page.close()
        self.jobs.close()
        self.close()
        self.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@contextlib.contextmanager
def standing(qtbot: QtBot) -> Iterator[Stand]:
    """A `Stand`; whatever it opened and started must be gone with it."""
    before = set(QApplication.allWidgets())
    made = Stand(qtbot)
    yield made
    made.leave()
    assert set(QApplication.allWidgets()) <= before, "widgets outlive their window"
    assert children() == []


def shown(widget: QWidget, kind: type[W], text: str) -> W:
    """The visible button below `widget` with that text, whatever its letter is."""
    found = [one for one in widget.findChildren(kind) if one.isVisible() and one.text().replace("&", "") == text]
    assert len(found) == 1, [one.text() for one in widget.findChildren(kind) if one.isVisible()]
    return found[0]
