"""Thumbnails of videos, read from the frame store in a thread, visible ones first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage

from core.base.errors import CarlError

if TYPE_CHECKING:
    from core.video.stored_video import StoredVideo

    Find = Callable[[str, Path], StoredVideo | None]

SIZE = QSize(160, 90)
"""No picture is larger."""

Request = tuple[int, str, Path]
"""Video id, digest, and where the file lies."""


class Thumbnails(QObject):
    """The middle frame of each video. A video that is not in the frame store, or damaged there, has none."""

    arrived = Signal(int, QImage)
    """Video id and its picture."""

    _read = Signal(int, str, QImage)
    """From the thread to the window's."""

    def __init__(self, parent: QObject | None = None, *, kept: int = 2000, find: Find | None = None) -> None:
        """The thread begins with the first request.

        Args:
            kept: how many pictures stay in memory, those used last.
            find: by digest and path the stored video or None, called in the thread; None: the user's frame store.
        """
        super().__init__(parent)
        self._kept, self._find = kept, find
        self._pictures: OrderedDict[str, QImage] = OrderedDict()
        """By digest."""
        self._condition = threading.Condition()
        self._pending: list[Request] = []
        self._is_closed = False
        self._thread: threading.Thread | None = None
        self._read.connect(self._on_read)

    def request(self, videos: Sequence[Request]) -> None:
        """Ask for these, the first one first; what was asked for before and has not begun is dropped."""
        known = [video for video in videos if video[1] in self._pictures]
        with self._condition:
            if self._is_closed:
                return
            self._pending = [video for video in videos if video[1] not in self._pictures]
            self._condition.notify()
        if self._pending and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="thumbnails", daemon=True)
            self._thread.start()
        for video_id, digest, _ in known:
            self._pictures.move_to_end(digest)
            self.arrived.emit(video_id, self._pictures[digest])

    def close(self) -> None:
        """Emit nothing more, and end after the read that is going on; returns at once."""
        with self._condition:
            self._is_closed = True
            self._pending = []
            self._condition.notify()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the thread after `close`; False where it took longer."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def _on_read(self, video_id: int, digest: str, picture: QImage) -> None:
        if self._is_closed:
            return
        self._pictures[digest] = picture
        self._pictures.move_to_end(digest)
        while len(self._pictures) > self._kept:
            self._pictures.popitem(last=False)
        self.arrived.emit(video_id, picture)

    def _run(self) -> None:
        while (request := self._wait_for_request()) is not None:
            video_id, digest, path = request
            picture = self._read_picture(digest, path)
            with self._condition:  # nothing is emitted once `close` has returned
                if picture is not None and not self._is_closed:
                    self._read.emit(video_id, digest, picture)

    def _wait_for_request(self) -> Request | None:
        with self._condition:
            self._condition.wait_for(lambda: self._pending or self._is_closed)
            return None if self._is_closed else self._pending.pop(0)

    def _read_picture(self, digest: str, path: Path) -> QImage | None:
        """Return the picture; None: none. The stored video is released: while held, it cannot make room."""
        if self._find is None:
            from core.video.frame_store import find_stored  # decoders are not needed to start

            self._find = find_stored
        try:
            stored = self._find(digest, path)
            return None if stored is None else _scaled(stored)
        except CarlError:
            return None


def _scaled(stored: StoredVideo) -> QImage:
    image = stored[len(stored) // 2].image  # (H, W, 3)
    height, width = image.shape[:2]
    whole = QImage(image.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    if width <= SIZE.width() and height <= SIZE.height():
        return whole.copy()
    return whole.scaled(SIZE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
