"""The grid as it plays."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from carl_gui.explore.many.grid import GridPlayer
from carl_gui.frames.grid_reader import CellOpened, CellRefused, GridCell, GridEvent, GridReader, GridShown
from carl_gui.models.messages import displayable
from carl_gui.player.playback_clock import PlaybackClock
from carl_gui.timecode import clock
from core.base.errors import VideoError
from core.embedding.embedded_video import EmbeddedVideo
from core.project.badges import look_at
from core.project.rows import VideoRow
from core.video.frame_store import find_stored
from core.video.stored_video import StoredVideo

_LEAVE_SECONDS = 2.0
_GONE, _NOT_STORED = "gone", "not stored"
"""Sent by the thread; the window's thread translates them."""


class GridFrames(QObject):
    """An unreadable video shows why, and the others continue."""

    opened = Signal(int, int, int)
    """A cell's index; width and height of the video."""
    refused = Signal(int, str)
    """A cell's index; one sentence."""
    arrived = Signal(object)
    """`GridShown`."""

    _event_received = Signal(int, object)
    """The generation and the event; from a thread to the window's."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._reader: GridReader | None = None
        self._cells: list[GridCell] = []
        self._generation = 0
        self._event_received.connect(self._on_event)

    def show(self, videos: Sequence[VideoRow], folder: Path) -> bool:
        """Read these videos of the project in that folder; return False where they are being read already."""
        cells = [GridCell(_key(video), functools.partial(_open_stored, video, folder)) for video in videos]
        if [cell.key for cell in cells] == [cell.key for cell in self._cells]:
            return False
        if self._reader is None:
            self._reader = GridReader(self._emit_event)
        self._cells = cells
        self._generation = self._reader.set_cells(cells)
        return True

    def request(self, frame: int, frames: Sequence[int], *, is_quick: bool) -> None:
        """Request a frame of each video, -1: none; earlier requests that have not started are dropped.

        `is_quick`: at half its width and height.
        """
        if self._reader is not None:
            self._reader.request(frame, frames, is_quick=is_quick)

    def close(self) -> None:
        """End the threads; waits a moment for running reads. New videos may be shown afterwards."""
        if self._reader is not None:
            self._reader.close()
            self._reader.wait(_LEAVE_SECONDS)
        self._reader, self._cells, self._generation = None, [], 0

    def _emit_event(self, generation: int, event: GridEvent) -> None:
        with contextlib.suppress(RuntimeError):  # the window is gone
            self._event_received.emit(generation, event)

    @Slot(int, object)
    def _on_event(self, generation: int, event: GridEvent) -> None:
        if self._reader is None or generation != self._generation:
            return
        if isinstance(event, CellOpened):
            self.opened.emit(event.cell, event.meta.width, event.meta.height)
        elif isinstance(event, CellRefused):
            self.refused.emit(event.cell, self._sentence(event.sentence))
        else:
            self.arrived.emit(event)

    def _sentence(self, sentence: str) -> str:
        if sentence == _GONE:
            return self.tr("File missing. Find it on the Videos page.")
        if sentence == _NOT_STORED:
            return self.tr("Its stored frames were cleared. Add the video again, or watch it in Pair.")
        return displayable(sentence)


def _key(video: VideoRow) -> tuple[str, str, str]:
    return video.digest, video.relative, video.absolute


def _open_stored(video: VideoRow, folder: Path) -> StoredVideo:
    """Open the stored frames, whether or not the video's file exists. VideoError where there are none."""
    stored = find_stored(video.digest, Path(video.absolute))
    if stored is not None:
        return stored
    file, problem = look_at(video, folder)
    raise VideoError(problem or (_GONE if file is None else _NOT_STORED))


_SHARPEN_MS = 120
"""Cells become sharp this long after the last request."""
_FEW = 4
"""Up to this many cells are always sharp."""

FrameOf = Callable[[int, int], int]
"""The frame of the video with that id at that frame of the reference; -1: not known yet."""
HasPartner = Callable[[int, int], bool]
"""Whether that frame is a match; otherwise it is frozen."""
Badge = Callable[[int, int], str]
"""A short remark on that frame of the video with that id; empty: none."""


class GridPlaying(QObject):
    """Positions are frames of the reference, which is the first cell."""

    moved = Signal(int)
    """The frame of the reference that is shown, or requested."""

    def __init__(self, player: GridPlayer, frame_of: FrameOf, has_partner: HasPartner, badge: Badge) -> None:
        super().__init__(player)
        self._player, self._frame_of, self._has_partner, self._badge = player, frame_of, has_partner, badge
        self._videos: Sequence[VideoRow] = ()
        self._embedded: Mapping[int, EmbeddedVideo] = {}
        self._refused: set[int] = set()
        """Cells that show a sentence."""
        self._shown: dict[int, tuple[int, int]] = {}
        """By cell, the video and the frame that are shown."""
        self._times: object = None
        """The video whose times the clock has."""
        self.frames, self.metronome = GridFrames(self), PlaybackClock(self)
        self._sharpen_timer = QTimer(self, singleShot=True, interval=_SHARPEN_MS)
        self._sharpen_timer.timeout.connect(self._sharpen)
        self.frames.opened.connect(self._on_opened)
        self.frames.refused.connect(self._on_refused)
        self.frames.arrived.connect(self._on_result)
        metronome = self.metronome
        metronome.due.connect(self._seek)
        metronome.rate_changed.connect(self._on_rate)
        player.play_toggled.connect(metronome.toggle)
        player.shuttled.connect(metronome.shuttle)
        player.frames_stepped.connect(metronome.step)
        player.seconds_stepped.connect(metronome.step_seconds)
        player.frame_selected.connect(metronome.seek)
        player.scrub_began.connect(metronome.hold)
        player.scrub_ended.connect(metronome.release)
        player.speed_selected.connect(metronome.choose_speed)
        player.loop_changed.connect(metronome.set_loop)

    @property
    def frame(self) -> int:
        """The reference's frame that is shown or requested."""
        return self.metronome.index

    def show(
        self, videos: Sequence[VideoRow], folder: Path, embedded: Mapping[int, EmbeddedVideo], frame: int | None
    ) -> None:
        """Show these, the reference first.

        Args:
            folder: of the project.
            embedded: by id; may lack some, while they are being opened.
            place: to go to; None: stay, where the reference is still the same.
        """
        self._videos, self._embedded = videos, embedded
        if self.frames.show(videos, folder):
            self._refused.clear()
            for cell in range(len(videos)):
                self._player.grid.cells[cell].view.set_video_size(0, 0)
                self._player.grid.cells[cell].set_sentence(self.tr("Aligning…") if cell else "")
        reference = embedded.get(videos[0].id)
        if reference is None:  # no request: frames read now would belong to other times
            self._times = None
        elif self._times is not reference:
            self._times, seconds = reference, reference.edges_seconds[:-1]
            self._player.set_times(seconds, float(reference.edges_seconds[-1]))
            self.metronome.set_times(seconds, frame if frame is not None else self.frame)
            self._player.set_frame(self.frame)
            self.moved.emit(self.frame)
        elif frame is not None:
            self.metronome.seek(frame)
        self._request()

    def show_badges(self) -> None:
        """Update the remarks on the visible frames."""
        for cell, (video, frame) in self._shown.items():
            if cell < len(self._videos) and self._videos[cell].id == video and cell not in self._refused:
                self._player.grid.cells[cell].view.set_badge(self._badge(video, frame))

    def close(self) -> None:
        """End the threads, and show nothing."""
        self.frames.close()
        self.metronome.clear()
        self._sharpen_timer.stop()
        self._videos, self._embedded, self._times = (), {}, None
        self._refused.clear()
        self._shown.clear()
        self._player.set_times(np.zeros(0), 0.0)

    def _seek(self, frame: int) -> None:
        self._player.set_frame(frame)
        self._request()
        self.moved.emit(frame)

    def _on_rate(self, rate: float, speed: float) -> None:
        self._player.set_rate(rate, speed)
        if rate:
            self._sharpen_timer.stop()
        else:
            self._sharpen_timer.start()

    def _request(self) -> None:
        """Request the frames; many moving cells get half the size, which takes half the time."""
        is_quick = len(self._videos) > _FEW
        self._request_frames(is_quick=is_quick)
        if is_quick and not self.metronome.rate:
            self._sharpen_timer.start()

    def _sharpen(self) -> None:
        self._request_frames(is_quick=False)

    def _request_frames(self, *, is_quick: bool) -> None:
        if self._times is not None:
            frames = [self._frame_of(video.id, self.frame) for video in self._videos]
            self.frames.request(self.frame, frames, is_quick=is_quick)

    def _on_opened(self, cell: int, width: int, height: int) -> None:
        self._player.grid.set_size(cell, width, height)
        if self._frame_of(self._videos[cell].id, self.frame) < 0:
            self._player.grid.cells[cell].set_sentence(self.tr("Aligning…"))

    def _on_refused(self, cell: int, sentence: str) -> None:
        self._refused.add(cell)
        self._player.grid.cells[cell].set_sentence(sentence)

    def _on_result(self, shown: GridShown) -> None:
        """Show all cells at once, because they belong together."""
        for cell, (video, frame, image) in enumerate(zip(self._videos, shown.frames, shown.images, strict=True)):
            if frame >= 0 and cell not in self._refused:
                embedded = self._embedded.get(video.id)
                time = "" if embedded is None else clock(float(embedded.edges_seconds[frame]))
                has_partner = self._has_partner(video.id, shown.step)
                badge = self._badge(video.id, frame)
                self._player.grid.cells[cell].set_moment(time, image, has_partner=has_partner, badge=badge)
                self._shown[cell] = video.id, frame
