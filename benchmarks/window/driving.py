"""A window without a screen, driven by a program: places of its own, waiting while events run, videos to import."""

from __future__ import annotations

import os
import shutil
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")  # that plugin has its say at each window

import av
import cv2
import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from carl_gui.main_window import MainWindow
from carl_gui.settings import open_settings
from core.project.store import Project

SIZE = (1280, 800)
_LOOK_MS = 20


def live_in(folder: Path) -> None:
    """This process and its children keep projects, caches and settings there from now on."""
    for name, place in (("CARL_PROJECTS", "projects"), ("CARL_CACHE", "cache"), ("CARL_SETTINGS", "settings.ini")):
        os.environ[name] = str(folder / place)


@contextmanager
def shown_window() -> Iterator[MainWindow]:
    """The real one; gone afterwards."""
    window = MainWindow(open_settings())
    window.resize(*SIZE)
    window.show()
    try:
        yield window
    finally:
        window.jobs.close()
        window.close()
        window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def run_for(seconds: float) -> None:
    """Let events run."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def until(condition: Callable[[], object], most_seconds: float = 300.0) -> None:
    """Let events run until this holds; TimeoutError where it never does."""
    loop, looking = QEventLoop(), QTimer(interval=_LOOK_MS)
    last = time.monotonic() + most_seconds
    looking.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > last else None)
    looking.start()
    if not condition():
        loop.exec()
    looking.stop()
    if not condition():
        raise TimeoutError(f"waited {most_seconds:.0f} s in vain")


def write_videos(folder: Path, count: int, num_frames: int, first: int = 0) -> list[Path]:
    """Drawn once, then copied; a box that every reader skips makes each a content of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = folder.parent / f"drawn-{num_frames}.mp4"
    if not drawn.exists():
        _draw(drawn, num_frames)
    paths = [folder / f"take{number:05d}.mp4" for number in range(first, first + count)]
    for number, path in enumerate(paths, first):
        shutil.copyfile(drawn, path)
        with path.open("ab") as file:
            file.write(struct.pack(">I4sQ", 16, b"free", number))
    return paths


def make_large(folder: Path, count: int) -> Path:
    """A project whose files are there, though empty."""
    from project import fill  # the benchmark beside this folder

    fill(folder, count, 20 * count)
    with Project.open(folder) as project:
        for video in project.videos():
            path = Path(video.absolute)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            os.truncate(path, video.num_bytes)
    return folder


def _draw(path: Path, num_frames: int) -> None:
    """320 x 180, H.264: a texture drifts."""
    texture = cv2.resize(np.random.default_rng(0).integers(0, 255, (45, 160, 3), np.uint8), (640, 180))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(num_frames):
            image = np.ascontiguousarray(texture[:, 3 * number % 320 : 3 * number % 320 + 320])
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
