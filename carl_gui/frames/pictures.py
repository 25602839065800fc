"""Thumbnails of single frames, read in a thread: visible ones first, stored ones before the others."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage

from core.base.errors import CarlError
from core.base.types import Frame, Image
from core.project.badges import look_at
from core.project.rows import VideoRow

LARGEST = QSize(320, 180)
"""No picture is larger: twice what is drawn, for sharp screens."""

_Key = tuple[str, int]
"""Digest and frame."""


class Frames(Protocol):
    """A `StoredVideo`, or a `VideoReader`."""

    def __getitem__(self, index: int, /) -> Frame: ...


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """A frame of a video of the project in this folder."""

    video: VideoRow
    frame: int
    folder: Path

    @property
    def key(self) -> _Key:
        return self.video.digest, self.frame


class FramePictures(QObject):
    """Reads thumbnails; a frame that cannot be read has none, and is not retried until it is requested again."""

    arrived = Signal(int, int, QImage)
    """Video id, frame and its picture."""

    _read = Signal(int, object, QImage)
    """From the thread to the window's."""

    def __init__(self, parent: QObject | None = None, *, kept: int = 2000) -> None:
        """The thread begins with the first request.

        Args:
            kept: how many pictures stay in memory, those used last.
        """
        super().__init__(parent)
        self._kept = kept
        self._pictures: OrderedDict[_Key, QImage] = OrderedDict()
        self._condition = threading.Condition()
        self._pending: list[FrameRequest] = []
        self._pending_slow: list[FrameRequest] = []
        """Those that are not stored: they are decoded from their files when nothing else waits."""
        self._ticket = 0
        """Counts the closings: results of older threads are ignored."""
        self._thread: threading.Thread | None = None
        self._read.connect(self._on_read)

    def request(self, frames: Sequence[FrameRequest]) -> None:
        """Ask for these, the first one first; what was asked for before and has not begun is dropped."""
        known = [frame_request for frame_request in frames if frame_request.key in self._pictures]
        with self._condition:
            self._pending = [frame_request for frame_request in frames if frame_request.key not in self._pictures]
            self._pending_slow = []
            self._condition.notify()
        if self._pending and self._thread is None:
            ticket = self._ticket
            self._thread = threading.Thread(target=lambda: self._run(ticket), name="frame pictures", daemon=True)
            self._thread.start()
        for frame_request in known:
            self._pictures.move_to_end(frame_request.key)
            self.arrived.emit(frame_request.video.id, frame_request.frame, self._pictures[frame_request.key])

    def close(self, seconds: float = 2.0) -> None:
        """Emit nothing more, and wait a moment for the end of the read that is going on. `request` begins anew."""
        with self._condition:
            self._ticket += 1
            self._pending, self._pending_slow = [], []
            self._condition.notify()
        if self._thread is not None:
            self._thread.join(seconds)
            self._thread = None
        self._pictures.clear()

    def _on_read(self, ticket: int, frame_request: FrameRequest, picture: QImage) -> None:
        if ticket != self._ticket:
            return
        self._pictures[frame_request.key] = picture
        self._pictures.move_to_end(frame_request.key)
        while len(self._pictures) > self._kept:
            self._pictures.popitem(last=False)
        self.arrived.emit(frame_request.video.id, frame_request.frame, picture)

    def _run(self, ticket: int) -> None:
        while (request := self._wait_for_request(ticket)) is not None:
            frame_request, is_slow = request
            picture = self._read_picture(frame_request, is_slow=is_slow)
            if picture is not None:
                with contextlib.suppress(RuntimeError):  # the window is gone
                    self._read.emit(ticket, frame_request, picture)

    def _wait_for_request(self, ticket: int) -> tuple[FrameRequest, bool] | None:
        with self._condition:
            self._condition.wait_for(lambda: self._pending or self._pending_slow or ticket != self._ticket)
            if ticket != self._ticket:
                return None
            return (self._pending.pop(0), False) if self._pending else (self._pending_slow.pop(0), True)

    def _read_picture(self, frame_request: FrameRequest, *, is_slow: bool) -> QImage | None:
        """Return the picture; None: none, or not yet. The source is released: while held, it cannot make room."""
        try:
            if is_slow:
                with from_file(frame_request.video, frame_request.folder) as opened:
                    return None if opened is None else small(opened[frame_request.frame].image)
            stored = stored_frames(frame_request.video)
            if stored is None:
                with self._condition:
                    self._pending_slow.append(frame_request)
                return None
            return small(stored[frame_request.frame].image)
        except (CarlError, IndexError):  # damaged, or shorter than when it was embedded
            return None


def stored_frames(video: VideoRow) -> Frames | None:
    """Return the video's frames in the frame store; None where they are not there. StorageError: they are damaged."""
    from core.video.frame_store import find_stored  # decoders are not needed to start

    return find_stored(video.digest, Path(video.absolute or video.name))


@contextlib.contextmanager
def from_file(video: VideoRow, folder: Path) -> Iterator[Frames | None]:
    """Open the frames of the video's file; None where that is gone. VideoError: they cannot be read."""
    from core.video.reader import VideoReader

    file, _ = look_at(video, folder)
    if file is None:
        yield None
    else:
        with VideoReader(file) as reader:
            yield reader


def small(image: Image) -> QImage:
    """Return an image, (H, W, 3) RGB, as a picture no larger than `LARGEST`."""
    height, width = image.shape[:2]
    whole = QImage(image.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    if width <= LARGEST.width() and height <= LARGEST.height():
        return whole.copy()
    return whole.scaled(LARGEST, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
